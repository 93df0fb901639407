// Names, addresses and texts as long as anybody has them, without a space to break at: what they do to a page.

import { elements } from './speaks.js';

const long = 'Llanfairpwllgwyngyllgogerychwyrndrobwll'.repeat(3);
const longer = `${'ŵ'.repeat(1000)}${'محمد'.repeat(250)}`;

/** Has every name, address and text of what the API answers be long. */
export function stretch() {
  const { fetch } = window;
  window.fetch = async (url, init) => {
    const answered = await fetch(url, init);
    const text = await answered.text();
    const long = text && JSON.stringify(JSON.parse(text, (key, value) => stretched(key, value)));
    return new Response(long || null, { status: answered.status, headers: answered.headers });
  };
}

/** @param {string} key @param {any} value */
function stretched(key, value) {
  if (typeof value !== 'string' || !value) return value;
  if (/^(name|.*_name|title|subject|reply_link)$/.test(key)) return value + long;
  if (key === 'email') return `${long}@example.org`;
  if (/^(body|text|note|preview|last_words)$/.test(key)) return `${value} ${longer}`;
  return value;
}

/** What is wider than its place: the page, a pane that would have to be moved sideways, or what can be pressed. */
export function sideways() {
  const found = new Set();
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.add(`the page: ${scrollWidth} of ${clientWidth}`);
  for (const element of document.querySelectorAll(':is(main, dialog, header) *')) {
    if (!element.closest(elements) || !element.checkVisibility() || element.closest('svg')) continue;
    const name = `${element.localName} ${element.getAttribute('class') ?? ''} ${element.getAttribute('data-do') ?? ''}`;
    const { overflowX } = getComputedStyle(element);
    if (isShortened(element)) continue;
    const scrolls = overflowX === 'auto' || overflowX === 'scroll';
    if (scrolls && !element.matches('input, textarea, select') && element.scrollWidth > element.clientWidth + 1)
      found.add(`${name}: ${element.scrollWidth} of ${element.clientWidth}`);
    const { left, right, width } = element.getBoundingClientRect();
    if (width && (left < -1 || right > clientWidth + 1)) found.add(`${name}: from ${left} to ${right}`);
    if (!element.matches('button, a, input, select, textarea')) continue;
    const pane = element.closest('dialog, .messenger-list, .messenger-thread, .messenger-side, .messenger-bell-list');
    const place = pane?.getBoundingClientRect();
    if (place && width && (left < place.left - 1 || right > place.right + 1)) found.add(`${name}: out of its pane`);
  }
  return [...found];
}

/** Whether it is in a line that ends in dots for want of room, or is only heard. @param {Element} element */
function isShortened(element) {
  for (let at = /** @type {Element|null} */ (element); at; at = at.parentElement) {
    const { textOverflow, clipPath } = getComputedStyle(at);
    if (clipPath !== 'none' || (textOverflow === 'ellipsis' && at !== element)) return true;
  }
  return false;
}
