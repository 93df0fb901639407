// The gallery: a frame for each state, in the width and the colours that are chosen. Frames load as they come into
// view.

import { states } from './states.js';

const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const nav = /** @type {HTMLElement} */ (document.querySelector('nav'));
form.addEventListener('change', show);
show();

function show() {
  const { width, scheme } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  document.documentElement.style.colorScheme = scheme;
  main.dataset.width = width;
  main.replaceChildren();
  nav.replaceChildren();
  let before = '';
  for (const [name, { of }] of Object.entries(states)) {
    if (of !== before) main.append(titleOf(of));
    before = of;
    main.append(figureOf(name, scheme));
    nav.append(Object.assign(document.createElement('a'), { href: `#${name}`, textContent: name }), ' ');
  }
}

/** @param {string} words */
function titleOf(words) {
  return Object.assign(document.createElement('h2'), { textContent: words });
}

/**
 * @param {string} name
 * @param {string} scheme
 */
function figureOf(name, scheme) {
  const figure = Object.assign(document.createElement('figure'), { id: name });
  const address = `page.html?${new URLSearchParams({ state: name, ...(scheme ? { scheme } : {}) })}`;
  const caption = document.createElement('figcaption');
  caption.append(Object.assign(document.createElement('a'), { href: address, textContent: name }));
  const frame = document.createElement('iframe');
  Object.assign(frame, { title: name, loading: 'lazy', src: address });
  figure.append(caption, frame);
  return figure;
}
