// <messenger-progress>: how far a message to several clients is, and the way to stop the rest.

import { MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { progressWords } from './progress.js';

/** Part of the dialog for a new message. Tells it: `close`, `problem` (`words`), `undone` (nobody gets it). */
export class MessengerProgress extends MessengerElement {
  /** @type {Messenger.Broadcast|undefined} */
  #broadcast;
  /** What the stream has told, perhaps before the answer came. @type {Map<string, Messenger.Broadcast>} */
  #told = new Map();
  #time = NaN;
  #ticking = 0;

  actions = { close: () => this.tell('close'), stop: () => this.#stop(), undo: () => this.#undo() };

  start() {
    this.listen(this.hub, 'broadcast', ({ detail }) => this.#hear(detail.broadcast));
    this.listen(this.hub, 'reset', () => this.#ask());
    this.signal.addEventListener('abort', () => clearInterval(this.#ticking));
    this.update();
  }

  /** What is shown; undefined for nothing. */
  get broadcast() {
    return this.#broadcast;
  }

  /**
   * Shows a broadcast that was accepted.
   * @param {Messenger.Broadcast} broadcast
   * @param {number} time when it goes out; NaN for as soon as it can't be undone any more
   */
  show(broadcast, time) {
    this.#broadcast = this.#told.get(broadcast.id) ?? broadcast;
    this.#time = time;
    clearInterval(this.#ticking);
    if (Number.isNaN(time)) this.#ticking = window.setInterval(() => this.#tick(), 500);
    this.render();
    this.one('[data-do="undo"], .messenger-who')?.focus();
  }

  /** For how many milliseconds it can still be undone. */
  get #held() {
    const { queued = 0, state = '', send_after: after = '' } = this.#broadcast ?? {};
    if (!Number.isNaN(this.#time) || !queued || state === 'cancelled') return 0;
    return Math.max(0, Date.parse(after) - this.hub.api.now()) || 0;
  }

  #tick() {
    const focused = this.one('[data-do="undo"]') === document.activeElement;
    this.render();
    if (this.#held) return;
    clearInterval(this.#ticking);
    if (focused) this.one('.messenger-who')?.focus();
  }

  clear() {
    clearInterval(this.#ticking);
    this.#broadcast = undefined;
    this.update();
  }

  /** @param {string} words */
  fail(words) {
    this.tell('problem', { words });
  }

  /** @param {Messenger.Broadcast} broadcast */
  #hear(broadcast) {
    this.#told.set(broadcast.id, broadcast);
    if (this.#broadcast?.id === broadcast.id) this.#broadcast = broadcast;
    this.update();
  }

  /** Asks how far the broadcast is, after events may have been missed. */
  async #ask() {
    const broadcast = this.#broadcast;
    if (!broadcast?.queued) return;
    await this.once('ask', async () => {
      this.#hear(await this.hub.api.get(`/broadcasts/${encodeURIComponent(broadcast.id)}`));
    });
  }

  /** Takes it back; where nobody has got it yet, the text can be written on. */
  async #undo() {
    await this.#stop();
    const { state, sent = 0, failed = 0 } = this.#broadcast ?? {};
    if (state === 'cancelled' && !sent && !failed) this.tell('undone');
  }

  #stop() {
    const broadcast = this.#broadcast;
    return this.once('stop', async () => {
      if (!broadcast) return;
      this.#hear(await this.hub.api.call('POST', `/broadcasts/${encodeURIComponent(broadcast.id)}/cancel`));
    });
  }

  render() {
    const { t } = this;
    if (!this.#broadcast) return morph(this, html``);
    const { queued, skipped_count: skipped } = this.#broadcast;
    const held = this.#held;
    const undo = html`<button type="button" class="messenger-button" data-kind="second" data-do="undo">
      ${t('undo')}
    </button>`;
    const stop = html`<button type="button" class="messenger-link" data-do="stop">${t('new_cancel')}</button>`;
    const left = html`<span class="messenger-quiet" aria-hidden="true">
      ${t('undo_in', { count: Math.ceil(held / 1000) })}
    </span>`;
    morph(
      this,
      html`<div class="messenger-who" tabindex="-1" role="status">
          <div class="messenger-strong">${this.#headline(this.#broadcast)}</div>
          <div>${progressWords(t, this.#broadcast)}</div>
          ${skipped ? html`<div>${t('new_skipped', { count: skipped })}</div>` : ''}
        </div>
        <div class="messenger-line">
          <button type="button" class="messenger-button" data-do="close">${t('close')}</button>
          ${held ? [undo, left] : queued ? stop : ''}
        </div>`,
    );
  }

  /** @param {Messenger.Broadcast} broadcast */
  #headline({ state, queued }) {
    const { t } = this;
    if (state === 'cancelled') return t('new_cancelled');
    if (!queued) return t('new_finished');
    if (this.#held) return t('new_held');
    if (!(this.#time > this.hub.api.now())) return t('new_sent');
    return t('scheduled_for', { when: this.format.when(new Date(this.#time).toISOString()) });
  }
}
