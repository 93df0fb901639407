// <messenger-overview>: the day's end. Whether anything is left that somebody ought to see before they go home, in
// whose inbox, and what needs a person; each leads to where it is dealt with, or is dealt with here.

import { askWhatWasDone } from './ask.js';
import { Colleagues } from './colleagues.js';
import { keepFocus } from './focus.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { NeededList } from './needed.js';
import { neededView } from './needed-views.js';
import { answerView, inboxesView } from './overview-views.js';
import { pageAddress } from './place.js';
import { MessengerRetrying } from './retrying.js';

/** How often it is asked while it can be seen, in milliseconds: of others' inboxes nothing is heard. */
const every = 10_000;

/** How old an answer may be that is still said to be so, in milliseconds. */
const oldest = 30_000;

/**
 * Attribute `messages`: the address of the page with `<messenger-inbox>`, where this is not in it; `/messages` without.
 */
export class MessengerOverview extends MessengerRetrying {
  /** @type {Messenger.Overview|undefined} */
  overview;
  /** When the answer that is shown was given, by the server's clock. */
  at = 0;
  needed = new NeededList(this);
  /** @type {Colleagues|undefined} */
  colleagues;
  /** Whether something was heard that makes the answer doubtful. */
  #doubt = false;
  #due = false;
  /** Whether the list of what needs a person is older than the figures. */
  #stale = false;
  #knowsColleagues = false;
  #asked = 0;
  /** How often another reason was shown. */
  #reasons = 0;
  #said = '';

  /** @type {MessengerRetrying['actions']} */
  actions = {
    again: () => this.again(),
    inbox: (link, event) => this.#go(event, { to: 'inbox', staff_id: link.dataset.staff, show: link.dataset.show }),
    channel: ({ dataset: { id, message, client } }, event) =>
      this.#go(event, { to: 'channel', channel_id: id, message_id: message, client_id: client }),
    texts: (button, event) => this.#go(event, { to: 'texts' }),
    cover: ({ dataset }) => this.#cover(dataset.staff ?? ''),
    handover: ({ dataset }) => this.#handOver(dataset.staff ?? ''),
    reason: ({ dataset }) => this.#showReason(dataset.reason ?? ''),
    more: () => this.act('more', () => this.needed.load(true)),
    tick: ({ dataset }) => this.#tick(dataset.id ?? ''),
    'tick-all': () => this.#tickAll(),
    several: ({ dataset: { what } }) => this.#act(/** @type {'retry'} */ (what)),
    one: ({ dataset: { what, id = '' } }) => this.#act(/** @type {'retry'} */ (what), [id]),
    'all-the-same': ({ dataset }) => this.#allTheSame(dataset.id ?? ''),
    'think-again': ({ dataset }) => this.#thinkAgain(dataset.id ?? ''),
  };

  start() {
    const { hub, signal } = this;
    const colleagues = new Colleagues(hub);
    this.colleagues = colleagues;
    this.#knowsColleagues = false;
    this.needed.show('');
    this.overview = undefined;
    this.#said = '';
    this.forgive();
    this.replaceChildren(html`<div class="messenger-overview"></div>
      <div class="messenger-sr" role="status"></div><messenger-absence></messenger-absence>
      <messenger-handover></messenger-handover>`);
    hub.follow('', signal);
    for (const type of ['channel', 'message', 'unmatched', 'reset']) {
      this.listen(hub, type, ({ detail }) => this.#hear(detail.row));
    }
    this.listen(hub, 'another', () => this.connectedCallback());
    this.listen(hub, 'link', () => this.update());
    this.listen(colleagues, 'change', () => this.update());
    for (const tag of ['messenger-absence', 'messenger-handover']) {
      this.listen(this.one(tag), 'say', ({ detail }) => this.#tellOf(detail.words));
    }
    this.listen(document, 'visibilitychange', () => document.visibilityState === 'visible' && this.load());
    if (!this.outer) keepFocus(this, () => this.one('.messenger-overview-title'), signal);
    this.update();
    this.#begin();
  }

  async #begin() {
    // What is asked next fails too, and says so.
    await this.hub.whoAmI().catch(() => {});
    await this.load();
  }

  /** Learns whose inboxes there are. What failed is asked for again with the next figures. */
  async #learn() {
    if (this.#knowsColleagues) return;
    this.#knowsColleagues = true;
    await this.colleagues?.load().catch((error) => {
      this.#knowsColleagues = false;
      this.explain(error);
    });
  }

  /** Moves the focus to its title. */
  focusTitle() {
    this.one('.messenger-overview-title')?.focus({ preventScroll: true });
  }

  /** @param {Messenger.Row|undefined} row */
  #hear(row) {
    if (row && (row.status === 'unread' || row.attention.length)) {
      this.#doubt = this.#stale = true;
      this.update();
    }
    if (this.#due) return;
    this.#due = true;
    this.soon('heard', 150, () => this.load());
  }

  /** Asks for all that it shows. An answer that was overtaken is dropped. */
  async load() {
    this.#due = false;
    this.notSoon('heard');
    const { signal } = this;
    if (signal.aborted) return;
    this.#learn();
    const asked = ++this.#asked;
    this.soon('again', every, () => (document.visibilityState === 'visible' ? this.load() : this.update()));
    try {
      const overview = await this.hub.api.get('/overview', { signal });
      if (asked !== this.#asked) return;
      this.#stale ||= JSON.stringify(overview) !== JSON.stringify(this.overview);
      this.overview = overview;
      this.at = this.hub.api.now();
      this.#doubt = false;
      this.forgive('load');
      // Figures count channels: a second message of one that needs a person changes none.
      if (this.#stale || !this.needed.items) await this.needed.load();
      this.#stale = false;
    } catch (error) {
      if (asked === this.#asked) this.blame('load', error, () => this.load());
    }
    this.update();
  }

  /** Whether it is safe, as far as that is known now. @returns {'yes'|'no'|'checking'|'loading'} */
  get answer() {
    const { overview } = this;
    const failed = this.hasFailed('load');
    if (!overview) return failed ? 'checking' : 'loading';
    if (!overview.safe) return 'no';
    const old = this.hub.api.now() - this.at > oldest;
    return failed || this.hub.lost || old || this.#doubt ? 'checking' : 'yes';
  }

  /** @param {string} staffId */
  isOwn(staffId) {
    return Boolean(this.colleagues?.isOwn(staffId));
  }

  /** @param {string} staffId */
  nameOf(staffId) {
    const known = this.overview?.inboxes.find((inbox) => inbox.staff_id === staffId)?.name;
    return known || this.colleagues?.nameOf(staffId, this.t) || '';
  }

  /** @param {string} staffId */
  mayOpen(staffId) {
    return this.isOwn(staffId) || Boolean(this.colleagues?.others.some(({ staff_id: id }) => id === staffId));
  }

  /** @param {string} staffId */
  maySayAway(staffId) {
    return Boolean(this.colleagues?.mayActIn(staffId)) || Boolean(this.hub.me?.permissions.includes('manages'));
  }

  /** The Messages page that this stands in or beside, if it does. */
  get #page() {
    return /** @type {import('./messenger-inbox.js').MessengerInbox|null} */ (
      this.closest('messenger-inbox') ?? document.querySelector('messenger-inbox')
    );
  }

  /**
   * Where something is on the Messages page.
   * @param {Partial<import('./place.js').Place>} way
   */
  addressOf(way) {
    if (this.#page) return pageAddress({ view: '', inbox: '', channel: '', message: '', show: 'all', ...way }).href;
    const address = new URL(this.getAttribute('messages') ?? '/messages', location.href);
    for (const [name, value] of Object.entries(way)) if (value) address.searchParams.set(name, value);
    return address.href;
  }

  /**
   * Leads there: the host may, the Messages page does where it is there, and else the link itself.
   * @param {MouseEvent} event
   * @param {{to: string, staff_id?: string, show?: string, channel_id?: string, message_id?: string,
   *   client_id?: string}} way
   */
  #go(event, way) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const { staff_id: inbox = '', show = '', channel_id: channel = '', message_id: message = '' } = way;
    const url = this.addressOf({ inbox, show, channel, message });
    const page = this.#page;
    if (!this.emit('messenger-navigate', { ...way, url }, true)) return event.preventDefault();
    if (!page) return way.to === 'texts' ? location.assign(url) : undefined;
    event.preventDefault();
    if (way.to === 'inbox') page.openInbox(inbox, show);
    else if (way.to === 'texts') page.dialog('messenger-texts');
    else page.openChannel(channel, message);
  }

  /**
   * Waits until a dialog has come, and until it is known who could be asked.
   * @param {string} tag
   */
  async #ready(tag) {
    await customElements.whenDefined(tag);
    if (!this.colleagues?.inboxes.length) await this.#learn();
    return this.isConnected;
  }

  /** @param {string} staffId */
  async #cover(staffId) {
    const dialog = this.one('messenger-absence');
    if (!(await this.#ready('messenger-absence'))) return;
    dialog.open({ id: staffId, name: this.nameOf(staffId), own: this.isOwn(staffId) });
  }

  /** Those who are here and may be asked to take something on. */
  get #people() {
    const inboxes = this.overview?.inboxes ?? [];
    const gone = new Set(inboxes.filter(({ state }) => state !== 'here').map(({ staff_id: id }) => id));
    const all = [...(this.colleagues?.people ?? []), ...inboxes.map(({ staff_id: id, name }) => ({ id, name }))];
    return all.filter(({ id, name }) => name && !gone.has(id));
  }

  /** @param {string} staffId */
  async #handOver(staffId) {
    const dialog = this.one('messenger-handover');
    if (!(await this.#ready('messenger-handover'))) return;
    const of = { kind: 'inbox', id: staffId, owner: staffId, name: this.nameOf(staffId), unread: true };
    dialog.open(of, this.#people);
  }

  /** @param {string} reason */
  #showReason(reason) {
    this.needed.show(reason);
    this.update();
    return this.act(`reason ${++this.#reasons}`, () => this.needed.load());
  }

  /** @param {string} id */
  #tick(id) {
    const { ticked } = this.needed;
    if (!ticked.delete(id)) ticked.add(id);
    this.update();
  }

  #tickAll() {
    const { ticked, tickable } = this.needed;
    const all = tickable.every(({ id }) => ticked.has(id));
    for (const { id } of tickable) if (all) ticked.delete(id);
    else ticked.add(id);
    this.update();
  }

  /**
   * Does something about rows: those that are ticked, unless some are named.
   * @param {import('./needed.js').Doing} what
   * @param {string[]} [named]
   */
  async #act(what, named) {
    const ids = named ?? this.needed.tickedFor(what);
    if (!ids.length) return;
    if (what === 'resolve') await askWhatWasDone(this, (note) => this.#actOn(what, ids, note));
    else await this.#actOn(what, ids);
  }

  /**
   * @param {import('./needed.js').Doing} what
   * @param {string[]} ids
   * @param {string} [note]
   */
  async #actOn(what, ids, note) {
    let done = false;
    await this.#do(`${what} ${ids.join(' ')}`, async () => {
      const { did, not } = await this.needed.act(what, ids, note);
      done = true;
      const words = [did && this.t('needed_did', { count: did }), not && this.t('needed_did_not', { count: not })];
      this.#tellOf(words.filter(Boolean).join(', '));
    });
    return done;
  }

  /** @param {string} id */
  #allTheSame(id) {
    return this.#do(`retry ${id}`, () => this.needed.retryAllTheSame(id));
  }

  /**
   * Does something, and asks for what has come of it: also where it failed, since part may be done.
   * @param {string} what
   * @param {() => Promise<void>} work
   */
  #do(what, work) {
    return this.act(what, async () => {
      await work().finally(() => void this.load());
    });
  }

  /** @param {string} id */
  #thinkAgain(id) {
    this.needed.results.delete(id);
    this.update();
  }

  /** @param {string} words said to who does not see it */
  #tellOf(words) {
    this.#said = words;
    this.update();
  }

  render() {
    const shown = this.one('.messenger-overview');
    if (!shown) return;
    const { t, overview } = this;
    this.one(':scope > [role="status"]').textContent = this.#said;
    morph(
      shown,
      html`<div role="heading" aria-level="2" class="messenger-overview-title" tabindex="-1">${t('overview')}</div>
        ${answerView(this)}
        ${this.problemView()}
        ${overview ? inboxesView(this, overview) : ''}
        ${overview ? neededView(this) : ''}`,
    );
  }
}
