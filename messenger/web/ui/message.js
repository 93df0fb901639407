// A message of the thread: how it looks, and what can be done about it.

import { reasonWords } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/** @typedef {import('./messenger-inbox.js').MessengerInbox} Page */

/**
 * A message of the open channel.
 * @param {Page} page
 * @param {Messenger.Message} message
 */
export function messageView(page, message) {
  const { t, format, hub } = page;
  const { channel } = page.threadPane;
  const inbound = message.direction === 'inbound';
  const unread = inbound && !message.read;
  const name = inbound
    ? (channel?.client_name ?? '')
    : message.author.id === hub.me?.staff.id
      ? t('you')
      : (message.author.name ?? '');
  const whose =
    !inbound &&
    (message.author.kind === 'system'
      ? t('by_system')
      : message.author.id !== channel?.staff_id
        ? t('by', { name })
        : '');
  return html`<li class="messenger-message" data-key=${message.id} data-id=${message.id} data-direction=${message.direction} data-delivery=${message.delivery.status} data-unread=${unread}>
    <article class="messenger-bubble" aria-label="${name}, ${format.when(message.created_at)}">
      <header class="messenger-message-head">
        <span class="messenger-medium">${icon(inbound ? 'reply' : message.medium === 'sms' ? 'sms' : 'email')}${t(`medium_${message.medium}`)}</span>
        ${whose ? html`<span class="messenger-author">${whose}</span>` : ''}
        ${unread ? html`<span class="messenger-tag" data-status="unread">${t('unread_mark')}</span>` : ''}
        ${message.verified === 'date_of_birth' ? html`<span class="messenger-verified">${icon('tick')}${t('verified')}</span>` : ''}
        <time datetime=${message.created_at}>${format.time(message.created_at)}</time>
      </header>
      ${message.subject ? html`<p class="messenger-subject">${message.subject}</p>` : ''}
      <p class="messenger-body" dir="auto">${message.body}</p>
    </article>
    <div class="messenger-states">${inbound ? '' : deliveryView(page, message)}${recordView(page, message)}</div>
  </li>`;
}

/** @type {Record<string, [string, string]>} */
const deliveryLook = {
  scheduled: ['clock', 'quiet'],
  queued: ['clock', 'quiet'],
  sending: ['clock', 'quiet'],
  sent: ['tick', 'quiet'],
  delivered: ['tick', 'good'],
  unknown: ['warning', 'bad'],
  failed: ['warning', 'bad'],
  cancelled: ['cross', 'quiet'],
};

/**
 * @param {Page} page
 * @param {Messenger.Message} message
 */
function deliveryView({ mayAct, t, format }, message) {
  const { status, reason, to, attention } = message.delivery;
  const [picture, look] = deliveryLook[status] ?? ['clock', 'quiet'];
  const failed = status === 'failed' || status === 'unknown';
  const when = status === 'scheduled' && message.send_after ? format.when(message.send_after) : '';
  const waiting = status === 'scheduled' || status === 'queued';
  const why = failed && reason ? reasonWords(t, reason) : '';
  const asPlanned = waiting && mayAct;
  return html`<div class="messenger-state" data-look=${look} data-of="delivery">
    <span class="messenger-state-words">${icon(picture)}<span>${t(`delivery_${status}`, { when })}${why ? `: ${why}` : ''}</span>${to && failed ? html`<span class="messenger-quiet">${t('to', { address: to })}</span>` : ''}</span>
    ${failed && mayAct ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="retry" data-id=${message.id}>${t('try_again')}</button>${attention ? html`<button type="button" class="messenger-link" data-do="resolve" data-id=${message.id} data-of="delivery">${t('dealt_with')}</button>` : ''}</span>` : ''}
    ${asPlanned ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="cancel" data-id=${message.id}>${t('cancel_message')}</button></span>` : ''}
  </div>`;
}

/**
 * @param {Page} page
 * @param {Messenger.Message} message
 */
function recordView({ threadPane, mayAct, t }, message) {
  const record = message.record;
  const delivery = message.delivery.status;
  if (!record || delivery === 'scheduled' || delivery === 'cancelled') return '';
  const { status, reason, attention } = record;
  const held = status === 'held';
  const bad = held || status === 'failed';
  const good = status === 'saved' || status === 'amended';
  const name = threadPane.channel?.client_name ?? '';
  const why = held ? t('record_held_why', { name }) : status === 'failed' ? reasonWords(t, reason) : '';
  return html`<div class="messenger-state" data-look=${bad ? 'bad' : good ? 'good' : 'quiet'} data-of="record">
    <span class="messenger-state-words">${icon(bad ? 'warning' : 'record')}<span>${t(`record_${status}`)}${why ? `: ${why}` : ''}</span></span>
    ${bad && mayAct ? html`<span class="messenger-state-do"><button type="button" class="messenger-link" data-do="file" data-id=${message.id}>${held ? t('it_is_them', { name }) : t('try_again')}</button>${attention ? html`<button type="button" class="messenger-link" data-do="resolve" data-id=${message.id} data-of="record">${t('dealt_with')}</button>` : ''}</span>` : ''}
  </div>`;
}

/**
 * Has the server do something with a message.
 * @param {Page} page
 * @param {string} id
 * @param {string} operation
 * @param {string} words what to say when it is done
 * @param {unknown} [body]
 */
export function change(page, id, operation, words, body) {
  return page.once(`${operation} ${id}`, async () => {
    const { threadPane, hub } = page;
    const message = await hub.api.call('POST', `/messages/${encodeURIComponent(id)}/${operation}`, body);
    if (message?.id && page.channel === message.channel_id) threadPane.thread?.merge([message]);
    page.say(words);
    if (operation === 'resolve') await threadPane.refresh();
    if (operation === 'resolve' && threadPane.channel) hub.changed(threadPane.channel);
  });
}

/**
 * Cancels a message that waits, and puts its text back into the form.
 * @param {Page} page
 * @param {string} id
 */
export async function cancel(page, id) {
  const message = page.threadPane.thread?.messages.find((m) => m.id === id);
  await change(page, id, 'cancel', 'message_cancelled');
  if (message && !page.problem.act) page.one('messenger-compose').restore(message);
}

/**
 * Says of a failure that a person has dealt with it, and how.
 * @param {Page} page
 * @param {string} id
 * @param {HTMLElement} from
 */
export async function resolve(page, id, from) {
  const note = await askWhatWasDone(page);
  from.focus();
  if (note) await change(page, id, 'resolve', 'resolved', { of: from.dataset.of, note });
}

/**
 * Asks what a person did about a failure; '' when they think again.
 * @param {Page} page
 * @returns {Promise<string>}
 */
function askWhatWasDone(page) {
  const { t } = page;
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
  page.append(dialog);
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
