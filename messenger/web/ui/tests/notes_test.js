import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { timeAgo } from './shapes.js';
import { long } from './story.js';
import { links, opened } from './thread.js';

const ben = { kind: 'staff', id: 'ben', name: 'Ben Jones' };
const order = () => [
  ...document.querySelectorAll(':is(.messenger-message, .messenger-aside) .messenger-body'),
];

test('notes stand between the messages in order of time, and say that they are for colleagues only', async () => {
  await opened('ch-new', (fake) => {
    fake.client('c-new', 'Nell Marsh');
    fake.channel('ch-new', 'c-new', 'open');
    for (const [body, minutes] of /** @type {[string, number][]} */ ([['First', 30], ['Second', 20], ['Third', 10]])) {
      fake.add('ch-new', { direction: 'outbound', body, ago: minutes });
    }
    fake.note('ch-new', { text: 'Prefers mornings: ring 07700 900123', at: timeAgo(15), author: ben });
    fake.note('ch-new', { kind: 'call', text: 'Rang, left no message.', at: timeAgo(5), file: true });
  });
  await until(() => document.querySelectorAll('.messenger-aside').length === 2, 'both notes');
  const texts = order().map((b) => b.textContent);
  equal(texts, ['First', 'Second', 'Prefers mornings: ring 07700 900123', 'Third', 'Rang, left no message.']);
  const [note, call] = [...document.querySelectorAll('.messenger-aside')];
  const read = (/** @type {any} */ e) => e.innerText.replace(/\s+/g, ' ').trim();
  ok(/^Note for colleagues only Prefers .* Ben Jones .*\d\d:\d\d$/.test(read(note)), read(note));
  ok(note.getAttribute('aria-label')?.startsWith('Note for colleagues only, Ben Jones, '), 'said first');
  ok(read(call).startsWith('Call: note for colleagues only'), read(call));
  ok(read(call).includes('Waiting to be saved to the clinical record'), read(call));
  equal(getComputedStyle(note).borderTopStyle, 'dashed');
  equal(links()[0] ?? note.querySelector('a')?.getAttribute('href'), 'tel:07700900123');
  equal(document.querySelectorAll('.messenger-message').length, 3, 'a note is no message');
});

test('a note says whose it is, and how far it has come on its way into the record', async () => {
  const states = /** @type {[any, string, string, string|undefined][]} */ ([
    [{ author: ben }, 'Ben Jones', '', undefined],
    [{}, 'You', '', undefined],
    [{ filed: true }, 'You', 'Saved to the clinical record', 'quiet'],
    [{ filing: 'failed' }, 'You', 'Not saved to the clinical record. It did not accept the note', 'bad'],
  ]);
  await opened('ch-5', (fake) => {
    states.forEach(([more], i) => fake.note('ch-5', { text: 'Has a dog', at: timeAgo(states.length - i), ...more }));
  });
  await until(() => document.querySelectorAll('.messenger-aside').length === states.length, 'all notes');
  const feet = [...document.querySelectorAll('.messenger-aside-foot')];
  for (const [i, [, name, said, look]] of states.entries()) {
    const state = /** @type {HTMLElement|null} */ (feet[i].querySelector('.messenger-state'));
    equal([feet[i].querySelector('bdi')?.textContent, state?.dataset.look], [name, look]);
    ok(said ? state?.textContent?.trim().startsWith(said) : !state, state?.textContent ?? '');
  }
});

test('what is told apart by its time keeps its order and its day in the first minute of a day', () => {
  const midnight = new Date(new Date().setHours(0, 0, 0, 0));
  const times = [30, 20, 15, 10].map((minutes) => timeAgo(minutes, new Date(midnight.getTime() + 1000)));
  equal([...times].sort(), times, 'in order');
  equal(new Set(times).size, 4, 'no two at once');
  ok(times[0] >= midnight.toISOString(), 'of today');
});

test('marks say in one line who handed over, what was joined and who is away', async () => {
  await opened('ch-5', (fake) => {
    const text = 'She likes to be rung.';
    fake.marks.set('ch-5', [
      { id: 'k-4', kind: 'something_new', at: timeAgo(1), author: ben },
      { id: 'k-3', kind: 'away', at: timeAgo(2), author: ben, cover_name: 'Amira Shah', until: timeAgo(-60) },
      { id: 'k-2', kind: 'joined', at: timeAgo(3), author: { kind: 'system', id: '', name: '' } },
      { id: 'k-1', kind: 'handover', at: timeAgo(4), author: ben, text },
    ]);
  });
  await until(() => document.querySelectorAll('.messenger-mark').length === 4, 'all marks');
  const said = [...document.querySelectorAll('.messenger-mark > :first-child')].map((m) => m.textContent ?? '');
  equal(said.slice(0, 2), ['Handed over by Ben Jones', 'Another conversation with this client was added to this one']);
  ok(/^Ben Jones away until .*, Amira Shah covers$/.test(said[2]), said[2]);
  equal(said[3], 'something new');
  equal(words('.messenger-mark-text'), '‘She likes to be rung.’');
});

test('a note that a colleague writes comes without a reload, and the newest stays in view', async () => {
  const fake = await opened('ch-5');
  fake.note('ch-5', { text: 'Has a dog', author: ben });
  fake.touch(fake.channels.get('ch-5'));
  await until(() => has('.messenger-aside'), 'the note');
  const scroll = one('.messenger-scroll');
  await until(() => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40, 'in view');
});

test('notes from before what is loaded wait for it', async () => {
  await opened('ch-long', (fake) => {
    long(fake, 60);
    fake.note('ch-long', { text: 'Of old', at: fake.of('ch-long')[2].created_at });
  });
  ok(!has('.messenger-aside'), 'not yet');
  one('.messenger-scroll').scrollTop = 0;
  await until(() => has('.messenger-aside'), 'with the older messages');
});

test('a thread whose notes do not come is one all the same, and says so', async () => {
  await opened('ch-5', (fake) => fake.faults.set('GET /channels/ch-5/notes', { status: 503, code: 'unavailable' }));
  await until(() => words('.messenger-thread-head').includes('could not be loaded'), 'the words');
  ok(has('.messenger-message'), 'the messages');
});

/** @returns {any} */
const noteWay = () => [...document.querySelectorAll('[data-do="note"]')].find((b) => b.checkVisibility());
/** @param {string} text */
async function note(text) {
  (await until(noteWay, 'Note')).click();
  await until(() => sees('[name="note"]'), 'the box');
  type('[name="note"]', text);
  await settled();
}
const posts = (/** @type {any} */ fake) => fake.asked.filter((/** @type {any} */ a) => a.method === 'POST');

test('a note is written beside Email and SMS, and no word goes from one into the other', async () => {
  const fake = await opened('ch-1');
  one('messenger-compose [data-medium="sms"]').click();
  await until(() => sees('.messenger-form [name="body"]'), 'the form');
  type('[name="body"]', 'For the client');
  await note('For colleagues');
  ok(!sees('[name="body"]'), 'the note alone');
  equal(noteWay()?.getAttribute('aria-pressed'), 'true');
  ok(words('.messenger-note-form').includes('Only colleagues see this.'), words('.messenger-note-form'));
  ok(!sees('[data-do="send"]'), 'nothing to send it with');
  one('.messenger-note-form [data-medium="sms"]').click();
  await until(() => sees('.messenger-form [name="body"]'), 'the form again');
  equal(one('[name="body"]').value, 'For the client');
  equal(noteWay()?.textContent?.trim(), 'Note, not saved');
  noteWay()?.click();
  await until(() => sees('[name="note"]'), 'the note again');
  equal(one('[name="note"]').value, 'For colleagues');
  one('[name="call"]').click();
  one('[name="file"]').click();
  one('[data-do="save-note"]').click();
  one('[data-do="save-note"]').click();
  await until(() => has('.messenger-aside'), 'in the thread');
  equal(words('.messenger-told'), 'Note saved. Only colleagues see it.');
  const saved = posts(fake).filter((/** @type {any} */ a) => a.path === '/channels/ch-1/notes');
  equal(saved.map((/** @type {any} */ a) => a.body), [{ kind: 'call', text: 'For colleagues', file: true }]);
  ok(!posts(fake).some((/** @type {any} */ a) => a.path.endsWith('/messages')), 'nothing was sent');
  const drafts = fake.asked.filter((a) => a.path.endsWith('/draft'));
  ok(!JSON.stringify(drafts).includes('colleagues'), 'and none of it is a draft');
  noteWay()?.click();
  await until(() => sees('[name="note"]'), 'an empty one');
  equal([one('[name="note"]').value, one('[name="call"]').checked], ['', false]);
});

test('what is wrong with a note is said, its text stays, and keys save and close it', async () => {
  const fake = await opened('ch-5');
  /** @param {string} key @param {boolean} [ctrlKey] */
  const key = (key, ctrlKey = false) =>
    one('[name="note"]').dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }));
  await note('   ');
  key('Enter', true);
  await until(() => has('.messenger-note-form .messenger-error'), 'the fault');
  equal(words('.messenger-note-form .messenger-error'), 'Enter a note');
  await note('x'.repeat(5001));
  key('Enter', true);
  await until(() => words('.messenger-note-form .messenger-error').includes('5,000'), 'the limit');
  await note('Prefers mornings');
  ok(!has('.messenger-note-form .messenger-error'), 'it goes once it is not so any more');
  for (const [fault, said] of /** @type {[any, string][]} */ ([
    ['offline', 'We could not reach the server'],
    [{ status: 422, code: 'not_configured' }, 'There is no clinical record here'],
  ])) {
    fake.faults.set('POST /channels/ch-5/notes', fault);
    key('Enter', true);
    await until(() => has('.messenger-form-problem') && words('.messenger-form-problem').includes(said), said);
    equal(one('[name="note"]').value, 'Prefers mornings');
    equal(document.activeElement, one('.messenger-form-problem'), 'where it says so');
  }
  key('Escape');
  await until(() => !sees('[name="note"]'), 'closed');
  equal(document.activeElement, noteWay());
  noteWay()?.click();
  await until(() => sees('[name="note"]'), 'open');
  equal(one('[name="note"]').value, 'Prefers mornings');
  key('Enter', true);
  await until(() => has('.messenger-aside'), 'saved');
  equal(document.activeElement, noteWay(), 'the focus is not lost');
});

test('the browser asks before a note that is not saved goes with the page', async () => {
  const asks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  await opened('ch-5');
  await note('   ');
  ok(!asks(), 'nothing is typed');
  await note('Prefers mornings');
  ok(asks(), 'it would be lost');
  one('[data-do="save-note"]').click();
  await until(() => has('.messenger-aside'), 'saved');
  ok(!asks(), 'it is kept');
});

test('a note that is saved once another conversation is open says nothing there', async () => {
  const fake = await opened('ch-5');
  await note('Of this one');
  const { fetch } = window;
  /** @type {() => void} */
  let goOn = () => {};
  const held = new Promise((resolve) => (goOn = () => resolve(undefined)));
  window.fetch = async (...asked) => {
    if (String(asked[0]).endsWith('/notes') && asked[1]?.method === 'POST') await held;
    return fetch(...asked);
  };
  one('[data-do="save-note"]').click();
  one('.messenger-row-link[data-id="ch-2"]').click();
  await until(() => has('.messenger-message[data-delivery="failed"]'), 'another');
  goOn();
  await until(() => fake.notes.get('ch-5')?.length === 1, 'saved');
  await settled();
  ok(!words('messenger-thread').includes('Note saved'), words('messenger-thread'));
});

test('what was typed belongs to its conversation', async () => {
  await opened('ch-5');
  await note('Of this one');
  one('.messenger-row-link[data-id="ch-2"]').click();
  await until(() => !sees('[name="note"]') && has('.messenger-message[data-delivery="failed"]'), 'another');
  await note('');
  equal(one('[name="note"]').value, '');
  one('.messenger-row-link[data-id="ch-5"]').click();
  await until(() => noteWay()?.textContent?.includes('not saved'), 'it says so');
  noteWay()?.click();
  await until(() => sees('[name="note"]'), 'the note');
  equal(one('[name="note"]').value, 'Of this one');
});

test('a note whose answer was lost is saved once, whatever is written elsewhere before it is tried again', async () => {
  const fake = await opened('ch-5');
  const save = async (/** @type {string} */ text) => {
    await note(text);
    const ctrlEnter = { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true };
    one('[name="note"]').dispatchEvent(new KeyboardEvent('keydown', ctrlEnter));
  };
  const open = async (/** @type {string} */ id) => {
    one(`.messenger-row-link[data-id="${id}"]`).click();
    await until(() => !sees('[name="note"]') && one('messenger-thread')?.channel?.id === id, id);
  };
  const notes = () => posts(fake).filter((/** @type {any} */ a) => a.path.endsWith('/notes'));
  fake.sources = [];
  fake.faults.set('POST /channels/ch-5/notes', 'lost');
  await save('Of this one');
  await until(() => has('.messenger-form-problem'), 'its answer is lost');
  await open('ch-2');
  await save('Of another');
  await until(() => notes().length === 2, 'saved');
  await open('ch-5');
  await save('Of this one');
  await until(() => notes().length === 3, 'tried again');
  const [first, , again] = notes();
  equal(again.headers['Idempotency-Key'], first.headers['Idempotency-Key']);
});

test('who may only look writes no note; where nobody can be written to there is one', async () => {
  await opened('ch-new', (fake) => {
    fake.client('c-new', 'Nell Marsh');
    fake.channel('ch-new', 'c-new', 'open', { staff_id: 'chloe' });
    fake.add('ch-new', { direction: 'outbound', body: 'Hello' });
  });
  await settled();
  ok(!noteWay(), 'no way');
  const dead = { allowed: false, why: 'deceased' };
  await opened('ch-new', (fake) => {
    fake.client('c-new', 'Nell Marsh', { deceased: true }, { send_email: dead, send_sms: dead });
    fake.channel('ch-new', 'c-new', 'open');
    fake.add('ch-new', { direction: 'outbound', body: 'Hello' });
  });
  await note('Her son rang.');
  one('[data-do="save-note"]').click();
  await until(() => has('.messenger-aside'), 'in the thread');
});

test('on a phone the address, and who reads a note, have a line of their own', async () => {
  await opened('ch-1', undefined, '360px');
  const below = (/** @type {string} */ box) => {
    const quiet = one(`${box} .messenger-form-head > .messenger-quiet`).getBoundingClientRect();
    return quiet.top >= one(`${box} .messenger-media-switch`).getBoundingClientRect().bottom;
  };
  await note('Prefers mornings');
  ok(below('.messenger-note-form'), 'who reads it');
  one('.messenger-note-form [data-medium="email"]').click();
  await until(() => sees('.messenger-form [name="subject"]'), 'the form');
  ok(below('.messenger-form:not([hidden])'), 'the address');
});

test('what is wrong with a note, or that it is being saved, is said of its own conversation alone', async () => {
  const fake = await opened('ch-5');
  await note('   ');
  one('[data-do="save-note"]').click();
  await until(() => has('.messenger-note-form .messenger-error'), 'the fault');
  one('.messenger-row[data-key="ch-2"] a').click();
  await until(() => words('.messenger-thread').includes('Tomasz'), 'another conversation');
  (await until(noteWay, 'Note')).click();
  await until(() => sees('[name="note"]'), 'the box');
  ok(!has('.messenger-note-form .messenger-error'), 'nothing is wrong here');
  await note('Has a dog');
  let go = () => {};
  fake.gate = new Promise((resolve) => (go = () => resolve(undefined)));
  one('[data-do="save-note"]').click();
  await until(() => fake.times('POST', /^\/channels\/ch-2\/notes$/), 'asked');
  fake.gate = undefined;
  one('.messenger-row[data-key="ch-5"] a').click();
  await until(() => words('.messenger-thread').includes('Mei'), 'the first one');
  await note('Prefers mornings');
  equal(words('[data-do="save-note"]'), 'Save note');
  go();
  await until(() => fake.notes.get('ch-2')?.length, 'saved');
  await settled();
  ok(sees('[name="note"]') && one('[name="note"]').value === 'Prefers mornings', 'the note here stays open');
  one('[data-do="save-note"]').click();
  await until(() => fake.notes.get('ch-5')?.length, 'saved too');
});
