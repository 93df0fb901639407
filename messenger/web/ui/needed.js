// What needs a person, over all inboxes: what is loaded of it, what is ticked, and what came of what was done about it.

import { ApiError, itemsOf, query } from './api.js';

/** How many the server does something about in one go. */
const mostActs = 100;

/** @typedef {'retry'|'file'|'resolve'} Doing */

/** What can be done about several rows at once. */
export const doings = /** @type {const} */ (['retry', 'file', 'resolve']);

/** What is loaded of the list. */
export class NeededList {
  /** Newest first, undefined until they are loaded. @type {Messenger.Needed[]|undefined} */
  items;
  /** @type {string|undefined} */
  next;
  /** How many there are by reason. @type {Record<string, number>} */
  counts = {};
  /** The one reason that is shown, '' for all. */
  reason = '';
  /** @type {Set<string>} */
  ticked = new Set();
  /** What came of it, by id. @type {Map<string, Messenger.ActResult & {did: Doing}>} */
  results = new Map();
  /** The newest message of a channel, where something newer followed one that failed. By that one's id.
   * @type {Map<string, Messenger.Message>} */
  newest = new Map();
  #asked = 0;

  /** @param {import('./element.js').MessengerElement} element whose hub asks */
  constructor(element) {
    this.element = element;
  }

  get api() {
    return this.element.hub.api;
  }

  /**
   * Loads the first page again, or the next one. What was done stays where it stood.
   * @param {boolean} [more]
   */
  async load(more = false) {
    const asked = ++this.#asked;
    const cursor = more ? this.next : undefined;
    const path = `/attention${query({ reason: this.reason, limit: 50, cursor })}`;
    let page;
    try {
      page = await this.api.get(path, { signal: this.element.signal });
    } catch (error) {
      if (asked === this.#asked) throw error;
    }
    if (asked !== this.#asked) return;
    const fresh = /** @type {Messenger.Needed[]} */ (itemsOf(page));
    const ids = new Set(fresh.map(({ id }) => id));
    // What needs a person again has no result any more.
    for (const id of ids) if (this.results.get(id)?.ok) this.results.delete(id);
    const before = this.items ?? [];
    const kept = before.filter(({ id }) => !ids.has(id) && (more || this.results.get(id)?.ok));
    this.items = [...fresh, ...kept].sort((a, b) => b.since.localeCompare(a.since));
    for (const id of this.ticked) if (!this.items.some((item) => item.id === id)) this.ticked.delete(id);
    if (!more) this.counts = page.counts ?? {};
    this.next = page.next;
  }

  /** @param {string} reason '' for all */
  show(reason) {
    // What was asked for another reason is of no use.
    this.#asked++;
    this.reason = reason;
    this.items = this.next = undefined;
    this.results.clear();
    this.newest.clear();
    this.ticked.clear();
  }

  /** Those that something can be done about from here. */
  get tickable() {
    return this.items?.filter((item) => doings.some((what) => this.may(item, what))) ?? [];
  }

  /**
   * Whether that can be done about a row together with others. Whose reply it is has to be said of each by itself.
   * @param {Messenger.Needed} item
   * @param {Doing} what
   */
  may({ id, can, reason }, what) {
    return can.includes(what) && !this.results.get(id)?.ok && !(what === 'file' && reason === 'record_held');
  }

  /**
   * Those that are ticked and that this can be done about.
   * @param {Doing} what
   */
  tickedFor(what) {
    return this.tickable.filter((item) => this.ticked.has(item.id) && this.may(item, what)).map(({ id }) => id);
  }

  /**
   * Does the same about several, each for itself. Gives how many were done, and how many not.
   * @param {Doing} what
   * @param {string[]} ids
   * @param {string} [note] how it was dealt with
   */
  async act(what, ids, note) {
    const count = { did: 0, not: 0 };
    // Tried again, what is done is done.
    const left = ids.filter((id) => !this.results.get(id)?.ok);
    for (let at = 0; at < left.length; at += mostActs) {
      const asked = { ids: left.slice(at, at + mostActs), do: what, note };
      const { results } = await this.api.call('POST', '/attention/act', asked);
      // What was asked for before knows nothing of it.
      this.#asked++;
      for (const result of results) this.#came(result, what, count);
      for (const { id, code } of results) if (code === 'newer_messages') await this.#learn(id);
    }
    return count;
  }

  /**
   * @param {Messenger.ActResult} result
   * @param {Doing} did
   * @param {{did: number, not: number}} count
   */
  #came(result, did, count) {
    this.results.set(result.id, { ...result, did });
    if (result.ok) this.ticked.delete(result.id);
    count[result.ok ? 'did' : 'not']++;
  }

  /**
   * Learns what followed a message that failed; where that can't be had, what was done is done all the same.
   * @param {string} id
   */
  async #learn(id) {
    const channel = this.items?.find((item) => item.id === id)?.channel;
    if (!channel) return;
    const path = `/channels/${encodeURIComponent(channel.id)}/messages${query({ limit: 1 })}`;
    const [newest] = itemsOf(await this.api.get(path).catch(() => []));
    if (newest) this.newest.set(id, newest);
  }

  /**
   * Tries a message again although something newer followed, unless that was not the newest.
   * @param {string} id
   */
  async retryAllTheSame(id) {
    const seen = this.newest.get(id)?.id;
    const result = { id, ok: true, did: /** @type {Doing} */ ('retry') };
    try {
      await this.api.call('POST', `/messages/${encodeURIComponent(id)}/retry`, { seen_up_to: seen });
      this.results.set(id, result);
      this.ticked.delete(id);
    } catch (error) {
      if (!(error instanceof ApiError) || !error.status) throw error;
      this.results.set(id, { ...result, ok: false, code: error.code });
      if (error.code === 'newer_messages') await this.#learn(id);
    }
    this.#asked++;
  }
}
