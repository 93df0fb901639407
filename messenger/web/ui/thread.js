// The thread of the Messages page: one channel, opened, with its messages by `seq`.

import { itemsOf, query } from './api.js';
import { alertView } from './element.js';
import { dayKey } from './format.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';
import { messageView } from './message.js';
import { Reader } from './reader.js';

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
    const [channel, page] = await Promise.all([
      this.api.get(this.path),
      this.api.get(`${this.path}/messages${query({ limit: 50 })}`),
    ]);
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

/** The middle pane: who the channel is with, its messages, and when they count as read. */
export class ThreadPane {
  /** @type {Thread|undefined} */
  thread;
  /** @type {Reader|undefined} */
  #reader;
  /** What was last shown of each message. @type {Map<string, string>} */
  #shown = new Map();
  /** @type {Promise<void>|undefined} */
  #refreshing;
  #read = new Set();
  #again = 0;
  #below = 0;
  /** Where the thread was scrolled to when its end was on screen; -1 when it is not. */
  #low = -1;

  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  /** The channel that is open, once it is loaded. */
  get channel() {
    return this.thread?.channel;
  }

  /** What the messages scroll in. */
  get #scroll() {
    return /** @type {HTMLElement} */ (this.page.one('.messenger-scroll'));
  }

  get #isOwn() {
    return this.channel !== undefined && this.channel.staff_id === this.page.hub.me?.staff.id;
  }

  /** Older messages when the top comes near; the newest stay in view when the pane changes its height. */
  start() {
    const { page } = this;
    const scroll = this.#scroll;
    let height = scroll.clientHeight;
    page.listen(scroll, 'scroll', () => {
      if (scroll.clientHeight === height) this.#low = atBottom(scroll) ? scroll.scrollTop : -1;
      if (this.#low >= 0 && this.#below) {
        this.#below = 0;
        page.update();
      }
      if (scroll.scrollTop < 400) this.older();
    });
    const sizes = new ResizeObserver(() => {
      height = scroll.clientHeight;
      if (this.#low !== scroll.scrollTop) return;
      scroll.scrollTop = scroll.scrollHeight;
      this.#low = scroll.scrollTop;
    });
    sizes.observe(scroll);
    page.signal.addEventListener('abort', () => sizes.disconnect());
    page.listen(page, 'messenger-sent', () => {
      scroll.scrollTop = scroll.scrollHeight;
      if (this.channel) page.listPane.list?.settle();
    });
    this.#reader = new Reader(
      scroll,
      () => (this.#isOwn ? (this.thread?.unread ?? []) : []),
      (upTo) => this.#seen(upTo),
      page.signal,
    );
  }

  /**
   * Turns to another channel, or to none; `load` then loads it.
   * @param {string} id
   */
  open(id) {
    this.thread = id ? new Thread(this.page.hub.api, id) : undefined;
    this.#reader?.forget();
    this.#shown.clear();
    this.#below = 0;
    this.page.one('.messenger-messages').replaceChildren();
  }

  async load() {
    const { page, thread } = this;
    if (!thread) return;
    try {
      await thread.load();
      while (
        thread.next &&
        thread.channel &&
        thread.unread.length < thread.channel.unread_count &&
        thread.messages.length < 500
      ) {
        await thread.older();
        thread.divider = thread.unread[0]?.seq ?? 0;
      }
      page.problem.thread = '';
    } catch (error) {
      if (this.thread === thread) page.problem.thread = page.explain(error);
      return page.update();
    }
    if (this.thread !== thread || !thread.channel) return;
    const first = this.#shown.size === 0;
    page.one('messenger-compose').use(thread.channel, page.mayAct);
    page.listPane.list?.apply(thread.channel);
    page.render();
    if (first) this.#toNewest();
    this.#reader?.check();
    const me = await page.hub.whoAmI().catch(() => undefined);
    if (me && this.thread === thread) await page.listPane.use(thread.channel.staff_id);
    page.update();
  }

  /** Scrolls to where unread begins, or to the newest message. */
  #toNewest() {
    const scroll = this.#scroll;
    const divider = this.page.one('.messenger-divider');
    scroll.scrollTop = scroll.scrollHeight;
    if (divider) scroll.scrollTop = Math.min(scroll.scrollTop, divider.offsetTop - 8);
    this.#low = atBottom(scroll) ? scroll.scrollTop : -1;
  }

  toBottom() {
    const scroll = this.#scroll;
    scroll.scrollTop = scroll.scrollHeight;
    this.#below = 0;
    scroll.focus();
    this.page.update();
  }

  async older() {
    const { page, thread } = this;
    const scroll = this.#scroll;
    if (!thread?.loaded || !thread.next || thread.loading) return;
    page.update();
    try {
      if (!(await thread.older()) || this.thread !== thread) return;
      page.problem.act = '';
    } catch (error) {
      page.problem.act = page.explain(error);
    }
    const top = scroll.scrollTop;
    const height = scroll.scrollHeight;
    this.render();
    scroll.scrollTop = top + scroll.scrollHeight - height;
    page.update();
  }

  /**
   * Takes the open channel's row, which has changed.
   * @param {Messenger.Row} row
   */
  changed(row) {
    const { channel } = this;
    if (channel?.id !== row.id || channel.updated_at > row.updated_at) return;
    const stale = channel.replies_allowed !== row.replies_allowed || channel.client_name !== row.client_name;
    Object.assign(channel, { ...row, match: undefined });
    if (stale) this.refresh();
    this.page.sidePane.refresh();
  }

  /** Loads the channel again, without its messages. */
  refresh() {
    this.#refreshing ??= this.#fetch().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #fetch() {
    const { page, thread } = this;
    try {
      await thread?.refresh();
      if (thread?.channel && thread === this.thread) page.one('messenger-compose').use(thread.channel, page.mayAct);
    } catch (error) {
      page.problem.act = page.explain(error);
    }
    page.update();
  }

  /** @param {Messenger.Message} message */
  heard(message) {
    const { page, thread } = this;
    if (!thread?.loaded || message.channel_id !== thread.id) return;
    const known = thread.messages.some((m) => m.id === message.id);
    if (!known && thread.next && message.seq < (thread.messages[0]?.seq ?? 0)) return;
    const scroll = this.#scroll;
    const low = atBottom(scroll);
    thread.merge([message]);
    if (!known && !low) this.#below++;
    page.render();
    if (low) scroll.scrollTop = scroll.scrollHeight;
    this.#reader?.check();
  }

  /** @param {Messenger.Message} upTo */
  async #seen(upTo) {
    const { page, thread } = this;
    if (!thread || this.#read.has(upTo.id)) return;
    this.#read.add(upTo.id);
    try {
      await page.hub.api.call('POST', `${thread.path}/read`, { up_to: upTo.id });
      this.#wasRead(thread, upTo);
    } catch (error) {
      this.#read.delete(upTo.id);
      page.problem.act = page.explain(error);
      clearTimeout(this.#again);
      this.#again = window.setTimeout(() => this.#reader?.check(), 5000);
    }
    page.update();
  }

  /** Marks what is unread as read for its owner. */
  readFor() {
    const { page, thread } = this;
    const last = thread?.unread.at(-1);
    return page.once('read-for', async () => {
      if (!last || !thread?.channel) return;
      await page.hub.api.call('POST', `${thread.path}/read`, { up_to: last.id, on_behalf: true });
      this.#wasRead(thread, last);
      page.say('read_for_done', page.nameOf(thread.channel.staff_id));
      await thread.refresh();
      page.hub.changed(thread.channel);
      page.one('.messenger-title')?.focus({ preventScroll: true });
    });
  }

  /**
   * @param {Thread} thread
   * @param {Messenger.Message} upTo
   */
  #wasRead(thread, upTo) {
    const { api, me } = this.page.hub;
    const read = { at: new Date(api.now()).toISOString(), by: me?.staff.id ?? '' };
    thread.merge(thread.unread.filter((m) => m.seq <= upTo.seq).map((m) => ({ ...m, read })));
  }

  render() {
    const { page, thread, channel } = this;
    const { t } = page;
    page
      .one('.messenger-thread')
      .setAttribute(
        'aria-label',
        channel ? t('conversation_with', { name: channel.client_name }) : t('choose_channel'),
      );
    morph(page.one('.messenger-thread-head'), channel ? this.#headView(channel) : this.#blankView());
    const scroll = this.#scroll;
    scroll.hidden = !channel;
    scroll.setAttribute('role', 'group');
    scroll.setAttribute('aria-label', t('conversations'));
    morph(
      page.one('.messenger-messages'),
      html`${thread?.loaded ? html`<li class="messenger-edge" data-key="edge">${thread.loading ? t('older_loading') : thread.next ? html`<button type="button" class="messenger-link" data-do="older">${t('older_load')}</button>` : t(thread.messages.length ? 'thread_start' : 'thread_empty')}</li>${this.#items(thread)}` : ''}`,
    );
    morph(
      page.one('.messenger-below'),
      this.#below
        ? html`<button type="button" class="messenger-button" data-do="below">${t('new_below', { count: this.#below })}</button>`
        : html``,
    );
    page.one('messenger-compose').hidden = !channel;
  }

  /** The head while no channel can be shown. */
  #blankView() {
    const { t, problem } = this.page;
    const loading = this.thread && !problem.thread;
    return html`<div class="messenger-thread-bar" hidden=${!this.thread && !problem.thread}>${backView(t)}</div>
      ${problem.thread ? alertView(problem.thread, 'again-thread', t('retry')) : ''}
      <div class="messenger-blank">${problem.thread ? '' : loading ? html`<p>${t('loading')}</p>` : html`<h2 class="messenger-blank-title">${t('choose_channel')}</h2><p>${t('choose_channel_hint')}</p>`}</div>`;
  }

  /**
   * Who the channel is with, whose it is, and what went wrong.
   * @param {Messenger.Channel} channel
   */
  #headView({ client, client_name, staff_id }) {
    const { t, format, hub, mayAct, problem } = this.page;
    const name = this.page.nameOf(staff_id);
    return html`<div class="messenger-thread-bar">
      ${backView(t)}
      <button type="button" class="messenger-link messenger-to-side" data-do="to-side">${t('details')}</button>
    </div>
    <div class="messenger-client">
      <h2 class="messenger-title" tabindex="-1">${client_name}</h2>
      ${client.restricted ? html`<span class="messenger-tag" data-status="attention">${icon('warning')}${t('restricted')}</span>` : ''}
      ${client.deceased ? html`<span class="messenger-tag" data-status="attention">${t('deceased')}</span>` : ''}
      <dl class="messenger-facts">
        <div><dt>${t('nhs_number')}</dt><dd class="messenger-nhs">${client.nhs_number ?? t('not_recorded')}</dd></div>
        <div><dt>${t('date_of_birth')}</dt><dd>${client.date_of_birth ? format.date(client.date_of_birth) : t('not_recorded')}</dd></div>
        <div><dt>${t('gp')}</dt><dd>${client.restricted ? t('address_hidden') : (client.gp?.name ?? t('not_recorded'))}</dd></div>
      </dl>
    </div>
    ${client.restricted ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${t('restricted_note')}</span></p>` : ''}
    ${hub.me && !this.#isOwn ? html`<div class="messenger-note" data-look="look">${icon('person')}<span>${t(mayAct ? 'looking_act' : 'looking_only', { name })}</span>${mayAct && this.thread?.unread.length ? html`<button type="button" class="messenger-button" data-kind="second" data-do="read-for">${t('read_for', { name })}</button>` : ''}</div>` : ''}
    ${problem.thread ? alertView(problem.thread, 'again-thread', t('retry')) : problem.act ? alertView(problem.act, 'dismiss', t('dismiss')) : ''}`;
  }

  /**
   * Days, the divider, messages. A message that is shown as it stands is left alone.
   * @param {Thread} thread
   */
  #items({ messages, divider }) {
    const { page } = this;
    const { t, format } = page;
    const items = [];
    let day = '';
    for (const message of messages) {
      const key = dayKey(message.created_at);
      if (key !== day)
        items.push(
          html`<li class="messenger-day" data-key="day ${key}"><h3>${format.day(message.created_at)}</h3></li>`,
        );
      day = key;
      if (message.seq === divider)
        items.push(html`<li class="messenger-divider" data-key="divider"><span>${t('unread_from_here')}</span></li>`);
      const state = JSON.stringify([message, page.mayAct, format.day(message.created_at)]);
      items.push(
        this.#shown.get(message.id) === state
          ? html`<li data-key=${message.id} data-same></li>`
          : messageView(page, message),
      );
      this.#shown.set(message.id, state);
    }
    return items;
  }
}

/** @param {Messenger.Translate} t */
const backView = (t) =>
  html`<button type="button" class="messenger-back messenger-from-thread" data-do="to-list">${icon('back')}${t('back_to_list')}</button>`;

/** @param {HTMLElement} scroll */
const atBottom = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
