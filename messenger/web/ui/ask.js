// The question what a person did about a failure.

import { html } from './html.js';
import { noteLimit } from './limits.js';
import { questionIn } from './modal.js';

/**
 * Asks what a person did about a failure; undefined when they think again.
 * @param {import('./element.js').MessengerElement} element
 * @param {(note: string) => Promise<boolean>} does what is to be done with it
 */
export const askWhatWasDone = (element, does) =>
  questionIn(element, 'messenger-ask-title', questionView(element.t), whatWasDone, does);

/** @param {HTMLElement} dialog */
function whatWasDone(dialog) {
  const [error, note] = /** @type {HTMLElement[]} */ ([...dialog.querySelectorAll('.messenger-error, textarea')]);
  const box = /** @type {HTMLTextAreaElement} */ (note);
  const answer = box.value.trim();
  error.hidden = Boolean(answer);
  box.setAttribute('aria-invalid', String(!answer));
  if (!answer) box.focus();
  return answer;
}

/** @param {Messenger.Translate} t */
const questionView = (t) =>
  html`<div role="heading" aria-level="2" id="messenger-ask-title">${t('dealt_title')}</div>
    <div class="messenger-hint" id="messenger-ask-hint">${t('dealt_hint')}</div>
    <div class="messenger-error" id="messenger-ask-error" hidden>${t('dealt_missing')}</div>
    <textarea class="messenger-input" rows="3" dir="auto" maxlength=${noteLimit} aria-labelledby="messenger-ask-title"
      aria-describedby="messenger-ask-hint messenger-ask-error"></textarea>
    <div class="messenger-line">
      <button type="button" class="messenger-button" value="save">${t('dealt_save')}</button>
      <button type="button" class="messenger-link">${t('cancel')}</button>
    </div>`;
