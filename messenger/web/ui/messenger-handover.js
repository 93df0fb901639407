// <messenger-handover>: the dialog that hands a conversation or an inbox over to a colleague. What is unread goes only
// when somebody says so; of an inbox, how far it is, and what could not be taken.

import { ApiError, errorWords } from './api.js';
import { Attempt } from './attempt.js';
import { MessengerDialog } from './dialog.js';
import { Fields, fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { longNoteLimit } from './limits.js';
import { choiceView, coversOf } from './messenger-absence.js';
import { isolated } from './names.js';
import { pageAddress } from './place.js';

/**
 * What is handed over: a conversation, or the inbox of somebody.
 * @typedef {object} Handed
 * @property {'channel'|'inbox'} kind
 * @property {string} id the channel's or its owner's
 * @property {string} name of the client or the owner
 * @property {string} owner the owner's id
 * @property {boolean} unread whether something is unread in it
 */

/** How often it is asked how far an inbox is, in milliseconds. */
const askAfter = 1000;

/** Part of the Messages page and of the day's end. Tells it: `handed` (`row`, of a conversation), `say`. */
export class MessengerHandover extends MessengerDialog {
  /** @type {Handed} */
  #of = { kind: 'channel', id: '', name: '', owner: '', unread: false };
  /** @type {{id: string, name: string}[]} */
  #people = [];
  #faults = { to: '', unread: '' };
  #takes = false;
  /** Whether the server has said that something is unread. */
  #asksUnread = false;
  /** How far the inbox is. @type {Messenger.InboxHandover|undefined} */
  #progress;
  /** The clients of what was refused, by channel. @type {Map<string, string>} */
  #names = new Map();
  #fields = new Fields(this);
  #attempt = new Attempt();
  /** Notes that were typed and not sent, by what they are about. @type {Map<string, string>} */
  #notes = new Map();

  errorKeys = { not_configured: 'colleagues_not_configured' };

  actions = {
    close: () => this.leave(),
    again: () => this.again(),
    hand: () => this.act('hand', () => this.#hand()),
  };

  start() {
    super.start();
    this.listen(this, 'input', ({ target }) => {
      if (target.name === 'note') this.#notes.set(this.#path, target.value);
    });
    this.listen(this, 'change', ({ target }) => {
      if (target.name === 'take') this.#takes = target.checked;
      if (target.name === 'take' || target.value) this.#faults = { to: '', unread: '' };
      this.update();
    });
  }

  get #path() {
    const kind = this.#of.kind === 'channel' ? 'channels' : 'inboxes';
    return `/${kind}/${encodeURIComponent(this.#of.id)}/handover`;
  }

  /**
   * @param {Handed} of
   * @param {{id: string, name: string}[]} people who may be asked to take it
   */
  open(of = this.#of, people = []) {
    this.#of = of;
    this.#people = without(of.owner, people);
    this.#faults = { to: '', unread: '' };
    this.#takes = this.#asksUnread = false;
    this.#progress = undefined;
    super.open();
    this.#fields.fill({ to: '', note: this.#notes.get(this.#path) ?? '' });
    this.#fields.field('to')?.focus();
    this.#ask(people);
    if (of.kind === 'inbox') this.once('begun', () => this.#follow(true));
  }

  /**
   * Who may act there may take it, whoever's inboxes the asker knows.
   * @param {{id: string, name: string}[]} people
   */
  #ask(people) {
    const { opened: signal } = this;
    const { owner } = this.#of;
    return this.once('covers', async () => {
      const covers = await coversOf(this.hub, owner, signal);
      this.#people = without(owner, [...people, ...covers]);
    });
  }

  async #hand() {
    const to = this.#fields.value('to');
    this.#faults = { to: to ? '' : this.t('handover_missing'), unread: '' };
    this.render();
    if (!to) {
      this.#fields.field('to')?.focus();
      return false;
    }
    const asked = { to, note: this.#fields.value('note'), take_unread: this.#takes };
    let answer;
    try {
      answer = await this.hub.api.call('POST', this.#path, asked, this.#attempt.at([this.#path, asked], () => asked));
      this.#attempt.forget();
    } catch (error) {
      return this.#refused(error);
    }
    this.#notes.delete(this.#path);
    // It is on its way: that the answer to how far is missing does not mean that it failed.
    if (this.#of.kind === 'channel') this.#gave(answer, to);
    else this.once('follow', () => this.#follow());
    return true;
  }

  /**
   * What can be put right here is said at its field. Gives false: it was not done.
   * @param {unknown} error
   */
  #refused(error) {
    const code = error instanceof ApiError ? error.code : '';
    if (code === 'unread_replies') {
      this.#asksUnread = true;
      this.#faults.unread = this.t('handover_unread');
    } else if (code === 'receiver_cannot_send') this.#faults.to = errorWords(this.t, error);
    else if (code === 'invalid') this.#faults.to = this.t('handover_refused');
    else throw error;
    this.render();
    this.one(code === 'unread_replies' ? '[name="take"]' : '[name="to"]')?.focus();
    return false;
  }

  /** @param {string} to */
  #nameOf(to) {
    return this.#people.find(({ id }) => id === to)?.name ?? '';
  }

  /**
   * @param {Messenger.Row} row
   * @param {string} to
   */
  #gave(row, to) {
    this.close();
    this.say('handed', { name: this.#of.name, to: this.#nameOf(to) });
    this.tell('handed', { row });
    this.hub.dispatchEvent(new CustomEvent('reset', { detail: { inbox: '' } }));
  }

  /**
   * Asks how far the inbox is, until it is done.
   * @param {boolean} [running] whether only one that is not done is shown
   * @returns {Promise<void>}
   */
  async #follow(running = false) {
    const { opened: signal } = this;
    /** @type {() => unknown} */
    const again = () => !signal.aborted && this.once('follow', () => this.#follow());
    try {
      const progress = await this.hub.api.get(this.#path, { signal });
      if (running && progress.state === 'done') return;
      this.#progress = progress;
    } catch (error) {
      // None is known of: the form stands.
      if (running && error instanceof ApiError && error.code === 'not_found') return;
      if (!running) this.againSoon(error, 'follow', again);
      throw error;
    }
    this.render();
    if (!running && document.activeElement === document.body) this.one('[data-do="close"]')?.focus();
    if (this.#progress?.state === 'running') {
      this.soon('follow', askAfter, again);
      return;
    }
    const { moved = 0, total = 0 } = this.#progress ?? {};
    this.say('handover_done', { count: moved, total });
    this.hub.dispatchEvent(new CustomEvent('reset', { detail: { inbox: '' } }));
    for (const { channel_id: id } of this.#progress?.refused.slice(0, 20) ?? []) await this.#learn(id, signal);
  }

  /**
   * @param {string} id of a channel that was refused
   * @param {AbortSignal} signal
   */
  async #learn(id, signal) {
    const channel = await this.hub.api.get(`/channels/${encodeURIComponent(id)}`, { signal }).catch(() => undefined);
    if (channel) this.#names.set(id, channel.client_name);
    this.update();
  }

  render() {
    const { t } = this;
    const { kind, name } = this.#of;
    const title = t(`handover_${kind}`, { name: isolated(name) });
    this.frame(title, this.#progress ? this.#progressView(this.#progress) : this.#formView(), [], '', false);
  }

  #formView() {
    const { t, titleId } = this;
    const { kind, unread } = this.#of;
    const { to: wrong, unread: why } = this.#faults;
    const error = html`<div class="messenger-error" data-key="error">${why}</div>`;
    const asks = kind === 'inbox' || unread || this.#asksUnread;
    const take = html`<div data-key="take">${why ? error : ''}
      ${tickView({ name: 'take', label: t(`handover_take_${kind}`), checked: this.#takes })}
    </div>`;
    const people = this.#people;
    const wanted = this.#fields.value('to');
    const first = t('absence_cover_choose');
    return html`<div class="messenger-hint">${t(`handover_hint_${kind}`)}</div>
      ${choiceView({ id: `${titleId}-to`, name: 'to', label: t('handover_to'), error: wrong, first, people, wanted })}
      ${fieldView({ id: `${titleId}-note`, name: 'note', label: t('handover_note'), rows: 2, limit: longNoteLimit })}
      ${asks ? take : ''}
      <div class="messenger-line">
        <button type="button" class="messenger-button" data-do="hand">${t('handover_hand')}</button>
        <button type="button" class="messenger-link" data-do="close">${t('cancel')}</button>
      </div>`;
  }

  /** @param {Messenger.InboxHandover} progress */
  #progressView({ state, total, moved, refused_count: count, refused }) {
    const { t } = this;
    const key = state === 'done' ? 'handover_done' : 'handover_running';
    const more = count - refused.length;
    const further = html`<div role="listitem">${t('new_more', { count: more })}</div>`;
    const list = html`<div class="messenger-strong">${t('handover_not', { count })}</div>
      <div role="list">${refused.map((one) => this.#refusedView(one))}${more > 0 ? further : ''}</div>`;
    return html`<div role="status" data-key="progress">
        ${icon(state === 'done' ? 'tick' : 'clock')} ${t(key, { count: moved, total })}
      </div>
      ${count ? html`<div data-key="refused">${list}</div>` : ''}
      <div class="messenger-line">
        <button type="button" class="messenger-button" data-kind="second" data-do="close">${t('close')}</button>
      </div>`;
  }

  /** @param {{channel_id: string, why: string}} one */
  #refusedView({ channel_id: id, why }) {
    const { t } = this;
    const name = this.#names.get(id) ?? t('handover_one');
    const href = pageAddress({ view: '', channel: id }).href;
    return html`<div role="listitem" data-key=${id}>
      <a class="messenger-link" href=${href}><bdi>${name}</bdi></a>: ${errorWords(t, new ApiError(why, 0))}
    </div>`;
  }
}

/**
 * Each once, and one of them not.
 * @param {string} who
 * @param {{id: string, name: string}[]} people
 */
const without = (who, people) =>
  [...new Map(people.map((one) => [one.id, one])).values()].filter(({ id }) => id !== who);
