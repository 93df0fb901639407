// What failed stays said until it is done again, and nothing that was typed is lost by it.

import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { newBroadcast, newTemplate } from './shapes.js';
import { find, waiting } from './steps.js';
import { story } from './story.js';

/** @typedef {import('./fake.js').Fake} Fake */

/** The Messages page. @param {string} search @param {(fake: Fake) => void} [prepare] */
async function opened(search, prepare) {
  const fake = story();
  prepare?.(fake);
  goTo(search);
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row, .messenger-overview'), 'the page');
  return fake;
}

/** Presses something once it is there. @param {string} selector */
const press = async (selector) => /** @type {HTMLElement} */ (await until(() => find(selector), selector)).click();
/** @param {string} within */
const problem = (within) => until(() => has(`${within} [role="alert"]`) && words(`${within} [role="alert"]`), 'why');
const escape = () =>
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }),
  );

const offline = /** @type {const} */ ('offline');
const away = 'messenger-absence';
const over = 'messenger-handover';
const desk = 'messenger-template-desk';

/** @param {(fake: Fake) => void} [prepare] */
async function saysAway(prepare) {
  const fake = await opened('?', prepare);
  await press('[data-do="away"]');
  await until(() => has(`${away} [name="cover"]`), 'the form');
  one(`${away} [name="cover"]`).value = 'ben';
  type(`${away} [name="note"]`, 'Ring my manager.');
  return fake;
}

test('an absence that was not saved is saved by ‘Try again’, as it is typed then', async () => {
  const fake = await saysAway();
  fake.faults.set('PUT /inboxes/amira/absence', offline);
  await press(`${away} [data-do="save"]`);
  ok((await problem(away)).includes('We could not reach the server'), 'why');
  equal(one(`${away} [name="note"]`).value, 'Ring my manager.');
  type(`${away} [name="note"]`, 'Ring Ben.');
  await press(`${away} [data-do="again"]`);
  await until(() => !sees(`${away} .messenger-dialog`), 'it closes');
  const { note, cover_staff_id: cover } = fake.watch.absences.get('amira') ?? {};
  equal([note, cover], ['Ring Ben.', 'ben']);
});

test('a note that was typed outlives Escape, and is that one’s alone', async () => {
  await saysAway();
  escape();
  await until(() => !sees(`${away} .messenger-dialog`), 'it closes');
  one(away).open({ id: 'ben', name: 'Ben Jones', own: false });
  await until(() => has(`${away} [name="note"]`), 'Ben’s');
  equal(one(`${away} [name="note"]`).value, '');
  one(away).open({ id: 'amira', name: 'Amira Shah', own: true });
  const note = `${away} [name="note"]`;
  await until(() => has(note) && one(note).value === 'Ring my manager.', 'one’s own');
  one(away).close();
  const of = { kind: 'channel', id: 'ch-1', name: 'Grace', owner: 'amira', unread: false };
  one(over).open(of, []);
  type(`${over} [name="note"]`, 'She likes mornings.');
  escape();
  await until(() => !sees(`${over} .messenger-dialog`), 'it closes');
  one(over).open({ ...of, id: 'ch-2' }, []);
  equal(one(`${over} [name="note"]`).value, '');
  one(over).open(of, []);
  equal(one(`${over} [name="note"]`).value, 'She likes mornings.');
  one(over).close();
});

test('who leaves while it is saved learns that it was not', async () => {
  const fake = await saysAway();
  let go = fake.hold('PUT /inboxes/amira/absence');
  await press(`${away} [data-do="save"]`);
  escape();
  await settled();
  ok(sees(`${away} .messenger-dialog`), 'it stays until that is known');
  fake.faults.set('PUT /inboxes/amira/absence', { status: 503, code: 'unavailable' });
  go();
  ok((await problem(away)).includes('not available at the moment'), 'why');
  go = fake.hold('PUT /inboxes/amira/absence');
  await press(`${away} [data-do="again"]`);
  await press(`${away} [data-do="close"]`);
  go();
  await until(() => !sees(`${away} .messenger-dialog`), 'it closes once it is saved');
  equal(fake.watch.absences.get('amira')?.note, 'Ring my manager.');
});

test('where absence is not set up, that is said, and not that sending is not', async () => {
  await opened('?', (fake) => fake.faults.set('GET /inboxes/amira/covers', { status: 422, code: 'not_configured' }));
  await press('[data-do="away"]');
  const why = (await problem(away)).replace(/ Try again$/, '');
  equal(why, 'Absence and handing over are not set up here. Tell your administrator.');
});

test('what is not known of an inbox’s past is loading, and not nothing', async () => {
  const fake = await saysAway();
  const go = fake.hold('GET /inboxes/amira/history');
  await press(`${away} [data-do="past"]`);
  await settled();
  equal(words(`${away} [data-key="past"]`), 'What has happened Loading');
  fake.faults.set('GET /inboxes/amira/history', { status: 503, code: 'unavailable' });
  go();
  await problem(away);
  await press(`${away} [data-do="again"]`);
  await until(() => words(`${away} [data-key="past"]`) === 'What has happened Nothing has happened yet.', 'nothing');
  await until(() => !has(`${away} [role="alert"]`), 'it is no longer wrong');
});

test('a handover that failed is done by ‘Try again’, with its note', async () => {
  const fake = await opened('?channel=ch-4');
  await press('.messenger-side [data-do="handover"]');
  await until(() => has(`${over} [value="ben"]`), 'to whom');
  one(`${over} [name="to"]`).value = 'ben';
  one(`${over} [name="note"]`).value = 'She prefers Welsh';
  fake.faults.set('POST /channels/ch-4/handover', { status: 503, code: 'unavailable' });
  await press(`${over} [data-do="hand"]`);
  await problem(over);
  await press(`${over} [data-do="again"]`);
  await until(() => !sees(`${over} .messenger-dialog`), 'it closes');
  equal(fake.asked.findLast((a) => a.path === '/channels/ch-4/handover')?.body.note, 'She prefers Welsh');
});

test('to whom could not be asked is said, and asked again with what was typed in its place', async () => {
  const fake = await opened('?channel=ch-4');
  fake.faults.set('GET /inboxes/amira/covers', offline);
  fake.faults.set('GET /inboxes', offline);
  await press('.messenger-side [data-do="handover"]');
  await problem(over);
  one(`${over} [name="note"]`).value = 'She prefers Welsh';
  await press(`${over} [data-do="again"]`);
  await until(() => has(`${over} [value="ben"]`), 'to whom');
  equal(one(`${over} [name="note"]`).value, 'She prefers Welsh');
  await until(() => !has(`${over} [role="alert"]`), 'it is no longer wrong');
});

test('how far an inbox is could not be asked: that is said, asked again, and nothing handed over twice', async () => {
  const fake = story();
  fake.watch.left.add('ben');
  goTo('?');
  fake.install();
  mount('messenger-overview');
  await press('.messenger-overview-inbox[data-key="ben"] [data-do="handover"]');
  await until(() => has(`${over} [value="amira"]`), 'to whom');
  one(`${over} [name="to"]`).value = 'amira';
  fake.faults.set('GET /inboxes/ben/handover', { status: 503, code: 'unavailable' });
  await press(`${over} [data-do="hand"]`);
  await problem(over);
  await press(`${over} [data-do="again"]`);
  await until(() => words(over).includes('That is all.'), 'how far');
  equal(fake.times('POST', /handover/), 1);
});

/** @param {(fake: Fake) => void} [prepare] */
async function writesTemplate(prepare) {
  const fake = await opened('?', (api) => {
    api.templates = [newTemplate('t-2', 'Thanks', { scope: 'own', medium: 'sms', body: 'Thank you' })];
    prepare?.(api);
  });
  await press('[data-do="desk"]');
  await press(`${desk} [data-do="new"]`);
  await until(() => has(`${desk} [name="title"]`), 'the form');
  type(`${desk} [name="title"]`, 'Results');
  type(`${desk} [name="subject"]`, 'They are here');
  type(`${desk} [name="body"]`, 'Your results are here.');
  return fake;
}

test('a template that was not saved is saved by ‘Try again’, as it is typed then', async () => {
  const fake = await writesTemplate();
  fake.faults.set('POST /templates', offline);
  await press(`${desk} [data-do="save"]`);
  await problem(desk);
  type(`${desk} [name="body"]`, 'Your results are here, all of them.');
  await press(`${desk} [data-do="again"]`);
  await until(() => words(desk).includes('Saved as version 1.'), 'saved');
  equal(fake.templates.find(({ title }) => title === 'Results')?.body, 'Your results are here, all of them.');
  ok(!has(`${desk} [role="alert"]`), 'it is no longer wrong');
});

test('a template that is half written is there again after Escape', async () => {
  await writesTemplate();
  escape();
  await until(() => !sees(`${desk} .messenger-dialog`), 'it closes');
  await press('[data-do="desk"]');
  await until(() => sees(`${desk} [name="title"]`), 'the form');
  equal(one(`${desk} [name="title"]`).value, 'Results');
  equal(one(`${desk} [name="body"]`).value, 'Your results are here.');
  ok(words(desk).includes('You have not saved this template yet.'), 'it is said');
  const leaves = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(leaves);
  ok(leaves.defaultPrevented, 'the page is not left without a question');
  await press(`${desk} [data-do="back"]`);
  await until(() => has(`${desk} [data-key="t-2"]`), 'who does not want it has the list');
  escape();
  await press('[data-do="desk"]');
  await until(() => sees(`${desk} [data-key="t-2"]`), 'and has it again');
});

test('what was typed while a template was saved is not lost', async () => {
  const fake = await writesTemplate();
  const go = fake.hold('POST /templates');
  await press(`${desk} [data-do="save"]`);
  type(`${desk} [name="body"]`, 'Your results are here. Ring us.');
  go();
  await until(() => words(desk).includes('Saved as version 1.'), 'saved');
  await settled();
  equal(one(`${desk} [name="body"]`).value, 'Your results are here. Ring us.');
  await press(`${desk} [data-do="save"]`);
  await until(() => words(desk).includes('Saved as version 2.'), 'a version of the same');
});

/** @param {...string} kept */
function dayEnd(...kept) {
  const fake = story();
  for (const id of fake.channels.keys()) if (!kept.includes(id)) fake.channels.delete(id);
  fake.messages = fake.messages.filter((m) => kept.includes(m.channel_id));
  goTo('?');
  fake.install();
  mount('messenger-overview');
  return fake;
}

test('at the day’s end what was not done stays said while the figures are asked for, and is done again', async () => {
  const fake = dayEnd('ch-2');
  await until(() => has('.messenger-needed [data-what="resolve"]'), 'the row');
  fake.faults.set('POST /attention/act', offline);
  await press('.messenger-needed [data-what="resolve"]');
  type('.messenger-ask textarea', 'Rang her.');
  await press('.messenger-ask [value="save"]');
  await problem('.messenger-overview');
  const before = fake.times('GET', /overview/);
  document.dispatchEvent(new Event('visibilitychange'));
  await until(() => fake.times('GET', /overview/) > before, 'asked again');
  await settled();
  ok((await problem('.messenger-overview')).includes('We could not reach the server'), 'still said');
  await press('.messenger-overview [data-do="again"]');
  await until(() => words('.messenger-answer').includes('Yes.'), 'done');
  equal(fake.asked.findLast((a) => a.path === '/attention/act')?.body.note, 'Rang her.');
  ok(!has('.messenger-overview [role="alert"]'), 'it is no longer wrong');
});

test('what was done is not called failed because what followed it could not be asked', async () => {
  const fake = dayEnd('ch-2');
  fake.add('ch-2', { direction: 'outbound', medium: 'sms', body: 'It is on Tuesday after all.' });
  fake.faults.set('GET /channels/ch-2/messages', { status: 503, code: 'unavailable' });
  await press('.messenger-needed [data-what="retry"]');
  await until(() => words('.messenger-needed').includes('Something newer has come'), 'why it was not');
  ok(!has('.messenger-overview [role="alert"]'), 'nothing else is wrong');
});

test('whose inboxes there are is asked again with the figures after it failed', async () => {
  const fake = story();
  fake.faults.set('GET /inboxes', offline);
  goTo('?');
  fake.install();
  mount('messenger-overview');
  await until(() => has('.messenger-overview-inbox[data-key="ben"]'), 'his inbox');
  ok(!has('[data-key="ben"] [data-do="inbox"]'), 'nothing is known of it');
  document.dispatchEvent(new Event('visibilitychange'));
  await until(() => has('[data-key="ben"] [data-do="inbox"]'), 'known');
});

test('a text that could not be sorted stays said while the list is asked for', async () => {
  const candidate = { channel_id: 'ch-1', staff_id: 'amira', client_id: 'c-1', client_name: 'Grace Okafor' };
  const fake = await opened('?', (api) => (api.texts = [waiting({ candidates: [candidate] }), waiting({ id: 't-9' })]));
  await press('[data-do="texts"]');
  fake.faults.set('POST /unmatched/t-1/assign', { status: 404, code: 'not_found' });
  await until(() => has('messenger-texts [data-reason="t-9"]'), 'the texts');
  type('messenger-texts [data-reason="t-9"]', 'She rang.');
  const before = fake.times('GET', /unmatched/);
  await press('messenger-texts [data-do="channel"]');
  await until(() => fake.times('GET', /unmatched/) > before, 'what is there now');
  await settled();
  ok((await problem('messenger-texts')).includes('This is not here any more'), 'why');
  equal(one('messenger-texts [data-reason="t-9"]').value, 'She rang.');
  escape();
  await until(() => !sees('messenger-texts .messenger-dialog'), 'closed');
  await press('[data-do="texts"]');
  await settled();
  equal(one('messenger-texts [data-reason="t-9"]').value, 'She rang.', 'there again');
});

test('a broadcast that could not be stopped stays said, and is stopped by ‘Try again’', async () => {
  const fake = await opened('?', (api) => (api.broadcasts = [newBroadcast({ id: 'b-1', queued: 4 })]));
  fake.stopped = newBroadcast({ id: 'b-1', state: 'cancelled', cancelled: 4 });
  await press('[data-do="several"]');
  fake.faults.set('POST /broadcasts/b-1/cancel', offline);
  await press('messenger-broadcasts [data-do="stop"]');
  await problem('messenger-broadcasts');
  const before = fake.times('GET', /broadcasts/);
  fake.tell('amira', 'reset', {});
  await until(() => fake.times('GET', /broadcasts/) > before, 'asked anew');
  await settled();
  await problem('messenger-broadcasts');
  await press('messenger-broadcasts [data-do="again"]');
  await until(() => words('messenger-broadcasts').includes('Cancelled'), 'stopped');
});

for (const [said, about] of /** @type {[string, object][]} */ ([
  ['Email, to 4 clients To be sent from', { queued: 4, send_after: '2026-01-05T09:00:00Z' }],
  ['Email, to 4 clients Sent from', { queued: 3, sent: 1, send_after: '2026-01-05T09:00:00Z' }],
  ['Email, to 4 clients Written', { failed: 4, state: 'sent' }],
])) {
  test(`what went to several is called sent once something was sent: ${said}`, async () => {
    const none = { queued: 0, sent: 0, failed: 0, cancelled: 0, skipped: [], skipped_count: 0, total: 4 };
    await opened('?', (api) => (api.broadcasts = [newBroadcast({ ...none, ...about })]));
    await press('[data-do="several"]');
    await until(() => has('messenger-broadcasts .messenger-broadcast-head'), 'it');
    ok(words('messenger-broadcasts .messenger-broadcast-head').startsWith(said), words('.messenger-broadcast-head'));
  });
}

test('what the bell did not do stays said while its list is asked for', async () => {
  const fake = story().install();
  mount('messenger-notifications');
  await until(() => has('.messenger-bell .messenger-count'), 'the number');
  await press('.messenger-bell');
  fake.faults.set('PUT /channels/ch-3/status', { status: 409, code: 'unread_replies' });
  await press('[data-do="complete"]');
  await until(() => has('messenger-notifications [role="alert"]'), 'why');
  const before = fake.times('GET', /notifications/);
  fake.touch(fake.channels.get('ch-1'));
  await until(() => fake.times('GET', /notifications/) > before, 'asked anew');
  await settled();
  ok(words('messenger-notifications [role="alert"]').includes('not read yet'), 'still said');
});

test('a history that could not be had is asked for again', async () => {
  const fake = await opened('?channel=ch-1');
  fake.faults.set('GET /channels/ch-1/history', offline);
  await press('[data-do="history"]');
  await problem('.messenger-history');
  await press('.messenger-history [data-do="history-again"]');
  await until(() => !has('.messenger-history [role="alert"]'), 'there');
});

test('colleagues are asked for again by themselves after a failure', async () => {
  const fake = await opened('?', (api) => api.faults.set('GET /inboxes', offline));
  equal(fake.times('GET', /^\/inboxes$/), 1);
  await until(() => has('.messenger-inbox-choice'), 'whose inboxes there are');
});
