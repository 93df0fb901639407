// Who did not get a message to several clients, and another try for all of them.

import { ApiError, errorWords, itemsOf, query } from './api.js';
import { reasonWords, wordsOr } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { pageAddress } from './place.js';

let lists = 0;

/** The failed messages of one broadcast, as far as they are loaded. */
export class Failed {
  /** Undefined until they are loaded. @type {Messenger.Needed[]|undefined} */
  items;
  /** @type {string|undefined} */
  next;
  /** By what its requests are held apart from those of another. */
  key = `failed ${++lists}`;
  /** What came of another try, by message. @type {Map<string, Messenger.ActResult>} */
  #results = new Map();

  /**
   * @param {import('./dialog.js').MessengerDialog} element whose hub asks
   * @param {string} id the broadcast's
   */
  constructor(element, id) {
    this.element = element;
    this.id = id;
    this.path = `/broadcasts/${encodeURIComponent(id)}`;
  }

  /** Loads the first page, or the next one. */
  async load() {
    const { hub, opened: signal } = this.element;
    const page = await hub.api.get(`${this.path}/failed${query({ limit: 100, cursor: this.next })}`, { signal });
    this.items = [...(this.items ?? []), ...itemsOf(page)];
    this.next = page.next;
  }

  /** Tries all of them again, those too that are not loaded. */
  async retry() {
    let cursor;
    do {
      const path = `${this.path}/retry${query({ cursor })}`;
      const { results, next } = await this.element.hub.api.call('POST', path, undefined, { patience: 60_000 });
      for (const result of results) this.#results.set(result.id, result);
      cursor = next;
    } while (cursor && this.element.isConnected);
  }

  /** Whether there is one that can be tried again. */
  get retries() {
    return Boolean(this.items?.some(({ id, can }) => can.includes('retry') && !this.#results.has(id)));
  }

  view() {
    const { t } = this.element;
    const retry = html`<button type="button" class="messenger-button" data-kind="second" data-do="retry"
      data-id=${this.id}>${t('failed_retry')}</button>`;
    const more = html`<button type="button" class="messenger-link" data-do="more-failed" data-id=${this.id}>
      ${t('load_more')}
    </button>`;
    return html`<div role="list" class="messenger-skipped">${this.items?.map((item) => this.#itemView(item))}</div>
      <div class="messenger-line">${this.retries ? retry : ''} ${this.next ? more : ''}</div>`;
  }

  /** @param {Messenger.Needed} item */
  #itemView({ id, channel, message, reason }) {
    const { t } = this.element;
    const why = reasonWords(t, message?.delivery.reason) || wordsOr(t, `attention_${reason}`, '');
    const came = this.#results.has(id) ? this.#cameView(id) : undefined;
    const address = pageAddress({ channel: channel?.id ?? '', message: id, view: '' }).href;
    return html`<div role="listitem" data-key=${id}>
      <a class="messenger-link" href=${address} data-do="open" data-id=${id}
        data-channel=${channel?.id}><bdi>${channel?.client_name}</bdi></a>: ${came ?? why}
    </div>`;
  }

  /** @param {string} id */
  #cameView(id) {
    const { t } = this.element;
    const { ok, code = 'internal' } = this.#results.get(id) ?? {};
    return ok ? html`${icon('tick')} ${t('retrying')}` : errorWords(t, new ApiError(code, 0));
  }
}
