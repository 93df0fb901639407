// <messenger-list>: the left pane of the Messages page. Whose inbox, the search, what is shown of it, and the rows.

import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { previewLimit, searchLimit } from './limits.js';
import { List } from './list.js';
import { morph } from './morph.js';
import { lookingView } from './looking.js';
import { isolated, worded } from './names.js';
import { rowView } from './row.js';

const shows = /** @type {const} */ (['all', 'open', 'done', 'attention']);

/**
 * Part of the Messages page. Tells it: `begin` (nobody's inbox is known yet), `choose` (another inbox), `new` (a
 * message is to be written), `several` (what was written to several is to be seen), `texts` (the texts that wait are
 * to be seen), `open` (`id`, a channel was selected), `say`.
 */
export class MessengerList extends MessengerElement {
  /** @type {import('./colleagues.js').Colleagues|undefined} */
  colleagues;
  /** @type {List|undefined} */
  #list;
  #current = '';
  #problem = '';
  /** @type {AbortController|undefined} */
  #following;
  /** The row that Tab stops at. */
  #reach = '';
  #pointed = false;
  #loadingMore = false;

  actions = {
    open: (/** @type {HTMLElement} */ { dataset }, /** @type {MouseEvent} */ event) =>
      this.#selected(dataset.id, event),
    quick: (/** @type {HTMLElement} */ { dataset }) => this.#quick(dataset.id ?? ''),
    show: (/** @type {HTMLElement} */ { dataset }) => this.#show(dataset.show ?? 'all'),
    moved: () => this.settle(),
    more: () => this.#more(),
    new: () => this.tell('new'),
    several: () => this.tell('several'),
    texts: () => this.tell('texts'),
    clear: () => this.#clearSearch(),
    again: () => (this.#list ? this.load() : this.tell('begin')),
  };

  start() {
    this.#list = undefined;
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
    this.listen(this.hub, 'channel', ({ detail }) => this.#heard(detail.row));
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
    return this.#list?.staffId;
  }
  set staffId(staffId) {
    if (staffId === undefined || staffId === this.staffId) return;
    this.#list = new List(this.hub.api, staffId);
    this.#following?.abort();
    this.#following = new AbortController();
    if (!this.colleagues?.isOwn(staffId)) this.hub.follow(staffId, this.#following.signal);
    this.load();
  }

  /** @param {string} words */
  fail(words) {
    this.#problem = words;
    this.update();
  }

  /** @param {string} staffId */
  #choose(staffId) {
    this.tell('choose');
    this.staffId = staffId;
  }

  async load(more = false) {
    const list = this.#list;
    if (!list) return;
    this.update();
    try {
      await list.load(more);
      this.#problem = '';
    } catch (error) {
      const words = this.explain(error);
      if (!words) return;
      this.#problem = words;
      if (!more) this.againSoon(error, 'load', () => this.load());
    }
    this.update();
  }

  async #more() {
    if (!this.#list?.next || this.#loadingMore) return;
    this.#loadingMore = true;
    await this.load(true);
    this.#loadingMore = false;
  }

  /**
   * Takes a row as it is now; true when all that is shown can be told from it.
   * @param {Messenger.Row} row
   */
  take(row) {
    const list = this.#list;
    this.update();
    return !list?.loaded || row.staff_id !== list.staffId || list.apply(row);
  }

  /** @param {Messenger.Row} row */
  #heard(row) {
    if (!this.take(row)) this.soon('count', 200, () => this.#count());
  }

  async #count() {
    const list = this.#list;
    if (list?.q.trim()) return this.load();
    await list?.count().catch(() => {});
    this.update();
  }

  /**
   * The name of a channel's client, where the channel is in the list.
   * @param {string} id
   */
  clientOf(id) {
    return this.#list?.rows.get(id)?.client_name;
  }

  /** Shows the rows in their true order at once, whatever is pointed at. */
  settle() {
    this.#list?.settle();
    this.update();
  }

  /** @param {string} show */
  #show(show) {
    const list = this.#list;
    if (!list) return;
    list.show = /** @type {import('./list.js').Show} */ (show);
    list.loaded = false;
    this.load();
  }

  #clearSearch() {
    const box = this.one('.messenger-search-box');
    box.value = '';
    box.focus();
    this.#search('');
  }

  /** @param {string} q */
  #search(q) {
    const list = this.#list;
    if (!list || list.q === q) return;
    list.q = q;
    if (q.trim()) list.show = 'all';
    this.update();
    this.soon('search', 200, () => this.load());
  }

  /**
   * @param {string|undefined} id
   * @param {MouseEvent} event
   */
  #selected(id, event) {
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const url = `?channel=${encodeURIComponent(id)}`;
    const detail = { to: 'channel', channel_id: id, client_id: this.#list?.rows.get(id)?.client_id, url };
    if (this.emit('messenger-navigate', detail, true)) this.tell('open', { id });
  }

  /**
   * Marks as done or as open from the row; opens the channel where the row can't show all that is unread.
   * @param {string} id
   */
  async #quick(id) {
    const row = this.#list?.rows.get(id);
    if (!row) return;
    if (row.status === 'unread' && !this.#showsWhole(row)) return this.tell('open', { id });
    await this.once(`status ${id}`, async () => {
      try {
        this.say(await this.hub.toggleDone(row, row.last_message?.id), { name: row.client_name });
      } catch (error) {
        await this.#list?.load();
        throw error;
      }
    });
  }

  /**
   * Whether an unread row shows all that is unread, so that it may be marked as done from the list.
   * @param {Messenger.Row} row
   */
  #showsWhole({ id, unread_count: unread, last_message: last, match }) {
    if (unread > 1 || last?.direction !== 'inbound' || match?.field === 'message') return false;
    if ([...last.preview].length >= previewLimit) return false;
    const words = this.one(`.messenger-row[data-key="${CSS.escape(id)}"] .messenger-row-words`);
    const fits = (/** @type {number} */ all, /** @type {number} */ shown) => all <= shown + 1;
    return Boolean(words) && fits(words.scrollHeight, words.clientHeight) && fits(words.scrollWidth, words.clientWidth);
  }

  /**
   * Moves the focus to a row.
   * @param {string} id
   */
  focusRow(id) {
    this.#reach = id;
    this.render();
    this.one(`.messenger-row-link[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {string|undefined} id */
  #reached(id) {
    if (!id || id === this.#reach) return;
    this.#reach = id;
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
    morph(head, this.#headView());
    this.#renderRows(this.one('.messenger-items'));
  }

  #headView() {
    const { t } = this;
    return html`<div class="messenger-list-top">
        ${this.#whoseView()}
        <button type="button" class="messenger-button" data-do="new">${icon('plus')}${t('new_message')}</button>
      </div>
      ${this.#searchView()}
      <div class="messenger-shows" role="list" aria-label=${t('show')}>
        ${shows.map((show) => this.#showView(show))}
      </div>
      <button type="button" class="messenger-link messenger-several" data-do="several">${t('several')}</button>
      ${this.#textsView()}
      ${this.#lookingView()}
      ${this.#problem ? alertView(this.#problem, 'again', t('retry')) : ''}`;
  }

  /** The way to the texts that no conversation claims, while there are any. */
  #textsView() {
    const count = this.hub.me?.unmatched_count;
    if (!count) return '';
    return html`<button type="button" class="messenger-link messenger-several" data-key="texts" data-do="texts">
      ${icon('warning')} ${this.t('texts_waiting', { count })}
    </button>`;
  }

  /** Whose inbox it is, and whose may be chosen. */
  #whoseView() {
    const { t, colleagues, hub } = this;
    const me = hub.me?.staff.id;
    const others = colleagues?.others ?? [];
    if (!me || !others.length) {
      return html`<div role="heading" aria-level="2" class="messenger-list-title">${t('inbox_own')}</div>`;
    }
    const shown = this.staffId ?? me;
    const title = shown === me ? t('inbox_own') : t('inbox_of', { name: colleagues?.nameOf(shown, t) ?? '' });
    return html`<div role="heading" aria-level="2" class="messenger-sr">${title}</div>
      <label class="messenger-inbox-label"><span class="messenger-sr">${t('inbox_choose')}</span>
        <select class="messenger-inbox-choice">
          <option value=${me} selected=${shown === me}>${t('inbox_own')}</option>
          ${others.map((inbox) => this.#optionView(inbox, shown === inbox.staff_id))}
        </select>
      </label>`;
  }

  /**
   * @param {Messenger.Inbox} inbox
   * @param {boolean} selected
   */
  #optionView({ staff_id: id, name, unread: count }, selected) {
    const whose = this.t('inbox_of', { name: isolated(name) });
    const words = count ? this.t('inbox_option', { name: whose, count }) : whose;
    return html`<option value=${id} selected=${selected}>${words}</option>`;
  }

  #searchView() {
    const { t } = this;
    const clear = html`<button type="button" class="messenger-clear" data-do="clear" aria-label=${t('search_clear')}>
      ${icon('cross')}
    </button>`;
    return html`<div class="messenger-search">
      ${icon('search')}
      <input type="search" class="messenger-search-box" dir="auto" aria-label=${t('search')} placeholder=${t('search')}
        maxlength=${searchLimit} autocomplete="off" spellcheck="false">
      ${this.#list?.q ? clear : ''}
    </div>`;
  }

  /** @param {import('./list.js').Show} show */
  #showView(show) {
    const number = this.#list?.numberOf(show);
    const on = (this.#list?.show ?? 'all') === show;
    return html`<div role="listitem">
      <button type="button" class="messenger-show" data-do="show" data-show=${show} aria-pressed=${String(on)}>
        ${this.t(`show_${show}`)}
        ${number === undefined ? '' : html`<span class="messenger-number">${number}</span>`}
      </button>
    </div>`;
  }

  /** What may be done in a colleague's inbox, while no channel says so. */
  #lookingView() {
    const { colleagues, staffId } = this;
    if (!colleagues || !this.hub.me || staffId === undefined || colleagues.isOwn(staffId) || this.#current) return '';
    return lookingView(this, colleagues, staffId);
  }

  /** @param {HTMLElement} items */
  #renderRows(items) {
    const list = this.#list;
    const pointed = this.#pointed && items.querySelector('.messenger-row:hover');
    const view = list?.view(Boolean(pointed || items.querySelector(':focus-visible')));
    const ids = view?.groups.flatMap((group) => group.ids) ?? [];
    if (!ids.includes(this.#reach)) this.#reach = ids.includes(this.#current) ? this.#current : (ids[0] ?? '');
    morph(
      items,
      html`${view?.moved ? this.#buttonView('messenger-moved', 'moved', 'list_moved') : ''}
        ${list?.loaded && view && ids.length ? view.groups.map((group) => this.#groupView(group)) : this.#emptyView()}
        ${list?.next ? this.#buttonView('messenger-link messenger-more', 'more', 'load_more') : ''}`,
    );
  }

  #emptyView() {
    const list = this.#list;
    if (!list?.loaded) {
      return this.#problem ? '' : html`<div class="messenger-empty" data-key="loading">${this.t('loading')}</div>`;
    }
    const q = list.q.trim();
    const words = q ? worded(this.t, 'empty_search', { q }) : this.t(`empty_${list.show}`);
    return html`<div class="messenger-empty" data-key="empty">${words}</div>`;
  }

  /**
   * @param {string} look
   * @param {string} does
   * @param {string} words
   */
  #buttonView(look, does, words) {
    return html`<button type="button" class=${look} data-key=${does} data-do=${does}>${this.t(words)}</button>`;
  }

  /** @param {{name: string, ids: string[]}} group */
  #groupView({ name, ids }) {
    const title = this.t(`group_${name}`);
    const rows = ids.flatMap((id) => this.#list?.rows.get(id) ?? []);
    const q = this.#list?.q.trim() ?? '';
    return html`<div class="messenger-group" data-key="group ${name}">
      <div class="messenger-group-title" role="heading" aria-level="3">${title}</div>
      <div role="list" aria-label=${title}>${rows.map((row) => rowView(this, row, row.id === this.#reach, q))}</div>
    </div>`;
  }
}
