// The list with the tests' story, as the tests of its parts open it, and a keyboard.

import { goTo, has, mount, one, until } from './harness.js';
import { story } from './story.js';

/**
 * @param {string} [search]
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 */
export async function opened(search = '?', prepare) {
  const fake = story();
  prepare?.(fake);
  history.replaceState(null, '');
  localStorage.clear();
  goTo(search);
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  if (search.includes('channel=')) await until(() => has('.messenger-message'), 'the thread');
  await until(() => fake.sources.some((source) => source.readyState === 1), 'the stream');
  return fake;
}

/** @param {string} id */
export const row = (id) => `.messenger-row[data-key="${id}"]`;

export const order = () =>
  [...document.querySelectorAll('.messenger-row')].map((r) => /** @type {HTMLElement} */ (r).dataset.key);

export const title = () => document.querySelector('.messenger-title')?.textContent;

export const focused = () => document.activeElement?.closest('.messenger-row')?.getAttribute('data-key');

export const said = () => one('.messenger-said').textContent;

/**
 * Presses a key where the focus is.
 * @param {string} key
 */
export function press(key) {
  const at = document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}
