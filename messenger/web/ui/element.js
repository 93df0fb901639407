// What the elements have in common: attributes, words, actions, errors, and a life that ends with the connection.

import { ApiError, errorWords } from './api.js';
import { Format } from './format.js';
import { html } from './html.js';
import { hubFor } from './hub.js';
import { icon } from './icons.js';
import { translator } from './strings.js';

/** Errors that pass by themselves, as a server that is being restarted. */
const passing = new Set(['offline', 'slow', 'unavailable', 'too_many_requests']);

/** The base of the elements. Light DOM: a host's styles apply. */
export class MessengerElement extends HTMLElement {
  static observedAttributes = ['api', 'organisation', 'lang', 'channel', 'client'];

  /** @type {Record<string, string>} */
  #strings = {};
  /** @type {AbortController|undefined} */
  #connection;
  #queued = false;
  /** What is being done now. */
  #busy = new Set();
  /** @type {Map<string, number>} */
  #timers = new Map();
  /**
   * What a press of something with `data-do` does, by that name.
   * @type {Record<string, (target: HTMLElement, event: MouseEvent) => unknown>}
   */
  actions = {};

  /**
   * Registers the element. A second call with the same tag does nothing.
   * @param {string} tag
   * @param {CustomElementRegistry} [registry]
   */
  static define(tag, registry = customElements) {
    if (!registry.get(tag)) registry.define(tag, this);
  }

  constructor() {
    super();
    /** @type {Messenger.Translate} */
    this.t = translator('en-GB');
    this.format = new Format('en-GB', this.t);
  }

  /** Where the staff API is mounted; the attribute `api`, `/messenger/api` without it. */
  get api() {
    return this.getAttribute('api') ?? '/messenger/api';
  }
  set api(value) {
    this.setAttribute('api', value);
  }

  /** The organisation that the page is for; the attribute `organisation`. */
  get organisation() {
    return this.getAttribute('organisation') ?? '';
  }
  set organisation(value) {
    this.setAttribute('organisation', value);
  }

  /** The host's own words, by the keys of strings.js. Setting it shows them at once, in the elements inside too. */
  get strings() {
    return this.#strings;
  }
  set strings(value) {
    this.#strings = { ...value };
    this.#speakWithin();
  }

  /** The element of ours that this one stands in: its hub and its words are this one's too. */
  get outer() {
    return ownerOf(this.parentElement);
  }

  /** @type {Record<string, string>} */
  get #words() {
    const { outer } = this;
    return { ...(outer ? outer.#words : forAll), ...this.#strings };
  }

  /** @returns {import('./hub.js').Hub} what the elements of the page share */
  get hub() {
    return this.outer?.hub ?? hubFor(this.api, this.organisation);
  }

  /** Aborts when the element leaves the page. */
  get signal() {
    return this.#connection?.signal ?? AbortSignal.abort();
  }

  connectedCallback() {
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#speak();
    this.listen(this, 'click', (event) => this.#clicked(event));
    this.start();
  }

  disconnectedCallback() {
    this.#connection?.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /**
   * @param {string} name
   * @param {string|null} old
   * @param {string|null} value
   */
  attributeChangedCallback(name, old, value) {
    if (old === value || !this.isConnected || !this.#connection) return;
    if (name === 'lang') this.#speakWithin();
    else this.changed(name);
  }

  /**
   * Listens until the element leaves the page.
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => unknown} does
   */
  listen(target, type, does) {
    target.addEventListener(type, does, { signal: this.signal });
  }

  /** Begins the element's work; everything in it ends with `this.signal`. */
  start() {}

  /**
   * An attribute has changed while the element is on the page.
   * @param {string} _name
   */
  changed(_name) {
    this.connectedCallback();
  }

  /** Shows the state. Called by `update`, never directly. */
  render() {}

  /** Shows the state once this turn is over, however often it is called. */
  update() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (this.isConnected) this.render();
    });
  }

  /**
   * Dispatches a bubbling event; false when a listener prevented it.
   * @param {string} type
   * @param {object} detail
   * @param {boolean} [cancelable]
   */
  emit(type, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(type, { bubbles: true, cancelable, detail }));
  }

  /**
   * Tells the element around this one, and nobody else.
   * @param {string} type
   * @param {object} [detail]
   */
  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /**
   * Has the element around this one say something to who does not see it.
   * @param {string} key
   * @param {Record<string, string|number>} [values]
   */
  say(key, values) {
    this.tell('say', { words: this.t(key, values) });
  }

  /**
   * Does something in so many milliseconds. Asked again meanwhile, the wait begins anew.
   * @param {string} what
   * @param {number} milliseconds
   * @param {() => unknown} work
   */
  soon(what, milliseconds, work) {
    this.notSoon(what);
    if (this.isConnected) this.#timers.set(what, window.setTimeout(work, milliseconds));
  }

  /**
   * Does something again in a few seconds where what went wrong passes by itself: nobody has to ask for it.
   * @param {unknown} error
   * @param {string} what
   * @param {() => unknown} work
   */
  againSoon(error, what, work) {
    if (error instanceof ApiError && passing.has(error.code)) this.soon(what, 5000, work);
  }

  /** @param {string} what is not to be done after all */
  notSoon(what) {
    clearTimeout(this.#timers.get(what));
  }

  /**
   * Does something once at a time, and says by `fail` what went wrong.
   * @param {string} what
   * @param {() => Promise<void>} work
   */
  async once(what, work) {
    if (this.#busy.has(what)) return;
    this.#busy.add(what);
    try {
      this.fail('');
      await work();
    } catch (error) {
      this.fail(this.explain(error));
    } finally {
      this.#busy.delete(what);
    }
    this.update();
  }

  /**
   * Does something once at a time with whose conversation is shown. Another may be shown once that is answered: what
   * went wrong says whose it is then.
   * @param {string} what
   * @param {string|undefined} name
   * @param {() => boolean} isShown whether it is shown still
   * @param {() => Promise<unknown>} work
   * @returns {Promise<boolean>} whether it was done
   */
  async onceFor(what, name, isShown, work) {
    let done = false;
    await this.once(what, async () => {
      try {
        await work();
        done = true;
      } catch (error) {
        const words = this.explain(error);
        this.fail(isShown() ? words : `${name}: ${words}`);
      }
    });
    return done;
  }

  /** @param {string} what */
  isBusy(what) {
    return this.#busy.has(what);
  }

  /**
   * Shows what went wrong; '' when nothing does any more.
   * @param {string} _words
   */
  fail(_words) {}

  /**
   * What to say about an error. Tells the host too: `messenger-signed-out` for a 401, `messenger-error` for the rest.
   * @param {unknown} error
   * @returns {string} '' when there is nothing to say, since the request was given up
   */
  explain(error) {
    if (error instanceof DOMException && error.name === 'AbortError') return '';
    const code = error instanceof ApiError ? error.code : 'internal';
    if (code === 'not_signed_in') this.emit('messenger-signed-out', {});
    else this.emit('messenger-error', { code, status: error instanceof ApiError ? error.status : 0 });
    if (!(error instanceof ApiError)) console.error(error);
    return errorWords(this.t, error);
  }

  /**
   * The first element below this one that fits.
   * @param {string} selector
   * @returns {any}
   */
  one(selector) {
    return this.querySelector(selector);
  }

  #speak() {
    const lang = this.closest('[lang]')?.getAttribute('lang') || 'en-GB';
    const known = lang === 'en' ? 'en-GB' : lang;
    this.t = translator(known, this.#words);
    this.format = new Format(known, this.t);
    if (this.#connection) this.update();
  }

  #speakWithin() {
    this.#speak();
    MessengerElement.speakIn(this);
  }

  /**
   * Has every element of ours below a node say what it shows anew.
   * @param {ParentNode} root
   */
  static speakIn(root) {
    for (const inner of root.querySelectorAll('*')) if (inner instanceof MessengerElement) inner.#speak();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target.closest('[data-do]') : null;
    if (target instanceof HTMLElement && ownerOf(target) === this)
      this.actions[target.dataset.do ?? '']?.(target, event);
  }
}

/** @type {Record<string, string>} the host's words for every element */
let forAll = {};

/**
 * Words of the host's for all elements of the page, those that are there and those to come, by the keys of `english`.
 * An element's own `strings` come before them.
 * @param {Record<string, string>} strings
 */
export function setStrings(strings) {
  forAll = { ...strings };
  MessengerElement.speakIn(document);
}

/**
 * The nearest element of ours, from a node upwards.
 * @param {Element|null} node
 * @returns {MessengerElement|undefined}
 */
function ownerOf(node) {
  while (node && !(node instanceof MessengerElement)) node = node.parentElement;
  return node ?? undefined;
}

/**
 * What went wrong, in words, and a button to do something about it.
 * @param {string} words
 * @param {string} [name] what the button does
 * @param {string} [label]
 */
export const alertView = (words, name, label) =>
  html`<div class="messenger-note" data-key="problem" role="alert" data-look="bad">
    ${icon('warning')}<span>${words}</span>
    ${name ? html`<button type="button" class="messenger-link" data-do=${name}>${label}</button>` : ''}
  </div>`;

/**
 * A button that shows or hides what stands below it.
 * @param {string} name what it does
 * @param {boolean} open
 * @param {any} words
 */
export const discloseView = (name, open, words) =>
  html`<button type="button" class="messenger-disclose" data-do=${name} aria-expanded=${String(open)}>
    ${words}
  </button>`;
