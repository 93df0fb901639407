import { Hub } from '../hub.js';
import '../conversation.js';
import '../messenger-elements.js';
import { DraftKeeper } from '../draft.js';
import { Reading } from '../reading.js';
import { equal, has, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, order, row } from './inbox.js';
import { long } from './story.js';

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
  const atEnd = () => {
    const { scrollHeight, scrollTop, clientHeight } = one('.messenger-scroll');
    return scrollHeight - scrollTop - clientHeight < 4;
  };
  await until(atEnd, 'the end, above the form');
  type('[name="subject"]', 'Bus');
  type('.messenger-thread [name="body"]', 'Booked.\n'.repeat(8));
  one('.messenger-thread [data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form') && has('[data-delivery="cancelled"]'), 'the form');
  await until(atEnd, 'the end');
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

test('an answer to an email has its subject, without a letter of it typed', async () => {
  const subject = () => one('.messenger-thread [name="subject"]').value;
  const write = async () => {
    one('.messenger-side [data-medium="email"]').click();
    await until(() => has('.messenger-form [name="subject"]'), 'the form');
  };
  const body = '.messenger-thread [name="body"]';
  const fake = await opened('?channel=ch-8', (f) => {
    f.add('ch-8', { direction: 'outbound', subject: 'RE: re: The bus', body: 'It is booked.' });
    f.add('ch-8', { direction: 'outbound', subject: 'Your results', body: 'They are here.', private: true });
    f.add('ch-8', { direction: 'outbound', subject: 'Oops', body: 'Oops', delivery: { status: 'cancelled' } });
  });
  await write();
  equal(subject(), 'Re: The bus');
  ok(document.activeElement === one(body), 'the cursor is in the text');
  one(body).dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
  await until(() => !has('.messenger-form'), 'a line again: nothing is written');
  equal(fake.times('PUT', /draft$/), 0, 'and nothing kept');
  await write();
  type(body, 'See you there');
  one('.messenger-thread [data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'sent');
  equal(fake.of('ch-8').at(-1).subject, 'Re: The bus');
  one('.messenger-thread [data-do="undo"]').click();
  await until(() => has('.messenger-form [name="subject"]'), 'the form again');
  type('.messenger-thread [name="subject"]', 'Another thing');
  type(body, 'Hello');
  one('.messenger-box [data-medium="sms"]').click();
  one('.messenger-box [data-medium="email"]').click();
  equal(subject(), 'Another thing', 'what is typed stays');
});

test('what the client will get comes into view between the ways and Send', async () => {
  await opened('?channel=ch-2');
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="subject"]', 'Bus');
  type('.messenger-thread [name="body"]', 'Line\n'.repeat(40));
  await settled();
  one('.messenger-thread [data-do="preview"]').click();
  await until(() => {
    const { left, bottom } = one('.messenger-previewed').getBoundingClientRect();
    return one('.messenger-previewed').contains(document.elementFromPoint(left + 8, bottom - 8));
  }, 'the preview');
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

/** Has what the page asks from now on wait, until what is given is called. @param {import('./fake.js').Fake} fake */
function held(fake) {
  /** @type {() => void} */
  let go = () => {};
  fake.gate = new Promise((resolve) => (go = resolve));
  return go;
}

/** Tomasz's box with words in it, that are kept. */
async function writtenToTomasz() {
  const fake = await opened('?channel=ch-2');
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="body"]', 'For Tomasz only');
  await until(() => fake.drafts.get('c-2')?.body === 'For Tomasz only', 'kept for Tomasz');
  return fake;
}

async function openMei() {
  one(`${row('ch-5')} a`).click();
  await until(() => words('.messenger-thread').includes('Mei Lin'), 'Mei Lin');
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
}

for (const fails of [false, true])
  test(`a send that ${fails ? 'fails' : 'is accepted'} once another is open touches nothing there`, async () => {
    const fake = await writtenToTomasz();
    const go = held(fake);
    one('messenger-compose [data-do="send"]').click();
    await until(() => fake.times('POST', /^\/channels\/ch-2\/messages$/), 'asked');
    fake.gate = undefined;
    await openMei();
    type('[name="body"]', 'For Mei only');
    await until(() => fake.drafts.get('c-5')?.body === 'For Mei only', 'kept for Mei');
    if (fails) fake.faults.set('POST /channels/ch-2/messages', { status: 503, code: 'unavailable' });
    const answered = new Promise((resolve) => document.addEventListener('messenger-sent', resolve, { once: true }));
    go();
    if (fails) await until(() => words('messenger-compose').includes('Not sent to Tomasz'), 'that it was not sent');
    else await answered;
    await settled();
    equal(one('[name="body"]').value, 'For Mei only');
    ok(!has('[data-do="undo"]'), 'no Undo of what went to another');
    equal(fake.drafts.get('c-5')?.body, 'For Mei only');
    equal(fake.times('DELETE', /^\/clients\/c-5\/draft$/), 0);
  });

test('an Undo that is answered once another conversation is open puts no words there', async () => {
  const fake = await writtenToTomasz();
  one('messenger-compose [data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const go = held(fake);
  one('[data-do="undo"]').click();
  await until(() => fake.times('POST', /\/cancel$/), 'asked');
  fake.gate = undefined;
  await openMei();
  go();
  await until(() => fake.of('ch-2').at(-1).delivery.status === 'cancelled', 'cancelled');
  await settled();
  equal(one('[name="body"]').value, '');
});

/** Whether the browser would ask before the page goes. */
const asks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

/** Tomasz's box with words in it that can't be saved, left for Mei's. */
async function unsavedForTomasz() {
  const fake = await opened('?channel=ch-2');
  fake.stays = true;
  fake.faults.set('PUT /clients/c-2/draft', { status: 503, code: 'unavailable' });
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="body"]', 'For Tomasz only');
  await openMei();
  await until(asks, 'the browser asks');
  equal(one('[name="body"]').value, '');
  return fake;
}

async function openTomasz() {
  one(`${row('ch-2')} a`).click();
  await until(() => words('.messenger-thread').includes('Tomasz'), 'Tomasz');
  await until(() => has('[name="body"]'), 'the box');
}

test('words that could not be saved stand in their box again, and are saved once that can be', async () => {
  const fake = await unsavedForTomasz();
  await openTomasz();
  await until(() => one('[name="body"]').value === 'For Tomasz only', 'the words');
  ok(asks() && !fake.drafts.has('c-2'), 'they are not saved yet');
  fake.faults.clear();
  fake.tell('amira', 'reset', {});
  await until(() => fake.drafts.get('c-2')?.body === 'For Tomasz only', 'saved');
  await until(() => !asks(), 'nothing would be lost');
});

test('words that could not be saved are saved by themselves, though nobody opens their box', async () => {
  const { again } = DraftKeeper;
  DraftKeeper.again = 50;
  const fake = await unsavedForTomasz();
  fake.faults.set('GET /me', 'offline');
  const asked = fake.times('GET', /^\/me$/);
  await until(() => fake.times('GET', /^\/me$/) > asked + 1, 'asked again and again who is signed in');
  fake.faults.clear();
  await until(() => fake.drafts.get('c-2')?.body === 'For Tomasz only', 'saved');
  DraftKeeper.again = again;
  await until(() => !asks(), 'nothing would be lost');
});

test('what was sent from a box that is left is not saved as a draft again', async () => {
  const fake = await opened('?channel=ch-2');
  fake.stays = true;
  fake.faults.set('PUT /clients/c-2/draft', { status: 503, code: 'unavailable' });
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('messenger-compose .messenger-form'), 'the form');
  type('[name="body"]', 'For Tomasz only');
  await until(asks, 'it is not saved');
  const go = held(fake);
  one('messenger-compose [data-do="send"]').click();
  await until(() => fake.times('PUT', /^\/clients\/c-2\/draft$/) > 1, 'saved before');
  fake.gate = undefined;
  await openMei();
  go();
  await until(() => fake.of('ch-2').at(-1).body === 'For Tomasz only', 'sent');
  await until(() => !asks(), 'nothing would be lost');
  fake.faults.clear();
  const asked = fake.times('GET', /^\/me$/);
  fake.tell('amira', 'reset', {});
  await until(() => fake.times('GET', /^\/me$/) > asked, 'what failed is tried again');
  await settled();
  ok(!fake.drafts.has('c-2'), 'no draft of what was sent');
});

test('nothing that was typed survives for somebody else who signs in', async () => {
  const fake = await unsavedForTomasz();
  type('[name="body"]', 'For Mei only');
  fake.me = { ...fake.me, staff: { id: 'ben', name: 'Ben Jones' } };
  fake.tell('amira', 'reset', {});
  await until(() => !asks(), 'nothing would be lost');
  fake.faults.clear();
  fake.channels.get('ch-2').staff_id = 'ben';
  one('messenger-inbox').openChannel('ch-2');
  await until(() => has('.messenger-thread-head') && words('.messenger-thread').includes('Tomasz'), 'Tomasz');
  await until(() => has('[name="body"]'), 'the box');
  equal(one('[name="body"]').value, '');
  ok(!fake.drafts.has('c-2'), 'nothing is saved for them');
});

test('a reading that could not be reported is reported again, and what was wrong goes', async () => {
  const { again } = Reading;
  Reading.again = 50;
  const fake = await opened('?channel=ch-8', (f) =>
    f.faults.set('POST /channels/ch-8/read', { status: 503, code: 'unavailable' }),
  );
  await until(() => words('.messenger-thread-head').includes('not available'), 'why not');
  await until(() => fake.channels.get('ch-8').unread_count === 0, 'read');
  await until(() => !words('.messenger-thread-head').includes('not available'), 'nothing is wrong any more');
  equal(fake.times('POST', /^\/channels\/ch-8\/read$/), 2);
  Reading.again = again;
});
