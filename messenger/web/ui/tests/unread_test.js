import '../conversation.js';
import '../messenger-elements.js';
import { setStrings } from '../element.js';
import { Format } from '../format.js';
import { english } from '../strings.js';
import { equal, has, mount, ok, one, settled, test, until, words } from './harness.js';
import { story } from './story.js';

test('the number, said to those who hear the page too', async () => {
  story().install();
  mount('messenger-unread');
  await until(() => has('messenger-unread .messenger-count'), 'the number');
  equal(words('messenger-unread [aria-hidden]'), '2');
  ok(parseFloat(getComputedStyle(one('messenger-unread')).marginInlineStart) >= 4, 'apart from the word before it');
  equal(document.querySelector('messenger-unread .messenger-sr')?.textContent, '2 unread conversations');
});

test('it follows a reply and a reading, and is empty at none', async () => {
  const fake = story().install();
  mount('messenger-unread');
  await until(() => has('messenger-unread .messenger-count'), 'the number');
  await until(() => fake.sources.length, 'the stream');
  fake.reply('ch-2', 'New words');
  await until(() => words('messenger-unread [aria-hidden]') === '3', 'three');
  ok(document.title.startsWith('(3) '), 'before the page’s title too');
  for (const id of ['ch-1', 'ch-2', 'ch-8']) {
    const channel = fake.channels.get(id);
    channel.status = 'done';
    fake.touch(channel);
  }
  await until(() => !document.querySelector('messenger-unread')?.hasChildNodes(), 'nothing');
  equal(getComputedStyle(one('messenger-unread')).display, 'none', 'a link has no space behind its word');
  ok(!/^\(/.test(document.title), 'no number in the title');
});

test('elements of one page ask once and share one stream, whether they name the organisation or not', async () => {
  const fake = story().install();
  const element = mount('messenger-unread', { organisation: 'shared' });
  element.after(
    ...['messenger-unread', 'messenger-notifications'].map((tag) =>
      Object.assign(document.createElement(tag), { api: element.api }),
    ),
  );
  await until(() => has('messenger-notifications .messenger-count'), 'the bell');
  await settled();
  equal(fake.times('GET', /^\/me$/), 1, 'who am I');
  equal(fake.sources.length, 1, 'streams');
  equal(fake.asked[0].headers['Messenger-Organisation'], 'shared');
});

test('a page without a session tells the host', async () => {
  const fake = story().install();
  fake.faults.set('GET /me', { status: 401, code: 'not_signed_in' });
  let told = 0;
  document.addEventListener('messenger-signed-out', () => told++, { once: true });
  mount('messenger-unread');
  await until(() => told === 1, 'messenger-signed-out');
});

test('a menu’s entries have one height, with a number and without', async () => {
  story().install();
  mount('messenger-unread');
  await until(() => has('messenger-unread .messenger-count'), 'the number');
  for (const [size, height] of [
    ['14.4px', '1.5'],
    ['16px', '1.5'],
    ['16px', '1.4'],
  ]) {
    const bar = document.createElement('div');
    const [bare, counted] = [document.createElement('a'), document.createElement('a')];
    bare.textContent = 'Clients';
    counted.append('Messages ', one('messenger-unread').cloneNode(true));
    bar.append(bare, counted);
    for (const link of [bare, counted]) {
      Object.assign(link.style, { display: 'inline-flex', fontSize: size, lineHeight: height, alignItems: 'center' });
    }
    one('main').append(bar);
    equal(counted.offsetHeight, bare.offsetHeight, `${size} ${height}`);
    bar.remove();
  }
});

test('the words are the host’s, for all elements at once', async () => {
  story().install();
  mount('messenger-unread');
  const said = () => document.querySelector('messenger-unread .messenger-sr')?.textContent;
  await until(() => said() === '2 unread conversations', 'in English');
  setStrings({ unread_channels_other: '{count} sgwrs heb eu darllen' });
  try {
    await until(() => said() === '2 sgwrs heb eu darllen', 'in Welsh, where it stands already');
    mount('messenger-unread');
    await until(() => said() === '2 sgwrs heb eu darllen', 'and where it comes later');
    const own = { unread_channels_other: '{count} o sgyrsiau' };
    /** @type {any} */ (document.querySelector('messenger-unread')).strings = own;
    await until(() => said() === '2 o sgyrsiau', 'an element’s own come first');
  } finally {
    setStrings({});
  }
  ok(Object.keys(english).length > 100, 'every key there is');
});

test('a language that the browser does not know has British dates', () => {
  const nine = new Date(2026, 4, 6, 9, 5).toISOString();
  for (const lang of ['cy', 'xx-unknown', 'no language!', '']) {
    const format = new Format(lang, (key) => key);
    equal(format.time(nine), '09:05');
    ok(/^Wednesday,? 6 May 2026$/.test(format.day(nine)), `${lang}: ${format.day(nine)}`);
  }
  equal(new Format('de', (key) => key).day(nine), 'Mittwoch, 6. Mai 2026');
});
