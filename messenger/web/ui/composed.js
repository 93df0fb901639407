// What is being written: what is wrong with it, and what it becomes at the client's.

import { Fields } from './fields.js';
import { emailLimit, subjectLimit, textLimit } from './limits.js';

/**
 * @typedef {{medium: 'email'|'sms', subject: string, body: string, private?: boolean, template_id?: string}} Text
 */

/** A reply link that is not made yet, as long as it will be: the part that is the channel's own has 22 characters. */
export const sampleLink = `${location.origin}/m/r/${'x'.repeat(22)}`;

/** Such a link as the service has it. */
export const sampleOfService = /\S+\/r\/x{22}(?!\w)/g;

/** A place of which the service does not know what to fill in. */
export const unknownPlace = /\{\{(?!\s*(?:first_name|staff_name|organisation|reply_link)\s*\}\})[^{}]*\}\}/;

/**
 * What is wrong with a text before it is sent, by field; empty when nothing is.
 * @param {Text} text
 * @param {import('./element.js').MessengerElement} element
 * @returns {Record<string, string>}
 */
export function faults({ medium, subject, body, private: hidden, template_id: template }, { t, format }) {
  /** @type {Record<string, string>} */
  const found = {};
  if (medium === 'email' && !subject.trim()) found.subject = t('missing_subject');
  else if (medium === 'email' && [...subject].length > subjectLimit) {
    found.subject = t('too_long_subject', { limit: format.number(subjectLimit) });
  }
  if (!body.trim()) found.body = t('missing_body');
  else if ((hidden || medium === 'email') && [...body].length > emailLimit) {
    found.body = t('too_long_email', { limit: format.number(emailLimit) });
  } else if (!hidden && medium === 'sms' && body.length > textLimit) {
    found.body = t('too_long_sms', { limit: format.number(textLimit), count: body.length });
  }
  if (!found.body && unknownPlace.test(body)) found.body = t('error_unknown_placeholder');
  for (const [name, text] of Object.entries({ subject: medium === 'email' ? subject : '', body })) {
    const left = template && Fields.placeLeft(text);
    if (left) found[name] ??= t('place_left', { place: left.words });
  }
  return found;
}

/**
 * A text as the client gets it: placeholders filled in, the reply link where it goes, the organisation's closing words.
 * @param {Text} text
 * @param {Messenger.Client|undefined} client
 * @param {string} link '' when none goes out
 * @param {Messenger.Me} [me]
 */
export function delivered(text, client, link, me) {
  const english = /^en\b/i.test(client?.language ?? 'en');
  const neutral = Boolean(client?.safe_contact?.neutral_sender);
  // Or else the service alone has it, and what names nobody.
  const closing = (english && !neutral && me?.closing) || {};
  const placed = text.body.includes('{{reply_link}}');
  /** @type {Record<string, string>} */
  const values = {
    first_name: client?.name.split(' ')[0] ?? '',
    reply_link: link,
    ...(neutral ? {} : { staff_name: me?.staff.name ?? '', organisation: me?.organisation.name ?? '' }),
  };
  // nothing touches the link: a client's program would take it for a part of it
  const apart = text.body
    .replace(/([^\s\p{Z}])(\{\{reply_link\}\})/gu, '$1 $2')
    .replace(/(\{\{reply_link\}\})([^\s\p{Z}])/gu, '$1 $2');
  const body = (link ? apart : text.body)
    .replace(/\{\{(\w+)\}\}/g, (all, key) => (Object.hasOwn(values, key) ? values[key] : all))
    .trim();
  const email = text.medium === 'email';
  const lines = [body];
  if (link && !placed) lines.push(`${closing[`${text.medium}_reply`] ?? ''}${email ? '\n' : ' '}${link}`.trim());
  lines.push(closing[`${text.medium}_no_reply`] ?? '');
  return lines.filter(Boolean).join(email ? '\n\n' : '\n');
}
