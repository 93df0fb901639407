import { Api } from '../api.js';
import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, order, row } from './inbox.js';
import { many, story } from './story.js';

test('the inbox by status, with the counts', async () => {
  await opened();
  equal(
    [...document.querySelectorAll('.messenger-group-title')].map((h) => h.textContent),
    ['Unread', 'Open', 'Done'],
  );
  equal(order(), ['ch-1', 'ch-8', 'ch-3', 'ch-2', 'ch-4', 'ch-5', 'ch-6', 'ch-7']);
  await until(() => words('.messenger-shows') === 'All 8 Open 5 Done 3 Needs attention 3', 'the counts');
  ok(words(row('ch-2')).includes('Not delivered'), 'the warning');
});

test('what is scheduled is called so in a row, in words', async () => {
  await opened('', (fake) => {
    fake.add('ch-5', { direction: 'outbound', medium: 'sms', body: 'No walk', send_after: '2099-01-01T08:00:00Z' });
  });
  ok(/Scheduled, 1 Jan 2099, \d\d:00: No walk/.test(words(row('ch-5'))), words(row('ch-5')));
});

test('what is to go out later has a list of its own, while there is any', async () => {
  const fake = await opened();
  await until(() => words('.messenger-shows').includes('Needs attention'), 'the counts');
  ok(!has('[data-show="scheduled"]'), 'nothing is scheduled');
  const message = fake.add('ch-5', {
    direction: 'outbound', medium: 'sms', body: 'No walk', send_after: '2099-01-01T08:00:00Z',
    delivery: { status: 'scheduled', attempts: 0 },
  });
  fake.tell('amira', 'message', message);
  fake.touch(fake.channels.get('ch-5'));
  const tab = '[data-show="scheduled"]';
  await until(() => has(tab) && words(tab) === 'Scheduled 1', 'it is told at once');
  one('[data-show="scheduled"]').click();
  await until(() => order().join() === 'ch-5', 'the list');
  fake.add('ch-5', { direction: 'inbound', medium: 'web', body: 'Thank you' });
  fake.touch(fake.channels.get('ch-5'));
  await until(() => words(row('ch-5')).includes('1 scheduled'), 'said where the last words are others');
  message.delivery = { status: 'cancelled', attempts: 0 };
  fake.touch(fake.channels.get('ch-5'));
  await until(() => words('.messenger-list').includes('Nothing is scheduled.'), 'none is left');
});

test('All, Open, Done, Needs attention', async () => {
  await opened();
  one('[data-show="done"]').click();
  await until(() => order().length === 3, 'done');
  one('[data-show="attention"]').click();
  await until(() => order().join() === 'ch-3,ch-2,ch-4', 'attention');
  equal(one('[data-show="attention"]').getAttribute('aria-pressed'), 'true');
});

test('opening a channel asks for it, its messages and notes, says that one is here, and nothing twice', async () => {
  const fake = await opened();
  await settled();
  fake.asked.length = 0;
  one(`${row('ch-2')} a`).click();
  await until(() => has('.messenger-message'), 'the thread');
  await settled();
  equal(
    fake.asked.map((a) => `${a.method} ${a.path}`),
    [
      'GET /channels/ch-2/notes',
      'GET /channels/ch-2',
      'GET /channels/ch-2/messages?limit=50',
      'POST /channels/ch-2/presence',
    ],
  );
  equal(new URL(location.href).searchParams.get('channel'), 'ch-2');
});

test('starting is who, which inboxes, one list, and after that counts and who gets something tomorrow', async () => {
  const fake = await opened();
  await until(() => fake.asked.length === 5, 'what is asked for after the rest');
  const asked = fake.asked.map((a) => a.path);
  equal(asked.slice(0, 3).sort(), ['/inboxes', '/inboxes/amira/channels?show=all&limit=50', '/me']);
  equal(asked.slice(3).sort(), ['/broadcasts?limit=100', '/me']);
});

test('the back button goes back', async () => {
  await opened();
  one(`${row('ch-2')} a`).click();
  await until(() => words('.messenger-thread').includes('Tomasz'), 'Tomasz');
  one(`${row('ch-5')} a`).click();
  await until(() => words('.messenger-thread').includes('Mei Lin'), 'Mei Lin');
  history.back();
  await until(() => words('.messenger-thread').includes('Tomasz'), 'Tomasz again');
});

test('a row does not jump while it is focused, and the list says that it has news', async () => {
  const fake = await opened();
  const link = one(`${row('ch-4')} a`);
  one(`${row('ch-1')} a`).focus();
  link.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', bubbles: true }));
  link.focus({ focusVisible: true });
  const before = order();
  const top = link.getBoundingClientRect().top;
  fake.reply('ch-7', 'Hello from the bottom');
  await until(() => has('.messenger-moved'), 'the note');
  equal(order(), before, 'the order');
  equal(link.getBoundingClientRect().top, top, 'where it is');
  equal(words(`${row('ch-7')} .messenger-tag`), 'Unread', 'but the row itself tells');
  const area = (/** @type {Element} */ e) => e.getBoundingClientRect();
  const news = area(one('.messenger-moved'));
  ok(news.height >= 24, 'large enough to press');
  ok(news.bottom <= area(one('.messenger-row')).top, 'it hides no row');
  const title = document.createRange();
  title.selectNodeContents(one('.messenger-group-title'));
  ok(title.getBoundingClientRect().right <= news.left, 'and no title');
  link.blur();
  await until(() => order()[0] === 'ch-7', 'the true order');
});

test('search shows where it matched, in every status, and says when nothing is found', async () => {
  await opened();
  one('[data-show="done"]').click();
  await until(() => order().length === 3, 'done');
  type('.messenger-search-box', 'papers');
  await until(() => order().join() === 'ch-3', 'found');
  equal(
    [...document.querySelectorAll('mark')].map((m) => m.textContent),
    ['papers'],
  );
  ok(words(row('ch-3')).includes('In a message:'), 'where');
  type('.messenger-search-box', 'zzz');
  await until(() => words('.messenger-items').includes('Nothing found for ‘zzz’'), 'nothing');
  one('[data-do="clear"]').click();
  await until(() => order().length === 8, 'all again');
});

test('the connection is lost: it says so, and catches up by itself', async () => {
  const fake = await opened('?channel=ch-2');
  await until(() => fake.sources.length, 'the stream');
  fake.down = true;
  for (const source of fake.sources) source.fail(true);
  await until(() => words('.messenger-lost').includes('Connection lost'), 'the words');
  fake.messages.push({ ...fake.of('ch-2')[0], id: 'm-missed', seq: 2, body: 'Said in between' });
  fake.down = false;
  await until(() => words('.messenger-messages').includes('Said in between'), 'caught up');
  equal(one('.messenger-lost').textContent, '');
});

test('an answer that does not come in time is an error in words, and can be tried again', async () => {
  const fake = story();
  goTo('?');
  Api.patience = 100;
  let go = () => {};
  fake.gate = new Promise((resolve) => (go = () => resolve()));
  fake.install();
  mount('messenger-inbox');
  await until(() => words('.messenger-list').includes('has not answered for ten seconds'), 'the words');
  Api.patience = 10_000;
  fake.gate = undefined;
  go();
  one('.messenger-list [data-do="again"]').click();
  await until(() => has('.messenger-row'), 'the list');
});

test('a reset fetches again what is shown', async () => {
  const fake = await opened('?channel=ch-2');
  fake.messages.push({ ...fake.of('ch-2')[0], id: 'm-missed', seq: 2, body: 'Said in between' });
  await until(() => fake.sources.length, 'the stream');
  fake.sources[0].hear('reset', {}, 99);
  await until(() => words('.messenger-messages').includes('Said in between'), 'fetched again');
});

test('an error is never an empty pane', async () => {
  const fake = story();
  goTo('?channel=ch-2');
  fake.faults.set('GET /inboxes/amira/channels', { status: 503, code: 'unavailable' });
  fake.faults.set('GET /channels/ch-2', { status: 404, code: 'not_found' });
  fake.install();
  mount('messenger-inbox');
  await until(() => document.querySelectorAll('[role="alert"]').length === 2, 'two errors');
  ok(words('.messenger-list').includes('not available at the moment'), 'the list');
  ok(words('.messenger-thread').includes('not here any more'), 'the thread');
  one('.messenger-list [data-do="again"]').click();
  one('.messenger-thread [data-do="again"]').click();
  await until(() => has('.messenger-row') && has('.messenger-message'), 'both');
});

test('arrow keys in the list, one stop for Tab, Enter goes to the conversation', async () => {
  await opened();
  equal(document.querySelectorAll('.messenger-row-link[tabindex="0"]').length, 1);
  one('.messenger-row-link[tabindex="0"]').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp'])
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  ok(document.activeElement === one(`${row('ch-8')} a`), 'the second row');
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
  ok(document.activeElement === one(`${row('ch-7')} a`), 'the last row');
  one(`${row('ch-7')} a`).click();
  await until(() => document.activeElement?.matches('.messenger-title'), 'the focus is on the conversation');
});

test('200 channels come page by page', async () => {
  const fake = await opened('', (f) => many(f, 200));
  equal(order().length, 50);
  one('[data-do="more"]').click();
  await until(() => order().length === 100, 'the next page');
  equal(new Set(order()).size, 100, 'none twice');
  equal(fake.times('GET', /channels\?.*cursor=50/), 1);
});

test('the host may open channels and profiles itself', async () => {
  await opened('?channel=ch-1');
  /** @type {any[]} */
  const told = [];
  const listen = (/** @type {Event} */ event) => {
    event.preventDefault();
    told.push(/** @type {CustomEvent} */ (event).detail.to);
  };
  document.addEventListener('messenger-navigate', listen);
  one('.messenger-profile').click();
  one(`${row('ch-2')} a`).click();
  document.removeEventListener('messenger-navigate', listen);
  equal(told, ['profile', 'channel']);
  ok(words('.messenger-thread').includes('Grace Okafor'), 'nothing moved');
});
