import '../conversation.js';
import '../messenger-elements.js';
import { Presence } from '../presence.js';
import { equal, goTo, has, mount, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { long, story } from './story.js';

/**
 * @param {string} channel
 * @param {(fake: import('./fake.js').Fake) => void} [prepare]
 * @param {string} [width]
 */
async function opened(channel, prepare, width = '1280px') {
  const fake = story();
  prepare?.(fake);
  goTo(`?channel=${channel}`);
  fake.install();
  mount('messenger-inbox').style.cssText = `inline-size: ${width}; --messenger-height: 700px`;
  await until(() => has('.messenger-message') && has('.messenger-row'), 'the thread');
  await settled();
  return fake;
}

const links = () =>
  [...document.querySelectorAll('.messenger-message a')].map((a) => [a.textContent, a.getAttribute('href')]);

/** @param {string} body */
const sent = (body) => (/** @type {any} */ fake) =>
  fake.add('ch-5', { direction: 'outbound', medium: 'sms', body, delivery: { status: 'delivered' } });

test('addresses and numbers in a message are links, and nothing else is', async () => {
  const body =
    'See https://example.org/a_(b)?c=d&e#f. Or (www.example.com/x), “HTTP://EXAMPLE.ORG”! ' +
    'Write to Ann.Lee+x@mail.example.org; ' +
    'ring 07700 900123, (01632) 960001, 020 7946 0018 or +44 (0)7700 900456. ' +
    'Not: 999 000 0018, 9990000018, 05-06-2026 10:30, 01/02/2026, javascript:alert(1), https://, £0123456789012345, ' +
    'v0.1234.567, data:text/html,x, http://[, <a href="https://example.org/z">, 07700 9001.';
  await opened('ch-5', (fake) => {
    sent(body)(fake);
    sent('Ours: https://host.example.org/m/r/AbCdEfGhIjKlMnOpQrStUv and {{reply_link}}')(fake);
  });
  equal(links(), [
    ['https://example.org/a_(b)?c=d&e#f', 'https://example.org/a_(b)?c=d&e#f'],
    ['www.example.com/x', 'https://www.example.com/x'],
    ['HTTP://EXAMPLE.ORG', 'HTTP://EXAMPLE.ORG'],
    ['Ann.Lee+x@mail.example.org', 'mailto:Ann.Lee+x@mail.example.org'],
    ['07700 900123', 'tel:07700900123'],
    ['(01632) 960001', 'tel:01632960001'],
    ['020 7946 0018', 'tel:02079460018'],
    ['+44 (0)7700 900456', 'tel:+447700900456'],
    ['https://example.org/z', 'https://example.org/z'],
  ]);
  const shown = [...document.querySelectorAll('.messenger-body')].map((b) => b.textContent);
  ok(shown.includes(body), 'the words are as they were written');
  for (const a of document.querySelectorAll('.messenger-message a')) {
    equal(a.getAttribute('rel'), 'noopener noreferrer');
    equal(a.getAttribute('target'), a.getAttribute('href')?.toLowerCase().startsWith('http') ? '_blank' : null);
  }
});

test('the foot of a message is one quiet line, and tells all to who presses it', async () => {
  await opened('ch-5');
  const foot = one('.messenger-message .messenger-foot');
  const read = () => foot.innerText.replace(/\s+/g, ' ');
  ok(/\d\d:\d\d Email Delivered/.test(read()), read());
  ok(foot.getBoundingClientRect().height < 30, 'one line');
  const [short, full] = foot.querySelectorAll('[data-of="record"] :is(.messenger-short, .messenger-full)');
  equal(short.textContent, 'In the record');
  ok(full.getBoundingClientRect().width < 2, 'only for who hears it');
  equal(full.textContent.trim(), 'Saved to the clinical record');
  foot.click();
  ok(!short.checkVisibility() && full.getBoundingClientRect().width > 100, 'in whole');
  foot.click();
  ok(short.checkVisibility(), 'in short again');
});

test('of a record that the host does not have nothing is said', async () => {
  for (const permissions of [['files'], []]) {
    await opened('ch-5', (fake) => {
      fake.me.permissions = permissions;
      for (const one of fake.of('ch-5')) Object.assign(one.record, { status: 'not_required' });
    });
    equal(has('.messenger-message [data-of="record"]'), permissions.length > 0, 'a badge');
    one('[data-do="note"]').click();
    await until(() => has('[name="note"]'), 'a note');
    equal(has('[name="file"]'), permissions.length > 0, 'a note can be filed');
  }
});

test('what needs somebody stands at the foot in whole, at once', async () => {
  await opened('ch-2');
  ok(words('.messenger-foot').includes('Not delivered: The address or number is not right.'), words('.messenger-foot'));
  ok(sees('.messenger-foot [data-do="retry"]'), 'with what can be done');
});

test('no message of a long thread is something that Tab stops at', async () => {
  await opened('ch-long', (fake) => long(fake, 60));
  equal(document.querySelectorAll('.messenger-messages :is(a, button, [tabindex])').length, 0);
});

test('a message that was taken back is a line, with its text for who wants it', async () => {
  await opened('ch-5', (fake) => {
    fake.add('ch-5', { direction: 'outbound', medium: 'sms', body: 'Slow message', delivery: { status: 'cancelled' } });
    fake.add('ch-5', {
      direction: 'outbound',
      subject: 'From Ben',
      body: 'Never mind',
      author: { kind: 'staff', id: 'ben', name: 'Ben Jones' },
      delivery: { status: 'cancelled' },
    });
  });
  const [own, other] = document.querySelectorAll('.messenger-message[data-delivery="cancelled"]');
  const read = (/** @type {any} */ e) => e.innerText.replace(/\s+/g, ' ').trim();
  ok(/^You cancelled an SMS, Today, \d\d:\d\d Show the text$/.test(read(own)), read(own));
  ok(/^An email was cancelled, Today, \d\d:\d\d Show the text$/.test(read(other)), read(other));
  ok(own.getBoundingClientRect().height < 40, 'a line');
  own.querySelector('button')?.click();
  ok(read(own).endsWith('Slow message'), read(own));
  equal(own.querySelector('button')?.getAttribute('aria-expanded'), 'true');
});

test('who has scrolled up can jump to the newest message, and sees how many are new', async () => {
  const fake = await opened('ch-long', (f) => long(f, 60));
  const scroll = one('.messenger-scroll');
  ok(!has('[data-do="below"]'), 'at the newest there is nothing to jump to');
  scroll.scrollTop = scroll.scrollHeight / 2;
  await until(() => has('[data-do="below"]'), 'the way back');
  equal(words('[data-do="below"]'), 'Jump to newest');
  fake.reply('ch-long', 'One more');
  await until(() => words('[data-do="below"]') === '1 new message below', 'how many');
  one('[data-do="below"]').click();
  await until(() => !has('[data-do="below"]'), 'gone');
  ok(scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 2, 'at the newest');
  equal(document.activeElement, scroll);
});

test('typing under a thread of 500 touches none of its messages', async () => {
  await opened('ch-long', (f) => long(f, 500));
  const scroll = one('.messenger-scroll');
  const count = () => document.querySelectorAll('.messenger-message').length;
  while (count() < 500) {
    const before = count();
    scroll.scrollTop = 0;
    await until(() => count() > before, 'older ones');
  }
  one('messenger-compose [data-medium="sms"]').click();
  await until(() => has('.messenger-form [name="body"]'), 'the form');
  await settled();
  let touched = 0;
  const watching = new MutationObserver((changes) => (touched += changes.length));
  const all = { attributes: true, characterData: true, childList: true, subtree: true };
  watching.observe(one('.messenger-messages'), all);
  const field = one('.messenger-form [name="body"]');
  for (const letter of 'See you') {
    field.value += letter;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await settled();
  }
  watching.disconnect();
  equal(touched, 0);
});

test('on a phone the head is one line, who it is goes while one writes, and the number is never cut', async () => {
  await opened('ch-1', undefined, '320px');
  const top = (/** @type {string} */ s) => one(s).getBoundingClientRect();
  const line = ['.messenger-from-thread', '.messenger-title', '.messenger-to-side'].map(top);
  const middles = line.map(({ top: y, height }) => y + height / 2);
  ok(Math.max(...middles) - Math.min(...middles) < 4, 'back, name and Details in one line');
  ok(line[0].right <= line[1].left && line[1].right <= line[2].left, 'beside each other');
  ok(sees('.messenger-nhs'), 'who it is');
  one('messenger-compose [data-medium="sms"]').click();
  await until(() => has('.messenger-form [name="body"]'), 'the form');
  await settled();
  ok(!sees('.messenger-nhs'), 'room for the words');
  ok(sees('.messenger-title'), 'the name stays');
  const number = one('.messenger-form-head > .messenger-quiet');
  ok(/^\+44\d{10}$/.test(number.textContent.trim()), number.textContent);
  ok(number.scrollWidth <= number.clientWidth + 1 || getComputedStyle(number).overflowX === 'visible', 'not cut');
  const { left, right } = number.getBoundingClientRect();
  ok(left >= 0 && right <= 320, 'on the screen');
});

/** @param {number} minutes ago */
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
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
    fake.note('ch-new', { text: 'Prefers mornings: ring 07700 900123', at: ago(15), author: ben });
    fake.note('ch-new', { kind: 'call', text: 'Rang, left no message.', at: ago(5), file: true });
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

test('marks say in one line who handed over, what was joined and who is away', async () => {
  await opened('ch-5', (fake) => {
    const text = 'She likes to be rung.';
    fake.marks.set('ch-5', [
      { id: 'k-4', kind: 'something_new', at: ago(1), author: ben },
      { id: 'k-3', kind: 'away', at: ago(2), author: ben, cover_name: 'Amira Shah', until: ago(-60) },
      { id: 'k-2', kind: 'joined', at: ago(3), author: { kind: 'system' } },
      { id: 'k-1', kind: 'handover', at: ago(4), author: ben, text },
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

test('a private message says whether it was opened, and is taken back with a reason', async () => {
  const fake = await opened('ch-5', (f) => {
    f.add('ch-5', { direction: 'outbound', body: 'The result', private: true, delivery: { status: 'delivered' } });
  });
  const last = () => [...document.querySelectorAll('.messenger-message')].at(-1)?.textContent ?? '';
  await until(() => last().includes('Not opened yet'), 'not opened');
  one('[data-do="withdraw"]').click();
  await until(() => has('[aria-labelledby="messenger-withdraw-title"]'), 'the question');
  one('[aria-labelledby="messenger-withdraw-title"] [value="not"]').click();
  await until(() => !has('[aria-labelledby="messenger-withdraw-title"]'), 'thought again');
  ok(!fake.asked.some((a) => a.path.endsWith('/withdraw')), 'nothing was taken back');
  one('[data-do="withdraw"]').click();
  await until(() => has('[name="why"][value="wrong_words"]'), 'the reasons');
  one('[name="why"][value="wrong_words"]').click();
  type('[aria-labelledby="messenger-withdraw-title"] textarea', 'The wrong day');
  one('[aria-labelledby="messenger-withdraw-title"] [value="withdraw"]').click();
  await until(() => last().includes('Withdrawn by'), 'who took it back');
  const asked = fake.asked.findLast((a) => a.path.endsWith('/withdraw'));
  equal(asked?.body, { reason: 'wrong_words', note: 'The wrong day' });
  ok(!has('[data-do="withdraw"]'), 'once is enough');
});

test('what an answer is awaited to says so, and need not be waited for', async () => {
  await opened('ch-5', (f) => {
    f.add('ch-5', {
      direction: 'outbound',
      body: 'Can you come?',
      delivery: { status: 'delivered' },
      awaiting: { expects: 'reply', by: '2099-01-02', status: 'waiting' },
    });
  });
  const last = () => [...document.querySelectorAll('.messenger-message')].at(-1)?.textContent ?? '';
  await until(() => last().includes('Waits for a reply by'), 'what is awaited');
  one('[data-do="stop-waiting"]').click();
  await until(() => last().includes('No answer is awaited any more'), 'no more');
  ok(!has('[data-do="stop-waiting"]') && !has('[data-do="remind"]'), 'nothing is left to do');
});

/** Makes what is waited for short, for as long as a test takes. @param {Record<string, number>} times */
function hasten(times) {
  const before = Object.fromEntries(Object.keys(times).map((name) => [name, /** @type {any} */ (Presence)[name]]));
  Object.assign(Presence, times);
  return () => Object.assign(Presence, before);
}

/** @param {import('./fake.js').Fake} fake */
const saidHere = (fake) => fake.asked.filter(({ path }) => path.endsWith('/presence'));

/**
 * @param {import('./fake.js').Fake} fake
 * @param {string} channel
 * @param {string} who
 * @param {boolean} writing
 * @param {'present'|'gone'} [event]
 */
const isHere = (fake, channel, who, writing, event = 'present') =>
  fake.tell('amira', event, {
    channel_id: channel,
    staff_id: who,
    name: fake.inboxes.find((i) => i.staff_id === who)?.name,
    writing,
  });

test('who else has the conversation open is said beside the box, until they are not heard of any more', async () => {
  const back = hasten({ holds: 300 });
  const fake = await opened('ch-5');
  const others = () => words('.messenger-others');
  isHere(fake, 'ch-1', 'ben', true);
  isHere(fake, 'ch-5', 'amira', true);
  await settled();
  equal(others(), '', 'of another conversation, and oneself in another tab');
  isHere(fake, 'ch-5', 'chloe', false);
  isHere(fake, 'ch-5', 'ben', true);
  await until(() => others() === 'Ben Jones is writing. Chloe Martin is here.', 'who writes first');
  equal(one('.messenger-others').getAttribute('role'), 'status', 'said to a screen reader');
  await until(() => others() === '', 'not heard of any more');
  Presence.holds = 60_000;
  isHere(fake, 'ch-5', 'chloe', false);
  isHere(fake, 'ch-5', 'ben', true);
  isHere(fake, 'ch-1', 'chloe', false, 'gone');
  isHere(fake, 'ch-5', 'ben', false, 'gone');
  await until(() => others() === 'Chloe Martin is here.', 'he is gone');
  isHere(fake, 'ch-5', 'chloe', false, 'gone');
  await until(() => others() === '', 'and so is she');
  isHere(fake, 'ch-5', 'ben', false);
  await until(() => others() === 'Ben Jones is here.', 'here again');
  one('.messenger-row-link[data-id="ch-1"]').click();
  await until(() => others() === '', 'not of the next conversation');
  back();
});

test('that one is gone is said at once, and that one is here where another tab of oneself is gone', async () => {
  const back = hasten({ every: 60_000 });
  const fake = await opened('ch-5');
  /** @param {string} channel */
  const said = (channel) =>
    saidHere(fake)
      .filter(({ path }) => path === `/channels/${channel}/presence`)
      .map(({ method }) => method)
      .join(' ');
  await until(() => said('ch-5') === 'POST', 'here');
  isHere(fake, 'ch-1', 'amira', false, 'gone');
  isHere(fake, 'ch-5', 'amira', false, 'gone');
  await until(() => said('ch-5') === 'POST POST', 'here all the same');
  one('.messenger-row-link[data-id="ch-1"]').click();
  await until(() => said('ch-5') === 'POST POST DELETE' && said('ch-1') === 'POST', 'gone to the next');
  one('messenger-inbox').remove();
  await until(() => said('ch-1') === 'POST DELETE', 'gone with the element');
  equal(said('ch-5'), 'POST POST DELETE', 'said once');
  back();
});

test('that one is here, and writes, is said when it changes, and else only so often', async () => {
  const back = hasten({ every: 60_000, pause: 200 });
  const fake = await opened('ch-5');
  const said = () =>
    saidHere(fake)
      .filter(({ method }) => method === 'POST')
      .map(({ path, body }) => [path, body.writing]);
  await until(() => said().length === 1, 'that it is open');
  for (const text of ['H', 'He', 'Hello']) type('.messenger-thread [name="body"]', text);
  await until(() => said().length === 3, 'begun, and stopped');
  type('.messenger-thread [name="body"]', 'Hello all');
  type('.messenger-thread [name="body"]', '');
  await until(() => said().length === 5, 'taken out');
  equal(
    said(),
    [false, true, false, true, false].map((writing) => ['/channels/ch-5/presence', writing]),
    'not a word of it',
  );
  Presence.every = 50;
  one('.messenger-row-link[data-id="ch-1"]').click();
  await until(() => said().filter(([path]) => path === '/channels/ch-1/presence').length > 2, 'again and again');
  back();
});
