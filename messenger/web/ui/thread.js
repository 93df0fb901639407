// One channel, opened: its messages by `seq`, and how they look.

import { itemsOf, query } from './api.js';
import { dayKey, reasonWords } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/** What is loaded of one channel. */
export class Thread {
  /** @type {Messenger.Channel|undefined} */
  channel;
  /** @type {Messenger.Message[]} oldest first */
  messages = [];
  /** @type {string|undefined} */
  next;
  loaded = false;
  loading = false;
  /** Where unread begins, as it was when the channel was opened. */
  divider = 0;

  /**
   * @param {import('./api.js').Api} api
   * @param {string} id
   */
  constructor(api, id) {
    this.api = api;
    this.path = `/channels/${encodeURIComponent(id)}`;
    this.id = id;
  }

  /** Loads the channel and its newest messages: one request each. A second call brings both up to date. */
  async load() {
    const [channel, page] = await Promise.all([this.api.get(this.path), this.api.get(`${this.path}/messages${query({ limit: 50 })}`)]);
    this.channel = channel;
    const items = /** @type {Messenger.Message[]} */ (itemsOf(page));
    const known = new Set(this.messages.map((m) => m.id));
    if (!items.some((m) => known.has(m.id))) {
      this.messages = [];
      this.next = page.next;
    }
    this.merge(items);
    if (!this.loaded) this.divider = this.unread[0]?.seq ?? 0;
    this.loaded = true;
  }

  async refresh() {
    this.channel = await this.api.get(this.path);
  }

  /** Loads the page before the oldest message; nothing when there is none or one is on its way. */
  async older() {
    if (!this.next || this.loading) return false;
    this.loading = true;
    try {
      const page = await this.api.get(`${this.path}/messages${query({ cursor: this.next, limit: 50 })}`);
      this.next = page.next;
      this.merge(itemsOf(page));
      return true;
    } finally {
      this.loading = false;
    }
  }

  /** @param {Messenger.Message[]} messages */
  merge(messages) {
    const byId = new Map(this.messages.map((m) => [m.id, m]));
    for (const message of messages) byId.set(message.id, message);
    this.messages = [...byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** The replies that nobody has read for the owner, oldest first. */
  get unread() {
    return this.messages.filter((m) => m.direction === 'inbound' && !m.read);
  }

  /** The last message that may count as seen: everything up to the first unread reply. */
  get seen() {
    const first = this.unread[0];
    return this.messages.filter((m) => !first || m.seq < first.seq).at(-1);
  }
}

/**
 * @typedef {object} See
 * @property {Thread} thread
 * @property {string} me the asker's staff id
 * @property {boolean} mayAct
 * @property {Map<string, string>} shown what was last shown of each message
 * @property {Messenger.Translate} t
 * @property {Messenger.Format} format
 */

/**
 * The thread's items: days, the divider, messages. A message that is shown as it stands is left alone.
 * @param {See} see
 */
export function itemsView(see) {
  const { thread, shown, t, format } = see;
  const items = [];
  let day = '';
  for (const message of thread.messages) {
    const key = dayKey(message.created_at);
    if (key !== day) items.push(html`<li class="messenger-day" data-key="day ${key}"><h3>${format.day(message.created_at)}</h3></li>`);
    day = key;
    if (message.seq === thread.divider) items.push(html`<li class="messenger-divider" data-key="divider"><span>${t('unread_from_here')}</span></li>`);
    const state = JSON.stringify([message, see.mayAct, format.day(message.created_at)]);
    if (shown.get(message.id) === state) items.push(html`<li data-key=${message.id} data-same></li>`);
    else items.push(messageView(see, message));
    shown.set(message.id, state);
  }
  return items;
}

/**
 * @param {See} see
 * @param {Messenger.Message} message
 */
function messageView(see, message) {
  const { thread, me, t, format } = see;
  const inbound = message.direction === 'inbound';
  const unread = inbound && !message.read;
  const owner = thread.channel?.staff_id;
  const name = inbound ? (thread.channel?.client_name ?? '') : message.author.id === me ? t('you') : message.author.name;
  const whose = !inbound && (message.author.kind === 'system' ? t('by_system') : message.author.id !== owner ? t('by', { name }) : '');
  return html`<li class="messenger-message" data-key=${message.id} data-id=${message.id} data-direction=${message.direction} data-delivery=${message.delivery.status} data-unread=${unread}>
    <article class="messenger-bubble" aria-label="${name}, ${format.when(message.created_at)}">
      <header class="messenger-message-head">
        <span class="messenger-medium">${icon(inbound ? 'reply' : message.medium === 'sms' ? 'sms' : 'email')}${t(`medium_${message.medium}`)}</span>
        ${whose ? html`<span class="messenger-author">${whose}</span>` : ''}
        ${unread ? html`<span class="messenger-tag" data-status="unread">${t('unread_mark')}</span>` : ''}
        ${message.verified === 'date_of_birth' ? html`<span class="messenger-verified">${icon('tick')}${t('verified')}</span>` : ''}
        <time datetime=${message.created_at}>${format.time(message.created_at)}</time>
      </header>
      ${message.subject ? html`<p class="messenger-subject">${message.subject}</p>` : ''}
      <p class="messenger-body" dir="auto">${message.body}</p>
    </article>
    <div class="messenger-states">${inbound ? '' : deliveryView(see, message)}${recordView(see, message)}</div>
  </li>`;
}

/** @type {Record<string, [string, string]>} */
const deliveryLook = {
  scheduled: ['clock', 'quiet'],
  queued: ['clock', 'quiet'],
  sending: ['clock', 'quiet'],
  sent: ['tick', 'quiet'],
  delivered: ['tick', 'good'],
  unknown: ['warning', 'bad'],
  failed: ['warning', 'bad'],
  cancelled: ['cross', 'quiet'],
};

/**
 * @param {See} see
 * @param {Messenger.Message} message
 */
function deliveryView({ mayAct, t, format }, message) {
  const { status, reason, to, attention } = message.delivery;
  const [picture, look] = deliveryLook[status] ?? ['clock', 'quiet'];
  const failed = status === 'failed' || status === 'unknown';
  const when = status === 'scheduled' && message.send_after ? format.when(message.send_after) : '';
  const waiting = status === 'scheduled' || status === 'queued';
  const why = failed && reason ? reasonWords(t, reason) : '';
  const asPlanned = waiting && mayAct;
  return html`<div class="messenger-state" data-look=${look} data-of="delivery">
    <span class="messenger-state-words">${icon(picture)}<span>${t(`delivery_${status}`, { when })}${why ? `: ${why}` : ''}</span>${to && failed ? html`<span class="messenger-quiet">${t('to', { address: to })}</span>` : ''}</span>
    ${failed && mayAct ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="retry" data-id=${message.id}>${t('try_again')}</button>${attention ? html`<button type="button" class="messenger-link" data-do="resolve" data-id=${message.id} data-of="delivery">${t('dealt_with')}</button>` : ''}</span>` : ''}
    ${asPlanned ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="cancel" data-id=${message.id}>${t('cancel_message')}</button></span>` : ''}
  </div>`;
}

/**
 * @param {See} see
 * @param {Messenger.Message} message
 */
function recordView({ thread, mayAct, t }, message) {
  const record = message.record;
  const delivery = message.delivery.status;
  if (!record || delivery === 'scheduled' || delivery === 'cancelled') return '';
  const { status, reason, attention } = record;
  const held = status === 'held';
  const bad = held || status === 'failed';
  const good = status === 'saved' || status === 'amended';
  const name = thread.channel?.client_name ?? '';
  const why = held ? t('record_held_why', { name }) : status === 'failed' ? reasonWords(t, reason) : '';
  return html`<div class="messenger-state" data-look=${bad ? 'bad' : good ? 'good' : 'quiet'} data-of="record">
    <span class="messenger-state-words">${icon(bad ? 'warning' : 'record')}<span>${t(`record_${status}`)}${why ? `: ${why}` : ''}</span></span>
    ${bad && mayAct ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="file" data-id=${message.id}>${held ? t('it_is_them', { name }) : t('try_again')}</button>${attention ? html`<button type="button" class="messenger-link" data-do="resolve" data-id=${message.id} data-of="record">${t('dealt_with')}</button>` : ''}</span>` : ''}
  </div>`;
}
