import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, row } from './inbox.js';
import { long } from './story.js';

/** Grace's double: another client with a channel of its own, whose messages lie between those of the long thread. */
const double = 'ch-long';

/** @param {import('./fake.js').Fake} fake */
const prepare = (fake) => long(fake, 120);

const joined = () => has('.messenger-thread [data-key="joined"]');

/** Where a message stands on screen. @param {string} id */
const top = (id) => one(`.messenger-message[data-id="${id}"]`).getBoundingClientRect().top;

test('what is typed goes on where this conversation becomes part of another, and is kept for whose it is', async () => {
  const fake = await opened(`?channel=${double}`, prepare);
  const client = fake.channels.get(double).client_id;
  one('.messenger-side [data-medium="email"]').click();
  await until(() => has('.messenger-form [name="subject"]'), 'the form');
  type('[name="subject"]', 'The bus');
  type('.messenger-thread [name="body"]', 'It is booked');
  await until(() => fake.drafts.get(client), 'a draft');
  type('.messenger-thread [name="body"]', 'It is booked for two.');
  fake.join(double, 'ch-2');
  await until(joined, 'it is said');
  equal([one('[name="subject"]').value, one('.messenger-thread [name="body"]').value], [
    'The bus',
    'It is booked for two.',
  ]);
  ok(document.activeElement === one('.messenger-thread [name="body"]'), 'the cursor');
  const note = words('[data-key="joined"]');
  ok(note.includes('Another conversation with Tomasz Wiśniewski'), note);
  ok(one('.messenger-said').textContent.includes('Another conversation with Tomasz'), 'to who does not see it');
  await until(() => fake.drafts.get('c-2')?.body === 'It is booked for two.', 'kept for who it is now');
  ok(!fake.drafts.has(client), 'and for nobody else');
  equal(new URL(location.href).searchParams.get('channel'), 'ch-2');
  ok(has(`${row('ch-2')}[data-current]`) && !has(row(double)), 'the row');
  one('[data-do="send"]').click();
  await until(() => fake.of('ch-2').at(-1)?.body === 'It is booked for two.', 'sent there');
  one('[data-key="joined"] button').click();
  await until(() => !joined(), 'put away');
});

test('what one had begun for the other is not lost either', async () => {
  const fake = await opened(`?channel=${double}`, (f) => {
    prepare(f);
    f.drafts.set('c-2', { medium: 'sms', subject: '', body: 'Begun for Tomasz' });
  });
  one('.messenger-side [data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  type('.messenger-thread [name="body"]', 'It is booked.');
  fake.join(double, 'ch-2');
  await until(joined, 'it is said');
  equal(one('.messenger-thread [name="body"]').value, 'It is booked.\n\nBegun for Tomasz');
  await until(() => fake.drafts.get('c-2')?.body === 'It is booked.\n\nBegun for Tomasz', 'kept');
});

test('a note that is being written stays', async () => {
  const fake = await opened(`?channel=${double}`, prepare);
  one('[data-do="note"]').click();
  await until(() => has('[name="note"]'), 'the note');
  type('[name="note"]', 'She rang');
  fake.join(double, 'ch-2');
  await until(joined, 'it is said');
  equal(one('[name="note"]').value, 'She rang');
  one('[data-do="save-note"]').click();
  await until(() => fake.notes.get('ch-2')?.[0].text === 'She rang', 'saved there');
});

test('who has scrolled up stays where they were, when another becomes part of this one too', async () => {
  for (const [open, from, into] of [
    [double, double, 'ch-2'],
    [double, 'ch-2', double],
  ]) {
    const fake = await opened(`?channel=${open}`, (f) => {
      prepare(f);
      for (const [i, message] of f.of('ch-2').entries()) {
        message.created_at = f.of(double)[100 + i].created_at;
      }
      for (let i = 0; i < 20; i++) f.add('ch-2', { direction: 'outbound', body: 'Between', ago: 60 * 24 * 40 + i });
    });
    const scroll = one('.messenger-scroll');
    await until(() => {
      scroll.scrollTop = 0;
      return document.querySelectorAll('.messenger-message').length > 50;
    }, 'older ones');
    await settled();
    const at = [...document.querySelectorAll('.messenger-message')].find(
      (m) => m.getBoundingClientRect().top > scroll.getBoundingClientRect().top,
    );
    const { id = '' } = at instanceof HTMLElement ? at.dataset : {};
    const before = top(id);
    fake.join(from, into);
    await until(joined, 'it is said');
    await settled();
    ok(Math.abs(top(id) - before) < 4, `${open}: moved by ${top(id) - before}`);
    const numbers = [...document.querySelectorAll('.messenger-message')].map((m) => Number(m.ariaPosInSet));
    equal(numbers, numbers.toSorted((a, b) => a - b), 'in order');
    ok(numbers.every((n, i) => !i || n === numbers[i - 1] + 1), 'none is left out');
    const all = fake.of(into).length;
    equal([numbers.at(-1), Number(one('.messenger-message').ariaSetSize)], [all, all], 'of how many there are');
    scroll.scrollTop = 0;
    await until(() => words('.messenger-edge').includes('Start'), 'the beginning');
    equal(one('.messenger-message').ariaPosInSet, '1', 'the first is the first');
  }
});

test('what a search has found stays marked and in view', async () => {
  const fake = await opened('', (f) => {
    long(f, 700);
    f.of(double)[20].body = 'About the housing form';
  });
  type('.messenger-search-box', 'housing');
  await until(() => has(row(double)) && document.querySelectorAll('.messenger-row').length === 1, 'found');
  one(`${row(double)} a`).click();
  const found = () => /** @type {HTMLElement|null} */ (document.querySelector('.messenger-message[data-found]'));
  await until(() => found()?.textContent?.includes('housing'), 'shown');
  await settled();
  const before = found()?.getBoundingClientRect().top ?? 0;
  fake.join(double, 'ch-2');
  await until(joined, 'it is said');
  await settled();
  ok(found()?.textContent?.includes('About the housing form'), 'still the one that is shown');
  equal(CSS.highlights.get('messenger-found')?.size, 1, 'marked');
  ok(Math.abs((found()?.getBoundingClientRect().top ?? 0) - before) < 4, 'where it was');
});
