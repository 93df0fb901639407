// <messenger-side>: the right pane of the Messages page. What can be done in the open channel, why something can't, and
// what has happened.

import { itemsOf, query } from './api.js';
import { discloseView, MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { later, mayBeDone } from './later.js';
import { wrongDatesLimit } from './limits.js';
import { morph } from './morph.js';
import { worded } from './names.js';
import { waysView } from './ways.js';

/** @typedef {{items: Messenger.Entry[], next?: string, error: string}} History */

/**
 * Part of the Messages page. Tells it: `back` (to the thread), `problem` (`words`), `unread` (a reply has to be read
 * first), `finishing` (`id`) and `finished` (it is marked as
 * done), `write` (`medium`, `from`: the form is wanted), `handover` (it is to be handed over), `say`.
 */
export class MessengerSide extends MessengerElement {
  /** @type {import('./colleagues.js').Colleagues|undefined} */
  colleagues;
  /** @type {import('./thread.js').Thread|undefined} */
  #thread;
  /** @type {AbortController|undefined} */
  #watching;
  /** @type {History|undefined} */
  #history;
  #showsHistory = false;
  /** How often a history was asked for: an answer that was overtaken, or is another client's, is dropped. */
  #asked = 0;
  /** The reply link to copy by hand, when the browser refuses to. */
  #byHand = '';
  /** Whether the reply link was put on the clipboard a moment ago. */
  #copied = false;
  /** Whether a new link has been asked for once. */
  #sure = false;

  actions = {
    back: () => this.tell('back'),
    status: () => this.#toggleStatus(),
    write: (/** @type {HTMLElement} */ button) => this.#write(button),
    profile: (/** @type {HTMLElement} */ _, /** @type {MouseEvent} */ event) => this.#profile(event),
    replies: () => this.#toggleReplies(),
    copy: () => this.#copy(),
    renew: () => this.#ask(true),
    'renew-not': () => this.#ask(false),
    'renew-sure': () => this.#renew(),
    handover: () => this.tell('handover'),
    history: () => this.#toggleHistory(),
    'history-more': () => this.#loadHistory(true),
    'history-again': () => this.#loadHistory(),
  };

  start() {
    this.listen(this.hub, 'me', () => this.update());
    this.listen(this.hub, 'channel', ({ detail }) => {
      if (detail.row.id === this.#thread?.id) this.#refreshHistory();
    });
    this.listen(document, 'messenger-later', () => this.update());
    this.listen(this.hub, 'reset', () => this.soon('history', 50, () => this.#refreshHistory()));
    this.update();
  }

  /** The channel that is open. */
  get thread() {
    return this.#thread;
  }
  set thread(thread) {
    this.#watching?.abort();
    this.#watching = new AbortController();
    thread?.addEventListener('change', () => this.update(), { signal: this.#watching.signal });
    this.#thread = thread;
    this.#history = undefined;
    this.#asked++;
    this.#showsHistory = this.#sure = this.#copied = false;
    this.#byHand = '';
    this.update();
  }

  /** @param {string} words */
  fail(words) {
    this.tell('problem', { words });
  }

  /**
   * @param {string} what
   * @param {(thread: import('./thread.js').Thread, channel: Messenger.Channel) => Promise<unknown>} work
   */
  #act(what, work) {
    const thread = this.#thread;
    const channel = thread?.channel;
    if (!channel) return;
    const isShown = () => thread === this.#thread;
    return this.onceFor(`${what} ${thread.id}`, channel.client_name, isShown, () => work(thread, channel));
  }

  #toggleStatus() {
    return this.#act('status', async (thread, channel) => {
      try {
        if (!(await mayBeDone(this, channel))) return;
        const done = channel.status !== 'done';
        this.tell('finishing', { id: thread.id });
        const words = await this.hub.toggleDone(channel, (thread.seen ?? thread.messages[0])?.id);
        this.say(words, { name: channel.client_name });
        if (done && thread === this.#thread) this.tell('finished');
      } catch (error) {
        if (thread === this.#thread) this.tell('unread');
        throw error;
      }
    });
  }

  /** Marks the channel as done, or as open again, as the button does. */
  finish() {
    return this.one('[data-do="status"]') ? this.#toggleStatus() : undefined;
  }

  /** @param {HTMLElement} from */
  #write(from) {
    const channel = this.#thread?.channel;
    const { medium } = from.dataset;
    if (!channel) return;
    const detail = { client_id: channel.client_id, channel_id: channel.id, medium };
    if (this.emit('messenger-compose-open', detail, true)) this.tell('write', { medium, from });
  }

  /** @param {MouseEvent} event */
  #profile(event) {
    const client = this.#thread?.channel?.client;
    if (!client) return;
    const detail = { to: 'profile', client_id: client.id, url: client.profile_url };
    if (!this.emit('messenger-navigate', detail, true)) event.preventDefault();
  }

  #toggleReplies() {
    return this.#act('replies', async (thread, channel) => {
      const allowed = !channel.replies_allowed;
      await this.hub.api.call('PUT', `${thread.path}/replies`, { allowed });
      await thread.refresh();
      if (thread !== this.#thread) return;
      this.#byHand = '';
      this.say(allowed ? 'action_replies_on' : 'action_replies_off');
    });
  }

  async #copy() {
    const thread = this.#thread;
    const link = thread?.channel?.reply_link ?? '';
    const copied = await copy(link);
    if (thread !== this.#thread) return;
    this.#copied = copied;
    if (this.#copied) this.say('copied');
    else this.#byHand = link;
    this.render();
    if (!this.#copied) return this.one('input[readonly]')?.select();
    this.soon('copied', 3000, () => {
      this.#copied = false;
      this.update();
    });
  }

  /**
   * Asks whether the link is really to be replaced, or thinks again.
   * @param {boolean} sure
   */
  #ask(sure) {
    this.#sure = sure;
    this.render();
    this.one(sure ? '[data-do="renew-sure"]' : '[data-do="renew"]')?.focus();
  }

  #renew() {
    return this.#act('renew', async (thread) => {
      await this.hub.api.call('POST', `${thread.path}/reply-link`);
      await thread.refresh();
      if (thread !== this.#thread) return;
      this.#sure = false;
      this.#byHand = '';
      this.say('renewed');
      this.render();
      this.one('[data-do="copy"]')?.focus();
    });
  }

  #toggleHistory() {
    this.#showsHistory = !this.#showsHistory;
    this.update();
    if (this.#showsHistory && !this.#history) this.#loadHistory();
  }

  #refreshHistory() {
    if (this.#history) this.#loadHistory();
  }

  async #loadHistory(more = false) {
    const thread = this.#thread;
    if (!thread) return;
    const asked = ++this.#asked;
    const items = this.#history?.items ?? [];
    const cursor = more ? this.#history?.next : undefined;
    try {
      const page = await this.hub.api.get(`${thread.path}/history${query({ limit: 20, cursor })}`);
      if (asked !== this.#asked) return;
      const loaded = itemsOf(page);
      this.#history = { items: more ? [...items, ...loaded] : loaded, next: page.next, error: '' };
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#history = { items, error: this.explain(error) };
    }
    this.update();
  }

  render() {
    const channel = this.#thread?.channel;
    const { t, colleagues } = this;
    this.setAttribute('aria-label', t('about'));
    this.hidden = !channel;
    if (!channel || !colleagues) return;
    const mayAct = colleagues.mayActIn(channel.staff_id);
    const { messages = [] } = this.#thread ?? {};
    morph(
      this,
      html`<button type="button" class="messenger-back messenger-from-side" data-do="back">
          ${icon('back')}${t('back_to_thread')}
        </button>
        <div role="heading" aria-level="2" class="messenger-sr">${t('about')}</div>
        ${sectionView(t('status'), this.#statusView(channel, mayAct))}
        ${sectionView(mayAct ? t('contact') : '', this.#contactView(channel, mayAct))}
        ${sectionView(t('replies'), this.#repliesView(channel, mayAct))}
        <div class="messenger-section messenger-history">
          ${discloseView('history', this.#showsHistory, t('history'))}
          ${this.#showsHistory ? later.historyView(this, channel, colleagues, this.#history, messages) : ''}
        </div>`,
    );
  }

  /**
   * @param {Messenger.Channel} channel
   * @param {boolean} mayAct
   */
  #statusView({ status }, mayAct) {
    const { t } = this;
    const done = status === 'done';
    const button = html`<button type="button" class="messenger-button" data-kind=${done ? 'second' : null}
      data-do="status">${icon(done ? 'open' : 'tick')}${t(done ? 'mark_open' : 'mark_done')}</button>`;
    return html`<span class="messenger-tag" data-status=${status}>${t(`status_${status}`)}</span>
      ${mayAct ? button : html`<div class="messenger-quiet">${t('may_not_act')}</div>`}`;
  }

  /**
   * @param {Messenger.Channel} channel
   * @param {boolean} mayAct
   */
  #contactView({ actions, client }, mayAct) {
    const { t } = this;
    const profile = html`<a class="messenger-link messenger-profile" href=${client.profile_url} data-do="profile">
      ${icon('person')}${t('view_profile')}
    </a>`;
    const over = html`<button type="button" class="messenger-button" data-kind="quiet" data-key="handover"
      data-do="handover">${icon('person')}${t('handover')}</button>`;
    const may = mayAct || this.hub.me?.permissions.includes('manages');
    return html`${mayAct ? waysView(actions, t, 'second') : ''}${client.profile_url ? profile : ''}${may ? over : ''}`;
  }

  /**
   * @param {Messenger.Channel} channel
   * @param {boolean} mayAct
   */
  #repliesView(channel, mayAct) {
    const { t } = this;
    const { replies_allowed: on, client_name: name, attention, reply_link: link, wrong_dates: count = 0 } = channel;
    const locked = html`<div class="messenger-note" data-look="bad">
      ${icon('warning')}<span>${t(count < wrongDatesLimit ? 'link_locked' : 'link_closed', { count })}</span>
    </div>`;
    const flooded = html`<div class="messenger-note" data-look="bad">
      ${icon('warning')}<span>${t('reply_flood')}</span>
    </div>`;
    const copying = html`<button type="button" class="messenger-button" data-kind="quiet" data-do="copy">
      ${icon(this.#copied ? 'tick' : 'link')}${t(this.#copied ? 'copied' : 'copy_link')}
    </button>`;
    const { discharged_at: discharged } = channel;
    const tag = html`<span class="messenger-tag">${t('discharged')}</span>`;
    const advice = html`<div class="messenger-note" data-key="discharged" data-look="bad">
      ${icon('warning')}<span>${discharged && t('discharged_on', { when: this.format.fullDay(discharged) })}</span>
      ${mayAct ? turnOffView(t) : ''}
    </div>`;
    return html`${discharged && on ? advice : ''}
      <button type="button" class="messenger-switch" role="switch" aria-checked=${String(on)}
        data-do="replies" disabled=${!mayAct}>
        <span>${t('allow_replies')} ${discharged ? tag : ''}</span>
        <span class="messenger-switch-track" aria-hidden="true"><span></span></span>
      </button>
      <div class="messenger-quiet">${on ? worded(t, 'replies_on_hint', { name }) : this.#offWords(channel)}</div>
      ${this.#readerView(channel)}
      ${attention.includes('link_locked') ? locked : ''}
      ${attention.includes('reply_flood') ? flooded : ''}
      ${link ? copying : ''}
      ${this.#byHand ? byHandView(this.#byHand, t) : ''}
      ${mayAct && on ? renewView(this.#sure, t) : ''}`;
  }

  /**
   * Who has the replies in front of them, and by when the client is told that they are read.
   * @param {Messenger.Channel} channel
   */
  #readerView({ cover, read_by_when: by, replies_allowed: on }) {
    const { t, format } = this;
    const { name = '', until } = cover ?? {};
    const words = until ? worded(t, 'covers_here_until', { name, when: format.when(until) }) : '';
    const reader = html`<div class="messenger-note" data-key="cover" data-look="look">
      ${icon('person')}<span>${words || worded(t, 'covers_here', { name })}</span>
    </div>`;
    const told = by && worded(t, 'read_by_when', { name: by.staff_name, when: format.when(by.at) });
    return html`${cover ? reader : ''}
      ${on && told ? html`<div class="messenger-quiet" data-key="told">${told}</div>` : ''}`;
  }

  /**
   * Why replies are off.
   * @param {Messenger.Channel} channel
   */
  #offWords({ replies_off: off }) {
    const { t, format } = this;
    if (off?.why === 'discharged') return t('replies_off_discharged', { when: format.fullDay(off.at) });
    if (off?.why !== 'staff') return t(off?.why ? `replies_off_${off.why}` : 'replies_off_hint');
    const when = format.when(off.at);
    return off.by ? worded(t, 'replies_off_staff', { name: off.by, when }) : t('replies_off_staff_unnamed', { when });
  }
}

/** @param {Messenger.Translate} t */
const turnOffView = (t) =>
  html`<button type="button" class="messenger-button" data-kind="second" data-do="replies">
    ${t('turn_off_replies')}
  </button>`;

/**
 * @param {string} title '' for none
 * @param {any} content
 */
function sectionView(title, content) {
  const heading = html`<div class="messenger-section-title" role="heading" aria-level="3">${title}</div>`;
  return html`<div class="messenger-section">${title ? heading : ''}${content}</div>`;
}

/**
 * @param {string} link
 * @param {Messenger.Translate} t
 */
const byHandView = (link, t) =>
  html`<label class="messenger-field">
    <span>${t('copy_by_hand')}</span><input class="messenger-input" readonly value=${link}>
  </label>`;

/**
 * @param {boolean} sure whether a new link has been asked for once
 * @param {Messenger.Translate} t
 */
function renewView(sure, t) {
  const again = html`<button type="button" class="messenger-button" data-kind="quiet" data-do="renew">
    ${icon('plus')}${t('renew_link')}
  </button>`;
  if (!sure) return again;
  return html`<div class="messenger-note">
    <div>${t('renew_sure')}</div>
    <div class="messenger-line">
      <button type="button" class="messenger-button" data-kind="second" data-do="renew-sure">${t('renew_link')}</button>
      <button type="button" class="messenger-link" data-do="renew-not">${t('cancel')}</button>
    </div>
  </div>`;
}

/**
 * Puts a text on the clipboard; false where the browser refuses.
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
