import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, test, type, until, words } from './harness.js';
import { focused, opened, order, press, row, said, title } from './list.js';
import { many } from './story.js';

test('several are marked as done at once, never an unread one, and opened again by Undo', async () => {
  const fake = await opened();
  one('[data-do="select"]').click();
  await until(() => has('.messenger-tick'), 'the boxes');
  for (const id of ['ch-1', 'ch-8', 'ch-5']) ok(one(`${row(id)} .messenger-tick`).disabled, `${id} can't be ticked`);
  one(`${row('ch-3')} .messenger-tick`).click();
  one(`${row('ch-4')} .messenger-tick`).dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }));
  await until(() => words('.messenger-tools').includes('Mark 3 as done'), words('.messenger-tools'));
  fake.reply('ch-2', 'Wait!');
  await until(() => words('.messenger-tools').includes('Mark 2 as done'), 'a reply takes the tick away');
  one('[data-do="mark-all"]').click();
  await until(() => words('.messenger-tools').includes('2 marked as done'), 'done');
  for (const id of ['ch-3', 'ch-4']) equal(fake.channels.get(id).status, 'done', id);
  equal(fake.channels.get('ch-2').status, 'unread');
  equal(said(), '2 marked as done');
  ok(document.activeElement === one('[data-do="mark-undo"]'), 'the focus is on Undo');
  one('[data-do="mark-undo"]').click();
  for (const id of ['ch-3', 'ch-4']) await until(() => fake.channels.get(id).status === 'open', `${id} undone`);
  await until(() => has('[data-do="select"]'), 'the tools');
});

test('j and k move, Enter opens, / searches, Escape leaves the field and stays inside', async () => {
  await opened();
  one('[data-do="new"]').focus();
  press('j');
  equal(focused(), 'ch-1');
  press('j');
  equal(focused(), 'ch-8');
  press('k');
  equal(focused(), 'ch-1');
  one(`${row('ch-1')} a`).click();
  await until(() => title() === 'Grace Okafor', 'opened');
  press('/');
  ok(document.activeElement === one('.messenger-search-box'), 'the search');
  press('j');
  ok(document.activeElement === one('.messenger-search-box'), 'a letter in a field is a letter');
  press('Escape');
  equal(focused(), 'ch-1');
});

test('r writes, Escape leaves the field and stays inside', async () => {
  await opened('?channel=ch-2');
  one('.messenger-title').focus();
  press('r');
  await until(() => document.activeElement?.matches('input, textarea'), 'the form');
  press('Escape');
  await until(() => !document.activeElement?.matches('input, textarea'), 'out of the field');
  ok(document.activeElement?.closest('messenger-inbox'), 'and inside');
});

test('the keys are told, can be switched off, and count nowhere else', async () => {
  const fake = await opened();
  one('[data-do="keys"]').click();
  await until(() => has('.messenger-keys'), 'the list');
  one('.messenger-ask input').click();
  one('.messenger-ask button').click();
  await until(() => !has('.messenger-ask'), 'closed');
  one(`${row('ch-2')} a`).focus();
  press('j');
  press('e');
  equal(focused(), 'ch-2');
  equal(fake.times('PUT', /status$/), 0);
  one('[data-do="keys"]').click();
  await until(() => has('.messenger-keys'), 'again');
  one('.messenger-ask input').click();
  press('Escape');
  await until(() => !has('.messenger-ask'), 'closed');
  one(`${row('ch-2')} a`).focus();
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', ctrlKey: true, bubbles: true }));
  equal(focused(), 'ch-2', 'with Ctrl it is the browser’s');
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
  equal(focused(), 'ch-2', 'outside it is the host’s');
  press('j');
  ok(focused() !== 'ch-2', 'on again');
});

test('the focus is never lost when what had it goes', async () => {
  const fake = await opened('?', (f) => many(f, 10));
  one('[data-show="open"]').click();
  await until(() => order().includes('ch-2') && !order().includes('ch-5'), 'open ones');
  one(`${row('ch-2')} .messenger-quick`).focus();
  one(`${row('ch-2')} .messenger-quick`).click();
  await until(() => fake.channels.get('ch-2').status === 'done', 'done');
  one('.messenger-items').scrollTop = 1e6;
  await until(() => document.activeElement !== document.body && document.activeElement?.isConnected, 'the focus');
  for (const show of ['all', 'done']) {
    (await until(() => one('.messenger-list').querySelector('.messenger-row-link[tabindex="0"]'), 'a row')).focus();
    one(`[data-show="${show}"]`).click();
    await until(() => document.activeElement && document.activeElement !== document.body, `the focus in ${show}`);
  }
});

/**
 * A finger draws a row.
 * @param {string} id
 * @param {number} by
 * @param {number} [down]
 * @param {string} [pointerType]
 */
function draw(id, by, down = 0, pointerType = 'touch') {
  const at = one(`${row(id)} a`);
  const { left, top } = at.getBoundingClientRect();
  const tell = (/** @type {string} */ type, /** @type {number} */ part) =>
    at.dispatchEvent(
      new PointerEvent(type, {
        pointerId: 7,
        pointerType,
        clientX: left + 20 + by * part,
        clientY: top + 20 + down * part,
        bubbles: true,
      }),
    );
  tell('pointerdown', 0);
  for (const part of [0.2, 0.5, 1]) tell('pointermove', part);
  tell('pointerup', 1);
}

test('a finger that draws a row to the right has it done, and nothing else does', async () => {
  const fake = await opened();
  draw('ch-2', 40);
  draw('ch-2', 120, 200);
  draw('ch-2', -120);
  draw('ch-2', 120, 0, 'mouse');
  draw('ch-5', 120);
  draw('ch-4', 120);
  await until(() => fake.channels.get('ch-4').status === 'done', 'done');
  equal(fake.times('PUT', /status$/), 1, 'once, and only that');
  ok(one(row('ch-2')).style.getPropertyValue('--messenger-drawn') === '0px', 'a row goes back to its place');
  draw('ch-1', 120);
  await until(() => title() === 'Grace Okafor', 'a reply that does not show whole is opened');
  equal(fake.channels.get('ch-1').status, 'unread');
});

test('order and keys are remembered where the address says nothing', async () => {
  await opened();
  one('[data-do="order"]').click();
  await until(() => order()[0] === 'ch-8', 'who has waited longer');
  goTo('?');
  mount('messenger-inbox');
  await until(() => order()[0] === 'ch-8', 'another day');
  one('[data-do="order"]').click();
  await until(() => order()[0] === 'ch-1', 'newest first');
  equal(localStorage.length, 0, 'what is usual is not kept');
  one('[data-do="keys"]').click();
  await until(() => has('.messenger-keys'), 'the list');
  one('.messenger-ask input').click();
  press('Escape');
  await until(() => !has('.messenger-ask'), 'closed');
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  one(`${row('ch-2')} a`).focus();
  press('j');
  equal(focused(), 'ch-2', 'still off');
});

/** Ticks the open conversations of two clients and marks them as done. */
async function markBoth() {
  one('[data-do="select"]').click();
  await until(() => has('.messenger-tick'), 'the boxes');
  for (const id of ['ch-2', 'ch-3']) one(`${row(id)} .messenger-tick`).click();
  await until(() => words('.messenger-tools').includes('Mark 2 as done'), words('.messenger-tools'));
  one('[data-do="mark-all"]').click();
}

test('why some could not be marked as done is said of each kind, and so is why not opened again', async () => {
  const fake = await opened();
  fake.faults.set('PUT /channels/ch-2/status', { status: 409, code: 'unread_replies' });
  fake.faults.set('PUT /channels/ch-3/status', { status: 403, code: 'forbidden' });
  await markBoth();
  await until(() => has('.messenger-list [role="alert"]'), 'why not');
  const wrong = words('.messenger-list [role="alert"]');
  ok(wrong.includes('1 could not be marked: it has a new reply.'), wrong);
  ok(wrong.includes('1 could not be marked. You do not have permission to do this.'), wrong);
  await markBoth();
  await until(() => words('.messenger-tools').includes('2 marked as done'), 'done');
  fake.stays = true;
  fake.faults.set('PUT /channels/ch-2/status', 'offline');
  fake.faults.set('PUT /channels/ch-3/status', 'offline');
  one('[data-do="mark-undo"]').click();
  const both = '2 could not be opened again. We could not reach the server.';
  await until(() => has('.messenger-list [role="alert"]') && words('.messenger-list').includes(both), 'why not');
});

test('of several that are marked as done, each that an answer is awaited in is asked about', async () => {
  const fake = await opened('?', (f) => {
    f.channels.get('ch-2').awaiting = { by: '2099-01-02', status: 'waiting' };
  });
  const asks = '[aria-labelledby="messenger-awaited-title"]';
  await markBoth();
  await until(() => has(asks), 'the question');
  ok(words(asks).includes('Tomasz'), words(asks));
  one(`${asks} .messenger-link`).click();
  await until(() => words('.messenger-tools').includes('1 marked as done'), 'the other is done');
  equal(['ch-2', 'ch-3'].map((id) => fake.channels.get(id).status), ['open', 'done']);
});
