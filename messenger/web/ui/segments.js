// How many text messages an SMS costs: 3GPP TS 23.038 (alphabet) and 23.040 (parts).

// The default alphabet without its control septet ESC, and the extension table, whose characters cost two septets.
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended = new Set('\f^{}\\[~]|€');

/**
 * @typedef {object} Segments
 * @property {'GSM-7'|'UCS-2'} encoding which alphabet the text needs
 * @property {number} units septets in GSM-7, UTF-16 code units in UCS-2
 * @property {number} segments text messages that are paid for; 0 for no text
 * @property {number} left units that still fit into the last one
 * @property {string[]} dear the different characters that are not in GSM-7, in order of appearance
 */

/**
 * Counts the text messages that a text takes. No part splits an escape pair or a surrogate pair.
 * @param {string} text
 * @returns {Segments}
 */
export function count(text) {
  const characters = [...text];
  const dear = [...new Set(characters.filter((c) => !basic.has(c) && !extended.has(c)))];
  const gsm = dear.length === 0;
  const costs = characters.map((c) => (gsm ? (extended.has(c) ? 2 : 1) : c.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const [single, each] = gsm ? [160, 153] : [70, 67];
  const encoding = gsm ? /** @type {const} */ ('GSM-7') : /** @type {const} */ ('UCS-2');
  if (units <= single) return { encoding, units, segments: units ? 1 : 0, left: single - units, dear };
  let segments = 1;
  let used = 0;
  for (const cost of costs) {
    if (used + cost > each) {
      segments++;
      used = 0;
    }
    used += cost;
  }
  return { encoding, units, segments, left: each - used, dear };
}
