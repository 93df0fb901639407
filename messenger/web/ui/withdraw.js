// The question why a private message is taken back.

import { tickView } from './fields.js';
import { html } from './html.js';
import { noteLimit } from './limits.js';
import { questionIn } from './modal.js';

const withdrawReasons = ['wrong_person', 'wrong_words', 'other'];

/**
 * Asks why a message is taken back; undefined when they think again.
 * @param {import('./element.js').MessengerElement} element
 * @param {(why: {reason: string, note?: string}) => Promise<boolean>} does takes it back
 */
export const askWhyWithdrawn = (element, does) =>
  questionIn(element, 'messenger-withdraw-title', withdrawView(element.t), whyOf, does);

/** @param {HTMLElement} dialog */
function whyOf(dialog) {
  const chosen = /** @type {HTMLInputElement|null} */ (dialog.querySelector('[name="why"]:checked'));
  return { reason: chosen?.value ?? 'other', note: dialog.querySelector('textarea')?.value.trim() };
}

/** @param {Messenger.Translate} t */
const withdrawView = (t) =>
  html`<div role="heading" aria-level="2" id="messenger-withdraw-title">${t('withdraw_title')}</div>
    <div class="messenger-hint">${t('withdraw_hint')}</div>
    <div role="radiogroup" aria-labelledby="messenger-withdraw-title">
      ${withdrawReasons.map((why, i) =>
        tickView({ name: 'why', type: 'radio', value: why, label: t(`withdrawn_${why}`), checked: i === 0 }),
      )}
    </div>
    <label for="messenger-withdraw-note">${t('withdraw_note')}</label>
    <textarea class="messenger-input" id="messenger-withdraw-note" rows="3" dir="auto"
      maxlength=${noteLimit}></textarea>
    <div class="messenger-line">
      <button type="button" class="messenger-button" value="withdraw">${t('withdraw')}</button>
      <button type="button" class="messenger-link" value="not">${t('cancel')}</button>
    </div>`;
