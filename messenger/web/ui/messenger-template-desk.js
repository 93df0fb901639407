// <messenger-template-desk>: the dialog behind 'Write templates'. The templates that the asker may use, and the form in
// which one is written.

import { Attempt } from './attempt.js';
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
  #attempt = new Attempt();

  actions = {
    close: () => this.leave(),
    again: () => this.again(),
    new: () => this.#write({}),
    edit: (/** @type {HTMLElement} */ { dataset }) => this.#write(this.#all?.find(({ id }) => id === dataset.id) ?? {}),
    save: () => this.act('save', () => this.#save()),
    back: () => this.#back(),
    archive: (/** @type {HTMLElement} */ { dataset }) => this.#ask(dataset.id ?? ''),
    stay: () => this.#ask(''),
    leave: (/** @type {HTMLElement} */ { dataset: { id = '' } }) => this.act('archive', () => this.#archive(id)),
  };

  start() {
    super.start();
    this.listen(this, 'change', ({ target }) => {
      if (!target.matches('.messenger-input')) this.#form?.choose(target);
      this.update();
    });
    this.listen(window, 'beforeunload', (event) => {
      if (this.#form?.isChanged) event.preventDefault();
    });
  }

  /** Opens it: on what is half written, or else on the templates. */
  open() {
    this.#all = undefined;
    if (!this.#form?.isChanged) this.#form = undefined;
    this.#leaving = '';
    this.#said = this.#form ? this.t('desk_kept') : '';
    super.open();
    this.#form?.focus();
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
    this.forgive('save');
    this.render();
    this.one(id ? `[data-do="edit"][data-id="${CSS.escape(id)}"]` : '[data-do="new"]')?.focus();
  }

  async #save() {
    const form = this.#form;
    if (!form) return false;
    if (!form.check()) {
      this.render();
      form.focus();
      return false;
    }
    const path = form.id ? `/templates/${encodeURIComponent(form.id)}` : '/templates';
    const { asked } = form;
    const { key } = this.#attempt.at([path, asked], () => asked);
    const { id, version } = await this.hub.api.call(form.id ? 'PUT' : 'POST', path, asked, { key });
    this.#attempt.forget();
    this.#said = this.t('desk_saved', { version });
    await this.#load();
    // What was typed meanwhile is the next version.
    if (JSON.stringify(form.asked) === JSON.stringify(asked)) this.#back();
    else form.id = id;
    return true;
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
    await this.hub.api.call('DELETE', `/templates/${encodeURIComponent(id)}`).catch((error) => {
      this.#load();
      throw error;
    });
    this.#said = this.t('desk_archived');
    this.#leaving = '';
    await this.#load();
    this.render();
    this.one('[data-do="new"]')?.focus();
  }

  render() {
    const { t } = this;
    const form = this.#form;
    form?.keep();
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
