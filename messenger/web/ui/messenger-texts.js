// <messenger-texts>: the dialog behind 'Texts to sort'. The texts from clients that no conversation claims, how long
// each has waited, whose it may be, and the way back where one was put into the wrong conversation.

import { itemsOf, query } from './api.js';
import { MessengerDialog } from './dialog.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { noteLimit, searchLimit } from './limits.js';
import { readable, worded } from './names.js';

/** How long a text may wait until the dialog warns of it, in milliseconds. */
const tooLong = 8 * 60 * 60 * 1000;

/** @typedef {{q: string, clients: {id: string, name: string}[]}} Found */

/** Part of the Messages page. */
export class MessengerTexts extends MessengerDialog {
  /** @type {Messenger.Unmatched[]|undefined} */
  #items;
  /** @type {string|undefined} */
  #next;
  /** Where each went that was sorted here, by the text's id. @type {Map<string, string>} */
  #sorted = new Map();
  /** Clients that were found for a text, and for which words. @type {Map<string, Found>} */
  #found = new Map();
  /** What is looked for, by the text's id. @type {Map<string, AbortController>} */
  #finding = new Map();
  /** The text whose reason is missing. */
  #missing = '';

  actions = {
    close: () => this.leave(),
    again: () => this.again(),
    more: () => this.#load(true),
    channel: (/** @type {HTMLElement} */ { dataset }) =>
      this.#assign(dataset.id ?? '', dataset.name ?? '', { channel_id: dataset.channel }),
    client: (/** @type {HTMLElement} */ { dataset }) =>
      this.#assign(dataset.id ?? '', dataset.name ?? '', { client_id: dataset.client }),
    undo: (/** @type {HTMLElement} */ { dataset }) => this.#undo(dataset.id ?? ''),
  };

  start() {
    super.start();
    this.listen(this, 'input', ({ target }) => {
      const id = target.dataset.find;
      if (id) this.#seek(id, target.value);
    });
    for (const type of ['unmatched', 'reset']) {
      this.listen(this.hub, type, () => this.loadSoon(() => this.#load()));
    }
  }

  /** Opens it: what was typed for a text that still waits is there. */
  open() {
    const waiting = this.#items?.filter(({ id }) => !this.#sorted.has(id));
    this.#items = waiting?.length ? waiting : undefined;
    this.#sorted.clear();
    this.#found.clear();
    this.#finding.clear();
    super.open();
    return this.#load();
  }

  #load(more = false) {
    const { opened: signal } = this;
    return this.once(more ? 'more' : 'load', async () => {
      const path = `/unmatched${query({ limit: 20, cursor: more ? this.#next : undefined })}`;
      const page = await this.hub.api.get(path, { signal });
      const list = /** @type {Messenger.Unmatched[]} */ (itemsOf(page));
      const kept = more ? (this.#items ?? []) : (this.#items ?? []).filter(({ id }) => this.#sorted.has(id));
      const known = new Set(list.map(({ id }) => id));
      for (const id of more ? [] : known) this.#sorted.delete(id);
      this.#items = [...kept.filter(({ id }) => !known.has(id)), ...list];
      this.#next = page.next;
      // What had the focus may be gone with its text.
      if (this.isOpen) this.#refocus('');
    });
  }

  /**
   * Looks for a client in a moment. What was found for other words is not for these, nor what is still to come.
   * @param {string} id
   * @param {string} q
   */
  #seek(id, q) {
    this.#finding.get(id)?.abort();
    this.#found.delete(id);
    const finding = new AbortController();
    if (q.trim()) this.#finding.set(id, finding);
    else this.#finding.delete(id);
    this.soon(`find ${id}`, 200, () => this.#find(id, q, AbortSignal.any([finding.signal, this.opened])));
    this.update();
  }

  /**
   * @param {string} id
   * @param {string} q
   * @param {AbortSignal} signal
   */
  #find(id, q, signal) {
    return this.once(`find ${id}`, async () => {
      if (!q.trim()) return;
      const page = await this.hub.api.call('POST', '/clients/search', { q, limit: 5 }, { signal });
      this.#found.set(id, { q, clients: itemsOf(page) });
    });
  }

  /**
   * Puts a text where it belongs. Where nobody texted that number from there, a reason is asked for.
   * @param {string} id
   * @param {string} name
   * @param {{channel_id?: string, client_id?: string}} to
   */
  async #assign(id, name, to) {
    const box = /** @type {HTMLTextAreaElement|null} */ (this.querySelector(`[data-reason="${CSS.escape(id)}"]`));
    const reason = box?.value.trim() ?? '';
    if (to.client_id && !reason) return this.#want(id);
    await this.act(`sort ${id}`, async () => {
      await this.#ask(id, 'assign', { ...to, reason });
      this.#sorted.set(id, name);
      this.#missing = '';
      this.say('text_sorted', { name });
    });
    this.#refocus(id);
  }

  /**
   * What the server does not do may be done already: the list is asked for anew.
   * @param {string} id
   * @param {'assign'|'unassign'} what
   * @param {object} body
   */
  #ask(id, what, body) {
    return this.hub.api.call('POST', `/unmatched/${encodeURIComponent(id)}/${what}`, body).catch((error) => {
      this.loadSoon(() => this.#load());
      throw error;
    });
  }

  /** @param {string} id of the text whose reason is wanted */
  #want(id) {
    this.#missing = id;
    this.render();
    this.one(`[data-reason="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {string} id */
  async #undo(id) {
    await this.act(`sort ${id}`, async () => {
      await this.#ask(id, 'unassign', {});
      this.#sorted.delete(id);
    });
    this.#refocus(id);
  }

  /**
   * Leaves the focus in the dialog when what had it is gone.
   * @param {string} id
   */
  #refocus(id) {
    this.render();
    if (document.activeElement !== document.body) return;
    const there = this.one(`[data-key="${CSS.escape(id)}"] button`) ?? this.one('[data-do="close"]');
    there?.focus();
  }

  render() {
    const { t } = this;
    const items = this.#items?.map((item) => this.#itemView(item));
    const hint = html`<div class="messenger-hint">${t('texts_hint')}</div>`;
    this.frame(t('texts'), hint, items, t('texts_empty'), Boolean(this.#next));
  }

  /** @param {Messenger.Unmatched} text */
  #itemView(text) {
    const { t, format } = this;
    const { id, from, body, at, may_assign: may } = text;
    const age = this.hub.api.now() - Date.parse(at);
    const warning = html`<div class="messenger-strong">${icon('warning')} ${t('text_waits')}</div>`;
    return html`<div role="listitem" class="messenger-broadcast" data-key=${id}>
      <div class="messenger-broadcast-head">
        ${icon('sms')}
        <span class="messenger-strong">${from ? worded(t, 'text_from', { number: from }) : t('text_from_hidden')}</span>
        <span class="messenger-quiet">${format.when(at)}</span>
      </div>
      ${age > tooLong && !this.#sorted.has(id) ? warning : ''}
      <div class="messenger-body" dir="auto">${may ? readable(body ?? '', t) : t('text_not_yours')}</div>
      ${this.#sorted.has(id) ? this.#sortedView(id) : may ? this.#sortView(text) : ''}
    </div>`;
  }

  /** @param {string} id */
  #sortedView(id) {
    const { t } = this;
    return html`<div class="messenger-line" data-key="sorted">
      <span>${worded(t, 'text_sorted', { name: this.#sorted.get(id) ?? '' })}</span>
      <button type="button" class="messenger-link" data-do="undo" data-id=${id}>${t('undo')}</button>
    </div>`;
  }

  /** @param {Messenger.Unmatched} text */
  #sortView({ id, candidates }) {
    const { t } = this;
    const wrong = this.#missing === id;
    const said = `${this.titleId}-${id}`;
    const error = html`<div class="messenger-error" data-key="error" id=${said}>${t('text_reason_missing')}</div>`;
    return html`<div data-key="sort">
      ${candidates.map((one) => this.#buttonView(id, one.client_name, 'channel', one.channel_id))}
      <label class="messenger-label">${t('text_find')}
        <input type="search" class="messenger-input" data-find=${id} dir="auto" maxlength=${searchLimit}
          autocomplete="off" spellcheck="false">
      </label>
      <label class="messenger-label">${t('text_reason')}
        <textarea class="messenger-input" rows="2" dir="auto" data-reason=${id} maxlength=${noteLimit}
          aria-invalid=${String(wrong)} aria-describedby=${wrong ? said : undefined}></textarea>
      </label>
      ${wrong ? error : ''}
      <div class="messenger-quiet" role="status" data-key="finding">${this.#findingWords(id)}</div>
      ${this.#found.get(id)?.clients.map((one) => this.#buttonView(id, one.name, 'client', one.id))}
    </div>`;
  }

  /** @param {string} id */
  #findingWords(id) {
    const { t } = this;
    const found = this.#found.get(id);
    if (found) return found.clients.length ? '' : t('new_none', { q: found.q });
    return this.#finding.has(id) && !this.problem ? t('loading') : '';
  }

  /**
   * @param {string} id the text's
   * @param {string} name
   * @param {'channel'|'client'} kind
   * @param {string} to
   */
  #buttonView(id, name, kind, to) {
    return html`<div class="messenger-line" data-key="${kind}-${to}">
      <button type="button" class="messenger-button" data-kind="second" data-do=${kind} data-id=${id} data-name=${name}
        data-channel=${kind === 'channel' ? to : ''} data-client=${kind === 'client' ? to : ''}>
        ${worded(this.t, 'text_put', { name })}
      </button>
    </div>`;
  }
}
