// <messenger-editor>: what is written to several clients at once, how and when it goes out.

import { faults } from './composed.js';
import { MessengerElement } from './element.js';
import { Fields, fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { morph } from './morph.js';

let editors = 0;

/** Part of the dialog for a new message. Tells it: `changed` (another message would go out). */
export class MessengerEditor extends MessengerElement {
  /** What is typed; it stays while the element is hidden. @type {{subject: string, body: string, when: string}} */
  #written = { subject: '', body: '', when: '' };
  /** @type {'email'|'sms'} */
  #medium = 'email';
  #later = false;
  #asOpen = false;
  #link = false;
  /** @type {Record<string, string>} */
  #faults = {};
  #fields = new Fields(this);
  #id = `messenger-editor-${++editors}`;

  start() {
    this.listen(this, 'input', ({ target }) => {
      // A box that is ticked has its turn in `change`, and must not be drawn before.
      if (target.matches('.messenger-input')) this.#typed(target);
    });
    this.listen(this, 'change', ({ target }) => {
      if (!target.matches('.messenger-input')) this.#chosen(target);
    });
    this.update();
  }

  get medium() {
    return this.#medium;
  }

  /** Whether it goes out later. */
  get later() {
    return this.#later;
  }

  /** When it is to go out; NaN at once, or when no time is entered yet. */
  get time() {
    return this.#later ? Date.parse(this.#written.when) : NaN;
  }

  /** Whether a time is wanted and there is none in the future. */
  get missesTime() {
    return this.#later && !(this.time > this.hub.api.now());
  }

  /** Whether anything was typed: nothing but this page has it. */
  get isWritten() {
    return `${this.#written.subject}${this.#written.body}`.trim() !== '';
  }

  /** What is asked of the server, but for the recipients. */
  get body() {
    const { subject, body } = this.#written;
    return {
      medium: this.#medium,
      subject: this.#medium === 'email' ? subject : undefined,
      body,
      send_after: this.time ? new Date(this.time).toISOString() : undefined,
      reply_link: this.#link,
      then: this.#asOpen ? 'open' : 'done',
    };
  }

  clear() {
    this.#written = { subject: '', body: '', when: '' };
    this.#later = false;
    this.#faults = {};
    this.update();
  }

  /** Turns sending later on or off. */
  toggleLater() {
    this.#later = !this.#later;
    delete this.#faults.when;
    this.tell('changed');
    this.render();
    if (this.#later) this.#fields.field('when')?.focus();
  }

  /** Whether it can be sent as it is; what is wrong is shown, and the cursor goes there. */
  check() {
    this.#faults = this.#found();
    this.render();
    const [first] = Object.keys(this.#faults);
    if (first) this.#fields.field(first)?.focus();
    return !first;
  }

  #found() {
    const found = faults({ medium: this.#medium, ...this.#written }, this);
    if (this.missesTime) found.when = this.t('missing_when');
    return found;
  }

  /** @param {HTMLInputElement|HTMLTextAreaElement} field */
  #typed({ name, value }) {
    this.#written[/** @type {'subject'} */ (name)] = value;
    const found = this.#found();
    for (const wrong of Object.keys(this.#faults)) if (!found[wrong]) delete this.#faults[wrong];
    this.#changed();
  }

  /** @param {HTMLInputElement} box */
  #chosen({ name, value, checked }) {
    if (name === 'medium') this.#medium = value === 'sms' ? 'sms' : 'email';
    if (name === 'as-open') this.#asOpen = checked;
    if (name === 'link') this.#link = checked;
    this.#changed();
  }

  #changed() {
    this.tell('changed');
    this.update();
  }

  render() {
    const { t } = this;
    if (this.hidden) return morph(this, html``);
    const wrong = this.#faults;
    const email = this.#medium === 'email';
    morph(
      this,
      html`<div class="messenger-hint" data-key="each">${t('new_each_own')}</div>
        ${this.#mediaView()}
        ${email ? this.#fieldView({ name: 'subject', label: t('subject') }) : ''}
        ${this.#fieldView({ name: 'body', label: t('message'), rows: 6 })}
        ${email ? '' : html`<div class="messenger-counter" data-key="counter">${t('new_texts_later')}</div>`}
        ${tickView({ name: 'link', label: t('add_link'), checked: this.#link })}
        ${tickView({ name: 'as-open', label: t('new_status'), checked: this.#asOpen })}
        ${this.#later ? this.#whenView(wrong) : ''}`,
    );
    this.#fields.fill(this.#written);
  }

  /** @param {{name: string, label: string, rows?: number}} field */
  #fieldView(field) {
    return fieldView({ ...field, id: `${this.#id}-${field.name}`, error: this.#faults[field.name] });
  }

  #mediaView() {
    const title = `${this.#id}-medium`;
    const tick = (/** @type {'email'|'sms'} */ medium) =>
      tickView({
        type: 'radio',
        name: 'medium',
        value: medium,
        label: this.t(`medium_${medium}`),
        checked: medium === this.#medium,
      });
    return html`<div class="messenger-media" data-key="medium" role="radiogroup" aria-labelledby=${title}>
      <div class="messenger-strong" id=${title}>${this.t('new_medium')}</div>
      ${tick('email')}${tick('sms')}
    </div>`;
  }

  /** @param {Record<string, string>} wrong */
  #whenView({ when: error }) {
    const { t } = this;
    const id = `${this.#id}-when`;
    const hint = t('send_at_hint');
    return fieldView({ id, name: 'when', label: t('send_at'), hint, error, type: 'datetime-local' });
  }
}
