// What the elements of one page share: who is signed in, the counts, and what comes of the events.

import { Api } from './api.js';
import { Stream } from './stream.js';

/** By the address of the API. @type {Map<string, Hub[]>} */
const hubs = new Map();

/**
 * The hub of an API address and organisation. An element that names no organisation is of the page's only one.
 * @param {string} base
 * @param {string} organisation
 */
export function hubFor(base, organisation) {
  // From this page: a request would go by the page's `<base>`, to whatever host that names.
  const { href } = new URL(base, location.href);
  const all = hubs.get(href) ?? [];
  hubs.set(href, all);
  const same = all.find(({ api }) => !organisation || !api.organisation || api.organisation === organisation);
  if (same) {
    same.api.organisation ||= organisation;
    return same;
  }
  if (all.length) {
    console.warn('messenger: elements of two organisations stand in this page; each has its own requests and events.');
  }
  const hub = new Hub(new Api(href, organisation));
  all.push(hub);
  return hub;
}

/**
 * Dispatches, each a CustomEvent whose detail holds `inbox` ('' for one's own): `channel` (`row`), `message`
 * (`message`), `broadcast` (`broadcast`), `present` and `gone` (`channel_id`, `staff_id`, `name`, `writing`), `reset`
 * (refetch what is shown), `link` (`lost`), `me` (the counts have changed), and `another` (somebody else is signed in).
 */
export class Hub extends EventTarget {
  /** How long a first request waits for the stream, in milliseconds. */
  static patience = 1500;

  /** @type {Promise<Messenger.Me>|undefined} */
  #asked;
  #stream;
  /** Whose channel each is, by staff id, as far as events have told. @type {Map<string, string>} */
  #owners = new Map();
  /** @type {Map<string, string>} */
  #known = new Map();
  #timer = 0;
  /**
   * What is typed and not saved yet. What failed is tried again once it is known who is signed in, and nobody else
   * finds it.
   * @type {Set<import('./draft.js').DraftKeeper>}
   */
  unsaved = new Set();

  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Messenger.Me|undefined} */
    this.me = undefined;
    this.#stream = new Stream(
      api.base,
      () => this.me?.staff.id ?? '',
      (type, data) => this.#heard(type, data),
    );
    this.addEventListener('channel', (event) => this.#counted(/** @type {CustomEvent} */ (event).detail));
    // The host says so once somebody who was signed out has signed in again.
    document.addEventListener('messenger-signed-in', () => {
      this.dispatchEvent(new CustomEvent('reset', { detail: { inbox: '' } }));
    });
    this.addEventListener('unmatched', () => this.#recount());
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
    const known = this.me?.staff.id;
    this.me = me;
    const another = known && known !== me.staff.id;
    if (!known || another) this.#stream.renew();
    for (const keeper of this.unsaved) another ? keeper.forget() : keeper.again();
    this.#asked = Promise.resolve(me);
    if (another) this.dispatchEvent(new Event('another'));
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
    this.#stream.follow(inbox, signal);
    this.api.after ??= this.#listening();
  }

  /**
   * What is shown is asked for once changes to it are heard, so that none falls in between. Nobody waits longer than a
   * moment for that: where it takes longer, what is shown is fetched again then. Who is signed in is asked at once, so
   * that the counts that came with it are.
   */
  async #listening() {
    const { stands } = this.#stream;
    const late = new Promise((resolve) => {
      setTimeout(resolve, Hub.patience, 'late');
    });
    if ((await Promise.race([stands, late])) === 'late') stands.then(() => this.#heard('reset', {}));
    else if (this.#asked) this.#recount();
  }

  /** Whether the connection is down. */
  get lost() {
    return this.#stream.lost;
  }

  /**
   * Dispatches an event of the stream, unless it is of an inbox that is shown in other tabs alone.
   * @param {string} type
   * @param {any} data
   */
  #heard(type, data) {
    if (!['link', 'present', 'gone'].includes(type)) this.api.forget();
    if (type === 'channel') this.#owners.set(data.id, data.staff_id);
    const owner = type === 'channel' ? data.staff_id : this.#owners.get(data.channel_id);
    const inbox = this.#inboxOf(owner);
    const foreign = data.organisation_id && this.me && data.organisation_id !== this.me.organisation.id;
    if (foreign) return;
    // What changes for a colleague whom one covers changes one's own list and bell: they are fetched again.
    if (type === 'channel' && data.covered_for) this.dispatchEvent(new CustomEvent('reset', { detail: { inbox: '' } }));
    if (inbox && !this.#stream.follows(inbox)) return;
    const names = { channel: { row: data }, message: { message: data }, broadcast: { broadcast: data } };
    const detail = { inbox, ...(names[/** @type {'channel'} */ (type)] ?? data) };
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string|undefined} staffId undefined for one's own */
  #inboxOf(staffId) {
    return staffId === undefined || !this.me || staffId === this.me.staff.id ? '' : staffId;
  }

  /**
   * Tells the elements of a change that one of them made, before the stream does.
   * @param {Messenger.Row} row
   */
  changed(row) {
    const detail = { inbox: this.#inboxOf(row.staff_id), row, own: true };
    this.dispatchEvent(new CustomEvent('channel', { detail }));
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
