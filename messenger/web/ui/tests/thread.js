// The Messages page with one conversation of the tests’ story, as the tests of the thread open it.

import { goTo, has, mount, settled, until } from './harness.js';
import { story } from './story.js';

/**
 * @param {string} channel
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 * @param {string} [width]
 */
export async function opened(channel, prepare, width = '1280px') {
  const fake = story();
  prepare?.(fake);
  goTo(`?channel=${channel}`);
  fake.install();
  mount('messenger-inbox').style.cssText = `inline-size: ${width}; --messenger-height: 700px`;
  await until(() => has('.messenger-message') && has('.messenger-row'), 'the thread');
  await settled();
  return fake;
}

export const links = () =>
  [...document.querySelectorAll('.messenger-message a')].map((a) => [a.textContent, a.getAttribute('href')]);
