// What is being written: its limits, what it becomes at the client's, and the fields that it is written in.

import { html } from './html.js';
import { icon } from './icons.js';
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
 * A text as the client gets it: placeholders filled in, the reply link where it goes, the organisation's closing words.
 * @param {Text} text
 * @param {string} name the client's
 * @param {string} link '' when none goes out
 * @param {Messenger.Me} [me]
 */
export function delivered(text, name, link, me) {
  const { closing = {} } = me ?? {};
  const placed = text.body.includes('{{reply_link}}');
  const values = {
    first_name: name.split(' ')[0],
    staff_name: me?.staff.name ?? '',
    organisation: me?.organisation.name ?? '',
    reply_link: link,
  };
  const body = text.body
    .replace(/\{\{(\w+)\}\}/g, (all, name) => (name in values ? values[/** @type {keyof values} */ (name)] : all))
    .trim();
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
  const shown = dear
    .slice(0, 5)
    .map((c) =>
      c.trim() && !/\p{M}|\p{Cf}/u.test(c)
        ? `‘${c}’`
        : `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
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
    ${
      rows
        ? html`<textarea class="messenger-input" data-key="input" id=${id} name=${name} rows=${rows} aria-describedby=${described} aria-invalid=${error ? 'true' : null} spellcheck="true"></textarea>`
        : html`<input class="messenger-input" data-key="input" id=${id} name=${name} type=${type ?? 'text'} autocomplete="off" aria-describedby=${described} aria-invalid=${error ? 'true' : null}>`
    }
  </div>`;
}

/**
 * The way to open a draft: as it was written, or the other one when that can't be used any more.
 * @param {Messenger.ClientPage} page
 * @param {'email'|'sms'} medium
 * @returns {'email'|'sms'|''}
 */
export function allowed({ actions }, medium) {
  const can = (/** @type {Messenger.Action} */ action) => action.allowed || action.why === 'restricted';
  if (medium === 'sms' && can(actions.send_sms)) return 'sms';
  if (can(actions.send_email)) return 'email';
  return can(actions.send_sms) ? 'sms' : '';
}

/** The fields of a form, wherever it stands in an element. */
export class Fields {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} name */
  field(name) {
    return /** @type {HTMLInputElement|HTMLTextAreaElement|null} */ (
      this.element.querySelector(`form [name="${name}"]`)
    );
  }

  /** @param {string} name */
  value(name) {
    return this.field(name)?.value ?? '';
  }

  text() {
    return { subject: this.value('subject'), body: this.value('body') };
  }

  /**
   * @param {string} subject
   * @param {string} body
   */
  fill(subject, body) {
    const line = this.field('subject');
    const area = this.field('body');
    if (line) line.value = subject;
    if (area) area.value = body;
    this.grow();
  }

  /** Makes the text area as high as its text, within bounds. */
  grow() {
    const area = this.field('body');
    if (!(area instanceof HTMLTextAreaElement)) return;
    const lines = area.value.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 70), 1);
    area.rows = Math.max(this.field('subject') ? 6 : 4, Math.min(14, lines));
  }

  /** Puts the cursor where there is something to write. */
  focus() {
    const line = this.field('subject');
    (line && !line.value ? line : this.field('body'))?.focus();
  }
}

/**
 * The form of `<messenger-compose>`.
 * @param {Messenger.Form} form
 */
export function formView({
  id,
  client,
  level,
  info,
  me,
  text,
  faults,
  link,
  replies,
  known,
  asksWhy,
  later,
  sending,
  draft,
  t,
}) {
  const { medium } = text;
  const name = info?.name ?? '';
  const goes = link && replies ? (known ?? t('preview_link', { name })) : '';
  const shown = delivered(text, name, goes, me);
  // A first message's link is not made yet: it is counted as long as it will be.
  const counted = known || !goes ? shown : delivered(text, name, sampleLink, me);
  const title = [icon(medium), t(`${medium}_to`, { name })];
  const address = medium === 'email' ? info?.email : info?.phone;
  return html`<form class="messenger-form" data-key="form ${medium} ${client}" novalidate aria-labelledby="${id}-title">
    <header class="messenger-form-head">${level === 3 ? html`<h3 class="messenger-form-title" id="${id}-title">${title}</h3>` : html`<h2 class="messenger-form-title" id="${id}-title">${title}</h2>`}<span class="messenger-quiet">${address ?? (info?.restricted ? t('address_hidden') : '')}</span>
      <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button></header>
    ${medium === 'email' ? fieldView({ id: `${id}-subject`, name: 'subject', label: t('subject'), error: faults.subject }) : ''}
    ${fieldView({ id: `${id}-body`, name: 'body', label: t('message'), error: faults.body, rows: medium === 'email' ? 6 : 4 })}
    <div class="messenger-under" data-key="under">
      ${medium === 'sms' ? counterView(text.body.trim() ? counted : '', t, Boolean(goes && text.body.trim())) : ''}
      <label class="messenger-check"><input type="checkbox" name="link" checked=${link && replies} disabled=${!replies}><span>${t('add_link')}<span class="messenger-quiet"> ${replies ? '' : t('link_off_hint')}</span></span></label>
    </div>
    <details class="messenger-preview" data-key="preview"><summary>${t('preview', { name })}</summary>
      ${text.body.trim() ? html`<div class="messenger-previewed">${medium === 'email' && text.subject ? html`<strong>${text.subject}</strong>` : ''}<p dir="auto">${shown}</p></div>` : html`<p class="messenger-quiet">${t('preview_empty')}</p>`}</details>
    ${asksWhy ? fieldView({ id: `${id}-reason`, name: 'reason', label: t('reason_label'), hint: t('reason_hint'), error: faults.reason }) : ''}
    ${later ? fieldView({ id: `${id}-when`, name: 'when', label: t('send_at'), hint: t('send_at_hint'), error: faults.when, type: 'datetime-local' }) : ''}
    <div class="messenger-send" data-key="send">
      <button type="button" class="messenger-button" data-do="send" aria-disabled=${sending ? 'true' : null}>${sending ? t('sending') : t(later ? 'schedule' : 'send')}</button>
      ${later ? '' : html`<button type="button" class="messenger-button" data-kind="second" data-do="send-done" aria-disabled=${sending ? 'true' : null}>${t('send_done')}</button>`}
      <button type="button" class="messenger-link" data-do="later" aria-expanded=${String(later)}>${t(later ? 'send_now' : 'send_later')}</button>
      <span class="messenger-draft" data-state=${draft}>${draft === 'none' ? t('keyboard_hint') : t(`draft_${draft}`)}</span>
      ${text.body || text.subject ? html`<button type="button" class="messenger-link messenger-drop" data-do="drop">${t('draft_delete')}</button>` : ''}
    </div>
  </form>`;
}
