// What of a page is drawn in red: one red, and only for what has failed, must not happen, or needs somebody.

import { elements } from './speaks.js';

const grave = [
  '[data-look="bad"]',
  '[data-look="today_failed"]',
  '[data-status="attention"]',
  '[data-delivery="failed"]',
  '[data-invalid]',
  '[aria-invalid="true"]',
  '.messenger-error',
  '.messenger-draft[data-state="failed"]',
  '.messenger-row-why',
].join();

/** What else is red, or red without a reason. */
export function reds() {
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const root = element.closest(elements);
    if (!root || !element.checkVisibility()) continue;
    const one = ['--_bad', '--_bad-tint'].map((name) => resolved(root, name));
    if (!one.every(isRed)) found.add(`${root.localName}: what is wrong is not red`);
    for (const [where, colour] of drawn(element)) {
      const at = `${element.getAttribute('class') ?? element.localName} ${where}`;
      if (!isRed(colour)) continue;
      if (!one.some((red) => String(red) === String(colour))) found.add(`${at}: another red, ${colour}`);
      if (!element.closest(grave)) found.add(`${at}: nothing is wrong`);
    }
  }
  return [...found];
}

/** @type {Map<string, number[]>} */
const known = new Map();
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

/** @param {string} colour as a style has it @returns {number[]} red, green, blue and how much of it is seen */
function parts(colour) {
  if (!known.has(colour) && canvas) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
  }
  return known.get(colour) ?? [];
}

/** @param {Element} root @param {string} name of a property with a colour */
function resolved(root, name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  root.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return parts(colour);
}

/** The colours that an element itself draws with. @param {Element} element @returns {[string, number[]][]} */
function drawn(element) {
  const of = (/** @type {string} */ name) => getComputedStyle(element).getPropertyValue(name);
  const edges = ['top', 'right', 'bottom', 'left'].filter((side) => parseFloat(of(`border-${side}-width`)) > 0);
  const names = ['background-color', ...edges.map((side) => `border-${side}-color`)];
  const words = [...element.childNodes].some((node) => node instanceof Text && node.data.trim());
  if (words || element.matches('.messenger-icon')) names.push('color');
  return names.map((name) => [name, parts(of(name))]);
}

/** @param {number[]} colour */
function isRed([red, green, blue, seen]) {
  const [least, most] = [Math.min(green, blue), Math.max(green, blue)];
  // A hue within 25 degrees of red, and no grey.
  return seen > 20 && red > most && red - least > 12 && (most - least) / (red - least) < 25 / 60;
}
