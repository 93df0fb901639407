// The form of one template: what it says, for whom it is, and what its messages are.

import { faults } from './composed.js';
import { Fields, fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { titleLimit } from './limits.js';
import { languageName } from './names.js';

/** The languages that are offered beside what a template has. */
const languages = ['', 'cy'];

/** A template that is written, new or again. */
export class TemplateForm {
  /** What is wrong, by field. @type {Record<string, string>} */
  #faults = {};
  #texts = { title: '', subject: '', body: '' };
  /** What was asked for if it were saved as it began. */
  #began;

  /**
   * @param {import('./element.js').MessengerElement} element
   * @param {Partial<Messenger.Template>} template what stands; of a new one, with what it begins
   * @param {boolean} manages whether the asker may write the organisation's
   */
  constructor(element, template, manages) {
    this.element = element;
    this.id = template.id;
    this.manages = manages;
    this.fields = new Fields(element);
    /** @type {'organisation'|'own'} */
    this.scope = template.scope === 'organisation' ? 'organisation' : 'own';
    /** @type {'email'|'sms'} */
    this.medium = template.medium === 'sms' ? 'sms' : 'email';
    this.language = template.language ?? '';
    this.hidden = Boolean(template.private);
    this.expects = template.expects ?? '';
    this.#texts = { title: template.title ?? '', subject: template.subject ?? '', body: template.body ?? '' };
    this.#began = JSON.stringify(this.asked);
  }

  /** Whether something would be lost with it. */
  get isChanged() {
    return JSON.stringify(this.asked) !== this.#began;
  }

  /** Takes what is typed, before the fields are drawn anew. */
  keep() {
    this.#texts = { ...this.texts };
  }

  /** Puts the texts where their fields have just come. */
  settle() {
    this.fields.fill(this.#texts);
  }

  /** What is typed. */
  get texts() {
    for (const name of /** @type {const} */ (['title', 'subject', 'body'])) {
      this.#texts[name] = this.fields.field(name)?.value ?? this.#texts[name];
    }
    return this.#texts;
  }

  /** What is asked of the server. */
  get asked() {
    const { title, subject, body } = this.texts;
    return {
      scope: this.scope,
      medium: this.medium,
      title: title.trim(),
      subject: this.medium === 'email' ? subject : undefined,
      body,
      language: this.language || undefined,
      private: this.hidden || undefined,
      expects: this.expects || undefined,
    };
  }

  /**
   * Takes what was chosen.
   * @param {HTMLInputElement} box
   */
  choose({ name, value, checked }) {
    this.keep();
    if (name === 'scope') this.scope = checked ? 'organisation' : 'own';
    if (name === 'medium') this.medium = value === 'sms' ? 'sms' : 'email';
    if (name === 'language') this.language = value;
    if (name === 'private') this.hidden = checked;
    if (name === 'expects') this.expects = value;
    if (Object.keys(this.#faults).length) this.check();
  }

  /** Whether it can be saved as it is; the cursor goes where it can't once that is shown. */
  check() {
    const { t } = this.element;
    const { title, subject, body } = this.texts;
    this.#faults = faults({ medium: this.medium, subject, body, private: this.hidden }, this.element);
    // To be filled in by hand.
    if (this.#faults.body === t('error_unknown_placeholder')) delete this.#faults.body;
    if (!title.trim()) this.#faults.title = t('missing_title');
    else if ([...title.trim()].length > titleLimit) this.#faults.title = t('too_long_title', { limit: titleLimit });
    return Object.keys(this.#faults).length === 0;
  }

  focus() {
    const [wrong = 'title'] = ['title', 'subject', 'body'].filter((name) => this.#faults[name]);
    this.fields.field(wrong)?.focus();
  }

  view() {
    const { t, lang } = this.element;
    const choice = (/** @type {'medium'|'language'|'expects'} */ name, /** @type {string} */ value, label = '') =>
      tickView({ type: 'radio', name, value, label, checked: value === this[name] });
    const offered = [...new Set([...languages, this.language])];
    return html`<div class="messenger-form-fields" data-key="form" role="form" aria-label=${t('desk_form')}>
      ${this.#fieldView('title', t('desk_title'))}
      ${this.manages ? tickView({ name: 'scope', label: t('desk_all'), checked: this.scope === 'organisation' }) : ''}
      <div class="messenger-media" data-key="medium" role="radiogroup" aria-label=${t('new_medium')}>
        ${choice('medium', 'email', t('medium_email'))}${choice('medium', 'sms', t('medium_sms'))}
      </div>
      ${this.medium === 'email' ? this.#fieldView('subject', t('subject')) : ''}
      ${this.#fieldView('body', t('message'), 6, t('desk_places'))}
      <div class="messenger-media" data-key="language" role="radiogroup" aria-label=${t('desk_language')}>
        <div class="messenger-strong">${t('desk_language')}</div>
        ${offered.map((tag) => choice('language', tag, tag ? languageName(tag, lang) : t('desk_language_none')))}
      </div>
      ${tickView({ name: 'private', label: t('private_tick'), checked: this.hidden })}
      <div class="messenger-media" data-key="expects" role="radiogroup" aria-label=${t('expects_tick')}>
        <div class="messenger-strong">${t('expects_tick')}</div>
        ${choice('expects', '', t('desk_expects_none'))}
        ${choice('expects', 'reply', t('expects_reply'))}
        ${choice('expects', 'acknowledgement', t('expects_acknowledgement'))}
      </div>
      <div class="messenger-line" data-key="do">
        <button type="button" class="messenger-button" data-do="save">${t('desk_save')}</button>
        <button type="button" class="messenger-link" data-do="back">${t('cancel')}</button>
      </div>
    </div>`;
  }

  /**
   * @param {'title'|'subject'|'body'} name
   * @param {string} label
   * @param {number} [rows]
   * @param {string} [hint]
   */
  #fieldView(name, label, rows, hint) {
    return fieldView({ id: `desk-${name}`, name, label, rows, hint, error: this.#faults[name] });
  }
}
