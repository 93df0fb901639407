// <messenger-list>: the left pane of the Messages page. Whose inbox, the search, what is shown of it, and the rows.

import { MessengerElement } from './element.js';
import { Finishing } from './finishing.js';
import { html } from './html.js';
import { listHeadView } from './list-head.js';
import { rowsView } from './list-rows.js';
import { List, shows } from './list.js';
import { Marking } from './marking.js';
import { morph } from './morph.js';
import { remember } from './remembered.js';
import { swipe } from './swipe.js';

/**
 * Part of the Messages page. Tells it: `begin` (nobody's inbox is known yet), `choose` (another inbox), `new` (a
 * message is to be written), `several` (what was written to several is to be seen), `desk` (templates are to be
 * written), `overview` (the day's end is to be seen), `away` (the owner's absence is), `texts` (the texts that wait
 * are to be seen), `open` (`id`, `message`, `why`, a channel was selected), `finished` (`next`, the open one was
 * marked as done from its row), `place` (what is shown of the inbox), `shown` (it shows what it has), `keys` (which
 * keys there are), `say`.
 */
export class MessengerList extends MessengerElement {
  /** @type {import('./colleagues.js').Colleagues|undefined} */
  colleagues;
  /** @type {List|undefined} */
  list;
  #current = '';
  problem = '';
  /** @type {AbortController|undefined} */
  #following;
  /** The row that Tab stops at. */
  reach = '';
  #pointed = false;
  #loadingMore = false;
  /** What is shown of an inbox, whoever's it is: the page's address keeps it. */
  #shown = { show: 'all', order: 'newest', q: '' };
  marking = new Marking(this);
  #finishing = new Finishing(this);

  actions = {
    open: (/** @type {HTMLElement} */ { dataset }, /** @type {MouseEvent} */ event) =>
      this.#selected(dataset.id, event),
    quick: (/** @type {HTMLElement} */ { dataset }) => this.finish(dataset.id ?? ''),
    show: (/** @type {HTMLElement} */ { dataset }) => this.show(dataset.show ?? 'all'),
    order: () => this.#sort(),
    select: () => this.marking.toggle(),
    tick: (/** @type {any} */ box, /** @type {MouseEvent} */ event) => this.marking.tick(box, event.shiftKey),
    'mark-all': () => this.marking.markAll(),
    'mark-undo': () => this.marking.undo(),
    'mark-over': () => this.marking.over(),
    keys: () => this.tell('keys'),
    moved: () => this.settle(),
    more: () => this.#more(),
    new: () => this.tell('new'),
    several: () => this.tell('several'),
    desk: () => this.tell('desk'),
    overview: () => this.tell('overview'),
    away: () => this.tell('away'),
    texts: () => this.tell('texts'),
    clear: () => this.#clearSearch(),
    again: () => (this.list ? this.load() : this.tell('begin')),
  };

  start() {
    this.list = undefined;
    this.replaceChildren(html`<div class="messenger-list-head"></div><div class="messenger-items"></div>`);
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.listen(this, 'input', ({ target }) => {
      if (target.matches('.messenger-search-box')) this.#search(target.value);
    });
    this.listen(this, 'change', ({ target }) => {
      if (target.matches('.messenger-inbox-choice')) this.#choose(target.value);
    });
    this.#listenToRows(this.one('.messenger-items'));
    for (const type of ['me', 'loaded']) this.listen(this.hub, type, () => this.update());
    this.listen(this.hub, 'channel', ({ detail }) => this.#heard(detail.row, detail.own));
    this.listen(this.hub, 'reset', () => this.soon('load', 50, () => this.load()));
    this.signal.addEventListener('abort', () => this.#following?.abort());
    this.update();
  }

  /** @param {HTMLElement} items */
  #listenToRows(items) {
    this.listen(items, 'pointerover', (event) => {
      this.#pointed = event.pointerType === 'mouse';
    });
    this.listen(items, 'pointerleave', () => {
      this.#pointed = false;
      this.update();
    });
    const may = (/** @type {HTMLElement} */ row) =>
      row.dataset.status !== 'done' && row.querySelector('.messenger-quick') !== null;
    swipe(items, may, ({ dataset }) => this.finish(dataset.key ?? ''), this.signal);
    this.listen(items, 'focusout', () => this.update());
    this.listen(items, 'focusin', ({ target }) => this.#reached(target.closest('.messenger-row')?.dataset.key));
    this.listen(items, 'scroll', () => {
      if (items.scrollHeight - items.scrollTop - items.clientHeight < 300) this.#more();
    });
  }

  /** The id of the channel that is open, or ''. */
  get current() {
    return this.#current;
  }
  set current(id) {
    this.#current = id;
    this.update();
  }

  /** Whose inbox is shown, by staff id; undefined while nobody's is. Setting another loads and follows it. */
  get staffId() {
    return this.list?.staffId;
  }
  set staffId(staffId) {
    if (staffId === undefined || staffId === this.staffId) return;
    this.list = new List(this.hub.api, staffId);
    this.#applyShown();
    this.marking.forget();
    this.#following?.abort();
    this.#following = new AbortController();
    if (!this.colleagues?.isOwn(staffId)) this.hub.follow(staffId, this.#following.signal);
    this.load();
  }

  /**
   * Shows this of the inbox, as an address says.
   * @param {{show: string, order: string, q: string}} wanted
   */
  restore({ show, order, q }) {
    const same = show === this.#shown.show && order === this.#shown.order && q === this.#shown.q;
    this.#shown = { show, order, q };
    if (same || !this.list) return this.update();
    this.#applyShown();
    this.list.loaded = false;
    this.load();
  }

  #applyShown() {
    const list = this.list;
    if (!list) return;
    const { show, order, q } = this.#shown;
    list.show = shows.find((one) => one === show) ?? 'all';
    list.sort = order === 'waiting' ? 'waiting' : 'newest';
    list.q = q;
  }

  /** @param {Partial<{show: string, order: string, q: string}>} changed */
  #change(changed) {
    Object.assign(this.#shown, changed);
    this.#applyShown();
    this.tell('place', { ...this.#shown });
  }

  /** @param {string} words */
  fail(words) {
    this.problem = words;
    this.update();
  }

  /** @param {string} staffId */
  #choose(staffId) {
    this.staffId = staffId;
    this.tell('choose', { staffId });
  }

  async load(more = false) {
    const list = this.list;
    if (!list) return;
    this.update();
    try {
      await list.load(more);
      this.problem = '';
    } catch (error) {
      const words = this.explain(error);
      if (!words) return;
      this.problem = words;
      if (!more) this.againSoon(error, 'load', () => this.load());
    }
    this.update();
  }

  async #more() {
    if (!this.list?.next || this.#loadingMore) return;
    this.#loadingMore = true;
    await this.load(true);
    this.#loadingMore = false;
  }

  /**
   * Takes a row as it is now; true when all that is shown can be told from it.
   * @param {Messenger.Row} row
   * @param {boolean} [own] whether the asker has changed it
   */
  take(row, own) {
    const list = this.list;
    this.update();
    this.marking.heard(row);
    // Of a channel that is covered, or was handed over, the list itself is asked: whether it is still part of it.
    const others = list?.loaded && row.staff_id !== list.staffId && list.rows.has(row.id);
    if (others) this.soon('load', 50, () => this.load());
    return !list?.loaded || row.staff_id !== list.staffId || list.apply(row, own);
  }

  /**
   * @param {Messenger.Row} row
   * @param {boolean} [own]
   */
  #heard(row, own = false) {
    // What is read or sent in the channel that is open was done here.
    const before = this.list?.rows.get(row.id)?.unread_count ?? 0;
    const mine = own || (row.id === this.#current && row.unread_count <= before);
    if (!this.take(row, mine)) this.soon('count', 200, () => this.#count());
  }

  async #count() {
    const list = this.list;
    if (list?.q.trim()) return this.load();
    await list?.count().catch(() => {});
    this.update();
  }

  /**
   * The name of a channel's client, where the channel is in the list.
   * @param {string} id
   */
  clientOf(id) {
    return this.list?.rows.get(id)?.client_name;
  }

  /** Shows the rows in their true order at once, whatever is pointed at. */
  settle() {
    this.list?.settle();
    this.update();
  }

  /**
   * Shows a tab of the list.
   * @param {string} show
   */
  show(show) {
    const list = this.list;
    if (!list) return undefined;
    this.#change({ show });
    list.loaded = false;
    return this.load();
  }

  /** The first channel with an unread reply, of the whole inbox where none is shown. */
  async firstUnread() {
    if (!this.nextUnread('')) {
      this.#shown.q = '';
      await this.show('all');
    }
    return this.nextUnread('');
  }

  #sort() {
    const list = this.list;
    if (!list) return;
    const order = list.sort === 'waiting' ? 'newest' : 'waiting';
    remember('order', order === 'newest' ? '' : order);
    this.#change({ order });
    this.say(`sorted_${order}`);
    this.load();
  }

  /**
   * Marks a row as done, or as open, as its button does.
   * @param {string} id
   */
  finish(id) {
    return this.#finishing.finish(id);
  }

  /**
   * The next channel with an unread reply, below a row or else above.
   * @param {string} id
   */
  nextUnread(id) {
    return this.list?.nextUnread(id);
  }

  /** The row that has the focus, or ''. */
  get focused() {
    const row = document.activeElement?.closest('.messenger-row');
    return row instanceof HTMLElement && this.contains(row) ? (row.dataset.key ?? '') : '';
  }

  /**
   * Moves the focus by so many rows, from where it is or from the channel that is open.
   * @param {number} by
   */
  move(by) {
    const ids = this.list?.shown.flatMap((group) => group.ids) ?? [];
    const at = ids.indexOf(this.focused || this.#current);
    const to = at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by));
    if (ids[to]) this.focusRow(ids[to]);
  }

  focusSearch() {
    this.one('.messenger-search-box')?.focus();
  }

  #clearSearch() {
    this.#search('');
    this.one('.messenger-search-box').focus();
  }

  /** @param {string} q */
  #search(q) {
    if (this.#shown.q === q) return;
    Object.assign(this.#shown, q.trim() ? { q, show: 'all' } : { q });
    this.#applyShown();
    this.update();
    this.soon('search', 200, () => {
      this.#change({});
      this.load();
    });
  }

  /**
   * @param {string|undefined} id
   * @param {MouseEvent} event
   */
  #selected(id, event) {
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const row = this.list?.rows.get(id);
    const message = row?.match?.message_id ?? '';
    const url = `?channel=${encodeURIComponent(id)}`;
    const detail = { to: 'channel', channel_id: id, client_id: row?.client_id, url };
    if (this.emit('messenger-navigate', detail, true)) this.tell('open', { id, message, q: message && this.list?.q });
  }

  /**
   * Moves the focus to a row.
   * @param {string} id
   */
  focusRow(id) {
    this.reach = id;
    this.render();
    this.one(`.messenger-row-link[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {string|undefined} id */
  #reached(id) {
    if (!id || id === this.reach) return;
    this.reach = id;
    this.update();
  }

  /** @param {any} event */
  #key(event) {
    const row = event.target.closest('.messenger-row');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.querySelectorAll('.messenger-row')];
    const at = rows.indexOf(row);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const to = moves[/** @type {'Home'} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, to))]?.querySelector('a')?.focus();
  }

  render() {
    const head = this.one('.messenger-list-head');
    if (!head) return;
    this.setAttribute('aria-label', this.t('messages'));
    morph(head, listHeadView(this));
    const box = this.one('.messenger-search-box');
    if (box.value !== this.#shown.q) box.value = this.#shown.q;
    const row = () => this.#current && this.one(`.messenger-row[data-key="${CSS.escape(this.#current)}"]`);
    const before = row()?.offsetTop;
    this.#renderRows(this.one('.messenger-items'));
    // The row of the channel that is open stays in view, wherever it goes.
    const now = row();
    if (now && now.offsetTop !== before) now.scrollIntoView({ block: 'nearest' });
    this.tell('shown');
  }

  /** @param {HTMLElement} items */
  #renderRows(items) {
    const { list } = this;
    list?.pin(this.#current);
    const pointed = this.#pointed && items.querySelector('.messenger-row:hover');
    const view = list?.view(Boolean(pointed || items.querySelector(':focus-visible')));
    const ids = view?.groups.flatMap((group) => group.ids) ?? [];
    if (!ids.includes(this.reach)) this.reach = ids.includes(this.#current) ? this.#current : (ids[0] ?? '');
    morph(items, rowsView(this, view));
  }
}
