// The dialog for a new message with the tests' story, as the tests of a message to several open it.

import { goTo, has, mount, one, sees, type, until } from './harness.js';
import { story } from './story.js';

export async function opened() {
  const fake = story();
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  one('[data-do="new"]').click();
  await until(() => sees('input[id$="-find"]'), 'the dialog');
  return fake;
}

/**
 * Presses something once it is there.
 * @param {string} selector
 */
export const press = async (selector) =>
  (await until(() => document.querySelector(selector), selector)).dispatchEvent(
    new MouseEvent('click', { bubbles: true }),
  );

/** @param {string} q */
export async function pick(q) {
  type('input[id$="-find"]', q);
  await press('.messenger-found button');
}

export async function severalPicked() {
  const fake = await opened();
  await pick('yusuf');
  await pick('grace');
  await until(() => sees('.messenger-many'), 'the form');
  return fake;
}

/** @param {string} body */
export function write(body) {
  type('.messenger-many [name="subject"]', 'Lunch');
  type('.messenger-many [name="body"]', body);
}

/** Has the server say who will get it. */
export async function check() {
  one('[data-do="check"]').click();
  await until(() => has('messenger-new-message [data-do="send"]'), 'Send');
}
