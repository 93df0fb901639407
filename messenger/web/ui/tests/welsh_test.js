import '../conversation.js';
import '../desk.js';
import '../dialogs.js';
import '../seldom.js';
import { english, translator } from '../strings.js';
import { welsh } from '../welsh.js';
import { equal, ok, test } from './harness.js';
import { placesOf } from './speaks.js';

const plural = /_(zero|one|two|few|many|other)$/;
const counted = (/** @type {string} */ key) => `${key.replace(plural, '')}_other` in english;
const least = (/** @type {string} */ key) => (counted(key) ? `${key.replace(plural, '')}_other` : key);

test('each key of English has its Welsh, with the same places', () => {
  const keys = Object.keys(english);
  ok(keys.length > 650, `${keys.length} keys`);
  const sorted = (/** @type {string} */ words) => (words.match(/\{\{?\w+\}?\}/g) ?? []).sort();
  for (const key of keys) {
    const words = welsh[key] ?? welsh[least(key)];
    ok(words, `${key} is in Welsh`);
    ok(words !== english[key], `${key} is Welsh`);
    equal(sorted(words), sorted(english[key]), key);
  }
});

test('there is no Welsh for what is not in English', () => {
  for (const [key, words] of Object.entries(welsh)) {
    ok(key in english || counted(key), `${key} is in English too`);
    const of = english[key] ?? english[least(key)];
    equal(placesOf(words).sort(), placesOf(of).sort(), key);
  }
});

/** @type {Record<string, string>} */
const soft = { p: 'b', t: 'd', c: 'g', b: 'f', d: 'dd', m: 'f', g: '', ll: 'l', rh: 'r' };
/** @type {Record<string, string>} */
const breathed = { p: 'ph', t: 'th', c: 'ch' };

test('what is counted begins as Welsh has it after 2, 3 and 6', () => {
  const first = /(\{count\} )(ll|rh|ch|ph|th|dd|[a-z])/;
  let changed = 0;
  for (const [key, words] of Object.entries(welsh).filter(([key]) => key.endsWith('_other') && counted(key))) {
    const after = (/** @type {Record<string, string>} */ mutation) =>
      words.replace(first, (all, count, letter) => (letter in mutation ? count + mutation[letter] : all));
    const form = (/** @type {string} */ name) => welsh[key.replace(plural, `_${name}`)] ?? words;
    equal(form('two'), after(soft), key);
    equal([form('few'), form('many')], [after(breathed), after(breathed)], key);
    if (form('two') !== words) changed++;
  }
  ok(changed > 5, `${changed} change`);
});

test('what is counted is counted as in Welsh', () => {
  const t = translator('cy', welsh);
  equal(
    [0, 1, 2, 3, 4, 6, 12, 102].map((count) => t('new_send', { count })),
    [
      'Anfon at 0 cleient',
      'Anfon at 1 cleient',
      'Anfon at 2 gleient',
      'Anfon at 3 chleient',
      'Anfon at 4 cleient',
      'Anfon at 6 chleient',
      'Anfon at 12 cleient',
      'Anfon at 102 cleient',
    ],
  );
  equal(t('new_more', { count: 1 }), 'ac 1 arall', '‘ac’ before a vowel: un');
  equal(translator('cy-GB', welsh)('marked_not', { count: 1 }), 'Ni ellid marcio 1: mae ateb newydd ynddi.');
  equal(translator('en-GB', {})('new_send', { count: 2 }), 'Send to 2 clients');
});
