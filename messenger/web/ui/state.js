// What a message says of how it stands, with what can be done about it.

import { html } from './html.js';
import { icon } from './icons.js';

/**
 * What somebody has to see, with what can be done about it.
 * @param {import('./messenger-thread.js').MessengerThread} pane
 * @param {{of: string, look: string, picture: string, words: any, more: any, actions: any[]}} state
 */
export const stateView = ({ mayAct }, { of, look, picture, words, more, actions }) =>
  html`<div class="messenger-state" data-look=${look} data-of=${of}>
    <span class="messenger-state-words">${icon(picture)}<span>${words}</span>${more}</span>
    ${mayAct && actions.length ? html`<span class="messenger-state-do">${actions}</span>` : ''}
  </div>`;

/**
 * Something that can be done about a message.
 * @param {string} does
 * @param {string} id
 * @param {any} words
 * @param {string} [of]
 */
export const actionView = (does, id, words, of) =>
  html`<button type="button" class="messenger-link" data-key=${does} data-do=${does} data-id=${id} data-of=${of}>
    ${words}
  </button>`;
