// What is being written: its limits, what it becomes at the client's, and the fields that it is written in.

import { html } from './html.js';
import { count } from './segments.js';

/** @typedef {{medium: 'email'|'sms', subject: string, body: string}} Text */

/** A reply link that is not made yet, as long as it will be: the part that is the channel's own has 22 characters. */
export const sampleLink = `${location.origin}/m/r/${'x'.repeat(22)}`;

/**
 * What is wrong with a text before it is sent, by field; empty when nothing is.
 * @param {Text} text
 * @param {Messenger.Translate} t
 * @returns {Record<string, string>}
 */
export function faults({ medium, subject, body }, t) {
  /** @type {Record<string, string>} */
  const found = {};
  if (medium === 'email' && !subject.trim()) found.subject = t('missing_subject');
  else if (medium === 'email' && [...subject].length > 200) found.subject = t('too_long_subject');
  if (!body.trim()) found.body = t('missing_body');
  else if (medium === 'email' && [...body].length > 50_000) found.body = t('too_long_email');
  else if (medium === 'sms' && body.length > 918) found.body = t('too_long_sms', { count: body.length });
  return found;
}

/**
 * A text as the client gets it: placeholders filled in, the reply link where it goes.
 * @param {object} what
 * @param {Text} what.text
 * @param {{first_name: string, staff_name: string, organisation: string}} what.names
 * @param {string} what.link '' when none goes out
 * @param {Record<string, string>} [closing] the organisation's words, from `GET /me`
 */
export function delivered({ text, names, link }, closing = {}) {
  const placed = text.body.includes('{{reply_link}}');
  const values = { ...names, reply_link: link };
  const body = text.body.replace(/\{\{(\w+)\}\}/g, (all, name) => (name in values ? values[/** @type {keyof values} */ (name)] : all)).trim();
  const email = text.medium === 'email';
  const lines = [body];
  if (link && !placed) lines.push(`${closing[`${text.medium}_reply`] ?? ''}${email ? '\n' : ' '}${link}`);
  lines.push(closing[`${text.medium}_no_reply`] ?? '');
  return lines.filter(Boolean).join(email ? '\n\n' : '\n');
}

/**
 * The live count under an SMS: characters, text messages, and what makes it dear.
 * @param {string} text as the client gets it
 * @param {Messenger.Translate} t
 * @param {boolean} link whether the reply link is part of it
 */
export function counterView(text, t, link) {
  const { units, segments, left, dear } = count(text);
  const shown = dear.slice(0, 5).map((c) => (c.trim() && !/\p{M}|\p{Cf}/u.test(c) ? `‘${c}’` : `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`));
  return html`<p class="messenger-counter"><strong>${t('texts', { count: segments })}</strong>, ${t('characters', { count: units })}${link ? ` ${t('with_link')}` : ''}${segments ? html`, ${t('units_left', { count: left })}` : ''}</p>
    ${dear.length ? html`<p class="messenger-counter messenger-dear">${t(dear.length === 1 ? 'dear_one' : 'dear_other', { characters: shown.join(' ') })}</p>` : ''}`;
}

/**
 * One labelled field with its hint and error.
 * @param {object} field
 * @param {string} field.id
 * @param {string} field.name
 * @param {string} field.label
 * @param {string} [field.hint]
 * @param {string} [field.error]
 * @param {number} [field.rows] a text area of so many lines; without it one line
 * @param {string} [field.type]
 */
export function fieldView({ id, name, label, hint, error, rows, type }) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null;
  return html`<div class="messenger-field" data-key="field ${name}" data-invalid=${Boolean(error)}>
    <label for=${id}>${label}</label>
    ${hint ? html`<p class="messenger-hint" data-key="hint" id="${id}-hint">${hint}</p>` : ''}
    ${error ? html`<p class="messenger-error" data-key="error" id="${id}-error">${error}</p>` : ''}
    ${rows
      ? html`<textarea class="messenger-input" data-key="input" id=${id} name=${name} rows=${rows} aria-describedby=${described} aria-invalid=${error ? 'true' : null} spellcheck="true"></textarea>`
      : html`<input class="messenger-input" data-key="input" id=${id} name=${name} type=${type ?? 'text'} autocomplete="off" aria-describedby=${described} aria-invalid=${error ? 'true' : null}>`}
  </div>`;
}
