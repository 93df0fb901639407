// The ten seconds in which a message can be taken back.

import { html } from './html.js';

/** How long a message waits on the server, so that it can be undone. */
export const undoSeconds = 10;

/** How long one to several does. */
export const undoSeveralSeconds = 60;

/** A message that was accepted and has not gone out. */
export class Undo {
  /**
   * @param {Messenger.Message} message
   * @param {string} then what the channel was to become
   * @param {string} before what it was
   * @param {number} now the server's time
   */
  constructor(message, then, before, now) {
    const left = Date.parse(message.send_after ?? '') - now;
    this.message = message;
    /** Whether it is being taken back. */
    this.asked = false;
    /** Whether that has failed. */
    this.failed = false;
    this.opensAgain = then === 'done' && before !== 'done';
    this.until = performance.now() + Math.min(undoSeconds * 1000, Number.isNaN(left) ? 0 : left);
  }

  get isOver() {
    return performance.now() >= this.until;
  }

  /**
   * @param {Messenger.Translate} t
   * @param {string} [waits] what to say of a message that waits for longer
   */
  view(t, waits) {
    const count = Math.max(0, Math.ceil((this.until - performance.now()) / 1000));
    return html`<div class="messenger-undo" data-key="undo">
      <span aria-hidden="true">${waits || t('undo_in', { count })}</span>
      <button type="button" class="messenger-button" data-kind="second" data-do="undo"
        aria-disabled=${this.asked ? 'true' : null}>${t('undo')}</button>
    </div>`;
  }
}
