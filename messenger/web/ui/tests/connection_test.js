import '../conversation.js';
import '../messenger-elements.js';
import { Source } from '../source.js';
import { equal, goTo, has, mount, ok, one, test, until, words } from './harness.js';
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
  bar.style.height = '31px';
  await until(fits, 'in a body with a height of its own');
  const note = document.createElement('div');
  note.style.height = '50px';
  one('main').prepend(note);
  await until(fits, 'with a note beside it');
  document.body.style.cssText = '';
  bar.remove();
});
