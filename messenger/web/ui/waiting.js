// How many clients get tomorrow what was written to several: for the middle of the page while it is empty.

import { itemsOf } from './api.js';
import { isTomorrow } from './format.js';

/** Of one Messages page: counts it once it is wanted, and again when it may have changed. */
export class Tomorrow {
  count = 0;
  #asked = false;

  /**
   * @param {import('./messenger-inbox.js').MessengerInbox} page
   * @param {() => void} counted
   */
  constructor(page, counted) {
    this.page = page;
    this.counted = counted;
  }

  /** The page begins anew. */
  forget() {
    this.#asked = false;
  }

  /** It is to be shown. It is asked for after what is asked for first. */
  wanted() {
    if (!this.#asked) this.#countSoon();
    this.#asked = true;
  }

  /** Something was written to several, or became of it. */
  changed() {
    if (this.#asked) this.#countSoon();
  }

  #countSoon() {
    const { page } = this;
    page.soon('tomorrow', 1000, async () => {
      this.#asked = !page.channel;
      if (page.channel) return; // it is counted once the middle is empty again
      this.count = await countTomorrow(page.hub).catch(() => 0);
      this.counted();
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
