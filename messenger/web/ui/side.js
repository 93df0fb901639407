// The side panel of the Messages page: what can be done in the open channel, why something can't, and what has happened.

import { itemsOf, query } from './api.js';
import { whyNot, wordsOr } from './format.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';

/** The right pane. Everything in it is about the channel that is open. */
export class SidePane {
  /** @type {{items: Messenger.Entry[], next?: string, error: string}|undefined} */
  history;
  /** The reply link to copy by hand, when the browser refuses to. */
  #byHand = '';
  /** Whether a new link has been asked for once. */
  #sure = false;

  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  /** Begins anew: another channel is open. */
  reset() {
    this.history = undefined;
    this.#byHand = '';
    this.#sure = false;
    const past = this.page.one('.messenger-history');
    if (past) past.open = false;
  }

  setStatus() {
    const { page } = this;
    const { thread } = page.threadPane;
    return page.once('status', async () => {
      if (!thread?.channel) return;
      try {
        await page.toggleDone(thread.channel, (thread.seen ?? thread.messages[0])?.id);
      } catch (error) {
        page.one('.messenger-message[data-unread]')?.scrollIntoView({ block: 'nearest' });
        throw error;
      }
    });
  }

  /**
   * @param {'email'|'sms'} medium
   * @param {HTMLElement} from
   */
  async write(medium, from) {
    const { page } = this;
    const { channel } = page.threadPane;
    if (
      !channel ||
      !page.emit('messenger-compose-open', { client_id: channel.client_id, channel_id: channel.id, medium }, true)
    )
      return;
    page.setPane('thread');
    await page.one('messenger-compose').open(medium, from);
  }

  /** @param {MouseEvent} event */
  profile(event) {
    const client = this.page.threadPane.channel?.client;
    if (
      client &&
      !this.page.emit('messenger-navigate', { to: 'profile', client_id: client.id, url: client.profile_url }, true)
    )
      event.preventDefault();
  }

  toggleReplies() {
    const { page } = this;
    const { thread } = page.threadPane;
    return page.once('replies', async () => {
      if (!thread) return;
      const allowed = !thread.channel?.replies_allowed;
      await page.hub.api.call('PUT', `${thread.path}/replies`, { allowed });
      await page.threadPane.refresh();
      this.#byHand = '';
      page.say(allowed ? 'action_replies_on' : 'action_replies_off');
    });
  }

  async copy() {
    const { page } = this;
    const link = page.threadPane.channel?.reply_link ?? '';
    if (await copy(link)) page.say('copied');
    else this.#byHand = link;
    const button = page.one('[data-do="copy"]');
    page.render();
    if (this.#byHand) page.one('.messenger-side input[readonly]')?.select();
    else button?.setAttribute('data-copied', page.t('copied'));
    setTimeout(() => button?.removeAttribute('data-copied'), 3000);
  }

  /**
   * Asks whether the link is really to be replaced, or thinks again.
   * @param {boolean} sure
   */
  ask(sure) {
    this.#sure = sure;
    this.page.render();
    this.page.one(sure ? '[data-do="renew-sure"]' : '[data-do="renew"]')?.focus();
  }

  renew() {
    const { page } = this;
    const { thread } = page.threadPane;
    return page.once('renew', async () => {
      if (!thread) return;
      await page.hub.api.call('POST', `${thread.path}/reply-link`);
      this.#sure = false;
      this.#byHand = '';
      await page.threadPane.refresh();
      page.say('renewed');
      page.render();
      page.one('[data-do="copy"]')?.focus();
    });
  }

  /** Loads the history again, where it is shown. */
  refresh() {
    if (this.history) this.loadHistory();
  }

  async loadHistory(more = false) {
    const { page } = this;
    const { thread } = page.threadPane;
    if (!thread) return;
    const items = this.history?.items ?? [];
    try {
      const answer = await page.hub.api.get(
        `${thread.path}/history${query({ limit: 20, cursor: more ? this.history?.next : undefined })}`,
      );
      if (thread !== page.threadPane.thread) return;
      this.history = { items: more ? [...items, ...itemsOf(answer)] : itemsOf(answer), next: answer.next, error: '' };
    } catch (error) {
      this.history = { items, error: page.explain(error) };
    }
    page.update();
  }

  render() {
    const { t, mayAct, threadPane } = this.page;
    const { channel } = threadPane;
    const side = this.page.one('.messenger-side');
    side.setAttribute('aria-label', t('about'));
    side.hidden = !channel;
    if (!channel) return;
    const done = channel.status === 'done';
    morph(
      side,
      html`<button type="button" class="messenger-back messenger-from-side" data-do="to-thread">${icon('back')}${t('back_to_thread')}</button>
    <h2 class="messenger-sr">${t('about')}</h2>
    <section class="messenger-section">
      <h3>${t('status')}</h3>
      <div class="messenger-line"><span class="messenger-tag" data-status=${channel.status}>${t(`status_${channel.status}`)}</span>
      ${mayAct ? html`<button type="button" class="messenger-button" data-kind="second" data-do="status">${icon(done ? 'open' : 'tick')}${t(done ? 'mark_open' : 'mark_done')}</button>` : ''}</div>
      ${mayAct ? '' : html`<p class="messenger-quiet">${t('may_not_act')}</p>`}
    </section>
    <section class="messenger-section">
      <h3>${t('contact')}</h3>
      ${mayAct ? actionsView(channel.actions, t) : ''}
      ${channel.client.profile_url ? html`<a class="messenger-link messenger-profile" href=${channel.client.profile_url} data-do="profile">${icon('person')}${t('view_profile')}</a>` : ''}
    </section>
    ${this.#repliesView(channel)}
    ${this.#historyView(channel)}`,
    );
  }

  /** @param {Messenger.Channel} channel */
  #repliesView({ replies_allowed: on, replies_off: off, client_name: name, attention, reply_link }) {
    const { t, format, mayAct } = this.page;
    const words = { name: off?.by ?? '', when: off?.at ? format.when(off.at) : '' };
    const offWords =
      off?.why === 'staff'
        ? t(words.name ? 'replies_off_staff' : 'replies_off_staff_unnamed', words)
        : t(off?.why ? `replies_off_${off.why}` : 'replies_off_hint');
    return html`<section class="messenger-section">
    <h3>${t('replies')}</h3>
    <button type="button" class="messenger-switch" role="switch" aria-checked=${String(on)} data-do="replies" disabled=${!mayAct}>
      <span>${t('allow_replies')}</span><span class="messenger-switch-track" aria-hidden="true"><span></span></span>
    </button>
    <p class="messenger-quiet">${on ? t('replies_on_hint', { name }) : offWords}</p>
    ${attention.includes('link_locked') ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${t('link_locked')}</span></p>` : ''}
    ${reply_link ? html`<button type="button" class="messenger-button" data-kind="second" data-do="copy">${icon('link')}${t('copy_link')}</button>` : ''}
    ${this.#byHand ? html`<label class="messenger-field"><span>${t('copy_by_hand')}</span><input class="messenger-input" readonly value=${this.#byHand}></label>` : ''}
    ${mayAct && on && !this.#sure ? html`<button type="button" class="messenger-link" data-do="renew">${t('renew_link')}</button>` : ''}
    ${mayAct && on && this.#sure ? html`<div class="messenger-note"><p>${t('renew_sure')}</p><div class="messenger-line"><button type="button" class="messenger-button" data-kind="second" data-do="renew-sure">${t('renew_link')}</button><button type="button" class="messenger-link" data-do="renew-not">${t('cancel')}</button></div></div>` : ''}
  </section>`;
  }

  /** @param {Messenger.Channel} channel */
  #historyView(channel) {
    const { t, format } = this.page;
    const { history } = this;
    const who = (/** @type {Messenger.Entry} */ { actor: { kind, name, id }, on_behalf_of: owner }) => {
      const actor =
        kind === 'client' ? channel.client_name : kind === 'system' ? t('the_system') : name || this.page.nameOf(id ?? '');
      return owner && owner !== id ? t('history_of', { actor, owner: this.page.nameOf(owner) }) : actor;
    };
    return html`<details class="messenger-section messenger-history">
    <summary data-do="history">${t('history')}</summary>
    ${history === undefined ? html`<p class="messenger-quiet">${t('loading')}</p>` : ''}
    ${history?.error ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${history.error}</span></p>` : ''}
    ${history && !history.error && history.items.length === 0 ? html`<p class="messenger-quiet">${t('history_empty')}</p>` : ''}
    ${history?.items.length ? html`<ol class="messenger-entries">${history.items.map((e) => html`<li data-key=${e.id}><span class="messenger-entry-what">${wordsOr(t, `action_${e.action}`, e.action.replaceAll('_', ' '))}</span><span class="messenger-quiet">${who(e)}, <time datetime=${e.at}>${format.when(e.at)}</time></span>${e.note ? html`<span class="messenger-quiet">‘${e.note}’</span>` : ''}</li>`)}</ol>` : ''}
    ${history?.next ? html`<button type="button" class="messenger-link" data-do="history-more">${t('history_more')}</button>` : ''}
  </details>`;
  }
}

/**
 * The buttons that there are, and for each that there is not, why.
 * @param {Messenger.Actions} actions
 * @param {Messenger.Translate} t
 */
export function actionsView(actions, t) {
  const ways = /** @type {const} */ ([
    ['email', actions.send_email],
    ['sms', actions.send_sms],
  ]);
  // A restricted client can be written to, with a reason: the form asks for it.
  const can = (/** @type {Messenger.Action} */ action) => action.allowed || action.why === 'restricted';
  return html`<div class="messenger-actions">${ways.map(([medium, action]) => (can(action) ? html`<button type="button" class="messenger-button" data-key=${medium} data-do="write" data-medium=${medium}>${icon(medium)}${t(`send_${medium}`)}</button>` : ''))}</div>
    ${ways.map(([medium, action]) => (action.allowed || (medium === 'sms' && action.why === 'restricted' && actions.send_email.why === 'restricted') ? '' : html`<p class="messenger-why" data-key="why ${medium}" data-medium=${medium}>${icon(medium)}<span>${whyNot(t, medium, action.why)}</span></p>`))}`;
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
