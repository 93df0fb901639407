// Sending once, however often it is tried.

import { newKey } from './api.js';

/** What was last tried. The same thing keeps its key and its time, so that trying again never sends twice. */
export class Attempt {
  /** @type {{of: string, key: string, body: any, tried: boolean}|undefined} */
  #last;

  /**
   * What goes to the server for a thing: what went before when it is still the same, or else what `make` gives.
   * @param {unknown} thing
   * @param {() => any} make
   */
  at(thing, make) {
    const of = JSON.stringify(thing);
    if (this.#last?.of !== of) this.#last = { of, key: newKey(), body: make(), tried: false };
    return this.#last;
  }

  /**
   * Whether a thing was tried before, and so may have been accepted.
   * @param {unknown} thing
   */
  was(thing) {
    return this.#last?.of === JSON.stringify(thing);
  }

  forget() {
    this.#last = undefined;
  }
}
