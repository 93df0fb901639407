// Short names for the types of openapi.d.ts, for the editor and `tsc --checkJs`. Browsers never see this file.

declare namespace Messenger {
  type Schemas = import('./openapi').components['schemas'];
  type Action = Schemas['MessengerAction'];
  type Actions = Schemas['MessengerActions'];
  type LastMessage = Schemas['MessengerPreview'];
  type Client = Schemas['MessengerClient'];
  type SafeContact = Schemas['MessengerSafeContact'];
  /** A channel as it stands in a list. */
  type Row = Schemas['MessengerChannel'];
  /** A channel, opened. */
  type Channel = Schemas['MessengerOpenedChannel'];
  type Message = Schemas['MessengerMessage'];
  type Advice = Schemas['MessengerAdvice'];
  type Checked = Schemas['MessengerChecked'];
  type Delivery = Schemas['MessengerDelivery'];
  type Filing = Schemas['MessengerRecord'];
  type Me = Schemas['MessengerMe'];
  type Inbox = Schemas['MessengerInbox'];
  type Counts = Schemas['MessengerCounts'];
  type Entry = Schemas['MessengerHistoryEntry'];
  type Note = Schemas['MessengerNote'];
  type Mark = Schemas['MessengerMark'];
  type Local = Schemas['MessengerLocal'];
  type Draft = Schemas['MessengerDraft'];
  type ClientPage = Schemas['MessengerClientPage'];
  type Notification = Schemas['MessengerNotification'];
  type Recipient = Schemas['MessengerRecipient'];
  type List = Schemas['MessengerList'];
  type Skipped = Schemas['MessengerSkipped'];
  type BroadcastPreview = Schemas['MessengerBroadcastPreview'];
  type Broadcast = Schemas['MessengerBroadcast'];
  type Present = Schemas['MessengerPresent'];
  type Overview = Schemas['MessengerOverview'];
  type InboxOverview = Schemas['MessengerInboxOverview'];
  type Needed = Schemas['MessengerNeeded'];
  type ActResult = Schemas['MessengerActResult'];
  type InboxHandover = Schemas['MessengerInboxHandover'];
  type Absence = Schemas['MessengerAbsence'];
  type Unmatched = Schemas['MessengerUnmatched'];
  type Template = Schemas['MessengerTemplate'];
  type Translate = (key: string, values?: Record<string, string | number>) => string;
  type Format = import('./format.js').Format;
}
