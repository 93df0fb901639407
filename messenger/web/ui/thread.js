// What is loaded of one channel: itself, and its messages by `seq`.

import { itemsOf, query } from './api.js';

/** How many messages are loaded at most so that all that is unread can be seen. */
const mostAtOnce = 500;

/** What is loaded of one channel. Dispatches `change`; `joined` before, where another became part of it. */
export class Thread extends EventTarget {
  /** @type {Messenger.Channel|undefined} */
  channel;
  /** @type {Messenger.Message[]} oldest first */
  messages = [];
  /** Where the page before the oldest message begins. @type {string|undefined} */
  next;
  /**
   * What is not loaded between the page around a message that was searched for and the newest: the places on both
   * sides, and where the next page begins.
   * @type {{after: number, before: number, cursor: string}|undefined}
   */
  gap;
  loaded = false;
  /** Which message of the channel each is that came with a page, by id. @type {Map<string, number>} */
  #places = new Map();
  /** What stands between the messages, oldest first. @type {(Messenger.Note|Messenger.Mark)[]} */
  between = [];
  /** Why the notes could not be loaded. @type {unknown} */
  notesError;
  /** The time from which on notes are loaded, where there are more. @type {string|undefined} */
  #notesFrom;
  /** The message at which unread began when the channel was opened, by id; '' for none. */
  divider = '';
  /** @type {Promise<void>|undefined} */
  #refreshing;
  /** The page that is on its way. @type {Promise<boolean>|undefined} */
  #turning;

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
   * unread, and those around one that was searched for.
   * @param {string} [wanted] the id of that one
   */
  async load(wanted = '') {
    const notes = this.#fetchNotes();
    const places = new Map(this.#places);
    const known = new Map(this.messages.map((m) => [m.id, m.seq]));
    const [channel, page] = await Promise.all([this.api.get(this.path), this.#page({ limit: 50 }), notes]);
    const items = /** @type {Messenger.Message[]} */ (itemsOf(page));
    const moved = items.some((m) => (known.get(m.id) ?? m.seq) !== m.seq);
    const last = items.at(-1)?.id ?? '';
    let { next } = page;
    if (this.channel && (moved || this.channel.id !== channel.id)) await this.#join(channel, items, next);
    else if (!items.some((m) => known.has(m.id))) this.#startWith(items, next);
    else if (places.get(last) !== this.#places.get(last)) {
      // Something before them was taken out: what, only a page says that does not have it.
      this.next = next = await this.#asFarBack(items, next);
      this.gap = undefined;
    }
    const oldest = next ? items[items.length - 1].seq : 0;
    const gone = (/** @type {Messenger.Message} */ { id, seq }) =>
      seq >= oldest && known.has(id) && !items.some((m) => m.id === id);
    // Taken out of the channel: what came meanwhile stays.
    this.messages = this.messages.filter((m) => !gone(m));
    this.#took(channel);
    this.merge(items);
    while (this.next && this.unread.length < channel.unread_count && this.messages.length < mostAtOnce) {
      await this.older();
    }
    if (!this.loaded) this.divider = this.unread[0]?.id ?? '';
    if (wanted) await this.around(wanted);
    this.loaded = true;
    this.#changed();
  }

  /**
   * @param {Messenger.Message[]} items
   * @param {string|undefined} next where the page before them begins
   */
  #startWith(items, next) {
    this.messages = [];
    this.next = next;
    this.gap = undefined;
    this.#add(items);
  }

  /**
   * Two channels have become one, in which each message has another place: as far back as was loaded, all is loaded
   * again.
   * @param {Messenger.Channel} channel
   * @param {Messenger.Message[]} items the newest
   * @param {string|undefined} next where the page before them begins
   */
  async #join(channel, items, next) {
    const before = await this.#asFarBack(items, next);
    this.#took(channel);
    this.dispatchEvent(new Event('joined'));
    this.#startWith(items, before);
  }

  /**
   * Adds all that is loaded already to the newest messages, as it is now. Gives where the page before them begins.
   * @param {Messenger.Message[]} items
   * @param {string|undefined} next
   */
  async #asFarBack(items, next) {
    const oldest = this.messages[0]?.created_at;
    while (oldest && next && Date.parse(items[items.length - 1].created_at) > Date.parse(oldest)) {
      const page = await this.#page({ cursor: next, limit: 50 });
      items.push(...itemsOf(page));
      next = page.next;
    }
    return next;
  }

  /**
   * Loads the messages around one, unless it is loaded. False when the channel has none such. What was loaded before
   * the
   * newest ones goes, so that there is one gap at most. Dispatches nothing, as older does.
   * @param {string} id
   */
  async around(id) {
    if (this.messages.some((m) => m.id === id)) return true;
    const page = await this.#page({ around: id, limit: 50 }).catch((error) => {
      if (error.code !== 'not_found') throw error;
    });
    if (!page) return false;
    const { gap } = this;
    const newest = gap ? this.messages.filter((m) => m.seq >= gap.before) : this.messages;
    const items = /** @type {Messenger.Message[]} */ (itemsOf(page));
    this.messages = newest;
    this.next = page.next;
    this.#meet(items, page.previous, newest[0]?.seq ?? 0);
    return true;
  }

  get loading() {
    return this.#turning !== undefined;
  }

  /** Loads the page that follows the gap's beginning, as older does. */
  newer() {
    return this.#turn(async () => {
      if (!this.gap) return false;
      const { before, cursor } = this.gap;
      const page = await this.#page({ cursor, limit: 50 });
      this.#meet(itemsOf(page), page.previous, before);
      return true;
    });
  }

  /**
   * Adds messages that stand before the newest ones, and says what is missing between.
   * @param {Messenger.Message[]} items newest first
   * @param {string|undefined} cursor of what follows them
   * @param {number} before the place of the oldest of the newest ones
   */
  #meet(items, cursor, before) {
    const after = items[0]?.seq ?? before;
    this.#add(items);
    this.gap = cursor && after < before - 1 ? { after, before, cursor } : undefined;
  }

  /** @param {Record<string, string|number|undefined>} asked */
  async #page(asked) {
    const page = await this.api.get(`${this.path}/messages${query(asked)}`);
    let place = (page.before ?? 0) + itemsOf(page).length;
    for (const { id } of itemsOf(page)) this.#places.set(id, place--);
    return page;
  }

  /**
   * Which message of the channel each of `messages` is; of one that was heard of, the next.
   * Their `seq` has gaps, and goes on where another channel became part of this one.
   */
  get places() {
    let last = 0;
    return this.messages.map(({ id }) => (last = this.#places.get(id) ?? last + 1));
  }

  /** Whether there is a reminder of a message. @param {string} id */
  isReminded(id) {
    return this.messages.some((m) => m.reminds === id && m.delivery.status !== 'cancelled');
  }

  /** Loads the channel again, without its messages. */
  refresh() {
    this.#refreshing ??= this.#fetch().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Loads the newest notes and marks again. */
  async refreshNotes() {
    await this.#fetchNotes();
    this.#changed();
  }

  /**
   * Loads notes and marks, those before a time where one is given. A thread without them is still one: what went wrong
   * stands in `notesError`.
   * @param {string} [until]
   */
  async #fetchNotes(until) {
    try {
      const { items, marks } = await this.api.get(`${this.path}/notes${query({ until })}`);
      const byId = new Map(this.between.map((one) => [one.id, one]));
      for (const one of [...items, ...marks].reverse()) byId.set(one.id, one);
      this.between = [...byId.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
      const full = [items, marks].filter((list) => list.length >= mostAtOnce).map((list) => list.at(-1).at);
      if (until || !this.#notesFrom) this.#notesFrom = full.sort().at(-1);
      this.notesError = undefined;
    } catch (error) {
      this.notesError = error;
    }
  }

  /** @param {Messenger.Note} note that was just written here */
  addNote(note) {
    this.between = [...this.between.filter(({ id }) => id !== note.id), note];
    this.#changed();
  }

  async #fetch() {
    const channel = await this.api.get(this.path);
    if (this.channel && this.channel.id !== channel.id) return this.load();
    this.#took(channel);
    this.#changed();
  }

  /**
   * Keeps the channel as it is. One that became another one answers as that, which is heard of from then on.
   * @param {Messenger.Channel} channel
   */
  #took(channel) {
    this.channel = channel;
    this.id = channel.id;
    this.path = `/channels/${encodeURIComponent(this.id)}`;
  }

  /**
   * Loads the page before the oldest message; false when there is none. One page is loaded at a time: while another is
   * on its way, that is what the asker gets. Dispatches nothing: who asks shows it, and keeps what is on screen
   * where it
   * is.
   */
  older() {
    return this.#turn(async () => {
      if (!this.next) return false;
      const page = await this.#page({ cursor: this.next, limit: 50 });
      this.next = page.next;
      this.#add(itemsOf(page));
      const before = this.#notesFrom;
      if (before && Date.parse(this.messages[0].created_at) < Date.parse(before)) await this.#fetchNotes(before);
      return true;
    });
  }

  /** @param {() => Promise<boolean>} load */
  #turn(load) {
    this.#turning ??= load().finally(() => {
      this.#turning = undefined;
    });
    return this.#turning;
  }

  /**
   * The next message from a place that fits, loading as far as it takes; undefined when there is none.
   * @param {number} seq
   * @param {1|-1} by 1 for newer ones, -1 for older ones
   * @param {(message: Messenger.Message) => boolean} fits
   */
  async beyond(seq, by, fits) {
    for (;;) {
      const { gap } = this;
      const inTheWay = gap && (by > 0 ? seq <= gap.after : seq >= gap.before);
      const [from, to] = by > 0 ? [seq, inTheWay ? gap.after : Infinity] : [inTheWay ? gap.before : 0, seq];
      const all = this.messages.filter((m) => m.seq !== seq && m.seq >= from && m.seq <= to && fits(m));
      const found = by > 0 ? all[0] : all.at(-1);
      if (found) return found;
      const more = inTheWay ? await this.newer() : by < 0 && (await this.older());
      if (!more) return undefined;
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
    const { gap } = this;
    if (gap && message.seq > gap.after && message.seq < gap.before) return undefined;
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
    for (const message of messages) byId.set(message.id, withWords(message, byId.get(message.id)));
    this.messages = [...byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** The replies that nobody has read for the owner, oldest first. */
  get unread() {
    return this.messages.filter((m) => m.direction === 'inbound' && !m.read);
  }

  /** The subject of the last email that is loaded; a private one's is nobody's to repeat. */
  get lastSubject() {
    const emails = this.messages.filter((m) => m.medium === 'email' && m.delivery.status !== 'cancelled');
    return emails.findLast((m) => m.subject && !m.private)?.subject ?? '';
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

/**
 * A message as it is now. An event has no words of a private one: those that are known stay.
 * @param {Messenger.Message} message
 * @param {Messenger.Message|undefined} known
 */
const withWords = (message, known) =>
  message.private && !message.body && known ? { ...message, subject: known.subject, body: known.body } : message;
