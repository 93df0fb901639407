import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, test, until, words } from './harness.js';
import { story } from './story.js';

const day = 86_400_000;
const dialog = 'messenger-absence';
const field = (/** @type {string} */ name) => one(`${dialog} [name="${name}"]`);
const open = () => one(`${dialog} .messenger-dialog`).checkVisibility();
const put = (/** @type {string} */ name, /** @type {string} */ value) => {
  field(name).value = value;
  field(name).dispatchEvent(new InputEvent('input', { bubbles: true }));
};

/** The dialog, over an inbox. @param {(fake: import('./fake.js').Fake) => void} [prepare] */
async function away(prepare) {
  const fake = story();
  prepare?.(fake);
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('[data-do="away"]'), 'the way');
  one('[data-do="away"]').click();
  await until(() => has(`${dialog} [name="cover"]`), 'the form');
  return fake;
}

/** Ben away, covered by Amira. @param {import('./fake.js').Fake} fake */
function covers(fake) {
  const from = new Date(Date.now() - 60_000).toISOString();
  const until = new Date(Date.now() + 3 * day).toISOString();
  const cover = { cover_staff_id: 'amira', cover_name: 'Amira Shah' };
  fake.watch.absences.set('ben', { staff_id: 'ben', ...cover, from, until, note: '' });
}

test('from, until, who covers and a note; what is missing is said at its field', async () => {
  const fake = await away();
  ok(field('from').value, 'it begins now');
  equal([...field('cover').options].map((o) => o.text), ['Choose a colleague', 'Ben Jones', 'Chloe Martin']);
  put('until', '2020-01-01T09:00');
  one(`${dialog} [data-do="save"]`).click();
  await until(() => words(dialog).includes('Choose who covers'), 'no cover');
  ok(words(dialog).includes('Enter a time after the beginning'), 'an end that is over');
  ok(document.activeElement === field('until'), 'the focus is where it is wrong');
  equal(fake.times('PUT', /absence/), 0);
  put('until', '');
  put('cover', 'ben');
  await until(() => !has(`${dialog} .messenger-error`), 'what is right is wrong no more');
  put('note', 'On leave');
  one(`${dialog} [data-do="save"]`).click();
  await until(() => !open(), 'it closes');
  const { cover_staff_id: cover, note, until: end } = fake.watch.absences.get('amira');
  equal([cover, note, end], ['ben', 'On leave', undefined]);
  await until(() => one('.messenger-said').textContent === 'Saved: Ben Jones covers', 'it is said');
});

test('who may not cover is refused at the field', async () => {
  const fake = await away();
  put('cover', 'chloe');
  one(`${dialog} [data-do="save"]`).click();
  await until(() => words(dialog).includes('Choose a colleague who may act in this inbox'), 'why not');
  equal(fake.watch.absences.size, 0);
});

test('what stands is seen, with what has happened, and ended', async () => {
  const fake = await away((api) => {
    covers(api);
    const absence = { ...api.watch.absences.get('ben'), staff_id: 'amira', cover_staff_id: 'ben' };
    api.watch.absences.set('amira', { ...absence, cover_name: 'Ben Jones', note: 'On leave' });
    api.watch.absences.delete('ben');
    const actor = { kind: 'staff', id: 'ben', name: 'Ben Jones' };
    api.watch.past = [{ id: 'h-9', at: new Date().toISOString(), actor, action: 'away' }];
  });
  ok(words(dialog).includes('Ben Jones covers. Back'), 'what stands');
  equal([field('cover').value, field('note').value], ['ben', 'On leave']);
  one(`${dialog} [data-do="past"]`).click();
  await until(() => words(dialog).includes('Away, with a cover Ben Jones'), 'what has happened');
  one(`${dialog} [data-do="end"]`).click();
  await until(() => !open(), 'it closes');
  ok(!fake.watch.absences.has('amira'), 'back');
});

test('what one covers is in one’s own inbox, marked, live and in the bell; it opens there', async () => {
  const fake = story();
  covers(fake);
  goTo('?');
  fake.install();
  const inbox = mount('messenger-inbox');
  const bell = document.createElement('messenger-notifications');
  bell.setAttribute('api', inbox.api);
  one('main').append(bell);
  await until(() => has('.messenger-row[data-key="ch-9"]'), 'Ben’s reply');
  equal(words('.messenger-row[data-key="ch-9"] .messenger-row-for'), 'for Ben Jones');
  ok(!has('.messenger-row[data-key="ch-1"] .messenger-row-for'), 'one’s own are not marked');
  await until(() => has('.messenger-covering'), 'said above the list');
  ok(words('.messenger-covering').startsWith('You cover Ben Jones until'), 'until when');
  await until(() => words('.messenger-bell .messenger-count') === '3', 'the count');
  fake.channel('ch-new', 'c-4', 'open', { staff_id: 'ben' });
  await until(() => fake.sources.length, 'the stream');
  fake.reply('ch-new', 'Who is there?');
  await until(() => has('.messenger-row[data-key="ch-new"] .messenger-row-for'), 'live');
  await until(() => words('.messenger-bell .messenger-count') === '4', 'the bell');
  one('.messenger-row[data-key="ch-9"] a').click();
  await until(() => has('.messenger-message'), 'the conversation');
  await until(() => has('.messenger-thread [data-do="read-for"]'), 'the way to read it for him');
  ok(words('.messenger-thread-head').includes('You cover Ben Jones: read and answer for them.'), 'what may be done');
  ok(has('.messenger-row[data-key="ch-1"]'), 'one’s own list stays');
  equal(new URL(location.href).search, '?channel=ch-9');
  ok(words('.messenger-side').includes('Amira Shah reads the replies here until'), 'who reads');
  one('[data-do="read-for"]').click();
  await until(() => !has('.messenger-row[data-key="ch-9"]'), 'once read, it is Ben’s again');
  one('.messenger-bell').click();
  await until(() => has('.messenger-bell-item .messenger-row-for'), 'marked in the bell too');
});

test('a colleague’s absence is said from their inbox, where one may act', async () => {
  const fake = story();
  goTo('?inbox=ben');
  fake.install();
  mount('messenger-inbox');
  await until(() => one('messenger-list').querySelector('[data-do="away"]'), 'the way');
  await until(() => one('[data-do="away"]').getAttribute('aria-label') === 'Ben Jones is away', 'whose');
  one('.messenger-inbox-choice').value = 'chloe';
  one('.messenger-inbox-choice').dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => !has('[data-do="away"]'), 'not where one may only look');
});
