// The live count under an SMS: characters, text messages, and what makes it dear.

import { html } from './html.js';
import { count } from './segments.js';

/**
 * @param {string} text as the client gets it
 * @param {Messenger.Translate} t
 * @param {boolean} link whether the reply link is part of it
 * @param {number} [limit] the carrier's, in UTF-16 units; 0 for none
 */
export function counterView(text, t, link, limit = 0) {
  const { units, segments, left, dear } = count(text);
  const costs = dear.slice(0, 5).map(shown).join(' ');
  const over = limit ? text.length - limit : 0;
  /** @type {any[]} */
  const words = [limit ? t('characters_of', { count: text.length, limit }) : t('characters', { count: units })];
  if (link) words.push(` ${t('with_link')}`);
  if (over > 0) words.push(', ', html`<span class="messenger-strong">${t('characters_over', { count: over })}</span>`);
  else if (segments) words.push(`, ${t('units_left', { count: left })}`);
  const why = html`<div class="messenger-counter messenger-dear">
    ${t('dear', { count: dear.length, characters: costs })}
  </div>`;
  return html`<div class="messenger-counter">
      <span class="messenger-strong">${t('texts', { count: segments })}</span>, ${words}
    </div>
    ${dear.length ? why : ''}`;
}

/**
 * A character as one can see it, or its number where it has no look of its own.
 * @param {string} c
 */
function shown(c) {
  if (c.trim() && !/\p{M}|\p{Cf}/u.test(c)) return `‘${c}’`;
  const number = (c.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${number.padStart(4, '0')}`;
}
