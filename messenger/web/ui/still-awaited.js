// The question whether a conversation is done though an answer is awaited in it.

import { html } from './html.js';
import { questionIn } from './modal.js';
import { worded } from './names.js';

/**
 * Whether it is to be marked as done all the same; undefined when they think again.
 * @param {import('./element.js').MessengerElement} element
 * @param {string} name of the client
 * @param {string} by the day until which an answer is awaited
 */
export function askWhetherDone(element, name, by) {
  const { t, format } = element;
  return questionIn(
    element,
    'messenger-awaited-title',
    html`<div role="heading" aria-level="2" id="messenger-awaited-title">${t('still_awaited_title')}</div>
      <div>${worded(t, 'still_awaited', { name, day: format.day(`${by}T12:00`) })}</div>
      <div class="messenger-line">
        <button type="button" class="messenger-button" value="done">${t('still_awaited_done')}</button>
        <button type="button" class="messenger-link">${t('cancel')}</button>
      </div>`,
    () => true,
  );
}
