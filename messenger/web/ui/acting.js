// What can be done about a message of the thread: try again, cancel, edit, withdraw, say that it is dealt with.

import { askWhatWasDone } from './ask.js';
import { later } from './later.js';

/** Of one thread. Each takes the message's id, and says what went wrong by the pane. */
export class Acting {
  /** @param {import('./messenger-thread.js').MessengerThread} pane */
  constructor(pane) {
    this.pane = pane;
  }

  /**
   * @param {string} what
   * @param {(thread: import('./thread.js').Thread|undefined) => Promise<unknown>} work
   * @returns {Promise<boolean>} whether it was done
   */
  #act(what, work) {
    const { pane } = this;
    const { thread } = pane;
    return pane.onceFor(what, thread?.channel?.client_name, () => thread === pane.thread, () => work(thread));
  }

  /**
   * Has the server do something with a message.
   * @param {string|undefined} id
   * @param {string} operation
   * @param {string} words what to say when it is done
   * @param {unknown} [body]
   */
  change(id = '', operation, words, body) {
    const { pane } = this;
    return this.#act(`${operation} ${id}`, async (thread) => {
      const message = await pane.hub.api.call('POST', `/messages/${encodeURIComponent(id)}/${operation}`, body);
      if (message?.id && message.channel_id === thread?.id) thread?.merge([message]);
      pane.say(words);
    });
  }

  /**
   * Cancels a message that waits, and puts its text back into the form.
   * @param {string|undefined} id
   */
  async cancel(id) {
    const { pane } = this;
    const { thread } = pane;
    const message = thread?.messages.find((m) => m.id === id);
    const done = await this.change(id, 'cancel', 'message_cancelled');
    if (message && done && thread === pane.thread) pane.compose.restore(message);
  }

  /**
   * Takes a scheduled message back to be edited. What is being written is not replaced.
   * @param {string|undefined} id
   */
  edit(id = '') {
    const { pane } = this;
    const { thread } = pane;
    const message = thread?.messages.find((m) => m.id === id);
    if (!message) return;
    if (!pane.compose.isEmpty) return pane.fail(pane.t('edit_busy'));
    return this.#act(`edit ${id}`, async () => {
      const draft = await pane.hub.api.call('POST', `/messages/${encodeURIComponent(id)}/edit`);
      const delivery = { ...message.delivery, status: 'cancelled', attention: false };
      thread?.merge([{ ...message, cancelled_because: 'person', delivery }]);
      pane.say('message_edited');
      if (thread === pane.thread) await pane.compose.restore(draft);
    });
  }

  /**
   * Takes a private message back, and asks why.
   * @param {string|undefined} id
   */
  withdraw(id) {
    const does = (/** @type {object} */ why) => this.change(id, 'withdraw', 'withdrawn', why);
    return later.askWhyWithdrawn?.(this.pane, does);
  }

  /**
   * Says of a failure that a person has dealt with it, and how.
   * @param {string|undefined} id
   * @param {string|undefined} of what failed
   */
  async resolve(id, of) {
    const { pane } = this;
    const { thread } = pane;
    const does = (/** @type {string} */ note) => this.change(id, 'resolve', 'resolved', { of, note });
    if (!(await askWhatWasDone(pane, does)) || !thread) return;
    await thread.refresh().catch((error) => pane.fail(pane.explain(error)));
    if (thread.channel) pane.hub.changed(thread.channel);
  }
}
