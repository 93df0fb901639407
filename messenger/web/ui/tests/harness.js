// The smallest test runner: tests one after another in the page itself, results where the Go test finds them.

import { Hub } from '../hub.js';

// What is tested begins with the stream, however late it is on a busy machine.
Hub.patience = 30_000;

/** @type {{name: string, work: () => unknown}[]} */
const tests = [];

/**
 * @param {string} name
 * @param {() => unknown} work
 */
export function test(name, work) {
  if (tests.length === 0) setTimeout(run);
  tests.push({ name, work });
}

/** Runs the tests, or those alone whose name has the words that stand after the # of the page's address. */
async function run() {
  /** @type {{name: string, error: string}[]} */
  const failures = [];
  const only = decodeURIComponent(location.hash.slice(1));
  await styles();
  for (const { name, work } of tests.filter((t) => t.name.includes(only))) {
    try {
      await work();
    } catch (error) {
      failures.push({ name, error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
    }
    document.querySelector('main')?.replaceChildren();
    await new Promise((resolve) => setTimeout(resolve));
  }
  /** @type {any} */ (window).messengerTests = { count: tests.length, failures };
}

/** Waits for the styles of the elements, where the page has any: measured before, a row has no height of its own. */
async function styles() {
  if (!document.querySelector('link[href$="messenger.css"]')) return;
  const label = document.createElement('div');
  label.className = 'messenger-tag';
  document.body.append(label);
  await until(() => getComputedStyle(label).borderStartStartRadius === '3px', 'the styles');
  label.remove();
}

/**
 * Values are equal by what they hold; an element is itself alone.
 * @param {unknown} actual
 * @param {unknown} wanted
 * @param {string} [what]
 */
export function equal(actual, wanted, what = '') {
  if (actual instanceof Node || wanted instanceof Node) return ok(actual === wanted, what || 'it is another element');
  const [a, w] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (a !== w) throw new Error(`${what}: got ${a}, wanted ${w}`);
}

/**
 * @param {unknown} value
 * @param {string} what
 */
export function ok(value, what) {
  if (!value) throw new Error(`not so: ${what}`);
}

/**
 * Waits until something is so; fails after as long as a busy machine needs for anything.
 * @template T
 * @param {() => T} look
 * @param {string} what
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(look, what) {
  const end = performance.now() + 30_000;
  for (;;) {
    const value = look();
    if (value) return value;
    if (performance.now() > end) throw new Error(`never came: ${what}`);
    await new Promise(requestAnimationFrame);
  }
}

/**
 * Waits until everything that was asked has been answered and shown.
 */
export async function settled() {
  for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame);
}

/**
 * The first element that fits, which must be there.
 * @param {string} selector
 * @returns {any}
 */
export function one(selector) {
  const found = document.querySelector(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

/** Whether an element that fits can be seen. @param {string} selector */
export const sees = (selector) => [...document.querySelectorAll(selector)].some((element) => element.checkVisibility());

/** @param {string} selector */
export const has = (selector) => document.querySelector(selector) !== null;

/**
 * The words of an element as a person reads them.
 * @param {string} selector
 */
export const words = (selector) => one(selector).innerText.replace(/\s+/g, ' ').trim();

/**
 * Types into a field as a person does.
 * @param {string} selector
 * @param {string} text
 */
export function type(selector, text) {
  const field = one(selector);
  field.focus();
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

/**
 * Puts an element on the page, with nothing left of the one before.
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @returns {any}
 */
export function mount(tag, attributes = {}) {
  const element = document.createElement(tag);
  // An address of its own gives each test a hub of its own.
  for (const [name, value] of Object.entries({ api: `/${++mounted}/messenger/api`, ...attributes }))
    element.setAttribute(name, value);
  one('main').replaceChildren(element);
  return element;
}
let mounted = 0;

/** @param {string} search */
export function goTo(search) {
  history.replaceState(null, '', location.pathname + search);
}
