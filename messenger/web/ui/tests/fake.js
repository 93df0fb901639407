// A staff API inside the page, for tests: enough of the HTTP contract to drive every element, with a log of what was asked.

/** @typedef {{method: string, path: string, body: any, headers: Record<string, string>}} Asked */

const pageSize = 50;
const minute = 60_000;

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
  /** @type {any[]} */
  past = [];
  /** @type {FakeSource[]} */
  sources = [];
  /** @type {Map<string, any>} by Idempotency-Key */
  keys = new Map();
  /** Answers to give instead, by 'METHOD /path'; taken away when given. @type {Map<string, {status: number, code?: string}|'offline'>} */
  faults = new Map();
  /** What waits until a test lets it go. @type {Promise<void>|undefined} */
  gate;
  /** Whether no stream can be opened. */
  down = false;
  me = { staff: { id: 'amira', name: 'Amira Shah' }, organisation: { id: 'north', name: 'North Community Health' }, permissions: [], closing: { email_reply: 'To reply, open this link:', email_no_reply: 'Please do not reply to this email.', sms_reply: 'To reply:', sms_no_reply: 'Do not reply by text.' } };
  inboxes = [{ staff_id: 'amira', name: 'Amira Shah', may_act: true }, { staff_id: 'ben', name: 'Ben Jones', may_act: true }, { staff_id: 'chloe', name: 'Chloe Martin', may_act: false }];
  /** @type {Map<string, any>} */
  clients = new Map();
  lists = [{ id: 'l-1', name: 'Walking group', size: 3 }, { id: 'l-2', name: 'Newsletter', size: 214 }];
  #ids = 0;
  #events = 0;

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
    const path = pathname.replace(/^\/messenger\/api/, '');
    const method = init.method ?? 'GET';
    const headers = /** @type {Record<string, string>} */ (init.headers ?? {});
    const body = init.body ? JSON.parse(String(init.body)) : undefined;
    this.asked.push({ method, path: path + (searchParams.size ? `?${searchParams}` : ''), body, headers });
    await (this.gate ?? Promise.resolve());
    if (init.signal?.aborted) throw new DOMException('given up', 'AbortError');
    const name = `${method} ${path}`;
    const fault = this.faults.get(name);
    this.faults.delete(name);
    if (fault === 'offline') throw new TypeError('Failed to fetch');
    if (fault) return answer(fault.status, { code: fault.code, status: fault.status });
    const key = headers['Idempotency-Key'];
    if (key && this.keys.has(key)) return answer(202, this.keys.get(key));
    const [status, document] = this.#route(method, path.split('/').slice(1).map(decodeURIComponent), searchParams, body);
    if (key && status < 300) this.keys.set(key, document);
    return answer(status, document);
  }

  /**
   * @param {string} method
   * @param {string[]} path
   * @param {URLSearchParams} search
   * @param {any} body
   * @returns {[number, any]}
   */
  #route(method, [root, id, what, more], search, body) {
    const channel = root === 'channels' ? this.channels.get(id) : undefined;
    if (root === 'channels' && !channel) return problem(404, 'not_found');
    switch (`${method} ${root}${id === undefined ? '' : '/…'}${what ? `/${what}` : ''}${more ? `/${more}` : ''}`) {
      case 'GET me': return [200, { ...this.me, unread_count: this.#of(this.me.staff.id).filter((c) => c.status === 'unread').length, attention_count: this.#of(this.me.staff.id).filter((c) => c.attention.length).length }];
      case 'GET inboxes': return [200, { items: this.inboxes.map((i) => ({ ...i, unread: this.#of(i.staff_id).filter((c) => c.status === 'unread').length, open: this.#of(i.staff_id).filter((c) => c.status === 'open').length })) }];
      case 'GET inboxes/…/channels': return this.#inbox(id, search);
      case 'GET channels/…': return [200, this.opened(channel)];
      case 'GET channels/…/messages': return page(this.of(id).reverse(), search);
      case 'POST channels/…/read': return this.#read(channel, body);
      case 'PUT channels/…/status': return this.#status(channel, body);
      case 'PUT channels/…/replies': return this.#replies(channel, body.allowed);
      case 'POST channels/…/reply-link': channel.link = `new${++this.#ids}`; return [200, this.opened(channel)];
      case 'POST channels/…/messages': return this.#send(channel, body);
      case 'GET channels/…/history': return page(this.past, search);
      case 'POST messages/…/cancel': return this.#cancel(id);
      case 'POST messages/…/retry': return this.#mend(id, 'delivery', 'queued');
      case 'POST messages/…/record': return this.#mend(id, 'record', 'saved');
      case 'POST messages/…/resolve': return this.#mend(id, body.of, undefined);
      case 'GET clients': return page([...this.clients.values()].filter((c) => c.client.name.toLowerCase().includes((search.get('q') ?? '').toLowerCase())).map((c) => c.client), search);
      case 'GET clients/…': return this.clients.has(id) ? [200, { ...this.clients.get(id), draft: this.drafts.get(id) }] : problem(404, 'not_found');
      case 'POST clients/…/messages': return this.#first(id, body);
      case 'PUT clients/…/draft': this.drafts.set(id, body); return [200, body];
      case 'DELETE clients/…/draft': this.drafts.delete(id); return [204, undefined];
      case 'GET notifications': return page(this.#of(this.me.staff.id).filter((c) => c.status !== 'done' && c.last_message?.direction === 'inbound').map((c) => ({ channel_id: c.id, client_id: c.client_id, client_name: c.client_name, read: c.status !== 'unread', unread_count: c.unread_count, last_message: c.last_message, url: `/messages?channel=${c.id}` })), search);
      case 'GET lists': return [200, { items: this.lists }];
      case 'POST broadcasts/…': if (id !== 'preview') return problem(404, 'not_found'); return [200, { total: body.client_ids.length + 3 * body.list_ids.length, skipped_count: body.list_ids.length, skipped: body.list_ids.map(() => ({ client_id: 'c-9', why: 'no_address' })), texts: 4, examples: [{ client_id: 'c-1', client_name: 'Grace Okafor', subject: body.subject, body: body.body.replace('{{first_name}}', 'Grace') }] }];
      case 'POST broadcasts': return [202, { id: 'b-1', state: 'sending', total: 5, skipped_count: 1, skipped: [], queued: 3, sent: 1, failed: 0, cancelled: 0 }];
      case 'GET broadcasts/…': return [200, { id: 'b-1', state: 'sent', total: 5, skipped_count: 1, skipped: [], queued: 0, sent: 4, failed: 0, cancelled: 0 }];
      case 'POST broadcasts/…/cancel': return [200, { id: 'b-1', state: 'cancelled', total: 5, skipped_count: 1, skipped: [], queued: 0, sent: 1, failed: 0, cancelled: 3 }];
      case 'GET lists/…/clients': return [200, { items: [{ id: 'c-9', name: 'Ivy Nwosu' }] }];
      default: return problem(404, 'not_found');
    }
  }

  /** @param {string} staffId */
  #of(staffId) {
    return [...this.channels.values()].filter((c) => c.staff_id === staffId).sort((a, b) => b.last_message.at.localeCompare(a.last_message.at));
  }

  /** @param {string} channel */
  of(channel) {
    return this.messages.filter((m) => m.channel_id === channel).sort((a, b) => a.seq - b.seq);
  }

  /** @param {any} channel */
  opened(channel) {
    const own = this.clients.get(channel.client_id);
    return { ...row(channel), client: own.client, actions: own.actions, ...(channel.replies_allowed ? { reply_link: `${location.origin}/m/r/${channel.link ?? 'abc'}` } : { replies_off: { by: 'Amira Shah', at: new Date().toISOString(), why: 'staff' } }) };
  }

  /**
   * @param {string} staffId
   * @param {URLSearchParams} search
   * @returns {[number, any]}
   */
  #inbox(staffId, search) {
    const all = this.#of(staffId);
    const q = (search.get('q') ?? '').toLowerCase();
    const show = search.get('show') ?? 'all';
    const rank = /** @type {Record<string, number>} */ ({ unread: 0, open: 1, done: 2 });
    const wanted = all
      .filter((c) => show === 'all' || (show === 'open' ? c.status !== 'done' : show === 'done' ? c.status === 'done' : c.attention.length > 0))
      .sort((a, b) => rank[a.status] - rank[b.status])
      .flatMap((c) => {
        if (!q) return [row(c)];
        if (c.client_name.toLowerCase().includes(q)) return [{ ...row(c), match: { field: 'name', excerpt: c.client_name } }];
        const hit = this.of(c.id).find((m) => m.body.toLowerCase().includes(q));
        return hit ? [{ ...row(c), match: { field: 'message', message_id: hit.id, excerpt: hit.body.slice(0, 140) } }] : [];
      });
    const [status, document] = page(wanted, search);
    const counts = { unread: 0, open: 0, done: 0, attention: all.filter((c) => c.attention.length).length };
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
      if (m.direction === 'inbound' && m.seq <= upTo.seq && !m.read) m.read = { at: new Date().toISOString(), by: this.me.staff.id };
    }
    this.#recount(channel);
    return [204, undefined];
  }

  /** @param {any} channel */
  #recount(channel) {
    channel.unread_count = this.of(channel.id).filter((m) => m.direction === 'inbound' && !m.read).length;
    if (channel.unread_count) channel.status = 'unread';
    else if (channel.status === 'unread') channel.status = 'open';
    this.touch(channel);
  }

  /**
   * @param {any} channel
   * @param {{status: string, up_to?: string}} body
   * @returns {[number, any]}
   */
  #status(channel, body) {
    const upTo = this.messages.find((m) => m.id === body.up_to)?.seq ?? 0;
    if (body.status === 'done' && this.of(channel.id).some((m) => m.direction === 'inbound' && !m.read && m.seq > upTo)) return problem(409, 'unread_replies');
    for (const m of this.of(channel.id)) if (m.direction === 'inbound' && m.seq <= upTo) m.read ??= { at: new Date().toISOString(), by: this.me.staff.id };
    channel.status = body.status;
    channel.unread_count = 0;
    this.touch(channel);
    return [200, row(channel)];
  }

  /**
   * @param {any} channel
   * @param {boolean} allowed
   * @returns {[number, any]}
   */
  #replies(channel, allowed) {
    channel.replies_allowed = allowed;
    this.touch(channel);
    return [200, row(channel)];
  }

  /**
   * @param {any} channel
   * @param {any} body
   * @returns {[number, any]}
   */
  #send(channel, body) {
    const own = this.clients.get(channel.client_id).client;
    if (own.restricted && !body.override) return problem(409, 'confirmation_required');
    const message = this.add(channel.id, { direction: 'outbound', medium: body.medium, subject: body.subject, body: body.body, author: { kind: 'staff', ...this.me.staff }, send_after: body.send_after, delivery: { status: body.send_after ? 'scheduled' : 'queued', attempts: 0 }, record: { status: 'pending' } });
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
    return status === 202 ? [202, { channel: row(channel), message }] : [status, message];
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
   * @param {'delivery'|'record'} of
   * @param {string|undefined} status
   * @returns {[number, any]}
   */
  #mend(id, of, status) {
    const message = this.messages.find((m) => m.id === id);
    const channel = this.channels.get(message.channel_id);
    if (status) message[of] = { status };
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
    const own = this.clients.get(client).client;
    const channel = { id, organisation_id: 'north', staff_id: 'amira', client_id: client, client_name: own.name, status, unread_count: 0, replies_allowed: true, attention: [], created_at: new Date().toISOString(), updated_at: new Date().toISOString(), last_message: { id: 'none', direction: 'outbound', medium: 'email', preview: '', at: new Date(0).toISOString() }, ...more };
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
    const [first] = name.split(' ');
    this.clients.set(id, {
      client: { id, name, nhs_number: '999 000 0018', date_of_birth: '1984-02-29', gp: { name: 'Riverside Surgery', ods_code: 'A12345' }, email: `${first.toLowerCase()}@example.org`, phone: '+447700900123', restricted: false, deceased: false, profile_url: `/clients/${id}`, ...more },
      actions: { send_email: { allowed: true }, send_sms: { allowed: true }, ...actions },
    });
  }

  /**
   * Adds a message; `ago` is in minutes, and what is under two hours ago is of today, just after midnight too.
   * @param {string} channel
   * @param {any} message
   */
  add(channel, { ago = 0, ...message }) {
    const own = this.channels.get(channel);
    const at = new Date(Math.max(Date.now() - ago * minute, ago < 120 ? new Date().setHours(0, 0, 0, 0) : 0)).toISOString();
    const inbound = message.direction === 'inbound';
    const made = { id: `m-${++this.#ids}`, channel_id: channel, seq: this.of(channel).length + 1, medium: inbound ? 'web' : 'email', created_at: at, author: inbound ? { kind: 'client', id: own.client_id, name: own.client_name } : { kind: 'staff', id: 'amira', name: 'Amira Shah' }, delivery: { status: inbound ? 'received' : 'delivered' }, record: { status: 'saved' }, ...(inbound ? { verified: 'none' } : {}), ...message };
    this.messages.push(made);
    own.last_message = { id: made.id, direction: made.direction, medium: made.medium, preview: made.body.slice(0, 140), at };
    if (inbound && !made.read) {
      own.unread_count++;
      own.status = 'unread';
    }
    return made;
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

  /** @param {any} channel */
  touch(channel) {
    channel.updated_at = new Date().toISOString();
    this.tell(channel.staff_id, 'channel', row(channel));
  }

  /**
   * @param {string} staffId
   * @param {string} type
   * @param {object} data
   */
  tell(staffId, type, data) {
    for (const source of this.sources) if (source.inbox === staffId || (source.inbox === '' && staffId === this.me.staff.id)) source.hear(type, data, ++this.#events);
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

/** A stream of events that a test breaks and mends. */
class FakeSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = 0;
  /** @type {(() => void)|null} */
  onopen = null;
  /** @type {(() => void)|null} */
  onerror = null;

  /**
   * @param {string} url
   * @param {Fake} fake
   */
  constructor(url, fake) {
    super();
    this.inbox = new URL(url, location.href).searchParams.get('inbox') ?? '';
    fake.sources.push(this);
    this.fake = fake;
    queueMicrotask(() => this.open());
  }

  open() {
    if (this.readyState === 2) return;
    if (this.fake.down) return this.fail(true);
    this.readyState = 1;
    this.onopen?.();
  }

  /** @param {boolean} [forGood] */
  fail(forGood = false) {
    this.readyState = forGood ? 2 : 0;
    this.onerror?.();
  }

  /**
   * @param {string} type
   * @param {object} data
   * @param {number} id
   */
  hear(type, data, id) {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: String(id) }));
  }

  close() {
    this.readyState = 2;
    this.fake.sources = this.fake.sources.filter((s) => s !== this);
  }
}

/** @param {any} channel */
function row({ link, ...channel }) {
  return structuredClone(channel);
}

/**
 * @param {any[]} items
 * @param {URLSearchParams} search
 * @returns {[number, any]}
 */
function page(items, search) {
  const from = Number(search.get('cursor') ?? 0);
  const limit = Number(search.get('limit') ?? pageSize);
  const next = from + limit < items.length ? String(from + limit) : undefined;
  return [200, structuredClone({ items: items.slice(from, from + limit), next })];
}

/**
 * @param {number} status
 * @param {string} code
 * @returns {[number, any]}
 */
const problem = (status, code) => [status, { type: 'about:blank', status, code }];

/**
 * @param {number} status
 * @param {any} document
 */
function answer(status, document) {
  return new Response(document === undefined ? null : JSON.stringify(document), { status, headers: { Date: new Date().toUTCString() } });
}
