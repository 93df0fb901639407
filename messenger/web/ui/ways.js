// The ways to write to a client: a button for each that there is, and for each that there is not, why.

import { whyNot } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/**
 * A restricted client can be written to, with a reason: the form asks for it. So can one in a way that is not safe.
 * @param {Messenger.Action} action
 */
export const isOpen = ({ allowed, why = '' }) => allowed || ['restricted', 'safe_contact'].includes(why);

/**
 * Whether the words have to stay behind the link: the client's record is restricted, or their card wants no words.
 * @param {Messenger.Client} [client]
 */
export const isHidden = (client) => Boolean(client?.restricted || client?.safe_contact?.no_words);

/**
 * That nothing may be given away of a client; '' where their record is not restricted.
 * @param {Messenger.Client|undefined} client
 * @param {Messenger.Translate} t
 */
export const restrictedView = (client, t) =>
  client?.restricted
    ? html`<div class="messenger-note" data-key="restricted" data-look="bad">
        ${icon('warning')}<span>${t('restricted_note')}</span>
      </div>`
    : '';

/**
 * @param {Messenger.Actions} actions
 * @param {Messenger.Translate} t
 * @param {'second'|null} [kind] of the buttons
 */
export function waysView({ send_email: email, send_sms: sms }, t, kind = null) {
  const buttons = [isOpen(email) ? buttonView('email', kind, t) : '', isOpen(sms) ? buttonView('sms', kind, t) : ''];
  const once = !email.allowed && whyNot(t, 'email', email.why) === whyNot(t, 'sms', sms.why);
  // Of a way that the host does not have nothing is said, as long as there is another.
  const none = 'not_configured';
  return html`<div class="messenger-actions">${buttons}</div>
    ${email.allowed || (email.why === none && sms.why !== none) ? '' : whyView('email', email.why, t)}
    ${sms.allowed || once || (sms.why === none && email.why !== none) ? '' : whyView('sms', sms.why, t)}`;
}

/**
 * @param {'email'|'sms'} medium
 * @param {'second'|null} kind
 * @param {Messenger.Translate} t
 */
const buttonView = (medium, kind, t) =>
  html`<button type="button" class="messenger-button" data-key=${medium} data-kind=${kind} data-do="write"
    data-medium=${medium}>
    ${icon(medium)}${t(`send_${medium}`)}
  </button>`;

/**
 * @param {'email'|'sms'} medium
 * @param {string|undefined} why
 * @param {Messenger.Translate} t
 */
const whyView = (medium, why, t) =>
  html`<div class="messenger-why" data-key="why ${medium}" data-medium=${medium}>
    ${icon(medium)}<span>${whyNot(t, medium, why)}</span>
  </div>`;
