// <messenger-editor>: what is written to several clients at once, how and when it goes out.

import { ApiError } from './api.js';
import { expectsView, privateTickView } from './asking.js';
import { faults } from './composed.js';
import { MessengerElement } from './element.js';
import { Fields, fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { nextView, ownZone } from './when.js';

let editors = 0;

const empty = () => ({ subject: '', body: '', when: '', expect_by: '' });

/** Part of the dialog for a new message. Tells it: `changed` (another message would go out). */
export class MessengerEditor extends MessengerElement {
  /**
   * What is typed, and what a template says of it; it stays while the element is hidden.
   * @type {{subject: string, body: string, when: string, expect_by: string, private?: boolean, expects?: string,
   *   template_id?: string}}
   */
  #written = empty();
  /** @type {'email'|'sms'} */
  #medium = 'email';
  #later = false;
  #asOpen = false;
  #link = false;
  /** Whether a template is looked for. */
  #finding = false;
  /** The first minute after one that the clocks leave out. @type {string|undefined} */
  #next;
  /** @type {Record<string, string>} */
  #faults = {};
  #fields = new Fields(this);
  #id = `messenger-editor-${++editors}`;

  actions = {
    templates: () => this.#find(),
    'next-time': (/** @type {HTMLElement} */ { dataset }) => this.#move(dataset.at ?? ''),
  };

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
    const { subject, body, when, expect_by: by, private: hidden, expects, template_id } = this.#written;
    return {
      medium: this.#medium,
      subject: this.#medium === 'email' ? subject : undefined,
      body,
      send_local: this.#later && when ? { at: when.slice(0, 16), zone: ownZone() } : undefined,
      reply_link: this.#linked,
      private: hidden,
      expects: expects || undefined,
      expect_by: expects ? by : undefined,
      template_id,
      then: this.#asOpen ? 'open' : 'done',
    };
  }

  /** Whether the reply link goes out: a private message is read behind it, and an expected answer given. */
  get #linked() {
    return this.#link || this.#needsLink;
  }

  get #needsLink() {
    return Boolean(this.#written.private || this.#written.expects);
  }

  clear() {
    this.#written = empty();
    this.#next = undefined;
    this.#later = this.#finding = false;
    this.#faults = {};
    this.update();
  }

  /** Turns sending later on or off. */
  toggleLater() {
    this.#later = !this.#later;
    this.#next = undefined;
    this.#changed();
    this.render();
    if (this.#later) this.#fields.field('when')?.focus();
  }

  /** Whether it can be sent as it is; what is wrong is shown, and the cursor goes there. */
  check() {
    this.#faults = this.#found();
    this.render();
    const [first] = Object.keys(this.#faults);
    if (first && this.#written.template_id) this.#fields.focusPlace([first]);
    else if (first) this.#fields.field(first)?.focus();
    return !first;
  }

  /**
   * Shows that the clocks leave the time out, with the next one that there is.
   * @param {unknown} error which says so; any other is thrown again
   */
  refuse(error) {
    if (!(error instanceof ApiError) || !error.next) throw error;
    this.#next = error.next;
    this.#faults = { when: this.explain(error) };
    this.render();
    this.#fields.field('when')?.focus();
  }

  /** @param {string} at a time that there is */
  #move(at) {
    this.#typed({ name: 'when', value: at });
    this.#fields.field('when')?.focus();
  }

  #found() {
    const found = faults({ medium: this.#medium, ...this.#written }, this);
    if (this.#next) found.when = this.t('error_time_does_not_exist');
    if (this.missesTime) found.when = this.t('missing_when');
    if (this.#written.expects && !this.#written.expect_by) found.expect_by = this.t('missing_expect_by');
    return found;
  }

  /** @param {{name: string, value: string}} field */
  #typed({ name, value }) {
    this.#written[/** @type {'subject'} */ (name)] = value;
    if (name === 'body' && value === '/' && !this.#finding) {
      this.#written.body = '';
      return this.#find();
    }
    if (name === 'when') this.#next = undefined;
    if (!this.isWritten) this.#written.template_id = undefined;
    this.#changed();
  }

  /** @param {HTMLInputElement} box */
  #chosen({ name, value, checked }) {
    if (name === 'medium') this.#medium = value === 'sms' ? 'sms' : 'email';
    if (name === 'as-open') this.#asOpen = checked;
    if (name === 'link') this.#link = checked;
    if (name === 'private') this.#written.private = checked || undefined;
    if (name === 'asks') this.#written.expects = checked ? 'reply' : '';
    if (name === 'expects') this.#written.expects = value;
    if (name === 'medium') this.#finding = false;
    this.#changed();
  }

  /** Looks for a template, or stops looking. */
  #find() {
    this.#finding = !this.#finding;
    this.render();
    const finder = this.one('messenger-templates');
    if (!finder) return this.#fields.field('body')?.focus();
    this.one('messenger-templates .messenger-input')?.focus();
    this.listen(finder, 'close', () => this.#find());
    this.listen(finder, 'picked', ({ detail }) => this.#insert(detail));
  }

  /** @param {Messenger.Draft} template */
  #insert(template) {
    this.#finding = false;
    this.#written = this.#fields.withTemplate(this.#written, template);
    this.#changed();
    this.render();
    this.#fields.focusPlace();
  }

  /** Another message would go out: what was wrong may not be any more. */
  #changed() {
    const found = this.#found();
    for (const wrong of Object.keys(this.#faults)) if (!found[wrong]) delete this.#faults[wrong];
    this.tell('changed');
    this.update();
  }

  render() {
    const { t } = this;
    if (this.hidden) {
      this.#finding = false;
      return morph(this, html``);
    }
    const email = this.#medium === 'email';
    const { private: hidden, expects = '' } = this.#written;
    morph(
      this,
      html`<div class="messenger-hint" data-key="each">${t('new_each_own')}</div>
        ${this.#mediaView()}
        ${email ? this.#fieldView({ name: 'subject', label: t('subject') }) : ''}
        ${this.#fieldView({ name: 'body', label: t('message'), rows: 6 })}
        ${email ? '' : html`<div class="messenger-counter" data-key="counter">${t('new_texts_later')}</div>`}
        ${this.#templatesView()}
        ${tickView({ name: 'link', label: t('add_link'), checked: this.#linked, disabled: this.#needsLink })}
        ${privateTickView(Boolean(hidden), false, t)}
        ${expectsView(expects, this.#fieldView({ name: 'expect_by', label: t('expect_by'), type: 'date' }), t)}
        ${tickView({ name: 'as-open', label: t('new_status'), checked: this.#asOpen })}
        ${this.#later ? this.#whenView() : ''}`,
    );
    const { subject, body, when, expect_by } = this.#written;
    this.#fields.fill({ subject, body, when, expect_by });
  }

  #templatesView() {
    const finder = html`<messenger-templates data-key="finder" medium=${this.#medium}></messenger-templates>`;
    return html`<div data-key="templates">
      <button type="button" class="messenger-link" data-do="templates" aria-expanded=${String(this.#finding)}>
        ${this.t('templates')}
      </button>
      ${this.#finding ? finder : ''}
    </div>`;
  }

  /** @param {{name: string, label: string, rows?: number, type?: string, hint?: string}} field */
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

  #whenView() {
    const { t } = this;
    const field = { name: 'when', label: t('send_at'), hint: t('send_at_hint'), type: 'datetime-local' };
    return html`${this.#fieldView(field)}${this.#next ? nextView(this.#next, t) : ''}`;
  }
}
