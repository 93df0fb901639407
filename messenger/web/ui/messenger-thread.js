// <messenger-thread>: the middle pane of the Messages page. Who the channel is with, its messages, when they count as
// read, and the form.

import { Acting } from './acting.js';
import { MessengerElement } from './element.js';
import { isFound, markFound } from './found.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { Presence } from './presence.js';
import { Reading } from './reading.js';
import { Scrolling } from './scrolling.js';
import { blankView, headView } from './thread-head.js';
import { itemsView } from './thread-items.js';
import { Thread } from './thread.js';

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
  /** What was last shown of each message. @type {Map<string, any[]>} */
  #shown = new Map();
  /** Why the channel could not be loaded. */
  unloaded = '';
  /** What went wrong with the last thing that was done. */
  problem = '';
  /** Whether another conversation has become part of the one that is open, and nobody has put the word of it away. */
  joined = false;
  /** Has the messages be where they were, once they are shown in their new places. @type {(() => void)|undefined} */
  #held;
  /** What waits while no channel is open. @type {import('./today.js').Waiting|undefined} */
  waiting;
  /** What was searched for, and the message that is shown for it. */
  found = { id: '', q: '' };
  scrolling = new Scrolling(this);
  #reading = new Reading(this);
  #acting = new Acting(this);
  /** Who else is here. @type {Presence|undefined} */
  #presence;

  actions = {
    again: () => this.load(),
    dismiss: () => {
      this.joined = false;
      this.fail('');
    },
    back: () => this.tell('back'),
    side: () => this.tell('side'),
    today: (/** @type {HTMLElement} */ { dataset }) => this.tell('today', { to: dataset.to }),
    'found-next': () => this.#step(1),
    'found-previous': () => this.#step(-1),
    'found-over': () => this.tell('found', { id: '' }),
    below: () => this.scrolling.toBottom(),
    'read-for': () => this.#reading.readFor(),
    retry: (/** @type {HTMLElement} */ { dataset }) => this.#acting.change(dataset.id, 'retry', 'retrying'),
    file: (/** @type {HTMLElement} */ { dataset }) => this.#acting.change(dataset.id, 'record', 'retrying'),
    cancel: (/** @type {HTMLElement} */ { dataset }) => this.#acting.takeBack(dataset.id, 'cancel'),
    edit: (/** @type {HTMLElement} */ { dataset }) => this.#acting.takeBack(dataset.id, 'edit'),
    resolve: (/** @type {HTMLElement} */ { dataset }) => this.#acting.resolve(dataset.id, dataset.of),
    withdraw: (/** @type {HTMLElement} */ { dataset }) => this.#acting.withdraw(dataset.id),
    remind: (/** @type {HTMLElement} */ { dataset }) => this.#acting.change(dataset.id, 'remind', 'reminded'),
    'stop-waiting': (/** @type {HTMLElement} */ { dataset }) =>
      this.#acting.change(dataset.id, 'stop-waiting', 'waiting_stopped', {}),
    disclose: (/** @type {HTMLElement} */ button) => disclose(button),
    foot: (/** @type {HTMLElement} */ foot) => foot.toggleAttribute('data-open'),
  };

  start() {
    this.replaceChildren(html`<div class="messenger-thread-head"></div>
      <div class="messenger-scroll" tabindex="0" role="log">
        <div role="list" class="messenger-messages"></div>
      </div>
      <div class="messenger-below"></div>
      <div class="messenger-others messenger-quiet" role="status"></div>
      <messenger-compose data-inbox></messenger-compose>`);
    this.scrolling.start();
    this.#reading.start();
    this.#presence = new Presence(this, (others) => morph(this.one('.messenger-others'), html`${others}`));
    this.listen(this.compose, 'input', ({ target }) => {
      if (target.matches('.messenger-input')) this.#presence?.typed(target.value.trim() !== '');
    });
    this.listen(this, 'messenger-sent', () => {
      this.#presence?.typed(false);
      this.#reading.look();
      this.scrolling.toEnd();
    });
    this.listen(this.compose, 'news', () => this.#reading.showNews());
    this.compose.seen = () => this.#reading.last;
    this.compose.answers = () => this.#thread?.lastSubject ?? '';
    this.listen(this.compose, 'newer', () => this.#showNewer());
    this.listen(this.compose, 'noted', ({ detail }) => {
      if (detail.channel !== this.#thread?.id) return;
      this.#thread?.addNote(detail.note);
      this.render();
      this.scrolling.toEnd();
    });
    this.listen(this.hub, 'me', () => this.update());
    this.listen(document, 'messenger-later', () => {
      this.#shown.clear();
      this.update();
    });
    this.listen(this.hub, 'channel', ({ detail }) => this.#takeRow(detail.row));
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.soon('load', 50, () => this.load()));
    this.thread = this.#thread;
  }

  /** What the messages scroll in. */
  get scroller() {
    return /** @type {HTMLElement} */ (this.one('.messenger-scroll'));
  }

  /** The box to write in. */
  get compose() {
    return /** @type {import('./messenger-compose.js').MessengerCompose} */ (this.one('messenger-compose'));
  }

  /** What is shown; undefined for nothing. It is loaded by `load`. */
  get thread() {
    return this.#thread;
  }
  set thread(thread) {
    this.compose?.leave();
    this.#presence?.at('');
    this.#thread = thread;
    this.#watching?.abort();
    this.#watching = new AbortController();
    thread?.addEventListener('change', () => this.update(), { signal: this.#watching.signal });
    thread?.addEventListener('joined', () => this.#join(), { signal: this.#watching.signal });
    this.joined = false;
    this.#reading.forget();
    this.#shown.clear();
    this.scrolling.below = 0;
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
    return this.compose.open(medium, undefined, from);
  }

  /**
   * Says under the open channel what becomes of a message that was written elsewhere.
   * @param {{message: Messenger.Message, then: string, before: string, later: boolean}} sent
   */
  follow({ message, then, before, later }) {
    this.compose.told.follow(message, then, before, later);
  }

  /** Shows the first reply that is unread. */
  showUnread() {
    this.one('.messenger-message[data-unread]')?.scrollIntoView({ block: 'nearest' });
  }

  /** A send was refused for what has come since: it is shown, and then counts as seen. */
  async #showNewer() {
    await this.load();
    this.#reading.look();
    this.scrolling.toEnd();
  }

  async load() {
    const thread = this.#thread;
    if (!thread) return;
    const first = !thread.loaded;
    try {
      await thread.load(this.found.id);
      this.unloaded = '';
    } catch (error) {
      if (this.#thread === thread) this.unloaded = this.explain(error);
      this.againSoon(error, 'load', () => this.load());
      return this.update();
    }
    if (this.#thread !== thread || !thread.channel) return;
    this.#presence?.at(thread.channel.id);
    this.#sayNotes(thread);
    this.render();
    if (first && this.found.id) await this.#toFound();
    else if (first) this.scrolling.toNewest();
    this.#held?.();
    this.#held = undefined;
    this.#reading.check();
    this.tell('loaded', { channel: thread.channel });
  }

  /** The channel that is open and another have become one: what is typed and what is looked at stay, and it is said. */
  #join() {
    const { channel } = this;
    this.#held = this.scrolling.hold();
    this.joined = true;
    if (!channel) return;
    this.compose.follow(channel);
    this.say('joined_now', { name: channel.client_name });
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
    if (!there) return this.scrolling.toNewest();
    this.render();
    this.scrolling.atEnd = false;
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
    const low = this.scrolling.atEnd;
    await thread.refreshNotes();
    if (this.#thread !== thread) return;
    this.#sayNotes(thread);
    this.render();
    if (low) this.scrolling.toEnd();
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
    const low = this.scrolling.isAtEnd;
    if (isNew && message.direction === 'inbound' && !message.read && this.compose.isWriting) {
      this.#reading.hold(message.id);
    }
    thread?.merge([message]);
    if (isNew && !low) this.scrolling.below++;
    this.render();
    if (low) this.scrolling.toEnd();
    this.#reading.check();
  }

  render() {
    const { t, channel } = this;
    const thread = this.#thread;
    const scroll = this.scroller;
    const compose = this.compose;
    if (!scroll || !compose) return;
    const name = channel && t('conversation_with', { name: channel.client_name });
    this.setAttribute('aria-label', name ?? t('choose_channel'));
    morph(this.one('.messenger-thread-head'), channel ? headView(this, channel) : blankView(this));
    scroll.hidden = compose.hidden = !channel;
    scroll.setAttribute('aria-label', t('the_messages'));
    morph(this.one('.messenger-messages'), html`${thread?.loaded ? itemsView(this, thread, this.#shown) : ''}`);
    this.#mark();
    this.renderBelow();
    markFound(scroll, this.found.q);
    compose.mayAct = this.mayAct;
    if (channel) compose.channel = channel;
  }

  /**
   * Says of each message which it is, of how many, and whether it is the one that was searched for: outside its view,
   * which stays as it is when one is added.
   */
  #mark() {
    const places = this.#thread?.places ?? [];
    const total = `${places.at(-1)}`;
    for (const [i, item] of this.querySelectorAll('.messenger-message').entries()) {
      const place = `${places[i]}`;
      if (item.ariaPosInSet !== place) item.ariaPosInSet = place;
      if (item.ariaSetSize !== total) item.ariaSetSize = total;
      item.toggleAttribute('data-found', item.getAttribute('data-id') === this.found.id);
    }
  }

  renderBelow() {
    morph(this.one('.messenger-below'), this.scrolling.view());
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
