// What the box says of what was sent or deleted: how it is taken back, and what became of it.

import { ApiError, itemsOf, query } from './api.js';
import { Fate } from './fate.js';
import { html } from './html.js';
import { Undo } from './undo.js';

/** Of one box: the message that was sent last, and the draft that was deleted last. */
export class Told {
  /** What was said last, '' for nothing. */
  said = '';
  /** A draft that was deleted a moment ago. @type {Messenger.Draft|undefined} */
  dropped;
  /** @type {Undo|undefined} */
  #undo;
  /** What was sent last, as it now stands. @type {Fate|undefined} */
  #fate;
  #ticking = 0;

  /** @param {import('./messenger-compose.js').MessengerCompose} element */
  constructor(element) {
    this.element = element;
  }

  /** Begins to follow what is heard, until the element leaves the page. */
  start() {
    const { element } = this;
    element.signal.addEventListener('abort', () => clearInterval(this.#ticking));
    element.listen(element.hub, 'message', ({ detail }) => this.#heard(detail.message));
    element.listen(element.hub, 'reset', () => this.#catchUp());
  }

  /** Another client is written to. */
  forget() {
    this.#undo = this.#fate = this.dropped = undefined;
    this.said = '';
  }

  /** Something else is being written: of what was sent only a failure is still said. */
  hush() {
    if (this.#fate) this.#fate.hushed = true;
    this.said = '';
  }

  /**
   * Says what becomes of a message that was just accepted, and offers to take it back.
   * @param {Messenger.Message} message
   * @param {string} then what the channel was to become; '' for what it was
   * @param {string} before what it was
   * @param {boolean} later whether it goes out at a time that was chosen
   */
  follow(message, then, before, later) {
    this.#fate = new Fate(message, later);
    this.said = '';
    if (!later) return this.#offerUndo(message, then, before);
    this.element.render();
    this.element.opening.focusBack();
  }

  /**
   * @param {Messenger.Message} message
   * @param {string} then what the channel was to become
   * @param {string} before what it was
   */
  #offerUndo(message, then, before) {
    const { element } = this;
    this.#undo = new Undo(message, then, before, element.hub.api.now());
    this.said = element.t('undo_ready');
    clearInterval(this.#ticking);
    this.#ticking = window.setInterval(() => this.#tick(), 250);
    element.render();
    element.one('[data-do="undo"]')?.focus();
  }

  #tick() {
    if (this.#undo && !this.#undo.isOver) return this.element.render();
    this.#closeUndo();
  }

  /** The message goes out: from now on the strip says what becomes of it. */
  #closeUndo() {
    const { element } = this;
    clearInterval(this.#ticking);
    const undo = this.#undo;
    if (!undo) return;
    const focused = element.one('[data-do="undo"]') === document.activeElement;
    if (undo.failed) element.problem = this.#fate?.isCancelled ? '' : element.t('undo_late');
    this.#undo = undefined;
    this.said = '';
    element.render();
    if (focused) element.opening.focusBack();
  }

  /** Takes the message back, and puts its text back into the form. */
  async takeBack() {
    const { element } = this;
    const undo = this.#undo;
    if (!undo || undo.asked) return;
    undo.asked = true;
    const { message, opensAgain } = undo;
    // What is opened meanwhile is another client's box.
    const { path, info, hub } = element;
    const wrong = (/** @type {string} */ words) => {
      element.problem = element.path === path ? words : `${info?.name}: ${words}`;
    };
    element.problem = '';
    try {
      const cancelled = await takeBack(hub, message, 'cancel');
      if (this.#undo === undo) this.#undo = undefined;
      hub.said(cancelled);
      const back = element.path === path && (await element.restore(message));
      this.said = element.t(back ? 'undone' : 'message_cancelled');
      if (opensAgain) await hub.setStatus(message.channel_id, 'open').catch((error) => wrong(element.explain(error)));
    } catch (error) {
      const late = isTooLate(error);
      undo.failed = true;
      wrong(late ? element.t('undo_late') : element.explain(error));
      this.said = '';
      if (late && this.#undo === undo) this.#closeUndo();
    }
    undo.asked = false;
    element.update();
  }

  /** @param {Messenger.Message} message */
  #heard(message) {
    const fate = this.#fate;
    if (!fate || message.id !== fate.message.id) return;
    const stands = fate.follow(message);
    if (stands) this.element.soon('fate', stands, () => this.element.update());
    if (message.delivery.status !== 'scheduled') this.#closeUndo();
    this.element.update();
  }

  /** Asks what became of the message that was sent last, after events may have been missed. */
  async #catchUp() {
    const { message, isOpen: open } = this.#fate ?? {};
    if (!message || !open) return;
    const now = await asItStands(this.element.hub, message);
    if (now) this.#heard(now);
  }

  /** @param {boolean} sending whether something is on its way: then what is said is heard alone */
  view(sending) {
    const { t, format } = this.element;
    const stands = this.#fate?.words(t, format) ?? '';
    const fate = this.#undo ? '' : stands;
    const bad = fate && this.#fate?.isBad;
    const words = bad ? fate : this.said || (this.dropped ? t('draft_deleted') : fate);
    const hidden = this.#undo || sending;
    const back = html`<button type="button" class="messenger-link" data-do="undrop">${t('undo')}</button>`;
    return html`${this.#undo?.view(t, this.#fate?.message.delivery.waiting && stands)}
      <div class="messenger-told-line" data-key="told">
        <div class=${hidden ? 'messenger-sr' : 'messenger-told'} data-key="said" role="status"
          data-look=${bad ? 'bad' : 'quiet'}>${words}</div>
        ${this.dropped ? back : ''}
      </div>`;
  }
}

/** @param {unknown} error */
const isTooLate = (error) => error instanceof ApiError && error.code === 'already_sent';

/**
 * A message as it now stands, where the server says it.
 * @param {import('./hub.js').Hub} hub
 * @param {Messenger.Message} message
 * @returns {Promise<Messenger.Message|undefined>}
 */
async function asItStands({ api }, { id, channel_id: channel }) {
  const path = `/channels/${encodeURIComponent(channel)}/messages${query({ around: id, limit: 50 })}`;
  const page = await api.get(path).catch(() => []);
  return itemsOf(page).find((/** @type {Messenger.Message} */ m) => m.id === id);
}

/**
 * Takes back a message that has not gone out. Where the answer is lost it may be done all the same, and then it is too
 * late a second time: the message itself says so.
 * @param {import('./hub.js').Hub} hub
 * @param {Messenger.Message} message
 * @param {'cancel'|'edit'} how
 * @returns {Promise<any>} what is to be written again: the message, or the draft that it has become
 */
export async function takeBack(hub, message, how) {
  try {
    return await hub.api.call('POST', `/messages/${encodeURIComponent(message.id)}/${how}`);
  } catch (error) {
    const unsure = isTooLate(error) || (error instanceof ApiError && !error.status);
    const now = unsure ? await asItStands(hub, message) : undefined;
    if (now?.delivery.status === 'cancelled') return now;
    throw error;
  }
}
