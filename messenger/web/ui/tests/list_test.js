import '../conversation.js';
import '../messenger-elements.js';
import { placesOf } from '../found.js';
import { equal, goTo, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, order, press, row, said, title } from './list.js';
import { newBroadcast } from './shapes.js';
import { long, many, story } from './story.js';

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
  one(`${row('ch-1')} a`).click();
  await until(() => title() === 'Grace Okafor', 'opened');
  await until(() => fake.channels.get('ch-1').status === 'open', 'read');
  await until(() => words(`${row('ch-1')} .messenger-tag`) === 'Open', 'the label');
  equal(order(), before, 'the order');
  one(`${row('ch-8')} a`).click();
  await until(() => title() === 'Yusuf Demir', 'another');
  await until(() => order()[0] === 'ch-8' && order()[1] === 'ch-1', 'in its group');
  one(`${row('ch-8')} a`).focus({ focusVisible: true });
  await until(() => fake.channels.get('ch-8').status === 'open', 'read while the focus is in the list');
  await until(() => words(`${row('ch-8')} .messenger-tag`) === 'Open', 'the label');
  one('messenger-inbox').openChannel('ch-5');
  await until(() => title() === 'Mei Lin', 'a third');
  await settled();
  ok(!has('.messenger-moved'), 'no news');
  one('.messenger-title').focus();
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
  one('messenger-inbox').openInbox('ben', 'open');
  await until(() => order().join() === 'ch-9', 'Ben’s');
  equal(one('.messenger-search-box').value, '');
  history.back();
  await until(() => order().join() === 'ch-3', 'back to what was found');
  equal(one('.messenger-search-box').value, 'papers');
});

/** The message that is shown for a search. */
const found = () => /** @type {HTMLElement|null} */ (document.querySelector('.messenger-message[data-found]'));

/** @param {import('./fake.js').Fake} fake */
function housing(fake) {
  long(fake, 300);
  fake.of('ch-long')[20].body = 'About the housing form';
  fake.of('ch-long')[60].body = 'The housing office rang';
}

test('a search leads to the message far up, marks it, and goes on to others', async () => {
  const fake = await opened('?', housing);
  type('.messenger-search-box', 'housing');
  await until(() => order().join() === 'ch-long', 'found');
  one(`${row('ch-long')} a`).click();
  await until(() => found()?.textContent?.includes('The housing office'), 'the newest one that was found');
  await until(() => inView(found()), 'in view');
  equal([fake.times('GET', /messages\?around=/), fake.times('GET', /messages\?cursor=/)], [1, 0], 'the page around it');
  equal(CSS.highlights.get('messenger-found')?.size, 1, 'the word is marked');
  one('[data-do="found-previous"]').click();
  await until(() => found()?.textContent?.includes('About the housing form'), 'the one before');
  await until(() => inView(found()), 'in view');
  one('[data-do="found-previous"]').click();
  await until(() => said() === 'There is no earlier one.', 'the beginning');
  one('[data-do="found-next"]').click();
  await until(() => found()?.textContent?.includes('The housing office'), 'the next');
  one('[data-do="found-next"]').click();
  await until(() => said() === 'There is no later one.', 'the end');
  one('[data-do="found-over"]').click();
  await until(() => !found(), 'over');
  equal(CSS.highlights.get('messenger-found'), undefined);
  ok(document.activeElement !== document.body, 'the focus');
});

test('between what was found and the newest messages the rest comes as one scrolls, and nothing jumps', async () => {
  const fake = await opened('?', housing);
  type('.messenger-search-box', 'housing');
  await until(() => order().join() === 'ch-long', 'found');
  one(`${row('ch-long')} a`).click();
  await until(() => has('.messenger-gap') && inView(found()), 'the page around it');
  const first = one('.messenger-message');
  equal([first.getAttribute('aria-setsize'), document.querySelectorAll('.messenger-message').length], ['300', 100]);
  fake.reply('ch-long', 'And now?');
  const lastWords = () => one('.messenger-messages').lastElementChild.innerText;
  await until(() => lastWords().includes('And now?'), 'what comes is at the end');
  const scroll = one('.messenger-scroll');
  one('.messenger-gap').previousElementSibling.scrollIntoView({ block: 'end' });
  const kept = one('.messenger-gap').previousElementSibling;
  const before = kept.getBoundingClientRect().top;
  await until(() => document.querySelectorAll('.messenger-message').length === 151, 'the next page');
  ok(Math.abs(kept.getBoundingClientRect().top - before) < 2, 'what is looked at stays');
  one('.messenger-gap').nextElementSibling.scrollIntoView({ block: 'start' });
  await until(() => !has('.messenger-gap'), 'all of it');
  ok(scroll.scrollTop > 0, 'not thrown to the beginning');
  const all = [...document.querySelectorAll('.messenger-message')].map((m) => Number(m.getAttribute('aria-posinset')));
  equal(all, Array.from({ length: all.length }, (_, i) => all[0] + i), 'none is left out or stands twice');
  equal(all.at(-1), 301);
});

test('what stands in a subject is found, shown in its row, and marked', async () => {
  await opened();
  ok(words(row('ch-6')).includes('Appointment – We spoke on the phone'), 'an email’s subject is in its row');
  type('.messenger-search-box', 'transport');
  await until(() => order().join() === 'ch-1', 'found');
  ok(words(row('ch-1')).includes('In a message: Transport to the group'), words(row('ch-1')));
  equal(one(`${row('ch-1')} mark`).textContent, 'Transport');
  one(`${row('ch-1')} a`).click();
  await until(() => found()?.querySelector('.messenger-subject')?.textContent === 'Transport to the group', 'shown');
  equal(CSS.highlights.get('messenger-found')?.size, 1, 'marked');
});

test('a row begins shortly before the word that was found', async () => {
  await opened();
  type('.messenger-search-box', 'statements');
  await until(() => order().join() === 'ch-3', 'found');
  ok(words(row('ch-3')).includes('In a message: …of bank statements, which'), words(row('ch-3')));
});

/** @param {HTMLElement|null} element */
function inView(element) {
  const scroll = one('.messenger-scroll').getBoundingClientRect();
  const { top, bottom } = element?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
  return top >= scroll.top - 1 && bottom <= scroll.bottom + 1;
}

test('the middle says what waits, and leads there', async () => {
  const fake = await opened('?', (f) => {
    const after = new Date();
    after.setDate(after.getDate() + 1);
    f.broadcasts.push(newBroadcast({ id: 'b-7', state: 'scheduled', queued: 24, send_after: after.toISOString() }));
    f.broadcasts.push(newBroadcast({ id: 'b-8', state: 'cancelled', queued: 9, send_after: after.toISOString() }));
  });
  const wanted = ['2 unread conversations', '1 not delivered', '2 more need attention'];
  const lines = () => [...document.querySelectorAll('.messenger-today-way')].map((way) => way.textContent?.trim());
  await until(() => lines().length === 4, 'four lines');
  equal(lines(), [...wanted, '24 clients get what goes out tomorrow']);
  one('[data-look="today_tomorrow"]').click();
  await until(() => has('messenger-broadcasts .messenger-dialog:popover-open'), 'what goes out');
  press('Escape');
  one('[data-look="today_failed"]').click();
  await until(() => order().join() === 'ch-3,ch-2,ch-4', 'what needs attention');
  ok(document.activeElement === one('[data-show="attention"]'), 'the focus');
  one('[data-look="today_unread"]').click();
  await until(() => title() === 'Grace Okafor', 'the first unread one');
  equal(one('[data-show="all"]').getAttribute('aria-pressed'), 'true');
  for (const channel of fake.channels.values()) Object.assign(channel, { status: 'done', attention: [] });
  fake.broadcasts.length = 0;
  mount('messenger-inbox');
  history.replaceState(null, '', '?');
  mount('messenger-inbox');
  await until(() => has('.messenger-blank') && words('.messenger-blank').includes('Nothing is waiting'), 'nothing');
});

test('shapes stand where rows will be', async () => {
  const fake = story();
  goTo('?');
  let open = () => {};
  fake.gate = new Promise((resolve) => (open = () => resolve(undefined)));
  fake.install();
  mount('messenger-inbox');
  await until(() => document.querySelectorAll('.messenger-row-shape').length === 5, 'five shapes');
  equal(Math.round(one('.messenger-row-shape').getBoundingClientRect().height), 56);
  ok(words('.messenger-loading').includes('Loading'), 'and says so');
  fake.gate = undefined;
  open();
  await until(() => has('.messenger-row') && !has('.messenger-row-shape'), 'the rows');
});

test('what is searched for stands in its field after a reload, and only words that begin so are marked', async () => {
  await opened('?', (f) => f.reply('ch-8', 'I inform you: the form, and THE FÓRM’s end'));
  type('.messenger-search-box', 'form');
  await until(() => order().includes('ch-8') && has('mark'), 'found');
  await until(() => history.state?.messengerSearch === 'form', 'kept');
  mount('messenger-inbox');
  await until(() => order().length && has('mark'), 'found again');
  equal(one('.messenger-search-box').value, 'form');
  const marks = [...document.querySelectorAll(`${row('ch-8')} mark`)].map((mark) => mark.textContent);
  equal(marks, ['form', 'FÓRM']);
});

test('where words stand in a text', () => {
  const found = (/** @type {string} */ text, /** @type {string} */ q, anywhere = false) =>
    placesOf(text, q, anywhere).map(([start, end]) => text.slice(start, end));
  equal(found('The café’s allotment', 'CAFE allot'), ['café', 'allot']);
  equal(found('Mr O’Connor and o’neil', 'o’con'), ['O’Con']);
  equal(found('see “papers”, papers!', '“papers”'), ['papers', 'papers']);
  equal(found('我明天不能来', '明天'), ['明天']);
  equal(found('👩‍👧 aaa', 'aa a', true), ['aaa']);
  equal(found('ﬁne', 'fi'), ['ﬁ']);
  equal(found('anything', '?!'), []);
});

test('tabs fit in one line with three numbers of two digits, and none moves when another is pressed', async () => {
  await opened('?', (fake) => many(fake, 60));
  const tabs = [...document.querySelectorAll('.messenger-show')];
  const lefts = () => tabs.map((tab) => tab.getBoundingClientRect().left);
  await until(() => words('.messenger-shows').includes('Done 33'), words('.messenger-shows'));
  const before = lefts();
  equal(new Set(tabs.map((tab) => tab.getBoundingClientRect().top)).size, 1, 'one line');
  one('[data-show="attention"]').click();
  await until(() => one('[data-show="attention"]').getAttribute('aria-pressed') === 'true', 'pressed');
  equal(lefts(), before);
});
