// What of a page would run the wrong way if a name or a message were in Arabic, or began with a sign that turns it.

import { elements, stringsOf } from './speaks.js';

/**
 * The runs of people's words among ours that have no direction of their own.
 * @param {import('./fake.js').Fake} fake whose words are people's own
 */
export function mixed(fake) {
  const people = [...new Set(stringsOf(fake))].filter((s) => /^\p{Lu}\p{Ll}+ \S/u.test(s));
  const theirs = [...seen()].filter(([words]) => people.some((s) => words.includes(s)));
  return theirs.map(([words, where]) => `${where}: ${words}`);
}

/** @param {string} text without the runs that are set apart in plain text */
const apart = (text) => text.replace(/\u2068[^\u2069]*\u2069/g, '');

/** Each text that is seen, and has no direction of its own. What is only heard is heard in the order it is written. */
function* seen() {
  for (const element of document.querySelectorAll('body *')) {
    if (!element.closest(elements) || element.closest('.messenger-sr')) continue;
    for (const name of ['title', 'placeholder']) {
      yield [apart(element.getAttribute(name) ?? ''), `${element.className || element.localName} ${name}`];
    }
    if (element.closest('bdi, option, [dir="auto"]')) continue;
    for (const node of element.childNodes) {
      if (node instanceof Text) yield [apart(node.data), element.className || element.localName];
    }
  }
}
