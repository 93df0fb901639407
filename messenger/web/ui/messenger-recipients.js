// <messenger-recipients>: whom a new message is for. One client, several picked one by one or on a saved list, or
// whole lists.

import { itemsOf, query } from './api.js';
import { MessengerElement } from './element.js';
import { tickView } from './fields.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { searchLimit } from './limits.js';
import { morph } from './morph.js';
import { worded } from './names.js';

let pickers = 0;

/** Part of the dialog for a new message. Tells it: `changed` (somebody else is written to), `problem` (`words`). */
export class MessengerRecipients extends MessengerElement {
  /** @type {Messenger.Recipient[]} */
  #picked = [];
  /** @type {Set<string>} */
  #listed = new Set();
  /** @type {Messenger.Recipient[]|undefined} */
  #found;
  /** @type {Messenger.List[]|undefined} */
  #lists;
  /** The list whose clients are shown, to pick some of them; '' for none. */
  #opened = '';
  /** Its clients, as far as they are loaded; undefined before any is. @type {Messenger.Recipient[]|undefined} */
  #members;
  /** Where they go on. @type {string|undefined} */
  #more;
  #q = '';
  /** @type {AbortController|undefined} */
  #asking;
  #id = `messenger-new-${++pickers}`;

  actions = {
    choose: (/** @type {HTMLElement} */ { dataset }) => this.#open(dataset.list ?? ''),
    more: () => this.#loadMembers(),
    pick: (/** @type {HTMLElement} */ { dataset }) => this.#pick(dataset.id),
    unpick: (/** @type {HTMLElement} */ { dataset }) => this.#unpick(dataset.id),
  };

  start() {
    this.listen(this, 'input', ({ target }) => {
      if (target.matches('.messenger-input')) this.#search(target.value);
    });
    this.listen(this, 'change', ({ target }) => {
      if (target.name === 'list') this.#tick(target.value, target.checked);
      if (target.name === 'member') this.#tickOne(target.value, target.checked);
    });
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.update();
  }

  /** Who was picked one by one. */
  get picked() {
    return this.#picked;
  }

  /** The ids of the saved lists that were picked. */
  get listed() {
    return [...this.#listed];
  }

  /** The one client to write to; undefined for none and for several. */
  get onlyOne() {
    return this.#picked.length === 1 && this.#listed.size === 0 ? this.#picked[0] : undefined;
  }

  /** Whether anybody is to be written to. */
  get some() {
    return this.#picked.length + this.#listed.size > 0;
  }

  /** Begins with nobody. */
  clear() {
    this.#picked = [];
    this.#listed.clear();
    this.#opened = '';
    this.#changed();
  }

  /** Makes ready for somebody to look for clients. */
  begin() {
    this.#forget();
    this.render();
    this.#box?.focus();
    if (!this.#lists) this.#loadLists();
  }

  get #box() {
    return /** @type {HTMLInputElement|null} */ (this.one('.messenger-input'));
  }

  #changed() {
    this.render();
    this.tell('changed');
  }

  /** Empties the box and what it found. */
  #forget() {
    if (this.#box) this.#box.value = '';
    this.#q = '';
    this.#found = undefined;
  }

  /** @param {unknown} error */
  #failed(error) {
    this.tell('problem', { words: this.explain(error) });
  }

  async #loadLists() {
    try {
      this.#lists = itemsOf(await this.hub.api.get('/lists'));
    } catch (error) {
      this.#failed(error);
    }
    this.update();
  }

  /**
   * @param {string} list
   * @param {boolean} on
   */
  #tick(list, on) {
    if (on) this.#listed.add(list);
    else this.#listed.delete(list);
    this.#changed();
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  #tickOne(id, on) {
    const client = this.#members?.find((r) => r.id === id);
    this.#picked = this.#picked.filter((r) => r.id !== id);
    if (on && client) this.#picked.push(client);
    this.#changed();
  }

  /**
   * Shows the clients of a list, or no more those that are shown.
   * @param {string} list
   */
  #open(list) {
    this.#opened = list === this.#opened ? '' : list;
    this.#members = undefined;
    this.#more = undefined;
    this.update();
    if (this.#opened) return this.#loadMembers();
  }

  /** Loads the next clients of the list that is open. */
  #loadMembers() {
    const list = this.#opened;
    return this.once(`members ${list}`, async () => {
      const cursor = this.#more;
      const path = `/lists/${encodeURIComponent(list)}/clients${query({ cursor, limit: 100 })}`;
      try {
        const page = await this.hub.api.get(path);
        if (list !== this.#opened) return;
        this.#members = [...(this.#members ?? []), ...itemsOf(page)];
        this.#more = page.next;
      } catch (error) {
        this.#failed(error);
      }
      this.update();
    });
  }

  /** @param {string} q */
  #search(q) {
    this.#q = q.trim();
    this.#asking?.abort();
    if (this.#q) this.soon('find', 150, () => this.#find());
    else {
      this.notSoon('find');
      this.#found = undefined;
    }
    this.update();
  }

  async #find() {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      this.#found = itemsOf(await this.hub.api.call('POST', '/clients/search', { q: this.#q, limit: 8 }, { signal }));
      this.tell('problem', { words: '' });
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
    this.update();
  }

  /** @param {string|undefined} id */
  #pick(id) {
    const found = this.#found?.find((r) => r.id === id);
    if (!found) return;
    if (!this.#picked.some((r) => r.id === id)) this.#picked.push(found);
    this.#forget();
    this.#changed();
    this.#box?.focus();
  }

  /** @param {string|undefined} id */
  #unpick(id) {
    this.#picked = this.#picked.filter((r) => r.id !== id);
    this.#changed();
    this.#box?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const options = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.messenger-found button')]);
    const at = options.indexOf(/** @type {HTMLElement} */ (event.target));
    const inBox = event.target === this.#box;
    if (inBox && event.key === 'Enter') {
      event.preventDefault();
      if (options.length === 1) options[0].click();
      return;
    }
    const to = { ArrowDown: options[Math.min(at + 1, options.length - 1)], ArrowUp: options[at - 1] ?? this.#box };
    const next = to[/** @type {'ArrowUp'} */ (event.key)];
    if (!next || (at < 0 && !(inBox && event.key === 'ArrowDown'))) return;
    event.preventDefault();
    next.focus();
  }

  render() {
    const { t } = this;
    const id = `${this.#id}-find`;
    const found = this.#found;
    const hint = found ? t('new_found', { count: found.length }) : this.#picked.length ? '' : t('new_many_hint');
    const none = html`<div class="messenger-quiet" data-key="none">${worded(t, 'new_none', { q: this.#q })}</div>`;
    morph(
      this,
      html`<div class="messenger-field" data-key="find">
          <label for=${id}>${t('new_find')}</label>
          <input class="messenger-input" data-key="box" id=${id} type="search" dir="auto" maxlength=${searchLimit}
            autocomplete="off" spellcheck="false" aria-describedby="${id}-hint">
        </div>
        <div class=${found ? 'messenger-sr' : 'messenger-hint'} data-key="hint" id="${id}-hint" role="status">
          ${hint}
        </div>
        ${found?.length === 0 ? none : ''}
        ${found?.length ? this.#foundView(found) : ''}
        ${this.#picked.length ? this.#pickedView() : ''}
        ${this.#lists?.length ? this.#listsView(this.#lists) : ''}`,
    );
  }

  /** @param {Messenger.Recipient[]} found */
  #foundView(found) {
    return html`<div role="list" class="messenger-found" data-key="found">
      ${found.map((client) => this.#oneView(client))}
    </div>`;
  }

  /** @param {Messenger.Recipient} client */
  #oneView({ id, name, nhs_number: number, date_of_birth: born }) {
    const facts = this.#factsOf(number, born);
    return html`<div role="listitem" data-key=${id}>
      <button type="button" data-do="pick" data-id=${id}>
        <span><bdi>${name}</bdi></span><span class="messenger-found-facts">${facts}</span>
      </button>
    </div>`;
  }

  /**
   * What tells one client from another of the same name.
   * @param {string} [number]
   * @param {string} [born]
   */
  #factsOf(number, born) {
    const facts = [number, born && this.format.date(born)].filter(Boolean);
    return facts.map((fact, i) => html`${i ? ', ' : ''}<bdi>${fact}</bdi>`);
  }

  #pickedView() {
    return html`<div role="list" class="messenger-chips" data-key="chips" aria-label=${this.t('new_picked')}>
      ${this.#picked.map((client) => this.#chipView(client))}
    </div>`;
  }

  /** @param {Messenger.Recipient} client */
  #chipView({ id, name }) {
    const label = this.t('new_remove', { name });
    return html`<div role="listitem" data-key=${id}>
      <span><bdi>${name}</bdi></span>
      <button type="button" class="messenger-clear" data-do="unpick" data-id=${id} aria-label=${label}>
        ${icon('cross')}
      </button>
    </div>`;
  }

  /** @param {Messenger.List[]} lists */
  #listsView(lists) {
    const title = `${this.#id}-lists`;
    return html`<div class="messenger-lists" data-key="lists" role="region" aria-labelledby=${title}>
      <div class="messenger-strong" id=${title}>${this.t('new_lists')}</div>
      ${lists.map((list) => this.#listView(list))}
    </div>`;
  }

  /** @param {Messenger.List} list */
  #listView({ id, name, size }) {
    const label = [html`<bdi>${name}</bdi>`, typeof size === 'number' ? ` (${size})` : ''];
    const open = id === this.#opened;
    return html`<div data-key="list ${id}">
      <div class="messenger-line">
        ${tickView({ name: 'list', value: id, label, checked: this.#listed.has(id) })}
        <button type="button" class="messenger-link" data-do="choose" data-list=${id} aria-expanded=${String(open)}
          aria-label=${this.t('list_choose_of', { name })}>${this.t('list_choose')}</button>
      </div>
      ${open ? this.#membersView(name) : ''}
    </div>`;
  }

  /** @param {string} name of the list */
  #membersView(name) {
    const { t } = this;
    const one = (/** @type {Messenger.Recipient} */ { id, name: client, nhs_number: number, date_of_birth: born }) =>
      tickView({
        name: 'member',
        value: id,
        label: [html`<bdi>${client}</bdi>`, html` <span class="messenger-quiet">${this.#factsOf(number, born)}</span>`],
        checked: this.#picked.some((r) => r.id === id),
      });
    const more = html`<button type="button" class="messenger-link" data-do="more">${t('list_more')}</button>`;
    const loading = html`<div class="messenger-quiet" data-key="loading">${t('loading')}</div>`;
    return html`<div class="messenger-members" role="group" aria-label=${t('list_choose_of', { name })}>
      ${this.#members?.map(one) ?? loading}${this.#more ? more : ''}
    </div>`;
  }
}
