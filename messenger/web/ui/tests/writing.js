// The box to write in with the tests' story, as the tests of its parts open it.

import { has, mount, one, type, until } from './harness.js';
import { story } from './story.js';

/** @typedef {import('./fake.js').Fake} Fake */

/**
 * @param {string} client
 * @param {'email'|'sms'} [medium]
 * @param {(fake: Fake) => void} [prepare]
 */
export async function opened(client, medium, prepare) {
  const fake = story().install();
  prepare?.(fake);
  mount('messenger-compose', { client });
  await until(() => has('.messenger-ways, .messenger-form'), 'the ways to write');
  if (medium) {
    one(`[data-medium="${medium}"]`).click();
    await until(() => has('.messenger-form'), 'the form');
  }
  return fake;
}

/** @param {Fake} fake */
export const sends = (fake) => fake.asked.filter((a) => a.method === 'POST' && a.path.endsWith('/messages'));

/** Sends an SMS to Grace, and has its ten seconds be over. @param {string} body */
export async function sent(body) {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', body);
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  fake.now(fake.messages.at(-1), 'queued');
  await until(() => !has('[data-do="undo"]'), 'no Undo');
  return fake;
}

export const strip = () => document.querySelector('.messenger-told')?.textContent?.trim() ?? '';
