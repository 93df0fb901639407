// <messenger-inbox>: the Messages page. List, thread and side panel; the page's address says which channel is open.

import { itemsOf } from './api.js';
import { MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';
import { ListPane } from './list.js';
import { cancel, change, resolve } from './message.js';
import { SidePane } from './side.js';
import { ThreadPane } from './thread.js';

/** Attribute `channel`: the channel to open when the page's address names none. What a host does not use is here for the panes. */
export class MessengerInbox extends MessengerElement {
  listPane = new ListPane(this);
  threadPane = new ThreadPane(this);
  sidePane = new SidePane(this);
  /** What went wrong with the list, with the thread, and with the last thing that was done. */
  problem = { list: '', thread: '', act: '' };
  /** @type {Messenger.Inbox[]} */
  inboxes = [];
  #pane = 'list';
  #heard = new Set();
  #busy = new Set();
  #again = 0;

  start() {
    this.replaceChildren(this.#skeleton());
    this.listen(this.hub, 'channel', ({ detail }) => this.#onChannel(detail.row));
    this.listen(this.hub, 'message', ({ detail }) => this.#onMessage(detail.message));
    this.listen(this.hub, 'reset', () => this.#onReset());
    this.listen(this.hub, 'link', ({ detail }) => this.#onLink(detail.lost));
    this.listen(window, 'popstate', () => this.#show(new URL(location.href).searchParams.get('channel') ?? ''));
    this.listen(window, 'resize', () => this.#measure());
    this.listPane.start();
    this.threadPane.start();
    this.#measure();
    this.#begin();
  }

  /** The channel that is open, or ''. */
  get channel() {
    return this.threadPane.thread?.id ?? '';
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
      if (!this.listPane.list) await this.listPane.use(this.threadPane.channel?.staff_id ?? me.staff.id);
    } catch (error) {
      this.problem.list = this.explain(error);
    }
    this.update();
  }

  async #loadInboxes() {
    try {
      this.inboxes = itemsOf(await this.hub.api.get('/inboxes'));
    } catch (error) {
      this.explain(error);
    }
    this.update();
  }

  /** @param {string} id */
  async #show(id) {
    if (this.threadPane.thread?.id === id) return this.setPane('thread');
    this.one('messenger-compose')?.leave();
    this.problem.thread = this.problem.act = '';
    this.threadPane.open(id);
    this.sidePane.reset();
    this.setPane(id ? 'thread' : 'list');
    this.render();
    await this.threadPane.load();
  }

  /** Whether the asker may act in the channel that is open, or in the inbox while none is. */
  get mayAct() {
    return this.mayActIn(this.threadPane.channel?.staff_id ?? this.listPane.list?.staffId);
  }

  /** @param {string|undefined} staffId */
  mayActIn(staffId) {
    return (
      staffId === undefined ||
      staffId === this.hub.me?.staff.id ||
      Boolean(this.inboxes.find((i) => i.staff_id === staffId)?.may_act)
    );
  }

  /** @param {string} staffId */
  nameOf(staffId) {
    return (
      this.inboxes.find((i) => i.staff_id === staffId)?.name ??
      (staffId === this.hub.me?.staff.id ? this.hub.me.staff.name : this.t('a_colleague'))
    );
  }

  /**
   * Brings one pane to the front, where there is no room for all.
   * @param {string} pane
   */
  setPane(pane) {
    this.#pane = pane;
    const panes = this.one('.messenger-panes');
    if (panes) panes.dataset.pane = pane;
  }

  #measure() {
    const top = Math.max(0, Math.ceil(this.getBoundingClientRect().top + window.scrollY));
    this.style.setProperty('--messenger-top', `${top}px`);
  }

  /** @param {Messenger.Row} row */
  #onChannel(row) {
    this.listPane.heard(row);
    this.threadPane.changed(row);
    this.update();
  }

  /** @param {Messenger.Message} message */
  #onMessage(message) {
    if (message.direction === 'inbound' && !message.read && !this.#heard.has(message.id)) {
      this.#heard.add(message.id);
      this.say('new_reply', this.listPane.list?.rows.get(message.channel_id)?.client_name ?? message.author.name);
    }
    this.threadPane.heard(message);
  }

  #onReset() {
    clearTimeout(this.#again);
    this.#again = window.setTimeout(() => {
      this.listPane.load();
      this.threadPane.load();
      this.#loadInboxes();
      this.sidePane.refresh();
    }, 50);
  }

  /** @param {boolean} lost */
  #onLink(lost) {
    this.update();
    if (!lost && !this.hub.lost) this.say('back');
  }

  /**
   * Says something to who does not see it.
   * @param {string} words their key
   * @param {string} [name]
   */
  say(words, name = '') {
    this.one('.messenger-said').textContent = this.t(words, { name });
  }

  /**
   * Does something once at a time, and says what went wrong.
   * @param {string} what
   * @param {() => Promise<void>} work
   */
  async once(what, work) {
    if (this.#busy.has(what)) return;
    this.#busy.add(what);
    try {
      this.problem.act = '';
      await work();
    } catch (error) {
      this.problem.act = this.explain(error);
    } finally {
      this.#busy.delete(what);
    }
    this.update();
  }

  /**
   * Marks a channel as done, or as open again.
   * @param {Messenger.Row} row
   * @param {string} [upTo] the last message that has been seen
   */
  async toggleDone(row, upTo) {
    const done = row.status === 'done';
    this.hub.changed(
      await this.hub.api.call('PUT', `/channels/${encodeURIComponent(row.id)}/status`, {
        status: done ? 'open' : 'done',
        up_to: done ? undefined : upTo,
      }),
    );
    this.say(done ? 'now_open' : 'now_done', row.client_name);
  }

  /**
   * @param {string} name
   * @param {HTMLElement} target
   * @param {MouseEvent} event
   */
  act(name, target, event) {
    const id = target.dataset.id ?? '';
    const { listPane: list, threadPane: thread, sidePane: side } = this;
    /** @type {Record<string, () => unknown>} */
    const does = {
      open: () => list.opened(id, event),
      quick: () => list.quick(id),
      show: () => list.filter(target.dataset.show ?? 'all'),
      moved: () => (list.list?.settle(), this.update()),
      more: () => list.more(),
      new: () => this.one('messenger-new-message').open(),
      'clear-search': () => list.clearSearch(),
      'again-list': () => (list.list ? list.load() : this.#begin()),
      'again-thread': () => thread.load(),
      dismiss: () => ((this.problem.act = ''), this.update()),
      'to-list': () => this.#back(),
      'to-side': () => this.#turn('side', '.messenger-from-side'),
      'to-thread': () => this.#turn('thread', '.messenger-title'),
      below: () => thread.toBottom(),
      older: () => thread.older(),
      status: () => side.setStatus(),
      'read-for': () => thread.readFor(),
      write: () => side.write(/** @type {'email'|'sms'} */ (target.dataset.medium), target),
      profile: () => side.profile(event),
      replies: () => side.toggleReplies(),
      copy: () => side.copy(),
      renew: () => side.ask(true),
      'renew-not': () => side.ask(false),
      'renew-sure': () => side.renew(),
      history: () => side.history ?? side.loadHistory(),
      'history-more': () => side.loadHistory(true),
      retry: () => change(this, id, 'retry', 'retrying'),
      file: () => change(this, id, 'record', 'retrying'),
      cancel: () => cancel(this, id),
      resolve: () => resolve(this, id, target),
    };
    does[name]?.();
  }

  /**
   * @param {string} pane
   * @param {string} to where the focus goes
   */
  #turn(pane, to) {
    this.setPane(pane);
    this.one(to)?.focus();
  }

  #back() {
    const id = this.channel;
    this.openChannel('');
    this.listPane.focus(id);
  }

  render() {
    const panes = this.one('.messenger-panes');
    if (!panes) return;
    const lost = this.one('.messenger-lost');
    if (this.hub.lost !== lost.hasChildNodes())
      morph(lost, this.hub.lost ? html`${icon('warning')}<span>${this.t('lost')}</span>` : html``);
    panes.dataset.pane = this.#pane;
    panes.dataset.empty = String(!this.channel);
    this.listPane.render();
    this.threadPane.render();
    this.sidePane.render();
  }
}
