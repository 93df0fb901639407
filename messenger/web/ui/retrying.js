// What went wrong, and the way to do it again. Several things can go wrong at once: none hides another.

import { ApiError } from './api.js';
import { alertView, MessengerElement } from './element.js';

/**
 * An element that loads by itself and in which something is done. What somebody did and what failed stays until they do
 * something again: no answer that comes by itself takes it away. `actions` has `again: () => this.again()`.
 */
export class MessengerRetrying extends MessengerElement {
  /** Words of its own for errors: their keys, by code. @type {Record<string, string>} */
  errorKeys = {};
  /** What failed, the first first. @type {Map<string, {words: string, again: () => unknown, act: boolean}>} */
  #failed = new Map();

  get #first() {
    const all = [...this.#failed.values()];
    return all.find(({ act }) => act) ?? all[0];
  }

  /** What went wrong, in words; '' where nothing has. */
  get problem() {
    return this.#first?.words ?? '';
  }

  /** Does what failed again, as it stands now. */
  again() {
    return this.#first?.again();
  }

  /** @param {string} what */
  hasFailed(what) {
    return this.#failed.has(what);
  }

  /**
   * Takes back what is said to have gone wrong.
   * @param {string} [what] all of it without
   */
  forgive(what) {
    if (what === undefined) this.#failed.clear();
    else this.#failed.delete(what);
    this.update();
  }

  /**
   * Says what went wrong, unless that was given up.
   * @param {string} what
   * @param {unknown} error
   * @param {() => unknown} again
   */
  blame(what, error, again, act = false) {
    const words = this.explain(error);
    if (words) this.#failed.set(what, { words, again, act });
    this.update();
  }

  /**
   * @param {string} what
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  once(what, work) {
    return this.#once(what, work);
  }

  /**
   * @param {string} what
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  #once(what, work) {
    return super.once(what, () => this.#try(what, work, () => this.#once(what, work)));
  }

  /**
   * Does once at a time what somebody asks for. What they did before and what failed is over with it.
   * @param {string} what
   * @param {() => Promise<unknown>} work
   * @returns {Promise<void>}
   */
  act(what, work) {
    return super.once(what, () => {
      for (const [failed, { act }] of this.#failed) if (act) this.forgive(failed);
      return this.#try(what, work, () => this.act(what, work), true);
    });
  }

  /**
   * @param {string} what
   * @param {() => Promise<unknown>} work
   * @param {() => unknown} again
   */
  async #try(what, work, again, act = false) {
    this.forgive(what);
    await work().catch((error) => this.blame(what, error, again, act));
  }

  /** @param {unknown} error */
  explain(error) {
    const words = super.explain(error);
    const key = error instanceof ApiError && this.errorKeys[error.code];
    return words && key ? this.t(key) : words;
  }

  problemView() {
    return this.problem ? alertView(this.problem, 'again', this.t('retry')) : '';
  }
}
