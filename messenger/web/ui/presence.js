// Who else has a conversation open: what is said of oneself, and what is heard of others.

import { html } from './html.js';
import { icon } from './icons.js';
import { worded } from './names.js';

/** Part of a thread: says that its channel is open here, and shows who else has it open. */
export class Presence {
  /** How often it is said that a conversation is open, in milliseconds. */
  static every = 20_000;
  /** How long somebody counts as here who does not say so again. */
  static holds = 30_000;
  /** How long after the last letter somebody counts as writing. */
  static pause = 10_000;

  /** The last that was said: what comes behind waits for it, as the last word counts. @type {Promise<unknown>} */
  static #said = Promise.resolve();

  /** The channel that is open, or ''. */
  #channel = '';
  /** The channel that is said to be open here, or ''. */
  #told = '';
  #writing = false;
  /** Who else is here, by staff id. @type {Map<string, {name: string, writing: boolean, until: number}>} */
  #others = new Map();

  /**
   * @param {import('./element.js').MessengerElement} element
   * @param {(others: any) => void} show draws who else is here
   */
  constructor(element, show) {
    this.element = element;
    this.show = show;
    element.listen(element.hub, 'present', ({ detail }) => this.#hear(detail));
    element.listen(element.hub, 'gone', ({ detail }) => this.#hearGone(detail));
    // While the connection was down one may have been taken for gone.
    element.listen(element.hub, 'link', () => this.#tell());
    element.listen(document, 'visibilitychange', () => this.#tell());
    element.signal.addEventListener('abort', () => this.at(''));
  }

  /** @param {string} channel that is open now, or '' */
  at(channel) {
    if (channel === this.#channel) return;
    this.#channel = channel;
    this.#writing = false;
    this.#others.clear();
    this.#tell();
    this.show('');
  }

  /**
   * Something was typed, or taken out.
   * @param {boolean} some whether anything stands there now
   */
  typed(some) {
    this.element.soon('typed', Presence.pause, () => this.#write(false));
    this.#write(some);
  }

  /** @param {boolean} writing */
  #write(writing) {
    if (writing === this.#writing) return;
    this.#writing = writing;
    this.#tell();
  }

  /** Says it now, and again for as long as the page can be seen; then that one is gone. */
  #tell() {
    const { element } = this;
    const here = document.hidden || !element.isConnected ? '' : this.#channel;
    element.notSoon('presence');
    if (this.#told && this.#told !== here) this.#say('DELETE', this.#told);
    this.#told = here;
    if (!here) return;
    element.soon('presence', Presence.every, () => this.#tell());
    this.#say('POST', here, { writing: this.#writing });
  }

  /**
   * That it can't be said is nobody's concern.
   * @param {'POST'|'DELETE'} method
   * @param {string} channel
   * @param {object} [body]
   */
  #say(method, channel, body) {
    const { api } = this.element.hub;
    const path = `/channels/${encodeURIComponent(channel)}/presence`;
    // The page may be closing.
    const keepalive = method === 'DELETE';
    Presence.#said = Presence.#said.then(() => api.call(method, path, body, { keepalive })).catch(() => {});
  }

  /** @param {Messenger.Present} present */
  #hear({ channel_id: channel, staff_id: id, name, writing }) {
    if (channel !== this.#channel || id === this.element.hub.me?.staff.id) return;
    this.#others.set(id, { name, writing, until: performance.now() + Presence.holds });
    this.#forget();
  }

  /** @param {Messenger.Present} present */
  #hearGone({ channel_id: channel, staff_id: id }) {
    if (channel !== this.#channel) return;
    // In another tab, but not here.
    if (id === this.element.hub.me?.staff.id) this.#tell();
    else if (this.#others.delete(id)) this.#forget();
  }

  /** Leaves out who has not been heard of, and looks again when the next may have gone. */
  #forget() {
    const now = performance.now();
    for (const [id, { until }] of this.#others) if (until <= now) this.#others.delete(id);
    const next = Math.min(...[...this.#others.values()].map(({ until }) => until));
    if (this.#others.size) this.element.soon('others', next - now, () => this.#forget());
    this.show(this.#view());
  }

  /** Who else is here, who writes first; '' for nobody. */
  #view() {
    const { t } = this.element;
    const all = [...this.#others.values()].sort((a, b) => Number(b.writing) - Number(a.writing));
    const words = all.map(({ name, writing }) => [worded(t, writing ? 'is_writing' : 'is_here', { name }), ' ']);
    return words.length ? html`${icon('person')}<span>${words}</span>` : '';
  }
}
