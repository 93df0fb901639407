// What is done in the form of <messenger-compose> while it is written: typing, templates, a time, deleting it all.

/** Of one box. What is typed is kept as a draft. */
export class Typing {
  /** @param {import('./messenger-compose.js').MessengerCompose} element */
  constructor(element) {
    this.element = element;
  }

  get #form() {
    return this.element.form;
  }

  /** @param {string} name of the field */
  typed(name) {
    const { element } = this;
    const form = this.#form;
    if (!form) return;
    if (name === 'body' && form.text.body === '/' && !form.finding) {
      form.fields.fill({ body: '' });
      this.find();
    }
    if (form.isEmpty) form.template = undefined;
    element.told.dropped = undefined;
    this.#changed();
    if (['subject', 'body', 'when', 'expect_by'].includes(name)) element.keep();
    element.update();
  }

  /** Something else would be sent: what was wrong may not be any more. */
  #changed() {
    const { element } = this;
    const form = this.#form;
    form?.checkAgain();
    form?.checkSoon(element.path);
    if (element.refused) element.problem = '';
    element.refused = false;
  }

  /** @param {HTMLInputElement} box that was ticked, or a choice that was made */
  chosen(box) {
    const { element } = this;
    if (this.#form?.choose(box)) element.keep();
    this.#changed();
    element.update();
  }

  /** Offers to choose a time, or no more. */
  schedule() {
    const form = this.#form;
    if (!form) return;
    form.later = !form.later;
    this.#changed();
    this.element.keep();
    this.element.render();
    if (form.later) form.fields.field('when')?.focus();
  }

  /**
   * Takes another time than one that does not exist.
   * @param {string} at
   */
  move(at) {
    const { element } = this;
    const form = this.#form;
    if (!form) return;
    form.time.move(at);
    this.#changed();
    element.keep();
    element.render();
    form.fields.field('when')?.focus();
  }

  /** Asks for a reason to go beyond the client's safe hours, or not any more. */
  lift() {
    const { element } = this;
    this.#form?.lift();
    this.#changed();
    element.render();
    (element.one('[name="reason"]') ?? element.one('[data-do="lift"]'))?.focus();
  }

  /** Looks for a template, or stops looking. */
  find() {
    const { element } = this;
    const form = this.#form;
    if (!form) return;
    form.finding = !form.finding;
    element.render();
    const finder = element.one('messenger-templates');
    if (!finder) return form.fields.field('body')?.focus();
    // Or by itself, once its module has come.
    element.one('messenger-templates .messenger-input')?.focus();
    element.listen(finder, 'close', () => this.find());
    element.listen(finder, 'picked', ({ detail }) => this.#insert(detail));
  }

  /** @param {Messenger.Draft} template filled in as far as it can be */
  #insert(template) {
    const { element } = this;
    const form = this.#form;
    if (!form?.finding) return;
    form.finding = false;
    form.insert(template);
    this.#changed();
    element.told.dropped = undefined;
    element.keep();
    element.render();
    form.fields.focusPlace();
  }

  /** @param {HTMLElement} button of an advice */
  putAway(button) {
    this.#form?.advised.putAway(button.dataset.of ?? '');
    this.element.render();
    this.#form?.fields.field('body')?.focus();
  }

  preview() {
    this.#form?.togglePreview();
    this.element.render();
    this.element.one('.messenger-preview')?.scrollIntoView({ block: 'nearest' });
  }

  /** Deletes the draft, and offers to put it back. */
  drop() {
    const { element } = this;
    const form = this.#form;
    if (!form) return;
    element.told.dropped = form.draft;
    element.dropDraft();
    element.problem = '';
    form.faults = {};
    form.time.take({});
    form.fill({});
    form.answer(element.answers());
    element.render();
    form.fields.focus();
  }

  /** Puts back the draft that was deleted. */
  undrop() {
    const { element } = this;
    const { dropped } = element.told;
    const form = this.#form;
    if (!form || !dropped) return;
    form.time.take(dropped);
    form.fill(dropped);
    element.told.dropped = undefined;
    element.keep();
    element.render();
    form.fields.focus();
  }
}
