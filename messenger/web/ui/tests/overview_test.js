import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { waiting } from './steps.js';
import { story } from './story.js';

/** A day with these channels alone. @param {...string} kept */
function only(...kept) {
  const fake = story();
  for (const id of fake.channels.keys()) if (!kept.includes(id)) fake.channels.delete(id);
  fake.messages = fake.messages.filter((m) => kept.includes(m.channel_id));
  goTo('?');
  return fake.install();
}

const answer = '.messenger-answer';
const says = (/** @type {string} */ text) =>
  until(() => has(answer) && words(answer).includes(text), `it says ‘${text}’`);
const green = () => one(answer).dataset.look === 'good';
const shows = (/** @type {string} */ text) => until(() => words('.messenger-overview').includes(text), text);

test('red for a reason; the reason is dealt with from there; green', async () => {
  const fake = only('ch-2', 'ch-5');
  mount('messenger-overview');
  await says('Not yet: 1 needs attention');
  await until(() => has('.messenger-needed'), 'what needs a person');
  ok(words('.messenger-needed').includes('Tomasz Wiśniewski'), 'whose it is');
  ok(words('.messenger-needed').includes('The address or number is not right.'), 'why');
  one('.messenger-needed [data-what="retry"]').click();
  await says('Yes. Nothing here has to be seen today.');
  ok(green(), 'green');
  ok(words('.messenger-needed').includes('Trying again'), 'the row says what came of it');
  equal(fake.asked.find((a) => a.path === '/attention/act')?.body.do, 'retry');
});

test('a message that the record did not take is filed from its row; green', async () => {
  const fake = only('ch-4', 'ch-5');
  mount('messenger-overview');
  await says('Not yet: 1 needs attention');
  await until(() => has('.messenger-needed [data-what="file"]'), 'the way');
  ok(words('.messenger-needed').includes('Not in the record'), 'why');
  ok(!has('.messenger-needed [data-what="retry"]'), 'it has gone out');
  one('.messenger-needed [data-what="file"]').click();
  await says('Yes. Nothing here has to be seen today.');
  equal(fake.of('ch-4').filter((m) => m.record.attention).length, 0);
});

for (const [reason, why] of [
  ['reply_flood', 'Too many replies'],
  ['link_locked', 'Reply link locked'],
]) {
  test(`a link is dealt with from its row, and not without what was done: ${why}; green`, async () => {
    const fake = only('ch-5');
    fake.channels.get('ch-5').attention = [reason];
    mount('messenger-overview');
    await says('Not yet: 1 needs attention');
    await until(() => has('.messenger-needed [data-what="resolve"]'), 'the way');
    ok(words('.messenger-needed').includes(why), 'why');
    one('.messenger-needed [data-what="resolve"]').click();
    await until(() => has('.messenger-ask [value="save"]'), 'what was done');
    one('.messenger-ask [value="save"]').click();
    await settled();
    ok(!fake.times('POST', /attention/), 'not without a word');
    type('.messenger-ask textarea', 'Rang them.');
    one('.messenger-ask [value="save"]').click();
    await says('Yes. Nothing here has to be seen today.');
    equal(fake.asked.find((a) => a.path === '/attention/act')?.body.note, 'Rang them.');
  });
}

test('a reply unread for too long is read from its row, by link too many as it is; green then only', async () => {
  const fake = only('ch-5');
  fake.silently(() => fake.reply('ch-5', 'I need help'));
  fake.channels.get('ch-5').attention = ['reply_overdue', 'reply_flood'];
  goTo('?view=overview');
  mount('messenger-inbox');
  await says('Not yet: 1 unread conversation');
  const row = '.messenger-needed[data-key="reply_overdue ch-5"]';
  await until(() => has(`${row} [data-do="channel"]`), 'the row');
  one(`${row} [data-do="channel"]`).click();
  await until(() => fake.channels.get('ch-5').status === 'open', 'read');
  equal(fake.channels.get('ch-5').attention, ['reply_flood']);
  one('[data-do="overview"]').click();
  await says('Not yet: 1 needs attention');
  await until(() => has('.messenger-needed [data-what="resolve"]'), 'the link is left');
  one('.messenger-needed [data-what="resolve"]').click();
  await until(() => has('.messenger-ask textarea'), 'what was done');
  type('.messenger-ask textarea', 'Rang them.');
  one('.messenger-ask [value="save"]').click();
  await says('Yes. Nothing here has to be seen today.');
});

test('a text that nobody claimed is sorted from its row; green', async () => {
  const fake = only('ch-5');
  const candidate = { channel_id: 'ch-5', staff_id: 'amira', client_id: 'c-5', client_name: 'Sian' };
  fake.texts = [waiting({ candidates: [candidate] })];
  goTo('?view=overview');
  mount('messenger-inbox');
  await says('Not yet: 1 text to sort');
  await until(() => has('.messenger-needed [data-do="texts"]'), 'the row');
  one('.messenger-needed [data-do="texts"]').click();
  await until(() => has('messenger-texts [data-do="channel"]'), 'whose it may be');
  ok(!green(), 'looking is not sorting');
  one('messenger-texts [data-do="channel"]').click();
  await says('Yes. Nothing here has to be seen today.');
});

test('an inbox shows only what is not nothing, own first; each leads there', async () => {
  only('ch-1', 'ch-9');
  const overview = mount('messenger-overview', { messages: '/inbox-page' });
  await says('Not yet: 2 unread conversations');
  const own = '.messenger-overview-inbox[data-key="amira"]';
  ok(words(own).startsWith('My inbox'), 'own');
  ok(words(own).includes('1 unread conversation, the oldest since'), 'since when');
  ok(!/scheduled|\b0\b/.test(words(own)), 'nothing of what is nothing');
  ok(words('.messenger-overview-inbox[data-key="chloe"]').includes('Nothing waits'), 'nothing waits there');
  const link = one('.messenger-overview-inbox[data-key="ben"] [data-show="open"]');
  equal(new URL(link.href).pathname + new URL(link.href).search, '/inbox-page?inbox=ben&show=open');
  /** @type {any} */
  let way;
  overview.addEventListener('messenger-navigate', (/** @type {CustomEvent} */ event) => {
    event.preventDefault();
    way = event.detail;
  });
  link.click();
  equal([way.to, way.staff_id, way.show], ['inbox', 'ben', 'open']);
});

test('what awaits an answer is said, and is nothing to stay for', async () => {
  const fake = only('ch-5');
  fake.channels.get('ch-5').awaiting = { by: '2099-01-01', status: 'waiting' };
  mount('messenger-overview', { messages: '/inbox-page' });
  await says('Yes. Nothing here has to be seen today.');
  const link = one('.messenger-overview-inbox[data-key="amira"] [data-show="awaiting"]');
  equal(link.textContent.trim(), '1 awaits an answer');
});

test('a second message of a conversation that needs a person is listed as it fails', async () => {
  const fake = only('ch-2');
  mount('messenger-overview');
  await until(() => document.querySelectorAll('.messenger-needed').length === 1, 'one');
  fake.add('ch-2', { direction: 'outbound', body: 'Again', delivery: { status: 'failed', attention: true } });
  fake.touch(fake.channels.get('ch-2'));
  await until(() => document.querySelectorAll('.messenger-needed').length === 2, 'both');
});

test('several at once: each row says what came of it', async () => {
  const fake = only('ch-2', 'ch-4', 'ch-9');
  fake.channels.get('ch-4').staff_id = 'chloe'; // where one may only look
  fake.add('ch-9', { direction: 'outbound', body: 'Here it is', delivery: { status: 'failed', attention: true } });
  fake.channels.get('ch-9').attention = ['delivery_failed'];
  mount('messenger-overview');
  await until(() => document.querySelectorAll('.messenger-needed').length === 3, 'three');
  equal(document.querySelectorAll('.messenger-needed .messenger-tick').length, 2);
  ok(words('.messenger-overview').includes('For Ben Jones'), 'for whom');
  one('[data-do="tick-all"]').click();
  await until(() => has('[data-do="several"][data-what="retry"]'), 'the button');
  equal(words('[data-do="several"][data-what="retry"]'), 'Try 2 again');
  equal(words('[data-do="several"][data-what="resolve"]'), '2 dealt with');
  fake.messages.find((m) => m.channel_id === 'ch-9' && m.delivery.attention).delivery.attention = undefined;
  one('[data-do="several"][data-what="retry"]').click();
  await shows('Trying again');
  await shows('This is not here any more');
  equal(document.querySelectorAll('.messenger-needed-came').length, 1);
  equal(one('messenger-overview > [role="status"]').textContent, '1 done, 1 not done: the row says why');
});

test('whose reply it is, is said of each by itself and never of several', async () => {
  only('ch-3');
  mount('messenger-overview');
  await shows('It is Bartholomew Featherstonehaugh-Cholmondeley');
  one('.messenger-needed .messenger-tick').click();
  await until(() => has('[data-do="several"][data-what="resolve"]'), 'dealt with');
  ok(!has('[data-do="several"][data-what="file"]'), 'not filed with others');
});

test('what something newer followed is asked about, and again where more came', async () => {
  const fake = only('ch-2');
  fake.add('ch-2', { direction: 'outbound', medium: 'sms', body: 'It is on Tuesday after all.' });
  mount('messenger-overview');
  await until(() => has('.messenger-needed [data-what="retry"]'), 'the row');
  one('.messenger-needed [data-what="retry"]').click();
  await until(() => has('[data-do="all-the-same"]'), 'the question');
  ok(words('.messenger-needed').includes('‘It is on Tuesday after all.’'), 'the newest words');
  equal(fake.of('ch-2')[0].delivery.status, 'failed');
  const read = { at: new Date().toISOString(), by: 'amira' };
  fake.silently(() => fake.add('ch-2', { direction: 'inbound', body: 'Then I can’t come.', read }));
  one('[data-do="all-the-same"]').click();
  await shows('‘Then I can’t come.’');
  equal(fake.of('ch-2')[0].delivery.status, 'failed');
  one('[data-do="all-the-same"]').click();
  await shows('Trying again');
  equal(fake.of('ch-2')[0].delivery.status, 'queued');
});

test('green goes at once when a reply is heard, and when the connection is lost', async () => {
  const fake = only('ch-5');
  mount('messenger-overview');
  await says('Yes.');
  await until(() => fake.sources.length, 'the stream');
  let open = () => {};
  fake.gate = new Promise((resolve) => (open = () => resolve(undefined)));
  fake.reply('ch-5', 'I need help');
  await settled();
  ok(!green(), 'before the server is asked');
  open();
  await says('Not yet: 1 unread conversation');
  fake.channels.get('ch-5').status = 'done';
  fake.silently(() => fake.touch(fake.channels.get('ch-5')));
  document.dispatchEvent(new Event('visibilitychange'));
  await says('Yes.');
  fake.down = true;
  fake.sources[0].fail(true);
  await says('We can’t tell at the moment.');
  ok(!green(), 'while nothing is heard');
});

test('an answer that never comes is no yes', async () => {
  const fake = only('ch-5');
  mount('messenger-overview');
  await says('Yes.');
  fake.faults.set('GET /overview', { status: 503, code: 'unavailable' });
  document.dispatchEvent(new Event('visibilitychange'));
  await says('We can’t tell at the moment.');
  ok(has('.messenger-overview [role="alert"] [data-do="again"]'), 'try again');
});

test('an inbox that nobody looks after is red, and gets a cover from there', async () => {
  const fake = only('ch-5');
  fake.watch.absences.set('amira', {
    staff_id: 'amira',
    cover_staff_id: 'chloe',
    cover_name: 'Chloe Martin',
    from: new Date(Date.now() - 60_000).toISOString(),
  });
  mount('messenger-overview');
  await says('Not yet: 1 inbox that nobody looks after');
  const own = '.messenger-overview-inbox[data-key="amira"]';
  ok(words(own).includes('Nobody covers'), 'why');
  one(`${own} [data-do="cover"]`).click();
  await until(() => has('messenger-absence [name="cover"]'), 'the form');
  one('messenger-absence [name="cover"]').value = 'ben';
  one('messenger-absence [data-do="save"]').click();
  await says('Yes.');
  equal(fake.watch.absences.get('amira').cover_staff_id, 'ben');
  ok(words(own).includes('Ben Jones covers'), 'who covers');
});

test('a reply unread for too long gets a cover from its row', async () => {
  const fake = only('ch-9');
  fake.channels.get('ch-9').attention = ['reply_overdue'];
  mount('messenger-overview');
  await until(() => has('.messenger-needed [data-do="cover"]'), 'the way');
  one('.messenger-needed [data-do="cover"]').click();
  await until(() => has('messenger-absence [name="cover"]'), 'the form');
  equal(words('messenger-absence .messenger-dialog-title'), 'Ben Jones is away');
  equal([...one('messenger-absence [name="cover"]').options].map((o) => o.value), ['', 'amira', 'chloe']);
});

test('on the Messages page it takes the place of the panes, with a way back, in the address', async () => {
  only('ch-2', 'ch-9');
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  one('[data-do="overview"]').click();
  await says('Not yet');
  ok(!one('.messenger-panes').checkVisibility(), 'instead of the panes');
  equal(new URL(location.href).searchParams.get('view'), 'overview');
  ok(document.activeElement?.matches('.messenger-overview-title'), 'the focus is at its title');
  await until(() => has('.messenger-needed [data-do="channel"]'), 'what needs a person');
  one('.messenger-needed [data-do="channel"]').click();
  await until(() => has('.messenger-message'), 'the conversation');
  ok(one('.messenger-panes').checkVisibility() && !has('messenger-overview'), 'the panes are back');
  history.back();
  await says('Not yet');
  one('.messenger-overview-inbox[data-key="ben"] [data-show="open"]').click();
  await until(() => has('.messenger-row[data-key="ch-9"]'), 'Ben’s inbox');
  equal(new URL(location.href).search, '?inbox=ben&show=open');
  one('[data-do="overview"]').click();
  await says('Not yet');
  one('[data-do="panes"]').click();
  ok(document.activeElement?.matches('[data-do="overview"]'), 'the focus is where it came from');
});

test('an inbox without an owner is said to be so while somebody is written to from it', async () => {
  const fake = only('ch-9');
  fake.channels.get('ch-9').status = 'done';
  fake.watch.left.add('ben').add('chloe');
  mount('messenger-overview');
  await says('Not yet: 1 inbox that nobody looks after');
  equal(one('.messenger-overview-inbox[data-key="ben"]').dataset.look, 'bad');
  equal(one('.messenger-overview-inbox[data-key="chloe"]').dataset.look, 'good');
});

test('what waits as a whole is said', async () => {
  const fake = only('ch-5');
  fake.watch.held = 2;
  mount('messenger-overview');
  await says('Not yet: 2 hold-ups of sending or filing');
});

test('by reason', async () => {
  const fake = only('ch-2', 'ch-4');
  mount('messenger-overview');
  await until(() => document.querySelectorAll('.messenger-needed').length === 2, 'two');
  one('[data-reason="record_failed"]').click();
  await until(() => document.querySelectorAll('.messenger-needed').length === 1, 'one');
  ok(words('.messenger-needed').includes('Siân Pritchard'), 'whose');
  ok(fake.times('GET', /attention\?reason=record_failed/) === 1, 'asked for');
});
