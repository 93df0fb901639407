// What the elements have in common: attributes, words, actions, errors, and a life that ends with the connection.

import { ApiError, errorWords } from './api.js';
import { Format } from './format.js';
import { html } from './html.js';
import { hubFor } from './hub.js';
import { icon } from './icons.js';
import { translator } from './strings.js';

/** The base of the elements. Light DOM: a host's styles apply. */
export class MessengerElement extends HTMLElement {
  static observedAttributes = ['api', 'organisation', 'lang', 'channel', 'client'];

  /** @type {Record<string, string>} */
  #strings = {};
  /** @type {AbortController|undefined} */
  #connection;
  #queued = false;

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

  /** The host's own words, by the keys of strings.js. Setting it shows them at once. */
  get strings() {
    return this.#strings;
  }
  set strings(value) {
    this.#strings = { ...value };
    this.#speak();
  }

  /** What the elements of the page share. */
  get hub() {
    return hubFor(this.api, this.organisation);
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
  }

  /**
   * @param {string} name
   * @param {string|null} old
   * @param {string|null} value
   */
  attributeChangedCallback(name, old, value) {
    if (old === value || !this.isConnected || !this.#connection) return;
    if (name === 'lang') this.#speak();
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

  /**
   * A press of something with `data-do`.
   * @param {string} _name
   * @param {HTMLElement} _target
   * @param {MouseEvent} _event
   */
  act(_name, _target, _event) {}

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
    this.t = translator(known, this.#strings);
    this.format = new Format(known, this.t);
    if (this.#connection) this.update();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target.closest('[data-do]') : null;
    if (
      !(target instanceof HTMLElement) ||
      target.closest('messenger-inbox, messenger-compose, messenger-notifications, messenger-new-message') !== this
    )
      return;
    this.act(target.dataset.do ?? '', target, event);
  }
}

/**
 * What went wrong, in words, and a button to do something about it.
 * @param {string} words
 * @param {string} [name] what the button does
 * @param {string} [label]
 */
export const alertView = (words, name, label) =>
  html`<div class="messenger-note" data-key="problem" role="alert" data-look="bad">${icon('warning')}<span>${words}</span>${name ? html`<button type="button" class="messenger-link" data-do=${name}>${label}</button>` : ''}</div>`;
