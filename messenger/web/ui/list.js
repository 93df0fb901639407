// The list of the Messages page: the channels of one inbox, which of them are shown, and in which order.

import { itemsOf, query } from './api.js';
import { alertView } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';
import { rowView } from './row.js';

/** @typedef {'all'|'open'|'done'|'attention'} Show */

const shows = /** @type {const} */ (['all', 'open', 'done', 'attention']);
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
    const counts = /** @type {Record<string, number>} */ (this.counts);
    counts[old.status]--;
    counts[row.status]++;
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
      return [{ name: 'attention', ids: rows.filter((r) => r.attention.length > 0).map((r) => r.id) }].filter(
        (g) => g.ids.length,
      );
    }
    const wanted = this.show === 'all' ? statuses : this.show === 'open' ? statuses.slice(0, 2) : statuses.slice(2);
    return wanted
      .map((name) => ({ name, ids: rows.filter((r) => r.status === name).map((r) => r.id) }))
      .filter((group) => group.ids.length > 0);
  }
}

/** @param {Messenger.Row} row */
const active = (row) => row.last_message?.at ?? row.created_at;

/** The left pane: whose inbox, the search, what is shown of it, and the rows. */
export class ListPane {
  /** @type {List|undefined} */
  list;
  /** @type {AbortController|undefined} */
  #following;
  /** The row that Tab stops at. */
  #reach = '';
  #pointed = false;
  #loading = false;
  #searching = 0;
  #counting = 0;

  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  start() {
    const { page } = this;
    this.list = undefined;
    const items = page.one('.messenger-items');
    page.listen(page, 'keydown', (event) => this.#key(event));
    page.listen(page, 'input', ({ target }) => target.matches('.messenger-search-box') && this.#search(target.value));
    page.listen(
      page,
      'change',
      ({ target }) => target.matches('.messenger-inbox-choice') && this.#choose(target.value),
    );
    page.listen(items, 'pointerover', (event) => (this.#pointed = event.pointerType === 'mouse'));
    page.listen(items, 'pointerleave', () => ((this.#pointed = false), page.update()));
    page.listen(items, 'focusout', () => page.update());
    page.listen(items, 'focusin', ({ target }) => this.#reached(target.closest('.messenger-row')?.dataset.key));
    page.listen(items, 'scroll', () => items.scrollHeight - items.scrollTop - items.clientHeight < 300 && this.more());
  }

  /**
   * Shows somebody's inbox, and follows it.
   * @param {string} staffId
   */
  async use(staffId) {
    if (this.list?.staffId === staffId) return;
    const { hub, signal } = this.page;
    this.list = new List(hub.api, staffId);
    this.#following?.abort();
    this.#following = new AbortController();
    signal.addEventListener('abort', () => this.#following?.abort());
    if (staffId !== hub.me?.staff.id) hub.follow(staffId, this.#following.signal);
    await this.load();
  }

  /** @param {string} staffId */
  async #choose(staffId) {
    if (this.page.channel) this.page.openChannel('');
    this.page.setPane('list');
    await this.use(staffId);
    this.page.update();
  }

  async load(more = false) {
    const { page, list } = this;
    if (!list) return;
    try {
      await list.load(more);
      page.problem.list = '';
    } catch (error) {
      const words = page.explain(error);
      if (!words) return;
      page.problem.list = words;
    }
    page.update();
  }

  async more() {
    if (!this.list?.next || this.#loading) return;
    this.#loading = true;
    await this.load(true);
    this.#loading = false;
  }

  /**
   * Takes a row that has changed.
   * @param {Messenger.Row} row
   */
  heard(row) {
    const list = this.list;
    if (!list?.loaded || row.staff_id !== list.staffId || list.apply(row)) return;
    clearTimeout(this.#counting);
    this.#counting = window.setTimeout(
      () =>
        list.q.trim()
          ? this.load()
          : list.count().then(
              () => this.page.update(),
              () => {},
            ),
      200,
    );
  }

  /** @param {string} show */
  filter(show) {
    const list = this.list;
    if (!list) return;
    list.show = /** @type {Show} */ (show);
    list.loaded = false;
    this.page.update();
    this.load();
  }

  clearSearch() {
    const box = this.page.one('.messenger-search-box');
    box.value = '';
    box.focus();
    this.#search('');
  }

  /** @param {string} q */
  #search(q) {
    const list = this.list;
    if (!list || list.q === q) return;
    list.q = q;
    if (q.trim()) list.show = 'all';
    this.page.update();
    clearTimeout(this.#searching);
    this.#searching = window.setTimeout(() => this.load(), 200);
  }

  /**
   * @param {string} id
   * @param {MouseEvent} event
   */
  opened(id, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (
      this.page.emit(
        'messenger-navigate',
        {
          to: 'channel',
          channel_id: id,
          client_id: this.list?.rows.get(id)?.client_id,
          url: `?channel=${encodeURIComponent(id)}`,
        },
        true,
      )
    )
      this.#open(id);
  }

  /**
   * Opens a channel, and moves the focus into it unless it has gone elsewhere meanwhile.
   * @param {string} id
   */
  async #open(id) {
    const { page } = this;
    await page.openChannel(id);
    const at = document.activeElement;
    if (page.channel === id && (at === document.body || at?.closest('.messenger-row')))
      page.one('.messenger-title')?.focus({ preventScroll: true });
  }

  /**
   * Marks as done or as open from the row.
   * @param {string} id
   */
  async quick(id) {
    const { page, list } = this;
    const row = list?.rows.get(id);
    if (!row) return;
    if (row.status === 'unread' && !this.#showsWhole(row)) return this.#open(id);
    await page.once(`status ${id}`, async () => {
      try {
        await page.toggleDone(row, row.last_message?.id);
      } catch (error) {
        page.problem.list = page.explain(error);
        await list?.load();
      }
    });
  }

  /**
   * Whether an unread row shows all that is unread, so that it may be marked as done from the list.
   * @param {Messenger.Row} row
   */
  #showsWhole(row) {
    if (
      row.unread_count > 1 ||
      row.last_message?.direction !== 'inbound' ||
      [...row.last_message.preview].length >= 140 ||
      row.match?.field === 'message'
    )
      return false;
    const words = this.page.one(`.messenger-row[data-key="${CSS.escape(row.id)}"] .messenger-row-words`);
    return Boolean(words) && words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1;
  }

  /**
   * Moves the focus to a row.
   * @param {string} id
   */
  focus(id) {
    this.#reach = id;
    this.page.render();
    this.page.one(`.messenger-row-link[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {string|undefined} id */
  #reached(id) {
    if (!id || id === this.#reach) return;
    this.#reach = id;
    this.page.update();
  }

  /** @param {any} event */
  #key(event) {
    const row = event.target.closest('.messenger-row');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.page.querySelectorAll('.messenger-row')];
    const at = rows.indexOf(row);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[/** @type {string} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, to))]?.querySelector('a')?.focus();
  }

  render() {
    const { list, page } = this;
    const { t, hub } = page;
    page.one('.messenger-list').setAttribute('aria-label', t('messages'));
    const me = hub.me?.staff.id;
    const others = page.inboxes.filter((i) => i.staff_id !== me);
    const staffId = list?.staffId ?? me ?? '';
    const own = staffId === me;
    const name = page.nameOf(staffId);
    morph(
      page.one('.messenger-list-head'),
      html`<div class="messenger-list-top">
        ${
          others.length && me
            ? html`<h2 class="messenger-sr">${own ? t('inbox_own') : t('inbox_of', { name })}</h2><label class="messenger-inbox-label"><span class="messenger-sr">${t('inbox_choose')}</span><select class="messenger-inbox-choice">
          <option value=${me} selected=${own}>${t('inbox_own')}</option>
          ${others.map((i) => html`<option value=${i.staff_id} selected=${staffId === i.staff_id}>${i.unread ? t('inbox_option', { name: t('inbox_of', { name: i.name }), count: i.unread }) : t('inbox_of', { name: i.name })}</option>`)}
        </select></label>`
            : html`<h2 class="messenger-list-title">${t('inbox_own')}</h2>`
        }
        <button type="button" class="messenger-button" data-do="new">${icon('plus')}${t('new_message')}</button>
      </div>
      <div class="messenger-search" role="search">${icon('search')}<input type="search" class="messenger-search-box" aria-label=${t('search')} placeholder=${t('search')} maxlength="200" autocomplete="off" spellcheck="false">
        ${list?.q ? html`<button type="button" class="messenger-clear" data-do="clear-search" aria-label=${t('search_clear')}>${icon('cross')}</button>` : ''}</div>
      <div class="messenger-shows" role="group" aria-label=${t('show')}>${shows.map((show) => this.#showView(show))}</div>
      ${me && !own && !page.channel ? html`<p class="messenger-note" data-look="look">${icon('person')}<span>${t(page.mayActIn(staffId) ? 'looking_act' : 'looking_only', { name })}</span></p>` : ''}
      ${page.problem.list ? alertView(page.problem.list, 'again-list', t('retry')) : ''}`,
    );
    this.#renderRows();
  }

  /** @param {Show} show */
  #showView(show) {
    const counts = this.list?.counts;
    const number =
      counts &&
      {
        all: counts.unread + counts.open + counts.done,
        open: counts.unread + counts.open,
        done: counts.done,
        attention: counts.attention,
      }[show];
    const on = (this.list?.show ?? 'all') === show;
    return html`<button type="button" class="messenger-show" data-do="show" data-show=${show} aria-pressed=${String(on)}>${this.page.t(`show_${show}`)} ${number === undefined ? '' : html`<span class="messenger-number">${number}</span>`}</button>`;
  }

  #renderRows() {
    const { list, page } = this;
    const { t } = page;
    const items = page.one('.messenger-items');
    const held =
      (this.#pointed && items.querySelector('.messenger-row:hover')) || items.querySelector(':focus-visible');
    const view = list?.view(Boolean(held));
    const ids = view?.groups.flatMap((g) => g.ids) ?? [];
    if (!ids.includes(this.#reach)) this.#reach = ids.includes(page.channel) ? page.channel : (ids[0] ?? '');
    const q = list?.q.trim() ?? '';
    morph(
      items,
      html`${view?.moved ? html`<button type="button" class="messenger-moved" data-key="moved" data-do="moved">${t('list_moved')}</button>` : ''}
      ${!list?.loaded && !page.problem.list ? html`<p class="messenger-empty" data-key="loading">${t('loading')}</p>` : ''}
      ${list?.loaded && !ids.length ? html`<p class="messenger-empty" data-key="empty">${q ? t('empty_search', { q }) : t(`empty_${list.show}`)}</p>` : ''}
      ${
        list?.loaded && view
          ? view.groups.map(
              (
                group,
              ) => html`<section class="messenger-group" data-key="group ${group.name}" aria-label=${t(`group_${group.name}`)}>
        <h3 class="messenger-group-title">${t(`group_${group.name}`)}</h3>
        <ul>${group.ids.map((id) => rowView(page, list.rows.get(id), id === this.#reach, q))}</ul></section>`,
            )
          : ''
      }
      ${list?.next ? html`<button type="button" class="messenger-link messenger-more" data-key="more" data-do="more">${t('load_more')}</button>` : ''}`,
    );
  }
}
