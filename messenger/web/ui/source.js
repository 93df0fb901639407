// One EventSource, opened again by itself: the browser's own way while it can, ours when it has given up.

import { query } from './api.js';

/** How long after a failure with several inboxes one's own is listened to alone, in milliseconds. */
const aloneFor = 30_000;

/** How long a connection may take to be made before another is tried, in milliseconds. */
const connecting = 8000;

/** A connection to the server's events, for inboxes that change. */
export class Source {
  /** How long a server that beats every five seconds may be silent before it counts as gone, in milliseconds. */
  static silence = 12_000;

  /** @type {EventSource|undefined} */
  #now;
  /** What was listened to before, until the new one stands. @type {EventSource[]} */
  #before = [];
  /** What is asked for; undefined before `open`. @type {string|undefined} */
  #address;
  /** @type {string[]} */
  #inboxes = [];
  #waits = 0;
  #again = 0;
  #late = 0;
  #aloneUntil = 0;
  /** Whether events may have been missed since the last connection. */
  #missed;
  /** Whether the connection has been said to be down. */
  #lost = false;
  #silent = 0;
  #online = () => {
    if (this.#lost || this.#now?.readyState !== EventSource.OPEN) this.#anew();
  };
  #offline = () => this.#lose();

  /**
   * @param {string} base where the staff API is mounted
   * @param {(type: string, data: any) => void} tell called with each event, `link` (`lost`) among them
   * @param {boolean} missed whether events may have been missed already
   */
  constructor(base, tell, missed) {
    this.base = base;
    this.tell = tell;
    this.#missed = missed;
    window.addEventListener('online', this.#online);
    window.addEventListener('offline', this.#offline);
  }

  close() {
    clearTimeout(this.#again);
    clearTimeout(this.#late);
    clearTimeout(this.#silent);
    this.#now?.close();
    this.#closeBefore();
    this.#address = undefined;
    window.removeEventListener('online', this.#online);
    window.removeEventListener('offline', this.#offline);
  }

  /**
   * Listens to inboxes by staff id, or to one's own for none. The old connection goes once the new one stands.
   * @param {string[]} inboxes
   */
  open(inboxes) {
    this.#inboxes = inboxes;
    if (this.#wanted === this.#address) return;
    if (this.#now) this.#before.push(this.#now);
    this.#connect(true);
  }

  #closeBefore() {
    for (const old of this.#before.splice(0)) old.close();
  }

  get #wanted() {
    const alone = performance.now() < this.#aloneUntil;
    const asked = alone ? [] : this.#inboxes;
    return `${this.base}/events${asked.map((inbox, i) => query({ inbox }).replace('?', i ? '&' : '?')).join('')}`;
  }

  /** Connects anew. With `changed` other inboxes are asked for, and the old connection stays until the new one is. */
  #connect(changed = false) {
    clearTimeout(this.#again);
    if (!changed) this.#now?.close();
    const first = !this.#now;
    this.#address = this.#wanted;
    const source = new EventSource(this.#address);
    this.#now = source;
    source.onopen = () => {
      this.#closeBefore();
      clearTimeout(this.#late);
      clearTimeout(this.#silent);
      this.#late = this.#waits = 0;
      // A connection that we made anew begins now: what happened in between has to be fetched, and so has what failed.
      if (this.#missed || this.#lost || (changed && !first)) this.tell('reset', {});
      this.#missed = this.#lost = false;
      this.tell('link', { lost: false });
    };
    source.onerror = () => this.#failed(source);
    for (const type of ['channel', 'message', 'broadcast', 'unmatched', 'present', 'gone', 'reset']) {
      source.addEventListener(type, ({ data }) => this.tell(type, JSON.parse(data)));
    }
    source.addEventListener('beat', () => this.#expect(Source.silence));
    this.#expect(connecting);
  }

  /**
   * Has the connection made anew unless the server says something in so many milliseconds: a server that is stopped,
   * or a network that swallows, closes nothing.
   * @param {number} milliseconds
   */
  #expect(milliseconds) {
    clearTimeout(this.#silent);
    this.#silent = window.setTimeout(() => {
      this.#lose();
      this.#anew();
    }, milliseconds);
  }

  #lose() {
    this.#lost = true;
    this.tell('link', { lost: true });
  }

  #anew() {
    this.#missed = true;
    this.#closeBefore();
    this.#connect();
  }

  /** @param {EventSource} source */
  #failed(source) {
    if (source !== this.#now) return;
    this.#late ||= window.setTimeout(() => this.#lose(), 2000);
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.#silent);
    this.#closeBefore();
    this.#missed = true;
    // One inbox that may not be opened any more must not cost the others.
    if (this.#inboxes.length) this.#aloneUntil = performance.now() + aloneFor;
    const wait = Math.min(30, 2 ** this.#waits++) * (750 + Math.random() * 500);
    this.#again = window.setTimeout(() => this.#connect(), wait);
  }
}
