// When a reply counts as read: after it has been on screen, whole, for one second in a visible and focused tab.

const second = 1000;

/** Watches the unread replies of one thread. */
export class Reader {
  /** @type {Map<string, number>} when each reply that is on screen now came on screen */
  #since = new Map();
  /** @type {Set<string>} replies taller than the pane, whose beginning has been on screen */
  #begun = new Set();
  #seen = new Set();
  #timer = 0;

  /**
   * @param {HTMLElement} pane what scrolls
   * @param {() => Messenger.Message[]} unread oldest first
   * @param {(upTo: Messenger.Message) => void} read called with the last reply up to which all have been seen
   * @param {AbortSignal} signal
   */
  constructor(pane, unread, read, signal) {
    this.pane = pane;
    this.unread = unread;
    this.read = read;
    const check = () => this.check();
    const steps = [0, 0.25, 0.5, 0.75, 0.9, 1];
    this.observer = new IntersectionObserver(check, { root: pane, threshold: steps });
    const page = new IntersectionObserver(check, { threshold: steps });
    page.observe(pane);
    pane.addEventListener('scroll', check, { signal, passive: true });
    window.addEventListener('scroll', check, { signal, passive: true });
    window.addEventListener('focus', check, { signal });
    window.addEventListener('blur', check, { signal });
    document.addEventListener('visibilitychange', check, { signal });
    signal.addEventListener('abort', () => {
      this.forget();
      page.disconnect();
    });
  }

  /** Begins anew: another channel is open. */
  forget() {
    clearTimeout(this.#timer);
    this.observer.disconnect();
    this.#since.clear();
    this.#begun.clear();
    this.#seen.clear();
  }

  /** Looks at what is on screen now, and again when a second will be over. */
  check() {
    clearTimeout(this.#timer);
    const watching =
      document.visibilityState === 'visible' &&
      document.hasFocus() &&
      !document.querySelector('dialog[open], .messenger-dialog:popover-open');
    if (!watching) return this.#since.clear();
    const now = performance.now();
    let next = Infinity;
    for (const message of this.unread()) {
      if (this.#seen.has(message.id)) continue;
      const left = this.#left(message.id, now);
      if (left <= 0) this.#seen.add(message.id);
      else next = Math.min(next, left);
    }
    this.#tell();
    if (next < Infinity) this.#timer = window.setTimeout(() => this.check(), next);
  }

  /**
   * Milliseconds until a reply counts as seen; Infinity while it is not whole on screen.
   * @param {string} id
   * @param {number} now
   */
  #left(id, now) {
    const element = this.pane.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (!(element instanceof HTMLElement)) return Infinity;
    this.observer.observe(element);
    if (!this.#whole(element, id)) {
      this.#since.delete(id);
      return Infinity;
    }
    if (!this.#since.has(id)) this.#since.set(id, now);
    return (this.#since.get(id) ?? now) + second - now;
  }

  /**
   * Whether a reply is on screen from its first line to its last. One that is taller than the pane is whole when its
   * end is on screen after its beginning was.
   * @param {HTMLElement} element
   * @param {string} id
   */
  #whole(element, id) {
    const box = (element.querySelector('.messenger-bubble') ?? element).getBoundingClientRect();
    const pane = this.pane.getBoundingClientRect();
    const top = Math.max(pane.top, 0) - 1;
    const bottom = Math.min(pane.bottom, window.innerHeight) + 1;
    if (box.height === 0 || bottom - top < 24) return false;
    const begins = box.top >= top && box.top < bottom;
    const ends = box.bottom <= bottom && box.bottom > top;
    if (begins) this.#begun.add(id);
    return box.height <= bottom - top ? begins && ends : ends && this.#begun.has(id);
  }

  #tell() {
    /** @type {Messenger.Message|undefined} */
    let upTo;
    for (const message of this.unread()) {
      if (!this.#seen.has(message.id)) break;
      upTo = message;
    }
    if (upTo) this.read(upTo);
  }
}
