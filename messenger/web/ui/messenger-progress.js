// <messenger-progress>: how far a message to several clients is, and the way to stop the rest.

import { MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';

/** Part of the dialog for a new message. Tells it: `close`, `problem` (`words`). */
export class MessengerProgress extends MessengerElement {
  /** @type {Messenger.Broadcast|undefined} */
  #broadcast;
  /** What the stream has told, perhaps before the answer came. @type {Map<string, Messenger.Broadcast>} */
  #told = new Map();
  #time = NaN;

  actions = { close: () => this.tell('close'), stop: () => this.#stop() };

  start() {
    this.listen(this.hub, 'broadcast', ({ detail }) => this.#hear(detail.broadcast));
    this.listen(this.hub, 'reset', () => this.#ask());
    this.update();
  }

  /** What is shown; undefined for nothing. */
  get broadcast() {
    return this.#broadcast;
  }

  /**
   * Shows a broadcast that was accepted.
   * @param {Messenger.Broadcast} broadcast
   * @param {number} time when it goes out; NaN for at once
   */
  show(broadcast, time) {
    this.#broadcast = this.#told.get(broadcast.id) ?? broadcast;
    this.#time = time;
    this.render();
    this.one('.messenger-who')?.focus();
  }

  clear() {
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
    const { queued, sent, failed, cancelled, skipped_count: skipped } = this.#broadcast;
    const stop = html`<button type="button" class="messenger-link" data-do="stop">${t('new_cancel')}</button>`;
    morph(
      this,
      html`<div class="messenger-who" tabindex="-1" role="status">
          <div class="messenger-strong">${this.#headline(this.#broadcast)}</div>
          <div>${t('new_progress', { queued, sent, failed, cancelled })}</div>
          ${skipped ? html`<div>${t('new_skipped', { count: skipped })}</div>` : ''}
        </div>
        <div class="messenger-line">
          <button type="button" class="messenger-button" data-do="close">${t('close')}</button>${queued ? stop : ''}
        </div>`,
    );
  }

  /** @param {Messenger.Broadcast} broadcast */
  #headline({ state, queued }) {
    const { t } = this;
    if (state === 'cancelled') return t('new_cancelled');
    if (!queued) return t('new_finished');
    if (!(this.#time > this.hub.api.now())) return t('new_sent');
    return t('scheduled_for', { when: this.format.when(new Date(this.#time).toISOString()) });
  }
}
