// The keys of the Messages page: j, k, r, e, /, ? and Escape. They count only while the focus is inside the element and
// in no field (WCAG 2.1.4), and can be switched off.

import { html } from './html.js';
import { openModal } from './modal.js';
import { remember, remembered } from './remembered.js';

/** The keys, in the order in which the help tells them. */
const known = ['j', 'k', 'Enter', 'r', 'e', '/', 'Esc', '?'];

/** @param {Element} at */
const isField = (at) => at.matches('input:not([type=checkbox]), textarea, select, [contenteditable]');

/** The keys of one Messages page. */
export class Keys {
  /** Whether letters count; the dialog that tells them switches them off. */
  #on = remembered('keys') !== 'off';

  /**
   * @param {import('./element.js').MessengerElement} page
   * @param {Record<string, (at: Element) => unknown>} does what each does, given where the focus was
   */
  constructor(page, does) {
    this.page = page;
    /** @type {Record<string, (at: Element) => unknown>} */
    this.does = { ...does, '?': () => this.tell() };
  }

  /**
   * Does what was pressed, unless it is for a field: Escape leaves one, and does nothing else.
   * @param {KeyboardEvent} event
   * @param {boolean} on whether letters count now
   */
  press(event, on) {
    const act = this.does[pressed(event, on && this.#on && this.page.getAttribute('shortcuts') !== 'off')];
    const at = /** @type {Element} */ (event.target);
    if (!act || (event.key === 'Escape' && !at.matches('input, textarea, select'))) return;
    event.preventDefault();
    act(at);
  }

  /** Tells which keys there are, and lets one switch them off. */
  async tell() {
    this.#on = await tellKeys(this.page, this.#on);
    remember('keys', this.#on ? '' : 'off');
  }
}

/**
 * Which key was pressed, where it counts: a letter or sign, 'Escape' in a field too; '' otherwise.
 * @param {KeyboardEvent} event
 * @param {boolean} on whether letters count
 */
function pressed(event, on) {
  const at = event.target instanceof Element ? event.target : undefined;
  if (!at || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return '';
  if (at.closest('[popover]')) return '';
  if (event.key === 'Escape') return 'Escape';
  if (!on || isField(at) || event.repeat) return /^[jk]$/.test(event.key) && on && !isField(at) ? event.key : '';
  return event.key;
}

/**
 * Tells which keys there are, and lets one switch them off. Gives whether they are on once it is closed.
 * @param {import('./element.js').MessengerElement} element
 * @param {boolean} on
 * @returns {Promise<boolean>}
 */
function tellKeys(element, on) {
  const { t } = element;
  const dialog = document.createElement('div');
  dialog.className = 'messenger-dialog messenger-ask';
  dialog.setAttribute('role', 'dialog');
  dialog.setAttribute('aria-modal', 'true');
  dialog.setAttribute('aria-labelledby', 'messenger-keys-title');
  dialog.append(
    html`<div role="heading" aria-level="2" id="messenger-keys-title">${t('keys_title')}</div>
      <div role="list" class="messenger-keys">${known.map((key) => keyView(key, t(`key_${key}`)))}</div>
      <label class="messenger-check"><input type="checkbox" checked=${on}><span>${t('keys_on')}</span></label>
      <div class="messenger-hint">${t('keys_hint')}</div>
      <div class="messenger-line"><button type="button" class="messenger-button">${t('close')}</button></div>`,
  );
  element.append(dialog);
  const box = /** @type {HTMLInputElement} */ (dialog.querySelector('input'));
  const button = /** @type {HTMLButtonElement} */ (dialog.querySelector('button'));
  return new Promise((resolve) => {
    const close = openModal(dialog, () => {
      resolve(box.checked);
      dialog.remove();
    });
    button.addEventListener('click', close);
    button.focus();
  });
}

/**
 * @param {string} key
 * @param {string} words
 */
const keyView = (key, words) =>
  html`<div role="listitem"><span class="messenger-key">${key}</span> <span>${words}</span></div>`;
