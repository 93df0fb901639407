import '../conversation.js';
import '../messenger-elements.js';
import { languageName } from '../names.js';
import { equal, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { opened, sends, strip } from './writing.js';
import { story } from './story.js';

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
  equal(words('.messenger-ways'), 'The client has died.', 'once');
  await opened('c-10');
  ok(!has('.messenger-actions button'), 'no button');
  equal(
    words('.messenger-why[data-medium="email"]'),
    'Email is not set up for your organisation, or not for this client.',
  );
  equal(
    words('.messenger-why[data-medium="sms"]'),
    'Text messaging is not set up for your organisation, or not for this client.',
  );
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

test('what the client will get, link and all', async () => {
  await opened('c-1', 'email');
  type('[name="subject"]', 'Bus');
  type('[name="body"]', 'Hello {{first_name}}.');
  one('[data-do="preview"]').click();
  await until(() => words('.messenger-preview').includes('Hello Grace.'), 'the preview');
  ok(words('.messenger-preview').includes('reply link'), 'with the link');
  await until(() => words('.messenger-preview').includes('x'.repeat(39)), 'as the service says it');
  ok(words('.messenger-preview').includes('reply link'), 'the link that is not made yet is words');
  ok(!words('.messenger-preview').includes('/r/'), words('.messenger-preview'));
  one('[name="link"]').click();
  await until(() => !words('.messenger-preview').includes('reply link'), 'without the link');
});

test('what a client who reads Welsh will get has no English closing words before the service has said it', async () => {
  const fake = await opened('c-1', 'email', ({ clients }) => {
    clients.get('c-1').client.language = 'cy';
  });
  const checks = () => fake.asked.filter(({ path }) => path.endsWith('/check')).length;
  await until(() => checks() === 1, 'asked as the form opens');
  fake.faults.set('POST /clients/c-1/messages/check', { status: 503, code: 'unavailable' });
  type('[name="subject"]', 'Bws');
  type('[name="body"]', 'Helo {{first_name}}.');
  one('[data-do="preview"]').click();
  await until(() => checks() === 2, 'and is not answered');
  await settled();
  const shown = words('.messenger-preview');
  ok(['Helo Grace.', 'reply link'].every((said) => shown.includes(said)), shown);
  ok(!shown.includes('To reply') && !shown.includes('Please do not reply'), shown);
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

test('nothing is kept in the browser', () => {
  equal([localStorage.length, sessionStorage.length], [0, 0]);
});

test('the words are the host’s to replace', async () => {
  story().install();
  mount('messenger-compose', { client: 'c-1', lang: 'cy' }).strings = { send_email: 'Anfon e-bost' };
  await until(() => has('button[data-medium="email"]'), 'the buttons');
  equal(words('button[data-medium="email"]'), 'Anfon e-bost');
});

test('a private message goes out with its link, and where replies are off it says what is missing', async () => {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Your results are here.');
  one('[name="link"]').click();
  await settled();
  ok(!one('[name="link"]').checked && !one('[name="private"]').disabled, 'no link, and private can be chosen');
  one('[name="private"]').click();
  await until(() => one('[name="link"]').checked && one('[name="link"]').disabled, 'with the link');
  one('[data-do="send"]').click();
  await until(() => sends(fake).length, 'sent');
  equal([sends(fake)[0].body.private, sends(fake)[0].body.reply_link], [true, true]);

  fake.client('c-13', 'Wendy Hale', { restricted: true });
  fake.channel('ch-13', 'c-13', 'open', { replies_allowed: false });
  const box = mount('messenger-compose', {});
  box.channel = fake.opened(fake.channels.get('ch-13'));
  await until(() => has('[data-medium="sms"]'), 'the ways to write');
  one('[data-medium="sms"]').click();
  await until(() => has('[name="reason"]'), 'the form');
  type('[name="body"]', 'Your results are here.');
  type('[name="reason"]', 'She asked for them');
  one('[data-do="send"]').click();
  await until(() => has('.messenger-error'), 'what is missing');
  ok(words('.messenger-error').includes('Allow replies here first.'), words('.messenger-error'));
  ok(document.activeElement === one('[name="body"]'), 'the cursor');
  equal(sends(fake).length, 1, 'nothing is asked of the server');
});

/** Has the server refuse what is written to Grace as an SMS. */
async function refusedSMS() {
  const fake = await opened('c-1', 'sms');
  type('[name="body"]', 'Booked.');
  fake.faults.set('POST /clients/c-1/messages', { status: 422, code: 'invalid' });
  one('[data-do="send"]').click();
  await until(() => has('.messenger-form-problem'), 'what the server refused');
}

/** @type {Record<string, () => unknown>} */
const changes = {
  'a tick': () => one('[name="link"]').click(),
  'a choice of time': () => one('[data-do="later"]').click(),
  'another way': () => one('.messenger-box [data-medium="email"]').click(),
  'a deletion': () => one('[data-do="drop"]').click(),
  async 'a template'() {
    one('[data-do="templates"]').click();
    (await until(() => document.querySelector('[role="option"]'), 'a template')).dispatchEvent(
      new MouseEvent('click', { bubbles: true }),
    );
  },
};
for (const [name, change] of Object.entries(changes))
  test(`what was refused is not said any more after ${name}`, async () => {
    await refusedSMS();
    await change();
    await until(() => !has('.messenger-form-problem'), 'it may be right now');
  });

test('a fault goes with a template that puts it right', async () => {
  await opened('c-1', 'sms');
  one('[data-do="send"]').click();
  await until(() => has('.messenger-error'), 'nothing is written');
  await changes['a template']();
  await until(() => one('[name="body"]').value, 'the template');
  ok(!has('.messenger-error'), 'something is');
});

test('a language that the browser does not know is as the directory has it', async () => {
  equal(languageName('cy', 'en-GB'), 'Welsh');
  equal([languageName('not_a language', 'en-GB'), languageName('cy', 'not a tag')], ['not_a language', 'Welsh']);
  await opened('c-1', 'sms', ({ clients }) => (clients.get('c-1').client.language = 'Polish (spoken)'));
  await until(() => has('[data-key="needs"]'), 'what is to be known');
  ok(words('[data-key="needs"]').includes('Polish (spoken)'), words('[data-key="needs"]'));
});
