import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, test, type, until, words } from './harness.js';
import { long, many, story } from './story.js';

/**
 * @param {string} [search]
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 */
async function opened(search = '?', prepare) {
  const fake = story();
  prepare?.(fake);
  history.replaceState(null, '');
  localStorage.clear();
  goTo(search);
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  if (search.includes('channel=')) await until(() => has('.messenger-message'), 'the thread');
  await until(() => fake.sources.some((source) => source.readyState === 1), 'the stream');
  return fake;
}

/** @param {string} id */
const row = (id) => `.messenger-row[data-key="${id}"]`;
const order = () =>
  [...document.querySelectorAll('.messenger-row')].map((r) => /** @type {HTMLElement} */ (r).dataset.key);
const title = () => document.querySelector('.messenger-title')?.textContent;
const focused = () => document.activeElement?.closest('.messenger-row')?.getAttribute('data-key');
const said = () => one('.messenger-said').textContent;

/**
 * Presses a key where the focus is.
 * @param {string} key
 */
function press(key) {
  const at = document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

test('a row is two lines, and its label and words stay while it is pointed at', async () => {
  await opened();
  for (const link of document.querySelectorAll('.messenger-row-link')) {
    equal(Math.round(link.getBoundingClientRect().height), 56, link.textContent ?? '');
  }
  const quick = one(`${row('ch-8')} .messenger-quick`).getBoundingClientRect();
  for (const part of ['.messenger-tag', '.messenger-row-words']) {
    const { top } = one(`${row('ch-8')} ${part}`).getBoundingClientRect();
    ok(top >= quick.bottom - 4, `${part} is below the button`);
  }
  equal(words(`${row('ch-1')} .messenger-tag`).split(' ').slice(0, 2).join(' '), 'Unread 2');
  equal(document.querySelectorAll('.messenger-row .messenger-count').length, 0, 'no second number');
});

test('what one does oneself is not told as news, and the open row stays where it is until another opens', async () => {
  const fake = await opened();
  await until(() => order().length === 8, 'the rows');
  one('[data-do="new"]').focus({ focusVisible: true });
  const before = order();
  one(`${row('ch-8')} a`).focus({ focusVisible: true });
  one(`${row('ch-8')} a`).click();
  await until(() => fake.channels.get('ch-8').status === 'open', 'read');
  await until(() => words(`${row('ch-8')} .messenger-tag`) === 'Open', 'the label');
  equal(order(), before, 'the order');
  ok(!has('.messenger-moved'), 'no news');
  one(`${row('ch-5')} a`).click();
  await until(() => title() === 'Mei Lin', 'another');
  one('.messenger-title').focus();
  await until(() => order()[0] === 'ch-1' && order()[1] === 'ch-8' && has('.messenger-group'), 'in its group');
  fake.reply('ch-7', 'From somebody else');
  await until(() => order()[0] === 'ch-7' || has('.messenger-moved'), 'that is news');
});

test('done opens the next unread below, or else above, and stays where there is none', async () => {
  const fake = await opened('?channel=ch-2');
  fake.channels.get('ch-1').unread_count = 2;
  one('.messenger-title').focus();
  press('e');
  await until(() => title() === 'Yusuf Demir', 'the nearest above');
  await until(() => fake.channels.get('ch-8').status === 'open', 'read');
  one('.messenger-title').focus();
  press('e');
  await until(() => title() === 'Grace Okafor', 'the one above that');
  await until(() => fake.channels.get('ch-1').status === 'open', 'read');
  one('.messenger-title').focus();
  press('e');
  await until(() => fake.channels.get('ch-1').status === 'done', 'the last one');
  equal(title(), 'Grace Okafor');
  ok(document.activeElement !== document.body, 'the focus');
});

test('the order is who has waited longest where one asks for it, and stays over a reload', async () => {
  const fake = await opened();
  one('[data-do="order"]').click();
  await until(() => order()[0] === 'ch-8', 'who has waited longer');
  equal(new URL(location.href).searchParams.get('order'), 'waiting');
  ok(words('[data-do="order"]').includes('Longest waiting first'), 'the words');
  fake.reply('ch-8', 'Are you there?');
  await until(() => words(`${row('ch-8')}`).includes('Are you there?'), 'said again');
  equal(order()[0], 'ch-8', 'and still who has waited longest');
  mount('messenger-inbox');
  await until(() => order()[0] === 'ch-8', 'after a reload');
});

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

test('a name of any length stands whole in the switch between inboxes', async () => {
  const name = 'Bartholomew Featherstonehaugh-Cholmondeley';
  await opened('?channel=ch-9', (fake) => (fake.inboxes[1].name = name));
  const shown = await until(() => document.querySelector('.messenger-inbox-name bdi'), 'the name');
  await until(() => shown.textContent?.includes(name), 'the whole name');
  const box = one('.messenger-inbox-name');
  ok(box.scrollWidth <= box.clientWidth + 1, 'nothing is cut');
});

test('the quick button of a reply that does not show whole says why it opens', async () => {
  await opened('?', (fake) => fake.reply('ch-8', 'Long words. '.repeat(30)));
  one(`${row('ch-8')} .messenger-quick`).click();
  await until(() => words('.messenger-thread').includes('Read the whole reply first'), 'the words');
});

test('inbox, what is shown, order and search are kept over a reload and by Back', async () => {
  const fake = await opened();
  const choice = await until(() => document.querySelector('.messenger-inbox-choice'), 'the choice');
  /** @type {HTMLSelectElement} */ (choice).value = 'ben';
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => order().join() === 'ch-9', 'Ben’s');
  await until(() => new URL(location.href).searchParams.get('inbox') === 'ben', 'the address');
  mount('messenger-inbox');
  await until(() => order().join() === 'ch-9', 'Ben’s after a reload');
  await opened();
  one('[data-show="done"]').click();
  await until(() => order().length === 3, 'done');
  mount('messenger-inbox');
  await until(() => order().length === 3, 'done after a reload');
  one('[data-show="all"]').click();
  await until(() => order().length === 8, 'all');
  type('.messenger-search-box', 'papers');
  await until(() => order().join() === 'ch-3', 'found');
  ok(!location.href.includes('papers'), 'no word of a search is in an address');
  one(`${row('ch-3')} a`).click();
  await until(() => title()?.startsWith('Bartholomew'), 'opened');
  ok(new URL(location.href).searchParams.get('message'), 'the message');
  history.back();
  await until(() => !has('.messenger-title'), 'back');
  equal(one('.messenger-search-box').value, 'papers');
  equal(order(), ['ch-3']);
});

test('a search leads to the message, marks it, and goes on to others', async () => {
  await opened('?', (fake) => {
    long(fake, 300);
    fake.of('ch-long')[20].body = 'About the housing form';
    fake.of('ch-long')[60].body = 'The housing office rang';
    fake.of('ch-long')[290].body = 'No housing yet';
  });
  type('.messenger-search-box', 'housing');
  await until(() => order().join() === 'ch-long', 'found');
  one(`${row('ch-long')} a`).click();
  const found = () => /** @type {HTMLElement|null} */ (document.querySelector('.messenger-message[data-found]'));
  await until(() => found()?.textContent?.includes('About the housing form'), 'the first one that was found');
  await until(() => inView(found()), 'in view');
  equal(CSS.highlights.get('messenger-found')?.size, 3, 'the words are marked');
  one('[data-do="found-next"]').click();
  await until(() => found()?.textContent?.includes('The housing office'), 'the next');
  await until(() => inView(found()), 'in view');
  one('[data-do="found-next"]').click();
  await until(() => found()?.textContent?.includes('No housing yet'), 'the last');
  one('[data-do="found-next"]').click();
  await until(() => said() === 'There is no later one.', 'the end');
  one('[data-do="found-previous"]').click();
  await until(() => found()?.textContent?.includes('The housing office'), 'back again');
  one('[data-do="found-over"]').click();
  await until(() => !found(), 'over');
  equal(CSS.highlights.get('messenger-found'), undefined);
  ok(document.activeElement !== document.body, 'the focus');
});

/** @param {HTMLElement|null} element */
function inView(element) {
  const scroll = one('.messenger-scroll').getBoundingClientRect();
  const { top, bottom } = element?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
  return top >= scroll.top - 1 && bottom <= scroll.bottom + 1;
}

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
