// What is loaded of one channel: itself, and its messages by `seq`.

import { itemsOf, query } from './api.js';

/** How many messages are loaded at most so that all that is unread can be seen. */
const mostAtOnce = 500;

/** What is loaded of one channel. Dispatches `change`. */
export class Thread extends EventTarget {
  /** @type {Messenger.Channel|undefined} */
  channel;
  /** @type {Messenger.Message[]} oldest first */
  messages = [];
  /** @type {string|undefined} */
  next;
  loaded = false;
  loading = false;
  /** Where unread begins, as it was when the channel was opened. */
  divider = 0;
  /** @type {Promise<void>|undefined} */
  #refreshing;

  /**
   * @param {import('./api.js').Api} api
   * @param {string} id
   */
  constructor(api, id) {
    super();
    this.api = api;
    this.path = `/channels/${encodeURIComponent(id)}`;
    this.id = id;
  }

  /**
   * Loads the channel and its newest messages, or brings both up to date; then as many as it takes to see all that is
   * unread.
   */
  async load() {
    const messages = `${this.path}/messages${query({ limit: 50 })}`;
    const [channel, page] = await Promise.all([this.api.get(this.path), this.api.get(messages)]);
    this.channel = channel;
    const items = /** @type {Messenger.Message[]} */ (itemsOf(page));
    const known = new Set(this.messages.map((m) => m.id));
    if (!items.some((m) => known.has(m.id))) {
      this.messages = [];
      this.next = page.next;
    }
    this.merge(items);
    while (this.next && this.unread.length < channel.unread_count && this.messages.length < mostAtOnce) {
      await this.older();
    }
    if (!this.loaded) this.divider = this.unread[0]?.seq ?? 0;
    this.loaded = true;
    this.#changed();
  }

  /** Loads the channel again, without its messages. */
  refresh() {
    this.#refreshing ??= this.#fetch().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #fetch() {
    this.channel = await this.api.get(this.path);
    this.#changed();
  }

  /**
   * Loads the page before the oldest message; false when there is none or one is on its way. Dispatches nothing: who
   * asks shows it, and keeps what is on screen where it is.
   */
  async older() {
    if (!this.next || this.loading) return false;
    this.loading = true;
    try {
      const page = await this.api.get(`${this.path}/messages${query({ cursor: this.next, limit: 50 })}`);
      this.next = page.next;
      this.#add(itemsOf(page));
      return true;
    } finally {
      this.loading = false;
    }
  }

  /**
   * Takes the channel's row as it is now. False when the channel has to be loaded again to know all.
   * @param {Messenger.Row} row
   */
  take(row) {
    const { channel } = this;
    if (channel?.id !== row.id || channel.updated_at > row.updated_at) return true;
    const known = channel.replies_allowed === row.replies_allowed && channel.client_name === row.client_name;
    const { match, ...now } = row;
    Object.assign(channel, now);
    this.#changed();
    return known;
  }

  /**
   * Marks replies as read, up to one, as the server has done.
   * @param {Messenger.Message} upTo
   * @param {string} by a staff id
   */
  wasRead(upTo, by) {
    const read = { at: new Date(this.api.now()).toISOString(), by };
    this.merge(this.unread.filter((m) => m.seq <= upTo.seq).map((m) => ({ ...m, read })));
  }

  /**
   * Whether a message that was heard of is new here; undefined when it has no place among those that are loaded.
   * @param {Messenger.Message} message
   */
  isNew(message) {
    if (!this.channel || message.channel_id !== this.id) return undefined;
    if (this.messages.some((m) => m.id === message.id)) return false;
    return this.next && message.seq < (this.messages[0]?.seq ?? 0) ? undefined : true;
  }

  /** @param {Messenger.Message[]} messages */
  merge(messages) {
    this.#add(messages);
    this.#changed();
  }

  /** @param {Messenger.Message[]} messages */
  #add(messages) {
    const byId = new Map(this.messages.map((m) => [m.id, m]));
    for (const message of messages) byId.set(message.id, message);
    this.messages = [...byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** The replies that nobody has read for the owner, oldest first. */
  get unread() {
    return this.messages.filter((m) => m.direction === 'inbound' && !m.read);
  }

  /** The last message that may count as seen: everything up to the first unread reply. */
  get seen() {
    const first = this.unread[0];
    return this.messages.filter((m) => !first || m.seq < first.seq).at(-1);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
