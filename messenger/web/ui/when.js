// When a message goes out that is not to go out at once: the time as a clock shows it, and what may come first.

import { fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { worded } from './names.js';

/** The zone of this browser's clock. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What a form says of when its message goes out. */
export class When {
  /** Whether a reply that comes first keeps it from going out. */
  unless = false;
  #at = '';
  #zone = ownZone();

  /** @param {import('./form.js').Form} form */
  constructor(form) {
    this.form = form;
  }

  /** The time in the field, as '2026-12-01T08:05'; '' for none. */
  get #value() {
    this.#at = this.form.fields.field('when')?.value.slice(0, 16) ?? this.#at;
    return this.#at;
  }

  /** What is asked of the server; nothing while it goes out at once. */
  get asked() {
    const at = this.form.later && !this.form.chosen ? this.#value : '';
    if (!at) return {};
    return { send_local: { at, zone: this.#zone }, unless: this.unless ? /** @type {const} */ ('replied') : undefined };
  }

  /**
   * Takes what a draft or a message says of it.
   * @param {{send_local?: {at: string, zone: string}, unless?: string}} said
   */
  take({ send_local: local, unless }) {
    this.form.later = Boolean(local);
    this.unless = unless === 'replied';
    this.#at = local?.at ?? '';
    this.#zone = local?.zone || ownZone();
  }

  /** Puts the time into its field, once that is there. */
  settle() {
    const field = this.form.fields.field('when');
    if (field && !field.value && this.#at) field.value = this.#at;
  }

  /**
   * Takes another time instead.
   * @param {string} at
   */
  move(at) {
    this.#at = at;
    this.form.fields.fill({ when: at });
  }

  /** What is wrong with it; '' when nothing is. */
  get fault() {
    const { form } = this;
    if (!form.later || form.chosen) return '';
    const { t, hub } = form.element;
    const at = this.#value;
    const over = this.#zone === ownZone() && !(new Date(at).getTime() > hub.api.now());
    return !at || over ? t('missing_when') : this.#next ? t('error_time_does_not_exist') : '';
  }

  get #next() {
    return this.form.figures.nextOf(this.form.written);
  }

  /** @param {string} name of the client */
  view(name) {
    const { form } = this;
    const { t } = form.element;
    const next = this.#next;
    const error = form.faults.when ?? (next && t('error_time_does_not_exist'));
    const hint = this.#zone === ownZone() ? t('send_at_hint') : t('send_at_hint_zone', { zone: this.#zone });
    const label = worded(t, 'unless_replied', { name });
    const field = { id: `${form.id}-when`, name: 'when', label: t('send_at'), hint, error };
    return html`${fieldView({ ...field, type: 'datetime-local' })}
      ${next ? nextView(next, t) : ''}
      ${tickView({ name: 'unless', label, checked: this.unless })}`;
  }
}

/**
 * The way to the next time that there is.
 * @param {string} next
 * @param {Messenger.Translate} t
 */
export const nextView = (next, t) =>
  html`<button type="button" class="messenger-link" data-key="next" data-do="next-time" data-at=${next}>
    ${t('send_at_next', { time: next.slice(11) })}
  </button>`;
