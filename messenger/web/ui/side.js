// The side panel: what can be done with a channel, why something can't, and what has happened in it.

import { whyNot } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/** @typedef {import('./types.js').Channel} Channel */
/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Translate} Translate */
/** @typedef {import('./types.js').Format} Format */

/**
 * @typedef {object} See
 * @property {Channel} channel
 * @property {boolean} mayAct
 * @property {(staffId: string) => string} nameOf
 * @property {{items: Entry[], next?: string, error: string}|undefined} history
 * @property {string} byHand the reply link to copy by hand, when the browser refuses to
 * @property {boolean} sure whether the new link has been asked for once
 * @property {Translate} t
 * @property {Format} format
 */

/** @param {See} see */
export function sideView(see) {
  const { channel, mayAct, t } = see;
  const done = channel.status === 'done';
  return html`<button type="button" class="messenger-back messenger-from-side" data-do="to-thread">${icon('back')}${t('back_to_thread')}</button>
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
    ${repliesView(see)}
    ${historyView(see)}`;
}

/**
 * The buttons that there are, and for each that there is not, why.
 * @param {import('./types.js').Actions} actions
 * @param {Translate} t
 */
export function actionsView(actions, t) {
  const { send_email: email, send_sms: sms } = actions;
  return html`<div class="messenger-actions">
      ${email.allowed ? html`<button type="button" class="messenger-button" data-do="write" data-medium="email">${icon('email')}${t('send_email')}</button>` : ''}
      ${sms.allowed ? html`<button type="button" class="messenger-button" data-do="write" data-medium="sms">${icon('sms')}${t('send_sms')}</button>` : ''}
    </div>
    ${email.allowed ? '' : html`<p class="messenger-why" data-medium="email">${icon('email')}<span>${whyNot(t, 'email', email.why)}</span></p>`}
    ${sms.allowed ? '' : html`<p class="messenger-why" data-medium="sms">${icon('sms')}<span>${whyNot(t, 'sms', sms.why)}</span></p>`}`;
}

/** @param {See} see */
function repliesView({ channel, mayAct, nameOf, byHand, sure, t, format }) {
  const on = channel.replies_allowed;
  const off = channel.replies_off;
  const by = off?.by ? nameOf(off.by) : '';
  const when = off?.at ? format.when(off.at) : '';
  const offWords = off?.why === 'staff' ? t(by ? 'replies_off_staff' : 'replies_off_staff_unnamed', { name: by, when }) : off?.why ? t(`replies_off_${off.why}`) : t('replies_off_hint');
  return html`<section class="messenger-section">
    <h3>${t('replies')}</h3>
    <button type="button" class="messenger-switch" role="switch" aria-checked=${String(on)} data-do="replies" disabled=${!mayAct}>
      <span>${t('allow_replies')}</span><span class="messenger-switch-track" aria-hidden="true"><span></span></span>
    </button>
    <p class="messenger-quiet">${on ? t('replies_on_hint', { name: channel.client_name }) : offWords}</p>
    ${channel.attention.includes('link_locked') ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${t('link_locked')}</span></p>` : ''}
    ${channel.reply_link ? html`<button type="button" class="messenger-button" data-kind="second" data-do="copy">${icon('link')}${t('copy_link')}</button>` : ''}
    ${byHand ? html`<label class="messenger-field"><span>${t('copy_by_hand')}</span><input class="messenger-input" readonly value=${byHand}></label>` : ''}
    ${mayAct && on && !sure ? html`<button type="button" class="messenger-link" data-do="renew">${t('renew_link')}</button>` : ''}
    ${mayAct && on && sure ? html`<div class="messenger-note"><p>${t('renew_sure')}</p><div class="messenger-line"><button type="button" class="messenger-button" data-kind="second" data-do="renew-sure">${t('renew_link')}</button><button type="button" class="messenger-link" data-do="renew-not">${t('cancel')}</button></div></div>` : ''}
  </section>`;
}

/** @param {See} see */
function historyView({ channel, history, nameOf, t, format }) {
  const who = (/** @type {Entry} */ entry) => {
    const { kind, name, id } = entry.actor;
    const actor = kind === 'client' ? channel.client_name : kind === 'system' ? t('the_system') : name || nameOf(id);
    return entry.on_behalf_of && entry.on_behalf_of !== id ? t('history_of', { actor, owner: nameOf(entry.on_behalf_of) }) : actor;
  };
  const what = (/** @type {string} */ action) => {
    const words = t(`action_${action}`);
    return words === `action_${action}` ? action.replaceAll('_', ' ') : words;
  };
  return html`<details class="messenger-section messenger-history">
    <summary data-do="history">${t('history')}</summary>
    ${history === undefined ? html`<p class="messenger-quiet">${t('loading')}</p>` : ''}
    ${history?.error ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${history.error}</span></p>` : ''}
    ${history && !history.error && history.items.length === 0 ? html`<p class="messenger-quiet">${t('history_empty')}</p>` : ''}
    ${history?.items.length ? html`<ol class="messenger-entries">${history.items.map((e) => html`<li data-key=${e.id}><span class="messenger-entry-what">${what(e.action)}</span><span class="messenger-quiet">${who(e)}, <time datetime=${e.at}>${format.when(e.at)}</time></span></li>`)}</ol>` : ''}
    ${history?.next ? html`<button type="button" class="messenger-link" data-do="history-more">${t('history_more')}</button>` : ''}
  </details>`;
}
