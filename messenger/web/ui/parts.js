// Parts of the Messages page that keep no state.

import { html } from './html.js';
import { icon } from './icons.js';

/** @typedef {import('./types.js').Channel} Channel */
/** @typedef {import('./types.js').Translate} Translate */
/** @typedef {import('./types.js').Format} Format */

/**
 * The head of the thread: who it is with, whose it is, and what went wrong.
 * @param {object} see
 * @param {Channel|undefined} see.channel
 * @param {boolean} see.loading
 * @param {boolean} see.own
 * @param {boolean} see.mayAct
 * @param {number} see.unread
 * @param {string} see.owner
 * @param {boolean} see.me whether it is known yet who is signed in
 * @param {string} see.problem
 * @param {string} see.act
 * @param {Translate} see.t
 * @param {Format} see.format
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
 * @param {Translate} t
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
