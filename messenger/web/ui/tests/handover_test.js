import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, until, words } from './harness.js';
import { story } from './story.js';

const dialog = 'messenger-handover';
const open = () => document.querySelector(`${dialog} .messenger-dialog`)?.checkVisibility();
/** Presses it, once what was pressed before is over. */
const hand = async () => {
  await settled();
  one(`${dialog} [data-do="hand"]`).click();
};
const choose = (/** @type {string} */ to) => {
  const field = one(`${dialog} [name="to"]`);
  field.value = to;
  field.dispatchEvent(new Event('change', { bubbles: true }));
};

/** @param {string} channel @param {(fake: import('./fake.js').Fake) => void} [prepare] */
async function over(channel, prepare) {
  const fake = story();
  prepare?.(fake);
  goTo(`?channel=${channel}`);
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-side [data-do="handover"]'), 'the way');
  one('.messenger-side [data-do="handover"]').click();
  await until(open, 'the form');
  return fake;
}

test('a conversation goes to a colleague, with a note, and stays open where one may open theirs', async () => {
  const fake = await over('ch-4');
  await hand();
  await until(() => words(dialog).includes('Choose to whom'), 'to whom');
  choose('ben');
  one(`${dialog} [name="note"]`).value = 'She prefers Welsh';
  ok(!has(`${dialog} [name="take"]`), 'nothing is unread: nothing is asked');
  await hand();
  await until(() => !open(), 'it closes');
  const { body } = fake.asked.find((a) => a.path === '/channels/ch-4/handover') ?? {};
  equal(body, { to: 'ben', note: 'She prefers Welsh', take_unread: false });
  await until(() => !has('.messenger-list .messenger-row[data-key="ch-1"]'), 'Ben’s inbox is shown');
  await until(() => has('.messenger-row[data-key="ch-4"]'), 'with the conversation');
});

test('what is unread goes only when one says so, and stays unread', async () => {
  const fake = await over('ch-9', (api) => (api.channels.get('ch-9').unread_count = 0));
  fake.channels.get('ch-9').unread_count = 1; // it came meanwhile
  choose('amira');
  await hand();
  const question = 'There is an unread reply. Read it first, or hand it over unread.';
  await until(() => words(dialog).includes(question), 'asked');
  ok(document.activeElement === one(`${dialog} [name="take"]`), 'the focus is at the question');
  equal(fake.channels.get('ch-9').staff_id, 'ben');
  one(`${dialog} [name="take"]`).click();
  await hand();
  await until(() => !open(), 'it closes');
  equal([fake.channels.get('ch-9').staff_id, fake.channels.get('ch-9').unread_count], ['amira', 1]);
});

test('who can’t write by what was used here is refused at the field', async () => {
  const fake = await over('ch-4');
  choose('chloe');
  await hand();
  await until(() => words(dialog).includes('This colleague cannot send all kinds of message'), 'why');
  equal(fake.channels.get('ch-4').staff_id, 'amira');
});

test('an inbox: how far it is, and what was refused', async () => {
  const fake = story();
  fake.watch.left.add('ben');
  fake.channel('ch-ben', 'c-4', 'open', { staff_id: 'ben' });
  goTo('?');
  fake.install();
  mount('messenger-overview');
  const way = '.messenger-overview-inbox[data-key="ben"] [data-do="handover"]';
  await until(() => has(way), 'the way');
  one(way).click();
  await until(open, 'the form');
  ok(has(`${dialog} [name="take"]`), 'the unread are asked about');
  choose('amira');
  await hand();
  await until(() => words(dialog).includes('0 of 2 handed over'), 'it runs');
  await until(() => words(dialog).includes('1 of 2 handed over. That is all.'), 'it is done');
  await until(() => /Ola Nowak ?: A reply has come that you have not read/.test(words(dialog)), 'refused');
  equal(fake.channels.get('ch-ben').staff_id, 'amira');
  equal(fake.channels.get('ch-9').staff_id, 'ben');
});
