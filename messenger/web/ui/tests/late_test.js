// Answers that come late: they stand for nobody else, and nothing acts that has left the page.

import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { newBroadcast } from './shapes.js';
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
  await until(() => has('.messenger-row'), 'the page');
  await until(() => customElements.get('messenger-absence'), 'the dialogs');
  return fake;
}

/** Presses something once it is there. @param {string} selector */
const press = async (selector) => /** @type {HTMLElement} */ (await until(() => find(selector), selector)).click();

test('an absence that is asked for late is not another inbox’s', async () => {
  const fake = await opened('?');
  fake.watch.absences.set('amira', {
    staff_id: 'amira',
    cover_staff_id: 'ben',
    cover_name: 'Ben Jones',
    from: new Date(Date.now() - 60_000).toISOString(),
    note: 'Mine',
  });
  const dialog = one('messenger-absence');
  const go = fake.hold('GET /inboxes/amira/covers');
  dialog.open({ id: 'amira', name: 'Amira Shah', own: true });
  await settled();
  dialog.open({ id: 'ben', name: 'Ben Jones', own: false });
  await until(() => has('messenger-absence [name="note"]'), 'Ben’s form');
  type('messenger-absence [name="note"]', 'His');
  go();
  await settled();
  equal(words('messenger-absence .messenger-dialog-title'), 'Ben Jones is away');
  equal(one('messenger-absence [name="note"]').value, 'His');
  equal([...one('messenger-absence [name="cover"]').options].map((o) => o.value), ['', 'amira', 'chloe']);
});

test('to whom something may go, asked late, is not said of something else', async () => {
  const fake = await opened('?');
  const dialog = one('messenger-handover');
  const go = fake.hold('GET /inboxes/amira/covers');
  dialog.open({ kind: 'channel', id: 'ch-1', name: 'Grace', owner: 'amira', unread: false }, []);
  await settled();
  dialog.open({ kind: 'channel', id: 'ch-9', name: 'Ola', owner: 'ben', unread: false }, []);
  go();
  await until(() => has('messenger-handover [value="amira"]'), 'Ben’s colleagues');
  await settled();
  equal([...one('messenger-handover [name="to"]').options].map((o) => o.value), ['', 'amira', 'chloe']);
});

test('how far an inbox is, is not asked for any more once another dialog is open', async () => {
  const fake = await opened('?');
  const running = { id: 'ho-1', state: 'running', total: 9, moved: 1, refused_count: 0, refused: [] };
  fake.watch.handovers.set('ben', running);
  Object.defineProperty(running, 'asked', { get: () => 0, set: () => {}, enumerable: true });
  const dialog = one('messenger-handover');
  dialog.open({ kind: 'inbox', id: 'ben', name: 'Ben Jones', owner: 'ben', unread: true }, []);
  await until(() => words('messenger-handover').includes('of 9 handed over'), 'how far');
  dialog.close();
  dialog.open({ kind: 'channel', id: 'ch-1', name: 'Grace', owner: 'amira', unread: false }, []);
  const before = performance.now();
  await until(() => performance.now() > before + 1500, 'when it would be asked');
  ok(!has('messenger-handover [role="alert"]'), 'nothing is wrong with this one');
  equal(fake.times('GET', /channels.ch-1.handover/), 0);
  dialog.close();
});

test('only who was looked for last is found, and nobody while they are looked for', async () => {
  const fake = await opened('?', (api) => (api.texts = [waiting({})]));
  await press('[data-do="texts"]');
  await until(() => has('messenger-texts [data-find]'), 'the text');
  const searches = () => fake.times('POST', /clients.search/);
  /** @returns {NodeListOf<HTMLElement>} */
  const buttons = () => document.querySelectorAll('messenger-texts [data-do="client"]');
  const finds = () => [...buttons()].map((button) => button.dataset.name);
  type('messenger-texts [data-find]', 'Grace');
  await until(() => has('messenger-texts [data-do="client"]'), 'Grace');
  const go = fake.hold('POST /clients/search');
  type('messenger-texts [data-find]', 'Tomasz');
  await settled();
  equal(finds(), [], 'Grace is not who is looked for');
  equal(words('messenger-texts [data-key="finding"]'), 'Loading');
  await until(() => searches() === 2, 'asked');
  fake.holds.delete('POST /clients/search');
  type('messenger-texts [data-find]', 'Yusuf');
  await until(() => searches() === 3, 'asked although the one before has no answer yet');
  await until(() => finds().length, 'found');
  go();
  await settled();
  ok(finds().every((name) => name?.includes('Yusuf')), `${finds()}`);
  type('messenger-texts [data-find]', 'Nobody at all');
  await until(() => words('messenger-texts').includes('No client found for ‘Nobody at all’.'), 'nobody');
});

test('texts that come while the list is being asked for are asked for after it', async () => {
  const fake = await opened('?', (api) => (api.texts = [waiting({})]));
  const go = fake.hold('GET /unmatched');
  await press('[data-do="texts"]');
  await until(() => fake.times('GET', /unmatched/) === 1, 'asked');
  fake.texts = [];
  fake.tell('amira', 'unmatched', {});
  await settled();
  go();
  await until(() => fake.times('GET', /unmatched/) === 2, 'and again');
});

test('what failed of several, closed and opened while it is asked for, is there', async () => {
  const fake = await opened('?', (api) => (api.broadcasts = [newBroadcast({ id: 'b-1', state: 'sent', failed: 1 })]));
  await press('[data-do="several"]');
  const go = fake.hold('GET /broadcasts/b-1/failed');
  await press('messenger-broadcasts [data-do="failed"]');
  await settled();
  await press('messenger-broadcasts [data-do="failed"]');
  await settled();
  await press('messenger-broadcasts [data-do="failed"]');
  go();
  await until(() => has('messenger-broadcasts [data-key="failed"] .messenger-skipped'), 'the list');
});

test('a history that comes late, or fails late, is not another client’s', async () => {
  const fake = await opened('?channel=ch-1');
  await until(() => has('.messenger-side [data-do="history"]'), 'the side');
  const go = fake.hold('GET /channels/ch-1/history');
  await press('[data-do="history"]');
  await until(() => fake.times('GET', /ch-1.history/), 'asked');
  await press('.messenger-row[data-key="ch-4"] a');
  await until(() => has('.messenger-title') && words('.messenger-title').includes('Siân'), 'another');
  await press('[data-do="history"]');
  await until(() => has('.messenger-entries'), 'hers');
  const hers = words('.messenger-history');
  fake.faults.set('GET /channels/ch-1/history', { status: 503, code: 'unavailable' });
  go();
  await settled();
  equal(words('.messenger-history'), hers);
});

test('another reason is shown although the one before has no answer yet, and stays', async () => {
  const fake = story();
  for (const id of fake.channels.keys()) if (!['ch-2', 'ch-4'].includes(id)) fake.channels.delete(id);
  fake.messages = fake.messages.filter((m) => ['ch-2', 'ch-4'].includes(m.channel_id));
  goTo('?');
  fake.install();
  mount('messenger-overview');
  await until(() => document.querySelectorAll('.messenger-needed').length === 2, 'two');
  const go = fake.hold('GET /attention');
  await press('[data-reason="record_failed"]');
  await until(() => fake.times('GET', /reason=record_failed/), 'asked');
  fake.holds.clear();
  await press('[data-reason="delivery_failed"]');
  await until(() => document.querySelectorAll('.messenger-needed').length === 1, 'one');
  go();
  await settled();
  ok(words('.messenger-needed').includes('Tomasz'), 'of the reason that is shown');
});

test('two rows at once are both tried again', async () => {
  const fake = story();
  fake.add('ch-9', { direction: 'outbound', body: 'Here it is', delivery: { status: 'failed', attention: true } });
  goTo('?');
  fake.install();
  mount('messenger-overview');
  await until(() => document.querySelectorAll('.messenger-needed [data-what="retry"]').length === 2, 'two');
  for (const button of document.querySelectorAll('.messenger-needed [data-what="retry"]')) {
    /** @type {HTMLElement} */ (button).click();
  }
  await until(() => fake.times('POST', /attention.act/) === 2, 'both');
});

test('the day’s end asks for nothing once it has left the page', async () => {
  const fake = story();
  goTo('?');
  fake.install();
  const overview = mount('messenger-overview');
  const go = fake.hold('GET /me');
  await until(() => fake.times('GET', /me/), 'who it is');
  overview.remove();
  go();
  await settled();
  equal(fake.times('GET', /overview/), 0);
  await overview.load();
  equal(fake.times('GET', /overview/), 0);
});

test('Back leaves the question alone, and a page that goes takes its question with it', async () => {
  const fake = story();
  for (const id of fake.channels.keys()) if (id !== 'ch-2') fake.channels.delete(id);
  fake.messages = fake.messages.filter((m) => m.channel_id === 'ch-2');
  goTo('?view=overview');
  fake.install();
  mount('messenger-inbox');
  await press('.messenger-needed [data-what="resolve"]');
  await until(() => has('.messenger-ask'), 'the question');
  // Where there is no entry before this one, or the element stands alone, Back leaves the page.
  const leaves = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  ok(leaves(), 'nothing has been typed');
  type('.messenger-ask textarea', 'Rang them');
  ok(!leaves(), 'what was typed is asked about');
  const back = () => {
    goTo('?');
    window.dispatchEvent(new PopStateEvent('popstate'));
  };
  back();
  equal([has('.messenger-ask'), has('messenger-overview'), location.search], [false, true, '?view=overview']);
  ok(leaves(), 'the question is closed');
  await press('.messenger-needed [data-what="resolve"]');
  await until(() => has('.messenger-ask'), 'the question');
  one('messenger-overview').remove();
  ok(![...document.querySelectorAll('[inert]')].length, 'nothing is out of reach');
  back();
  await until(() => sees('.messenger-panes'), 'the panes');
  ok(![...document.querySelectorAll('[inert]')].length, 'nothing is out of reach');
});

test('what is done at the right is answered late for whom it was pressed, and moves nobody away', async () => {
  const fake = await opened('?channel=ch-2');
  await until(() => has('.messenger-side [data-do="status"]'), 'the side');
  const page = one('messenger-inbox');
  const goes = ['status', 'replies'].map((what) => fake.hold(`PUT /channels/ch-2/${what}`));
  fake.faults.set('PUT /channels/ch-2/replies', { status: 500, code: 'internal' });
  one('.messenger-side [data-do="replies"]').click();
  one('.messenger-side [data-do="status"]').click();
  page.openChannel('ch-5');
  await until(() => has('.messenger-title') && words('.messenger-title') === 'Mei Lin', 'Mei');
  one('.messenger-side [data-do="replies"]').click();
  await until(() => fake.times('PUT', /ch-5.replies$/) === 1, 'one’s own act waits for none of another’s');
  for (const go of goes) go();
  await until(() => fake.channels.get('ch-2').status === 'done', 'done');
  const wrong = '.messenger-thread [role="alert"]';
  await until(() => has(wrong) && words(wrong).startsWith('Tomasz Wiśniewski: '), 'whose it was that failed');
  await settled();
  equal(page.channel, 'ch-5');
});
