// A person's words and names among ours: each run keeps its own direction, whatever language it is in.

import { localesFor } from './format.js';
import { html } from './html.js';

/**
 * The words of a key, as nodes: what is filled in stands in a `<bdi>`.
 * @param {Messenger.Translate} t
 * @param {string} key
 * @param {Record<string, string|number>} values
 */
export function worded(t, key, values) {
  const names = Object.keys(values).filter((name) => typeof values[name] === 'string');
  const marks = Object.fromEntries(names.map((name, i) => [name, `\uE000${i}\uE001`]));
  const pieces = t(key, { ...values, ...marks }).split(/\uE000(\d+)\uE001/);
  return pieces.map((piece, i) => (i % 2 ? html`<bdi>${values[names[Number(piece)]]}</bdi>` : piece));
}

/**
 * A run of a person's words where only plain text can stand.
 * @param {string} words
 */
export const isolated = (words) => `\u2068${words}\u2069`;

const linkMark = '{{reply_link}}';

/**
 * A message as it was kept, with words where the client got the reply link. A preview may end in the middle of it.
 * @param {string} text
 * @param {Messenger.Translate} t
 */
export function readable(text, t) {
  const at = text.lastIndexOf('{{');
  const cut = at >= 0 && linkMark.startsWith(text.slice(at)) ? text.slice(0, at) + linkMark : text;
  return cut.replaceAll(linkMark, t('link_here'));
}

/**
 * A language in words: 'Welsh'. One that the browser does not take for a language is as it was written.
 * @param {string} tag
 * @param {string} lang the page's
 */
export function languageName(tag, lang) {
  try {
    return new Intl.DisplayNames(localesFor(lang), { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
