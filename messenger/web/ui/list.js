// The channels of one inbox: what is loaded, in which order, and how it looks.

import { itemsOf, query } from './api.js';
import { html } from './html.js';
import { icon } from './icons.js';

/** @typedef {'all'|'open'|'done'|'attention'} Show */

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
  q = '';
  loaded = false;
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
    const page = await this.api.get(this.#path(limit, more ? this.next : undefined), { signal });
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
    this.counts = (await this.api.get(this.#path(1, undefined))).counts ?? this.counts;
  }

  /**
   * @param {number} limit
   * @param {string|undefined} cursor
   */
  #path(limit, cursor) {
    return `/inboxes/${encodeURIComponent(this.staffId)}/channels${query({ show: this.show, q: this.q.trim(), cursor, limit })}`;
  }

  /**
   * Takes a row that has changed. False when the numbers can't be told from it and have to be asked for.
   * @param {Messenger.Row} row
   */
  apply(row) {
    const old = this.rows.get(row.id);
    if (old && old.updated_at > row.updated_at) return true;
    this.rows.set(row.id, { ...row, match: row.match ?? old?.match });
    const moved = !old || old.status !== row.status || old.last_message?.id !== row.last_message?.id;
    if (moved && (old || !this.q.trim())) this.#place(row);
    if (!old || !this.counts || this.q.trim()) return false;
    this.counts[old.status]--;
    this.counts[row.status]++;
    this.counts.attention += Number(row.attention.length > 0) - Number(old.attention.length > 0);
    return true;
  }

  /** @param {Messenger.Row} row */
  #place(row) {
    this.order = this.order.filter((id) => id !== row.id);
    const at = this.order.findIndex((id) => {
      const other = this.rows.get(id);
      return other !== undefined && other.status === row.status && active(other) <= active(row);
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
   * The groups to show. While `hold`, what was shown stays where it was, and `moved` says that it is not the true order.
   * @param {boolean} hold
   */
  view(hold) {
    const groups = this.#groups();
    if (!hold || this.#fresh) this.shown = groups;
    this.#fresh = false;
    return { groups: this.shown, moved: JSON.stringify(groups) !== JSON.stringify(this.shown) };
  }

  #groups() {
    const rows = this.order.flatMap((id) => this.rows.get(id) ?? []);
    if (this.show === 'attention') {
      return [{ name: 'attention', ids: rows.filter((r) => r.attention.length > 0).map((r) => r.id) }].filter((g) => g.ids.length);
    }
    const wanted = this.show === 'all' ? statuses : this.show === 'open' ? statuses.slice(0, 2) : statuses.slice(2);
    return wanted
      .map((name) => ({ name, ids: rows.filter((r) => r.status === name).map((r) => r.id) }))
      .filter((group) => group.ids.length > 0);
  }
}

/** @param {Messenger.Row} row */
const active = (row) => row.last_message?.at ?? row.created_at;

/**
 * @param {object} see
 * @param {Messenger.Row} see.row
 * @param {boolean} see.current the open one
 * @param {boolean} see.reachable the one that Tab stops at
 * @param {boolean} see.mayAct
 * @param {string} see.q
 * @param {Messenger.Translate} see.t
 * @param {Messenger.Format} see.format
 */
export function rowView({ row, current, reachable, mayAct, q, t, format }) {
  const done = row.status === 'done';
  const tab = reachable ? '0' : '-1';
  const last = row.last_message;
  const words = row.match?.field === 'message' ? row.match.excerpt : (last?.preview ?? '');
  return html`<li class="messenger-row" data-key=${row.id} data-status=${row.status} data-current=${current}>
    <a class="messenger-row-link" href="?channel=${encodeURIComponent(row.id)}" data-do="open" data-id=${row.id} tabindex=${tab} aria-current=${current ? 'true' : null}>
      <span class="messenger-row-top">
        <span class="messenger-row-name">${highlight(row.client_name, q)}</span>
        <time class="messenger-row-time" datetime=${last?.at ?? row.updated_at}>${format.brief(last?.at ?? row.updated_at)}</time>
      </span>
      <span class="messenger-row-words">${row.match?.field === 'message' ? html`<span class="messenger-row-where">${t('found_in_message')}:</span> ` : direction(row, t)}${highlight(words, q)}</span>
      <span class="messenger-row-foot">
        ${row.unread_count > 0 ? html`<span class="messenger-count"><span aria-hidden="true">${row.unread_count}</span><span class="messenger-sr">${t('unread_replies', { count: row.unread_count })}</span></span>` : ''}
        <span class="messenger-tag" data-status=${row.status}>${t(`status_${row.status}`)}</span>
      </span>
      <span class="messenger-row-why">${row.attention.map((why) => html`<span class="messenger-tag" data-status="attention">${icon('warning')}${t(`attention_${why}`)}</span>`)}</span>
    </a>
    ${mayAct ? html`<button type="button" class="messenger-quick" data-do="quick" data-id=${row.id} tabindex=${tab} aria-label=${t(done ? 'mark_open_for' : 'mark_done_for', { name: row.client_name })}>${icon(done ? 'open' : 'tick')}<span>${t(done ? 'mark_open' : 'mark_done')}</span></button>` : ''}
  </li>`;
}

/**
 * @param {Messenger.Row} row
 * @param {Messenger.Translate} t
 */
function direction(row, t) {
  if (!row.last_message) return '';
  return row.last_message.direction === 'outbound' ? html`${icon(row.last_message.medium === 'sms' ? 'sms' : 'email')}` : html`${icon('reply')}<span class="messenger-sr">${t('medium_web')}: </span>`;
}

/** @param {string} text */
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * The text, with each word of the search in a `<mark>`.
 * @param {string} text
 * @param {string} q
 * @returns {(string|DocumentFragment)[]}
 */
export function highlight(text, q) {
  const words = fold(q.trim()).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [text];
  const characters = [...text];
  let folded = '';
  /** @type {number[]} */
  const from = [];
  characters.forEach((c, i) => {
    for (const f of fold(c)) {
      folded += f;
      for (let n = 0; n < f.length; n++) from.push(i);
    }
  });
  const marked = new Set();
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (let n = at; n < at + word.length; n++) marked.add(from[n]);
    }
  }
  const parts = [];
  for (let i = 0; i < characters.length; ) {
    const on = marked.has(i);
    let run = '';
    while (i < characters.length && marked.has(i) === on) run += characters[i++];
    parts.push(on ? html`<mark>${run}</mark>` : run);
  }
  return parts;
}
