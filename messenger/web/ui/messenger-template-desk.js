// <messenger-template-desk>: the dialog behind 'Write templates'. The templates that the asker may use, and the form in
// which one is written.

import { MessengerDialog } from './dialog.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { TemplateForm } from './template-form.js';

/** Part of the Messages page. */
export class MessengerTemplateDesk extends MessengerDialog {
  /** By title, undefined until they are loaded. @type {Messenger.Template[]|undefined} */
  #all;
  /** What is written, in the place of the list. @type {TemplateForm|undefined} */
  #form;
  /** Which one is about to be taken out of use. */
  #leaving = '';
  #said = '';

  actions = {
    close: () => this.close(),
    again: () => this.#load(),
    new: () => this.#write({}),
    edit: (/** @type {HTMLElement} */ { dataset }) => this.#write(this.#all?.find(({ id }) => id === dataset.id) ?? {}),
    save: () => this.#save(),
    back: () => this.#back(),
    archive: (/** @type {HTMLElement} */ { dataset }) => this.#ask(dataset.id ?? ''),
    stay: () => this.#ask(''),
    leave: (/** @type {HTMLElement} */ { dataset }) => this.#archive(dataset.id ?? ''),
  };

  start() {
    super.start();
    this.listen(this, 'change', ({ target }) => {
      if (!target.matches('.messenger-input')) this.#form?.choose(target);
      this.update();
    });
  }

  open() {
    this.#all = this.#form = undefined;
    this.#leaving = this.#said = '';
    super.open();
    return this.#load();
  }

  #load() {
    return this.once('load', async () => {
      this.#all = await this.hub.api.all('/templates', () => this.isOpen);
    });
  }

  get #manages() {
    return Boolean(this.hub.me?.permissions.includes('manages_templates'));
  }

  /** @param {Partial<Messenger.Template>} template */
  #write(template) {
    this.#form = new TemplateForm(this, template, this.#manages);
    this.#said = '';
    this.render();
    this.#form.settle();
    this.#form.focus();
  }

  #back() {
    const id = this.#form?.id;
    this.#form = undefined;
    this.render();
    this.one(id ? `[data-do="edit"][data-id="${CSS.escape(id)}"]` : '[data-do="new"]')?.focus();
  }

  async #save() {
    const form = this.#form;
    if (!form || this.isBusy('save')) return;
    if (!form.check()) {
      this.render();
      return form.focus();
    }
    await this.once('save', async () => {
      const path = form.id ? `/templates/${encodeURIComponent(form.id)}` : '/templates';
      const { version } = await this.hub.api.call(form.id ? 'PUT' : 'POST', path, form.asked);
      this.#said = this.t('desk_saved', { version });
    });
    if (this.problem) return this.render();
    await this.#load();
    this.#back();
  }

  /** @param {string} id */
  #ask(id) {
    const before = this.#leaving;
    this.#leaving = id;
    this.render();
    this.one(id ? '[data-do="leave"]' : `[data-do="archive"][data-id="${CSS.escape(before)}"]`)?.focus();
  }

  /** @param {string} id */
  async #archive(id) {
    await this.once('archive', async () => {
      await this.hub.api.call('DELETE', `/templates/${encodeURIComponent(id)}`);
      this.#said = this.t('desk_archived');
    });
    this.#leaving = '';
    await this.#load();
    this.render();
    this.one('[data-do="new"]')?.focus();
  }

  render() {
    const { t } = this;
    const form = this.#form;
    const add = html`<button type="button" class="messenger-button" data-key="new" data-do="new">
      ${t('desk_new')}
    </button>`;
    const top = html`<div class="messenger-told" role="status" data-key="said">${this.#said}</div>
      ${form ? form.view() : html`<div class="messenger-line" data-key="top">${add}</div>`}`;
    const items = form ? [] : this.#all?.map((template) => this.#itemView(template));
    this.frame(t('desk'), top, items, form ? '' : t('templates_empty'), false);
    form?.settle();
  }

  /** @param {Messenger.Template} template */
  #itemView(template) {
    const { id, title, body, scope, medium, version, used } = template;
    const { t } = this;
    const facts = [
      t(scope === 'own' ? 'template_own' : 'desk_of_all'),
      t('desk_version', { version }),
      t('desk_used', { count: used }),
    ];
    const mine = scope === 'own' || this.#manages;
    const button = (/** @type {string} */ does, /** @type {string} */ words) =>
      html`<button type="button" class="messenger-link" data-key=${does} data-do=${does} data-id=${id}
        aria-label="${words}: ${title}">${words}</button>`;
    const asks = html`<span data-key="asks">${t('desk_archive_sure')}</span>
      ${button('leave', t('desk_archive'))} ${button('stay', t('cancel'))}`;
    const does = html`${button('edit', t('edit_message'))} ${button('archive', t('desk_archive'))}`;
    return html`<div role="listitem" class="messenger-broadcast" data-key=${id}>
      <div class="messenger-broadcast-head">
        ${icon(medium)}<span class="messenger-strong" dir="auto">${title}</span>
        <span class="messenger-quiet">${facts.join(' · ')}</span>
      </div>
      <div class="messenger-template-text messenger-quiet" dir="auto">${body}</div>
      ${mine ? html`<div class="messenger-line">${this.#leaving === id ? asks : does}</div>` : ''}
    </div>`;
  }
}
