// One stream of events for all tabs of a browser. The tab that holds a lock has the connection and passes on what
// comes: browsers give a host no more than six connections over HTTP/1.1, and the host's own pages need them.

import { Source } from './source.js';
import { tabsUnder } from './tabs.js';

/** As many inboxes as one stream may have. */
const mostInboxes = 10;

/** How often the tab with the connection asks which inboxes are still wanted, in milliseconds. */
const askEvery = 60_000;

/* What tabs say to one another: `want` and `gone` (of a tab), `who` (is there), `event`. */

/** The events of the inboxes that somebody in this page follows, as long as somebody does. */
export class Stream {
  /** Whether the connection is down. */
  lost = false;
  /** How often each inbox is followed here, '' for one's own. @type {Map<string, number>} */
  #followed = new Map();
  /** What each tab wants, this one too, as far as the tab with the connection knows. @type {Map<string, string[]>} */
  #wanted = new Map();
  #tab = crypto.getRandomValues(new Uint32Array(2)).join('-');
  /** @type {ReturnType<typeof tabsUnder>|undefined} */
  #channel;
  /** The connection, in the tab that has it. @type {Source|undefined} */
  #source;
  /** Ends this page's part, while it has one. @type {AbortController|undefined} */
  #joined;
  #asking = 0;
  #begun = () => {};
  /** Whether events are heard, or were. */
  #heardAny = false;
  /** Settles when events are heard for the first time. @type {Promise<void>} */
  stands = new Promise((resolve) => (this.#begun = resolve));

  /**
   * @param {string} base where the staff API is mounted
   * @param {() => string} own one's own staff id, '' while it is not known
   * @param {(type: string, data: any) => void} hear called with each event, `link` and `reset` among them
   */
  constructor(base, own, hear) {
    this.base = base;
    this.own = own;
    this.hear = hear;
    this.name = `messenger ${new URL(base, location.href).href}`;
    // A page that is kept for the way back must hold nothing, and has missed what came meanwhile.
    window.addEventListener('pagehide', () => this.#leave());
    window.addEventListener('pageshow', (event) => {
      if (event.persisted && this.#followed.size) this.#join(true);
    });
  }

  /**
   * Follows an inbox until the signal aborts.
   * @param {string} inbox a staff id, or '' for one's own
   * @param {AbortSignal} signal
   */
  follow(inbox, signal) {
    this.#followed.set(inbox, (this.#followed.get(inbox) ?? 0) + 1);
    signal.addEventListener('abort', () => this.#unfollow(inbox));
    if (this.#joined) this.#tellWanted();
    else this.#join(false);
  }

  /**
   * Whether an inbox is followed in this page.
   * @param {string} inbox
   */
  follows(inbox) {
    return this.#followed.has(inbox);
  }

  /** Says again what is wanted: it is known by now who is signed in. */
  renew() {
    if (this.#joined) this.#tellWanted();
  }

  /** @param {string} inbox */
  #unfollow(inbox) {
    const left = (this.#followed.get(inbox) ?? 0) - 1;
    if (left > 0) this.#followed.set(inbox, left);
    else this.#followed.delete(inbox);
    if (this.#followed.size) this.#tellWanted();
    else this.#leave();
  }

  /** @param {boolean} missed whether events may have been missed */
  #join(missed) {
    if (this.#joined) return;
    const joined = new AbortController();
    this.#joined = joined;
    this.#channel = tabsUnder(this.name, (data) => this.#said(data));
    if (missed) this.hear('reset', {});
    this.#tellWanted();
    // A page without https, where each tab has a stream of its own.
    if (this.#channel.alone || !navigator.locks) return this.#lead(missed);
    navigator.locks
      .request(this.name, { signal: joined.signal }, () => {
        // Another tab passed on what came until now: it may have gone in the middle.
        this.#lead(missed || this.#heardAny);
        return new Promise((resolve) => {
          joined.signal.addEventListener('abort', resolve);
        });
      })
      // Given up while waiting, or refused, as in a frame that may keep nothing.
      .catch(() => joined.signal.aborted || this.#lead(missed));
  }

  /** Gives up the connection, or the wait for it: another tab takes over at once. */
  #leave() {
    if (!this.#joined) return;
    this.#say({ type: 'gone', tab: this.#tab });
    clearInterval(this.#asking);
    this.#source?.close();
    this.#source = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    this.#wanted.clear();
    this.#joined.abort();
    this.#joined = undefined;
    this.lost = false;
  }

  /**
   * Has the connection from now on.
   * @param {boolean} missed whether events may have been missed, as the last ones of a tab that had it before
   */
  #lead(missed) {
    if (!this.#joined) return;
    this.#source = new Source(this.base, (type, data) => this.#pass(type, data), missed);
    this.#ask();
    this.#asking = window.setInterval(() => this.#ask(), askEvery);
    this.#open();
  }

  /** Asks all tabs what they want. Those that don't answer are gone. */
  #ask() {
    this.#wanted.clear();
    this.#wanted.set(this.#tab, this.#wants());
    this.#say({ type: 'who' });
    // What was wanted before stays so until all have had the time to answer.
    setTimeout(() => this.#open(), 1000);
  }

  /** The inboxes that are followed here, by staff id where that is known. */
  #wants() {
    return [...this.#followed.keys()].map((inbox) => inbox || this.own());
  }

  #tellWanted() {
    const said = { type: 'want', tab: this.#tab, inboxes: this.#wants() };
    this.#say(said);
    if (this.#source) this.#said(said);
  }

  /** Connects for what is wanted now: one's own inbox first, then those that were asked for last. */
  #open() {
    const all = [...this.#wanted.values()].reverse().flat();
    const own = this.own();
    const others = [...new Set(all)].filter((inbox) => inbox && inbox !== own);
    // Without a name for one's own inbox there is no way to ask for it beside others.
    this.#source?.open(own && others.length ? [own, ...others].slice(0, mostInboxes) : []);
  }

  /** @param {any} message */
  #say(message) {
    this.#channel?.postMessage(message);
  }

  /** @param {any} message what another tab said */
  #said({ type, tab, inboxes, of, data }) {
    if (type === 'event') return this.#hear(of, data);
    if (type === 'who') return this.#tellWanted();
    if (!this.#source) return;
    if (type === 'gone') this.#wanted.delete(tab);
    if (type === 'want') {
      this.#wanted.delete(tab);
      this.#wanted.set(tab, inboxes);
      if (this.#heardAny) this.#say({ type: 'event', of: 'link', data: { lost: this.lost } });
    }
    this.#open();
  }

  /**
   * Passes on what the connection brings, to this tab and all others.
   * @param {string} of
   * @param {any} data
   */
  #pass(of, data) {
    this.#say({ type: 'event', of, data });
    this.#hear(of, data);
  }

  /**
   * @param {string} of
   * @param {any} data
   */
  #hear(of, data) {
    if (of === 'link') {
      if (!data.lost) this.#begun();
      this.#heardAny ||= !data.lost;
      if (this.lost === data.lost) return;
      this.lost = data.lost;
    }
    this.hear(of, data);
  }
}
