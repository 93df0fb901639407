// <messenger-notifications>: the bell. Own channels with a reply since they were last done, unread and read.

import { itemsOf, query } from './api.js';
import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';
import { topView } from './row.js';

/** Loads its list when it is opened, and again while it is open and something changes. */
export class MessengerNotifications extends MessengerElement {
  /** @type {Messenger.Notification[]|undefined} */
  #items;
  /** @type {string|undefined} */
  #next;
  #open = false;
  #problem = '';
  #said = '';
  #busy = new Set();
  #timer = 0;
  #asked = 0;

  start() {
    const { hub, signal } = this;
    this.listen(hub, 'me', () => this.update());
    for (const type of ['channel', 'reset']) {
      this.listen(hub, type, ({ detail }) => this.#changed(detail.inbox));
    }
    this.listen(hub, 'message', ({ detail }) => this.#announce(detail));
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
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#load(), 150);
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

  /**
   * @param {string} name
   * @param {HTMLElement} target
   * @param {MouseEvent} event
   */
  act(name, target, event) {
    const item = this.#items?.find((n) => n.channel_id === target.dataset.id);
    if (name === 'toggle') this.#open ? this.#close(true) : this.#show();
    if (name === 'retry') this.#load();
    if (name === 'more') this.#load(true);
    if (name === 'complete' && item) this.#complete(item);
    if (name === 'go' && item && !(event.ctrlKey || event.metaKey || event.shiftKey)) this.#go(item, event);
  }

  #show() {
    this.#open = true;
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

  /**
   * @param {Messenger.Notification} item
   * @param {MouseEvent} event
   */
  #go(item, event) {
    const detail = { to: 'channel', channel_id: item.channel_id, client_id: item.client_id, url: item.url };
    const inbox = /** @type {any} */ (document.querySelector('messenger-inbox'));
    if (!this.emit('messenger-navigate', detail, true)) event.preventDefault();
    else if (inbox?.openChannel) {
      event.preventDefault();
      inbox.openChannel(item.channel_id);
    }
    this.#close(false);
  }

  /** @param {Messenger.Notification} item */
  async #complete(item) {
    if (this.#busy.has(item.channel_id)) return;
    this.#busy.add(item.channel_id);
    try {
      const row = await this.hub.api.call('PUT', `/channels/${encodeURIComponent(item.channel_id)}/status`, {
        status: 'done',
        up_to: item.last_message.id,
      });
      this.#items = this.#items?.filter((n) => n !== item);
      this.#said = this.t('completed', { name: item.client_name });
      this.#problem = '';
      if (row?.id) this.hub.changed(row);
    } catch (error) {
      const words = this.explain(error);
      await this.#load();
      this.#problem = words;
    } finally {
      this.#busy.delete(item.channel_id);
    }
    this.render();
    this.one('.messenger-bell-list')?.focus();
  }

  render() {
    const count = this.hub.me?.unread_count ?? 0;
    const t = this.t;
    morph(
      this,
      html`<button type="button" class="messenger-bell" data-do="toggle" aria-expanded=${String(this.#open)} aria-haspopup="dialog" aria-label=${count ? t('notifications_count', { count }) : t('notifications')}>
        ${icon('bell')}${count ? html`<span class="messenger-count" aria-hidden="true">${count > 99 ? '99+' : count}</span>` : ''}
      </button>
      <div class="messenger-sr" role="status">${this.#said}</div>
      ${this.#open ? html`<div class="messenger-bell-list" role="dialog" aria-label=${t('notifications')} tabindex="-1">${this.#listView()}</div>` : ''}`,
    );
  }

  #listView() {
    const t = this.t;
    const items = this.#items;
    return html`<h2 class="messenger-bell-title">${t('notifications')}</h2>
      ${this.#problem ? alertView(this.#problem, 'retry', t('retry')) : ''}
      ${!items && !this.#problem ? html`<p class="messenger-empty">${t('loading')}</p>` : ''}
      ${items?.length === 0 ? html`<p class="messenger-empty">${t('notifications_empty')}</p>` : ''}
      ${items?.length ? html`<ul class="messenger-bell-items">${items.map((item) => this.#itemView(item))}</ul>` : ''}
      ${this.#next ? html`<button type="button" class="messenger-link messenger-more" data-do="more">${t('load_more')}</button>` : ''}`;
  }

  /** @param {Messenger.Notification} item */
  #itemView(item) {
    const t = this.t;
    return html`<li data-key=${item.channel_id} class="messenger-bell-item" data-unread=${!item.read}>
      <a class="messenger-bell-link" href=${item.url} data-do="go" data-id=${item.channel_id}>
        ${topView(item.client_name, item.last_message.at, this.format)}
        <span class="messenger-row-words">${item.last_message.preview}</span>
        ${item.unread_count ? html`<span class="messenger-row-foot"><span class="messenger-tag" data-status="unread">${t('unread_replies', { count: item.unread_count })}</span></span>` : ''}
      </a>
      ${item.read ? html`<button type="button" class="messenger-link" data-do="complete" data-id=${item.channel_id} aria-label="${t('mark_complete')}: ${item.client_name}">${icon('tick')}${t('mark_complete')}</button>` : ''}
    </li>`;
  }
}
