// The day's end in the place of the Messages page's panes, as the page's address says.

import { html } from './html.js';
import { icon } from './icons.js';
import { goTo, place } from './place.js';

/** @typedef {import('./element.js').MessengerElement} Inbox */

export const dayEndPlace = () => html`<div class="messenger-day-end" hidden></div>`;

/**
 * Whether the day's end is shown.
 * @param {Inbox} inbox
 */
export const showsDayEnd = (inbox) => !inbox.one('.messenger-day-end').hidden;

/**
 * Shows the day's end or the panes, as the address says.
 * @param {Inbox} inbox
 */
export function showDayEnd(inbox) {
  const shown = place().view === 'overview';
  const within = inbox.one('.messenger-day-end');
  if (shown !== within.hidden) return;
  within.hidden = !shown;
  inbox.one('.messenger-panes').hidden = shown;
  const back = html`<button type="button" class="messenger-back" data-do="panes">
    ${icon('back')}${inbox.t('overview_back')}
  </button>`;
  within.replaceChildren(shown ? html`${back}<messenger-overview></messenger-overview>` : '');
  if (!shown) return;
  customElements.whenDefined('messenger-overview').then(() => inbox.one('messenger-overview')?.focusTitle());
}

/** @param {Inbox} inbox */
export function openDayEnd(inbox) {
  goTo({ view: 'overview' }, 'new');
  showDayEnd(inbox);
}

/** @param {Inbox} inbox */
export function leaveDayEnd(inbox) {
  goTo({ view: '' }, 'new');
  showDayEnd(inbox);
  inbox.one('[data-do="overview"]')?.focus();
}
