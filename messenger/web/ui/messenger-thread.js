// <messenger-thread>: the middle pane of the Messages page. Who the channel is with, its messages, when they count as
// read, and the form.

import { askWhatWasDone } from './ask.js';
import { MessengerElement } from './element.js';
import { isFound, markFound } from './found.js';
import { html } from './html.js';
import { later } from './later.js';
import { morph } from './morph.js';
import { Reader } from './reader.js';
import { blankView, headView } from './thread-head.js';
import { itemsView } from './thread-items.js';
import { Thread } from './thread.js';

/** How much further the messages move by themselves than can be told, in pixels: the strip with Undo goes first. */
const byItself = 100;

/**
 * Part of the Messages page. Tells it: `loaded` (`channel`, whenever that is loaded), `back` and `side` (the other
 * panes are wanted), `found` (`id`, the message that is shown for a search, '' for none any more), `today` (`to`, what
 * waits is wanted), `say`.
 */
export class MessengerThread extends MessengerElement {
  /** @type {import('./colleagues.js').Colleagues|undefined} */
  colleagues;
  /** @type {Thread|undefined} */
  #thread;
  /** @type {AbortController|undefined} */
  #watching;
  /** @type {Reader|undefined} */
  #reader;
  /** What was last shown of each message. @type {Map<string, any[]>} */
  #shown = new Map();
  /** What is being reported as read. */
  #reading = new Set();
  /** Why the channel could not be loaded. */
  unloaded = '';
  /** What went wrong with the last thing that was done. */
  problem = '';
  #below = 0;
  /** What waits while no channel is open. @type {import('./today.js').Waiting|undefined} */
  waiting;
  /** What was searched for, and the message that is shown for it. */
  found = { id: '', q: '' };
  /** Whether the newest message is on screen, and stays so when the pane or the messages grow. */
  #atEnd = false;
  /** Replies that came while something was being written: they are not read before somebody looks. */
  #held = new Set();

  actions = {
    again: () => this.load(),
    dismiss: () => this.fail(''),
    back: () => this.tell('back'),
    side: () => this.tell('side'),
    today: (/** @type {HTMLElement} */ { dataset }) => this.tell('today', { to: dataset.to }),
    'found-next': () => this.#step(1),
    'found-previous': () => this.#step(-1),
    'found-over': () => this.tell('found', { id: '' }),
    below: () => this.#toBottom(),
    'read-for': () => this.#readFor(),
    retry: (/** @type {HTMLElement} */ { dataset }) => this.#change(dataset.id, 'retry', 'retrying'),
    file: (/** @type {HTMLElement} */ { dataset }) => this.#change(dataset.id, 'record', 'retrying'),
    cancel: (/** @type {HTMLElement} */ { dataset }) => this.#cancel(dataset.id),
    edit: (/** @type {HTMLElement} */ { dataset }) => this.#edit(dataset.id),
    resolve: (/** @type {HTMLElement} */ button) => this.#resolve(button),
    withdraw: (/** @type {HTMLElement} */ { dataset }) => this.#withdraw(dataset.id),
    remind: (/** @type {HTMLElement} */ { dataset }) => this.#change(dataset.id, 'remind', 'reminded'),
    'stop-waiting': (/** @type {HTMLElement} */ { dataset }) =>
      this.#change(dataset.id, 'stop-waiting', 'waiting_stopped', {}),
    disclose: (/** @type {HTMLElement} */ button) => disclose(button),
    foot: (/** @type {HTMLElement} */ foot) => foot.toggleAttribute('data-open'),
  };

  start() {
    this.replaceChildren(html`<div class="messenger-thread-head"></div>
      <div class="messenger-scroll" tabindex="0" role="log">
        <div role="list" class="messenger-messages"></div>
      </div>
      <div class="messenger-below"></div>
      <messenger-compose data-inbox></messenger-compose>`);
    const scroll = this.#scroll;
    this.#keepInView(scroll);
    this.listen(this, 'messenger-sent', () => {
      this.#look();
      this.#toEnd();
    });
    this.listen(this.#compose, 'news', () => this.#showNews());
    this.#compose.seen = () => this.#lastSeen;
    this.listen(this.#compose, 'newer', () => this.#showNewer());
    this.listen(this.#compose, 'noted', ({ detail }) => {
      if (detail.channel !== this.#thread?.id) return;
      this.#thread?.addNote(detail.note);
      this.render();
      this.#toEnd();
    });
    for (const type of ['wheel', 'pointerdown', 'touchmove', 'keydown']) this.listen(scroll, type, () => this.#look());
    this.listen(this.hub, 'me', () => this.update());
    this.listen(document, 'messenger-later', () => {
      this.#shown.clear();
      this.update();
    });
    this.listen(this.hub, 'channel', ({ detail }) => this.#takeRow(detail.row));
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.soon('load', 50, () => this.load()));
    const seen = (/** @type {Messenger.Message} */ { id }) => !this.#held.has(id);
    const unread = () => (this.isOwn ? (this.#thread?.unread.filter(seen) ?? []) : []);
    this.#reader = new Reader(scroll, unread, (upTo) => this.#seen(upTo), this.signal);
    this.thread = this.#thread;
  }

  /** What the messages scroll in. */
  get #scroll() {
    return /** @type {HTMLElement} */ (this.one('.messenger-scroll'));
  }

  get #compose() {
    return /** @type {import('./messenger-compose.js').MessengerCompose} */ (this.one('messenger-compose'));
  }

  /** What is shown; undefined for nothing. It is loaded by `load`. */
  get thread() {
    return this.#thread;
  }
  set thread(thread) {
    this.#compose?.leave();
    this.#thread = thread;
    this.#watching?.abort();
    this.#watching = new AbortController();
    thread?.addEventListener('change', () => this.update(), { signal: this.#watching.signal });
    this.#reader?.forget();
    this.#shown.clear();
    this.#below = 0;
    this.#held.clear();
    this.unloaded = this.problem = '';
    this.one('.messenger-messages').replaceChildren();
    this.render();
  }

  /**
   * Shows a channel, '' for none.
   * @param {string} id
   */
  open(id) {
    this.thread = id ? new Thread(this.hub.api, id) : undefined;
    return this.#thread;
  }

  /** The channel that is open, once it is loaded. */
  get channel() {
    return this.#thread?.channel;
  }

  get mayAct() {
    return Boolean(this.colleagues?.mayActIn(this.channel?.staff_id));
  }

  get isOwn() {
    return Boolean(this.colleagues?.isOwn(this.channel?.staff_id));
  }

  /** @param {string} words what went wrong with the last thing that was done */
  fail(words) {
    this.problem = words;
    this.update();
  }

  /**
   * Opens the form.
   * @param {'email'|'sms'} medium
   * @param {HTMLElement} from where the focus goes when it closes
   */
  write(medium, from) {
    return this.#compose.open(medium, undefined, from);
  }

  /**
   * Says under the open channel what becomes of a message that was written elsewhere.
   * @param {{message: Messenger.Message, then: string, before: string, later: boolean}} sent
   */
  follow({ message, then, before, later }) {
    this.#compose.follow(message, then, before, later);
  }

  /** Shows the first reply that is unread. */
  showUnread() {
    this.one('.messenger-message[data-unread]')?.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Loads what is missing where it comes near; the newest stay in view when the pane or the messages change their
   * height.
   * @param {HTMLElement} scroll
   */
  #keepInView(scroll) {
    let height = scroll.clientHeight;
    let whole = scroll.scrollHeight;
    let top = scroll.scrollTop;
    this.listen(scroll, 'scroll', () => {
      const same = scroll.clientHeight === height && scroll.scrollHeight === whole;
      // What becomes shorter, or has more room, moves by itself: by then it may have less room again. Who scrolls up
      // meanwhile is not taken back to the end.
      const moved = Math.min(whole, scroll.scrollHeight) - Math.max(height, scroll.clientHeight);
      if (same || scroll.scrollTop < Math.min(top, moved - byItself)) this.#setEnd(atBottom(scroll));
      top = scroll.scrollTop;
      this.#fill();
    });
    const sizes = new ResizeObserver(() => {
      height = scroll.clientHeight;
      whole = scroll.scrollHeight;
      if (this.#atEnd) scroll.scrollTop = scroll.scrollHeight;
      top = scroll.scrollTop;
    });
    sizes.observe(scroll);
    sizes.observe(this.one('.messenger-messages'));
    this.signal.addEventListener('abort', () => sizes.disconnect());
  }

  #toEnd() {
    const scroll = this.#scroll;
    scroll.scrollTop = scroll.scrollHeight;
    this.#setEnd(true);
  }

  /** @param {boolean} at whether the newest message is on screen */
  #setEnd(at) {
    if (at === this.#atEnd && !(at && this.#below)) return;
    this.#atEnd = at;
    if (at) this.#below = 0;
    this.#renderBelow();
  }

  /** Somebody looks at the messages: what came while they were writing counts as seen once it has been on screen. */
  #look() {
    if (!this.#held.size) return;
    this.#held.clear();
    this.#compose.news = 0;
    this.#reader?.check();
  }

  #showNews() {
    const [first] = this.#held;
    this.#look();
    this.one(`[data-id="${CSS.escape(String(first))}"]`)?.scrollIntoView({ block: 'nearest' });
    this.#scroll.focus({ preventScroll: true });
  }

  /** A send was refused for what has come since: it is shown, and then counts as seen. */
  async #showNewer() {
    await this.load();
    this.#look();
    this.#toEnd();
  }

  /** The last message before what has not been looked at. */
  get #lastSeen() {
    const messages = this.#thread?.messages ?? [];
    const held = messages.findIndex((m) => this.#held.has(m.id));
    const end = held < 0 ? messages.length : held;
    return messages[Math.min(end, messages.length - this.#below) - 1]?.id;
  }

  async load() {
    const thread = this.#thread;
    if (!thread) return;
    const first = !thread.loaded;
    try {
      await thread.load(first ? this.found.id : '');
      this.unloaded = '';
    } catch (error) {
      if (this.#thread === thread) this.unloaded = this.explain(error);
      this.againSoon(error, 'load', () => this.load());
      return this.update();
    }
    if (this.#thread !== thread || !thread.channel) return;
    this.#sayNotes(thread);
    this.render();
    if (first && this.found.id) await this.#toFound();
    else if (first) this.#toNewest();
    this.#reader?.check();
    this.tell('loaded', { channel: thread.channel });
  }

  /**
   * Shows a message that was searched for, as soon as the channel is loaded; '' for none.
   * @param {string} id
   * @param {string} q
   */
  find(id, q) {
    this.found = id ? { id, q } : { id: '', q: '' };
    this.update();
    return this.#thread?.loaded && id ? this.#toFound() : undefined;
  }

  /** Loads what is around the message that was found, and scrolls to it. */
  async #toFound() {
    const thread = this.#thread;
    const { id } = this.found;
    if (!thread) return;
    const there = await thread.around(id).catch((error) => this.fail(this.explain(error)));
    if (this.#thread !== thread) return;
    if (!there) return this.#toNewest();
    this.render();
    this.#atEnd = false;
    this.one(`.messenger-message[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
  }

  /**
   * Goes to the next or the previous message with what was searched for.
   * @param {1|-1} by
   */
  async #step(by) {
    const thread = this.#thread;
    const { id, q } = this.found;
    const at = thread?.messages.find((m) => m.id === id)?.seq;
    if (!thread || at === undefined) return;
    let to;
    try {
      to = await thread.beyond(at, by, (m) => isFound(m, q));
    } catch (error) {
      return this.fail(this.explain(error));
    }
    if (this.#thread !== thread) return;
    if (!to) return this.say(by > 0 ? 'found_last' : 'found_first');
    this.find(to.id, q);
    this.tell('found', { id: to.id });
  }

  /** Scrolls to where unread begins, or to the newest message. */
  #toNewest() {
    const scroll = this.#scroll;
    const divider = this.one('.messenger-divider');
    scroll.scrollTop = scroll.scrollHeight;
    if (divider) scroll.scrollTop = Math.min(scroll.scrollTop, divider.offsetTop - 8);
    this.#setEnd(atBottom(scroll));
  }

  #toBottom() {
    this.#toEnd();
    this.#scroll.focus({ preventScroll: true });
  }

  /** Loads what is missing where somebody has scrolled to. */
  #fill() {
    const thread = this.#thread;
    if (!thread?.loaded || thread.loading) return;
    const scroll = this.#scroll;
    if (scroll.scrollTop < 400 && thread.next) return this.#turn(thread, () => thread.older(), true);
    const gap = this.one('.messenger-gap')?.getBoundingClientRect();
    if (!gap) return;
    const { top, bottom } = scroll.getBoundingClientRect();
    const near = gap.bottom > top - 400 && gap.top < bottom + 400;
    if (near) return this.#turn(thread, () => thread.newer(), gap.top < (top + bottom) / 2);
  }

  /**
   * Loads a page and shows it, with what is on screen where it is.
   * @param {import('./thread.js').Thread} thread
   * @param {() => Promise<boolean>} load
   * @param {boolean} above whether it comes above what is looked at
   */
  async #turn(thread, load, above) {
    const scroll = this.#scroll;
    this.update();
    try {
      if (!(await load()) || this.#thread !== thread) return;
      this.problem = '';
    } catch (error) {
      this.problem = this.explain(error);
    }
    const top = scroll.scrollTop;
    const height = scroll.scrollHeight;
    this.render();
    scroll.scrollTop = top + (above ? scroll.scrollHeight - height : 0);
  }

  /** @param {Messenger.Row} row */
  async #takeRow(row) {
    const thread = this.#thread;
    if (thread?.id === row.id) this.soon('notes', 1000, () => this.#loadNotes());
    if (!thread || thread.take(row)) return;
    await thread.refresh().catch((error) => this.fail(this.explain(error)));
  }

  /** Loads the notes again: in no event is anything of them. */
  async #loadNotes() {
    const thread = this.#thread;
    if (!thread?.loaded) return;
    const low = this.#atEnd;
    await thread.refreshNotes();
    if (this.#thread !== thread) return;
    this.#sayNotes(thread);
    this.render();
    if (low) this.#toEnd();
  }

  /** @param {import('./thread.js').Thread} thread */
  #sayNotes({ notesError: error }) {
    if (error) this.problem = this.t('notes_failed', { why: this.explain(error) });
  }

  /** @param {Messenger.Message} message */
  #heard(message) {
    const thread = this.#thread;
    const isNew = thread?.isNew(message);
    if (isNew === undefined) return;
    // its words are in the thread alone
    if (isNew && message.private && !message.body) return this.soon('load', 50, () => this.load());
    const low = this.#atEnd || atBottom(this.#scroll);
    if (isNew && message.direction === 'inbound' && !message.read && this.#compose.isWriting) {
      this.#held.add(message.id);
      this.#compose.news = this.#held.size;
    }
    thread?.merge([message]);
    if (isNew && !low) this.#below++;
    this.render();
    if (low) this.#toEnd();
    this.#reader?.check();
  }

  /** @param {Messenger.Message} upTo */
  async #seen(upTo) {
    const thread = this.#thread;
    if (!thread || this.#reading.has(upTo.id)) return;
    this.#reading.add(upTo.id);
    try {
      await this.hub.api.call('POST', `${thread.path}/read`, { up_to: upTo.id });
      thread.wasRead(upTo, this.hub.me?.staff.id ?? '');
    } catch (error) {
      this.#reading.delete(upTo.id);
      this.fail(this.explain(error));
      this.soon('read', 5000, () => this.#reader?.check());
    }
  }

  /** Marks what is unread as read for its owner. */
  #readFor() {
    const thread = this.#thread;
    const last = thread?.unread.at(-1);
    return this.once('read-for', async () => {
      if (!last || !thread?.channel) return;
      await this.hub.api.call('POST', `${thread.path}/read`, { up_to: last.id, on_behalf: true });
      thread.wasRead(last, this.hub.me?.staff.id ?? '');
      this.say('read_for_done', { name: this.colleagues?.nameOf(thread.channel.staff_id, this.t) ?? '' });
      await thread.refresh();
      this.hub.changed(thread.channel);
      this.one('.messenger-title')?.focus({ preventScroll: true });
    });
  }

  /**
   * Has the server do something with a message.
   * @param {string|undefined} id
   * @param {string} operation
   * @param {string} words what to say when it is done
   * @param {unknown} [body]
   */
  #change(id = '', operation, words, body) {
    const thread = this.#thread;
    return this.once(`${operation} ${id}`, async () => {
      const message = await this.hub.api.call('POST', `/messages/${encodeURIComponent(id)}/${operation}`, body);
      if (message?.id && message.channel_id === thread?.id) thread?.merge([message]);
      this.say(words);
    });
  }

  /**
   * Cancels a message that waits, and puts its text back into the form.
   * @param {string|undefined} id
   */
  async #cancel(id) {
    const message = this.#thread?.messages.find((m) => m.id === id);
    await this.#change(id, 'cancel', 'message_cancelled');
    if (message && !this.problem) this.#compose.restore(message);
  }

  /**
   * Takes a scheduled message back to be edited. What is being written is not replaced.
   * @param {string|undefined} id
   */
  #edit(id = '') {
    const thread = this.#thread;
    const message = thread?.messages.find((m) => m.id === id);
    if (!message) return;
    if (!this.#compose.isEmpty) return this.fail(this.t('edit_busy'));
    return this.once(`edit ${id}`, async () => {
      const draft = await this.hub.api.call('POST', `/messages/${encodeURIComponent(id)}/edit`);
      const delivery = { ...message.delivery, status: 'cancelled', attention: false };
      thread?.merge([{ ...message, cancelled_because: 'person', delivery }]);
      this.say('message_edited');
      if (thread === this.#thread) await this.#compose.restore(draft);
    });
  }

  /**
   * Takes a private message back, and asks why.
   * @param {string|undefined} id
   */
  async #withdraw(id) {
    const why = await later.askWhyWithdrawn?.(this);
    if (why) await this.#change(id, 'withdraw', 'withdrawn', why);
  }

  /**
   * Says of a failure that a person has dealt with it, and how.
   * @param {HTMLElement} button
   */
  async #resolve(button) {
    const thread = this.#thread;
    const note = await askWhatWasDone(this);
    if (!note || !thread) return;
    await this.#change(button.dataset.id, 'resolve', 'resolved', { of: button.dataset.of, note });
    if (this.problem) return;
    await thread.refresh().catch((error) => this.fail(this.explain(error)));
    if (thread.channel) this.hub.changed(thread.channel);
  }

  render() {
    const { t, channel } = this;
    const thread = this.#thread;
    const scroll = this.#scroll;
    const compose = this.#compose;
    if (!scroll || !compose) return;
    const name = channel && t('conversation_with', { name: channel.client_name });
    this.setAttribute('aria-label', name ?? t('choose_channel'));
    morph(this.one('.messenger-thread-head'), channel ? headView(this, channel) : blankView(this));
    scroll.hidden = compose.hidden = !channel;
    scroll.setAttribute('aria-label', t('the_messages'));
    morph(this.one('.messenger-messages'), html`${thread?.loaded ? itemsView(this, thread, this.#shown) : ''}`);
    this.#number();
    this.#renderBelow();
    markFound(scroll, this.found.q);
    for (const item of scroll.querySelectorAll('.messenger-message')) {
      if (item instanceof HTMLElement) item.toggleAttribute('data-found', item.dataset.id === this.found.id);
    }
    compose.mayAct = this.mayAct;
    if (channel) compose.channel = channel;
  }

  /** Says of each message which it is, and of how many: outside its view, which stays as it is when one is added. */
  #number() {
    const total = this.#thread?.messages.at(-1)?.seq ?? 0;
    for (const item of this.querySelectorAll('.messenger-message')) {
      if (item.getAttribute('aria-setsize') !== String(total)) item.setAttribute('aria-setsize', String(total));
    }
  }

  /** The way back down, while the newest message is out of sight. */
  #renderBelow() {
    const words = this.#below ? this.t('new_below', { count: this.#below }) : this.t('to_newest');
    const button = html`<button type="button" class="messenger-button" data-kind=${this.#below ? null : 'second'}
      data-do="below">${words}</button>`;
    morph(this.one('.messenger-below'), html`${this.#thread?.loaded && !this.#atEnd ? button : ''}`);
  }
}

/**
 * Shows or hides what a button is for.
 * @param {HTMLElement} button
 */
function disclose(button) {
  const open = button.getAttribute('aria-expanded') !== 'true';
  const what = document.getElementById(button.getAttribute('aria-controls') ?? '');
  if (what) what.hidden = !open;
  button.setAttribute('aria-expanded', String(open));
}

/** @param {HTMLElement} scroll */
const atBottom = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
