// What a form offers beside the text: that it is private, and that an answer is expected.

import { tickView } from './fields.js';
import { html } from './html.js';

/**
 * The choice of a private message.
 * @param {boolean} chosen
 * @param {boolean} fixed whether there is none: it has to be, or can't be
 * @param {Messenger.Translate} t
 */
export function privateTickView(chosen, fixed, t) {
  const label = [t('private_tick'), html`<span class="messenger-quiet"> ${t('private_hint')}</span>`];
  return tickView({ name: 'private', label, checked: chosen, disabled: fixed });
}

/**
 * What is asked of the client, and by when.
 * @param {string} expects
 * @param {any} day the field of the day
 * @param {Messenger.Translate} t
 */
export function expectsView(expects, day, t) {
  const kind = (/** @type {string} */ value) =>
    tickView({ name: 'expects', type: 'radio', value, label: t(`expects_${value}`), checked: expects === value });
  const kinds = ['reply', 'acknowledgement'].map(kind);
  const more = html`<div role="radiogroup" aria-label=${t('expects_tick')}>${kinds}</div>${day}`;
  return html`<div class="messenger-under" data-key="expects">
    ${tickView({ name: 'asks', label: t('expects_tick'), checked: Boolean(expects) })}${expects ? more : ''}
  </div>`;
}
