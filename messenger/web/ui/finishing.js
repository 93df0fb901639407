// Marking a channel as done, or as open again, from its row in the list.

import { mayBeDone } from './later.js';
import { previewLimit } from './limits.js';

/** Of one list. */
export class Finishing {
  /** @param {import('./messenger-list.js').MessengerList} pane */
  constructor(pane) {
    this.pane = pane;
  }

  /**
   * Marks as done or as open from the row; opens the channel where the row can't show all that is unread.
   * @param {string} id
   */
  async finish(id) {
    const { pane } = this;
    const row = pane.list?.rows.get(id);
    if (!row) return;
    if (row.status === 'unread' && !this.#showsWhole(row)) {
      pane.say('read_first');
      return pane.tell('open', { id, why: 'read_first' });
    }
    if (!(await mayBeDone(pane, row))) return;
    const open = row.status !== 'done' && id === pane.current;
    const next = open ? pane.nextUnread(id) : undefined;
    await pane.once(`status ${id}`, async () => {
      try {
        pane.say(await pane.hub.toggleDone(row, row.last_message?.id), { name: row.client_name });
        if (open && id === pane.current) pane.tell('finished', { next });
      } catch (error) {
        await pane.list?.load();
        throw error;
      }
    });
  }

  /**
   * Whether an unread row shows all that is unread, so that it may be marked as done from the list.
   * @param {Messenger.Row} row
   */
  #showsWhole({ id, unread_count: unread, last_message: last, match }) {
    if (unread > 1 || last?.direction !== 'inbound' || match?.field === 'message') return false;
    if ([...last.preview].length >= previewLimit) return false;
    const words = this.pane.one(`.messenger-row[data-key="${CSS.escape(id)}"] .messenger-row-words`);
    const fits = (/** @type {number} */ all, /** @type {number} */ shown) => all <= shown + 1;
    return Boolean(words) && fits(words.scrollHeight, words.clientHeight) && fits(words.scrollWidth, words.clientWidth);
  }
}
