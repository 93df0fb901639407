// Where the messages of <messenger-thread> stand: at the newest, or where somebody has scrolled to, without a jump.

import { html } from './html.js';

/** How much further the messages move by themselves than can be told, in pixels: the strip with Undo goes first. */
const byItself = 100;

/** Of one thread: loads what is missing where it comes near, and keeps the newest in view. */
export class Scrolling {
  /** Whether the newest message is on screen, and stays so when the pane or the messages grow. */
  atEnd = false;
  /** How many new messages are out of sight below. */
  below = 0;

  /** @param {import('./messenger-thread.js').MessengerThread} pane */
  constructor(pane) {
    this.pane = pane;
  }

  /** What the messages scroll in. */
  get #scroll() {
    return this.pane.scroller;
  }

  /** The newest stay in view when the pane or the messages change their height. */
  start() {
    const { pane } = this;
    const scroll = this.#scroll;
    let height = scroll.clientHeight;
    let whole = scroll.scrollHeight;
    let top = scroll.scrollTop;
    pane.listen(scroll, 'scroll', () => {
      const same = scroll.clientHeight === height && scroll.scrollHeight === whole;
      // What becomes shorter, or has more room, moves by itself: by then it may have less room again. Who scrolls up
      // meanwhile is not taken back to the end.
      const moved = Math.min(whole, scroll.scrollHeight) - Math.max(height, scroll.clientHeight);
      if (same || scroll.scrollTop < Math.min(top, moved - byItself)) this.#setEnd(this.#isLow);
      top = scroll.scrollTop;
      this.#fill();
    });
    const sizes = new ResizeObserver(() => {
      height = scroll.clientHeight;
      whole = scroll.scrollHeight;
      if (this.atEnd) scroll.scrollTop = scroll.scrollHeight;
      top = scroll.scrollTop;
    });
    sizes.observe(scroll);
    sizes.observe(pane.one('.messenger-messages'));
    pane.signal.addEventListener('abort', () => sizes.disconnect());
  }

  /** Has what is on screen now be where it is again, whatever came above it, once what this gives is called. */
  hold() {
    const scroll = this.#scroll;
    const { top } = scroll.getBoundingClientRect();
    const all = [...scroll.querySelectorAll('.messenger-message')];
    const seen = all.find((message) => message.getBoundingClientRect().bottom > top);
    const { id } = seen instanceof HTMLElement ? seen.dataset : {};
    const was = seen?.getBoundingClientRect().top ?? 0;
    return () => {
      if (this.atEnd) return this.toEnd();
      const now = this.pane.one(`.messenger-message[data-id="${CSS.escape(id ?? '')}"]`);
      if (now) scroll.scrollTop += now.getBoundingClientRect().top - was;
    };
  }

  get #isLow() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < 40;
  }

  /** Whether the newest message is on screen, or nearly. */
  get isAtEnd() {
    return this.atEnd || this.#isLow;
  }

  toEnd() {
    const scroll = this.#scroll;
    scroll.scrollTop = scroll.scrollHeight;
    this.#setEnd(true);
  }

  /** @param {boolean} at whether the newest message is on screen */
  #setEnd(at) {
    if (at === this.atEnd && !(at && this.below)) return;
    this.atEnd = at;
    if (at) this.below = 0;
    this.pane.renderBelow();
  }

  /** Scrolls to where unread begins, or to the newest message. */
  toNewest() {
    const scroll = this.#scroll;
    const divider = this.pane.one('.messenger-divider');
    scroll.scrollTop = scroll.scrollHeight;
    if (divider) scroll.scrollTop = Math.min(scroll.scrollTop, divider.offsetTop - 8);
    this.#setEnd(this.#isLow);
  }

  toBottom() {
    this.toEnd();
    this.#scroll.focus({ preventScroll: true });
  }

  /** Loads what is missing where somebody has scrolled to. */
  #fill() {
    const { thread } = this.pane;
    if (!thread?.loaded || thread.loading) return;
    const scroll = this.#scroll;
    if (scroll.scrollTop < 400 && thread.next) return this.#turn(thread, () => thread.older(), true);
    const gap = this.pane.one('.messenger-gap')?.getBoundingClientRect();
    if (!gap) return;
    const { top, bottom } = scroll.getBoundingClientRect();
    const near = gap.bottom > top - 400 && gap.top < bottom + 400;
    if (near) return this.#turn(thread, () => thread.newer(), gap.top < (top + bottom) / 2);
  }

  /**
   * Loads a page and shows it, with what is on screen where it is.
   * @param {import('./thread.js').Thread} thread
   * @param {() => Promise<boolean>} load
   * @param {boolean} above whether it comes above what is looked at
   */
  async #turn(thread, load, above) {
    const { pane } = this;
    const scroll = this.#scroll;
    pane.update();
    try {
      if (!(await load()) || pane.thread !== thread) return;
      pane.problem = '';
    } catch (error) {
      pane.problem = pane.explain(error);
    }
    const top = scroll.scrollTop;
    const height = scroll.scrollHeight;
    pane.render();
    scroll.scrollTop = top + (above ? scroll.scrollHeight - height : 0);
  }

  /** The way back down, while the newest message is out of sight. */
  view() {
    const { pane, below, atEnd } = this;
    const words = below ? pane.t('new_below', { count: below }) : pane.t('to_newest');
    const button = html`<button type="button" class="messenger-button" data-kind=${below ? null : 'second'}
      data-do="below">${words}</button>`;
    return html`${pane.thread?.loaded && !atEnd ? button : ''}`;
  }
}
