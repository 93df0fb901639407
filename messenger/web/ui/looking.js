// The note that one is in a colleague's inbox.

import { html } from './html.js';
import { icon } from './icons.js';
import { worded } from './names.js';

/**
 * What may be done in a colleague's inbox.
 * @param {import('./element.js').MessengerElement} pane
 * @param {import('./colleagues.js').Colleagues} colleagues
 * @param {string} staffId
 * @param {any} [more]
 */
export function lookingView({ t }, colleagues, staffId, more = '') {
  const may = colleagues.mayActIn(staffId) ? 'looking_act' : 'looking_only';
  const key = colleagues.covers(staffId) ? 'looking_cover' : may;
  return html`<div class="messenger-note" data-key="looking" data-look="look">
    ${icon('person')}<span>${worded(t, key, { name: colleagues.nameOf(staffId, t) })}</span>${more}
  </div>`;
}
