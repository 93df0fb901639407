// <messenger-inbox>: the Messages page. Its panes tell it what was asked for, and it tells them what is shown; the
// page's address says which channel is open.

import { Colleagues } from './colleagues.js';
import { MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { morph } from './morph.js';
import { Thread } from './thread.js';

/** Attribute `channel`: the channel to open when the page's address names none. */
export class MessengerInbox extends MessengerElement {
  /** @type {Thread|undefined} */
  #thread;
  /** @type {Colleagues|undefined} */
  #colleagues;
  #announced = new Set();

  start() {
    this.#thread = undefined;
    this.replaceChildren(html`<div class="messenger-lost" role="status"></div>
      <div class="messenger-panes" data-pane="list">
        <messenger-list class="messenger-list" role="region"></messenger-list>
        <messenger-thread class="messenger-thread" role="region"></messenger-thread>
        <messenger-side class="messenger-side" role="region" hidden></messenger-side>
      </div>
      <div class="messenger-sr messenger-said" role="status"></div>
      <messenger-new-message></messenger-new-message><messenger-broadcasts></messenger-broadcasts>
      <messenger-texts></messenger-texts>`);
    this.#colleagues = new Colleagues(this.hub);
    for (const pane of [this.#listPane, this.#threadPane, this.#sidePane]) {
      pane.colleagues = this.#colleagues;
      this.listen(pane, 'say', ({ detail }) => this.#announce(detail.words));
      this.listen(this.#colleagues, 'change', () => pane.update());
    }
    this.#listenToPanes();
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.soon('inboxes', 50, () => this.#again()));
    this.listen(this.hub, 'link', ({ detail }) => this.#linked(detail.lost));
    this.listen(window, 'popstate', () => this.#show(new URL(location.href).searchParams.get('channel') ?? ''));
    this.listen(window, 'resize', () => this.#measure());
    this.#watchTop();
    this.#begin();
  }

  get #listPane() {
    return /** @type {import('./messenger-list.js').MessengerList} */ (this.one('messenger-list'));
  }
  get #threadPane() {
    return /** @type {import('./messenger-thread.js').MessengerThread} */ (this.one('messenger-thread'));
  }
  get #sidePane() {
    return /** @type {import('./messenger-side.js').MessengerSide} */ (this.one('messenger-side'));
  }

  #listenToPanes() {
    const list = this.#listPane;
    const thread = this.#threadPane;
    const side = this.#sidePane;
    this.listen(list, 'begin', () => this.#findInbox());
    this.listen(list, 'choose', () => this.#close());
    this.listen(list, 'new', () => this.#dialog('messenger-new-message'));
    this.listen(this.one('messenger-new-message'), 'sent', ({ detail }) => this.#sent(detail));
    this.listen(list, 'several', () => this.#dialog('messenger-broadcasts'));
    this.listen(list, 'texts', () => this.#dialog('messenger-texts'));
    this.listen(list, 'open', ({ detail }) => this.#select(detail.id));
    this.listen(thread, 'loaded', ({ detail }) => this.#loaded(detail.channel));
    this.listen(thread, 'back', () => this.#back());
    this.listen(thread, 'side', () => this.#turn('side', '.messenger-from-side'));
    this.listen(thread, 'messenger-sent', () => list.settle());
    this.listen(side, 'back', () => this.#turn('thread', '.messenger-title'));
    this.listen(side, 'problem', ({ detail }) => thread.fail(detail.words));
    this.listen(side, 'unread', () => thread.showUnread());
    this.listen(side, 'write', ({ detail }) => {
      this.#turn('thread');
      thread.write(detail.medium, detail.from);
    });
  }

  /**
   * Opens a dialog, once it has come.
   * @param {string} tag
   */
  #dialog(tag) {
    const open = () => this.one(tag).open();
    if (customElements.get(tag)) open();
    else customElements.whenDefined(tag).then(open);
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
    if (id) address.searchParams.set('channel', id);
    else address.searchParams.delete('channel');
    if (address.href !== location.href) history.pushState(null, '', address);
    await this.#show(id);
  }

  #begin() {
    this.hub.follow('', this.signal);
    this.#loadColleagues();
    this.#show(new URL(location.href).searchParams.get('channel') || this.getAttribute('channel') || '');
    this.#findInbox();
    this.update();
  }

  /** Shows the asker's own inbox, unless a channel has decided already. */
  async #findInbox() {
    const list = this.#listPane;
    try {
      list.fail('');
      const me = await this.hub.whoAmI();
      list.staffId ??= this.#thread?.channel?.staff_id ?? me.staff.id;
    } catch (error) {
      list.fail(this.explain(error));
      this.againSoon(error, 'find', () => this.#findInbox());
    }
    for (const pane of [list, this.#threadPane, this.#sidePane]) pane.update();
  }

  /** Fetches again what no pane does for itself. */
  #again() {
    this.#loadColleagues();
    if (this.#listPane.staffId === undefined) this.#findInbox();
  }

  async #loadColleagues() {
    await this.#colleagues?.load().catch((error) => this.explain(error));
  }

  /**
   * Opens the conversation that a new message is in.
   * @param {{message: Messenger.Message, then: string, before: string, later: boolean}} sent
   */
  async #sent(sent) {
    const id = sent.message.channel_id;
    await this.openChannel(id);
    if (this.channel === id) this.#threadPane.follow(sent);
  }

  /** @param {string} id */
  async #show(id) {
    if (this.#thread?.id === id) return this.#turn('thread');
    if (!id && !this.#thread) return this.#turn('list');
    const thread = id ? new Thread(this.hub.api, id) : undefined;
    this.#thread = this.#threadPane.thread = this.#sidePane.thread = thread;
    this.#listPane.current = id;
    this.#turn(id ? 'thread' : 'list');
    this.render();
    await this.#threadPane.load();
  }

  /** @param {Messenger.Channel} channel */
  async #loaded(channel) {
    const list = this.#listPane;
    list.take(channel);
    await this.hub.whoAmI().catch(() => {});
    if (this.hub.me && this.channel === channel.id) list.staffId = channel.staff_id;
  }

  /**
   * Opens a channel, and moves the focus into it unless it has gone elsewhere meanwhile.
   * @param {string} id
   */
  async #select(id) {
    await this.openChannel(id);
    const at = document.activeElement;
    const stays = at !== document.body && !at?.closest('.messenger-row');
    if (this.channel === id && !stays) this.one('.messenger-title')?.focus({ preventScroll: true });
  }

  #close() {
    if (this.channel) this.openChannel('');
    this.#turn('list');
  }

  #back() {
    const id = this.channel;
    this.openChannel('');
    this.#listPane.focusRow(id);
  }

  /**
   * Brings one pane to the front, where there is no room for all.
   * @param {'list'|'thread'|'side'} pane
   * @param {string} [to] where the focus goes
   */
  #turn(pane, to) {
    this.one('.messenger-panes').dataset.pane = pane;
    if (to) this.one(to)?.focus();
  }

  /** Measures again whenever what stands above may have changed: a host's bar that grows, a note that it puts in. */
  #watchTop() {
    const sizes = new ResizeObserver(() => this.#measure());
    const changes = new MutationObserver(() => observe());
    const observe = () => {
      sizes.disconnect();
      sizes.observe(document.body);
      for (let at = /** @type {Element} */ (this); at.parentElement; at = at.parentElement) {
        for (const beside of at.parentElement.children) if (beside !== at) sizes.observe(beside);
        changes.observe(at.parentElement, { childList: true });
      }
      this.#measure();
    };
    observe();
    this.signal.addEventListener('abort', () => {
      sizes.disconnect();
      changes.disconnect();
    });
  }

  #measure() {
    const top = `${Math.max(0, Math.ceil(this.getBoundingClientRect().top + window.scrollY))}px`;
    if (this.style.getPropertyValue('--messenger-top') !== top) this.style.setProperty('--messenger-top', top);
  }

  /** @param {Messenger.Message} message */
  #heard(message) {
    if (message.direction !== 'inbound' || message.read || this.#announced.has(message.id)) return;
    this.#announced.add(message.id);
    const name = this.#listPane.clientOf(message.channel_id) ?? message.author.name ?? '';
    this.#announce(this.t('new_reply', { name }));
  }

  /** @param {boolean} lost */
  #linked(lost) {
    this.update();
    if (!lost && !this.hub.lost) this.#announce(this.t('back'));
  }

  /**
   * Says something to who does not see it.
   * @param {string} words
   */
  #announce(words) {
    this.one('.messenger-said').textContent = words;
  }

  render() {
    const panes = this.one('.messenger-panes');
    if (!panes) return;
    panes.dataset.empty = String(!this.channel);
    const lost = this.one('.messenger-lost');
    const words = html`${icon('warning')}<span>${this.t('lost')}</span>`;
    if (this.hub.lost !== lost.hasChildNodes()) morph(lost, this.hub.lost ? words : html``);
  }
}
