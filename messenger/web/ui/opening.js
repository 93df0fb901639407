// When the box of <messenger-compose> is a line and when it is a form, and where the cursor goes.

/** @typedef {import('./form.js').Written} Written */

/** Of one box: opens and closes it. */
export class Opening {
  /** Where the focus goes when the form closes. @type {HTMLElement|undefined} */
  from;

  /** @param {import('./messenger-compose.js').MessengerCompose} element */
  constructor(element) {
    this.element = element;
  }

  /** Whether it is more than a line. */
  get isOpen() {
    const { noting, form } = this.element;
    return noting.isOpen || Boolean(form && !form.folded);
  }

  /** @param {HTMLElement} button of a way to write */
  asked(button) {
    const { element } = this;
    const medium = /** @type {Written} */ (button.dataset.medium);
    const inside = Boolean(button.closest('.messenger-box'));
    if (inside && !element.form?.folded) {
      this.unfold(medium);
      return this.focus();
    }
    if (this.#asks(medium)) element.open(medium, undefined, inside ? undefined : button);
  }

  /**
   * The cursor comes into the box.
   * @param {HTMLElement} field
   */
  entered(field) {
    const { medium } = this.element.form ?? {};
    if (!medium) return;
    this.from = undefined;
    if (this.#asks(medium)) this.unfold(medium);
    else field.blur();
  }

  /**
   * Tells the host that the form is to open; false where a form of its own steps in.
   * @param {Written} medium
   */
  #asks(medium) {
    const { element } = this;
    const { client, channel, page } = element;
    const detail = { client_id: client, channel_id: channel?.id ?? page?.channel_id, medium };
    return element.emit('messenger-compose-open', detail, true);
  }

  /** The cursor has gone elsewhere: an empty form is a line again. */
  left() {
    const { noting, form } = this.element;
    if (noting.isOpen) {
      if (!noting.isBegun) this.#closeNote();
      return;
    }
    if (!form || form.folded || !form.isEmpty || form.later || form.sending || form.reason) return;
    this.#fold();
  }

  /** @param {Written} medium */
  unfold(medium) {
    const { element } = this;
    const { form, noting, told } = element;
    if (!form || !element.media.includes(medium)) return;
    const changes = form.medium !== medium;
    if (noting.isOpen || (changes && element.refused)) element.problem = '';
    noting.close();
    if (form.folded) told.hush();
    const { text } = form;
    form.folded = form.finding = false;
    form.medium = medium;
    form.faults = {};
    element.render();
    form.fill(text);
    form.answer(element.answers());
    form.checkSoon(element.path);
    if (changes && !form.isEmpty) element.keep();
    element.render();
  }

  #fold() {
    const { form } = this.element;
    if (!form) return;
    const { text } = form;
    form.folded = true;
    form.finding = false;
    form.later &&= !form.isEmpty;
    form.faults = {};
    this.element.render();
    form.fill(text);
  }

  /** Makes the form a line again; what was typed stays, and is kept. */
  makeLine() {
    const { draft, form } = this.element;
    draft?.flush();
    if (form && !form.folded) this.#fold();
  }

  #closeNote() {
    this.element.noting.close();
    this.element.problem = '';
    this.element.render();
  }

  /** Makes it a line again, and gives the focus back. */
  close() {
    const { element } = this;
    if (element.noting.isOpen) {
      this.#closeNote();
      return element.one('[data-do="note"]')?.focus();
    }
    this.makeLine();
    this.focusBack();
  }

  /** Puts the cursor into the form. */
  focus() {
    const { element } = this;
    element.form?.fields.focus();
    if (!element.hasAttribute('data-inbox')) element.scrollIntoView({ block: 'nearest' });
  }

  /** Gives the focus back to where it came from, or to the way that is written in. */
  focusBack() {
    const { element, from } = this;
    const seen = from?.isConnected && from.checkVisibility();
    const button = `.messenger-actions [data-medium="${element.form?.medium}"]`;
    const all = element.querySelectorAll(`${button}, .messenger-medium-choice[aria-pressed="true"]`);
    const ways = [...all].filter((e) => e.checkVisibility());
    const to = seen ? from : ways[0];
    if (to instanceof HTMLElement) to.focus();
  }
}
