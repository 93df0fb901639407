import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { check, opened, pick, press, severalPicked, write } from './several.js';
import { newBroadcast, newPreview } from './shapes.js';

test('one client is written to with the same form as everywhere', async () => {
  const fake = await opened();
  await pick('yusuf');
  await until(() => has('messenger-new-message messenger-compose [data-medium="sms"]'), 'the ways');
  one('messenger-new-message [data-medium="sms"]').click();
  await until(() => has('.messenger-dialog .messenger-form [name="body"]'), 'the form');
  type('messenger-new-message [name="body"]', 'Hello');
  one('messenger-new-message [data-do="send"]').click();
  await until(() => has('.messenger-thread [data-do="undo"]'), 'Undo, under the conversation');
  equal(fake.asked.findLast((a) => a.path === '/clients/c-8/messages')?.body.body, 'Hello');
  ok(!sees('.messenger-dialog'), 'the dialog is closed');
  equal(new URL(location.href).searchParams.get('channel'), 'ch-8', 'the conversation is open');
});

test('a new message written in a colleague’s inbox opens the conversation where it lands', async () => {
  const fake = await opened();
  one('messenger-new-message [data-do="close"]').click();
  const choice = await until(() => document.querySelector('.messenger-inbox-choice'), 'the inboxes');
  /** @type {HTMLSelectElement} */ (choice).value = 'ben';
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => words('.messenger-items').includes('Ola Nowak'), 'the colleague’s inbox');
  one('[data-do="new"]').click();
  await pick('ola');
  await until(() => has('messenger-new-message messenger-compose [data-medium="sms"]'), 'the ways');
  one('messenger-new-message [data-medium="sms"]').click();
  await until(() => has('.messenger-dialog .messenger-form [name="body"]'), 'the form');
  type('messenger-new-message [name="body"]', 'Hello');
  one('messenger-new-message [data-do="send"]').click();
  await until(() => has('.messenger-thread [data-do="undo"]'), 'Undo');
  equal(fake.messages.at(-1).channel_id, 'new-c-9');
  await until(() => one('.messenger-inbox-choice').value === 'amira', 'one’s own inbox');
});

test('several clients and a list: who will get it, then one broadcast', async () => {
  const fake = await severalPicked();
  await press('[name="list"]');
  await until(() => sees('.messenger-many'), 'the form');
  write('Hello {{first_name}}');
  one('[data-do="check"]').click();
  await until(() => has('.messenger-who'), 'who will get it');
  const who = words('.messenger-who');
  for (const part of [
    '4 clients will get it',
    '1 client will not get it',
    'Ivy Nwosu: No address or number recorded',
    'As Grace Okafor will get it',
    'Hello Grace',
  ])
    ok(who.includes(part), part);
  equal(fake.times('POST', /^\/broadcasts$/), 0, 'nothing sent yet');
  one('messenger-new-message [data-do="send"]').click();
  await until(() => words('.messenger-dialog').includes('1 sent, 3 waiting'), 'how far it is');
  ok(!words('.messenger-who').includes('0 '), 'nothing is said of nothing');
  const sent = fake.asked.findLast((a) => a.path === '/broadcasts');
  equal([sent?.body.client_ids, sent?.body.list_ids, sent?.body.then], [['c-8', 'c-1'], ['l-1'], 'done']);
  ok(sent?.headers['Idempotency-Key'], 'a key');
});

test('some of a list are ticked, told apart, and taken away again', async () => {
  const fake = await opened();
  fake.listed = Array.from({ length: 120 }, (_, i) => ({
    id: `c-m${i}`,
    name: 'Amy Lee',
    date_of_birth: `1950-01-${String(10 + (i % 20))}`,
  }));
  await press('[data-do="choose"][data-list="l-1"]');
  await until(() => has('[name="member"]'), 'who is on it');
  equal(document.querySelectorAll('[name="member"]').length, 100);
  ok(words('.messenger-members').includes('10 Jan 1950'), words('.messenger-members').slice(0, 100));
  await press('.messenger-members [data-do="more"]');
  await until(() => document.querySelectorAll('[name="member"]').length === 120, 'the rest');
  ok(!has('.messenger-members [data-do="more"]'), 'that is all');
  for (const i of [3, 119, 5]) one(`[name="member"][value="c-m${i}"]`).click();
  one('[name="member"][value="c-m5"]').click();
  await until(() => document.querySelectorAll('.messenger-chips [role="listitem"]').length === 2, 'two are picked');
  one('.messenger-chips [data-id="c-m119"]').click();
  await until(() => !one('[name="member"][value="c-m119"]').checked, 'the tick goes with the name');
  one('[name="member"][value="c-m7"]').click();
  await until(() => sees('.messenger-many'), 'the form');
  write('Hello');
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => fake.asked.some((a) => a.path === '/broadcasts'), 'sent');
  const sent = fake.asked.findLast((a) => a.path === '/broadcasts');
  equal([sent?.body.client_ids, sent?.body.list_ids], [['c-m3', 'c-m7'], []]);
});

test('what has changed since the check is checked again', async () => {
  const fake = await severalPicked();
  write('Hello');
  await check();
  type('.messenger-many [name="body"]', 'Hello again');
  await until(() => !has('messenger-new-message [data-do="send"]') && sees('[data-do="check"]'), 'check again');
  equal(fake.times('POST', /^\/broadcasts$/), 0);
});

test('the stream tells how far a broadcast is, even before its answer, and what waits can be cancelled', async () => {
  const fake = await opened();
  await press('[name="list"]');
  await until(() => sees('.messenger-many'), 'the form');
  write('Hello');
  await check();
  const told = newBroadcast({ queued: 2, sent: 2 });
  fake.tell('amira', 'broadcast', told);
  one('messenger-new-message [data-do="send"]').click();
  await until(() => words('.messenger-dialog').includes('2 sent, 2 waiting'), 'what the stream told');
  fake.tell('amira', 'broadcast', { ...told, queued: 1, sent: 3 });
  await until(() => words('.messenger-dialog').includes('3 sent, 1 waiting'), 'progress');
  equal(fake.times('GET', /^\/broadcasts/), 0, 'nothing is asked again and again');
  one('messenger-new-message [data-do="stop"]').click();
  await until(
    () =>
      words('.messenger-dialog').includes('Cancelled') &&
      words('.messenger-dialog').includes('3 cancelled') &&
      !has('[data-do="stop"]'),
    'cancelled',
  );
});

test('after events were missed the progress is asked for', async () => {
  const fake = await severalPicked();
  write('Hello');
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => words('.messenger-dialog').includes('3 waiting'), 'on its way');
  fake.tell('amira', 'reset', {});
  await until(() => words('.messenger-dialog').includes('All messages have been dealt with'), 'the end');
});

test('what was typed for several outlives the form and the dialog, until it is sent', async () => {
  const fake = await severalPicked();
  write('Hello all');
  one('[data-do="unpick"]').click();
  await until(() => !sees('.messenger-many'), 'one is left');
  one('messenger-new-message [data-do="close"]').click();
  one('[data-do="new"]').click();
  await pick('yusuf');
  await until(() => sees('.messenger-many'), 'the form');
  equal(
    [one('.messenger-many [name="subject"]').value, one('.messenger-many [name="body"]').value],
    ['Lunch', 'Hello all'],
  );
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => words('.messenger-dialog').includes('waiting'), 'on its way');
  equal(fake.asked.findLast((a) => a.path === '/broadcasts')?.body.body, 'Hello all');
  one('messenger-new-message [data-do="close"]').click();
  one('[data-do="new"]').click();
  await until(() => has('input[id$="-find"]') && !has('.messenger-chips'), 'an empty form');
});

/** Whether the browser would ask before the page goes away. */
const asks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

test('the page asks before it goes away while it holds text for several that is not sent, and only then', async () => {
  await severalPicked();
  ok(!asks(), 'nothing typed, nothing asked');
  type('.messenger-many [name="subject"]', 'Lunch');
  ok(asks(), 'a subject');
  type('.messenger-many [name="body"]', 'Hello all');
  one('messenger-new-message [data-do="close"]').click();
  await until(() => !sees('.messenger-many'), 'closed');
  ok(asks(), 'kept though the dialog is closed');
  one('[data-do="new"]').click();
  await until(() => sees('[data-do="check"]'), 'the form');
  await check();
  ok(asks(), 'looked at is not sent');
  one('messenger-new-message [data-do="send"]').click();
  await until(() => words('.messenger-dialog').includes('waiting'), 'on its way');
  ok(!asks(), 'sent');
});

test('a message to several can go out later', async () => {
  const fake = await severalPicked();
  write('Hello');
  one('messenger-new-message [data-do="later"]').click();
  equal(document.activeElement, one('.messenger-many [name="when"]'), 'the cursor');
  one('[data-do="check"]').click();
  await until(() => words('.messenger-dialog').includes('Enter a date and time in the future'), 'no time');
  type('.messenger-many [name="when"]', '2001-01-01T10:00');
  one('[data-do="check"]').click();
  await until(() => words('.messenger-dialog').includes('Enter a date and time in the future'), 'a time that is past');
  equal(fake.times('POST', /^\/broadcasts/), 0, 'nothing asked');
  type('.messenger-many [name="when"]', '2099-01-01T10:00');
  one('[data-do="check"]').click();
  await press('messenger-new-message [data-do="send"]');
  await until(() => /Will be sent .*2099/.test(words('.messenger-dialog')), 'when');
  const { send_local: local, send_after: after } = fake.asked.findLast((a) => a.path === '/broadcasts')?.body;
  equal([local.at, local.zone], ['2099-01-01T10:00', Intl.DateTimeFormat().resolvedOptions().timeZone]);
  equal(after, undefined, 'the clock’s time alone');
  ok(has('messenger-new-message [data-do="stop"]'), 'it can be cancelled');
});

test('a message to several that was to go out later goes out at once when asked', async () => {
  const fake = await severalPicked();
  write('Hello');
  one('messenger-new-message [data-do="later"]').click();
  type('.messenger-many [name="when"]', '2099-01-01T10:00');
  one('messenger-new-message [data-do="later"]').click();
  one('[data-do="check"]').click();
  await press('messenger-new-message [data-do="send"]');
  await until(() => words('.messenger-dialog').includes('waiting'), 'on its way');
  const { send_after: after } = fake.asked.findLast((a) => a.path === '/broadcasts')?.body;
  ok(Date.parse(after) - Date.now() < 70_000, 'after the minute in which it can be undone');
});

test('a message to several waits a minute, and Undo gives its text back', async () => {
  const fake = await severalPicked();
  write('Hello all');
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => has('messenger-new-message [data-do="undo"]'), 'Undo');
  ok(words('.messenger-dialog').includes('Sending in'), 'how long');
  fake.stopped = newBroadcast({ state: 'cancelled', cancelled: 4 });
  one('messenger-new-message [data-do="undo"]').click();
  await until(() => sees('.messenger-many'), 'the form');
  equal(one('.messenger-many [name="body"]').value, 'Hello all');
  ok(words('.messenger-dialog').includes('Not sent to anybody'), 'said');
  equal(fake.times('POST', /^\/broadcasts\/b-1\/cancel$/), 1);
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => fake.times('POST', /^\/broadcasts$/) === 2, 'sent again');
  const [first, second] = fake.asked.filter((a) => a.path === '/broadcasts');
  ok(first.headers['Idempotency-Key'] !== second.headers['Idempotency-Key'], 'as another one');
});

test('nothing touches Undo and Close once several are written to', async () => {
  await severalPicked();
  write('Hello all');
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => has('messenger-progress [data-do="undo"]'), 'Undo');
  const parts = ['.messenger-who', '[data-do="close"]', '[data-do="undo"]'];
  const boxes = parts.map((part) => one(`messenger-progress ${part}`).getBoundingClientRect());
  for (const [i, one] of boxes.entries()) {
    for (const [j, other] of boxes.entries()) {
      if (i >= j) continue;
      const apart = Math.max(other.left - one.right, one.left - other.right, other.top - one.bottom);
      ok(apart >= 4, `${parts[i]} and ${parts[j]} are ${apart} apart`);
    }
  }
});

test('how many text messages it is says the server alone, for each and for all', async () => {
  await severalPicked();
  one('.messenger-many [name="medium"][value="sms"]').click();
  type('.messenger-many [name="body"]', 'Hello {{first_name}}');
  await settled();
  ok(!/\d+ (text message|character)/.test(words('.messenger-dialog')), 'nothing before');
  await check();
  ok(words('.messenger-who').includes('4 text messages in all, 1 to 2 for each'), words('.messenger-who'));
});

test('what was scheduled and sent to several: words, how many, who did not get it and why, Cancel', async () => {
  const fake = await opened();
  one('messenger-new-message [data-do="close"]').click();
  fake.broadcasts = [
    newBroadcast({ id: 'b-2', medium: 'sms', subject: undefined, queued: 4, send_after: '2099-01-01T08:00:00Z' }),
    newBroadcast({ id: 'b-1', state: 'sent', sent: 3, failed: 1 }),
  ];
  one('[data-do="several"]').click();
  await until(() => has('.messenger-broadcast'), 'the list');
  const titled = one('messenger-broadcasts .messenger-dialog').getAttribute('aria-labelledby');
  equal(document.querySelectorAll(`#${titled}`).length, 1, 'a name of its own');
  equal(words(`#${titled}`), 'Scheduled and sent to several');
  const [scheduled, gone] = ['b-2', 'b-1'].map((id) => words(`.messenger-broadcast[data-key="${id}"]`));
  ok(/SMS, to 4 clients Will be sent .*2099.* Hello .* 4 waiting/.test(scheduled), scheduled);
  ok(/Email, to 4 clients Sent from today.* Lunch Hello .* 3 sent, 1 not delivered/.test(gone), gone);
  ok(!has('.messenger-broadcast[data-key="b-1"] [data-do="stop"]'), 'nothing to cancel');
  one('.messenger-broadcast[data-key="b-2"] [data-do="skipped"]').click();
  await until(() => has('.messenger-skipped'), 'who');
  await until(() => words('.messenger-skipped').includes('Siân Pritchard: No address'), 'who and why');
  fake.stopped = newBroadcast({ id: 'b-2', state: 'cancelled', cancelled: 4 });
  one('.messenger-broadcast[data-key="b-2"] [data-do="stop"]').click();
  await until(() => words('.messenger-broadcast[data-key="b-2"]').includes('4 cancelled'), 'cancelled');
  ok(document.activeElement !== document.body, 'the focus is somewhere');
});

test('who did not get a message to several: why, tried again together, and what came of each', async () => {
  const fake = await opened();
  one('messenger-new-message [data-do="close"]').click();
  for (const [id, name] of [
    ['c-21', 'Owen Price'],
    ['c-22', 'Wanda Nowak'],
  ]) {
    fake.client(id, name);
    fake.channel(`ch-${id}`, id, 'open', { attention: ['delivery_failed'] });
    const delivery = { status: 'failed', reason: 'wrong_contact', attention: true };
    fake.add(`ch-${id}`, { direction: 'outbound', medium: 'sms', body: 'Hello', delivery });
  }
  fake.add('ch-c-22', { direction: 'outbound', medium: 'sms', body: 'Something newer' });
  fake.broadcasts = [newBroadcast({ id: 'b-1', state: 'sent', sent: 1, failed: 2 })];
  one('[data-do="several"]').click();
  await until(() => has('.messenger-broadcast'), 'the list');
  equal(fake.times('GET', /failed/), 0, 'asked for when it is opened');
  one('[data-do="failed"]').click();
  await until(() => words('messenger-broadcasts').includes('Owen Price'), 'who');
  ok(/Owen Price ?: .*(number|address)/.test(words('messenger-broadcasts')), words('messenger-broadcasts'));
  one('messenger-broadcasts [data-do="retry"]').click();
  await until(() => words('messenger-broadcasts').includes('Trying again'), 'what came of one');
  ok(/Wanda Nowak ?: Something newer/.test(words('messenger-broadcasts')), 'and of the other');
  equal(fake.times('POST', /^\/broadcasts\/b-1\/retry$/), 1);
  ok(!has('messenger-broadcasts [data-do="retry"]'), 'each once');
  ok(document.activeElement !== document.body, 'the focus is somewhere');
  one('messenger-broadcasts [data-channel="ch-c-22"]').click();
  await until(() => location.search.includes('channel=ch-c-22'), 'the conversation');
  goTo('');
});

test('more than 50 clients want their number typed', async () => {
  const fake = await severalPicked();
  let total = 51;
  fake.preview = (/** @type {any} */ body) => ({ ...newPreview(body), total, skipped_count: 0, skipped: [] });
  write('Hello all');
  await check();
  const send = () => one('messenger-new-message [data-do="send"]').click();
  ok(words('.messenger-dialog').includes('Type 51 to confirm how many get it'), 'asked');
  send();
  await until(() => has('messenger-preview .messenger-error'), 'nothing typed');
  equal(document.activeElement, one('messenger-preview [name="number"]'), 'the cursor');
  type('messenger-preview [name="number"]', '15');
  one('messenger-preview [name="number"]').dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }),
  );
  await settled();
  ok(has('messenger-preview .messenger-error'), 'another number');
  equal(fake.times('POST', /^\/broadcasts$/), 0, 'nothing is sent');
  type('.messenger-many [name="body"]', 'Hello to all of you');
  await settled();
  await check();
  equal(one('messenger-preview [name="number"]').value, '', 'empty once something has changed');
  type('messenger-preview [name="number"]', ' 51 ');
  send();
  await until(() => fake.times('POST', /^\/broadcasts$/) === 1, 'sent');

  total = 50;
  await severalPicked().then((few) => (few.preview = fake.preview));
  write('Hello');
  await check();
  ok(!has('messenger-preview [name="number"]'), 'fifty do not');
});

test('a fault of a message to several goes once another way, or a template, puts it right', async () => {
  await severalPicked();
  one('.messenger-many [name="medium"][value="sms"]').click();
  type('.messenger-many [name="body"]', 'x'.repeat(1000));
  one('[data-do="check"]').click();
  await until(() => has('.messenger-many .messenger-error'), 'too long');
  one('.messenger-many [name="medium"][value="email"]').click();
  await until(() => !has('.messenger-many .messenger-error'), 'an email has room for it');
  type('.messenger-many [name="body"]', '');
  one('.messenger-many [name="medium"][value="sms"]').click();
  one('[data-do="check"]').click();
  await until(() => has('.messenger-many .messenger-error'), 'nothing is written');
  one('.messenger-many [data-do="templates"]').click();
  await press('.messenger-many [role="option"]');
  await until(() => one('.messenger-many [name="body"]').value, 'the template');
  ok(!has('.messenger-many .messenger-error'), 'something is');
});

test('what was refused of a message to several is not said any more of another', async () => {
  const fake = await severalPicked();
  write('Hello');
  fake.faults.set('POST /broadcasts/preview', { status: 422, code: 'invalid' });
  one('[data-do="check"]').click();
  await until(() => has('.messenger-dialog-problem [role="alert"]'), 'refused');
  type('.messenger-many [name="body"]', 'Hello all');
  await until(() => !has('.messenger-dialog-problem [role="alert"]'), 'it may be right now');
});

test('who will get it is not said of other recipients, nor sent to them', async () => {
  const fake = await severalPicked();
  write('Hello');
  let go = () => {};
  fake.gate = new Promise((resolve) => (go = () => resolve(undefined)));
  one('[data-do="check"]').click();
  await until(() => fake.times('POST', /^\/broadcasts\/preview$/), 'asked');
  fake.gate = undefined;
  one('[name="list"]').click();
  await until(() => one('[name="list"]').checked, 'others');
  const answered = fake.asked.length;
  go();
  await until(() => one('[data-do="check"]').ariaDisabled !== 'true', 'it is answered');
  await settled();
  ok(!has('.messenger-who') && !has('messenger-new-message [data-do="send"]'), 'nothing of it');
  equal(fake.asked.length >= answered, true);
});
