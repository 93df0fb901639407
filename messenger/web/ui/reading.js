// What counts as read in <messenger-thread>: what was seen, and not what came while somebody was writing.

import { Reader } from './reader.js';

/** Of one thread. */
export class Reading {
  /** How long after a failure it is reported again, in milliseconds. */
  static again = 5000;

  /** Why the last report failed, as it was said. */
  #problem = '';
  /** @type {Reader|undefined} */
  #reader;
  /** What is being reported as read. */
  #reporting = new Set();
  /** Replies that came while something was being written: they are not read before somebody looks. */
  #held = new Set();

  /** @param {import('./messenger-thread.js').MessengerThread} pane */
  constructor(pane) {
    this.pane = pane;
  }

  start() {
    const { pane } = this;
    const seen = (/** @type {Messenger.Message} */ { id }) => !this.#held.has(id);
    const unread = () => (pane.isOwn ? (pane.thread?.unread.filter(seen) ?? []) : []);
    this.#reader = new Reader(pane.scroller, unread, (upTo) => this.#seen(upTo), pane.signal);
    for (const type of ['wheel', 'pointerdown', 'touchmove', 'keydown']) {
      pane.listen(pane.scroller, type, () => this.look());
    }
  }

  /** Another channel is shown. */
  forget() {
    this.#reader?.forget();
    this.#reporting.clear();
    this.#held.clear();
  }

  /** Looks at what is on screen now. */
  check() {
    this.#reader?.check();
  }

  /** A reply has come while something is being written. @param {string} id */
  hold(id) {
    this.#held.add(id);
    this.pane.compose.news = this.#held.size;
  }

  /** Somebody looks at the messages: what came while they were writing counts as seen once it has been on screen. */
  look() {
    if (!this.#held.size) return;
    this.#held.clear();
    this.pane.compose.news = 0;
    this.check();
  }

  /** Goes to the first reply that came while something was being written. */
  showNews() {
    const { pane } = this;
    const [first] = this.#held;
    this.look();
    pane.one(`[data-id="${CSS.escape(String(first))}"]`)?.scrollIntoView({ block: 'nearest' });
    pane.scroller.focus({ preventScroll: true });
  }

  /** The last message before what has not been looked at. */
  get last() {
    const { thread, scrolling } = this.pane;
    const messages = thread?.messages ?? [];
    const held = messages.findIndex((m) => this.#held.has(m.id));
    const end = held < 0 ? messages.length : held;
    return messages[Math.min(end, messages.length - scrolling.below) - 1]?.id;
  }

  /** @param {Messenger.Message} upTo */
  async #seen(upTo) {
    const { pane } = this;
    const { thread } = pane;
    if (!thread || this.#reporting.has(upTo.id)) return;
    this.#reporting.add(upTo.id);
    try {
      await pane.hub.api.call('POST', `${thread.path}/read`, { up_to: upTo.id });
      if (pane.problem === this.#problem) pane.fail('');
      thread.wasRead(upTo, pane.hub.me?.staff.id ?? '');
    } catch (error) {
      if (thread !== pane.thread) return;
      this.#problem = pane.explain(error);
      pane.fail(this.#problem);
      pane.soon('read', Reading.again, () => {
        this.#reporting.delete(upTo.id);
        this.check();
      });
    }
  }

  /** Marks what is unread as read for its owner. */
  readFor() {
    const { pane } = this;
    const { thread, hub } = pane;
    const last = thread?.unread.at(-1);
    return pane.once('read-for', async () => {
      if (!last || !thread?.channel) return;
      await hub.api.call('POST', `${thread.path}/read`, { up_to: last.id, on_behalf: true });
      thread.wasRead(last, hub.me?.staff.id ?? '');
      pane.say('read_for_done', { name: pane.colleagues?.nameOf(thread.channel.staff_id, pane.t) ?? '' });
      await thread.refresh();
      hub.changed(thread.channel);
      if (thread === pane.thread) pane.one('.messenger-title')?.focus({ preventScroll: true });
    });
  }
}
