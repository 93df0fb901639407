// <messenger-new-message>: the dialog behind 'New message'. Its parts say what is wanted, and it shows the next one.

import { Attempt } from './attempt.js';
import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { openModal } from './modal.js';
import { morph } from './morph.js';
import { undoSeveralSeconds } from './undo.js';

let dialogs = 0;

/**
 * Part of the Messages page. Tells it: `sent` (to one client: `message`, `then`, `before`, `later`). One recipient is
 * written to with `<messenger-compose>`, more with a broadcast.
 */
export class MessengerNewMessage extends MessengerElement {
  #attempt = new Attempt();
  #problem = '';
  #said = '';
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
    const { recipients, compose, editor, preview, progress } = this.#parts;
    this.listen(recipients, 'changed', () => this.#changed());
    this.listen(editor, 'changed', () => this.#changed());
    for (const part of [editor, preview]) this.listen(part, 'keydown', (event) => this.#key(event));
    this.listen(preview, 'check', () => this.#check());
    this.listen(preview, 'send', () => this.#send());
    this.listen(preview, 'later', () => editor.toggleLater());
    this.listen(progress, 'close', () => this.#shut?.());
    this.listen(progress, 'undone', () => this.#undone());
    this.listen(compose, 'sent', ({ detail }) => this.#sentToOne(detail));
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
    this.#problem = this.#said = '';
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
    const { editor, preview } = this.#parts;
    preview.later = editor.later;
    this.#said = this.#problem = '';
    preview.clear();
    this.update();
  }

  #body() {
    const { recipients, editor } = this.#parts;
    return { ...editor.body, client_ids: recipients.picked.map((r) => r.id), list_ids: recipients.listed };
  }

  /**
   * Ctrl and Enter show who will get it, and send what was looked at.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat) this.#send();
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
    if (!preview.confirm()) return;
    const soonest = new Date(this.hub.api.now() + undoSeveralSeconds * 1000).toISOString();
    const attempt = this.#attempt.at(body, () => (body.send_local ? body : { ...body, send_after: soonest }));
    await this.#ask(async () => {
      const { key } = attempt;
      const broadcast = await this.hub.api.call('POST', '/broadcasts', attempt.body, { key, patience: 60_000 });
      this.emit('messenger-sent', { broadcast });
      progress.show(broadcast, editor.time);
    });
    this.render();
    progress.one('[data-do="undo"], .messenger-who')?.focus();
  }

  /**
   * One client was written to: their conversation is shown, wherever it is.
   * @param {object} sent
   */
  #sentToOne(sent) {
    this.#shut?.();
    this.#parts.recipients.clear();
    this.render();
    this.tell('sent', sent);
  }

  /** Nobody gets what was sent to several: it can be written on. */
  #undone() {
    const { preview, progress } = this.#parts;
    this.#attempt.forget();
    preview.clear();
    progress.clear();
    this.#said = this.t('new_undone');
    this.render();
    this.one('.messenger-many [name="body"]')?.focus();
  }

  /** @param {() => Promise<void>} work */
  async #ask(work) {
    const { editor, preview } = this.#parts;
    preview.busy = true;
    await this.once('ask', () => work().catch((error) => editor.refuse(error)));
    preview.busy = false;
  }

  render() {
    const { dialog, recipients, compose, editor, preview, progress } = this.#parts;
    if (!dialog) return;
    const sent = Boolean(progress.broadcast);
    const one = sent ? undefined : recipients.onlyOne;
    morph(this.one('.messenger-dialog-head'), this.#headView());
    morph(
      this.one('.messenger-dialog-problem'),
      html`${this.#problem ? alertView(this.#problem) : ''}
        <div class="messenger-told" role="status" data-key="said">${this.#said}</div>`,
    );
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
