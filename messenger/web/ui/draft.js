// A text kept on the server while it is being written. One at a time, and never after it has been sent.

import { ApiError } from './api.js';
import { tabsUnder } from './tabs.js';

const pause = 500;

/** @typedef {'none'|'saving'|'saved'|'failed'} DraftState */

/** The draft of who has none. @type {Messenger.Draft} */
const noWords = { medium: 'sms', body: '' };

/** @param {Messenger.Draft} draft */
const hasWords = ({ body, subject }) => Boolean(body?.trim() || subject?.trim());

/**
 * @param {Messenger.Draft} a
 * @param {Messenger.Draft} b
 */
const sameWords = (a, b) => a.medium === b.medium && a.body === b.body && (a.subject ?? '') === (b.subject ?? '');

/** Keeps one client's draft. What could not be kept stays with the hub, whatever becomes of the box. */
export class DraftKeeper {
  /** How long after a failure it is tried again, in milliseconds. */
  static again = 5000;

  /** @type {DraftState} */
  state = 'none';
  #failed = false;
  /** Has the browser ask before words are lost with the page. @param {Event} event */
  #ask = (event) => event.preventDefault();
  /** What the server does not have yet. @type {Messenger.Draft|undefined} */
  #unsaved;
  /** What is on its way from a page that may be leaving. @type {Messenger.Draft|undefined} */
  #leaving;
  #timer = 0;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  /** What the server has, as far as is known. @type {Messenger.Draft|undefined} */
  #kept;
  /** Whether the same draft is being written in another tab. */
  elsewhere = false;
  /** Whether something was typed here. */
  #typed = false;
  /** Tells the tabs of this browser that this draft is being written. @type {ReturnType<typeof tabsUnder>|undefined} */
  #tabs;
  /** Where the server keeps it. */
  path = '';

  /**
   * The keeper for the client of a box: the one that still has words of theirs which another box has left, or a new
   * one.
   * @param {import('./messenger-compose.js').MessengerCompose} element
   */
  static of(element) {
    const path = pathOf(element.client);
    const left = [...element.hub.unsaved].find((keeper) => keeper.path === path && !keeper.#tabs);
    const keeper = left ?? new DraftKeeper(element);
    keeper.element = element;
    keeper.#of(element.client);
    keeper.flush();
    return keeper;
  }

  /** @param {import('./messenger-compose.js').MessengerCompose} element */
  constructor(element) {
    this.element = element;
    this.hub = element.hub;
  }

  /** @param {string} client whose draft it is */
  #of(client) {
    const { api } = this.hub;
    this.path = pathOf(client);
    const whole = new URL(`${api.base}${this.path}`, location.href);
    this.#tabs = tabsUnder(`messenger draft ${api.organisation} ${whole}`, (data) => {
      if (data.sent) return this.element.sentElsewhere(data.sent, this.#typed);
      if (this.elsewhere === data) return;
      this.elsewhere = data;
      this.element.update();
    });
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

  /**
   * What a send of these words goes by, wherever it is pressed; undefined where the server does not have just these.
   * @param {Messenger.Draft} draft
   */
  keyOf(draft) {
    const kept = this.#kept;
    return kept && sameWords(kept, draft) ? kept.key : undefined;
  }

  /** Listens to the other tabs no more. */
  end() {
    if (this.#unsaved || this.#kept) this.#tabs?.postMessage(false);
    this.#tabs?.close();
    this.#tabs = undefined;
  }

  /**
   * What is to be written on: what the server has, unless it lacks something.
   * @param {Messenger.Draft|undefined} draft that the server has
   */
  take(draft) {
    if (this.#unsaved) return hasWords(this.#unsaved) ? this.#unsaved : undefined;
    if (draft) this.#kept = draft;
    return draft;
  }

  /**
   * Keeps a text after a short pause in typing; an empty one is deleted.
   * @param {Messenger.Draft} draft
   */
  keep(draft) {
    this.#typed = true;
    this.#tabs?.postMessage(true);
    this.#take(draft);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.flush(), pause);
  }

  /** @param {Messenger.Draft|undefined} draft that the server does not have yet; undefined once it has all */
  #take(draft) {
    this.#unsaved = draft;
    if (!draft || !hasWords(draft)) window.removeEventListener('beforeunload', this.#ask);
    if (draft) this.hub.unsaved.add(this);
    else this.hub.unsaved.delete(this);
  }

  /**
   * Sends what is not saved at once.
   * @param {boolean} [leaving] the page is going away
   */
  flush(leaving = false) {
    clearTimeout(this.#timer);
    this.#last = leaving ? this.#save(true) : this.#last.then(() => this.#save(false));
    return this.#last;
  }

  /** Tries again what has failed. */
  again() {
    if (this.#failed) this.flush();
  }

  /** Forgets what is not saved. */
  forget() {
    clearTimeout(this.#timer);
    this.#take(undefined);
  }

  /** The draft has gone out: other tabs are told with which words. @param {string} body */
  sent(body) {
    this.#tabs?.postMessage({ sent: body });
    this.drop();
  }

  /** Forgets what is waiting and deletes what the server has, after whatever is on its way. */
  drop() {
    this.#tabs?.postMessage(false);
    this.#take(noWords);
    return this.flush();
  }

  /** @param {boolean} keepalive */
  async #save(keepalive) {
    const draft = this.#unsaved;
    if (!draft || (keepalive && draft === this.#leaving)) return;
    const { api } = this.hub;
    const words = hasWords(draft);
    this.#leaving = keepalive ? draft : undefined;
    this.#failed = false;
    this.#to(words ? 'saving' : 'none');
    try {
      const short = keepalive && JSON.stringify(draft).length < 20_000;
      const kept = words ? await api.call('PUT', this.path, draft, { keepalive: short }) : undefined;
      if (!words && this.#kept) await api.call('DELETE', this.path);
      this.#kept = words ? { ...draft, key: kept.key } : undefined;
      if (this.#unsaved === draft) this.#take(undefined);
      this.#to(words ? 'saved' : 'none');
    } catch (error) {
      // The server may have it all the same.
      this.#kept ??= draft;
      this.#leaving = undefined;
      this.#failed = true;
      if (words && this.#unsaved === draft) window.addEventListener('beforeunload', this.#ask);
      if (words) this.#to('failed');
      this.element.explain(error);
      this.#soon(error);
    }
  }

  /**
   * Asks in a while who is signed in, where the error passes by itself: then the hub has all that failed tried again.
   * @param {unknown} error
   */
  #soon(error) {
    if (!(error instanceof ApiError) || (error.status > 400 && error.status < 429)) return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.hub.refresh().catch((e) => this.#soon(e)), DraftKeeper.again);
  }

  /** @param {DraftState} state */
  #to(state) {
    this.state = state;
    this.element.update();
  }
}

/** @param {string} client */
const pathOf = (client) => `/clients/${encodeURIComponent(client)}/draft`;
