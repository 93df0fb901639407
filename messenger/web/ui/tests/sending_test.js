import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, sends, sent, strip } from './writing.js';
import { story } from './story.js';

test('an email goes out in ten seconds, once, under one key', async () => {
  const fake = await opened('c-1', 'email');
  /** @type {any} */
  let sent;
  document.addEventListener('messenger-sent', (event) => (sent = /** @type {CustomEvent} */ (event).detail), {
    once: true,
  });
  type('[name="subject"]', 'The bus');
  type('[name="body"]', 'It is booked.');
  one('[data-do="send"]').click();
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake).length, 1, 'sends');
  const [{ path, body, headers }] = sends(fake);
  equal(
    [path, body.medium, body.subject, body.body, body.reply_link, body.then],
    ['/clients/c-1/messages', 'email', 'The bus', 'It is booked.', true, undefined],
  );
  const wait = Date.parse(body.send_after) - Date.now();
  ok(wait > 7000 && wait < 13_000, `ten seconds, not ${wait}`);
  ok(/^[\x21-\x7e]{1,255}$/.test(headers['Idempotency-Key']), 'a key');
  equal(sent.message.body, 'It is booked.');
  ok(document.activeElement === one('[data-do="undo"]'), 'the focus is on Undo');
});

test('no answer: the text stays, and trying again sends the same under the same key', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  fake.faults.set('POST /clients/c-1/messages', 'offline');
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('it will not be sent twice'), 'the words');
  equal(one('[name="body"]').value, 'Booked.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const [first, second] = sends(fake);
  equal(second.headers['Idempotency-Key'], first.headers['Idempotency-Key']);
  equal(second.body, first.body);
});

test('another text after a failure gets another key', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  fake.faults.set('POST /clients/c-1/messages', { status: 503, code: 'unavailable' });
  one('[data-do="send"]').click();
  await until(() => has('.messenger-form-problem'), 'the words');
  type('[name="body"]', 'Booked for two.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const [first, second] = sends(fake);
  ok(second.headers['Idempotency-Key'] !== first.headers['Idempotency-Key'], 'another key');
});

test('Undo cancels on the server and puts the text back', async () => {
  const fake = await opened('c-1', 'email');
  type('[name="subject"]', 'The bus');
  type('[name="body"]', 'It is boked.');
  one('[data-do="send"]').click();
  (await until(() => document.querySelector('[data-do="undo"]'), 'Undo')).dispatchEvent(
    new MouseEvent('click', { bubbles: true }),
  );
  await until(() => has('.messenger-form'), 'the form');
  equal([one('[name="subject"]').value, one('[name="body"]').value], ['The bus', 'It is boked.']);
  equal(fake.times('POST', /^\/messages\/m-\d+\/cancel$/), 1);
});

test('the strip says that it is being sent until the carrier has it, and goes four seconds later', async () => {
  const fake = await sent('Booked.');
  equal(strip(), 'Sending');
  fake.now(fake.messages.at(-1), 'sending');
  await settled();
  equal(strip(), 'Sending');
  fake.now(fake.messages.at(-1), 'sent');
  await until(() => strip() === 'Sent', 'Sent');
  fake.now(fake.messages.at(-1), 'delivered');
  await until(() => strip() === '', 'nothing any more');
});

test('what was refused is said so, and that stays', async () => {
  const fake = await sent('Booked.');
  fake.now(fake.messages.at(-1), 'failed', 'wrong_contact');
  await until(() => strip().startsWith('Not delivered: The address or number is not right.'), 'Not delivered');
  one('button[data-medium="email"]').click();
  await until(() => has('.messenger-form'), 'the form');
  ok(strip().startsWith('Not delivered'), 'also while the next one is written');
});

test('what comes back after the carrier had it is said too', async () => {
  const fake = await sent('Booked.');
  fake.now(fake.messages.at(-1), 'sent');
  await until(() => strip() === 'Sent', 'Sent');
  fake.now(fake.messages.at(-1), 'failed');
  await until(() => strip() === 'Not delivered', 'Not delivered');
});

test('what became of it while the connection was lost is asked for', async () => {
  const fake = await sent('Booked.');
  fake.messages.at(-1).delivery = { status: 'failed', attempts: 1, reason: 'not_sent' };
  fake.tell('amira', 'reset', {});
  await until(() => strip().startsWith('Not delivered: It did not go out.'), 'Not delivered');
});

test('a message for later is called so, until its time', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[data-do="later"]').click();
  one('[name="when"]').value = '2099-01-01T10:00';
  one('[data-do="send"]').click();
  await until(() => strip() === 'Will be sent 1 Jan 2099, 10:00', 'when it goes');
  fake.now(fake.messages.at(-1), 'cancelled');
  await until(() => strip() === '', 'cancelled elsewhere');
});

test('Undo too late says so', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  fake.messages.at(-1).delivery.status = 'sent';
  one('[data-do="undo"]').click();
  await until(() => words('messenger-compose').includes('Too late to undo'), 'the words');
});

test('Undo of Send and mark done opens the channel again', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[data-do="send-done"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake)[0].body.then, 'done');
  one('[data-do="undo"]').click();
  await until(() => fake.times('PUT', /\/status$/) === 1, 'the status');
  equal(fake.asked.findLast((a) => a.path.endsWith('/status'))?.body.status, 'open');
});

test('a restricted client takes a reason', async () => {
  const fake = await opened('c-6', 'email');
  type('[name="subject"]', 'Hello');
  type('[name="body"]', 'Words');
  one('[data-do="send"]').click();
  equal(words('.messenger-field[data-invalid] .messenger-error'), 'Enter a reason');
  equal(sends(fake).length, 0);
  type('[name="reason"]', 'Safeguarding review');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake)[0].body.override, { reason: 'Safeguarding review' });
});

test('a client who was restricted a moment ago: the reason is asked for then', async () => {
  const fake = await opened('c-1', 'sms');
  fake.clients.get('c-1').client.restricted = true;
  type('[name="body"]', 'Words');
  one('[data-do="send"]').click();
  await until(() => has('[name="reason"]'), 'the reason');
  equal(one('[name="body"]').value, 'Words');
});

test('how it is safe to write stands beside the text, and another way takes a reason', async () => {
  const fake = story();
  fake.client(
    'c-11',
    'Joanna Marsh',
    {
      safe_contact: {
        media: ['sms'],
        hours: [{ days: ['tue'], from: '10:00', to: '12:00' }],
        neutral_sender: true,
        no_words: true,
        shared_phone: true,
        who_else_reads: '',
        note: 'Never ring.',
      },
      needs: ['large print'],
      language: 'cy',
    },
    { send_email: { allowed: false, why: 'safe_contact' } },
  );
  fake.install();
  mount('messenger-compose', { client: 'c-11' });
  await until(() => has('[data-medium="email"]'), 'the ways to write');
  equal(words('.messenger-why'), 'It is not safe to email this client: you need to give a reason.');
  one('[data-medium="email"]').click();
  await until(() => has('[data-key="safe"]'), 'the card');
  const card =
    'Safe contact: Text messages only. Only Tuesday 10:00 to 12:00. Every message is private. What arrives ' +
    'names neither you nor your organisation. Somebody else uses the phone. Never ring.';
  equal(words('[data-key="safe"]').replace(/[\u2068\u2069]/g, ''), card);
  equal(words('[data-key="needs"]').replace(/[\u2068\u2069]/g, ''), 'Needs: large print. Reads Welsh.');
  ok(one('[name="private"]').checked && one('[name="private"]').disabled, 'private');
  type('[name="subject"]', 'Hello');
  type('[name="body"]', 'Words');
  one('[data-do="send"]').click();
  await until(() => has('[name="reason"]'), 'the reason');
  type('[name="reason"]', 'She asked for it');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake).at(-1)?.body.override, { reason: 'She asked for it' });
});

test('a message that can’t wait for safe hours takes a reason, and can wait after all', async () => {
  const fake = story();
  const hours = [{ days: ['tue'], from: '10:00', to: '12:00' }];
  const said = { who_else_reads: '', note: '' };
  const card = { media: [], hours, neutral_sender: false, no_words: false, shared_phone: false, ...said };
  fake.client('c-11', 'Joanna Marsh', { safe_contact: card });
  fake.install();
  mount('messenger-compose', { client: 'c-11' });
  await until(() => has('[data-medium="sms"]'), 'the ways to write');
  one('[data-medium="sms"]').click();
  await until(() => has('[data-do="lift"]'), 'the way beyond the hours');
  type('[name="body"]', 'Please ring me');
  ok(!has('[name="reason"]'), 'nothing is asked');
  one('[data-do="lift"]').click();
  await until(() => document.activeElement?.getAttribute('name') === 'reason', 'the cursor in the reason');
  one('[data-do="send"]').click();
  await until(() => words('.messenger-form').includes('Enter a reason'), 'it takes one');
  one('[data-do="lift"]').click();
  await until(() => !has('[name="reason"]'), 'it can wait after all');
  one('[data-do="lift"]').click();
  await until(() => has('[name="reason"]'), 'or not');
  type('[name="reason"]', 'Her appointment is today');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake).at(-1)?.body.override, { reason: 'Her appointment is today' });
});

test('nothing is sent without a subject or words, and the cursor goes there', async () => {
  const fake = await opened('c-1', 'email');
  one('[data-do="send"]').click();
  equal(
    [...document.querySelectorAll('.messenger-error')].map((e) => e.textContent),
    ['Enter a subject', 'Enter a message'],
  );
  ok(document.activeElement === one('[name="subject"]'), 'the cursor is in the subject');
  equal(sends(fake).length, 0);
});

test('the count is of what the server sends, and too much of it is refused before it is sent', async () => {
  const fake = await opened('c-1', 'sms');
  fake.limit = 60;
  type('[name="body"]', 'It is booked');
  await until(() => words('.messenger-under').includes('52 of 60 characters'), 'the figures');
  type('[name="body"]', 'It is booked for Monday');
  await until(() => words('.messenger-under').includes('3 too many'), 'how many are too many');
  one('[data-do="send"]').click();
  await settled();
  ok(words('.messenger-field .messenger-error').includes('60 characters or fewer'), words('.messenger-error'));
  ok(document.activeElement === one('[name="body"]'), 'the cursor is in the text');
  equal(sends(fake).length, 0);
  type('[name="body"]', 'It is booked');
  await until(() => !has('.messenger-field .messenger-error'), 'what is not wrong any more is not said');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
});

test('a text that the server finds too long is said beside it', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'It is booked');
  fake.faults.set('POST /clients/c-1/messages', { status: 422, code: 'too_long' });
  one('[data-do="send"]').click();
  await until(() => has('.messenger-field .messenger-error'), 'the fault');
  equal(one('[name="body"]').value, 'It is booked');
});

test('Ctrl and Enter send', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[name="body"]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }));
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake).length, 1);
});

test('later: the time that was chosen, and never the past', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[data-do="later"]').click();
  one('[name="when"]').value = '2020-01-01T10:00';
  one('[data-do="send"]').click();
  equal(words('.messenger-field[data-invalid] .messenger-error'), 'Enter a date and time in the future');
  one('[name="when"]').value = '2099-01-01T10:00';
  one('[data-do="send"]').click();
  await until(() => sends(fake).length === 1, 'the sending');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  equal(sends(fake)[0].body.send_local, { at: '2099-01-01T10:00', zone });
  equal([sends(fake)[0].body.send_after, sends(fake)[0].body.unless], [undefined, undefined]);
});

test('later: unless they reply first, and the draft keeps both', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Are you coming?');
  one('[data-do="later"]').click();
  type('[name="when"]', '2099-01-01T10:00');
  one('[name="unless"]').click();
  await until(() => fake.drafts.get('c-1')?.unless === 'replied', 'the draft');
  equal(fake.drafts.get('c-1').send_local.at, '2099-01-01T10:00');
  one('[data-do="close"]').click();
  one('button[data-medium="sms"]').click();
  await until(() => has('[name="when"]'), 'the form with its time');
  equal([one('[name="when"]').value, one('[name="unless"]').checked], ['2099-01-01T10:00', true]);
  one('[data-do="send"]').click();
  await until(() => sends(fake).length === 1, 'the sending');
  equal(sends(fake)[0].body.unless, 'replied');
});

test('a draft with a time opens with it', async () => {
  await opened('c-1', undefined, (fake) => {
    const local = { at: '2099-03-01T08:05', zone: 'Asia/Kolkata' };
    fake.drafts.set('c-1', { medium: 'sms', body: 'Hello', send_local: local, unless: 'replied' });
  });
  await until(() => has('[name="when"]'), 'the form');
  equal([one('[name="when"]').value, one('[name="unless"]').checked], ['2099-03-01T08:05', true]);
  ok(words('.messenger-form').includes('In the time of Asia/Kolkata.'), 'whose time');
});

test('a time that the clocks leave out is told at once, with the next that there is', async () => {
  const fake = await opened('c-1', 'sms');
  fake.leftOut = { at: '2099-03-29T01:30', next: '2099-03-29T02:00' };
  type('[name="body"]', 'Good morning');
  one('[data-do="later"]').click();
  type('[name="when"]', '2099-03-29T01:30');
  await until(() => has('[data-do="next-time"]'), 'the way out');
  ok(words('.messenger-form').includes('this time does not exist'), 'why');
  one('[data-do="next-time"]').click();
  equal(one('[name="when"]').value, '2099-03-29T02:00');
  one('[data-do="send"]').click();
  await until(() => sends(fake).length === 1, 'the sending');
  equal(sends(fake)[0].body.send_local.at, '2099-03-29T02:00');
});

test('a time that comes twice is told', async () => {
  const fake = await opened('c-1', 'sms');
  fake.advice = () => [{ rule: 'clock_doubled', text: 'This time comes twice.', source: 'https://example.org/' }];
  type('[name="body"]', 'Good night');
  one('[data-do="later"]').click();
  type('[name="when"]', '2099-10-25T01:30');
  await until(() => words('.messenger-form').includes('This time comes twice.'), 'the advice');
});

test('nothing touches Undo', async () => {
  await opened('c-1', 'sms');
  type('[name="body"]', 'Words');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const undo = one('[data-do="undo"]').getBoundingClientRect();
  for (const other of document.querySelectorAll('messenger-compose button:not([data-do="undo"])')) {
    const box = other.getBoundingClientRect();
    ok(box.bottom <= undo.top - 4 || box.top >= undo.bottom + 4, `apart from ${other.textContent}`);
  }
});

test('after hours it offers the next working day’s beginning, and sends then', async () => {
  const fake = story();
  const next = new Date();
  next.setDate(next.getDate() + 1);
  next.setHours(8, 5, 0, 0);
  fake.hours = { working_hours: { next_send_at: next.toISOString() } };
  fake.install();
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('[data-medium="sms"]'), 'the ways to write');
  one('[data-medium="sms"]').click();
  await until(() => has('[data-do="send-next"]'), 'the offer');
  equal(words('[data-do="send-next"]'), 'Send tomorrow, 8:05am');
  one('[data-do="send-next"]').click();
  await until(() => has('.messenger-error'), 'nothing is written');
  type('[name="body"]', 'Hello');
  one('[data-do="send-next"]').click();
  await until(() => sends(fake).length, 'the send');
  equal(sends(fake)[0].body.send_after, next.toISOString());
  await until(() => has('.messenger-told') && words('.messenger-told').includes('tomorrow'), 'when it goes out');
  ok(!has('[data-do="undo"]'), 'there is a day for that');
});

test('within the working hours nothing is offered, and after they end it is', async () => {
  const fake = story();
  const soon = (/** @type {number} */ hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
  fake.hours = { working_hours: { until: soon(1), next_send_at: soon(16) } };
  fake.install();
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('[data-medium="sms"]'), 'the ways to write');
  one('[data-medium="sms"]').click();
  await until(() => has('[data-do="send"]'), 'the form');
  ok(!has('[data-do="send-next"]'), 'not within them');
  fake.hours = { working_hours: { until: soon(-1), next_send_at: soon(14) } };
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('[data-medium="sms"]'), 'the ways to write');
  one('[data-medium="sms"]').click();
  await until(() => has('[data-do="send-next"]'), 'they have ended since');
});

async function sentToGrace() {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  return { fake, cancel: `POST /messages/${fake.messages.at(-1).id}/cancel` };
}

test('an Undo that fails says why, stays, and does it when it is pressed again', async () => {
  const { fake, cancel } = await sentToGrace();
  fake.faults.set(cancel, { status: 503, code: 'unavailable' });
  one('[data-do="undo"]').click();
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form-problem'), 'why not');
  equal(fake.times('POST', /cancel$/), 1, 'asked once');
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form'), 'the form');
  equal([one('[name="body"]').value, strip()], ['Booked.', 'Not sent. Your message is back in the form.']);
  ok(!has('.messenger-form-problem') && !has('[data-do="undo"]'), 'nothing is wrong any more');
});

test('an Undo whose answer is lost is no Undo that came too late', async () => {
  const { fake, cancel } = await sentToGrace();
  fake.faults.set(cancel, 'lost');
  fake.faults.set('GET /channels/ch-1/messages', 'offline');
  const { tell } = fake;
  fake.tell = () => {};
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form-problem'), 'no answer, and how it stands is not said either');
  fake.tell = tell;
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form'), 'the form');
  equal([one('[name="body"]').value, strip()], ['Booked.', 'Not sent. Your message is back in the form.']);
});

test('an Undo that fails until its time is over says so, and what becomes of the message', async () => {
  const { fake, cancel } = await sentToGrace();
  fake.faults.set(cancel, 'offline');
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form-problem'), 'why not');
  fake.now(fake.messages.at(-1), 'queued');
  await until(() => words('.messenger-form-problem') === 'Too late to undo: the message has gone out.', 'too late');
  ok(!has('[data-do="undo"]'), 'no Undo');
  equal(strip(), 'Sending');
});

test('a message that waits for safe hours says so and until when, and one that is held up says why', async () => {
  const soon = new Date(Date.now() + 3000).toISOString();
  const fake = await opened('c-1', 'sms', (f) => (f.safeFrom = soon));
  type('[name="body"]', 'Booked.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const waits = /^Will be sent \w+, \d\d:\d\d: It is not safe to reach the client before then\./;
  ok(waits.test(words('.messenger-undo')), words('.messenger-undo'));
  await until(() => waits.test(strip()), 'what becomes of it');
  const message = fake.messages.at(-1);
  message.delivery.waiting = { why: 'provider_down' };
  fake.now(message, 'queued');
  await until(() => strip().startsWith('Waiting to be sent: The service'), 'why it waits');
});

test('a message whose answer is lost is sent once, however often that is tried', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  fake.faults.set('POST /clients/c-1/messages', 'lost');
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('it will not be sent twice'), 'the words');
  equal(one('[name="body"]').value, 'Booked.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal([sends(fake).length, fake.messages.filter(({ body }) => body === 'Booked.').length], [2, 1]);
});

/** Another box for Grace, as another tab has it. @param {string} text */
async function anotherBox(text) {
  const other = document.createElement('messenger-compose');
  other.setAttribute('api', one('messenger-compose').getAttribute('api'));
  other.setAttribute('client', 'c-1');
  one('main').append(other);
  const field = () => /** @type {HTMLTextAreaElement|null} */ (other.querySelector('[name="body"]'));
  await until(() => field()?.value === text, 'the draft');
  return { other, field };
}

test('a draft that is sent from another tab is gone here, and said so', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked');
  await until(() => fake.drafts.get('c-1')?.body === 'Booked', 'kept');
  const { other, field } = await anotherBox('Booked');
  type('[name="body"]', 'Booked for two.');
  one('[data-do="send"]').click();
  await until(() => other.textContent?.includes('This has been sent already.'), 'said');
  equal(field()?.value, '');
  equal(sends(fake).length, 1);
});

test('a draft that is sent from two tabs at the same moment goes out once', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked');
  await until(() => fake.drafts.get('c-1')?.body === 'Booked', 'kept');
  const { other, field } = await anotherBox('Booked');
  const go = fake.hold('POST /clients/c-1/messages');
  for (const box of [one('messenger-compose'), other]) box.querySelector('[data-do="send"]').click();
  await until(() => sends(fake).length === 2, 'both are asked for');
  go();
  await until(() => other.textContent?.includes('This has been sent already.'), 'said');
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal([fake.messages.filter(({ body }) => body === 'Booked').length, field()?.value], [1, '']);
});

test('what was sent and whose answer was lost is not sent again when what stands beside it changes', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  fake.faults.set('POST /clients/c-1/messages', 'lost');
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('it will not be sent twice'), 'the words');
  one('[name="link"]').click();
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('This has been sent already.'), 'said');
  equal(fake.messages.filter(({ body }) => body === 'Booked.').length, 1);
});

test('what else was typed here stays when a draft is sent from another tab', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked');
  await until(() => fake.drafts.get('c-1')?.body === 'Booked', 'kept');
  const { other, field } = await anotherBox('Booked');
  const box = /** @type {HTMLTextAreaElement} */ (field());
  box.focus();
  box.value = 'Something else';
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  await until(() => fake.drafts.get('c-1')?.body === 'Something else', 'kept');
  equal([field()?.value, other.textContent?.includes('has been sent already')], ['Something else', false]);
});

test('what is typed while a message is being sent stays, and is kept', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  await until(() => fake.drafts.has('c-1'), 'kept');
  let go = () => {};
  fake.gate = new Promise((resolve) => (go = () => resolve(undefined)));
  one('[data-do="send"]').click();
  await until(() => sends(fake).length, 'asked');
  fake.gate = undefined;
  type('[name="body"]', 'Booked. Bring your stick.');
  go();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal([fake.messages.at(-1).body, one('[name="body"]').value], ['Booked.', 'Booked. Bring your stick.']);
  await until(() => fake.drafts.get('c-1')?.body === 'Booked. Bring your stick.', 'kept');
});
