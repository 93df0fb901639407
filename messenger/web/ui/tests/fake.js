// A staff API inside the page, for tests: enough of the HTTP contract to drive every element, with a log of what was
// asked.

import { isFound } from '../found.js';
import {
  answer,
  excerpt,
  newBroadcast,
  newChannel,
  newChecked,
  newClient,
  newMessage,
  newPreview,
  newTemplate,
  notification,
  page,
  problem,
  recipient,
  row,
  threadPage,
} from './shapes.js';
import { FakeSource } from './source.js';
import { Watch } from './watch.js';

/** @typedef {{method: string, path: string, body: any, headers: Record<string, string>}} Asked */

/** Whose texts are: a state's fake may have no channel. */
const grace = { id: 'ch-1', client_id: 'c-1', client_name: 'Grace Okafor' };

/** All that fakes were asked and said in this page, for the Go test that holds it to the OpenAPI document. */
const log = { calls: /** @type {any[]} */ ([]), events: /** @type {any[]} */ ([]) };
/** @type {any} */ (window).messengerLog = log;

/** What is the same however often it is sent. @param {any} body */
const sentAs = (body) => JSON.stringify({ ...body, seen_up_to: undefined });

/** When something is to go out. @param {any} body */
const timeOf = ({ send_local: local, send_after: after }) => (local ? new Date(local.at).toISOString() : after);

/** What an API knows, and the streams that hear of it. */
export class Fake {
  /** @type {Asked[]} */
  asked = [];
  /** @type {Map<string, any>} */
  channels = new Map();
  /** @type {any[]} */
  messages = [];
  /** @type {Map<string, any>} */
  drafts = new Map();
  /** By channel, newest first. @type {Map<string, any[]>} */
  notes = new Map();
  /** By channel, newest first. @type {Map<string, any[]>} */
  marks = new Map();
  /** @type {any[]} */
  past = [];
  /** @type {FakeSource[]} */
  sources = [];
  /** @type {Map<string, any>} by Idempotency-Key */
  keys = new Map();
  /**
   * Answers to give instead, by 'METHOD /path'; taken away when given.
   * `lost` is one that does not arrive, though what was asked is done.
   * @type {Map<string, {status: number, code?: string}|'offline'|'lost'>}
   */
  faults = new Map();
  /** Whether they are given again and again. */
  stays = false;
  /** What waits until a test lets it go. @type {Promise<void>|undefined} */
  gate;
  /** Answers that wait until a test lets them go, by 'METHOD /path'. @type {Map<string, Promise<void>>} */
  holds = new Map();
  /** Whether a stream is opened as soon as it is asked for. */
  opens = true;
  /** Whether no stream can be opened. */
  down = false;
  me = {
    staff: { id: 'amira', name: 'Amira Shah' },
    organisation: { id: 'north', name: 'North Community Health' },
    permissions: /** @type {string[]} */ ([]),
    record: true,
    closing: {
      email_reply: 'To reply, open this link:',
      email_no_reply: 'Please do not reply to this email.',
      sms_reply: 'To reply:',
      sms_no_reply: 'Do not reply by text.',
    },
  };
  inboxes = [
    { staff_id: 'amira', name: 'Amira Shah', may_act: true },
    { staff_id: 'ben', name: 'Ben Jones', may_act: true },
    { staff_id: 'chloe', name: 'Chloe Martin', may_act: false },
  ];
  /** @type {Map<string, any>} */
  clients = new Map();
  lists = [
    { id: 'l-1', name: 'Walking group', size: 3 },
    { id: 'l-2', name: 'Newsletter', size: 214 },
  ];
  /** Who is on a list. @type {any[]} */
  listed = [{ id: 'c-9', name: 'Ivy Nwosu' }];
  templates = [
    newTemplate('t-1', 'Appointment', {
      subject: 'Your appointment with {{organisation}}',
      body: 'Dear {{first_name}},\n\nCome on ((day and time)) to {place}.\n\n{{staff_name}}',
    }),
    newTemplate('t-2', 'Élan club', { scope: 'own', subject: 'Élan', body: 'Dear {{first_name}}, see you there.' }),
    newTemplate('t-3', 'Please ring us', { medium: 'sms', body: 'Hello {{first_name}}, please ring us.' }),
  ];
  /** The carrier's; undefined for none. @type {number|undefined} */
  limit;
  /** A time that the clocks leave out, and the next one. @type {{at: string, next: string}|undefined} */
  leftOut;
  /** Who would get a message to several. @type {(body: any) => any} */
  preview = newPreview;
  /** From when on it is safe to reach anybody; undefined for always. @type {string|undefined} */
  safeFrom;
  /** What a check advises. @type {(body: any) => {rule: string, text: string, source: string}[]} */
  advice = () => [];
  /** @type {any[]} */
  broadcasts = [];
  /** What an opened channel and a client's page say of the working hours. @type {any} */
  hours = {};
  /** Texts that no conversation claims. @type {any[]} */
  texts = [];
  watch = new Watch(this);
  /** The channels that others have become part of, by their ids. @type {Map<string, string>} */
  #joined = new Map();
  #sorted = new Set();
  /** What a broadcast is once it is cancelled. */
  stopped = newBroadcast({ state: 'cancelled', sent: 1, cancelled: 3 });
  #ids = 0;
  #events = 0;

  /**
   * Has answers wait from now on; gives what lets them go.
   * @param {string} name 'METHOD /path'
   */
  hold(name) {
    let go = () => {};
    this.holds.set(name, new Promise((resolve) => (go = resolve)));
    return () => {
      this.holds.delete(name);
      go();
    };
  }

  /** Takes the place of fetch and EventSource. */
  install() {
    const fake = this;
    window.fetch = (url, init) => fake.#fetch(String(url), init ?? {});
    /** @type {any} */ (window).EventSource = class extends FakeSource {
      /** @param {string} url */
      constructor(url) {
        super(url, fake);
      }
    };
    return this;
  }

  /**
   * @param {string} url
   * @param {RequestInit} init
   */
  async #fetch(url, init) {
    const { pathname, searchParams } = new URL(url, location.href);
    const path = pathname.replace(/^.*\/messenger\/api/, '');
    const method = init.method ?? 'GET';
    const headers = /** @type {Record<string, string>} */ (init.headers ?? {});
    const body = init.body ? JSON.parse(String(init.body)) : undefined;
    this.asked.push({ method, path: path + (searchParams.size ? `?${searchParams}` : ''), body, headers });
    const given = new Promise((resolve) => init.signal?.addEventListener('abort', resolve));
    const name = `${method} ${path}`;
    const gate = this.gate ?? this.holds.get(name);
    await Promise.race([gate, ...(gate ? [given] : [])]);
    if (init.signal?.aborted) throw new DOMException('given up', 'AbortError');
    const fault = this.faults.get(name);
    if (!this.stays) this.faults.delete(name);
    if (fault === 'offline') throw new TypeError('Failed to fetch');
    const key = headers['Idempotency-Key'];
    const parts = path.split('/').slice(1).map(decodeURIComponent);
    const [status, document] = typeof fault === 'object'
      ? problem(fault.status, fault.code ?? 'internal')
      : key && this.keys.has(key)
        ? this.#underKey(key, name, body)
        : this.#route(method, parts, searchParams, body);
    if (key && status < 300) this.keys.set(key, { name, body: sentAs(body), status, document });
    if (fault === 'lost') throw new TypeError('Failed to fetch');
    // What only a host's own server answers is in no document of ours.
    if (status !== 429) log.calls.push(structuredClone({ method, path, asked: body, status, answered: document }));
    return answer(status, document);
  }

  /**
   * @param {string} key
   * @param {string} name
   * @param {any} body
   * @returns {[number, any]}
   */
  #underKey(key, name, body) {
    const first = this.keys.get(key);
    const same = first.name === name && first.body === sentAs(body);
    return same ? [first.status, first.document] : problem(422, 'idempotency_key_reused');
  }

  /**
   * @param {string} method
   * @param {string[]} path
   * @param {URLSearchParams} search
   * @param {any} body
   * @returns {[number, any]}
   */
  #route(method, [root, named, what, more], search, body) {
    const id = this.#joined.get(named) ?? named;
    const channel = root === 'channels' ? this.channels.get(id) : undefined;
    if (root === 'channels' && !channel) return problem(404, 'not_found');
    const name = `${method} ${root}${id === undefined ? '' : '/…'}${what ? `/${what}` : ''}${more ? `/${more}` : ''}`;
    switch (name) {
      case 'GET me':
        return [
          200,
          {
            ...this.me,
            unread_count: this.#count('unread') + this.watch.covered(this.me.staff.id).length,
            attention_count: this.#attention(),
            unmatched_count: this.waiting().length,
            overdue_count: 0,
            awaiting_count: 0,
            covering: this.watch.covering(this.me.staff.id),
          },
        ];
      case 'GET inboxes':
        return [200, { items: this.#inboxes() }];
      case 'GET inboxes/…/channels':
        return this.#inbox(id, search);
      case 'POST inboxes/…/channels/search':
        return this.#inbox(id, new URLSearchParams(body));
      case 'GET channels/…':
        return [200, this.opened(channel)];
      case 'GET channels/…/messages':
        return threadPage(this.of(id).reverse(), search);
      case 'GET channels/…/notes':
        return [200, { items: this.notes.get(id) ?? [], marks: this.marks.get(id) ?? [] }];
      case 'POST channels/…/notes':
        return [201, this.note(id, body)];
      case 'POST channels/…/presence':
      case 'DELETE channels/…/presence':
        return [204, undefined];
      case 'POST channels/…/read':
        return this.#read(channel, body);
      case 'PUT channels/…/status':
        return this.#status(channel, body);
      case 'PUT channels/…/replies':
        return this.#replies(channel, body.allowed);
      case 'POST channels/…/reply-link':
        channel.link = `new${++this.#ids}`;
        return [200, this.opened(channel)];
      case 'POST channels/…/messages':
        return this.#send(channel, body);
      case 'POST channels/…/messages/check':
      case 'POST clients/…/messages/check':
        return this.#leavesOut(body) ?? [200, this.#checked(body, this.#clientAt(channel, id))];
      case 'GET channels/…/history':
        return page(this.past, search);
      case 'POST messages/…/cancel':
        return this.#cancel(id);
      case 'POST messages/…/edit':
        return this.#edit(id);
      case 'POST messages/…/retry':
        return this.#retry(id, body);
      case 'POST messages/…/withdraw':
        return this.#amend(id, { withdrawn: { at: new Date().toISOString(), by: 'amira', reason: body.reason } });
      case 'POST messages/…/remind':
        return this.#remind(id);
      case 'POST messages/…/stop-waiting':
        return this.#stopWaiting(id);
      case 'POST messages/…/record':
        return this.mend(id, 'record', 'saved');
      case 'POST messages/…/resolve':
        return this.mend(id, body.of, undefined);
      case 'GET clients':
        return page(this.#named(search.get('q') ?? ''), search);
      case 'POST clients/…': // clients/search
        return page(this.#named(body.q), new URLSearchParams(body));
      case 'GET clients/…':
        return this.clients.has(id)
          ? [200, { ...this.clients.get(id), working_hours: this.hours.working_hours, draft: this.drafts.get(id) }]
          : problem(404, 'not_found');
      case 'POST clients/…/messages':
        return this.#first(id, body);
      case 'PUT clients/…/draft':
        if (!this.clients.has(id)) return problem(404, 'not_found');
        this.drafts.set(id, { ...body, key: `draft-${++this.#ids}` });
        return [200, this.drafts.get(id)];
      case 'DELETE clients/…/draft':
        this.drafts.delete(id);
        return [204, undefined];
      case 'GET notifications':
        return page(this.#notified(), search);
      case 'GET unmatched':
        return page(this.waiting(), search);
      case 'POST unmatched/…/assign':
        this.#sorted.add(id);
        return [200, newMessage('m', grace, 1, { direction: 'inbound', medium: 'sms', body: '' })];
      case 'POST unmatched/…/unassign':
        this.#sorted.delete(id);
        return [200, this.texts.find((text) => text.id === id)];
      case 'GET templates':
        return page(this.templates, search);
      case 'POST templates':
        return [201, this.#keepTemplate(`t-${++this.#ids}`, body)];
      case 'PUT templates/…':
        return [200, this.#keepTemplate(id, body)];
      case 'DELETE templates/…':
        this.templates = this.templates.filter((one) => one.id !== id);
        return [204, undefined];
      case 'GET lists':
        return [200, { items: this.lists }];
      case 'POST broadcasts/…':
        if (id !== 'preview') return problem(404, 'not_found');
        return this.#leavesOut(body) ?? [200, this.preview(body)];
      case 'GET broadcasts':
        return page(this.broadcasts, search);
      case 'POST broadcasts':
        return [202, newBroadcast({ queued: 3, sent: 1, send_after: timeOf(body) })];
      case 'GET broadcasts/…':
        return [200, newBroadcast({ state: 'sent', sent: 4 })];
      case 'POST broadcasts/…/cancel':
        return [200, this.stopped];
      case 'GET broadcasts/…/skipped':
        return page([{ client_id: 'c-4', why: 'no_address' }], search);
      case 'GET lists/…/clients':
        return page(this.listed, search);
      default:
        return this.watch.route(name, id, search, body) ?? problem(404, 'not_found');
    }
  }

  /**
   * @param {string} id
   * @param {any} body
   */
  #keepTemplate(id, body) {
    const before = this.templates.find((one) => one.id === id);
    const { version = 0, used = 0 } = before ?? {};
    const made = newTemplate(id, body.title, { ...body, version: version + 1, used });
    this.templates = [...this.templates.filter((one) => one !== before), made];
    return made;
  }

  waiting() {
    return this.texts.filter(({ id }) => !this.#sorted.has(id));
  }

  /** @param {string} staffId */
  #of(staffId) {
    return [...this.channels.values()]
      .filter((c) => c.staff_id === staffId)
      .sort((a, b) => b.last_message.at.localeCompare(a.last_message.at));
  }

  /**
   * How many channels somebody has of a status.
   * @param {string} status
   * @param {string} [staffId]
   */
  #count(status, staffId = this.me.staff.id) {
    return this.#of(staffId).filter((c) => c.status === status).length;
  }

  #attention() {
    return this.#of(this.me.staff.id).filter((c) => c.attention.length).length;
  }

  #inboxes() {
    return this.inboxes.map((inbox) => ({
      ...inbox,
      unread: this.#count('unread', inbox.staff_id),
      open: this.#count('open', inbox.staff_id),
    }));
  }

  /**
   * Whom a message is for.
   * @param {any} channel
   * @param {string} client
   */
  #clientAt(channel, client) {
    return this.clients.get(channel?.client_id ?? client)?.client;
  }

  /** @param {string} q */
  #named(q) {
    const all = [...this.clients.values()].map(({ client }) => client);
    return all.filter(({ name }) => name.toLowerCase().includes(q.toLowerCase())).map(recipient);
  }

  #replied() {
    const own = this.#of(this.me.staff.id);
    return own.filter((c) => c.status !== 'done' && c.last_message?.direction === 'inbound');
  }

  #notified() {
    const failed = this.#of(this.me.staff.id).filter((c) =>
      c.attention.some((/** @type {string} */ why) => why.startsWith('delivery_')),
    );
    const covered = this.watch.covered(this.me.staff.id);
    return [
      ...covered.map((c) => ({ ...notification(c), covered_for: c.covered_for })),
      ...this.#replied().map((c) => notification(c)),
      ...failed.map((c) => ({ ...notification(c, 'failure'), read: false })),
    ];
  }

  /** @param {string} channel */
  of(channel) {
    return this.messages.filter((m) => m.channel_id === channel).sort((a, b) => a.seq - b.seq);
  }

  /** @param {any} channel */
  opened(channel) {
    const own = this.clients.get(channel.client_id);
    return {
      ...row(channel),
      discharged_at: channel.discharged_at,
      cover: this.watch.coverOf(channel.staff_id),
      ...this.hours,
      client: own.client,
      actions: own.actions,
      draft: this.drafts.get(channel.client_id),
      ...(channel.replies_allowed
        ? { reply_link: `${location.origin}/m/r/${channel.link ?? 'abc'}` }
        : { replies_off: channel.off ?? { by: 'Amira Shah', at: new Date().toISOString(), why: 'staff' } }),
    };
  }

  /** @param {any} channel */
  #scheduledIn({ id }) {
    return this.of(id).filter((m) => m.delivery.status === 'scheduled').length;
  }

  /** @param {any} channel */
  #row(channel) {
    return { ...row(channel), scheduled_count: this.#scheduledIn(channel) };
  }

  /**
   * @param {string} staffId
   * @param {URLSearchParams} search
   * @returns {[number, any]}
   */
  #inbox(staffId, search) {
    const covered = staffId === this.me.staff.id ? this.watch.covered(staffId) : [];
    const all = [...this.#of(staffId), ...covered];
    const q = (search.get('q') ?? '').toLowerCase();
    const show = search.get('show') ?? 'all';
    const since = (/** @type {any} */ c) =>
      this.of(c.id).find((m) => m.direction === 'inbound' && !m.read)?.created_at ?? c.last_message.at;
    if (search.get('order') === 'waiting') all.sort((a, b) => since(a).localeCompare(since(b)));
    const rank = /** @type {Record<string, number>} */ ({ unread: 0, open: 1, done: 2 });
    const wanted = all
      .filter(
        (c) =>
          show === 'all' ||
          (show === 'open' ? c.status !== 'done' : show === 'done' ? c.status === 'done' : false) ||
          (show === 'attention' && c.attention.length > 0) ||
          (show === 'awaiting' && c.awaiting) ||
          (show === 'scheduled' && this.#scheduledIn(c) > 0),
      )
      .sort((a, b) => rank[a.status] - rank[b.status])
      .flatMap((c) => {
        if (!q) return [this.#row(c)];
        if (c.client_name.toLowerCase().includes(q))
          return [{ ...row(c), match: { field: 'name', excerpt: c.client_name } }];
        const hit = this.of(c.id).findLast((m) => isFound(m, q));
        return hit ? [{ ...row(c), match: { field: 'message', message_id: hit.id, excerpt: excerpt(hit, q) } }] : [];
      });
    const [status, document] = page(wanted, search);
    const attention = all.filter((c) => c.attention.length).length;
    const scheduled = all.filter((c) => this.#scheduledIn(c)).length;
    const awaiting = all.filter((c) => c.awaiting).length;
    const counts = { unread: 0, open: 0, done: 0, attention, overdue: 0, scheduled, awaiting };
    for (const c of all) counts[/** @type {'unread'|'open'|'done'} */ (c.status)]++;
    return [status, search.get('cursor') ? document : { ...document, counts }];
  }

  /**
   * @param {any} channel
   * @param {{up_to: string, on_behalf?: boolean}} body
   * @returns {[number, any]}
   */
  #read(channel, body) {
    const upTo = this.messages.find((m) => m.id === body.up_to);
    if (!upTo) return problem(404, 'not_found');
    if (channel.staff_id !== this.me.staff.id && !body.on_behalf) return [204, undefined];
    for (const m of this.of(channel.id)) {
      if (m.direction === 'inbound' && m.seq <= upTo.seq && !m.read)
        m.read = { at: new Date().toISOString(), by: this.me.staff.id };
    }
    this.#recount(channel);
    return [204, undefined];
  }

  /** @param {any} channel */
  #recount(channel) {
    channel.unread_count = this.of(channel.id).filter((m) => m.direction === 'inbound' && !m.read).length;
    if (channel.unread_count) channel.status = 'unread';
    else if (channel.status === 'unread') channel.status = 'open';
    if (!channel.unread_count) return this.dealtWith(channel.id, 'reply_overdue');
    this.touch(channel);
  }

  /**
   * A channel needs a person no more for this.
   * @param {string} id
   * @param {string} reason
   */
  dealtWith(id, reason) {
    const channel = this.channels.get(id);
    channel.attention = channel.attention.filter((/** @type {string} */ why) => why !== reason);
    this.touch(channel);
  }

  /**
   * @param {any} channel
   * @param {{status: string, up_to?: string}} body
   * @returns {[number, any]}
   */
  #status(channel, body) {
    const upTo = this.messages.find((m) => m.id === body.up_to)?.seq ?? 0;
    if (body.status === 'done' && this.of(channel.id).some((m) => m.direction === 'inbound' && !m.read && m.seq > upTo))
      return problem(409, 'unread_replies');
    for (const m of this.of(channel.id))
      if (m.direction === 'inbound' && m.seq <= upTo) m.read ??= { at: new Date().toISOString(), by: this.me.staff.id };
    channel.status = body.status;
    channel.unread_count = 0;
    this.touch(channel);
    return [200, this.#row(channel)];
  }

  /**
   * @param {any} channel
   * @param {boolean} allowed
   * @returns {[number, any]}
   */
  #replies(channel, allowed) {
    channel.replies_allowed = allowed;
    this.touch(channel);
    return [200, this.opened(channel)];
  }

  /**
   * @param {any} channel
   * @param {any} body
   * @returns {[number, any]}
   */
  #send(channel, body) {
    const own = this.clients.get(channel.client_id).client;
    if (own.restricted && !body.override) return problem(409, 'confirmation_required');
    const safe = own.safe_contact?.media ?? [body.medium];
    if (!safe.includes(body.medium) && !body.override) return problem(409, 'safe_contact');
    const refused = this.#leavesOut(body);
    if (refused) return refused;
    const after = this.safeFrom ?? timeOf(body);
    const waiting = this.safeFrom && { why: 'safe_hours', until: this.safeFrom };
    const message = this.add(channel.id, {
      direction: 'outbound',
      medium: body.medium,
      subject: body.subject,
      body: body.body,
      author: { kind: 'staff', ...this.me.staff },
      send_after: after,
      send_local: body.send_local,
      unless: body.unless,
      delivery: { status: after ? 'scheduled' : 'queued', attempts: 0, waiting },
      record: { status: 'pending' },
      template: body.template_id && { id: body.template_id, version: 1 },
    });
    if (body.then) channel.status = body.then;
    this.tell(channel.staff_id, 'message', message);
    this.touch(channel);
    return [202, message];
  }

  /**
   * @param {string} client
   * @param {any} body
   * @returns {[number, any]}
   */
  #first(client, body) {
    if (!this.clients.has(client)) return problem(404, 'not_found');
    let channel = [...this.channels.values()].find((c) => c.client_id === client && c.staff_id === this.me.staff.id);
    channel ??= this.channel(`new-${client}`, client, 'open');
    const [status, message] = this.#send(channel, body);
    return status === 202 ? [202, { channel: this.#row(channel), message }] : [status, message];
  }

  /**
   * @param {string} id
   * @returns {[number, any]}
   */
  #edit(id) {
    const message = this.messages.find((m) => m.id === id);
    if (message?.delivery.status !== 'scheduled') return problem(409, 'already_sent');
    const { medium, subject, body, send_local, unless } = message;
    const draft = { medium, subject, body, send_local, unless };
    this.drafts.set(this.channels.get(message.channel_id).client_id, { ...draft, key: `draft-${++this.#ids}` });
    this.#cancel(id);
    return [200, draft];
  }

  /**
   * @param {string} id of a message
   * @param {object} changes
   * @returns {[number, any]}
   */
  #amend(id, changes) {
    const message = this.messages.find((m) => m.id === id);
    Object.assign(message, changes);
    return [200, message];
  }

  /**
   * @param {string} id
   * @returns {[number, any]}
   */
  #remind(id) {
    if (this.messages.some((m) => m.reminds === id)) return problem(409, 'nothing_to_do');
    const { channel_id: channel, medium } = this.messages.find((m) => m.id === id);
    const delivery = { status: 'queued', attempts: 0 };
    const message = this.add(channel, { direction: 'outbound', medium, body: 'A reminder', delivery, reminds: id });
    this.tell(this.channels.get(channel).staff_id, 'message', message);
    return [202, message];
  }

  /** @param {string} id */
  #stopWaiting(id) {
    const { awaiting } = this.messages.find((m) => m.id === id);
    return this.#amend(id, { awaiting: { ...awaiting, status: 'stopped' } });
  }

  /**
   * @param {any} body
   * @param {any} client
   */
  #checked(body, client) {
    const neutral = client?.safe_contact?.neutral_sender;
    /** @type {Record<string, string>} */
    const names = neutral ? { staff_name: 'Your care service', organisation: 'Your care service' } : {};
    return newChecked(body, this.limit, client?.name.split(' ')[0], this.advice(body), names);
  }

  /**
   * The refusal of a time that does not exist; undefined for all others.
   * @param {any} body
   * @returns {[number, any]|undefined}
   */
  #leavesOut({ send_local: local }) {
    if (!local || local.at !== this.leftOut?.at) return undefined;
    const [status, document] = problem(422, 'time_does_not_exist');
    return [status, { ...document, next: this.leftOut?.next }];
  }

  /**
   * @param {string} id
   * @returns {[number, any]}
   */
  #cancel(id) {
    const message = this.messages.find((m) => m.id === id);
    if (!['scheduled', 'queued'].includes(message?.delivery.status)) return problem(409, 'already_sent');
    message.delivery.status = 'cancelled';
    this.tell('amira', 'message', message);
    return [200, message];
  }

  /**
   * @param {string} id
   * @param {{seen_up_to?: string}|undefined} body
   * @returns {[number, any]}
   */
  #retry(id, body) {
    const seen = this.messages.find((m) => m.id === body?.seen_up_to);
    const newer = seen && this.of(seen.channel_id).some((m) => m.seq > seen.seq && m.id !== id);
    return newer ? problem(409, 'newer_messages') : this.mend(id, 'delivery', 'queued');
  }

  /**
   * @param {string} id
   * @param {'delivery'|'record'} of
   * @param {string|undefined} status
   * @returns {[number, any]}
   */
  mend(id, of, status) {
    const message = this.messages.find((m) => m.id === id);
    const channel = this.channels.get(message.channel_id);
    if (status) message[of] = { ...message[of], status, reason: undefined, attention: undefined };
    else delete message[of].attention;
    channel.attention = channel.attention.filter((/** @type {string} */ a) => !a.startsWith(of));
    this.touch(channel);
    return [200, message];
  }

  /**
   * @param {string} id
   * @param {string} client
   * @param {string} status
   * @param {object} [more]
   */
  channel(id, client, status, more = {}) {
    const channel = newChannel(id, this.clients.get(client).client, status, more);
    this.channels.set(id, channel);
    return channel;
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {object} [more]
   * @param {object} [actions]
   */
  client(id, name, more = {}, actions = {}) {
    this.clients.set(id, {
      client: newClient(id, name, more),
      actions: { send_email: { allowed: true }, send_sms: { allowed: true }, ...actions },
    });
  }

  /**
   * Adds a message; `ago` is in minutes.
   * @param {string} channel
   * @param {any} message
   */
  add(channel, message) {
    const own = this.channels.get(channel);
    const made = newMessage(`m-${++this.#ids}`, own, (this.of(channel).at(-1)?.seq ?? 0) + 1, message);
    this.messages.push(made);
    own.last_message = {
      id: made.id,
      direction: made.direction,
      medium: made.medium,
      subject: made.medium === 'email' ? made.subject : undefined,
      preview: made.body.slice(0, 140),
      at: made.created_at,
      send_after: made.send_after,
    };
    if (made.direction === 'inbound' && !made.read) {
      own.unread_count++;
      own.status = 'unread';
    }
    return made;
  }

  /**
   * Adds a note of one's own, or of who is named.
   * @param {string} channel
   * @param {any} note
   */
  note(channel, { kind = 'note', text = '', file = false, ...more }) {
    const at = new Date().toISOString();
    const made = { id: `n-${++this.#ids}`, kind, text, author: { kind: 'staff', ...this.me.staff }, at, filed: false };
    const whole = { ...made, ...(file ? { filing: 'pending' } : {}), ...more };
    this.notes.set(channel, [whole, ...(this.notes.get(channel) ?? [])]);
    return whole;
  }

  /**
   * A client writes.
   * @param {string} channel
   * @param {string} body
   */
  reply(channel, body) {
    const message = this.add(channel, { direction: 'inbound', body });
    const own = this.channels.get(channel);
    this.tell(own.staff_id, 'message', message);
    this.touch(own);
    return message;
  }

  /**
   * Something comes of a message that was sent.
   * @param {any} message
   * @param {string} status
   * @param {string} [reason]
   */
  now(message, status, reason) {
    message.delivery = { ...message.delivery, status, reason };
    this.tell(this.channels.get(message.channel_id).staff_id, 'message', message);
  }

  /**
   * Two clients turn out to be one person: one of their channels becomes part of the other, in order of time.
   * @param {string} from
   * @param {string} into
   */
  join(from, into) {
    const [former, kept] = [this.channels.get(from), this.channels.get(into)];
    const behind = Math.max(...[from, into].map((id) => this.of(id).at(-1)?.seq ?? 0));
    const all = this.messages.filter((m) => m.channel_id === from || m.channel_id === into);
    all.sort((a, b) => a.created_at.localeCompare(b.created_at));
    for (const [i, message] of all.entries()) Object.assign(message, { channel_id: into, seq: behind + i + 1 });
    this.channels.delete(from);
    this.#joined.set(from, into);
    this.clients.delete(former.client_id);
    const draft = this.drafts.get(former.client_id);
    if (draft && !this.drafts.has(kept.client_id)) this.drafts.set(kept.client_id, draft);
    this.drafts.delete(former.client_id);
    this.tell(kept.staff_id, 'reset', {});
  }

  /** @param {any} channel */
  touch(channel) {
    channel.updated_at = new Date().toISOString();
    this.tell(channel.staff_id, 'channel', this.#row(channel));
  }

  /**
   * @param {string} staffId
   * @param {string} type
   * @param {object} data
   */
  tell(staffId, type, data) {
    const covers = this.watch.coverOf(staffId)?.staff_id === this.me.staff.id;
    if (covers && type === 'channel') data = { ...data, covered_for: staffId };
    log.events.push(structuredClone({ type, data }));
    for (const source of this.sources)
      if (source.inboxes.includes(staffId) || (!source.inboxes.length && staffId === this.me.staff.id) || covers)
        source.hear(type, data, ++this.#events);
  }

  /**
   * Does something that no stream hears of.
   * @param {() => unknown} what
   */
  silently(what) {
    const { sources } = this;
    this.sources = [];
    what();
    this.sources = sources;
  }

  /**
   * How often a request was made.
   * @param {string} method
   * @param {RegExp} path
   */
  times(method, path) {
    return this.asked.filter((a) => a.method === method && path.test(a.path)).length;
  }
}
