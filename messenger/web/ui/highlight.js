// Marks in a text what was searched for, as the search sees it: case and accents ignored.

import { html } from './html.js';

/** @param {string} text */
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * The text, with each word of the search in a `<mark>`.
 * @param {string} text
 * @param {string} q
 * @returns {(string|DocumentFragment)[]}
 */
export function highlight(text, q) {
  const words = fold(q.trim()).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [text];
  const characters = [...text];
  let folded = '';
  /** @type {number[]} */
  const from = [];
  characters.forEach((c, i) => {
    for (const f of fold(c)) {
      folded += f;
      for (let n = 0; n < f.length; n++) from.push(i);
    }
  });
  const marked = new Set();
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (let n = at; n < at + word.length; n++) marked.add(from[n]);
    }
  }
  const parts = [];
  for (let i = 0; i < characters.length; ) {
    const on = marked.has(i);
    let run = '';
    while (i < characters.length && marked.has(i) === on) run += characters[i++];
    parts.push(on ? html`<mark>${run}</mark>` : run);
  }
  return parts;
}
