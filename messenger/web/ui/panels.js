// What is around a thread: its head, and the side panel with what can be done, why something can't, and what has happened.

import { whyNot, wordsOr } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/**
 * @typedef {object} See
 * @property {Messenger.Channel} channel
 * @property {boolean} mayAct
 * @property {(staffId: string) => string} nameOf
 * @property {{items: Messenger.Entry[], next?: string, error: string}|undefined} history
 * @property {string} byHand the reply link to copy by hand, when the browser refuses to
 * @property {boolean} sure whether the new link has been asked for once
 * @property {Messenger.Translate} t
 * @property {Messenger.Format} format
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
 * @param {Messenger.Actions} actions
 * @param {Messenger.Translate} t
 */
export function actionsView(actions, t) {
  const ways = /** @type {const} */ ([['email', actions.send_email], ['sms', actions.send_sms]]);
  // A restricted client can be written to, with a reason: the form asks for it.
  const can = (/** @type {Messenger.Action} */ action) => action.allowed || action.why === 'restricted';
  return html`<div class="messenger-actions">${ways.map(([medium, action]) => (can(action) ? html`<button type="button" class="messenger-button" data-key=${medium} data-do="write" data-medium=${medium}>${icon(medium)}${t(`send_${medium}`)}</button>` : ''))}</div>
    ${ways.map(([medium, action]) => (action.allowed || (medium === 'sms' && action.why === 'restricted' && actions.send_email.why === 'restricted') ? '' : html`<p class="messenger-why" data-key="why ${medium}" data-medium=${medium}>${icon(medium)}<span>${whyNot(t, medium, action.why)}</span></p>`))}`;
}

/** @param {See} see */
function repliesView({ channel, mayAct, byHand, sure, t, format }) {
  const on = channel.replies_allowed;
  const off = channel.replies_off;
  const by = off?.by ?? '';
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
  const who = (/** @type {Messenger.Entry} */ entry) => {
    const { kind, name, id } = entry.actor;
    const actor = kind === 'client' ? channel.client_name : kind === 'system' ? t('the_system') : name || nameOf(id);
    return entry.on_behalf_of && entry.on_behalf_of !== id ? t('history_of', { actor, owner: nameOf(entry.on_behalf_of) }) : actor;
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

/**
 * The head of the thread: who it is with, whose it is, and what went wrong.
 * @param {object} see
 * @param {Messenger.Channel|undefined} see.channel
 * @param {boolean} see.loading
 * @param {boolean} see.own
 * @param {boolean} see.mayAct
 * @param {number} see.unread
 * @param {string} see.owner
 * @param {boolean} see.me whether it is known yet who is signed in
 * @param {string} see.problem
 * @param {string} see.act
 * @param {Messenger.Translate} see.t
 * @param {Messenger.Format} see.format
 */
export function threadHead({ channel, loading, own, mayAct, unread, owner, me, problem, act, t, format }) {
  if (!channel) {
    return html`<div class="messenger-thread-bar" hidden=${!loading && !problem}><button type="button" class="messenger-back messenger-from-thread" data-do="to-list">${icon('back')}${t('back_to_list')}</button></div>
      ${problem ? html`<div class="messenger-note" role="alert" data-look="bad">${icon('warning')}<span>${problem}</span><button type="button" class="messenger-link" data-do="again-thread">${t('retry')}</button></div>` : ''}
      <div class="messenger-blank">${problem ? '' : loading ? html`<p>${t('loading')}</p>` : html`<h2 class="messenger-blank-title">${t('choose_channel')}</h2><p>${t('choose_channel_hint')}</p>`}</div>`;
  }
  const { client } = channel;
  return html`<div class="messenger-thread-bar">
      <button type="button" class="messenger-back messenger-from-thread" data-do="to-list">${icon('back')}${t('back_to_list')}</button>
      <button type="button" class="messenger-link messenger-to-side" data-do="to-side">${t('details')}</button>
    </div>
    <div class="messenger-client">
      <h2 class="messenger-title" tabindex="-1">${channel.client_name}</h2>
      ${client.restricted ? html`<span class="messenger-tag" data-status="attention">${icon('warning')}${t('restricted')}</span>` : ''}
      ${client.deceased ? html`<span class="messenger-tag" data-status="attention">${t('deceased')}</span>` : ''}
      <dl class="messenger-facts">
        <div><dt>${t('nhs_number')}</dt><dd class="messenger-nhs">${client.nhs_number ?? t('not_recorded')}</dd></div>
        <div><dt>${t('date_of_birth')}</dt><dd>${client.date_of_birth ? format.date(client.date_of_birth) : t('not_recorded')}</dd></div>
        <div><dt>${t('gp')}</dt><dd>${client.restricted ? t('address_hidden') : (client.gp?.name ?? t('not_recorded'))}</dd></div>
      </dl>
    </div>
    ${client.restricted ? html`<p class="messenger-note" data-look="bad">${icon('warning')}<span>${t('restricted_note')}</span></p>` : ''}
    ${me && !own ? html`<div class="messenger-note" data-look="look">${icon('person')}<span>${t(mayAct ? 'looking_act' : 'looking_only', { name: owner })}</span>${mayAct && unread ? html`<button type="button" class="messenger-button" data-kind="second" data-do="read-for">${t('read_for', { name: owner })}</button>` : ''}</div>` : ''}
    ${problem || act ? html`<div class="messenger-note" role="alert" data-look="bad">${icon('warning')}<span>${problem || act}</span><button type="button" class="messenger-link" data-do=${problem ? 'again-thread' : 'dismiss'}>${t(problem ? 'retry' : 'dismiss')}</button></div>` : ''}`;
}

/**
 * Asks what a person did about a failure; '' when they think again.
 * @param {HTMLElement} host
 * @param {Messenger.Translate} t
 * @returns {Promise<string>}
 */
export function askWhatWasDone(host, t) {
  const dialog = document.createElement('dialog');
  dialog.className = 'messenger-dialog messenger-ask';
  dialog.setAttribute('aria-labelledby', 'messenger-ask-title');
  dialog.append(html`<form method="dialog" novalidate>
    <h2 id="messenger-ask-title">${t('dealt_title')}</h2>
    <p class="messenger-hint" id="messenger-ask-hint">${t('dealt_hint')}</p>
    <p class="messenger-error" id="messenger-ask-error" hidden>${t('dealt_missing')}</p>
    <textarea class="messenger-input" rows="3" maxlength="500" aria-labelledby="messenger-ask-title" aria-describedby="messenger-ask-hint messenger-ask-error"></textarea>
    <div class="messenger-line"><button type="submit" class="messenger-button" value="save">${t('dealt_save')}</button><button type="button" class="messenger-link">${t('cancel')}</button></div>
  </form>`);
  host.append(dialog);
  const note = /** @type {HTMLTextAreaElement} */ (dialog.querySelector('textarea'));
  return new Promise((resolve) => {
    dialog.querySelector('form')?.addEventListener('submit', (event) => {
      if (note.value.trim()) return;
      event.preventDefault();
      /** @type {HTMLElement} */ (dialog.querySelector('.messenger-error')).hidden = false;
      note.setAttribute('aria-invalid', 'true');
      note.focus();
    });
    dialog.querySelector('button[type="button"]')?.addEventListener('click', () => dialog.close(''));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'save' ? note.value.trim() : '');
    });
    dialog.showModal();
    note.focus();
  });
}

/**
 * Puts a text on the clipboard; false where the browser refuses.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
