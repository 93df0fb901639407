// What waits, for the middle of the Messages page while it is empty, and the ways there.

import { itemsOf } from './api.js';
import { isTomorrow } from './format.js';

/** Of one Messages page. */
export class Waiting {
  /** How many clients get tomorrow what was written to several. */
  #tomorrow = 0;
  #asked = false;

  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  /** The page begins anew. */
  forget() {
    this.#asked = false;
  }

  /** Tells the pane in the middle what waits, while it shows no channel. Tomorrow is asked for after the rest. */
  tell() {
    const { page } = this;
    const { listPane: list, threadPane: thread } = page;
    if (page.channel || !list.list?.loaded || !page.isWhole) return;
    const own = list.staffId === page.hub.me?.staff.id;
    const { waiting } = list.list;
    thread.waiting = waiting && { ...waiting, tomorrow: own ? this.#tomorrow : 0 };
    thread.update();
    if (!own) return;
    if (!this.#asked) this.#countSoon();
    this.#asked = true;
  }

  /**
   * Goes to what waits.
   * @param {'unread'|'attention'|'several'} to
   */
  async goTo(to) {
    const { page } = this;
    const list = page.listPane;
    if (to === 'several') return page.dialog('messenger-broadcasts');
    if (to === 'unread') return page.openNext(await list.firstUnread());
    await list.show('attention');
    page.one('[data-show="attention"]')?.focus();
  }

  /** Something was written to several, or became of it. */
  changed() {
    if (this.#asked) this.#countSoon();
  }

  #countSoon() {
    const { page } = this;
    page.soon('tomorrow', 1000, async () => {
      this.#asked = !page.channel;
      // It is counted once the middle is empty again.
      if (page.channel) return;
      this.#tomorrow = await countTomorrow(page.hub).catch(() => 0);
      this.tell();
    });
  }
}

/**
 * How many clients are reached tomorrow by what the asker has written to several.
 * @param {import('./hub.js').Hub} hub
 */
async function countTomorrow(hub) {
  const broadcasts = /** @type {Messenger.Broadcast[]} */ (itemsOf(await hub.api.get('/broadcasts?limit=100')));
  return broadcasts
    .filter(({ state, send_after: after }) => state !== 'cancelled' && after && isTomorrow(after))
    .reduce((sum, { queued }) => sum + queued, 0);
}
