// <messenger-notifications>: the bell. Own channels with a reply since they were last done, unread and
// read, and those with a message that was not delivered.

import { itemsOf, query } from './api.js';
import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { mayBeDoneAt } from './later.js';
import { morph } from './morph.js';
import { readable } from './names.js';
import { icon } from './icons.js';
import { coveredView, lastWordsView, topView } from './row.js';

/** Loads its list when it is opened, and again while it is open and something changes. */
export class MessengerNotifications extends MessengerElement {
  /** @type {Messenger.Notification[]|undefined} */
  #items;
  /** @type {string|undefined} */
  #next;
  #open = false;
  #problem = '';
  /** Why something that was asked for was not done: no answer that comes by itself takes that away. */
  #refused = '';
  #said = '';
  #asked = 0;

  actions = {
    toggle: () => (this.#open ? this.#close(true) : this.#show()),
    retry: () => this.#load(),
    more: () => this.#load(true),
    complete: (/** @type {HTMLElement} */ { dataset }) => this.#complete(dataset.id),
    go: (/** @type {HTMLElement} */ { dataset }, /** @type {MouseEvent} */ event) => this.#go(dataset.id, event),
  };

  start() {
    const { hub, signal } = this;
    this.listen(hub, 'me', () => this.update());
    for (const type of ['channel', 'reset']) {
      this.listen(hub, type, ({ detail }) => this.#changed(detail.inbox));
    }
    this.listen(hub, 'message', ({ detail }) => this.#announce(detail));
    this.listen(hub, 'another', () => {
      this.#items = this.#next = undefined;
      this.#said = this.#refused = this.#problem = '';
      this.#asked++;
      this.#close(false);
      this.update();
    });
    hub.follow('', signal);
    hub.whoAmI().then(
      () => this.update(),
      (error) => this.explain(error),
    );
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.listen(this, 'focusout', (event) => {
      if (event.relatedTarget instanceof Node && !this.contains(event.relatedTarget)) this.#close(false);
    });
    this.listen(document, 'pointerdown', (event) => {
      if (this.#open && event.target instanceof Node && !this.contains(event.target)) this.#close(false);
    });
    this.update();
  }

  /** @param {string} inbox */
  #changed(inbox) {
    if (inbox !== '' || !this.#open) return;
    this.soon('load', 150, () => this.#load());
  }

  /** @param {{inbox: string, message: Messenger.Message}} detail */
  #announce({ inbox, message }) {
    if (inbox !== '' || message.direction !== 'inbound' || message.read || document.querySelector('messenger-inbox'))
      return;
    this.#said = this.t('new_reply', { name: message.author.name ?? '' });
    this.update();
  }

  async #load(more = false) {
    const asked = ++this.#asked;
    try {
      const page = await this.hub.api.get(
        `/notifications${query({ limit: 20, cursor: more ? this.#next : undefined })}`,
      );
      if (asked !== this.#asked) return;
      this.#items = more ? [...(this.#items ?? []), ...itemsOf(page)] : itemsOf(page);
      this.#next = page.next;
      this.#problem = '';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#problem = this.explain(error);
    }
    this.update();
  }

  #show() {
    this.#open = true;
    this.#refused = '';
    this.#load();
    this.render();
    this.one('.messenger-bell-list')?.focus();
  }

  /** @param {boolean} focus */
  #close(focus) {
    if (!this.#open) return;
    this.#open = false;
    this.render();
    if (focus) this.one('.messenger-bell')?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Escape' && this.#open) this.#close(true);
  }

  /** @param {string|undefined} id of a channel */
  #item(id) {
    return this.#items?.find((item) => item.channel_id === id);
  }

  /**
   * @param {string|undefined} id
   * @param {MouseEvent} event
   */
  #go(id, event) {
    const item = this.#item(id);
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const detail = { to: 'channel', channel_id: item.channel_id, client_id: item.client_id, url: item.url };
    const inbox = /** @type {import('./messenger-inbox.js').MessengerInbox|null} */ (
      document.querySelector('messenger-inbox')
    );
    if (!this.emit('messenger-navigate', detail, true)) event.preventDefault();
    else if (inbox) {
      event.preventDefault();
      inbox.openChannel(item.channel_id);
    }
    this.#close(false);
  }

  /** @param {string} words */
  fail(words) {
    this.#refused = words;
    this.update();
  }

  /** @param {string|undefined} id */
  async #complete(id) {
    const item = this.#item(id);
    if (!item) return;
    await this.once(`complete ${id}`, async () => {
      try {
        if (!(await mayBeDoneAt(this, item.channel_id))) return;
        await this.hub.setStatus(item.channel_id, 'done', item.last_message.id);
        this.#items = this.#items?.filter((n) => n !== item);
        this.#said = this.t('completed', { name: item.client_name });
      } catch (error) {
        await this.#load();
        throw error;
      }
    });
    this.render();
    this.one('.messenger-bell-list')?.focus();
  }

  render() {
    const { t } = this;
    const count = this.hub.me?.unread_count ?? 0;
    const label = count ? t('notifications_count', { count }) : t('notifications');
    const number = html`<span class="messenger-count" aria-hidden="true">${count > 99 ? '99+' : count}</span>`;
    morph(
      this,
      html`<button type="button" class="messenger-bell" data-do="toggle" aria-expanded=${String(this.#open)}
          aria-haspopup="dialog" aria-label=${label}>${icon('bell')}${count ? number : ''}</button>
        <div class="messenger-sr" role="status">${this.#said}</div>
        ${this.#open ? this.#listView() : ''}`,
    );
  }

  #listView() {
    const { t } = this;
    const items = this.#items;
    const empty = t(items ? 'notifications_empty' : 'loading');
    const more = html`<button type="button" class="messenger-link messenger-more" data-do="more">
      ${t('load_more')}
    </button>`;
    return html`<div class="messenger-bell-list" role="dialog" aria-label=${t('notifications')} tabindex="-1">
      <div role="heading" aria-level="2" class="messenger-bell-title">${t('notifications')}</div>
      ${this.#refused ? alertView(this.#refused) : this.#problem ? alertView(this.#problem, 'retry', t('retry')) : ''}
      ${items?.length || (!items && this.#problem) ? '' : html`<div class="messenger-empty">${empty}</div>`}
      ${items?.length ? this.#itemsView(items) : ''}
      ${this.#next ? more : ''}
    </div>`;
  }

  /** @param {Messenger.Notification[]} items */
  #itemsView(items) {
    return html`<div role="list" class="messenger-bell-items">${items.map((item) => this.#itemView(item))}</div>`;
  }

  /** @param {Messenger.Notification} item */
  #itemView(item) {
    const { t, format } = this;
    const { kind, channel_id: id, client_name: name, last_message: last, unread_count: count, read, url } = item;
    const failure = html`<span class="messenger-row-foot">
      ${item.attention.filter((why) => why.startsWith(whys[kind] ?? ' ')).map((why) => failureView(why, t))}
    </span>`;
    const unread = html`<span class="messenger-row-foot">
      <span class="messenger-tag" data-status="unread">${t('unread_replies', { count })}</span>
    </span>`;
    const complete = html`<button type="button" class="messenger-link" data-do="complete" data-id=${id}
      aria-label="${t('mark_complete')}: ${name}">${icon('tick')}${t('mark_complete')}</button>`;
    const isUnread = kind !== 'failure' && !read;
    return html`<div role="listitem" data-key="${kind} ${id}" class="messenger-bell-item" data-unread=${isUnread}>
      <a class="messenger-bell-link" href=${url} data-do="go" data-id=${id}>
        ${topView(name, last.at, format)}
        <span class="messenger-row-words" dir="auto">
          ${last.direction === 'outbound' ? lastWordsView(this, last) : readable(last.preview, t)}
        </span>
        ${coveredView(this, item.covered_for)}${kind in whys ? failure : count ? unread : ''}
      </a>
      ${read ? complete : ''}
    </div>`;
  }
}

/** How the reasons begin why a channel is in the bell. @type {Record<string, string>} */
const whys = { failure: 'delivery_', overdue: 'reply_overdue' };

/**
 * What became of a message, or that nobody knows; or that nobody read one in time.
 * @param {string} why
 * @param {Messenger.Translate} t
 */
const failureView = (why, t) =>
  html`<span class="messenger-tag" data-status="attention">${t(`attention_${why}`)}</span>`;
