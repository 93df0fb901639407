// What the elements of one page share: who is signed in, the counts, and one stream of events for each inbox.

import { Api } from './api.js';

/** @type {Map<string, Hub>} */
const hubs = new Map();

/**
 * The hub of an API address and organisation. Every element that names the same two gets the same hub.
 * @param {string} base
 * @param {string} organisation
 */
export function hubFor(base, organisation) {
  const key = `${base} ${organisation}`;
  let hub = hubs.get(key);
  if (!hub) hubs.set(key, (hub = new Hub(new Api(base, organisation))));
  return hub;
}

/**
 * Dispatches, each a CustomEvent whose detail holds `inbox` ('' for one's own): `channel` (`row`), `message`
 * (`message`), `broadcast` (`broadcast`), `reset` (refetch what is shown), `link` (`lost`), and `me` (the counts have
 * changed).
 */
export class Hub extends EventTarget {
  /** @type {Promise<Messenger.Me>|undefined} */
  #asked;
  /** @type {Map<string, Stream>} */
  #streams = new Map();
  /** @type {Map<string, string>} */
  #known = new Map();
  #timer = 0;

  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Messenger.Me|undefined} */
    this.me = undefined;
    this.addEventListener('channel', (event) => this.#counted(/** @type {CustomEvent} */ (event).detail));
    this.addEventListener('reset', (event) => {
      if (/** @type {CustomEvent} */ (event).detail.inbox === '') this.#recount();
    });
  }

  /**
   * Who is signed in. Asked once for all elements of the page; a failure is not kept.
   * @returns {Promise<Messenger.Me>}
   */
  whoAmI() {
    this.#asked ??= this.refresh().catch((error) => {
      this.#asked = undefined;
      throw error;
    });
    return this.#asked;
  }

  /**
   * Asks again, and tells every element.
   * @returns {Promise<Messenger.Me>}
   */
  async refresh() {
    const me = await this.api.get('/me');
    this.me = me;
    this.#asked = Promise.resolve(me);
    this.dispatchEvent(new CustomEvent('me', { detail: { me } }));
    return me;
  }

  /**
   * Listens to an inbox until the signal aborts.
   * @param {string} inbox a staff id, or '' for one's own
   * @param {AbortSignal} signal
   */
  follow(inbox, signal) {
    if (signal.aborted) return;
    let stream = this.#streams.get(inbox);
    if (!stream) this.#streams.set(inbox, (stream = new Stream(this, inbox)));
    const kept = stream;
    kept.followers++;
    signal.addEventListener('abort', () => {
      if (--kept.followers > 0) return;
      kept.close();
      this.#streams.delete(inbox);
    });
  }

  /** Whether a stream that somebody follows is down. */
  get lost() {
    return [...this.#streams.values()].some((stream) => stream.lost);
  }

  /**
   * Tells the elements of a change that one of them made, before the stream does.
   * @param {Messenger.Row} row
   */
  changed(row) {
    const inbox = row.staff_id === this.me?.staff.id ? '' : row.staff_id;
    this.dispatchEvent(new CustomEvent('channel', { detail: { inbox, row } }));
  }

  /**
   * Tells the elements of a message that one of them has sent or cancelled, before the stream does.
   * @param {Messenger.Message} message
   */
  said(message) {
    this.dispatchEvent(new CustomEvent('message', { detail: { inbox: '', message } }));
  }

  /**
   * Gives a channel its status, and tells the elements.
   * @param {string} id
   * @param {'open'|'done'} status
   * @param {string} [upTo] the last message that has been seen
   */
  async setStatus(id, status, upTo) {
    const path = `/channels/${encodeURIComponent(id)}/status`;
    this.changed(await this.api.call('PUT', path, { status, up_to: upTo }));
  }

  /**
   * Marks a channel as done, or as open again. Gives the key of what to say about it.
   * @param {Messenger.Row} row
   * @param {string} [upTo] the last message that has been seen
   */
  async toggleDone({ id, status }, upTo) {
    const done = status === 'done';
    await this.setStatus(id, done ? 'open' : 'done', done ? undefined : upTo);
    return done ? 'now_open' : 'now_done';
  }

  /** @param {{inbox: string, row: Messenger.Row}} detail */
  #counted({ inbox, row }) {
    if (inbox !== '') return;
    const state = `${row.status} ${row.attention.length > 0}`;
    if (this.#known.get(row.id) === state) return;
    this.#known.set(row.id, state);
    this.#recount();
  }

  #recount() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.refresh().catch(() => {}), 100);
  }
}

/** One EventSource, opened again by itself: the browser's own way while it can, ours when it has given up. */
class Stream {
  followers = 0;
  lost = false;
  /** @type {EventSource|undefined} */
  #source;
  #waits = 0;
  #again = 0;
  #late = 0;
  #fresh = true;

  /**
   * @param {Hub} hub
   * @param {string} inbox
   */
  constructor(hub, inbox) {
    this.hub = hub;
    this.inbox = inbox;
    this.wake = () => {
      if (this.#source?.readyState !== EventSource.OPEN) this.#open();
    };
    window.addEventListener('online', this.wake);
    this.#open();
  }

  close() {
    clearTimeout(this.#again);
    clearTimeout(this.#late);
    this.#source?.close();
    window.removeEventListener('online', this.wake);
  }

  #open() {
    clearTimeout(this.#again);
    this.#source?.close();
    const query = this.inbox ? `?inbox=${encodeURIComponent(this.inbox)}` : '';
    const source = (this.#source = new EventSource(`${this.hub.api.base}/events${query}`));
    source.onopen = () => {
      clearTimeout(this.#late);
      this.#late = this.#waits = 0;
      // A stream that we opened anew starts from now: what happened in between has to be fetched.
      if (!this.#fresh) this.#tell('reset', {});
      this.#fresh = true;
      this.#link(false);
    };
    source.onerror = () => {
      this.#late ||= window.setTimeout(() => this.#link(true), 2000);
      if (source.readyState !== EventSource.CLOSED) return;
      this.#fresh = false;
      const wait = Math.min(30, 2 ** this.#waits++) * (750 + Math.random() * 500);
      this.#again = window.setTimeout(() => this.#open(), wait);
    };
    source.addEventListener('channel', (event) => this.#tell('channel', { row: JSON.parse(event.data) }));
    source.addEventListener('message', (event) => this.#tell('message', { message: JSON.parse(event.data) }));
    source.addEventListener('broadcast', (event) => this.#tell('broadcast', { broadcast: JSON.parse(event.data) }));
    source.addEventListener('reset', () => this.#tell('reset', {}));
  }

  /** @param {boolean} lost */
  #link(lost) {
    if (lost === this.lost) return;
    this.lost = lost;
    this.#tell('link', { lost });
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  #tell(type, detail) {
    this.hub.dispatchEvent(new CustomEvent(type, { detail: { inbox: this.inbox, ...detail } }));
  }
}
