// What leads to a state that is shown: a press, a word typed, and what there is to wait for.

import { until } from './harness.js';

/**
 * Waits for an element and presses it.
 * @param {string} selector
 */
export const press = async (selector) => (await until(() => find(selector), selector)).click();

/**
 * Waits for a field and types into it.
 * @param {string} selector
 * @param {string} text
 */
export async function put(selector, text) {
  const field = await until(() => find(selector), selector);
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

/** @param {string} selector */
export const find = (selector) => /** @type {any} */ (document.querySelector(selector));
/** @param {string} selector */
export const there = (selector) => until(() => find(selector), selector);

/** @param {'email'|'sms'} medium */
export const write = (medium) =>
  press(`.messenger-side [data-medium="${medium}"], messenger-compose [data-medium="${medium}"]`);

/** Waits until what is written was checked: what is shown of it changes with the answer. */
export const checked = () =>
  until(() => /** @type {any} */ (window).fake.times('POST', /\/check$/) > 0, 'the check of what is written');

/** A text that no conversation claims. @param {object} more */
export const waiting = (more) => ({
  id: 't-1',
  from: '+447700900123',
  to: '+447700900999',
  body: 'Can you ring me?',
  at: new Date(Date.now() - 9 * 60 * 60 * 1000).toISOString(),
  candidates: [],
  may_assign: true,
  ...more,
});
