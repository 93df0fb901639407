// <messenger-new-message>: the dialog behind 'New message'. Its parts say what is wanted, and it shows the next one.

import { Attempt } from './attempt.js';
import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { openModal } from './modal.js';
import { morph } from './morph.js';

let dialogs = 0;

/** Part of the Messages page. One recipient is written to with `<messenger-compose>`, more with a broadcast. */
export class MessengerNewMessage extends MessengerElement {
  #attempt = new Attempt();
  #problem = '';
  /** Closes the dialog, while it is open. @type {(() => void)|undefined} */
  #shut;
  #id = `messenger-dialog-${++dialogs}`;

  actions = { close: () => this.#shut?.() };

  start() {
    const title = `${this.#id}-title`;
    this.replaceChildren(html`<div class="messenger-dialog messenger-new" role="dialog" aria-modal="true"
      aria-labelledby=${title} hidden>
      <div class="messenger-dialog-head"></div>
      <div class="messenger-dialog-problem"></div>
      <messenger-recipients class="messenger-to"></messenger-recipients>
      <messenger-compose hidden></messenger-compose>
      <messenger-editor class="messenger-many" hidden></messenger-editor>
      <messenger-preview class="messenger-many" hidden></messenger-preview>
      <messenger-progress></messenger-progress>
    </div>`);
    const { recipients, editor, preview, progress } = this.#parts;
    this.listen(recipients, 'changed', () => this.#changed());
    this.listen(editor, 'changed', () => this.#changed());
    this.listen(preview, 'check', () => this.#check());
    this.listen(preview, 'send', () => this.#send());
    this.listen(preview, 'later', () => editor.toggleLater());
    this.listen(progress, 'close', () => this.#shut?.());
    for (const part of [recipients, progress]) {
      this.listen(part, 'problem', ({ detail }) => this.fail(detail.words));
    }
    this.listen(window, 'beforeunload', (event) => {
      if (this.#isUnsent) event.preventDefault();
    });
    this.signal.addEventListener('abort', () => this.#shut?.());
  }

  get #parts() {
    return {
      dialog: /** @type {HTMLElement} */ (this.one('.messenger-dialog')),
      recipients: /** @type {import('./messenger-recipients.js').MessengerRecipients} */ (
        this.one('messenger-recipients')
      ),
      compose: /** @type {import('./messenger-compose.js').MessengerCompose} */ (this.one('messenger-compose')),
      editor: /** @type {import('./messenger-editor.js').MessengerEditor} */ (this.one('messenger-editor')),
      preview: /** @type {import('./messenger-preview.js').MessengerPreview} */ (this.one('messenger-preview')),
      progress: /** @type {import('./messenger-progress.js').MessengerProgress} */ (this.one('messenger-progress')),
    };
  }

  /** Whether something was typed for several and not sent: nothing but this page has it. */
  get #isUnsent() {
    const { editor, progress } = this.#parts;
    return !progress.broadcast && editor.isWritten;
  }

  /** Opens the dialog: on what was typed for several and not sent, or else on an empty form. */
  open() {
    const { dialog, recipients, compose, editor, preview, progress } = this.#parts;
    if (!this.#isUnsent) {
      editor.clear();
      recipients.clear();
      this.#attempt.forget();
    }
    preview.clear();
    progress.clear();
    this.#problem = '';
    this.render();
    this.#shut = openModal(dialog, () => {
      this.#shut = undefined;
      compose.leave();
    });
    recipients.begin();
  }

  /** @param {string} words */
  fail(words) {
    this.#problem = words;
    this.update();
  }

  /** Others are written to, or something else: what was looked at counts no more. */
  #changed() {
    const { recipients, editor, preview } = this.#parts;
    editor.sampleName = recipients.picked[0]?.name ?? '';
    preview.later = editor.later;
    preview.clear();
    this.update();
  }

  #body() {
    const { recipients, editor } = this.#parts;
    return { ...editor.body, client_ids: recipients.picked.map((r) => r.id), list_ids: recipients.listed };
  }

  async #check() {
    const { recipients, editor, preview } = this.#parts;
    if (!editor.check()) return;
    await this.#ask(() => preview.ask(this.#body(), recipients.picked));
  }

  async #send() {
    const { editor, preview, progress } = this.#parts;
    const body = this.#body();
    // What may have been accepted already is only asked for again: then its time may have come.
    if (!preview.isFresh || (editor.missesTime && !this.#attempt.was(body))) return this.#check();
    const { key } = this.#attempt.at(body, () => body);
    await this.#ask(async () => {
      const broadcast = await this.hub.api.call('POST', '/broadcasts', body, { key, patience: 60_000 });
      this.emit('messenger-sent', { broadcast });
      progress.show(broadcast, editor.time);
    });
    this.render();
    progress.one('.messenger-who')?.focus();
  }

  /** @param {() => Promise<void>} work */
  async #ask(work) {
    const { preview } = this.#parts;
    preview.busy = true;
    await this.once('ask', work);
    preview.busy = false;
  }

  render() {
    const { dialog, recipients, compose, editor, preview, progress } = this.#parts;
    if (!dialog) return;
    const sent = Boolean(progress.broadcast);
    const one = sent ? undefined : recipients.onlyOne;
    morph(this.one('.messenger-dialog-head'), this.#headView());
    morph(this.one('.messenger-dialog-problem'), html`${this.#problem ? alertView(this.#problem) : ''}`);
    recipients.hidden = sent;
    editor.hidden = preview.hidden = sent || Boolean(one) || !recipients.some;
    progress.hidden = !sent;
    compose.hidden = !one;
    editor.render();
    preview.render();
    if (one && compose.client !== one.id) compose.client = one.id;
    if (!one && compose.client) compose.removeAttribute('client');
  }

  #headView() {
    const { t } = this;
    return html`<div role="heading" aria-level="2" id="${this.#id}-title">${t('new_message')}</div>
      <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button>`;
  }
}
