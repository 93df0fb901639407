// What is loaded of one inbox: its channels, which of them are shown, and in which order.

import { itemsOf, query } from './api.js';
import { undoSeconds } from './undo.js';

/** Which rows can be shown. */
export const shows = /** @type {const} */ (['all', 'open', 'done', 'attention', 'awaiting', 'scheduled']);

/** @typedef {typeof shows[number]} Show */

const statuses = /** @type {const} */ (['unread', 'open', 'done']);

/** What is loaded of one inbox. */
export class List {
  /** @type {Map<string, Messenger.Row>} */
  rows = new Map();
  /** @type {string[]} */
  order = [];
  /** @type {Messenger.Counts|undefined} */
  counts;
  /** @type {string|undefined} */
  next;
  /** @type {Show} */
  show = 'all';
  /** @type {'newest'|'waiting'} */
  sort = 'newest';
  q = '';
  loaded = false;
  /** The row that stays where it stands, with the group that it stood in, while it is open. */
  #pinned = { id: '', status: '' };
  /** Whether somebody else has changed the order since it was last shown as it is. */
  #news = false;
  /** @type {{name: string, ids: string[]}[]} */
  shown = [];
  #fresh = true;
  /** @type {AbortController|undefined} */
  #asking;

  /**
   * @param {import('./api.js').Api} api
   * @param {string} staffId
   */
  constructor(api, staffId) {
    this.api = api;
    this.staffId = staffId;
  }

  /**
   * Loads the first page again, or the next one. A newer call gives up an older one.
   * @param {boolean} [more]
   */
  async load(more = false) {
    this.#asking?.abort();
    const { signal } = (this.#asking = new AbortController());
    const limit = more ? 50 : Math.min(100, Math.max(50, this.order.length));
    const page = await this.#ask(limit, more ? this.next : undefined, signal);
    const items = /** @type {Messenger.Row[]} */ (itemsOf(page));
    if (!more) this.order = [];
    const had = new Set(this.order);
    for (const row of items) {
      this.rows.set(row.id, row);
      if (!had.has(row.id)) this.order.push(row.id);
    }
    this.counts = page.counts ?? this.counts;
    this.next = page.next;
    this.loaded = true;
    this.#fresh = true;
  }

  /** Asks for the numbers alone. */
  async count() {
    this.counts = (await this.#ask(1, undefined)).counts ?? this.counts;
  }

  /**
   * How many channels there are of those; undefined while nobody has counted.
   * @param {Show} show
   */
  numberOf(show) {
    if (!this.counts) return undefined;
    const { unread, open, done, attention, awaiting, scheduled } = this.counts;
    return { all: unread + open + done, open: unread + open, done, attention, awaiting, scheduled }[show];
  }

  /** What waits in the inbox; undefined while nobody has counted. Of failures it knows those that are loaded. */
  get waiting() {
    if (!this.counts) return undefined;
    const { unread, attention } = this.counts;
    const rows = [...this.rows.values()].filter((row) => row.attention.length > 0);
    const all = rows.length >= attention;
    const failed = all ? rows.filter((row) => row.attention.includes('delivery_failed')).length : 0;
    return { unread, failed, attention: attention - failed };
  }

  /**
   * @param {number} limit
   * @param {string|undefined} cursor
   * @param {AbortSignal} [signal]
   */
  #ask(limit, cursor, signal) {
    const path = `/inboxes/${encodeURIComponent(this.staffId)}/channels`;
    const order = this.sort === 'newest' ? undefined : this.sort;
    const asked = { show: this.show, order, cursor, limit };
    const q = this.q.trim();
    // Servers and proxies write addresses down: what is searched for stands in none.
    return q
      ? this.api.call('POST', `${path}/search`, { ...asked, q }, { signal })
      : this.api.get(path + query(asked), { signal });
  }

  /**
   * Takes a row that has changed. False when the numbers can't be told from it and have to be asked for.
   * @param {Messenger.Row} row
   * @param {boolean} [own] whether the asker has changed it: nobody is told of that
   */
  apply(row, own = false) {
    const old = this.rows.get(row.id);
    if (old && old.updated_at > row.updated_at) return true;
    this.rows.set(row.id, { ...row, match: row.match ?? old?.match });
    const moved = !old || old.status !== row.status || old.last_message?.id !== row.last_message?.id;
    const stays = row.id === this.#pinned.id && row.status !== 'done';
    if (moved && !stays && (old || !this.q.trim())) this.#place(row);
    if (moved && !own) this.#news = true;
    if (!old || !this.counts || this.q.trim()) return false;
    const counts = /** @type {Record<string, number>} */ (this.counts);
    counts[old.status]--;
    counts[row.status]++;
    this.counts.attention += Number(row.attention.length > 0) - Number(old.attention.length > 0);
    this.counts.awaiting += Number(Boolean(row.awaiting)) - Number(Boolean(old.awaiting));
    this.counts.scheduled += Number(isScheduled(row)) - Number(isScheduled(old));
    return true;
  }

  /** @param {Messenger.Row} row */
  #place(row) {
    // Who waits for an answer already has not waited longer for having written again.
    const waits = this.sort === 'waiting' && row.unread_count > 1 && this.order.includes(row.id);
    if (waits) return;
    this.order = this.order.filter((id) => id !== row.id);
    const before = (/** @type {Messenger.Row} */ other) =>
      this.sort === 'waiting' ? active(other) > active(row) : active(other) <= active(row);
    const at = this.order.findIndex((id) => {
      const other = this.rows.get(id);
      return other !== undefined && other.status === row.status && before(other);
    });
    if (at >= 0) this.order.splice(at, 0, row.id);
    else {
      const last = this.order.findLastIndex((id) => this.rows.get(id)?.status === row.status);
      if (last >= 0) this.order.splice(last + 1, 0, row.id);
      else this.order.push(row.id);
    }
  }

  /** Shows the true order with the next view, whatever is pointed at. */
  settle() {
    this.#fresh = true;
  }

  /**
   * The groups to show. While `hold`, what was shown stays where it was, and `moved` says that it is not the true
   * order.
   * @param {boolean} hold
   */
  view(hold) {
    const groups = this.#groups();
    if (!hold || this.#fresh) {
      this.shown = groups;
      this.#news = false;
    }
    this.#fresh = false;
    return { groups: this.shown, moved: this.#news && !sameGroups(groups, this.shown) };
  }

  /**
   * Keeps the row of the channel that is open in the group that it stands in, for as long as that is open.
   * @param {string} id '' for none
   */
  pin(id) {
    const row = this.rows.get(id);
    if (id && this.#pinned.id === id && (this.#pinned.status || !row)) return;
    const before = this.rows.get(this.#pinned.id);
    this.#pinned = { id, status: row?.status ?? '' };
    if (before && before.id !== id && this.order.includes(before.id)) this.#place(before);
  }

  /** @param {Messenger.Row} row */
  #groupOf({ id, status }) {
    return id === this.#pinned.id && status !== 'done' ? this.#pinned.status || status : status;
  }

  /**
   * The next channel with an unread reply below a row as it is shown, or else above.
   * @param {string} id
   */
  nextUnread(id) {
    const all = this.shown.flatMap(({ ids }) => ids);
    const at = all.indexOf(id);
    const next = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0)).reverse()];
    return next.find((other) => other !== id && this.rows.get(other)?.status === 'unread');
  }

  #groups() {
    const rows = this.order.flatMap((id) => this.rows.get(id) ?? []);
    const { show } = this;
    if (show === 'attention' || show === 'awaiting' || show === 'scheduled') {
      const ids = rows.filter(belongs[show]).map((r) => r.id);
      return ids.length ? [{ name: show, ids }] : [];
    }
    const wanted = show === 'all' ? statuses : show === 'open' ? statuses.slice(0, 2) : statuses.slice(2);
    return wanted
      .map((name) => ({ name, ids: rows.filter((r) => this.#groupOf(r) === name).map((r) => r.id) }))
      .filter((group) => group.ids.length > 0);
  }
}

/**
 * Whether something is to go out later; what can still be undone is not meant.
 * @param {Messenger.Row} row
 */
const isScheduled = ({ scheduled_count: count = 0, last_message: last }) => count > Number(isBrief(last));

/** Which rows belong to a list that is no status. */
const belongs = {
  attention: (/** @type {Messenger.Row} */ row) => row.attention.length > 0,
  awaiting: (/** @type {Messenger.Row} */ row) => Boolean(row.awaiting),
  scheduled: isScheduled,
};

/** @param {Messenger.LastMessage|undefined} last */
const isBrief = (last) =>
  Boolean(last?.send_after) && Date.parse(last?.send_after ?? '') - Date.parse(last?.at ?? '') <= undoSeconds * 1000;

/** @param {Messenger.Row} row */
const active = (row) => row.last_message?.at ?? row.created_at;

/**
 * @param {{name: string, ids: string[]}[]} a
 * @param {{name: string, ids: string[]}[]} b
 */
const sameGroups = (a, b) =>
  a.length === b.length &&
  a.every(({ name, ids }, i) => {
    const other = b[i];
    return name === other.name && ids.length === other.ids.length && ids.every((id, at) => id === other.ids[at]);
  });
