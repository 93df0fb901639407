// <messenger-inbox>: the Messages page. List, thread and side panel; the page's address says which channel is open.

import { itemsOf, query } from './api.js';
import { MessengerElement } from './element.js';
import { html, morph } from './html.js';
import { icon } from './icons.js';
import { List, rowView } from './list.js';
import { Reader } from './reader.js';
import { askWhatWasDone, copy, sideView, threadHead } from './panels.js';
import { itemsView, Thread } from './thread.js';

const shows = /** @type {const} */ (['all', 'open', 'done', 'attention']);

/** Attribute `channel`: the channel to open when the page's address names none. */
export class MessengerInbox extends MessengerElement {
  /** @type {List|undefined} */
  #list;
  /** @type {Thread|undefined} */
  #thread;
  /** @type {Reader|undefined} */
  #reader;
  /** @type {Messenger.Inbox[]} */
  #inboxes = [];
  /** @type {AbortController|undefined} */
  #following;
  /** @type {{items: any[], next?: string, error: string}|undefined} */
  #history;
  /** @type {Map<string, string>} */
  #shown = new Map();
  #pane = 'list';
  #problem = { list: '', thread: '', act: '' };
  #below = 0;
  #byHand = '';
  #sure = false;
  #reach = '';
  #pointed = false;
  /** Where the thread was scrolled to when its end was on screen; -1 when it is not. */
  #low = -1;
  /** @type {Promise<void>|undefined} */
  #refreshing;
  #heard = new Set();
  #busy = new Set();
  #timers = { search: 0, count: 0, again: 0, read: 0 };
  #hash = '';

  start() {
    const { hub } = this;
    this.#list = undefined;
    this.#thread = undefined;
    this.replaceChildren(this.#skeleton());
    this.listen(hub, 'channel', ({ detail }) => this.#onChannel(detail.row));
    this.listen(hub, 'message', ({ detail }) => this.#onMessage(detail.message));
    this.listen(hub, 'reset', () => this.#onReset());
    this.listen(hub, 'link', ({ detail }) => this.#onLink(detail.lost));
    this.listen(window, 'popstate', () => this.#fromAddress());
    this.listen(window, 'resize', () => this.#measure());
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.listen(this, 'input', (event) => this.#typed(event));
    this.listen(this, 'change', (event) => this.#chosen(event));
    const items = this.one('.messenger-items');
    this.listen(items, 'pointerover', (event) => (this.#pointed = event.pointerType === 'mouse'));
    for (const type of ['pointerleave', 'focusout']) this.listen(items, type, () => ((this.#pointed &&= type !== 'pointerleave'), this.update()));
    this.listen(items, 'focusin', (event) => this.#reached(event));
    this.listen(this, 'messenger-sent', () => this.#sent());
    this.#scrolling();
    this.#measure();
    this.#begin();
  }

  /** The channel that is open, or ''. */
  get channel() {
    return this.#thread?.id ?? '';
  }

  /** @param {string} name */
  changed(name) {
    if (name === 'channel') this.openChannel(this.getAttribute('channel') ?? '');
    else this.connectedCallback();
  }

  /**
   * Opens a channel and puts it into the page's address; '' closes the one that is open.
   * @param {string} id
   */
  async openChannel(id) {
    const address = new URL(location.href);
    id ? address.searchParams.set('channel', id) : address.searchParams.delete('channel');
    if (address.href !== location.href) history.pushState(null, '', address);
    await this.#show(id);
  }

  /**
   * Opens a channel from a row, and moves the focus into it unless it has gone elsewhere meanwhile.
   * @param {string} id
   */
  async #openFromRow(id) {
    await this.openChannel(id);
    const at = document.activeElement;
    if (this.channel === id && (at === document.body || at?.closest('.messenger-row'))) this.one('.messenger-title')?.focus({ preventScroll: true });
  }

  #skeleton() {
    return html`<div class="messenger-lost" role="status"></div>
      <div class="messenger-panes" data-pane="list">
        <section class="messenger-list"><div class="messenger-list-head"></div><div class="messenger-items"></div></section>
        <section class="messenger-thread">
          <div class="messenger-thread-head"></div>
          <div class="messenger-scroll" tabindex="0"><ol class="messenger-messages"></ol></div>
          <div class="messenger-below"></div>
          <messenger-compose api=${this.api} organisation=${this.organisation || null} data-inbox></messenger-compose>
        </section>
        <section class="messenger-side"></section>
      </div>
      <div class="messenger-sr messenger-said" role="status"></div>
      <messenger-new-message api=${this.api} organisation=${this.organisation || null}></messenger-new-message>`;
  }

  async #begin() {
    const wanted = new URL(location.href).searchParams.get('channel') || this.getAttribute('channel') || '';
    this.hub.follow('', this.signal);
    this.#loadInboxes();
    if (wanted) this.#show(wanted);
    else this.update();
    try {
      const me = await this.hub.whoAmI();
      if (!this.#list) await this.#useInbox(this.#thread?.channel?.staff_id ?? me.staff.id);
    } catch (error) {
      this.#problem.list = this.explain(error);
    }
    this.update();
  }

  async #loadInboxes() {
    try {
      this.#inboxes = itemsOf(await this.hub.api.get('/inboxes'));
    } catch (error) {
      this.explain(error);
    }
    this.update();
  }

  /** @param {string} staffId */
  async #useInbox(staffId) {
    if (this.#list?.staffId === staffId) return;
    this.#list = new List(this.hub.api, staffId);
    this.#following?.abort();
    this.#following = new AbortController();
    this.signal.addEventListener('abort', () => this.#following?.abort());
    if (staffId !== this.hub.me?.staff.id) this.hub.follow(staffId, this.#following.signal);
    await this.#loadList();
  }

  async #loadList(more = false) {
    const list = this.#list;
    if (!list) return;
    try {
      await list.load(more);
      this.#problem.list = '';
    } catch (error) {
      const words = this.explain(error);
      if (!words) return;
      this.#problem.list = words;
    }
    this.update();
  }

  /** @param {string} id */
  async #show(id) {
    if (this.#thread?.id === id) {
      this.#setPane('thread');
      return;
    }
    const compose = this.one('messenger-compose');
    compose?.leave();
    this.#thread = id ? new Thread(this.hub.api, id) : undefined;
    this.#reader?.forget();
    this.#shown.clear();
    this.#history = undefined;
    this.#byHand = '';
    this.#sure = false;
    this.#below = 0;
    this.#problem.thread = this.#problem.act = '';
    this.one('.messenger-messages').replaceChildren();
    const past = this.one('.messenger-history');
    if (past) past.open = false;
    this.#setPane(id ? 'thread' : 'list');
    this.render();
    await this.#loadThread();
  }

  async #loadThread() {
    const thread = this.#thread;
    if (!thread) return;
    try {
      await thread.load();
      while (thread.next && thread.channel && thread.unread.length < thread.channel.unread_count && thread.messages.length < 500) {
        await thread.older();
        thread.divider = thread.unread[0]?.seq ?? 0;
      }
      this.#problem.thread = '';
    } catch (error) {
      if (this.#thread === thread) this.#problem.thread = this.explain(error);
      this.update();
      return;
    }
    if (this.#thread !== thread || !thread.channel) return;
    const first = this.#shown.size === 0;
    this.one('messenger-compose').use(thread.channel, this.#mayAct);
    this.#list?.apply(thread.channel);
    this.render();
    if (first) this.#toNewest();
    this.#reader?.check();
    const me = await this.hub.whoAmI().catch(() => undefined);
    if (me && this.#thread === thread) await this.#useInbox(thread.channel.staff_id);
    this.update();
  }

  /** Scrolls to where unread begins, or to the newest message. */
  #toNewest() {
    const scroll = this.one('.messenger-scroll');
    const divider = this.one('.messenger-divider');
    scroll.scrollTop = scroll.scrollHeight;
    if (divider) scroll.scrollTop = Math.min(scroll.scrollTop, divider.offsetTop - 8);
    this.#low = atBottom(scroll) ? scroll.scrollTop : -1;
  }

  /** Whether the asker may act in the channel that is open, or in the inbox while none is. */
  get #mayAct() {
    return this.#mayActIn(this.#thread?.channel?.staff_id ?? this.#list?.staffId);
  }

  /** @param {string|undefined} staffId */
  #mayActIn(staffId) {
    return staffId === undefined || staffId === this.hub.me?.staff.id || Boolean(this.#inboxes.find((i) => i.staff_id === staffId)?.may_act);
  }

  /** @param {string} staffId */
  #nameOf = (staffId) => this.#inboxes.find((i) => i.staff_id === staffId)?.name ?? (staffId === this.hub.me?.staff.id ? this.hub.me.staff.name : this.t('a_colleague'));

  #fromAddress() {
    this.#show(new URL(location.href).searchParams.get('channel') ?? '');
  }

  /** @param {string} pane */
  #setPane(pane) {
    this.#pane = pane;
    const panes = this.one('.messenger-panes');
    if (panes) panes.dataset.pane = pane;
  }

  #measure() {
    const top = Math.max(0, Math.ceil(this.getBoundingClientRect().top + window.scrollY));
    this.style.setProperty('--messenger-top', `${top}px`);
  }

  /** Older messages when the top comes near; the newest stay in view when the pane changes its height. */
  #scrolling() {
    const scroll = this.one('.messenger-scroll');
    const { signal } = this;
    let height = scroll.clientHeight;
    this.listen(scroll, 'scroll', () => {
      if (scroll.clientHeight === height) this.#low = atBottom(scroll) ? scroll.scrollTop : -1;
      if (this.#low >= 0 && this.#below) {
        this.#below = 0;
        this.update();
      }
      if (scroll.scrollTop < 400) this.#older();
    });
    const sizes = new ResizeObserver(() => {
      height = scroll.clientHeight;
      if (this.#low !== scroll.scrollTop) return;
      scroll.scrollTop = scroll.scrollHeight;
      this.#low = scroll.scrollTop;
    });
    sizes.observe(scroll);
    signal.addEventListener('abort', () => sizes.disconnect());
    this.#reader = new Reader(scroll, () => (this.#isOwn ? (this.#thread?.unread ?? []) : []), (upTo) => this.#read(upTo), signal);
    const items = this.one('.messenger-items');
    this.listen(items, 'scroll', () => {
      if (items.scrollHeight - items.scrollTop - items.clientHeight < 300) this.#more();
    });
  }

  get #isOwn() {
    const owner = this.#thread?.channel?.staff_id;
    return owner !== undefined && owner === this.hub.me?.staff.id;
  }

  async #more() {
    if (!this.#list?.next || this.#busy.has('more')) return;
    this.#busy.add('more');
    await this.#loadList(true);
    this.#busy.delete('more');
  }

  async #older() {
    const thread = this.#thread;
    const scroll = this.one('.messenger-scroll');
    if (!thread?.loaded || !thread.next || thread.loading) return;
    this.update();
    try {
      if (!(await thread.older()) || this.#thread !== thread) return;
      this.#problem.act = '';
    } catch (error) {
      this.#problem.act = this.explain(error);
    }
    const top = scroll.scrollTop;
    const height = scroll.scrollHeight;
    this.#renderThread();
    scroll.scrollTop = top + scroll.scrollHeight - height;
    this.update();
  }

  /** @param {Messenger.Row} row */
  #onChannel(row) {
    const list = this.#list;
    if (list?.loaded && row.staff_id === list.staffId) {
      if (!list.apply(row)) {
        clearTimeout(this.#timers.count);
        this.#timers.count = window.setTimeout(() => (list.q.trim() ? this.#loadList() : list.count().then(() => this.update(), () => {})), 200);
      }
    }
    const channel = this.#thread?.channel;
    if (channel && channel.id === row.id && channel.updated_at <= row.updated_at) {
      const stale = channel.replies_allowed !== row.replies_allowed || channel.client_name !== row.client_name;
      Object.assign(channel, { ...row, match: undefined });
      if (stale) this.#refreshChannel();
      if (this.#history) this.#loadHistory();
    }
    this.update();
  }

  #refreshChannel() {
    this.#refreshing ??= this.#fetchChannel().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #fetchChannel() {
    const thread = this.#thread;
    try {
      await thread?.refresh();
      if (thread?.channel && thread === this.#thread) this.one('messenger-compose').use(thread.channel, this.#mayAct);
    } catch (error) {
      this.#problem.act = this.explain(error);
    }
    this.update();
  }

  /** @param {Messenger.Message} message */
  #onMessage(message) {
    const thread = this.#thread;
    const fresh = message.direction === 'inbound' && !message.read && !this.#heard.has(message.id);
    if (fresh) {
      this.#heard.add(message.id);
      const name = this.#list?.rows.get(message.channel_id)?.client_name ?? message.author.name;
      this.#say(this.t('new_reply', { name }));
    }
    if (!thread?.loaded || message.channel_id !== thread.id) return;
    const known = thread.messages.some((m) => m.id === message.id);
    if (!known && thread.next && message.seq < (thread.messages[0]?.seq ?? 0)) return;
    const scroll = this.one('.messenger-scroll');
    const low = atBottom(scroll);
    thread.merge([message]);
    if (!known && !low) this.#below++;
    this.render();
    if (low) scroll.scrollTop = scroll.scrollHeight;
    this.#reader?.check();
  }

  #onReset() {
    clearTimeout(this.#timers.again);
    this.#timers.again = window.setTimeout(() => {
      this.#loadList();
      this.#loadThread();
      this.#loadInboxes();
      if (this.#history) this.#loadHistory();
    }, 50);
  }

  /** @param {boolean} lost */
  #onLink(lost) {
    this.update();
    if (!lost && !this.hub.lost) this.#say(this.t('back'));
  }

  /** @param {Messenger.Message} upTo */
  async #read(upTo) {
    const thread = this.#thread;
    if (!thread || this.#busy.has(`read ${upTo.id}`)) return;
    this.#busy.add(`read ${upTo.id}`);
    try {
      await this.hub.api.call('POST', `${thread.path}/read`, { up_to: upTo.id });
      this.#wasRead(thread, upTo);
    } catch (error) {
      this.#busy.delete(`read ${upTo.id}`);
      this.#problem.act = this.explain(error);
      clearTimeout(this.#timers.read);
      this.#timers.read = window.setTimeout(() => this.#reader?.check(), 5000);
    }
    this.update();
  }

  /**
   * @param {Thread} thread
   * @param {Messenger.Message} upTo
   */
  #wasRead(thread, upTo) {
    const read = { at: new Date(this.hub.api.now()).toISOString(), by: this.hub.me?.staff.id ?? '' };
    thread.merge(thread.unread.filter((m) => m.seq <= upTo.seq).map((m) => ({ ...m, read })));
  }

  /** @param {string} words */
  #say(words) {
    this.one('.messenger-said').textContent = words;
  }

  #sent() {
    const scroll = this.one('.messenger-scroll');
    scroll.scrollTop = scroll.scrollHeight;
    if (this.#thread?.channel) this.#list?.settle();
  }

  /**
   * Does something once at a time, and says what went wrong.
   * @param {string} what
   * @param {() => Promise<void>} work
   */
  async #once(what, work) {
    if (this.#busy.has(what)) return;
    this.#busy.add(what);
    try {
      this.#problem.act = '';
      await work();
    } catch (error) {
      this.#problem.act = this.explain(error);
    } finally {
      this.#busy.delete(what);
    }
    this.update();
  }

  /**
   * @param {string} name
   * @param {HTMLElement} target
   * @param {MouseEvent} event
   */
  act(name, target, event) {
    const id = target.dataset.id ?? '';
    const thread = this.#thread;
    /** @type {Record<string, () => unknown>} */
    const does = {
      open: () => this.#opened(id, event),
      quick: () => this.#quick(id),
      show: () => this.#filter(target.dataset.show ?? 'all'),
      moved: () => (this.#list?.settle(), this.update()),
      more: () => this.#more(),
      new: () => this.one('messenger-new-message').open(),
      'clear-search': () => this.#clearSearch(),
      'again-list': () => (this.#list ? this.#loadList() : this.#begin()),
      'again-thread': () => this.#loadThread(),
      dismiss: () => ((this.#problem.act = ''), this.update()),
      'to-list': () => this.#back(),
      'to-side': () => (this.#setPane('side'), this.one('.messenger-from-side')?.focus()),
      'to-thread': () => (this.#setPane('thread'), this.one('.messenger-title')?.focus()),
      below: () => this.#toBottom(),
      older: () => this.#older(),
      status: () => thread && this.#setStatus(thread),
      'read-for': () => thread && this.#readFor(thread),
      write: () => this.#write(/** @type {'email'|'sms'} */ (target.dataset.medium), target),
      profile: () => this.#profile(event),
      replies: () => thread && this.#toggleReplies(thread),
      copy: () => this.#copy(),
      renew: () => ((this.#sure = true), this.render(), this.one('[data-do="renew-sure"]')?.focus()),
      'renew-not': () => ((this.#sure = false), this.render(), this.one('[data-do="renew"]')?.focus()),
      'renew-sure': () => thread && this.#renew(thread),
      history: () => this.#history ?? this.#loadHistory(),
      'history-more': () => this.#loadHistory(true),
      retry: () => this.#message(id, 'retry', 'retrying'),
      file: () => this.#message(id, 'record', 'retrying'),
      cancel: () => this.#cancel(id),
      resolve: () => this.#resolve(id, target),
    };
    does[name]?.();
  }

  /**
   * @param {string} id
   * @param {MouseEvent} event
   */
  #opened(id, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (!this.emit('messenger-navigate', { to: 'channel', channel_id: id, client_id: this.#list?.rows.get(id)?.client_id, url: `?channel=${encodeURIComponent(id)}` }, true)) return;
    this.#openFromRow(id);
  }

  #back() {
    const id = this.channel;
    this.#setPane('list');
    const address = new URL(location.href);
    address.searchParams.delete('channel');
    history.pushState(null, '', address);
    this.#show('');
    this.#reach = id;
    this.render();
    this.one(`.messenger-row-link[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {string} show */
  #filter(show) {
    const list = this.#list;
    if (!list) return;
    list.show = /** @type {import('./list.js').Show} */ (show);
    list.loaded = false;
    this.update();
    this.#loadList();
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
    clearTimeout(this.#timers.search);
    this.#timers.search = window.setTimeout(() => this.#loadList(), 200);
  }

  /** @param {Event} event */
  #typed(event) {
    const box = event.target;
    if (box instanceof HTMLInputElement && box.matches('.messenger-search-box')) this.#search(box.value);
  }

  /** @param {Event} event */
  async #chosen(event) {
    const box = event.target;
    if (!(box instanceof HTMLSelectElement) || !box.matches('.messenger-inbox-choice')) return;
    if (this.channel) this.openChannel('');
    this.#setPane('list');
    await this.#useInbox(box.value);
    this.update();
  }

  /** @param {string} id */
  async #quick(id) {
    const row = this.#list?.rows.get(id);
    if (!row) return;
    const done = row.status === 'done';
    if (!done && row.status === 'unread' && !this.#showsWhole(row)) return this.#openFromRow(id);
    await this.#once(`status ${id}`, async () => {
      try {
        const next = await this.hub.api.call('PUT', `/channels/${encodeURIComponent(id)}/status`, { status: done ? 'open' : 'done', ...(done || !row.last_message ? {} : { up_to: row.last_message.id }) });
        this.hub.changed(next);
        this.#say(this.t(done ? 'now_open' : 'now_done', { name: row.client_name }));
      } catch (error) {
        this.#problem.list = this.explain(error);
        await this.#list?.load();
      }
    });
  }

  /**
   * Whether an unread row shows all that is unread, so that it may be marked as done from the list.
   * @param {Messenger.Row} row
   */
  #showsWhole(row) {
    if (row.unread_count > 1 || row.last_message?.direction !== 'inbound' || [...row.last_message.preview].length >= 140 || row.match?.field === 'message') return false;
    const words = this.one(`.messenger-row[data-key="${CSS.escape(row.id)}"] .messenger-row-words`);
    return Boolean(words) && words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1;
  }

  #toBottom() {
    const scroll = this.one('.messenger-scroll');
    scroll.scrollTop = scroll.scrollHeight;
    this.#below = 0;
    scroll.focus();
    this.update();
  }

  /** @param {Thread} thread */
  #setStatus(thread) {
    return this.#once('status', async () => {
      const channel = thread.channel;
      if (!channel) return;
      const done = channel.status === 'done';
      try {
        this.hub.changed(await this.hub.api.call('PUT', `${thread.path}/status`, { status: done ? 'open' : 'done', ...(done ? {} : { up_to: (thread.seen ?? thread.messages[0])?.id }) }));
        this.#say(this.t(done ? 'now_open' : 'now_done', { name: channel.client_name }));
      } catch (error) {
        this.one('.messenger-message[data-unread]')?.scrollIntoView({ block: 'nearest' });
        throw error;
      }
    });
  }

  /** @param {Thread} thread */
  #readFor(thread) {
    return this.#once('read-for', async () => {
      const last = thread.unread.at(-1);
      if (!last || !thread.channel) return;
      await this.hub.api.call('POST', `${thread.path}/read`, { up_to: last.id, on_behalf: true });
      this.#wasRead(thread, last);
      this.#say(this.t('read_for_done', { name: this.#nameOf(thread.channel.staff_id) }));
      await thread.refresh();
      if (thread.channel) this.hub.changed(thread.channel);
      this.one('.messenger-title')?.focus({ preventScroll: true });
    });
  }

  /**
   * @param {'email'|'sms'} medium
   * @param {HTMLElement} from
   */
  async #write(medium, from) {
    const channel = this.#thread?.channel;
    if (!channel) return;
    if (!this.emit('messenger-compose-open', { client_id: channel.client_id, channel_id: channel.id, medium }, true)) return;
    this.#setPane('thread');
    await this.one('messenger-compose').open(medium, from);
  }

  /** @param {MouseEvent} event */
  #profile(event) {
    const client = this.#thread?.channel?.client;
    if (!client) return;
    if (!this.emit('messenger-navigate', { to: 'profile', client_id: client.id, url: client.profile_url }, true)) event.preventDefault();
  }

  /** @param {Thread} thread */
  #toggleReplies(thread) {
    return this.#once('replies', async () => {
      const allowed = !thread.channel?.replies_allowed;
      await this.hub.api.call('PUT', `${thread.path}/replies`, { allowed });
      await this.#refreshChannel();
      this.#byHand = '';
      this.#say(this.t(allowed ? 'action_replies_on' : 'action_replies_off'));
    });
  }

  async #copy() {
    const link = this.#thread?.channel?.reply_link ?? '';
    if (await copy(link)) this.#say(this.t('copied'));
    else this.#byHand = link;
    const button = this.one('[data-do="copy"]');
    this.render();
    if (this.#byHand) this.one('.messenger-side input[readonly]')?.select();
    else button?.setAttribute('data-copied', this.t('copied'));
    setTimeout(() => button?.removeAttribute('data-copied'), 3000);
  }

  /** @param {Thread} thread */
  #renew(thread) {
    return this.#once('renew', async () => {
      await this.hub.api.call('POST', `${thread.path}/reply-link`);
      this.#sure = false;
      this.#byHand = '';
      await this.#refreshChannel();
      this.#say(this.t('renewed'));
      this.render();
      this.one('[data-do="copy"]')?.focus();
    });
  }

  async #loadHistory(more = false) {
    const thread = this.#thread;
    if (!thread) return;
    try {
      const page = await this.hub.api.get(`${thread.path}/history${query({ limit: 20, cursor: more ? this.#history?.next : undefined })}`);
      if (thread !== this.#thread) return;
      this.#history = { items: more ? [...(this.#history?.items ?? []), ...itemsOf(page)] : itemsOf(page), next: page.next, error: '' };
    } catch (error) {
      this.#history = { items: this.#history?.items ?? [], error: this.explain(error) };
    }
    this.update();
  }

  /**
   * @param {string} id
   * @param {string} operation
   * @param {string} words
   * @param {unknown} [body]
   */
  #message(id, operation, words, body) {
    return this.#once(`${operation} ${id}`, async () => {
      const message = await this.hub.api.call('POST', `/messages/${encodeURIComponent(id)}/${operation}`, body);
      if (message?.id && this.#thread?.id === message.channel_id) this.#thread?.merge([message]);
      this.#say(this.t(words));
      if (operation === 'resolve') await this.#refreshChannel();
      if (operation === 'resolve' && this.#thread?.channel) this.hub.changed(this.#thread.channel);
    });
  }

  /** @param {string} id */
  async #cancel(id) {
    const message = this.#thread?.messages.find((m) => m.id === id);
    await this.#message(id, 'cancel', 'message_cancelled');
    if (message && !this.#problem.act) this.one('messenger-compose').restore(message);
  }

  /**
   * @param {string} id
   * @param {HTMLElement} from
   */
  async #resolve(id, from) {
    const of = from.dataset.of;
    const note = await askWhatWasDone(this, this.t);
    from.focus();
    if (note) await this.#message(id, 'resolve', 'resolved', { of, note });
  }

  /** @param {FocusEvent} event */
  #reached(event) {
    const row = event.target instanceof Element ? event.target.closest('.messenger-row') : null;
    if (!(row instanceof HTMLElement) || row.dataset.key === this.#reach) return;
    this.#reach = row.dataset.key ?? '';
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const row = event.target instanceof Element ? event.target.closest('.messenger-row') : null;
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.messenger-row')]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (row));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
    /** @type {HTMLElement|null} */ (next?.querySelector('a'))?.focus();
  }

  render() {
    if (!this.one('.messenger-panes')) return;
    const lost = this.one('.messenger-lost');
    if (this.hub.lost !== lost.hasChildNodes()) morph(lost, this.hub.lost ? html`${icon('warning')}<span>${this.t('lost')}</span>` : html``);
    const panes = this.one('.messenger-panes');
    panes.dataset.pane = this.#pane;
    panes.dataset.empty = String(!this.#thread);
    this.#renderList();
    this.#renderThread();
    this.#renderSide();
  }

  #renderList() {
    const { t } = this;
    const list = this.#list;
    const pane = this.one('.messenger-list');
    pane.setAttribute('aria-label', t('messages'));
    const me = this.hub.me?.staff.id;
    const others = this.#inboxes.filter((i) => i.staff_id !== me);
    const staffId = list?.staffId ?? me;
    morph(this.one('.messenger-list-head'), html`<div class="messenger-list-top">
        ${others.length && me ? html`<h2 class="messenger-sr">${staffId === me ? t('inbox_own') : t('inbox_of', { name: this.#nameOf(staffId ?? '') })}</h2><label class="messenger-inbox-label"><span class="messenger-sr">${t('inbox_choose')}</span><select class="messenger-inbox-choice">
          <option value=${me} selected=${staffId === me}>${t('inbox_own')}</option>
          ${others.map((i) => html`<option value=${i.staff_id} selected=${staffId === i.staff_id}>${i.unread ? t('inbox_option', { name: t('inbox_of', { name: i.name }), count: i.unread }) : t('inbox_of', { name: i.name })}</option>`)}
        </select></label>` : html`<h2 class="messenger-list-title">${t('inbox_own')}</h2>`}
        <button type="button" class="messenger-button" data-do="new">${icon('plus')}${t('new_message')}</button>
      </div>
      <div class="messenger-search" role="search">${icon('search')}<input type="search" class="messenger-search-box" aria-label=${t('search')} placeholder=${t('search')} maxlength="200" autocomplete="off" spellcheck="false">
        ${list?.q ? html`<button type="button" class="messenger-clear" data-do="clear-search" aria-label=${t('search_clear')}>${icon('cross')}</button>` : ''}</div>
      <div class="messenger-shows" role="group" aria-label=${t('show')}>${shows.map((show) => this.#showView(show))}</div>
      ${staffId !== me && me && staffId && !this.channel ? html`<p class="messenger-note" data-look="look">${icon('person')}<span>${t(this.#mayActIn(staffId) ? 'looking_act' : 'looking_only', { name: this.#nameOf(staffId) })}</span></p>` : ''}
      ${this.#problem.list ? html`<div class="messenger-note" role="alert" data-look="bad">${icon('warning')}<span>${this.#problem.list}</span><button type="button" class="messenger-link" data-do="again-list">${t('retry')}</button></div>` : ''}`);
    this.#renderRows();
  }

  /** @param {'all'|'open'|'done'|'attention'} show */
  #showView(show) {
    const counts = this.#list?.counts;
    const number = counts && { all: counts.unread + counts.open + counts.done, open: counts.unread + counts.open, done: counts.done, attention: counts.attention }[show];
    const on = (this.#list?.show ?? 'all') === show;
    return html`<button type="button" class="messenger-show" data-do="show" data-show=${show} aria-pressed=${String(on)}>${this.t(`show_${show}`)} ${number === undefined ? '' : html`<span class="messenger-number">${number}</span>`}</button>`;
  }

  #renderRows() {
    const { t, format } = this;
    const list = this.#list;
    const items = this.one('.messenger-items');
    const held = (this.#pointed && items.querySelector('.messenger-row:hover')) || items.querySelector(':focus-visible');
    const view = list?.view(Boolean(held));
    const ids = view?.groups.flatMap((g) => g.ids) ?? [];
    if (!ids.includes(this.#reach)) this.#reach = ids.includes(this.channel) ? this.channel : (ids[0] ?? '');
    const q = list?.q.trim() ?? '';
    const empty = list?.loaded && ids.length === 0;
    morph(items, html`${view?.moved ? html`<button type="button" class="messenger-moved" data-key="moved" data-do="moved">${t('list_moved')}</button>` : ''}
      ${!list?.loaded && !this.#problem.list ? html`<p class="messenger-empty" data-key="loading">${t('loading')}</p>` : ''}
      ${empty && list ? html`<p class="messenger-empty" data-key="empty">${q ? t('empty_search', { q }) : t(`empty_${list.show}`)}</p>` : ''}
      ${list?.loaded && view ? view.groups.map((group) => html`<section class="messenger-group" data-key="group ${group.name}" aria-label=${t(`group_${group.name}`)}>
        <h3 class="messenger-group-title">${t(`group_${group.name}`)}</h3>
        <ul>${group.ids.map((id) => {
          const row = list.rows.get(id);
          return row ? rowView({ row, current: id === this.channel, reachable: id === this.#reach, mayAct: this.#mayActIn(row.staff_id), q, t, format }) : '';
        })}</ul></section>`) : ''}
      ${list?.next ? html`<button type="button" class="messenger-link messenger-more" data-key="more" data-do="more">${t('load_more')}</button>` : ''}`);
  }

  #renderThread() {
    const { t, format } = this;
    const thread = this.#thread;
    const channel = thread?.channel;
    const pane = this.one('.messenger-thread');
    pane.setAttribute('aria-label', channel ? t('conversation_with', { name: channel.client_name }) : t('choose_channel'));
    const own = this.#isOwn;
    morph(this.one('.messenger-thread-head'), threadHead({ channel, loading: Boolean(thread) && !this.#problem.thread, own, mayAct: this.#mayAct, unread: thread?.unread.length ?? 0, owner: channel ? this.#nameOf(channel.staff_id) : '', me: Boolean(this.hub.me), problem: this.#problem.thread, act: this.#problem.act, t, format }));
    const scroll = this.one('.messenger-scroll');
    scroll.hidden = !channel;
    scroll.setAttribute('role', 'group');
    scroll.setAttribute('aria-label', t('conversations'));
    const me = this.hub.me?.staff.id ?? '';
    morph(this.one('.messenger-messages'), html`${thread?.loaded ? html`<li class="messenger-edge" data-key="edge">${thread.loading ? t('older_loading') : thread.next ? html`<button type="button" class="messenger-link" data-do="older">${t('older_load')}</button>` : t(thread.messages.length ? 'thread_start' : 'thread_empty')}</li>` : ''}
      ${thread?.loaded ? itemsView({ thread, me, mayAct: this.#mayAct, shown: this.#shown, t, format }) : ''}`);
    morph(this.one('.messenger-below'), this.#below ? html`<button type="button" class="messenger-button" data-do="below">${t('new_below', { count: this.#below })}</button>` : html``);
    const compose = this.one('messenger-compose');
    compose.hidden = !channel;
  }

  #renderSide() {
    const side = this.one('.messenger-side');
    const channel = this.#thread?.channel;
    side.setAttribute('aria-label', this.t('about'));
    side.hidden = !channel;
    if (!channel) return;
    morph(side, sideView({ channel, mayAct: this.#mayAct, nameOf: this.#nameOf, history: this.#history, byHand: this.#byHand, sure: this.#sure, t: this.t, format: this.format }));
  }
}

/** @param {HTMLElement} scroll */
const atBottom = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
