// The Messages page with the tests' story, as the tests of its parts open it.

import { goTo, has, mount, until } from './harness.js';
import { story } from './story.js';

/**
 * @param {string} [search]
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 */
export async function opened(search = '', prepare) {
  const fake = story();
  prepare?.(fake);
  goTo(search || '?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  if (search) await until(() => has('.messenger-message'), 'the thread');
  return fake;
}

/** @param {string} id */
export const row = (id) => `.messenger-row[data-key="${id}"]`;

export const order = () =>
  [...document.querySelectorAll('.messenger-row')].map((r) => /** @type {HTMLElement} */ (r).dataset.key);
