// A text kept on the server while it is being written. One at a time, and never after it has been sent.

const pause = 500;

/** @typedef {'none'|'saving'|'saved'|'failed'} DraftState */

/** Keeps one client's draft. */
export class DraftKeeper {
  /** @type {DraftState} */
  state = 'none';
  /** @type {Messenger.Draft|undefined} */
  #waiting;
  #timer = 0;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  /** What the server has, as far as is known. @type {Messenger.Draft|undefined} */
  #kept;
  /** Whether the same draft is being written in another tab. */
  elsewhere = false;
  /** Tells the tabs of this browser that this draft is being written. @type {BroadcastChannel|undefined} */
  #tabs;
  /** Where the server keeps it. */
  path = '';

  /**
   * @param {import('./api.js').Api} api
   * @param {string} client
   * @param {() => void} told called when `state` changes
   * @param {(error: unknown) => void} failed
   */
  constructor(api, client, told, failed) {
    this.api = api;
    this.told = told;
    this.failed = failed;
    this.#of(client);
  }

  /** @param {string} client whose draft it is */
  #of(client) {
    const { api } = this;
    this.path = `/clients/${encodeURIComponent(client)}/draft`;
    const whole = new URL(`${api.base}${this.path}`, location.href);
    this.#tabs = new BroadcastChannel(`messenger draft ${api.organisation} ${whole}`);
    this.#tabs.onmessage = ({ data }) => {
      if (this.elsewhere === data) return;
      this.elsewhere = data;
      this.told();
    };
  }

  /**
   * Goes on for the client whom the one that it was for has become part of. Gives the words that the server has for
   * them and that were not kept from here.
   * @param {string} client
   * @param {Messenger.Draft|undefined} draft what the server has for them
   */
  follow(client, draft) {
    const known = this.#kept?.body;
    this.end();
    this.#of(client);
    this.#kept = draft;
    return draft && draft.body !== known ? draft.body : '';
  }

  /** Listens to the other tabs no more. */
  end() {
    if (this.#waiting || this.#kept) this.#tabs?.postMessage(false);
    this.#tabs?.close();
  }

  /** @param {Messenger.Draft} draft that the server has already */
  found(draft) {
    this.#kept = draft;
  }

  /**
   * Keeps a text after a short pause in typing; an empty one is deleted.
   * @param {Messenger.Draft} draft
   */
  keep(draft) {
    this.#tabs?.postMessage(true);
    this.#waiting = draft;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.flush(), pause);
  }

  /**
   * Sends what is waiting at once.
   * @param {boolean} [leaving] the page is going away
   */
  flush(leaving = false) {
    clearTimeout(this.#timer);
    const draft = this.#waiting;
    if (!draft) return this.#last;
    this.#waiting = undefined;
    const empty = !draft.body?.trim() && !draft.subject?.trim();
    const work = () => (empty ? this.#drop() : this.#put(draft, leaving));
    this.#last = leaving ? work() : this.#last.then(work);
    return this.#last;
  }

  /** Forgets what is waiting and deletes what the server has, after whatever is on its way. */
  drop() {
    this.#tabs?.postMessage(false);
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#last = this.#last.then(() => this.#drop());
    return this.#last;
  }

  /**
   * @param {Messenger.Draft} draft
   * @param {boolean} keepalive
   */
  async #put(draft, keepalive) {
    this.#to('saving');
    try {
      await this.api.call('PUT', this.path, draft, { keepalive: keepalive && JSON.stringify(draft).length < 20_000 });
      this.#kept = draft;
      this.#to('saved');
    } catch (error) {
      this.#waiting ??= draft;
      this.#to('failed');
      this.failed(error);
    }
  }

  async #drop() {
    if (!this.#kept) return this.#to('none');
    try {
      await this.api.call('DELETE', this.path);
      this.#kept = undefined;
      this.#to('none');
    } catch (error) {
      this.failed(error);
    }
  }

  /** @param {DraftState} state */
  #to(state) {
    this.state = state;
    this.told();
  }
}
