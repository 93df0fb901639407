// The staff API from a page: headers, errors as words, the server's clock.

import { wordsOr } from './format.js';

/**
 * An answer of 400 or more, or none at all (code `offline`, or `slow` for one that did not come in time). `code` is a
 * word of the API's closed list otherwise.
 */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {number} status 0 when there was no answer
   * @param {string} [next] of time_does_not_exist: the first local minute that does
   */
  constructor(code, status, next) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.next = next;
  }
}

const byStatus = new Map([
  [401, 'not_signed_in'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [413, 'too_large'],
  [422, 'invalid'],
  [429, 'too_many_requests'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
]);

/** Calls the staff API under one address, for one organisation. */
export class Api {
  /** How long an answer is waited for, in milliseconds: then it is an error (code `slow`), and can be tried again. */
  static patience = 10_000;

  /** Milliseconds that the server's clock is ahead of the browser's. */
  #ahead = 0;
  /** What all requests but the one for `/me` wait for. @type {Promise<void>|undefined} */
  after;
  /** What was asked ahead of who wants it, by path. @type {Map<string, Promise<any>>} */
  #early = new Map();

  /**
   * @param {string} base where the staff API is mounted
   * @param {string} organisation sent with each request when known, so that a tab left in another organisation is told
   */
  constructor(base, organisation) {
    this.base = base.replace(/\/$/, '');
    this.organisation = organisation;
  }

  /** The server's time as well as the browser can tell. */
  now() {
    return Date.now() + this.#ahead;
  }

  /**
   * @param {string} path
   * @param {{signal?: AbortSignal}} [options]
   */
  get(path, options) {
    const early = this.#early.get(path);
    this.#early.delete(path);
    return early ?? this.call('GET', path, undefined, options);
  }

  /**
   * All items of what is answered in pages, as far as they are still wanted.
   * @param {string} path
   * @param {() => boolean} wanted
   * @returns {Promise<any[]>}
   */
  async all(path, wanted) {
    const items = [];
    let cursor;
    do {
      const page = await this.get(path + query({ limit: 100, cursor }));
      items.push(...itemsOf(page));
      cursor = page.next;
    } while (cursor && wanted());
    return items;
  }

  /**
   * Asks for what is going to be wanted: the next `get` of the path has this answer.
   * @param {string} path
   */
  ask(path) {
    const early = this.get(path);
    // Who wants it asks again.
    early.catch(() => this.#early.delete(path));
    this.#early.set(path, early);
  }

  /** Something has changed: what was asked ahead and is not wanted yet may not be so any more. */
  forget() {
    this.#early.clear();
  }

  /**
   * Makes one request and gives the answer's document, or undefined for 204. Rejects with an ApiError.
   * @param {string} method
   * @param {string} path below the API's address
   * @param {unknown} [body]
   * @param {{signal?: AbortSignal, key?: string, keepalive?: boolean, patience?: number}} [options] `key` is the
   *   Idempotency-Key, `patience` how long the answer may take
   * @returns {Promise<any>}
   */
  async call(method, path, body, { signal, key, keepalive, patience = Api.patience } = {}) {
    if (!keepalive && path !== '/me') await this.after;
    const slow = AbortSignal.timeout(patience);
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (this.organisation) headers['Messenger-Organisation'] = this.organisation;
    if (key) headers['Idempotency-Key'] = key;
    let response;
    let document;
    try {
      response = await fetch(this.base + path, {
        method,
        headers,
        signal: signal ? AbortSignal.any([signal, slow]) : slow,
        keepalive: keepalive ?? false,
        credentials: 'same-origin',
        // Back may load a page anew with what the browser kept of it: what a proxy lets it keep would be shown as news.
        cache: 'no-store',
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      document = text ? json(text) : undefined;
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(slow.aborted ? 'slow' : 'offline', 0);
    }
    const date = Date.parse(response.headers.get('Date') ?? '');
    if (date) this.#ahead = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    if (!response.ok) throw problem(response, document);
    return document;
  }
}

/** @param {string} text */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {Response} response
 * @param {any} document
 */
function problem(response, document) {
  const code = document?.code ?? byStatus.get(response.status) ?? 'internal';
  return new ApiError(code, response.status, document?.next);
}

/**
 * An error as a text that a person can act on.
 * @param {Messenger.Translate} t
 * @param {unknown} error
 */
export function errorWords(t, error) {
  return wordsOr(t, `error_${error instanceof ApiError ? error.code : 'internal'}`, t('error_internal'));
}

/** A new Idempotency-Key. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * The items of an answer, whether it is a page or a plain list.
 * @param {any} answer
 * @returns {any[]}
 */
export const itemsOf = (answer) => (Array.isArray(answer) ? answer : (answer?.items ?? []));

/** @param {Record<string, string|number|undefined>} values */
export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
