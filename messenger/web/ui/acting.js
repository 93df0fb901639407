// What can be done about a message of the thread: try again, cancel, edit, withdraw, say that it is dealt with.

import { askWhatWasDone } from './ask.js';
import { later } from './later.js';
import { takeBack } from './told.js';

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
   * Takes a message back that waits, and puts its text back into the form.
   * @param {string|undefined} id
   * @param {'cancel'|'edit'} how to be edited: what is being written is not replaced then
   */
  takeBack(id, how) {
    const { pane } = this;
    const edits = how === 'edit';
    const message = pane.thread?.messages.find((m) => m.id === id);
    if (!message) return;
    if (edits && !pane.compose.isEmpty) return pane.fail(pane.t('edit_busy'));
    return this.#act(`${how} ${id}`, async (thread) => {
      const written = await takeBack(pane.hub, message, how);
      const delivery = { ...message.delivery, status: 'cancelled', attention: false };
      thread?.merge([written.id ? written : { ...message, cancelled_because: 'person', delivery }]);
      pane.say(edits ? 'message_edited' : 'message_cancelled');
      if (thread === pane.thread) await pane.compose.restore(edits ? written : message);
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
