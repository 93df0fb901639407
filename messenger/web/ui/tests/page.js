// The page behind the gallery and the pictures: ?state= and a name of states.js. Or ?view=inbox (with ?channel=) and
// what makes it special in ?with=. ?scheme= is light or dark; the system's without it. ?lang=cy is in Welsh.

import { until } from './harness.js';
import { states } from './states.js';
import { listed, long, story, unread } from './story.js';

const search = new URLSearchParams(location.search);
const state = states[search.get('state') ?? ''];
document.documentElement.style.colorScheme = search.get('scheme') ?? '';
const fake = story();
if (search.get('with') === 'long') long(fake, 500);
if (search.get('with') === 'triage') unread(fake, 14);
if (search.get('with') === 'list') listed(fake, 24);
state?.prepare?.(fake);
fake.install();
if (search.get('with') === 'stretched') (await import('./stretched.js')).stretch();
/** @type {any} */ (window).fake = fake;
if (state?.search) history.replaceState(null, '', `${location.pathname}${location.search}&${state.search}`);
const [{ setStrings }] = await Promise.all([import('../messenger-elements.js'), import('../conversation.js')]);
if (search.get('lang') === 'cy') {
  document.documentElement.lang = 'cy';
  setStrings((await import('../welsh.js')).welsh);
}
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const client = state?.client ?? (search.get('view') === 'profile' ? (search.get('client') ?? 'c-1') : undefined);
if (client) {
  const compose = document.createElement('messenger-compose');
  compose.setAttribute('client', client);
  main.className = 'profile';
  main.append(compose);
} else if (state?.element) {
  main.append(document.createElement(state.element));
} else {
  main.append(document.createElement('messenger-inbox'));
}
if (state) {
  const drawn = '.messenger-answer, .messenger-count, .messenger-ways, .messenger-row, .messenger-panes';
  await until(() => document.querySelector(state.ready), state.ready);
  const styled = () => getComputedStyle(/** @type {Element} */ (document.querySelector(drawn))).boxSizing;
  await until(() => styled() === 'border-box', 'styles');
  await state.then?.();
  for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
  /** @type {any} */ (window).messengerShown = true;
}
