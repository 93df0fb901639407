// What can't be reached on a small screen: what stays in its place must cover nothing that somebody is about to press.

import { elements } from './speaks.js';

/** What can be pressed or typed in and is covered, or out of sight, once it is scrolled to. */
export function outOfReach() {
  const found = new Set();
  const shown = [...document.querySelectorAll(`:is(${elements}) :is(button, a[href], input, select, textarea)`)];
  // Downwards and back: what is scrolled to comes in at the bottom first, and then at the top.
  for (const control of [...shown, ...shown.toReversed()]) {
    if (!(control instanceof HTMLElement) || control.closest('[inert], [hidden]')) continue;
    if (!control.checkVisibility()) continue;
    // The bell's list is open over what it was opened from, and Escape closes it.
    if (document.querySelector('.messenger-bell-list') && !control.closest('messenger-notifications')) continue;
    if (control.matches(':disabled') || getComputedStyle(control).clipPath !== 'none') continue;
    control.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
    const { left, top, width, height } = control.getBoundingClientRect();
    if (!width || !height) continue;
    const name = `${control.localName} ${control.dataset.do ?? control.getAttribute('name') ?? control.className}`;
    // Of what is higher than the screen its beginning counts.
    const at = Math.min(top + height / 2, top + innerHeight / 2);
    if (at < 0 || at > innerHeight || left + width / 2 < 0 || left + width / 2 > innerWidth) {
      found.add(`${name}: at ${Math.round(left)}, ${Math.round(top)}`);
      continue;
    }
    const label = control.closest('label');
    // A row is pressed beside what stands in it.
    const there = [0.1, 0.5, 0.9].map((part) => document.elementFromPoint(left + width * part, at));
    if (there.some((element) => control.contains(element) || label?.contains(element))) continue;
    found.add(`${name}: under ${there[1]?.localName} ${there[1]?.getAttribute('class') ?? ''}`);
  }
  return [...found];
}
