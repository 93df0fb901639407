// What becomes of a message that was sent: the strip under the form follows it until it has been delivered, or not.

import { reasonWords } from './format.js';
import { waitingWords } from './message.js';

/** How long 'Sent' stands, in milliseconds. */
const saidFor = 4000;

/** A message that the server has accepted, as it now stands. */
export class Fate {
  /** When the carrier was first known to have it. */
  #wentAt = Infinity;
  /** Whether something else is being written: then only a failure is said. */
  hushed = false;

  /**
   * @param {Messenger.Message} message
   * @param {boolean} later whether it goes out at a time that was chosen
   */
  constructor(message, later) {
    this.message = message;
    this.later = later;
    this.follow(message);
  }

  /**
   * Takes the message as it is now. Gives how long its words stand, 0 for until something else comes of it.
   * @param {Messenger.Message} message
   */
  follow(message) {
    if (message.id !== this.message.id) return 0;
    this.message = message;
    if (!this.#hasGone || this.#wentAt < Infinity) return 0;
    this.#wentAt = performance.now();
    return saidFor;
  }

  get #status() {
    return this.message.delivery.status;
  }

  get #hasGone() {
    return this.#status === 'sent' || this.#status === 'delivered';
  }

  /** Whether it did not arrive, or nobody knows whether it did. */
  get isBad() {
    return this.#status === 'failed' || this.#status === 'unknown';
  }

  get isCancelled() {
    return this.#status === 'cancelled';
  }

  /** Whether something may still become of it. */
  get isOpen() {
    return !['delivered', 'failed', 'cancelled'].includes(this.#status);
  }

  /**
   * What to say of it; '' for nothing.
   * @param {Messenger.Translate} t
   * @param {Messenger.Format} format
   */
  words(t, format) {
    const { send_after: after, delivery } = this.message;
    const { reason, waiting } = delivery;
    if (this.isBad) return `${t(`delivery_${this.#status}`)}${reason ? `: ${reasonWords(t, reason)}` : ''}`;
    if (this.hushed || this.isCancelled) return '';
    if (this.#hasGone) return performance.now() - this.#wentAt < saidFor ? t('sent_now') : '';
    const scheduled = this.#status === 'scheduled' && (this.later || waiting);
    const when = format.when(waiting?.until ?? after ?? '');
    const words = scheduled ? t('scheduled_for', { when }) : t(waiting ? 'delivery_queued' : 'sending');
    return words + waitingWords({ t, format }, delivery);
  }
}
