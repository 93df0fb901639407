import { Api } from '../api.js';
import { Hub } from '../hub.js';
import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { long, many, story } from './story.js';

/**
 * @param {string} [search]
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 */
async function opened(search = '', prepare) {
  const fake = story();
  prepare?.(fake);
  goTo(search || '?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  if (search) await until(() => has('.messenger-message'), 'the thread');
  return fake;
}

/** @param {string} id */
const row = (id) => `.messenger-row[data-key="${id}"]`;
const order = () =>
  [...document.querySelectorAll('.messenger-row')].map((r) => /** @type {HTMLElement} */ (r).dataset.key);

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

test('Edit takes a scheduled message back into the form with its time, unless something is written', async () => {
  const local = { at: '2099-01-01T08:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const fake = await opened('?channel=ch-5', (fake) => {
    const delivery = { status: 'scheduled', attempts: 0 };
    const message = { direction: 'outbound', medium: 'sms', body: 'No walk', delivery, send_local: local };
    fake.add('ch-5', { ...message, unless: 'replied', send_after: '2099-01-01T08:00:00Z' });
    fake.add('ch-5', { ...message, send_after: new Date(Date.now() + 10_000).toISOString() });
  });
  await until(() => document.querySelectorAll('.messenger-message [data-do="cancel"]').length === 2, 'the thread');
  equal(document.querySelectorAll('.messenger-message [data-do="edit"]').length, 1, 'not of what is undone');
  ok(words('.messenger-thread').includes(', unless the client replies first'), 'said');
  type('[name="body"]', 'Something else');
  one('[data-do="edit"]').click();
  await until(() => words('.messenger-thread').includes('before you edit another message'), 'told');
  ok(!fake.asked.some(({ path }) => path.endsWith('/edit')), 'nothing is lost');
  type('[name="body"]', '');
  one('[data-do="edit"]').click();
  await until(() => one('[name="body"]').value === 'No walk', 'the text');
  equal([one('[name="when"]').value, one('[name="unless"]').checked], ['2099-01-01T08:00', true]);
  ok(words('.messenger-thread').includes('You cancelled an SMS'), 'the line');
});

test('why a message was cancelled that nobody did', async () => {
  await opened('?channel=ch-5', (fake) => {
    const delivery = { status: 'cancelled', attempts: 0 };
    fake.add('ch-5', { direction: 'outbound', medium: 'sms', body: 'A', delivery, cancelled_because: 'replied' });
  });
  await until(() => words('.messenger-thread').includes('An SMS was cancelled'), 'the line');
  ok(words('.messenger-thread').includes(': the client replied first'), 'why');
});

test('All, Open, Done, Needs attention', async () => {
  await opened();
  one('[data-show="done"]').click();
  await until(() => order().length === 3, 'done');
  one('[data-show="attention"]').click();
  await until(() => order().join() === 'ch-3,ch-2,ch-4', 'attention');
  equal(one('[data-show="attention"]').getAttribute('aria-pressed'), 'true');
});

test('opening a channel asks once for the channel, once for its messages, its notes, and nothing twice', async () => {
  const fake = await opened();
  await settled();
  fake.asked.length = 0;
  one(`${row('ch-2')} a`).click();
  await until(() => has('.messenger-message'), 'the thread');
  await settled();
  equal(
    fake.asked.map((a) => `${a.method} ${a.path}`),
    ['GET /channels/ch-2/notes', 'GET /channels/ch-2', 'GET /channels/ch-2/messages?limit=50'],
  );
  equal(new URL(location.href).searchParams.get('channel'), 'ch-2');
});

test('starting is who, which inboxes, and one list', async () => {
  const fake = await opened();
  await settled();
  equal(fake.asked.map((a) => a.path).sort(), ['/inboxes', '/inboxes/amira/channels?show=all&limit=50', '/me']);
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

test('name, NHS number, date of birth and GP surgery', async () => {
  await opened('?channel=ch-1');
  const head = words('.messenger-client');
  for (const part of ['Grace Okafor', '999 000 0018', '29 Feb 1984', 'Riverside Surgery'])
    ok(head.includes(part), part);
});

test('a reply is read after a second on screen, not before, and not in a tab without focus', async () => {
  const has = document.hasFocus;
  document.hasFocus = () => false;
  const fake = await opened('?channel=ch-8');
  const start = performance.now();
  await until(() => performance.now() - start > 1300, 'more than a second');
  equal(fake.times('POST', /read$/), 0, 'read without focus');
  document.hasFocus = has;
  const focus = performance.now();
  window.dispatchEvent(new Event('focus'));
  await until(() => fake.times('POST', /read$/) === 1, 'read');
  ok(performance.now() - focus >= 990, `a second, not ${performance.now() - focus}`);
  equal(fake.asked.find((a) => a.path.endsWith('/read'))?.body, { up_to: fake.of('ch-8').at(-1).id });
  await until(() => words('.messenger-side').includes('Open'), 'the status');
  equal(fake.times('POST', /read$/), 1, 'once');
});

test('a reply further down than the screen is not read', async () => {
  const fake = await opened('?channel=ch-1', (f) =>
    f.add('ch-1', { direction: 'inbound', body: 'line\n'.repeat(120) }),
  );
  await until(() => fake.times('POST', /read$/) === 1, 'what is on screen is read');
  equal(
    fake.asked.find((a) => a.path.endsWith('/read'))?.body.up_to,
    fake.of('ch-1').at(-2).id,
    'but not the long one',
  );
  one('.messenger-scroll').scrollTop = 1e6;
  await until(() => fake.times('POST', /read$/) === 2, 'the long one, once its end has been on screen');
});

test('a reply appears without reloading, is announced, and marks what is new', async () => {
  const fake = await opened('?channel=ch-2');
  fake.reply('ch-2', 'I did not get anything');
  await until(() => words('.messenger-messages').includes('I did not get anything'), 'the reply');
  equal(one('.messenger-said').textContent, 'New reply from Tomasz Wiśniewski');
  ok(has('.messenger-message[data-unread]'), 'marked as unread');
});

test('what comes between the first answer and the stream is not missed, however late the stream is', async () => {
  const request = navigator.locks.request;
  let late = () => {};
  const gone = new Promise((resolve) => (late = () => resolve(undefined)));
  navigator.locks.request = async (/** @type {any[]} */ ...of) => {
    await gone;
    return request.apply(navigator.locks, /** @type {any} */ (of));
  };
  Hub.patience = 1;
  const fake = await opened();
  Hub.patience = 30_000;
  fake.reply('ch-7', 'While nobody listened');
  equal(fake.sources.length, 0, 'streams');
  navigator.locks.request = request;
  late();
  await until(() => order()[0] === 'ch-7', 'the row of the reply');
});

test('a draft stands in the box as soon as its conversation is open', async () => {
  await opened('?channel=ch-2', (fake) => fake.drafts.set('c-2', { medium: 'sms', subject: '', body: 'Dear Tomasz' }));
  equal(one('.messenger-thread [name="body"]').value, 'Dear Tomasz');
  ok(!has('.messenger-form'), 'as a line');
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('.messenger-form [name="subject"]'), 'the form');
  equal(one('.messenger-thread [name="body"]').value, 'Dear Tomasz');
  ok(document.activeElement === one('[name="subject"]'), 'the cursor is in it');
});

test('a reply that comes while one writes is said on the box, and is unread until it is looked at', async () => {
  const fake = await opened('?channel=ch-2');
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  type('.messenger-thread [name="body"]', 'See you');
  const reply = fake.reply('ch-2', 'Please do not come');
  await until(() => has('.messenger-news'), 'said on the box');
  ok(words('.messenger-news').includes('1 new reply since you began'), words('.messenger-news'));
  const start = performance.now();
  await until(() => performance.now() - start > 1500, 'more than a second');
  equal(fake.times('POST', /read$/), 0, 'it is not read');
  equal(one('.messenger-thread [name="body"]').value, 'See you');
  one('[data-do="news"]').click();
  await until(() => fake.times('POST', /read$/) === 1, 'read, once looked at');
  equal(fake.asked.find((a) => a.path.endsWith('/read'))?.body.up_to, reply.id);
  ok(!has('.messenger-news'), 'the strip is gone');
});

test('a send says what was seen, and where something newer has come it is shown, and the text stays', async () => {
  const fake = await opened('?channel=ch-2');
  const last = fake.messages.filter((m) => m.channel_id === 'ch-2').at(-1);
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  type('.messenger-thread [name="body"]', 'See you');
  const reply = fake.reply('ch-2', 'Please do not come');
  await until(() => has('.messenger-news'), 'said on the box');
  fake.faults.set('POST /channels/ch-2/messages', { status: 409, code: 'newer_messages' });
  one('.messenger-thread [data-do="send"]').click();
  await until(() => has('.messenger-form-problem'), 'the words');
  ok(words('.messenger-form-problem').includes('Something newer has come'), words('.messenger-form-problem'));
  await until(() => !has('.messenger-news'), 'it is looked at');
  equal(one('.messenger-thread [name="body"]').value, 'See you');
  one('.messenger-thread [data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const asked = fake.asked.filter((a) => a.method === 'POST' && a.path === '/channels/ch-2/messages');
  equal(
    asked.map((a) => a.body.seen_up_to),
    [last.id, reply.id],
  );
});

test('what an answer is awaited in is done only once somebody says so', async () => {
  const fake = await opened('?channel=ch-2', (f) => {
    Object.assign(f.channels.get('ch-2'), { status: 'open', awaiting: { by: '2099-01-02', status: 'waiting' } });
  });
  const sets = () => fake.asked.filter((a) => a.path === '/channels/ch-2/status' || a.path === '/channels/ch-2').length;
  const asks = '[aria-labelledby="messenger-awaited-title"]';
  const before = sets();
  for (const press of [
    () => one('.messenger-side [data-do="status"]').click(),
    () => one('.messenger-row[data-key="ch-2"] .messenger-quick').click(),
  ]) {
    press();
    await until(() => has(asks), 'the question');
    ok(words(asks).includes('is awaited by'), words(asks));
    ok(document.activeElement === one(`${asks} .messenger-link`), 'nothing is done by a second press');
    one(`${asks} .messenger-link`).click();
    await until(() => !has(asks), 'closed');
  }
  equal(fake.channels.get('ch-2').status, 'open');
  equal(sets(), before, 'nothing was asked of the server');
  one('.messenger-side [data-do="status"]').click();
  await until(() => has(asks), 'the question');
  one(`${asks} [value="done"]`).click();
  await until(() => fake.channels.get('ch-2').status === 'done', 'done');
});

test('which message it is, and of how many', async () => {
  const fake = await opened('?channel=ch-1');
  const numbers = () =>
    [...document.querySelectorAll('.messenger-message')].map((m) => `${m.ariaPosInSet} of ${m.ariaSetSize}`);
  equal(numbers().at(-1), '6 of 6');
  fake.reply('ch-1', 'One more');
  await until(() => numbers().at(-1) === '7 of 7', 'one more');
  equal(numbers()[0], '1 of 7');
  equal([one('.messenger-scroll').role, one('.messenger-scroll').ariaLabel], ['log', 'Messages of this conversation']);
});

test('Undo leaves the newest message in view', async () => {
  await opened('?channel=ch-long', (fake) => long(fake, 60));
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('.messenger-form [name="subject"]'), 'the form');
  type('[name="subject"]', 'Bus');
  type('.messenger-thread [name="body"]', 'Booked.\n'.repeat(8));
  one('.messenger-thread [data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form') && has('[data-delivery="cancelled"]'), 'the form');
  await until(() => {
    const { scrollHeight, scrollTop, clientHeight } = one('.messenger-scroll');
    return scrollHeight - scrollTop - clientHeight < 4;
  }, 'the end');
});

test('nothing that Tab stops at goes away in a long thread', async () => {
  await opened('?channel=ch-long', (fake) => long(fake, 200));
  const scroll = one('.messenger-scroll');
  ok(!has('.messenger-edge button'), 'no button that loads older ones');
  scroll.focus();
  await until(() => {
    scroll.scrollTop = 0; // again and again, as a person does: the thread goes to its end while it is being shown
    return document.querySelectorAll('.messenger-message').length > 50;
  }, 'older ones come by themselves');
  ok(document.activeElement === scroll, 'the focus stays');
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
  link.blur();
  await until(() => order()[0] === 'ch-7', 'the true order');
});

test('the quick Mark as done of a short unread reply reads and moves it in one step', async () => {
  const fake = await opened();
  one(`${row('ch-8')} .messenger-quick`).click();
  await until(() => fake.channels.get('ch-8').status === 'done', 'done');
  equal(fake.asked.at(-1)?.body ?? fake.asked.find((a) => a.method === 'PUT')?.body, {
    status: 'done',
    up_to: fake.of('ch-8').at(-1).id,
  });
  ok(!has('.messenger-title'), 'nothing was opened');
});

test('the quick Mark as done of a reply that does not show whole opens it instead', async () => {
  const fake = await opened();
  one(`${row('ch-1')} .messenger-quick`).click();
  await until(() => has('.messenger-title'), 'the channel');
  equal(fake.times('PUT', /status$/), 0);
});

test('Mark as done in the side panel is refused, in words, while a reply is unseen', async () => {
  const keep = document.hasFocus;
  document.hasFocus = () => false;
  const fake = await opened('?channel=ch-8');
  one('.messenger-side [data-do="status"]').click();
  await until(() => words('.messenger-thread').includes('not read yet'), 'the words');
  equal(fake.channels.get('ch-8').status, 'unread');
  document.hasFocus = keep;
});

test('Mark as done, Mark as open', async () => {
  const fake = await opened('?channel=ch-2');
  one('.messenger-side [data-do="status"]').click();
  await until(() => fake.channels.get('ch-2').status === 'done', 'done');
  equal(fake.asked.find((a) => a.method === 'PUT')?.body.up_to, fake.of('ch-2').at(-1).id);
  const title = () => document.querySelector('.messenger-title')?.textContent;
  await until(() => title() === 'Yusuf Demir', 'the nearest unread above opens');
  one(`${row('ch-2')} a`).click();
  await until(() => title() === 'Tomasz Wiśniewski', 'Tomasz again');
  await until(() => words('.messenger-side [data-do="status"]') === 'Mark as open', 'Mark as open');
  one('.messenger-side [data-do="status"]').click();
  await until(() => words('.messenger-side [data-do="status"]') === 'Mark as done', 'open');
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

test('scrolling up through 500 messages never jumps', async () => {
  const fake = await opened('?channel=ch-long', (f) => long(f, 500));
  const scroll = one('.messenger-scroll');
  equal(Math.round(scroll.scrollTop + scroll.clientHeight), scroll.scrollHeight, 'at the newest');
  while (document.querySelectorAll('.messenger-message').length < 500) {
    const shown = document.querySelectorAll('.messenger-message').length;
    const anchor = one('.messenger-message');
    scroll.scrollTop = 300;
    const top = anchor.getBoundingClientRect().top;
    await until(() => {
      const came = document.querySelectorAll('.messenger-message').length > shown;
      if (!came && scroll.scrollTop > 400) scroll.scrollTop = 300;
      return came;
    }, 'older ones');
    ok(
      Math.abs(anchor.getBoundingClientRect().top - top) < 2,
      `it jumped by ${anchor.getBoundingClientRect().top - top}`,
    );
    await settled();
  }
  equal(fake.times('GET', /messages/), 10, 'requests');
  ok(words('.messenger-edge').includes('Start of the conversation'), 'the start');
});

test('days are separated', async () => {
  await opened('?channel=ch-1');
  equal(document.querySelectorAll('.messenger-day').length, 3);
  equal([...document.querySelectorAll('.messenger-day')].at(-1)?.textContent?.trim(), 'Today');
});

test('who wrote it, when it was not the owner', async () => {
  await opened('?channel=ch-1');
  equal(
    [...document.querySelectorAll('.messenger-author')].map((a) => a.textContent),
    ['Written by Ben Jones'],
  );
});

test('a failed delivery: why, Try again, Dealt with', async () => {
  const fake = await opened('?channel=ch-2');
  ok(
    words('.messenger-state[data-of="delivery"]').startsWith('Not delivered: The address or number is not right.'),
    words('.messenger-state[data-of="delivery"]'),
  );
  one('[data-do="resolve"]').click();
  await until(() => has('.messenger-ask'), 'the question');
  one('.messenger-ask [value="save"]').click();
  ok(!one('.messenger-ask .messenger-error').hidden, 'a note is needed');
  one('.messenger-ask textarea').value = 'Phoned instead';
  one('.messenger-ask [value="save"]').click();
  await until(() => fake.times('POST', /resolve$/) === 1, 'dealt with');
  equal(fake.asked.find((a) => a.path.endsWith('/resolve'))?.body, { of: 'delivery', note: 'Phoned instead' });
  await until(() => !has('[data-do="resolve"]'), 'the warning goes');
  one('[data-do="retry"]').click();
  await until(() => words('.messenger-state[data-of="delivery"]').includes('Waiting to be sent'), 'queued again');
});

test('the reply link in words, in the thread and in the list, however a preview is cut', async () => {
  const body = `Answer here: {{reply_link}}. ${'Thank you. '.repeat(9)}Or here: {{reply_link}}`;
  await opened('?channel=ch-5', (f) => f.add('ch-5', { direction: 'outbound', body }));
  ok(words('.messenger-messages').includes('Answer here: [reply link]. Thank you.'), 'in the thread');
  ok(words('.messenger-messages').includes('Or here: [reply link]'), 'at the end');
  ok(words(row('ch-5')).includes('Answer here: [reply link].'), 'in the list');
  ok(!document.body.textContent?.includes('{{'), 'no place is shown as it is kept');
});

test('what the carrier really sent, when it is asked for', async () => {
  const sent = { direction: 'outbound', medium: 'sms', body: 'It’s booked', sent_body: "It's booked" };
  await opened('?channel=ch-5', (f) => f.add('ch-5', sent));
  ok(!words('.messenger-messages').includes("It's booked"), 'not before');
  one('[data-do="disclose"]').click();
  ok(words('.messenger-messages').includes("It's booked"), 'then');
  equal(one('[data-do="disclose"]').getAttribute('aria-expanded'), 'true');
});

/** @param {string} selector */
const direction = (selector) => getComputedStyle(one(selector)).direction;

test('a person’s words and names keep their own direction', async () => {
  const name = 'ليلى حداد';
  const body = 'مرحبا، هل الموعد يوم الخميس؟';
  await opened('?channel=ch-ar', (f) => {
    f.client('c-ar', name);
    f.channel('ch-ar', 'c-ar', 'open');
    f.add('ch-ar', { direction: 'outbound', subject: 'الموعد', body });
    f.add('ch-ar', { direction: 'inbound', body });
  });
  for (const part of ['.messenger-body', '.messenger-subject', '.messenger-title']) equal(direction(part), 'rtl', part);
  equal(
    direction(`${row('ch-ar')} .messenger-row-words`),
    'rtl',
    'the words in the list, though ours stand before them',
  );
  equal(direction(`${row('ch-1')} .messenger-row-words`), 'ltr', 'English words beside them');
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.nodeValue?.includes('حداد')) continue;
    seen++;
    ok(node.parentElement?.closest('bdi, [dir="auto"]'), `${node.parentElement?.outerHTML} stands alone`);
  }
  ok(seen >= 4, `its name, ${seen} times`);
});

test('a held reply: It is them', async () => {
  const fake = await opened('?channel=ch-3');
  equal(words('[data-do="file"]'), 'It is Bartholomew Featherstonehaugh-Cholmondeley');
  one('[data-do="file"]').click();
  await until(
    () => words('.messenger-messages').includes('Saved to the clinical record') && !has('[data-do="file"]'),
    'filed',
  );
  equal(fake.times('POST', /record$/), 1);
});

test('Allow replies, Copy reply link, a new link', async () => {
  const fake = await opened('?channel=ch-2');
  ok(has('[data-do="copy"]'), 'the link');
  one('[data-do="replies"]').click();
  await until(() => !has('[data-do="copy"]'), 'no link');
  equal(one('[data-do="replies"]').getAttribute('aria-checked'), 'false');
  ok(words('.messenger-side').includes('Turned off by Amira Shah'), 'who');
  one('[data-do="replies"]').click();
  await until(() => has('[data-do="renew"]'), 'on again');
  one('[data-do="renew"]').click();
  await until(() => has('[data-do="renew-sure"]'), 'are you sure');
  equal(fake.times('POST', /reply-link$/), 0);
  one('[data-do="renew-sure"]').click();
  await until(() => fake.times('POST', /reply-link$/) === 1, 'a new link');
});

test('the history, newest first, with whom it was done for', async () => {
  const fake = await opened('?channel=ch-1');
  equal(fake.times('GET', /history/), 0, 'not before it is asked for');
  one('[data-do="history"]').click();
  await until(() => document.querySelectorAll('.messenger-entries > *').length === 3, 'the entries');
  ok(words('.messenger-entries').includes('Message sent Ben Jones for Amira Shah'), words('.messenger-entries'));
});

test('the history calls sent what has gone, and no message that was taken back', async () => {
  await opened('?channel=ch-1', (fake) => {
    const [first] = fake.of('ch-1');
    const undone = fake.add('ch-1', { direction: 'outbound', body: 'Oops', delivery: { status: 'cancelled' } });
    const act = (/** @type {string} */ id, /** @type {string} */ action, /** @type {any} */ message) => ({
      id,
      at: new Date().toISOString(),
      actor: { kind: 'staff', id: 'amira', name: 'Amira Shah' },
      action,
      message_id: message.id,
    });
    fake.past = [act('h-3', 'cancelled', undone), act('h-2', 'sent', undone), act('h-1', 'sent', first)];
  });
  one('[data-do="history"]').click();
  await until(() => document.querySelectorAll('.messenger-entries > *').length === 3, 'the entries');
  equal(
    [...document.querySelectorAll('.messenger-entry-what')].map((e) => e.textContent),
    ['Message cancelled', 'Message written', 'Message sent'],
  );
});

test('a colleague’s inbox: what is read there stays unread, unless it is read for them', async () => {
  const fake = await opened('?channel=ch-9');
  await until(() => one('.messenger-inbox-choice').value === 'ben', 'Ben’s inbox');
  const start = performance.now();
  await until(() => performance.now() - start > 1300, 'more than a second');
  equal(fake.times('POST', /read$/), 0, 'reading');
  one('[data-do="read-for"]').click();
  await until(() => fake.channels.get('ch-9').status === 'open', 'read for Ben');
  equal(fake.asked.find((a) => a.path.endsWith('/read'))?.body.on_behalf, true);
});

test('one who may only look sees why there are no buttons', async () => {
  await opened('?channel=ch-9', (f) => (f.inboxes[1].may_act = false));
  await until(() => words('.messenger-thread-head').includes('You may look'), 'the words');
  ok(words('.messenger-side').includes('not act in it'), 'why');
  for (const does of ['status', 'write', 'renew', 'read-for', 'quick'])
    ok(!has(`.messenger-panes [data-do="${does}"]`), `no ${does}`);
  ok(one('[data-do="replies"]').disabled, 'the toggle is off');
});

test('switching to a colleague and back', async () => {
  await opened();
  const choice = await until(() => document.querySelector('.messenger-inbox-choice'), 'the choice');
  /** @type {HTMLSelectElement} */ (choice).value = 'ben';
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => order().join() === 'ch-9', 'Ben’s');
  one('.messenger-inbox-choice').value = 'amira';
  one('.messenger-inbox-choice').dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => order().length === 8, 'own');
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

test('writing in the thread: the form, the message, Undo, and back', async () => {
  const fake = await opened('?channel=ch-2');
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="subject"]', 'Hello');
  type('[name="body"]', 'Another way');
  one('[data-do="send"]').click();
  await until(() => words('.messenger-messages').includes('Another way'), 'in the thread');
  equal(
    fake.asked.findLast((a) => a.method === 'POST' && a.path.endsWith('/messages'))?.path,
    '/channels/ch-2/messages',
  );
  await until(() => !has('messenger-compose .messenger-form'), 'the form is done with');
  one('[data-do="cancel"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form again');
  await until(() => one('messenger-compose .messenger-form [name="body"]').value === 'Another way', 'back in the form');
});

test('what was typed for one client is never shown for another', async () => {
  const fake = await opened('?channel=ch-2');
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="body"]', 'For Tomasz only');
  one(`${row('ch-5')} a`).click();
  await until(() => words('.messenger-thread').includes('Mei Lin'), 'Mei Lin');
  await until(() => fake.drafts.get('c-2')?.body === 'For Tomasz only', 'kept for Tomasz');
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  equal(one('[name="body"]').value, '');
});

test('a discharged client: the toggle says so, with the date; a link that is on is advised against', async () => {
  const at = '2026-11-04T10:00:00Z';
  const fake = await opened('?channel=ch-7', (api) => {
    Object.assign(api.channels.get('ch-7'), { off: { at, why: 'discharged' }, discharged_at: at });
    Object.assign(api.channels.get('ch-4'), { discharged_at: at });
  });
  await until(() => has('.messenger-switch'), 'the toggle');
  const off = words('.messenger-switch + .messenger-quiet');
  ok(/^Discharged Wednesday,? 4 November 2026\. The reply link does not work\.$/.test(off), off);
  equal(words('.messenger-switch'), 'Allow replies Discharged');
  ok(!has('.messenger-side [data-key="discharged"]'), 'off: there is nothing to advise');
  one(`${row('ch-4')} a`).click();
  const advice = '.messenger-side [data-key="discharged"]';
  await until(() => has(advice), 'the advice');
  ok(words(advice).includes('can still reply through the link. Consider turning replies off.'), 'why');
  one(`${advice} button`).click();
  await until(() => !has(advice), 'off');
  equal(fake.channels.get('ch-4').replies_allowed, false);
});
