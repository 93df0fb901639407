// Writing a note for colleagues in the place of the form.

import { ApiError } from './api.js';
import { cameLater, later } from './later.js';

/** Of one box: the note that is written in an open channel. */
export class Noting {
  /** @type {import('./note-form.js').NoteForm|undefined} */
  #form;

  /**
   * @param {import('./messenger-compose.js').MessengerCompose} element
   * @param {string} id of its form in the page
   */
  constructor(element, id) {
    this.element = element;
    this.id = id;
  }

  /** Whether a note is being written. */
  get isOpen() {
    return Boolean(this.#form?.open);
  }

  /** Whether something would be lost with the page. */
  get isUnsaved() {
    return Boolean(this.#form?.isUnsaved);
  }

  /** Whether there may be notes: in a channel, of who may act in it. */
  get isPossible() {
    return Boolean(this.element.channel && this.element.mayAct);
  }

  /** Whether something is typed for the channel that is open. */
  get isBegun() {
    return Boolean(this.#form?.of(this.#channel).text.trim());
  }

  get #channel() {
    return this.element.channel?.id ?? '';
  }

  /** Opens the note in the place of the form, whose text stays as it is. */
  async write() {
    const { element } = this;
    const channel = this.#channel;
    if (!this.isPossible) return;
    if (!this.#form) {
      await cameLater;
      const { NoteForm } = /** @type {{NoteForm: typeof import('./note-form.js').NoteForm}} */ (later);
      this.#form ??= new NoteForm(element, this.id);
      if (this.#channel !== channel) return;
    }
    element.opening.makeLine();
    this.#form.open = true;
    element.told.said = element.problem = '';
    element.render();
    this.#form.fill(channel);
    this.#form.focus();
  }

  /**
   * The channel that is open becomes part of another: what was typed for it goes there.
   * @param {string} channel
   */
  follow(channel) {
    this.#form?.follow(this.#channel, channel);
  }

  /** The form takes its place again; what was typed stays in the page. */
  close() {
    if (this.#form) this.#form.open = false;
  }

  /** @param {HTMLInputElement|HTMLTextAreaElement} field that was typed in or ticked */
  take(field) {
    this.#form?.take(this.#channel, field);
    this.#form?.fill(this.#channel);
    this.element.problem = '';
    this.element.update();
  }

  async save() {
    const { element } = this;
    const form = this.#form;
    const channel = this.#channel;
    if (!form || form.saving.has(channel)) return;
    const { info } = element;
    const isHere = () => this.#channel === channel;
    element.problem = '';
    if (!form.check(channel)) {
      element.render();
      return form.focus();
    }
    form.saving.add(channel);
    element.render();
    try {
      element.tell('noted', { channel, note: await form.save(channel) });
      if (isHere()) {
        form.open = false;
        element.told.said = element.t('note_saved_now');
      }
    } catch (error) {
      const none = error instanceof ApiError && error.code === 'not_configured';
      const words = none ? element.t('note_no_record') : element.explain(error);
      element.problem = isHere() ? words : `${info?.name}: ${words}`;
    } finally {
      form.saving.delete(channel);
    }
    element.render();
    if (!isHere()) return;
    if (element.problem) element.one('.messenger-form-problem')?.focus();
    else element.one('[data-do="note"]')?.focus();
  }

  /** @param {import('./form.js').Written[]} media the ways to write to the client */
  view(media) {
    return this.isOpen && this.element.channel ? this.#form?.view(this.#channel, media) : undefined;
  }
}
