import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { story } from './story.js';

/** @typedef {import('./fake.js').Fake} Fake */

/**
 * @param {string} client
 * @param {'email'|'sms'} [medium]
 * @param {(fake: Fake) => void} [prepare]
 */
async function opened(client, medium, prepare) {
  const fake = story().install();
  prepare?.(fake);
  mount('messenger-compose', { client });
  await until(() => has('.messenger-ways, .messenger-form'), 'the ways to write');
  if (medium) {
    one(`[data-medium="${medium}"]`).click();
    await until(() => has('.messenger-form'), 'the form');
  }
  return fake;
}

/** @param {Fake} fake */
const sends = (fake) => fake.asked.filter((a) => a.method === 'POST' && a.path.endsWith('/messages'));

test('each way that there is, and why the other is missing, in words', async () => {
  await opened('c-4');
  ok(!has('button[data-medium="email"]'), 'no Send email');
  ok(has('button[data-medium="sms"]'), 'Send SMS');
  equal(words('.messenger-why[data-medium="email"]'), 'No email address is recorded for this client.');
  await opened('c-3');
  equal(words('.messenger-why[data-medium="sms"]'), 'You do not have access to text messaging.');
  await opened('c-5');
  equal(words('.messenger-why[data-medium="sms"]'), 'The client does not want text messages.');
  await opened('c-7');
  equal(words('.messenger-why[data-medium="email"]'), 'The client has died.');
  await opened('c-10');
  ok(!has('.messenger-actions button'), 'no button');
  equal(words('.messenger-why[data-medium="email"]'), 'Email is not set up for your organisation.');
  equal(words('.messenger-why[data-medium="sms"]'), 'Text messaging is not set up for your organisation.');
  const none = { allowed: false, why: 'not_configured' };
  const fake = story();
  fake.client('c-11', 'Mary Quill', {}, { send_email: none, send_sms: { allowed: true } });
  fake.client('c-12', 'Peter Rush', {}, { send_email: { allowed: false, why: 'no_address' }, send_sms: none });
  fake.install();
  mount('messenger-compose', { client: 'c-11' });
  await until(() => has('button[data-medium="sms"]'), 'Send SMS');
  ok(!has('.messenger-why'), 'nothing of a way that the host does not have');
  mount('messenger-compose', { client: 'c-12' });
  await until(() => has('.messenger-why[data-medium="email"]'), 'why not');
  ok(!has('.messenger-why[data-medium="sms"]'), 'of what there is alone');
});

test('a host may put a text into an empty form, and never over what somebody wrote', async () => {
  const fake = await opened('c-1');
  const compose = one('messenger-compose');
  const text = { subject: 'Your appointment', body: 'Dear {{first_name}}, it has moved to Tuesday.' };
  ok(await compose.open('email', text), 'it is in the form');
  equal([one('[name="subject"]').value, one('[name="body"]').value], [text.subject, text.body]);
  await until(() => fake.asked.some((a) => a.method === 'PUT' && a.path.endsWith('/draft')), 'a draft of it');
  ok(!(await compose.open('email', { body: 'Another' })), 'what stands there stays');
  equal(one('[name="body"]').value, text.body);
  ok(await compose.open('email'), 'it opens all the same');
});

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

/** Sends an SMS to Grace, and has its ten seconds be over. @param {string} body */
async function sent(body) {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', body);
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  fake.now(fake.messages.at(-1), 'queued');
  await until(() => !has('[data-do="undo"]'), 'no Undo');
  return fake;
}
const strip = () => document.querySelector('.messenger-told')?.textContent?.trim() ?? '';

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

test('a subject is kept while one looks at the SMS, in the draft too', async () => {
  const fake = await opened('c-1', 'email');
  type('[name="subject"]', 'The bus');
  type('[name="body"]', 'It is booked.');
  one('[data-do="close"]').click();
  one('button[data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  type('[name="body"]', 'It is booked for two.');
  await until(() => fake.drafts.get('c-1')?.body === 'It is booked for two.', 'the draft');
  equal(fake.drafts.get('c-1').subject, 'The bus');
  one('[data-do="close"]').click();
  one('button[data-medium="email"]').click();
  await until(() => has('[name="subject"]'), 'the form');
  equal([one('[name="subject"]').value, one('[name="body"]').value], ['The bus', 'It is booked for two.']);
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

test('the draft is on the server while one types, comes back, and goes with the sending', async () => {
  const fake = await opened('c-1', 'email');
  type('[name="subject"]', 'Half');
  type('[name="body"]', 'a thought');
  await until(() => fake.drafts.get('c-1')?.body === 'a thought', 'the draft');
  equal(fake.times('PUT', /draft$/), 1, 'one request for a burst of typing');
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('.messenger-form'), 'the form with the draft');
  equal([one('[name="subject"]').value, one('[name="body"]').value], ['Half', 'a thought']);
  type('[name="body"]', 'a whole thought');
  one('[data-do="send"]').click();
  await until(() => fake.times('DELETE', /draft$/) === 1, 'the draft is deleted');
  await settled();
  ok(fake.asked.at(-1)?.method !== 'PUT', 'nothing saved after it');
  ok(!fake.drafts.has('c-1'), 'no draft is left');
});

test('leaving the element saves what was typed last', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'In a hurry');
  one('main').replaceChildren();
  await until(() => fake.drafts.get('c-1')?.body === 'In a hurry', 'the draft');
});

test('a draft that could not be saved says so, and is tried again', async () => {
  const fake = await opened('c-1', 'sms');
  fake.faults.set('PUT /clients/c-1/draft', { status: 500, code: 'internal' });
  type('[name="body"]', 'Words');
  await until(() => words('.messenger-draft') === 'Draft not saved. Keep this page open.', 'the words');
  type('[name="body"]', 'Words and more');
  await until(() => words('.messenger-draft') === 'Draft saved', 'saved');
  equal(fake.drafts.get('c-1').body, 'Words and more');
});

test('signed out: the host is told and the text stays', async () => {
  const fake = await opened('c-1', 'sms');
  let told = 0;
  document.addEventListener('messenger-signed-out', () => told++, { once: true });
  type('[name="body"]', 'Not lost');
  fake.faults.set('POST /clients/c-1/messages', { status: 401, code: 'not_signed_in' });
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('You have been signed out'), 'the words');
  equal([told, one('[name="body"]').value], [1, 'Not lost']);
});

test('signed in again in another window: the page goes on, and what was typed is kept', async () => {
  const fake = await opened('c-1', 'sms');
  fake.faults.set('PUT /clients/c-1/draft', { status: 401, code: 'not_signed_in' });
  fake.faults.set('POST /clients/c-1/messages', { status: 401, code: 'not_signed_in' });
  type('[name="body"]', 'Not lost');
  one('[data-do="send"]').click();
  await until(() => words('messenger-compose').includes('You have been signed out'), 'the words');
  document.dispatchEvent(new Event('messenger-signed-in'));
  await until(() => fake.drafts.get('c-1')?.body === 'Not lost', 'the draft is kept');
  ok(!words('messenger-compose').includes('signed out'), 'nothing is wrong any more');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'sent');
  equal(fake.messages.at(-1).body, 'Not lost');
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

test('the live count, and which characters make it dear', async () => {
  await opened('c-1', 'sms');
  type('[name="body"]', 'It is booked');
  await settled();
  ok(/1 text message, \d+ characters/.test(words('.messenger-under')), words('.messenger-under'));
  type('[name="body"]', 'It’s booked');
  await settled();
  ok(words('.messenger-dear').includes('‘’’ makes this cost more'), words('.messenger-dear'));
});

test('advice comes after a pause, stays until the next, and once put away stays away', async () => {
  const fake = await opened('c-1', 'sms');
  const source = 'NHS digital service manual, links: https://service-manual.nhs.uk/content/links';
  const short = { rule: 'link', text: 'This link is shortened.', source };
  const dear = { rule: 'dear_character', text: '‘ŷ’ makes this two texts.', source: '3GPP TS 23.038' };
  const today = { rule: 'today_later', text: 'Write the date.', source: 'A source without a page' };
  fake.advice = ({ body }) => [short, dear, ...(body.includes('today') ? [today] : [])];
  const said = () => [...document.querySelectorAll('.messenger-advice span')].map((e) => e.textContent?.trim());
  type('[name="body"]', 'See bit.ly/x today');
  await settled();
  equal(said(), [], 'not while one types');
  await until(() => said().length === 2, 'the advice, but for what the count says');
  equal(said(), ['This link is shortened. Why', 'Write the date.']);
  equal(one('.messenger-advice a').href, 'https://service-manual.nhs.uk/content/links');
  ok(one('.messenger-advice').parentElement?.ariaLive === 'polite', 'said politely');
  one('.messenger-advice button').click();
  await settled();
  equal(said(), ['Write the date.']);
  ok(document.activeElement === one('[name="body"]'), 'the cursor is in the text');
  type('[name="body"]', 'See bit.ly/x now');
  await settled();
  equal(said(), ['Write the date.'], 'nothing jumps');
  await until(() => !has('.messenger-advice'), 'it is put right, and what was put away stays away');
  type('[name="body"]', 'See bit.ly/x today');
  await until(() => said().length === 1, 'the advice');
  one('[data-do="later"]').click();
  type('[name="when"]', '2099-01-02T09:30');
  const checks = () => fake.asked.filter((a) => a.path.endsWith('/check'));
  await until(() => checks().at(-1)?.body.send_local?.at === '2099-01-02T09:30', 'asked by when it goes out');
  type('[name="body"]', '');
  await until(() => !has('.messenger-advice'), 'nothing is written');
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

test('what the client will get, link and all', async () => {
  await opened('c-1', 'email');
  type('[name="subject"]', 'Bus');
  type('[name="body"]', 'Hello {{first_name}}.');
  one('[data-do="preview"]').click();
  await until(() => words('.messenger-preview').includes('Hello Grace.'), 'the preview');
  ok(words('.messenger-preview').includes('reply link'), 'with the link');
  one('[name="link"]').click();
  await until(() => !words('.messenger-preview').includes('reply link'), 'without the link');
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

test('a host may step in before the form opens', async () => {
  await opened('c-1');
  document.addEventListener('messenger-compose-open', (event) => event.preventDefault(), { once: true });
  one('[data-medium="email"]').click();
  await settled();
  ok(!has('.messenger-form'), 'no form');
});

test('closing keeps the draft and gives the focus back', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Later perhaps');
  one('[data-do="close"]').click();
  await until(() => fake.drafts.get('c-1')?.body === 'Later perhaps', 'the draft');
  ok(document.activeElement === one('button[data-medium="sms"]'), 'the focus is on Send SMS');
  one('button[data-medium="sms"]').click();
  await until(() => has('.messenger-form'), 'the form');
  equal(one('[name="body"]').value, 'Later perhaps');
});

test('the box is a line until the cursor comes into it, and a line again when it leaves it empty', async () => {
  await opened('c-1');
  await until(() => has('.messenger-box'), 'the box');
  ok(!has('.messenger-form') && one('[name="body"]').rows === 1, 'a line');
  one('[name="body"]').focus();
  await until(() => has('.messenger-form [name="subject"]'), 'the form');
  ok(document.activeElement === one('[name="body"]'), 'the cursor stays');
  one('button[data-medium="email"]').focus();
  one('main').tabIndex = -1;
  one('main').focus();
  await until(() => !has('.messenger-form'), 'a line again');
  one('[name="body"]').focus();
  type('[name="body"]', 'Words');
  one('main').focus();
  await settled();
  ok(has('.messenger-form'), 'but not with words in it');
});

test('email and SMS are switched in the box, and Escape leaves it with all that was typed', async () => {
  await opened('c-1', 'email');
  type('[name="subject"]', 'The bus');
  type('[name="body"]', 'It is booked.');
  one('.messenger-box [data-medium="sms"]').click();
  ok(!has('[name="subject"]') && one('.messenger-box [data-medium="sms"]').ariaPressed === 'true', 'an SMS');
  equal(one('[name="body"]').value, 'It is booked.');
  one('.messenger-box [data-medium="email"]').click();
  equal([one('[name="subject"]').value, one('[name="body"]').value], ['The bus', 'It is booked.']);
  one('[name="body"]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
  ok(!has('.messenger-form'), 'a line');
  equal(one('[name="body"]').value, 'It is booked.');
  ok(document.activeElement === one('.messenger-actions [data-medium="email"]'), 'the focus is on Send email');
});

test('an error goes when it is no longer true, without another Send', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Hello {{firstname}}');
  one('[data-do="send"]').click();
  ok(words('.messenger-error').includes('a placeholder we do not know'), 'said beside the text');
  equal(sends(fake).length, 0);
  type('[name="body"]', 'Hello {{firstname}}, again');
  await settled();
  ok(has('.messenger-error'), 'still true');
  type('[name="body"]', 'Hello {{ first_name }}');
  await until(() => !has('.messenger-error'), 'gone');
  fake.faults.set('POST /clients/c-1/messages', { status: 422, code: 'invalid' });
  one('[data-do="send"]').click();
  await until(() => has('.messenger-form-problem'), 'what the server refused');
  type('[name="body"]', 'Hello');
  await until(() => !has('.messenger-form-problem'), 'may be right now');
});

test('a deleted draft can be put back, and the form stays', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Words');
  await until(() => fake.drafts.has('c-1'), 'the draft');
  one('[data-do="drop"]').click();
  await until(() => !fake.drafts.has('c-1'), 'deleted');
  equal([has('.messenger-form'), one('[name="body"]').value, strip()], [true, '', 'Draft deleted.']);
  one('[data-do="undrop"]').click();
  equal(one('[name="body"]').value, 'Words');
  await until(() => fake.drafts.get('c-1')?.body === 'Words', 'kept again');
});

test('the same draft in another tab is said', async () => {
  await opened('c-1', 'sms');
  const other = document.createElement('messenger-compose');
  other.setAttribute('api', one('messenger-compose').getAttribute('api'));
  other.setAttribute('client', 'c-1');
  one('main').append(other);
  const second = () => /** @type {HTMLTextAreaElement|null} */ (other.querySelector('[name="body"]'));
  const field = await until(second, 'the other box');
  type('[name="body"]', 'Words');
  ok(!words('main > messenger-compose').includes('another tab'), 'nothing before');
  field.focus();
  field.value = 'Mine';
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await until(() => words('main > messenger-compose').includes('writing this in another tab'), 'said');
});

test('what the client will get comes into view', async () => {
  await opened('c-1', 'email');
  type('[name="subject"]', 'Bus');
  type('[name="body"]', 'Line\n'.repeat(40));
  one('[data-do="preview"]').click();
  await until(() => {
    const { top } = one('.messenger-previewed').getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  }, 'the preview');
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

test('nothing is kept in the browser', () => {
  equal([localStorage.length, sessionStorage.length], [0, 0]);
});

test('the words are the host’s to replace', async () => {
  story().install();
  mount('messenger-compose', { client: 'c-1', lang: 'cy' }).strings = { send_email: 'Anfon e-bost' };
  await until(() => has('button[data-medium="email"]'), 'the buttons');
  equal(words('button[data-medium="email"]'), 'Anfon e-bost');
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
