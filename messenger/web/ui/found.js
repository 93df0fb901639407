// What a search has found: where its words stand in a text, and how they are marked in a thread.

/** @param {string} text */
const fold = (text) => text.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '').toLowerCase();

/** Scripts that put no spaces between words: a word of them is found anywhere. */
const unspaced = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** A text with marks and case taken off, and where each of its characters stood. @param {string} text */
function folded(text) {
  let plain = '';
  /** @type {number[]} */
  const from = [];
  let at = 0;
  for (const character of text) {
    const short = fold(character);
    plain += short;
    for (let n = 0; n < short.length; n++) from.push(at);
    at += character.length;
  }
  from.push(text.length);
  return { plain, from };
}

/**
 * What is looked for: words, without what stands round them.
 * @param {string} q
 */
const wordsOf = (q) =>
  fold(q)
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter(Boolean);

/**
 * Where the words of a search stand in a text, as pairs of places in it, in order.
 * @param {string} text
 * @param {string} q
 * @param {boolean} anywhere whether inside a word too, as in a name
 * @returns {[number, number][]}
 */
export function placesOf(text, q, anywhere) {
  const words = wordsOf(q);
  if (!words.length) return [];
  const { plain, from } = folded(text);
  // A character may be folded to several, of which the word has some.
  const endOf = (/** @type {number} */ at) => from.find((place, i) => i >= at && place > from[at - 1]) ?? text.length;
  /** @type {[number, number][]} */
  const places = [];
  for (const word of words) {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + 1)) {
      const inside = /[\p{L}\p{N}]$/u.test(plain.slice(Math.max(0, at - 2), at));
      if (anywhere || !inside || unspaced.test(word)) places.push([from[at], endOf(at + word.length)]);
    }
  }
  return joined(places);
}

/** Pairs of places in order, those that touch as one. @param {[number, number][]} places */
function joined(places) {
  /** @type {[number, number][]} */
  const whole = [];
  for (const [start, end] of places.sort((a, b) => a[0] - b[0])) {
    const last = whole.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else whole.push([start, end]);
  }
  return whole;
}

/**
 * Whether a message has one of the words that were searched for.
 * @param {{subject?: string, body: string}} message
 * @param {string} q
 */
export const isFound = ({ subject, body }, q) => placesOf(`${subject ?? ''}\n${body}`, q, false).length > 0;

/**
 * Marks what was searched for in all that is shown below an element; nothing for ''. The text itself stays as it is.
 * @param {HTMLElement} element
 * @param {string} q
 */
export function markFound(element, q) {
  if (!('highlights' in CSS)) return;
  const texts = q ? [...element.querySelectorAll('.messenger-body, .messenger-subject')] : [];
  const ranges = texts.flatMap(rangesIn);
  if (ranges.length) CSS.highlights.set('messenger-found', new Highlight(...ranges));
  else CSS.highlights.delete('messenger-found');

  /** @param {Element} text */
  function rangesIn(text) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    /** @type {Range[]} */
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const [start, end] of placesOf(node.nodeValue ?? '', q, false)) {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, end);
        found.push(range);
      }
    }
    return found;
  }
}
