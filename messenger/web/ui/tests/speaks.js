// What of a page is neither in Welsh, nor what the server said, nor the same in every language.

import { welsh } from '../welsh.js';

/** What stands for a value in words: {name}; not {{first_name}}, which people write. */
export const placesOf = (/** @type {string} */ words) => words.match(/(?<!\{)\{\w+\}(?!\})/g) ?? [];

/**
 * What reads the same: dates and names of languages, which are British where a browser has no Welsh ones, keys of a
 * keyboard, a zone, a place that people fill in.
 */
const same = new RegExp(
  [
    String.raw`\b(?:Enter|Esc)\b`,
    String.raw`\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b`,
    String.raw`\b\d\d? [A-Z][a-z]{2,8}\b`,
    String.raw`\b\d\d?:\d\d[ap]m\b`,
    'Europe/London',
    String.raw`\bWelsh\b`,
    String.raw`\{date\}`,
  ].join('|'),
  'g',
);

/**
 * What people see or hear of the elements on the page that is not Welsh.
 * @param {import('./fake.js').Fake} fake whose words are people's own
 */
export function notWelsh(fake) {
  const said = [...stringsOf(fake)].map((s) => s.trim()).filter((s) => s.length > 2);
  said.sort(longestFirst);
  const pieces = [...new Set(Object.values(welsh).flatMap((words) => words.split(/(?<!\{)\{\w+\}(?!\})/)))];
  const ours = pieces.map((s) => s.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')).filter(Boolean);
  ours.sort(longestFirst);
  return [...seen()].filter((words) => {
    if (said.some((s) => s.includes(words))) return false;
    const folded = words.toLowerCase();
    const there = [...said, ...ours].filter((s) => folded.includes(s.toLowerCase())).sort(longestFirst);
    const rest = there.reduce((left, s) => left.replace(alone(s), '·'), words);
    return /\p{L}/u.test(rest.replace(same, '·'));
  });
}

/**
 * @param {string} a
 * @param {string} b
 */
const longestFirst = (a, b) => b.length - a.length;

/** @param {string} s what stands between no other letters */
const alone = (s) => new RegExp(`(?<!\\p{L})${s.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?!\\p{L})`, 'giu');

/** Where the elements are on a page. */
export const elements =
  'messenger-inbox, messenger-compose, messenger-overview, messenger-unread, .messenger-bell';

/** Each run of words on the page in an element of ours, and each name that is only heard. */
function* seen() {
  const plain = (/** @type {string} */ text) => text.replace(/[\u2066-\u2069]/g, '').trim();
  for (const element of document.querySelectorAll('body *')) {
    if (!element.closest(elements)) continue;
    // as the server makes it
    const previewed = element.closest('.messenger-previewed-body, .messenger-previewed > .messenger-strong');
    if (previewed || !element.checkVisibility()) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) yield plain(element.getAttribute(name) ?? '');
    for (const node of element.childNodes) if (node instanceof Text) yield plain(node.data);
  }
}

/**
 * Every text in a value, however deep.
 * @param {unknown} value
 * @param {Set<unknown>} [met]
 * @returns {Generator<string>}
 */
export function* stringsOf(value, met = new Set()) {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || met.has(value) || value instanceof Node) return;
  met.add(value);
  if (value instanceof Map) for (const one of value.values()) yield* stringsOf(one, met);
  else for (const one of Object.values(value)) yield* stringsOf(one, met);
}
