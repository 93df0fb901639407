import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, ok, one, test, type, until, words } from './harness.js';
import { opened, order, row } from './inbox.js';

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

test('what an answer is awaited in has a list of its own, that empties as the answer comes', async () => {
  const fake = await opened('', (f) => {
    Object.assign(f.channels.get('ch-2'), { status: 'open', awaiting: { by: '2099-01-02', status: 'waiting' } });
  });
  await until(() => has('[data-show="awaiting"]'), 'the way to it');
  one('[data-show="awaiting"]').click();
  await until(() => order().length === 1 && order()[0] === 'ch-2', 'it alone');
  ok(words('.messenger-list').includes('Awaiting'), words('.messenger-list'));
  delete fake.channels.get('ch-2').awaiting;
  fake.reply('ch-2', 'Yes, I will come.');
  await until(() => words('.messenger-list').includes('No answer is awaited'), 'nothing is left');
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

test('the question whether it is done outlives what is drawn meanwhile, and no key of the box answers it', async () => {
  const fake = await opened('?channel=ch-2', (f) => {
    Object.assign(f.channels.get('ch-2'), { status: 'open', awaiting: { by: '2099-01-02', status: 'waiting' } });
  });
  const asks = '[aria-labelledby="messenger-awaited-title"]';
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  type('[name="body"]', 'Booked.');
  one('[data-do="send-done"]').click();
  await until(() => has(asks), 'the question');
  one('messenger-compose').render();
  for (const keys of [{ key: 'Enter', ctrlKey: true }, { key: 'Escape' }]) {
    ok(has(asks), 'it stays');
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { ...keys, bubbles: true, cancelable: true }));
  }
  await until(() => !has(asks), 'Escape closes it');
  equal([fake.times('POST', /messages$/), one('[name="body"]').value, has('.messenger-form')], [0, 'Booked.', true]);
  one('[data-do="send-done"]').click();
  await until(() => has(asks), 'again');
  one(`${asks} [value="done"]`).click();
  await until(() => fake.asked.find((a) => a.path.endsWith('/messages') && a.method === 'POST'), 'sent');
  equal(fake.asked.find((a) => a.path.endsWith('/messages') && a.method === 'POST')?.body.then, 'done');
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
    const unloaded = { id: 'm-before-all-that-is-loaded' };
    fake.past = [
      act('h-5', 'cancelled', undone),
      act('h-4', 'sent', undone),
      act('h-3', 'cancelled', unloaded),
      act('h-2', 'sent', unloaded),
      act('h-1', 'sent', first),
    ];
  });
  one('[data-do="history"]').click();
  await until(() => document.querySelectorAll('.messenger-entries > *').length === 5, 'the entries');
  equal(
    [...document.querySelectorAll('.messenger-entry-what')].map((e) => e.textContent),
    ['Message cancelled', 'Message written', 'Message cancelled', 'Message written', 'Message sent'],
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

test('a discharged client: the toggle says so, with the date; a link that is on is advised against', async () => {
  const at = '2026-11-04T10:00:00Z';
  const fake = await opened('?channel=ch-7', (api) => {
    Object.assign(api.channels.get('ch-7'), { off: { by: '', at, why: 'discharged' }, discharged_at: at });
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
