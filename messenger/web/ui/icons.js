// Small pictures beside words; they say nothing on their own and are hidden from screen readers.

import { html } from './html.js';

/** @type {Record<string, () => DocumentFragment>} */
const shapes = {
  bell: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M18 15V10a6 6 0 0 0-12 0v5l-2 3h16zM10 21h4"/></svg>`,
  email: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M3 5h18v14H3zM3 6l9 7 9-7"/></svg>`,
  sms: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M4 4h16v12H11l-5 4v-4H4z"/></svg>`,
  reply: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M10 5 3 12l7 7M3 12h11a7 7 0 0 1 7 7"/></svg>`,
  warning: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M12 3 1.5 21h21zM12 10v5M12 17.6v.6"/></svg>`,
  tick: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m4 12.5 5.5 5.5L20 7"/></svg>`,
  clock: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/></svg>`,
  record: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M6 3h9l4 4v14H6zM9.5 12h6M9.5 16h6M14 3v5h5"/></svg>`,
  back: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m14 5-7 7 7 7"/></svg>`,
  open: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M4 12a8 8 0 1 0 3-6.2M4 4v5h5"/></svg>`,
  link: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m10 14 4-4M8 12l-3 3a3.5 3.5 0 0 0 5 5l3-3M16 12l3-3a3.5 3.5 0 0 0-5-5l-3 3"/></svg>`,
  plus: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M12 5v14M5 12h14"/></svg>`,
  cross: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m6 6 12 12M18 6 6 18"/></svg>`,
  search: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5.5 5.5"/></svg>`,
  person: () =>
    html`<svg class="messenger-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="8" r="4"/><path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7"/></svg>`,
};

/** @param {keyof typeof shapes} name */
export const icon = (name) => shapes[name]();
