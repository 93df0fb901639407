import '../conversation.js';
import '../messenger-elements.js';
import { Source } from '../source.js';
import { equal, goTo, has, mount, ok, one, settled, test, until, words } from './harness.js';
import { story } from './story.js';

/** @param {(fake: import('./fake.js').Fake) => void} [prepare] */
async function opened(prepare) {
  const fake = story();
  prepare?.(fake);
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => fake.sources.some((source) => source.readyState === 1), 'the stream');
  return fake;
}

/**
 * Has the browser wait before it gives anybody a lock.
 * @param {Promise<unknown>} until
 */
function holdLocks(until) {
  const request = navigator.locks.request;
  navigator.locks.request = async (/** @type {any[]} */ ...of) => {
    navigator.locks.request = request;
    await until;
    return request.apply(navigator.locks, /** @type {any} */ (of));
  };
}

test('a stream that begins late is waited for, and of what is fetched only the counts are twice', async () => {
  holdLocks(new Promise((resolve) => setTimeout(resolve, 1500)));
  const fake = await opened();
  await until(() => fake.asked.length === 5, 'what is asked for after the rest');
  const asked = fake.asked.map(({ path }) => path);
  equal(asked.slice(0, 3).sort(), ['/inboxes', '/inboxes/amira/channels?show=all&limit=50', '/me']);
  equal(asked.slice(3).sort(), ['/broadcasts?limit=100', '/me'], 'and the counts of what nobody heard, once more');
});

test('what came between the counts and the stream is counted', async () => {
  /** @type {() => void} */
  let begin = () => {};
  holdLocks(new Promise((resolve) => (begin = () => resolve(undefined))));
  const fake = story().install();
  mount('messenger-notifications');
  const number = () => document.querySelector('.messenger-bell .messenger-count')?.textContent;
  const before = await until(number, 'the number');
  fake.silently(() => fake.reply('ch-7', 'While nobody heard'));
  begin();
  await until(() => number() !== before, 'the number with it');
});

test('another tab is told that the stream stands once it does, and not before', async () => {
  const fake = story();
  fake.install();
  fake.opens = false;
  const inbox = mount('messenger-inbox');
  await until(() => inbox.hub.me && fake.sources.length, 'a connection that is not made yet');
  const tab = new BroadcastChannel(`messenger ${new URL(inbox.api, location.href)}`);
  /** @type {string[]} */
  const heard = [];
  tab.onmessage = ({ data }) => heard.push(data.of ?? data.type);
  tab.postMessage({ type: 'want', tab: 'another', inboxes: ['ben'] });
  const wanted = () => fake.sources.find(({ inboxes }) => inboxes.includes('ben'));
  (await until(wanted, 'what the other tab wants')).readyState = 0;
  fake.opens = true;
  wanted()?.open();
  tab.postMessage({ type: 'who' });
  await until(() => heard.includes('want'), 'all that was said before');
  equal(heard.slice(0, heard.indexOf('want')), ['reset', 'link'], 'said once, when it stood');
  tab.close();
});

const isLost = () => words('.messenger-lost').includes('Connection lost');

test('a server that falls silent is said to be gone, and all is caught up by itself', async () => {
  const { silence } = Source;
  ok(silence > 10_000 && silence <= 15_000, 'two beats may be late, and nobody looks at an old page for longer');
  const fake = await opened();
  await until(() => has('.messenger-row'), 'the list');
  Source.silence = 200;
  fake.down = true;
  fake.sources[0].hear('beat', {}, 1);
  await until(isLost, 'the words');
  fake.silently(() => fake.reply('ch-7', 'While nobody heard'));
  fake.down = false;
  Source.silence = silence;
  await until(() => !isLost(), 'connected again');
  await until(() => one('.messenger-row').dataset.key === 'ch-7', 'what was missed');
});

test('a server that does not beat is not missed', async () => {
  const { silence } = Source;
  Source.silence = 50;
  const fake = await opened();
  await until(() => has('.messenger-row'), 'the list');
  const begun = performance.now();
  await until(() => performance.now() - begun > 500, 'a while');
  equal(fake.sources.length, 1);
  ok(!isLost(), 'not lost');
  Source.silence = silence;
});

test('a browser that is offline says so at once, and catches up when it is back', async () => {
  const fake = await opened();
  await until(() => has('.messenger-row'), 'the list');
  fake.down = true;
  const before = performance.now();
  window.dispatchEvent(new Event('offline'));
  await until(isLost, 'the words');
  ok(performance.now() - before < 2000, 'within two seconds');
  fake.silently(() => fake.reply('ch-7', 'While we were away'));
  fake.down = false;
  window.dispatchEvent(new Event('online'));
  await until(() => !isLost(), 'connected again');
  await until(() => one('.messenger-row').dataset.key === 'ch-7', 'what was missed');
});

test('what failed comes by itself once it can, without a press', async () => {
  const fake = await opened((f) => f.faults.set('GET /inboxes/amira/channels', { status: 503, code: 'unavailable' }));
  await until(() => words('.messenger-list').includes('not available at the moment'), 'the words');
  await until(() => has('.messenger-row'), 'the list');
  ok(!words('.messenger-list').includes('not available'), 'the words are gone');
  equal(fake.times('GET', /channels\?/), 2);
});

test('who is signed in is asked again by itself too', async () => {
  await opened((f) => f.faults.set('GET /me', 'offline'));
  await until(() => words('.messenger-list').includes('could not reach the server'), 'the words');
  await until(() => has('.messenger-row'), 'the list');
});

test('the page is as high as the window, whatever the host puts above or makes grow', async () => {
  await opened();
  const inbox = one('messenger-inbox');
  const fits = () => {
    const { bottom } = inbox.getBoundingClientRect();
    return Math.abs(bottom + window.scrollY - Math.max(window.innerHeight, 480)) <= 2;
  };
  await until(fits, 'at first');
  const bar = document.createElement('div');
  bar.style.height = '40px';
  document.body.prepend(bar);
  await until(fits, 'with a bar');
  bar.style.height = '83px';
  await until(fits, 'with a bar that has grown');
  document.body.style.cssText = 'height: 100vh; overflow: hidden';
  await until(fits, 'in a body with a height of its own');
  await settled(); // the body's own change is told of before the bar's
  bar.style.height = '31px';
  await until(fits, 'with a bar that grows no body');
  const note = document.createElement('div');
  note.style.height = '50px';
  one('main').prepend(note);
  await until(fits, 'with a note beside it');
  document.body.style.cssText = '';
  bar.remove();
});

for (const [what, taken] of /** @type {[string, () => () => void][]} */ ([
  ['no way to other tabs', () => swap(window, 'BroadcastChannel', class {
    constructor() {
      throw new DOMException('', 'SecurityError');
    }
  })],
  ['no lock', () => swap(navigator.locks, 'request', () => Promise.reject(new DOMException('', 'SecurityError')))],
])) {
  test(`where a page may keep nothing it is live all the same, and is written in: ${what}`, async () => {
    const back = taken();
    try {
      const fake = await opened();
      fake.reply('ch-5', 'Are you there?');
      await until(() => words('messenger-inbox').includes('Are you there?'), 'heard at once');
      one('.messenger-row[data-key="ch-5"] .messenger-row-link').click();
      await until(() => has('messenger-compose [data-medium]'), 'the box');
      ok(!words('main').includes('Something went wrong'), 'nothing is wrong');
    } finally {
      back();
    }
  });
}

/** Has something be another thing; gives what sets it back. @param {any} of @param {string} name @param {any} other */
function swap(of, name, other) {
  const before = of[name];
  of[name] = other;
  return () => (of[name] = before);
}
