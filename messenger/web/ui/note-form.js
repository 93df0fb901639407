// What is written to colleagues alone: beside the form of a message, and never with a word of it.

import { Attempt } from './attempt.js';
import { Fields, fieldView, tickView } from './fields.js';
import { mediaView } from './form-view.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { longNoteLimit } from './limits.js';

/** @typedef {{text: string, call: boolean, file: boolean}} NoteText */

/** A note that is being written. Its text is no draft: it stays in the page. */
export class NoteForm {
  /** Whether it is open. */
  open = false;
  /** The channels whose note is being saved. */
  saving = new Set();
  /** The channels whose note could not be saved as it was. */
  #wrong = new Set();
  /** What was typed for each channel and is not saved yet. @type {Map<string, NoteText>} */
  #typed = new Map();
  /** What was tried for each channel. @type {Map<string, Attempt>} */
  #attempts = new Map();

  /**
   * @param {import('./element.js').MessengerElement} element
   * @param {string} id of its own in the page
   */
  constructor(element, id) {
    this.element = element;
    this.id = id;
    this.fields = new Fields(element);
  }

  /** Whether something would be lost with the page. */
  get isUnsaved() {
    return [...this.#typed.values()].some(({ text }) => text.trim());
  }

  /** @param {string} channel */
  of(channel) {
    return this.#typed.get(channel) ?? { text: '', call: false, file: false };
  }

  /**
   * Takes what was typed or ticked.
   * @param {string} channel
   * @param {HTMLInputElement|HTMLTextAreaElement} field
   */
  take(channel, field) {
    const now = this.of(channel);
    const on = field instanceof HTMLInputElement && field.checked;
    const change = field.name === 'note' ? { text: field.value } : { [field.name]: on };
    this.#typed.set(channel, { ...now, ...change });
    if (!this.#found(channel)) this.#wrong.delete(channel);
  }

  /**
   * Whether it can be saved as it is.
   * @param {string} channel
   */
  check(channel) {
    const fault = this.#found(channel);
    if (fault) this.#wrong.add(channel);
    return !fault;
  }

  /** @param {string} channel */
  #found(channel) {
    const { t, format } = this.element;
    const text = this.of(channel).text.trim();
    if (!text) return t('missing_note');
    return [...text].length > longNoteLimit ? t('too_long_note', { limit: format.number(longNoteLimit) }) : '';
  }

  /**
   * Gives it to the server, and what that made of it back.
   * @param {string} channel
   */
  async save(channel) {
    const { text, call, file } = this.of(channel);
    const path = `/channels/${encodeURIComponent(channel)}/notes`;
    const asked = { kind: call ? 'call' : 'note', text, file };
    const attempt = this.#attempts.get(channel) ?? new Attempt();
    this.#attempts.set(channel, attempt);
    const saved = await this.element.hub.api.call('POST', path, asked, attempt.at(asked, () => asked));
    this.#attempts.delete(channel);
    this.#typed.delete(channel);
    return saved;
  }

  /**
   * What was typed for a channel is for another now.
   * @param {string} from
   * @param {string} to
   */
  follow(from, to) {
    const typed = this.#typed.get(from);
    if (!typed || from === to) return;
    this.#typed.delete(from);
    this.#typed.set(to, typed);
  }

  /**
   * Has the field say what was typed for a channel.
   * @param {string} channel
   */
  fill(channel) {
    this.fields.fill({ note: this.of(channel).text });
    this.element.update();
  }

  focus() {
    this.fields.field('note')?.focus();
  }

  /**
   * @param {string} channel
   * @param {import('./form.js').Written[]} media the ways to write to the client
   */
  view(channel, media) {
    const { id } = this;
    const fault = this.#wrong.has(channel) ? this.#found(channel) : '';
    const sending = this.saving.has(channel);
    const { t, hub } = this.element;
    const { call, file } = this.of(channel);
    const files = hub.me?.record;
    const busy = sending ? 'true' : null;
    const rows = this.fields.rowsOf('note', 3);
    return html`<div class="messenger-box messenger-form messenger-note-form" role="form" data-key=${id}
      aria-labelledby="${id}-title">
      <div class="messenger-form-head" data-key="head">
        <div class="messenger-form-title" role="heading" aria-level="3" id="${id}-title">${t('note_of_note')}</div>
        <span class="messenger-quiet">${t('note_hint')}</span>
        <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button>
      </div>
      ${mediaView(media, 'note', t, 'way')}
      <div class="messenger-form-fields" data-key="fields">
        ${fieldView({ id: `${id}-note`, name: 'note', label: t('note_label'), error: fault, rows })}
        <div class="messenger-under" data-key="under">
          ${tickView({ name: 'call', label: t('note_call'), checked: call })}
          ${files ? tickView({ name: 'file', label: t('note_file'), checked: file }) : ''}
        </div>
      </div>
      <div class="messenger-send" data-key="send">
        <button type="button" class="messenger-button" data-do="save-note" aria-disabled=${busy}>
          ${t(sending ? 'note_saving' : 'note_save')}
        </button>
        <span class="messenger-draft">${t('note_keyboard_hint')}</span>
      </div>
    </div>`;
  }
}
