// The words of the HTTP contract as types, for the editor and `tsc --checkJs`. Browsers never see this file.

declare namespace Messenger {
  type Status = 'unread' | 'open' | 'done';
  type Medium = 'email' | 'sms' | 'web';
  type Action = { allowed: boolean; why?: string };
  type Actions = { send_email: Action; send_sms: Action };
  type Actor = { kind: 'staff' | 'client' | 'system'; id: string; name: string };
  type LastMessage = { id: string; direction: 'inbound' | 'outbound'; medium: Medium; preview: string; at: string };
  type Match = { field: 'name' | 'message'; message_id?: string; excerpt: string };
  type Client = {
    id: string;
    name: string;
    nhs_number?: string;
    date_of_birth?: string;
    gp?: { name: string; ods_code: string };
    email?: string;
    phone?: string;
    restricted?: boolean;
    deceased?: boolean;
    profile_url?: string;
  };

  /** A channel as it stands in a list. */
  type Row = {
    id: string;
    organisation_id: string;
    staff_id: string;
    client_id: string;
    client_name: string;
    status: Status;
    unread_count: number;
    replies_allowed: boolean;
    attention: string[];
    last_message?: LastMessage;
    match?: Match;
    created_at: string;
    updated_at: string;
  };
  type Channel = Row & { client: Client; actions: Actions; reply_link?: string; replies_off?: { by?: string; at?: string; why?: string } };
  type Message = {
    id: string;
    channel_id: string;
    seq: number;
    direction: 'inbound' | 'outbound';
    medium: Medium;
    subject?: string;
    body: string;
    author: Actor;
    created_at: string;
    send_after?: string;
    sent_at?: string;
    delivered_at?: string;
    delivery: { status: string; reason?: string; attempts?: number; via?: string; to?: string; attention?: boolean };
    record?: { status: string; reason?: string; reference?: string; saved_at?: string; attention?: boolean };
    verified?: 'none' | 'date_of_birth';
    read?: { at: string; by: string };
  };
  type Me = { staff: { id: string; name: string }; organisation: { id: string; name: string }; permissions?: unknown; unread_count: number; attention_count: number; closing: Record<string, string> };
  type Inbox = { staff_id: string; name: string; unread: number; open: number; may_act: boolean };
  type Counts = { unread: number; open: number; done: number; attention: number };
  type Entry = { id: string; at: string; actor: Actor; on_behalf_of?: string; action: string; message_id?: string; note?: string };
  type Draft = { medium?: 'email' | 'sms'; subject?: string; body?: string };
  type ClientPage = { client: Client; actions: Actions; channel_id?: string; draft?: Draft };
  type Notification = { channel_id: string; client_id: string; client_name: string; read: boolean; unread_count: number; last_message: LastMessage; url: string };
  type Recipient = { id: string; name: string; nhs_number?: string; date_of_birth?: string; channel_id?: string };
  type Skipped = { client_id: string; why: string };
  type Example = { client_id: string; client_name: string; subject?: string; body: string };
  type BroadcastPreview = { total: number; skipped_count: number; skipped: Skipped[]; texts: number; examples: Example[] };
  type Broadcast = { id: string; state: string; total: number; skipped_count: number; skipped: Skipped[]; queued: number; sent: number; failed: number; cancelled: number };
  /** What the form of an element shows. */
  type Form = {
    id: string;
    client: string;
    /** That of its heading. */
    level: 2 | 3;
    info?: Client;
    me?: Me;
    text: { medium: 'email' | 'sms'; subject: string; body: string };
    /** What is wrong, by field. */
    faults: Record<string, string>;
    /** Whether the reply link is wanted, whether there may be one, and which it is once it is made. */
    link: boolean;
    replies: boolean;
    known?: string;
    asksWhy: boolean;
    later: boolean;
    sending: boolean;
    draft: 'none' | 'saving' | 'saved' | 'failed';
    t: Translate;
  };
  type Translate = (key: string, values?: Record<string, string | number>) => string;
  type Format = import('./format.js').Format;
}
