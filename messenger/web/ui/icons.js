// Small pictures beside words; they say nothing on their own and are hidden from screen readers.

import { html } from './html.js';

/** What is drawn, in a square of 24. */
const shapes = {
  bell: 'M18 15V10a6 6 0 0 0-12 0v5l-2 3h16zM10 21h4',
  email: 'M3 5h18v14H3zM3 6l9 7 9-7',
  sms: 'M4 4h16v12H11l-5 4v-4H4z',
  reply: 'M10 5 3 12l7 7M3 12h11a7 7 0 0 1 7 7',
  warning: 'M12 3 1.5 21h21zM12 10v5M12 17.6v.6',
  tick: 'm4 12.5 5.5 5.5L20 7',
  clock: 'M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0M12 7v5l3.5 2',
  record: 'M6 3h9l4 4v14H6zM9.5 12h6M9.5 16h6M14 3v5h5',
  back: 'm14 5-7 7 7 7',
  open: 'M4 12a8 8 0 1 0 3-6.2M4 4v5h5',
  link: 'm10 14 4-4M8 12l-3 3a3.5 3.5 0 0 0 5 5l3-3M16 12l3-3a3.5 3.5 0 0 0-5-5l-3 3',
  phone: 'M6 3h3l2 5-2.5 2a12 12 0 0 0 5.5 5.5L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3',
  plus: 'M12 5v14M5 12h14',
  cross: 'm6 6 12 12M18 6 6 18',
  search: 'M4 10.5a6.5 6.5 0 1 0 13 0 6.5 6.5 0 1 0-13 0m11.5 5 5.5 5.5',
  person: 'M8 8a4 4 0 1 0 8 0 4 4 0 1 0-8 0M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7',
};

/** @param {string} name */
export function icon(name) {
  const picture = html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path></path>
  </svg>`;
  picture.querySelector('path')?.setAttribute('d', shapes[/** @type {keyof typeof shapes} */ (name)]);
  return picture;
}
