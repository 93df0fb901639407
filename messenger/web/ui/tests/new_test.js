import '../messenger-elements.js';
import { MessengerNewMessage } from '../messenger-new-message.js';
import { equal, goTo, has, mount, ok, one, test, type, until, words } from './harness.js';
import { story } from './story.js';

async function opened(several = true) {
  MessengerNewMessage.several = several;
  const fake = story();
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  one('[data-do="new"]').click();
  await until(() => has('input[id$="-find"]'), 'the dialog');
  return fake;
}

/** @param {string} q */
async function pick(q) {
  type('input[id$="-find"]', q);
  (await until(() => document.querySelector('.messenger-found button'), 'a client')).dispatchEvent(new MouseEvent('click', { bubbles: true }));
}

test('one client is written to with the same form as everywhere', async () => {
  const fake = await opened();
  await pick('yusuf');
  await until(() => has('dialog messenger-compose [data-medium="sms"]'), 'the ways');
  one('dialog [data-medium="sms"]').click();
  await until(() => has('dialog form [name="body"]'), 'the form');
  type('dialog [name="body"]', 'Hello');
  one('dialog [data-do="send"]').click();
  await until(() => has('dialog [data-do="undo"]'), 'Undo');
  equal(fake.asked.findLast((a) => a.path === '/clients/c-8/messages')?.body.body, 'Hello');
});

test('several clients and a list: who will get it, then one broadcast', async () => {
  const fake = await opened();
  await pick('yusuf');
  await pick('grace');
  (await until(() => document.querySelector('[name="list"]'), 'the lists')).dispatchEvent(new MouseEvent('click', { bubbles: true }));
  await until(() => has('.messenger-many'), 'the form');
  type('.messenger-many [name="subject"]', 'Lunch');
  type('.messenger-many [name="body"]', 'Hello {{first_name}}');
  one('[data-do="check"]').click();
  await until(() => has('.messenger-who'), 'who will get it');
  const who = words('.messenger-who');
  for (const part of ['4 clients will get it', '1 client will not get it', 'No address or number recorded', 'Hello Grace']) ok(who.includes(part), part);
  equal(fake.times('POST', /^\/broadcasts$/), 0, 'nothing sent yet');
  one('dialog [data-do="send"]').click();
  await until(() => words('dialog').includes('1 sent, 3 waiting'), 'how far it is');
  const sent = fake.asked.findLast((a) => a.path === '/broadcasts');
  equal([sent?.body.client_ids, sent?.body.list_ids, sent?.body.then], [['c-8', 'c-1'], ['l-1'], 'done']);
  ok(sent?.headers['Idempotency-Key'], 'a key');
});

test('what has changed since the check is checked again', async () => {
  const fake = await opened();
  await pick('yusuf');
  await pick('grace');
  type('.messenger-many [name="subject"]', 'Lunch');
  type('.messenger-many [name="body"]', 'Hello');
  one('[data-do="check"]').click();
  await until(() => has('dialog [data-do="send"]'), 'Send');
  type('.messenger-many [name="body"]', 'Hello again');
  await until(() => !has('dialog [data-do="send"]') && has('[data-do="check"]'), 'check again');
  equal(fake.times('POST', /^\/broadcasts$/), 0);
});

test('without broadcasts there is one recipient at a time, and no lists', async () => {
  const fake = await opened(false);
  await pick('yusuf');
  await pick('grace');
  equal([...document.querySelectorAll('.messenger-chips li span')].map((s) => s.textContent), ['Grace Okafor']);
  ok(!has('[name="list"]'), 'no lists');
  equal(fake.times('GET', /lists/), 0);
});
