// The fields that something is written in.

import { html } from './html.js';

/**
 * One labelled field with its hint and error.
 * @param {object} field
 * @param {string} field.id
 * @param {string} field.name
 * @param {string} field.label
 * @param {string} [field.hint]
 * @param {string} [field.error]
 * @param {number} [field.rows] a text area of so many lines; without it one line
 * @param {string} [field.placeholder] of a text area
 * @param {string} [field.type]
 * @param {number} [field.limit] characters of a text area
 */
export function fieldView(field) {
  const { id, name, label, hint, error, rows } = field;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null;
  return html`<div class="messenger-field" data-key="field ${name}" data-invalid=${Boolean(error)}>
    <label for=${id}>${label}</label>
    ${hint ? html`<div class="messenger-hint" data-key="hint" id="${id}-hint">${hint}</div>` : ''}
    ${error ? html`<div class="messenger-error" data-key="error" id="${id}-error">${error}</div>` : ''}
    ${rows ? areaView(field, described) : lineView(field, described)}
  </div>`;
}

/**
 * @param {{id: string, name: string, error?: string, rows?: number, placeholder?: string, limit?: number}} field
 * @param {string|null} described
 */
const areaView = ({ id, name, error, rows, placeholder, limit }, described) =>
  html`<textarea class="messenger-input" data-key="input" id=${id} name=${name} rows=${rows} dir="auto"
    placeholder=${placeholder} maxlength=${limit}
    aria-describedby=${described} aria-invalid=${error ? 'true' : null} spellcheck="true"></textarea>`;

/**
 * @param {{id: string, name: string, error?: string, type?: string}} field
 * @param {string|null} described
 */
const lineView = ({ id, name, error, type = 'text' }, described) =>
  html`<input class="messenger-input" data-key="input" id=${id} name=${name} type=${type}
    dir=${type === 'text' ? 'auto' : null} autocomplete="off" aria-describedby=${described}
    aria-invalid=${error ? 'true' : null}>`;

/**
 * One box to tick.
 * @param {{name: string, label: any, checked: boolean, disabled?: boolean, type?: string, value?: string}} box
 */
export const tickView = ({ name, label, checked, disabled = false, type = 'checkbox', value }) =>
  html`<label class="messenger-check" data-key="tick ${name} ${value ?? ''}">
    <input type=${type} name=${name} value=${value} checked=${checked} disabled=${disabled}>
    <span>${label}</span>
  </label>`;

/** The fields of a form, wherever it stands in an element. */
export class Fields {
  /**
   * The first place of a template's text that is left to fill in. The finder of templates brings it.
   * @type {(text: string) => {words: string, start: number}|undefined}
   */
  static placeLeft = () => undefined;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} name */
  field(name) {
    return /** @type {HTMLInputElement|HTMLTextAreaElement|null} */ (
      this.element.querySelector(`.messenger-input[name="${name}"]`)
    );
  }

  /** @param {string} name */
  value(name) {
    return this.field(name)?.value ?? '';
  }

  /**
   * @param {Record<string, string>} values by field; a field that is not there is left out
   */
  fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.field(name);
      if (field && field.value !== value) field.value = value;
    }
  }

  /**
   * How many lines a text area is to have: about as many as its text takes, 14 at most.
   * @param {string} name
   * @param {number} least
   */
  rowsOf(name, least) {
    const lines = this.value(name).split('\n');
    return Math.max(least, Math.min(14, lines.reduce((sum, line) => sum + 1 + Math.floor(line.length / 70), 0)));
  }

  /**
   * What is written once a template's text is put where the cursor is, and its subject where there is none. What it
   * says of the message is added to what was chosen.
   * @template {{subject: string, body: string, private?: boolean, expects?: string}} T
   * @param {T} written
   * @param {Messenger.Draft} template
   */
  withTemplate(written, { subject, body, template_id, private: hidden, expects }) {
    const at = this.field('body')?.selectionStart ?? written.body.length;
    const [before, after] = [written.body.slice(0, at).trimEnd(), written.body.slice(at).trimStart()];
    return {
      ...written,
      private: hidden || written.private,
      expects: written.expects || expects || undefined,
      subject: written.subject.trim() || !subject ? written.subject : subject,
      body: [before, body, after].filter(Boolean).join('\n\n'),
      template_id,
    };
  }

  /** Puts the cursor on the first place that is left to fill in, so that what is typed takes its place. */
  focusPlace(names = ['subject', 'body']) {
    for (const name of names) {
      const field = this.field(name);
      const left = field && Fields.placeLeft(field.value);
      if (!field || !left) continue;
      field.focus();
      return field.setSelectionRange(left.start, left.start + left.words.length);
    }
    this.field(names.at(-1) ?? '')?.focus();
  }

  /** Puts the cursor where there is something to write. */
  focus() {
    const line = this.field('subject');
    (line && !line.value ? line : this.field('body'))?.focus();
  }
}
