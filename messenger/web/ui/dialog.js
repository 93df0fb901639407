// A dialog of the Messages page: its frame, how it opens and closes, and a list that comes page by page.

import { html } from './html.js';
import { icon } from './icons.js';
import { openModal } from './modal.js';
import { morph } from './morph.js';
import { MessengerRetrying } from './retrying.js';

let frames = 0;

/**
 * What is in it says who extends it: `actions` with `close: () => this.leave()` and `again: () => this.again()`, and
 * what it draws by `frame`.
 */
export class MessengerDialog extends MessengerRetrying {
  /** The id of its title, for others to build on. */
  titleId = `messenger-frame-${++frames}`;
  /** @type {(() => void)|undefined} */
  #shut;
  #opening = new AbortController();
  /** How many acts are under way. */
  #acts = 0;
  /** Whether it was left before an act was over. */
  #left = false;
  #openings = 0;

  get isOpen() {
    return this.#shut !== undefined;
  }

  /** Aborts when it is closed: what was asked for it is not for whom it is opened for next. */
  get opened() {
    return this.#opening.signal;
  }

  start() {
    this.replaceChildren(html`<div class="messenger-dialog" role="dialog" aria-modal="true"
      aria-labelledby="${this.titleId}" tabindex="-1" hidden></div>`);
    this.signal.addEventListener('abort', () => this.close());
    this.listen(document, 'keydown', (event) => {
      if (event.key !== 'Escape' || !this.#acts || !this.isOpen) return;
      event.preventDefault();
      this.leave();
    });
  }

  open() {
    this.close();
    this.#opening = new AbortController();
    this.#left = false;
    this.#openings++;
    this.forgive();
    this.render();
    this.#shut = openModal(this.one('.messenger-dialog'), () => {
      this.#shut = undefined;
      this.#opening.abort();
    });
    this.one('[data-do="close"]').focus();
  }

  close() {
    this.#shut?.();
  }

  /** Closes it; where something is being done, once that is done, so that nobody misses that it was not. */
  leave() {
    this.#left = this.#acts > 0;
    if (!this.#left) this.close();
  }

  /**
   * What was asked before it was opened anew does not hold up what is asked now.
   * @param {string} what
   * @param {() => Promise<void>} work
   */
  once(what, work) {
    return super.once(this.#asked(what), work);
  }

  /** @param {string} what */
  #asked(what) {
    return `${what} ${this.#openings}`;
  }

  /**
   * Loads what is shown anew in a moment: once it is there, where it is being loaded.
   * @param {() => unknown} load does that `once('load', …)`
   */
  loadSoon(load) {
    if (!this.isOpen) return;
    this.soon('load', 50, () => (this.isBusy(this.#asked('load')) ? this.loadSoon(load) : load()));
  }

  /**
   * @param {string} what
   * @param {() => Promise<unknown>} work gives false where it was not done, and says why itself
   */
  async act(what, work) {
    if (this.isBusy(what)) return;
    let done = false;
    this.#acts++;
    await super.act(what, async () => (done = (await work()) !== false));
    this.#acts--;
    if (this.#left && done) this.close();
    this.#left = false;
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
    const { t } = this;
    const problem = this.problemView();
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
        ${problem}
        ${items?.length || problem || (items && !empty) ? '' : none}
        ${items?.length ? html`<div role="list">${items}</div>` : ''}
        ${more ? further : ''}`,
    );
  }
}
