// A dialog of the Messages page: its frame, how it opens and closes, and a list that comes page by page.

import { alertView, MessengerElement } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { openModal } from './modal.js';
import { morph } from './morph.js';

let frames = 0;

/** What is in it says who extends it: `actions` with `close: () => this.close()`, and what it draws by `frame`. */
export class MessengerDialog extends MessengerElement {
  /** The id of its title, for others to build on. */
  titleId = `messenger-frame-${++frames}`;
  /** What went wrong last. */
  problem = '';
  /** @type {(() => void)|undefined} */
  #shut;

  get isOpen() {
    return this.#shut !== undefined;
  }

  start() {
    this.replaceChildren(html`<div class="messenger-dialog" role="dialog" aria-modal="true"
      aria-labelledby="${this.titleId}" tabindex="-1" hidden></div>`);
    this.signal.addEventListener('abort', () => this.close());
  }

  open() {
    this.problem = '';
    this.render();
    this.#shut = openModal(this.one('.messenger-dialog'), () => (this.#shut = undefined));
    this.one('[data-do="close"]').focus();
  }

  close() {
    this.#shut?.();
  }

  /** @param {string} words */
  fail(words) {
    this.problem = words;
    this.update();
  }

  /**
   * Draws the dialog.
   * @param {string} title
   * @param {any} hint '' for none
   * @param {any[]|undefined} items what it lists, undefined until they are loaded
   * @param {string} empty what to say where there are none; '' for nothing
   * @param {boolean} more whether more can be loaded
   */
  frame(title, hint, items, empty, more) {
    const { t, problem } = this;
    const dialog = this.one('.messenger-dialog');
    if (!dialog) return;
    const none = html`<div class="messenger-empty">${items ? empty : t('loading')}</div>`;
    const further = html`<button type="button" class="messenger-link messenger-more" data-do="more">
      ${t('load_more')}
    </button>`;
    morph(
      dialog,
      html`<div class="messenger-dialog-head">
          <div role="heading" aria-level="2" class="messenger-dialog-title" id=${this.titleId}>${title}</div>
          <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>
            ${icon('cross')}
          </button>
        </div>
        ${hint}
        ${problem ? alertView(problem, 'again', t('retry')) : ''}
        ${items?.length || problem || (items && !empty) ? '' : none}
        ${items?.length ? html`<div role="list">${items}</div>` : ''}
        ${more ? further : ''}`,
    );
  }
}
