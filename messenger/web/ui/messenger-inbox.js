// <messenger-inbox>: the Messages page. Its panes tell it what was asked for, and it tells them what is shown; the
// page's address says which channel is open.

import { Colleagues } from './colleagues.js';
import { dayEndPlace, leaveDayEnd, openDayEnd, showDayEnd, showsDayEnd } from './day-end.js';
import { MessengerElement } from './element.js';
import { keepFocus, near } from './focus.js';
import { Handing } from './handing.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { Keys } from './keys.js';
import { leaveModal } from './modal.js';
import { morph } from './morph.js';
import { bringDialog, PageDialogs } from './page-dialogs.js';
import { goTo, isHere, place, stay } from './place.js';
import { watchTop } from './room.js';
import { Waiting } from './waiting.js';

/** @typedef {import('./messenger-list.js').MessengerList} MessengerList */
/** @typedef {import('./messenger-thread.js').MessengerThread} MessengerThread */
/** @typedef {import('./messenger-side.js').MessengerSide} MessengerSide */
/** @typedef {MessengerList|MessengerThread|MessengerSide} Pane */

/** The last of the panes to come: the others are there then. */
const lastPane = 'messenger-side';

const hasCome = () => Boolean(customElements.get(lastPane));

/** Attribute `channel`: the channel to open when the page's address names none. `shortcuts`: `off` for no keys. */
export class MessengerInbox extends MessengerElement {
  /** @type {Colleagues|undefined} */
  colleagues;
  /** The channel that is open, or ''. */
  #id = '';
  /** @type {import('./thread.js').Thread|undefined} */
  #thread;
  #announced = new Set();
  /** What is opened once a channel is done. @type {string|undefined} */
  #after;
  #waiting = new Waiting(this);
  #handing = new Handing(this);
  #dialogs = new PageDialogs(this);
  #keys = new Keys(this, {
    j: () => this.listPane.move(1),
    k: () => this.listPane.move(-1),
    r: () => this.one('.messenger-side [data-medium]')?.click(),
    e: () => this.#finish(),
    '/': () => this.#turn('list', '.messenger-search-box'),
    Escape: (at) => this.#leaveField(at),
  });

  actions = {
    panes: () => leaveDayEnd(this),
  };

  start() {
    this.#thread = undefined;
    this.#id = '';
    this.#waiting.forget();
    this.replaceChildren(html`<div class="messenger-lost" role="status"></div>
      <div class="messenger-panes" data-pane="list">
        <messenger-list class="messenger-list" role="region"></messenger-list>
        <messenger-thread class="messenger-thread" role="region">
          <div class="messenger-quiet messenger-coming">${this.t('loading')}</div>
        </messenger-thread>
        <messenger-side class="messenger-side" role="region" hidden></messenger-side>
      </div>
      ${dayEndPlace()}
      <div class="messenger-sr messenger-said" role="status"></div>
      <messenger-new-message></messenger-new-message><messenger-broadcasts></messenger-broadcasts>
      <messenger-texts></messenger-texts><messenger-absence></messenger-absence>
      <messenger-handover></messenger-handover><messenger-template-desk></messenger-template-desk>`);
    this.colleagues = new Colleagues(this.hub);
    this.#lookAfter(this.listPane);
    this.#listenToPanes();
    if (hasCome()) this.#come();
    else this.#whenCome(() => this.#come());
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.soon('inboxes', 50, () => this.#again()));
    this.listen(this.hub, 'broadcast', () => this.#waiting.changed());
    this.listen(this.hub, 'link', ({ detail }) => {
      this.update();
      if (!detail.lost && !this.hub.lost) this.announce(this.t('back'));
    });
    this.listen(this.hub, 'another', () => {
      if (this.hub.me) isHere(this.hub.me);
      this.connectedCallback(); // nothing of what was typed or shown is theirs
    });
    // Back leaves a dialog, and nothing beneath it.
    this.listen(window, 'popstate', () => (leaveModal() ? stay() : this.#returned()));
    this.listen(this, 'keydown', (event) => this.#keys.press(event, !showsDayEnd(this)));
    keepFocus(this, () => near(this), this.signal);
    watchTop(this, this.signal);
    this.#begin();
  }

  get listPane() {
    return /** @type {MessengerList} */ (this.one('messenger-list'));
  }
  get threadPane() {
    return /** @type {MessengerThread} */ (this.one('messenger-thread'));
  }
  get sidePane() {
    return /** @type {MessengerSide} */ (this.one('messenger-side'));
  }

  /** @param {Pane} pane */
  #lookAfter(pane) {
    pane.colleagues = this.colleagues;
    this.listen(pane, 'say', ({ detail }) => this.announce(detail.words));
    this.listen(/** @type {Colleagues} */ (this.colleagues), 'change', () => pane.update());
  }

  /** The panes of a conversation have come. */
  #come() {
    this.#lookAfter(this.threadPane);
    this.#lookAfter(this.sidePane);
    this.#waiting.tell();
  }

  /** @param {() => unknown} does */
  async #whenCome(does) {
    const { signal } = this;
    await customElements.whenDefined(lastPane);
    if (!signal.aborted) does();
  }

  #listenToPanes() {
    const list = this.listPane;
    const thread = this.threadPane;
    const side = this.sidePane;
    this.listen(list, 'begin', () => this.#findInbox());
    this.listen(list, 'choose', ({ detail }) => this.#chosen(detail.staffId));
    this.listen(list, 'place', ({ detail }) => goTo(detail, 'same'));
    this.listen(list, 'finished', ({ detail }) => this.openNext(detail.next));
    this.listen(list, 'shown', () => this.#waiting.tell());
    this.listen(list, 'keys', () => this.#keys.tell());
    this.listen(list, 'overview', () => openDayEnd(this));
    this.#handing.start();
    this.#dialogs.start();
    this.listen(list, 'open', ({ detail }) => this.#select(detail));
    this.listen(thread, 'loaded', ({ detail }) => this.#loaded(detail.channel));
    this.listen(thread, 'back', () => this.#back());
    this.listen(thread, 'today', ({ detail }) => this.#waiting.goTo(detail.to));
    this.listen(thread, 'found', ({ detail }) => this.#found(detail.id));
    this.listen(thread, 'side', () => this.#turn('side', '.messenger-from-side'));
    this.listen(thread, 'messenger-sent', () => list.settle());
    this.listen(side, 'back', () => this.#turn('thread', '.messenger-title'));
    this.listen(side, 'problem', ({ detail }) => thread.fail(detail.words));
    this.listen(side, 'unread', () => thread.showUnread());
    this.listen(side, 'finishing', ({ detail }) => (this.#after = list.nextUnread(detail.id)));
    this.listen(side, 'finished', () => this.openNext(this.#after));
    this.listen(side, 'write', ({ detail }) => {
      this.#turn('thread');
      thread.write(detail.medium, detail.from);
    });
  }

  /**
   * Opens a dialog, once it has come.
   * @param {string} tag
   * @param {...any} about
   */
  dialog(tag, ...about) {
    const open = () => this.one(tag).open(...about);
    bringDialog(tag);
    if (customElements.get(tag)) open();
    else customElements.whenDefined(tag).then(() => this.isConnected && open());
  }

  /** Whether the panes of a conversation have come. */
  get isWhole() {
    return hasCome();
  }

  /** The channel that is open, or ''. */
  get channel() {
    return this.#id;
  }

  /** @param {string} name */
  changed(name) {
    if (name === 'channel') this.openChannel(this.getAttribute('channel') ?? '');
    else this.connectedCallback();
  }

  /**
   * Opens a channel and puts it into the page's address; '' closes the one that is open.
   * @param {string} id
   * @param {string} [message] the message to show, '' for what is unread or newest
   */
  async openChannel(id, message = '') {
    goTo({ channel: id, message, view: '' }, 'new');
    showDayEnd(this);
    await this.#show(id, message);
  }

  /**
   * Opens an inbox.
   * @param {string} staffId
   * @param {string} [show] what of it: `all`, `open`, `done` or `attention`
   */
  openInbox(staffId, show = 'all') {
    const inbox = staffId === this.hub.me?.staff.id ? '' : staffId;
    goTo({ channel: '', message: '', view: '', inbox, show, q: '' }, 'new');
    this.#returned();
    this.one('.messenger-search-box')?.focus();
  }

  #begin() {
    this.hub.follow('', this.signal);
    this.loadColleagues();
    const { channel, message, ...shown } = place();
    this.listPane.restore(shown);
    showDayEnd(this);
    this.#show(channel || this.getAttribute('channel') || '', message);
    this.#findInbox();
    this.update();
  }

  /** Shows the asker's own inbox, unless a channel has decided already. */
  async #findInbox() {
    const list = this.listPane;
    try {
      list.fail('');
      const me = await this.hub.whoAmI();
      const { channel } = this.#thread ?? {};
      isHere(me);
      if (place().q) this.#returned();
      list.staffId ??= channel ? this.#homeOf(channel) : place().inbox || me.staff.id;
    } catch (error) {
      list.fail(this.explain(error));
      this.againSoon(error, 'find', () => this.#findInbox());
    }
    for (const pane of hasCome() ? [list, this.threadPane, this.sidePane] : [list]) pane.update();
  }

  /** Fetches again what no pane does for itself. */
  #again() {
    this.loadColleagues();
    if (this.listPane.staffId === undefined) this.#findInbox();
  }

  async loadColleagues() {
    await this.colleagues?.load().catch((error) => {
      this.explain(error);
      this.againSoon(error, 'colleagues', () => this.loadColleagues());
    });
  }

  /** Shows what the page's address says now. */
  #returned() {
    const { channel, message, inbox, ...shown } = place();
    const list = this.listPane;
    goTo({}, 'same');
    showDayEnd(this);
    list.restore(shown);
    if (!channel && this.hub.me) list.staffId = inbox || this.hub.me.staff.id;
    this.#show(channel, message);
  }

  /**
   * @param {string} id
   * @param {string} [message]
   */
  async #show(id, message = '') {
    if (!id && !this.#id) return this.#turn('list');
    this.#id = this.listPane.current = id;
    this.#turn(id ? 'thread' : 'list');
    this.render();
    if (!hasCome()) await customElements.whenDefined(lastPane);
    if (id !== this.#id) return;
    const stays = this.#thread?.id === id;
    const pane = this.threadPane;
    if (!stays) this.#thread = this.sidePane.thread = pane.open(id);
    pane.find(message, place().q);
    if (!stays) await pane.load();
  }

  /**
   * In whose inbox a channel is shown: what the asker covers is in their own, unless they have gone to the owner's.
   * @param {Messenger.Channel} channel
   */
  #homeOf({ staff_id: owner }) {
    const me = this.hub.me?.staff.id ?? '';
    const at = this.listPane.staffId ?? (place().inbox || me);
    return at === me && this.colleagues?.covers(owner) ? me : owner;
  }

  /** @param {Messenger.Channel} channel */
  async #loaded(channel) {
    const list = this.listPane;
    list.take(channel);
    if (this.#thread?.id === channel.id && this.channel !== channel.id) {
      // What was opened has become part of it.
      this.#id = list.current = channel.id;
      goTo({ channel: channel.id }, 'same');
    }
    await this.hub.whoAmI().catch(() => {});
    if (!this.hub.me || this.channel !== channel.id) return;
    const home = this.#homeOf(channel);
    list.staffId = home;
    goTo({ inbox: home === this.hub.me.staff.id ? '' : home }, 'same');
  }

  /**
   * Opens a channel, and moves the focus into it unless it has gone elsewhere meanwhile.
   * @param {{id: string, message?: string, why?: string}} wanted
   */
  async #select({ id, message, why }) {
    await this.openChannel(id, message);
    if (why && this.channel === id) this.threadPane.fail(this.t(why));
    const at = document.activeElement;
    const stays = at !== document.body && !at?.closest('.messenger-row');
    if (this.channel === id && !stays) this.one('.messenger-title')?.focus({ preventScroll: true });
  }

  /** @param {string} message which message is shown for a search now, '' for none any more */
  #found(message) {
    goTo({ message }, 'same');
    if (message) return;
    this.threadPane.find('', '');
    this.one('.messenger-title')?.focus({ preventScroll: true });
  }

  /**
   * Opens the channel that comes after one that is done; without any, that one stays.
   * @param {string|undefined} id
   */
  openNext(id) {
    if (id) this.#select({ id });
  }

  /** Marks what has the focus in the list as done or as open, or else the channel that is open. */
  #finish() {
    const list = this.listPane;
    const id = list.focused || this.channel;
    if (id) return id === this.channel ? this.sidePane.finish() : list.finish(id);
  }

  /**
   * Leaves a field, and stays inside.
   * @param {Element} at
   */
  #leaveField(at) {
    if (at.closest('messenger-list')) near(this)?.focus();
    else this.one('.messenger-title')?.focus({ preventScroll: true });
  }

  /** Another inbox is shown: what was open is not. @param {string} staffId */
  #chosen(staffId) {
    goTo({ channel: '', message: '', inbox: staffId === this.hub.me?.staff.id ? '' : staffId }, 'new');
    this.#show('');
    this.#turn('list');
  }

  #back() {
    const id = this.channel;
    this.openChannel('');
    this.listPane.focusRow(id);
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

  /** @param {Messenger.Message} message */
  #heard(message) {
    if (message.direction !== 'inbound' || message.read || this.#announced.has(message.id)) return;
    this.#announced.add(message.id);
    const name = this.listPane.clientOf(message.channel_id) ?? message.author.name ?? '';
    this.announce(this.t('new_reply', { name }));
  }

  /**
   * Says something to who does not see it.
   * @param {string} words
   */
  announce(words) {
    this.one('.messenger-said').textContent = words;
  }

  render() {
    const panes = this.one('.messenger-panes');
    if (!panes) return;
    panes.dataset.empty = String(!this.channel);
    const lost = this.one('.messenger-lost');
    const words = this.hub.lost ? html`${icon('warning')}<span>${this.t('lost')}</span>` : html``;
    if (this.hub.lost !== lost.hasChildNodes()) morph(lost, words);
  }
}
