// Web addresses, email addresses and phone numbers in a person's words, as links.

import { html } from './html.js';

/* An address of the web or of email, or a phone number: of eight digits or more after a plus, or as the United Kingdom
   writes one. NHS numbers and dates are none. Where sentences have no spaces, their own punctuation ends an address. */
const pattern = new RegExp(
  [
    /\b(?:https?:\/\/|www\.)[^\s<>"。，、；：！？（）「」『』【】《》〈〉]+/,
    /[\w.+-]+@[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}/,
    /(?<![\w+/.-])(?:\+\d{1,3}(?:[ -]?\(0\))?(?:[ -]?\d{2,6}){2,4}|\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4})(?![\w/-])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

/** A client's own link into a conversation is never one to press. */
const replyLink = /\/r\/[\w-]{16,}/;

/**
 * Words with links among them, as text and nodes.
 * @param {string} words
 */
export function linked(words) {
  const pieces = [];
  let at = 0;
  for (const { 0: found, index } of words.matchAll(pattern)) {
    const text = withoutEnd(found);
    const address = addressOf(text);
    if (!address) continue;
    pieces.push(words.slice(at, index), linkView(text, address));
    at = index + text.length;
  }
  return [...pieces, words.slice(at)];
}

/**
 * Without the punctuation that ends the sentence round it; a bracket that was opened inside stays.
 * @param {string} text
 */
function withoutEnd(text) {
  let end = text.length;
  while (/[.,;:!?)\]}'*_’”»…؟،۔।\p{Cf}]/u.test(text[end - 1])) {
    if (text[end - 1] === ')' && text.lastIndexOf('(', end) > text.lastIndexOf(')', end - 2)) break;
    end--;
  }
  return text.slice(0, end);
}

/**
 * Where a link leads; '' for none.
 * @param {string} text
 */
function addressOf(text) {
  if (/^(?:https?:|www\.)/i.test(text)) {
    const address = /^www\./i.test(text) ? `https://${text}` : text;
    return URL.canParse(address) && !replyLink.test(address) ? address : '';
  }
  if (text.includes('@')) return `mailto:${text}`;
  const digits = text.replace('(0)', '').replaceAll(/\D/g, '');
  if (text.startsWith('+')) return digits.length >= 8 && digits.length <= 15 ? `tel:+${digits}` : '';
  return digits.length === 10 || digits.length === 11 ? `tel:${digits}` : '';
}

/**
 * @param {string} text
 * @param {string} address
 */
const linkView = (text, address) =>
  html`<a class="messenger-address" href=${address} target=${/^http/i.test(address) ? '_blank' : null}
    rel="noopener noreferrer" dir="ltr">${text}</a>`;
