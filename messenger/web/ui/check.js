// What the server says of a message while it is being written: how the client gets it, and what the carrier takes.

import { ApiError } from './api.js';

/** How long nobody types before it is asked, in milliseconds. */
const quiet = 400;

/** The server's figures of what is written. */
export class Check {
  /** The carrier's limit, in UTF-16 units of the whole text; 0 where none is known. */
  limit = 0;
  /** What was advised last: it stays until the next answer, so that nothing jumps. @type {Messenger.Advice[]} */
  advice = [];
  /**
   * What was asked about last, and what was answered to it.
   * @type {{of: string, figures?: Messenger.Checked, refused?: unknown}}
   */
  #latest = { of: '' };
  #waiting = 0;

  /**
   * @param {import('./api.js').Api} api
   * @param {() => void} shown called when there are new figures
   */
  constructor(api, shown) {
    this.api = api;
    this.shown = shown;
  }

  /**
   * Asks once the typing pauses. What the server refuses has no figures: a send says why.
   * @param {string} path of a send
   * @param {object} message
   */
  soon(path, message) {
    clearTimeout(this.#waiting);
    const latest = (this.#latest = { of: JSON.stringify(message) });
    this.#waiting = window.setTimeout(async () => {
      try {
        const figures = await this.api.call('POST', `${path}/check`, message);
        if (latest !== this.#latest) return;
        this.#latest = { ...latest, figures };
        this.limit = figures.limit;
        this.advice = figures.advice ?? [];
        this.shown();
      } catch (error) {
        // The count goes on without figures.
        if (latest !== this.#latest) return;
        this.refuse(message, error);
        this.shown();
      }
    }, quiet);
  }

  /**
   * Keeps why the server does not take a message.
   * @param {object} message
   * @param {unknown} error
   */
  refuse(message, error) {
    this.#latest = { of: JSON.stringify(message), refused: error };
  }

  /**
   * The first minute after one that the clocks leave out; undefined while what is written has none such.
   * @param {object} message
   */
  nextOf(message) {
    const { of, refused } = this.#latest;
    return of === JSON.stringify(message) && refused instanceof ApiError ? refused.next : undefined;
  }

  /**
   * The figures of a message; undefined while they are not there.
   * @param {object} message
   */
  of(message) {
    return this.#latest.of === JSON.stringify(message) ? this.#latest.figures : undefined;
  }
}
