// Every word that people see. A host replaces any of them through an element's `strings` property; keys ending in
// _zero, _one, _two, _few, _many and _other are plural forms, chosen by the element's language from {count}.

import { localesFor } from './format.js';
import { inboxWords } from './strings-inbox.js';
import { watchWords } from './strings-watch.js';

/** @type {Record<string, string>} */
export const english = {
  ...inboxWords,
  ...watchWords,
  // the bell
  notifications: 'Notifications',
  notifications_count_one: 'Notifications: {count} unread reply conversation',
  notifications_count_other: 'Notifications: {count} unread reply conversations',
  notifications_empty: 'No replies to deal with.',
  mark_complete: 'Mark as complete',
  completed: 'Complete: {name}',
  // when something goes wrong
  lost: 'Connection lost. Trying again. What you see may be out of date.',
  back: 'Connected again.',
  retry: 'Try again',
  loading: 'Loading',
  dismiss: 'Dismiss',
  error_not_signed_in:
    'You have been signed out. Sign in again in another tab or window, then try again. ' +
    'What you typed is still here.',
  error_forbidden: 'You do not have permission to do this.',
  error_cross_site: 'This page is not allowed to do this. Reload it and try again.',
  error_not_found: 'This is not here any more, or you do not have access to it.',
  error_nothing_to_do: 'This has already been dealt with.',
  error_newer_messages: 'Something newer has come in this conversation. Look at it, then send again.',
  error_unread_replies: 'A reply has come that you have not read yet. Read it first.',
  error_confirmation_required: 'This client’s record is restricted. Enter a reason to continue.',
  error_organisation_changed:
    'You are now working in another organisation, in another tab. Reload this page before you go on. ' +
    'Copy what you typed first.',
  error_already_sent: 'Too late: the message has already gone out.',
  error_too_large: 'This is too long.',
  error_invalid: 'Something is not right with what was entered. Check it and try again.',
  error_no_address: 'There is no address or number for this client any more.',
  error_objected: 'The client does not want to be contacted this way.',
  error_restricted: 'The client’s record is restricted.',
  error_deceased: 'The client has died.',
  error_not_configured: 'This way of sending is not set up. Tell your administrator.',
  error_unknown_placeholder:
    'The message has a placeholder we do not know. ' +
    'You can use {{first_name}}, {{staff_name}}, {{organisation}} and {{reply_link}}.',
  error_template_place_unfilled:
    'A place of the template is still to be filled in. Write what belongs there in place of the brackets.',
  error_too_long: 'With its closing lines and the reply link the message is too long. Shorten it.',
  error_time_does_not_exist: 'The clocks go forward then, and this time does not exist. Choose another.',
  error_receiver_cannot_send: 'This colleague cannot send all kinds of message that were used here.',
  error_idempotency_key_reused: 'This message changed while it was being sent. Try again.',
  error_too_many_requests: 'Too many at once. Wait a minute, then try again.',
  error_internal: 'Something went wrong on our side. Try again in a minute.',
  error_outcome_unknown: 'We can’t tell whether it was done. Look before you try again.',
  error_unavailable: 'Messages are not available at the moment. Try again in a minute.',
  error_slow: 'The server has not answered for ten seconds. Try again.',
  error_offline: 'We could not reach the server. Check your connection, then try again.',
  error_offline_send:
    'We could not reach the server. Your message is still here. Select send again: it will not be sent twice.',
};

/**
 * Words of what is loaded later.
 * @param {Record<string, string>} words
 */
export function addWords(words) {
  Object.assign(english, words);
}

/**
 * A function that gives the words for a key. `{name}` in the words is replaced; with `count` the plural form is chosen.
 * @param {string} lang a BCP 47 tag
 * @param {Record<string, string>} [own] the host's words
 * @returns {Messenger.Translate}
 */
export function translator(lang, own = {}) {
  const plural = new Intl.PluralRules(localesFor(lang));
  return (key, values = {}) => {
    const forms =
      typeof values.count === 'number' ? [`${key}_${plural.select(values.count)}`, `${key}_other`, key] : [key];
    const form = forms.find((f) => f in own) ?? forms.find((f) => f in english);
    const words = form === undefined ? key : (own[form] ?? english[form]);
    return words.replace(/(?<!\{)\{(\w+)\}(?!\})/g, (all, name) => (name in values ? String(values[name]) : all));
  };
}
