import { count } from '../segments.js';
import { equal, ok, test } from './harness.js';

/** @param {string} name */
const data = async (name) => (await fetch(`/vectors/${name}.json`)).json();

test('every vector: alphabet, units, text messages', async () => {
  const { vectors } = await data('segment-vectors');
  ok(vectors.length > 20, 'there are vectors');
  for (const { name, text, encoding, units, segments } of vectors) {
    const found = count(text);
    equal([found.encoding, found.units, found.segments], [encoding, units, segments], name);
  }
});

test('every character of the alphabet, at its price', async () => {
  const { basic, extension } = await data('gsm7');
  for (const { char, septet } of basic)
    if (septet !== 27) equal([count(char).encoding, count(char).units], ['GSM-7', 1], char);
  for (const { char } of extension) equal([count(char).encoding, count(char).units], ['GSM-7', 2], char);
});

test('which characters make it dear', () => {
  equal(count('it’s “fine” 😀 it’s').dear, ['’', '“', '”', '😀']);
  equal(count("it's fine").dear, []);
});

test('what is left in the last text message', () => {
  equal(count('a'.repeat(150)).left, 10);
  equal(count('a'.repeat(161)).left, 145);
});
