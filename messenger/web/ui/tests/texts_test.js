import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, test, type, until, words } from './harness.js';
import { story } from './story.js';

const waiting = (/** @type {object} */ more) => ({
  id: 't-1',
  from: '+447700900123',
  to: '+447700900999',
  body: 'I have chest pain',
  at: new Date(Date.now() - 9 * 60 * 60 * 1000).toISOString(),
  candidates: [],
  may_assign: true,
  ...more,
});

/** @param {any[]} texts */
async function sorting(...texts) {
  const fake = story();
  fake.texts = texts;
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('[data-do="texts"]'), 'the way to them');
  equal(words('[data-do="texts"]'), texts.length === 1 ? '1 text to sort' : `${texts.length} texts to sort`);
  one('[data-do="texts"]').click();
  await until(() => has('messenger-texts .messenger-broadcast'), 'the texts');
  return fake;
}

/** @param {any} fake */
const put = (fake) => fake.asked.findLast((/** @type {any} */ a) => a.path.endsWith('/assign'))?.body;

test('a text that waits is seen, with its age, and sorted into a conversation that claims it; Undo', async () => {
  const candidate = { channel_id: 'ch-1', staff_id: 'amira', client_id: 'c-1', client_name: 'Grace Okafor' };
  const fake = await sorting(waiting({ candidates: [candidate] }));
  ok(words('messenger-texts').includes('I have chest pain'), 'its words');
  ok(words('messenger-texts').includes('Nobody has read this for hours.'), 'its age');
  one('messenger-texts [data-do="channel"]').click();
  await until(() => has('messenger-texts [data-do="undo"]'), 'Undo');
  equal(put(fake), { channel_id: 'ch-1', reason: '' });
  ok(one('messenger-texts').contains(document.activeElement), 'the focus stays in the dialog');
  one('messenger-texts [data-do="undo"]').click();
  await until(() => has('messenger-texts [data-do="channel"]'), 'it waits again');
});

test('for somebody else a reason is asked for', async () => {
  const fake = await sorting(waiting({}));
  type('messenger-texts [data-find]', 'Tomasz');
  await until(() => has('messenger-texts [data-do="client"]'), 'who was found');
  one('messenger-texts [data-do="client"]').click();
  await until(() => has('messenger-texts .messenger-error'), 'the reason is missing');
  equal(put(fake), undefined);
  type('messenger-texts [data-reason]', 'He rang.');
  one('messenger-texts [data-do="client"]').click();
  await until(() => has('messenger-texts [data-do="undo"]'), 'sorted');
  equal(put(fake)?.reason, 'He rang.');
});

test('a text that somebody else may read is there without its words', async () => {
  await sorting(waiting({ from: undefined, body: undefined, may_assign: false }));
  ok(words('messenger-texts').includes('From a number that is not shown'), 'no number');
  ok(words('messenger-texts').includes('Only who may write to this client can read it.'), 'no words');
  ok(!has('messenger-texts [data-reason]'), 'nothing to do');
});
