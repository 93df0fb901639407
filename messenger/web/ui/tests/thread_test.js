import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { long } from './story.js';
import { links, opened } from './thread.js';

test('a number and a date read from the left on a page that is written from the right', async () => {
  document.documentElement.dir = 'rtl';
  try {
    await opened('ch-1');
    for (const fact of document.querySelectorAll('.messenger-facts bdi')) {
      const text = /** @type {Text} */ (document.createTreeWalker(fact, NodeFilter.SHOW_TEXT).nextNode());
      const [first, last] = [0, text.data.length - 1].map((at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
      });
      ok(first < last, text.data);
    }
    equal(document.querySelectorAll('.messenger-facts bdi').length, 3, 'facts');
  } finally {
    document.documentElement.dir = '';
  }
});

/** @param {string} body */
const sent = (body) => (/** @type {any} */ fake) =>
  fake.add('ch-5', { direction: 'outbound', medium: 'sms', body, delivery: { status: 'delivered' } });

test('addresses and numbers in a message are links, and nothing else is', async () => {
  const body =
    'See https://example.org/a_(b)?c=d&e#f. Or (www.example.com/x), “HTTP://EXAMPLE.ORG”! ' +
    'Write to Ann.Lee+x@mail.example.org; ' +
    'ring 07700 900123, (01632) 960001, 020 7946 0018 or +44 (0)7700 900456. ' +
    'Not: 999 000 0018, 9990000018, 05-06-2026 10:30, 01/02/2026, javascript:alert(1), https://, £0123456789012345, ' +
    '请看https://example.org/flu。谢谢 *https://example.org/b* زر https://example.org/c؟ ' +
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
    ['https://example.org/flu', 'https://example.org/flu'],
    ['https://example.org/b', 'https://example.org/b'],
    ['https://example.org/c', 'https://example.org/c'],
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
  for (const record of [true, false]) {
    await opened('ch-5', (fake) => {
      fake.me.record = record;
      for (const one of fake.of('ch-5')) Object.assign(one.record, { status: 'not_required' });
    });
    equal(has('.messenger-message [data-of="record"]'), record, 'a badge');
    one('[data-do="note"]').click();
    await until(() => has('[name="note"]'), 'a note');
    equal(has('[name="file"]'), record, 'a note can be filed');
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

/** Grace is a client of whom much is to be known. @param {any} fake */
function warned(fake) {
  const said = { who_else_reads: '', note: '' };
  const safe = { no_words: true, shared_phone: true, neutral_sender: true };
  const card = { media: ['sms', 'email'], hours: [], ...safe, ...said };
  const more = { restricted: true, safe_contact: card, needs: ['large print'], language: 'cy' };
  Object.assign(fake.clients.get('c-1').client, more);
}

test('on a phone the message that is answered can be read while one writes, whatever else is said', async () => {
  await opened('ch-1', warned, '360px');
  one('messenger-inbox').style.setProperty('--messenger-height', '480px');
  one('messenger-compose [data-medium="email"]').click();
  await until(() => has('.messenger-form [name="body"]'), 'the form');
  await settled();
  const place = (/** @type {Element} */ e) => e.getBoundingClientRect();
  const thread = place(one('.messenger-scroll'));
  const newest = place([...document.querySelectorAll('.messenger-bubble')].at(-1) ?? document.body);
  ok(newest.top >= thread.top && newest.bottom <= thread.bottom, 'the newest message stands whole above the form');
  ok(thread.height >= 155, `${thread.height} pixels of the thread`);
  ok(sees('.messenger-title'), 'who is written to');
  const fields = place(one('.messenger-form-fields'));
  const text = place(one('.messenger-form [name="body"]'));
  const seen = Math.min(text.bottom, fields.bottom) - text.top;
  ok(seen >= 48, `two lines of what is written: ${seen}`);
  ok(place(one('.messenger-form [data-do="send"]')).bottom <= place(one('.messenger-panes')).bottom, 'Send');
  const beside = place(one('.messenger-form .messenger-beside'));
  const send = place(one('.messenger-form .messenger-send'));
  ok(beside.height >= 20, 'a line of what is to be known');
  ok(beside.top >= fields.bottom && beside.bottom <= send.top, 'right above Send');
  one('.messenger-form [data-do="close"]').click();
  await until(() => sees('.messenger-thread-head > [data-key="restricted"]'), 'the head says it again');
});

for (const width of ['360px', '1280px']) {
  test(`what is to be known of the client stands whole beside Send while one writes, and once: ${width}`, async () => {
    await opened('ch-1', warned, width);
    one('messenger-compose [data-medium="email"]').click();
    await until(() => has('.messenger-form [name="body"]'), 'the form');
    type('.messenger-form [name="body"]', 'We meet at ten.\n'.repeat(12));
    await settled();
    const place = (/** @type {string} */ s) => one(s).getBoundingClientRect();
    const beside = place('.messenger-beside');
    const send = place('.messenger-form [data-do="send"]');
    ok(send.top >= beside.bottom && send.top - beside.bottom < 24, 'Send is right below');
    ok(send.bottom <= place('.messenger-panes').bottom, 'in view');
    ok(beside.top >= place('.messenger-form-fields').bottom, 'outside what scrolls');
    for (const key of ['restricted', 'safe', 'needs']) {
      const { top, bottom, height } = place(`.messenger-beside > [data-key="${key}"]`);
      ok(height > 20 && top >= beside.top && bottom <= beside.bottom, `in whole: ${key}`);
      ok(!sees(`.messenger-thread-head > [data-key="${key}"]`), `once: ${key}`);
    }
  });
}

for (const width of ['320px', '360px', '480px', '720px', '1280px']) {
  test(`what is to be known of the client can be read where the pane is 480 pixels high: ${width}`, async () => {
    await opened('ch-1', warned, width);
    one('messenger-inbox').style.setProperty('--messenger-height', '480px');
    one('messenger-compose [data-medium="email"]').click();
    await until(() => has('.messenger-form [name="body"]'), 'the form');
    type('.messenger-form [name="body"]', 'We meet at ten.\n'.repeat(12));
    await until(() => one('.messenger-draft').dataset.state === 'saved', 'the draft, whose state takes a line');
    await settled();
    const place = (/** @type {string} */ s) => one(s).getBoundingClientRect();
    const text = () => {
      const [fields, body] = [place('.messenger-form-fields'), place('.messenger-form [name="body"]')];
      return Math.min(fields.bottom, body.bottom) - Math.max(fields.top, body.top);
    };
    const { bottom: end, height: shown } = place('.messenger-beside');
    ok(shown >= 42, 'two lines of it');
    const notes = [...one('.messenger-beside').children].map((note) => note.getBoundingClientRect());
    ok(notes.some(({ top, bottom }) => top < end - 4 && bottom > end + 4), 'one is cut, so that there is more');
    ok(text() >= 48, `two lines of what is written: ${text()}`);
    const newest = () => Math.round(place('.messenger-messages > :last-child > .messenger-bubble').bottom);
    const before = newest();
    const send = place('.messenger-form [data-do="send"]');
    one('.messenger-beside').focus();
    await settled();
    const panes = place('.messenger-panes');
    for (const key of ['restricted', 'safe', 'needs']) {
      const note = one(`.messenger-beside > [data-key="${key}"]`);
      const { top, bottom, height } = note.getBoundingClientRect();
      const beside = place('.messenger-beside');
      ok(height > 20 && top >= beside.top && bottom <= beside.bottom, `in whole: ${key}`);
      ok(top >= panes.top && bottom <= panes.bottom, `in view: ${key}`);
      ok(note.contains(document.elementFromPoint(send.left + 40, bottom - 4)), `under nothing: ${key}`);
    }
    ok(place('.messenger-form [data-do="send"]').bottom <= panes.bottom, 'Send');
    one('.messenger-form [name="body"]').focus();
    await settled();
    equal(Math.round(place('.messenger-form [data-do="send"]').top), Math.round(send.top), 'Send is where it was');
    ok(text() >= 48, `what is written, again: ${text()}`);
    equal(newest(), before, 'the newest message is where it was');
  });
}

test('the box to write in grows with the words to half the pane, and no further', async () => {
  await opened('ch-5');
  one('messenger-inbox').style.setProperty('--messenger-height', '1300px');
  const tall = (/** @type {string} */ s) => one(s).getBoundingClientRect().height;
  await settled();
  const line = tall('messenger-compose');
  ok(line < 80, `a line: ${line}`);
  one('messenger-compose [data-medium="email"]').click();
  await until(() => has('.messenger-form [name="body"]'), 'the form');
  const heights = [];
  for (const lines of [1, 6, 10, 40]) {
    type('.messenger-form [name="body"]', 'We meet at ten.\n'.repeat(lines));
    await settled();
    heights.push(tall('messenger-compose'));
  }
  const [one_, six, ten, forty] = heights;
  ok(line < one_ && one_ < six && six < ten && ten < forty, `it grows: ${heights}`);
  ok(Math.abs(forty - tall('.messenger-thread') / 2) <= 1, `half of ${tall('.messenger-thread')}: ${forty}`);
  const send = one('.messenger-form [data-do="send"]').getBoundingClientRect();
  ok(send.bottom <= one('.messenger-panes').getBoundingClientRect().bottom, 'Send is in view');
  type('.messenger-form [name="body"]', '');
  await settled();
  ok(tall('messenger-compose') <= one_, 'and back');
  one('messenger-compose [data-do="note"]').click();
  await until(() => has('[name="note"]'), 'the note');
  const note = tall('[name="note"]');
  type('[name="note"]', 'She rang.\n'.repeat(8));
  await settled();
  ok(tall('[name="note"]') > 2 * note, `a note grows too: ${note}, ${tall('[name="note"]')}`);
});

test('the text to write is never so high that its count is out of sight', async () => {
  await opened('ch-1');
  one('messenger-compose [data-medium="sms"]').click();
  await until(() => has('.messenger-form [name="body"]'), 'the form');
  type('.messenger-form [name="body"]', 'We meet at ten.\n'.repeat(40));
  await until(() => has('.messenger-counter'), 'the count');
  for (const height of [600, 700, 800, 1000]) {
    one('messenger-inbox').style.setProperty('--messenger-height', `${height}px`);
    await settled();
    const count = one('.messenger-counter').getBoundingClientRect();
    ok(count.bottom <= one('.messenger-form-fields').getBoundingClientRect().bottom, `in view at ${height}`);
  }
});

test('on a phone what is to be known of the client stands in the head while a note is written', async () => {
  await opened('ch-1', warned, '360px');
  one('messenger-compose [data-do="note"]').click();
  await until(() => has('[name="note"]'), 'the note');
  await settled();
  const panes = one('.messenger-panes').getBoundingClientRect();
  for (const key of ['restricted', 'safe', 'needs']) {
    const { top, bottom, height } = one(`.messenger-thread-head > [data-key="${key}"]`).getBoundingClientRect();
    ok(height > 20 && top >= panes.top && bottom <= panes.bottom, `in view: ${key}`);
  }
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

test('what was taken out of the conversation leaves the screen, and all else stays', async () => {
  const fake = await opened('ch-long', (f) => long(f, 120));
  const scroll = one('.messenger-scroll');
  const shown = () => [...document.querySelectorAll('.messenger-message')].map((m) => m.getAttribute('data-id'));
  await until(() => {
    scroll.scrollTop = 0;
    return shown().length > 50;
  }, 'older ones');
  await settled();
  const older = shown().length - 50;
  const all = fake.of('ch-long');
  const gone = [all[118], all[119]];
  fake.messages = fake.messages.filter((m) => !gone.includes(m));
  const fetched = window.fetch;
  window.fetch = async (url, init) => {
    const answered = await fetched(url, init);
    if (String(url).includes('/ch-long/messages')) {
      window.fetch = fetched;
      fake.reply('ch-long', 'Meanwhile');
      await settled();
    }
    return answered;
  };
  fake.tell('amira', 'reset', {});
  await until(() => !shown().includes(gone[0].id) && !shown().includes(gone[1].id), 'both are gone');
  await until(() => window.fetch === fetched, 'one came');
  await settled();
  equal(shown(), fake.of('ch-long').slice(70 - older).map(({ id }) => id), 'all else');
  const numbers = [...document.querySelectorAll('.messenger-message')].map((m) => Number(m.ariaPosInSet));
  equal(numbers, Array.from({ length: 49 + older }, (_, i) => 71 - older + i), 'each has a number of its own');
});

test('what was taken out from below the newest page leaves the screen, and all else stays', async () => {
  const fake = await opened('ch-long', (f) => long(f, 180));
  const scroll = one('.messenger-scroll');
  const shown = () => [...document.querySelectorAll('.messenger-message')].map((m) => m.getAttribute('data-id'));
  await until(() => {
    scroll.scrollTop = 0;
    return shown().length > 100;
  }, 'older ones');
  await settled();
  const kept = fake.of('ch-long').slice(180 - shown().length).map(({ id }) => id);
  equal(shown(), kept, 'all before');
  for (const at of [60, 0]) {
    const [gone] = kept.splice(at, 1);
    fake.messages = fake.messages.filter((m) => m.id !== gone);
    fake.tell('amira', 'reset', {});
    await until(() => !shown().includes(gone), 'it is gone');
    await settled();
    equal(shown().slice(-kept.length), kept, 'all else');
    const numbers = [...document.querySelectorAll('.messenger-message')].map((m) => Number(m.ariaPosInSet));
    const all = fake.of('ch-long').length;
    equal(numbers, numbers.map((_, i) => all + 1 - numbers.length + i), 'each has a number of its own');
  }
});

test('what was taken out of a short conversation leaves the screen, the oldest too', async () => {
  const fake = await opened('ch-1');
  const { id } = fake.of('ch-1')[0];
  const message = `.messenger-message[data-id="${id}"]`;
  ok(has(message), 'it is there');
  fake.messages = fake.messages.filter((m) => m.id !== id);
  fake.tell('amira', 'reset', {});
  await until(() => !has(message), 'it is gone');
  ok(has('.messenger-message'), 'the others stay');
});
