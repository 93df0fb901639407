import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, mount, ok, one, settled, test, until, words } from './harness.js';
import { story } from './story.js';

async function opened(fake = story()) {
  fake.install();
  mount('messenger-notifications');
  await until(() => has('.messenger-bell .messenger-count'), 'the number');
  one('.messenger-bell').click();
  await until(() => has('.messenger-bell-item'), 'the list');
  return fake;
}

test('nothing is fetched before the bell is opened', async () => {
  const fake = story().install();
  mount('messenger-notifications');
  await until(() => has('.messenger-bell .messenger-count'), 'the number');
  await settled();
  equal(
    fake.asked.map((a) => a.path),
    ['/me'],
  );
});

test('replies, unread and read; only a read one can be marked as complete', async () => {
  await opened();
  equal(document.querySelectorAll('.messenger-bell-item').length, 4);
  equal(document.querySelectorAll('.messenger-bell-item[data-unread]').length, 2);
  equal(document.querySelectorAll('[data-do="complete"]').length, 1);
  ok(words('.messenger-bell-item[data-unread]').includes('2 unread replies'), 'the number of replies');
});

test('a message that was not delivered stands there in words, and leads to its conversation', async () => {
  await opened();
  const failed = [...document.querySelectorAll('.messenger-bell-item')].filter((item) =>
    item.textContent?.includes('Not delivered'),
  );
  equal(failed.length, 1);
  ok(failed[0].textContent?.includes('Tomasz'), 'whose');
  equal(failed[0].querySelector('a')?.getAttribute('href'), '/messages?channel=ch-2');
  ok(!failed[0].querySelector('[data-do="complete"]'), 'nothing to complete');
});

test('of a message whose fate nobody knows it says so, and not that it was not delivered', async () => {
  const fake = story();
  fake.channels.get('ch-2').attention = ['delivery_unknown', 'record_failed'];
  await opened(fake);
  const unknown = one('.messenger-bell-item[data-key="failure ch-2"] .messenger-row-foot');
  equal(unknown.textContent?.trim(), 'Delivery not known');
  ok(!words('.messenger-bell-list').includes('Not delivered'), 'nothing that nobody knows');
});

test('Mark as complete marks the channel done up to the reply shown, and takes it off the list', async () => {
  const fake = await opened();
  one('[data-do="complete"]').click();
  await until(() => document.querySelectorAll('.messenger-bell-item').length === 3, 'one fewer');
  const put = fake.asked.find((a) => a.method === 'PUT');
  equal([put?.path, put?.body.status, put?.body.up_to], ['/channels/ch-3/status', 'done', fake.of('ch-3').at(-1).id]);
  equal(
    document.querySelector('messenger-notifications [role="status"]')?.textContent,
    'Complete: Bartholomew Featherstonehaugh-Cholmondeley',
  );
});

test('what an answer is awaited in is complete only once somebody says so', async () => {
  const fake = story();
  fake.channels.get('ch-3').awaiting = { by: '2099-01-02', status: 'waiting' };
  await opened(fake);
  one('[data-do="complete"]').click();
  await until(() => has('messenger-notifications .messenger-ask'), 'the question');
  one('messenger-notifications').render();
  one('.messenger-ask .messenger-link').click();
  await until(() => !has('.messenger-ask'), 'closed');
  await settled();
  ok(has('.messenger-bell-list'), 'the list stays');
  equal(fake.times('PUT', /status$/), 0);
  one('[data-do="complete"]').click();
  await until(() => has('.messenger-ask [value="done"]'), 'again');
  one('.messenger-ask [value="done"]').click();
  await until(() => fake.times('PUT', /ch-3.status$/) === 1, 'done');
});

test('a newer reply refuses it, in words', async () => {
  const fake = await opened();
  fake.faults.set('PUT /channels/ch-3/status', { status: 409, code: 'unread_replies' });
  one('[data-do="complete"]').click();
  await until(
    () => has('messenger-notifications [role="alert"]') || words('.messenger-bell-list').includes('not read yet'),
    'the words',
  );
});

test('selecting one tells the host, who may step in', async () => {
  await opened();
  /** @type {any} */
  let detail;
  document.addEventListener(
    'messenger-navigate',
    (event) => {
      event.preventDefault();
      detail = /** @type {CustomEvent} */ (event).detail;
    },
    { once: true },
  );
  one('.messenger-bell-link').click();
  equal([detail.to, detail.channel_id, detail.url], ['channel', 'ch-1', '/messages?channel=ch-1']);
  ok(!has('.messenger-bell-list'), 'closed');
});

test('Escape closes it and gives the focus back', async () => {
  await opened();
  one('.messenger-bell-list').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  ok(!has('.messenger-bell-list'), 'closed');
  ok(document.activeElement === one('.messenger-bell'), 'the focus is on the bell');
});

test('an error is shown in words, with a way to try again', async () => {
  const fake = story().install();
  mount('messenger-notifications');
  await until(() => has('.messenger-bell .messenger-count'), 'the number');
  fake.faults.set('GET /notifications', { status: 503, code: 'unavailable' });
  one('.messenger-bell').click();
  await until(() => has('messenger-notifications [role="alert"]'), 'the words');
  one('[data-do="retry"]').click();
  await until(() => has('.messenger-bell-item'), 'the list');
});
