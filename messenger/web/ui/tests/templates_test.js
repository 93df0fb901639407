import '../conversation.js';
import '../messenger-elements.js';
import { equal, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { newTemplate } from './shapes.js';
import { story } from './story.js';

/** A form for Grace. @param {'email'|'sms'} medium */
async function writing(medium) {
  const fake = story().install();
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('.messenger-ways'), 'the ways to write');
  one(`[data-medium="${medium}"]`).click();
  await until(() => has('.messenger-form'), 'the form');
  return fake;
}

/** Looks for a template by typing a slash. */
async function finding() {
  type('[name="body"]', '/');
  await until(() => has('[role="option"]'), 'templates');
}

/** @param {string} key */
const press = (key) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const titles = () => [...document.querySelectorAll('[role="option"] .messenger-strong')].map((e) => e.textContent);
const typed = () => [one('[name="subject"]').value, one('[name="body"]').value];
/** @param {import('./fake.js').Fake} fake */
const sends = (fake) => fake.asked.filter((a) => a.method === 'POST' && a.path.endsWith('/messages'));

test('a slash in an empty box finds a template, and what it has left to fill in blocks Send', async () => {
  const fake = await writing('email');
  await finding();
  equal(one('[name="body"]').value, '', 'the slash is no text');
  ok(document.activeElement === one('[name="template"]'), 'what is typed next looks for it');
  equal(titles(), ['Appointment', 'Élan club'], 'those for email');
  const active = one('[name="template"]').getAttribute('aria-activedescendant');
  ok(one(`#${active}`).matches('[aria-selected="true"]'), 'the chosen one is said');
  press('Enter');
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(typed(), [
    'Your appointment with North Community Health',
    'Dear Grace,\n\nCome on ((day and time)) to {place}.\n\nAmira Shah',
  ]);
  const box = one('[name="body"]');
  ok(document.activeElement === box, 'the cursor is in the text');
  equal(box.value.slice(box.selectionStart, box.selectionEnd), '((day and time))', 'on what is left');
  one('[data-do="send"]').click();
  await settled();
  equal(sends(fake).length, 0, 'nothing goes out');
  equal(words('.messenger-error'), 'Fill in ((day and time)), or take it out');
  type('[name="body"]', box.value.replace('((day and time))', 'Monday'));
  one('[data-do="send"]').click();
  await settled();
  equal(words('.messenger-error'), 'Fill in {place}, or take it out');
  equal(box.value.slice(box.selectionStart, box.selectionEnd), '{place}');
  type('[name="body"]', box.value.replace('{place}', 'the library'));
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  const [{ body }] = sends(fake);
  equal([body.template_id, body.body], ['t-1', 'Dear Grace,\n\nCome on Monday to the library.\n\nAmira Shah']);
  one('[data-do="undo"]').click();
  await until(() => has('.messenger-form'), 'the form');
  one('[data-do="send"]').click();
  await until(() => sends(fake).length === 2, 'sent again');
  equal(sends(fake)[1].body.template_id, 't-1', 'what came back knows its template');
});

test('a template is found by words of its title, with the keyboard', async () => {
  const fake = await writing('email');
  await finding();
  type('[name="template"]', 'CLUB el');
  equal(titles(), ['Élan club']);
  equal(words('messenger-templates [role="status"]'), '1 template');
  type('[name="template"]', 'nothing like it');
  equal(titles(), []);
  equal(words('messenger-templates [role="status"]'), 'No template found for ‘nothing like it’.');
  press('Enter');
  type('[name="template"]', '');
  press('ArrowDown');
  equal(words('[aria-selected="true"] .messenger-strong'), 'Élan club');
  press('ArrowDown');
  equal(words('[aria-selected="true"] .messenger-strong'), 'Appointment', 'round');
  press('Escape');
  await until(() => !has('messenger-templates'), 'closed');
  ok(document.activeElement === one('[name="body"]'), 'the cursor is back');
  ok(has('.messenger-form'), 'the form is open still');
  equal(typed(), ['', '']);
  ok(!fake.asked.some(({ path }) => path.includes('q=')), 'no word stands in an address');
});

test('the button finds one too, and writes over nothing', async () => {
  const fake = await writing('email');
  type('[name="subject"]', 'My own');
  type('[name="body"]', 'I begin. ');
  one('[data-do="templates"]').click();
  await until(() => has('[role="option"]'), 'templates');
  equal(one('[data-do="templates"]').getAttribute('aria-expanded'), 'true');
  one('[data-id="t-2"]').click();
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(typed(), ['My own', 'I begin.\n\nDear Grace, see you there.']);
  await until(() => fake.drafts.get('c-1')?.template_id === 't-2', 'a draft that knows it');
  type('[name="subject"]', '');
  type('[name="body"]', '');
  type('[name="subject"]', 'Another');
  type('[name="body"]', 'In my own words ((really)).');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake)[0].body.template_id, undefined, 'an emptied form has no template');
});

test('a name that the service does not say stays a place, which it fills in', async () => {
  const fake = await writing('sms');
  fake.faults.set('POST /clients/c-1/messages/check', { status: 503, code: 'unavailable' });
  await finding();
  equal(titles(), ['Please ring us']);
  press('Enter');
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(one('[name="body"]').value, 'Hello {{first_name}}, please ring us.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
});

test('a client to whom nobody may be named gets no name from a template, and none in the preview', async () => {
  const fake = story();
  const said = { who_else_reads: '', note: '' };
  const card = { media: [], hours: [], neutral_sender: true, no_words: false, shared_phone: false, ...said };
  fake.client('c-13', 'Joanna Marsh', { safe_contact: card });
  fake.install();
  mount('messenger-compose', { client: 'c-13' });
  await until(() => has('.messenger-ways'), 'the ways to write');
  one('[data-medium="email"]').click();
  await until(() => has('.messenger-form'), 'the form');
  await finding();
  one('[data-id="t-1"]').click();
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(typed(), [
    'Your appointment with Your care service',
    'Dear Joanna,\n\nCome on ((day and time)) to {place}.\n\nYour care service',
  ]);
  type('[name="subject"]', 'From {{organisation}}');
  type('[name="body"]', 'I am {{staff_name}} of {{organisation}}');
  fake.faults.set('POST /clients/c-13/messages/check', { status: 503, code: 'unavailable' });
  one('[data-do="preview"]').click();
  await until(() => has('.messenger-previewed'), 'the preview');
  ok(!/Amira|North/.test(words('.messenger-previewed')), `nobody is named: ${words('.messenger-previewed')}`);
  fake.faults.clear();
  type('[name="body"]', 'We are {{organisation}}');
  await until(() => words('.messenger-previewed').includes('We are Your care service'), 'as the service says it');
  ok(!/Amira|North/.test(words('.messenger-previewed')), `nobody is named: ${words('.messenger-previewed')}`);
});

test('a template that was taken away takes no text with it', async () => {
  const fake = await writing('sms');
  await finding();
  press('Enter');
  await until(() => !has('messenger-templates'), 'it is chosen');
  fake.faults.set('POST /clients/c-1/messages', { status: 404, code: 'not_found' });
  one('[data-do="send"]').click();
  await until(() => has('.messenger-form-problem'), 'the words');
  equal(one('[name="body"]').value, 'Hello Grace, please ring us.');
  one('[data-do="send"]').click();
  await until(() => has('[data-do="undo"]'), 'Undo');
  equal(sends(fake).map(({ body }) => body.template_id), ['t-3', undefined]);
});

test('templates that can’t be fetched, and none', async () => {
  const fake = await writing('sms');
  fake.faults.set('GET /templates', { status: 503, code: 'unavailable' });
  type('[name="body"]', '/');
  await until(() => has('messenger-templates [data-do="again"]'), 'the words');
  fake.templates = [];
  one('messenger-templates [data-do="again"]').click();
  await until(() => words('messenger-templates').includes('There is no template for this yet.'), 'that there is none');
});

test('what was meant by a misspelt placeholder is said', async () => {
  await writing('sms');
  type('[name="body"]', 'Dear ((name))');
  await until(() => words('.messenger-form').includes('Write {{first_name}} instead.'), 'advice');
});

test('a template says that a message is private and what it expects, and takes neither away', async () => {
  const fake = await writing('email');
  fake.templates = [
    newTemplate('t-7', 'Results', { subject: 'Results', body: 'Yours', private: true, expects: 'acknowledgement' }),
    newTemplate('t-8', 'Thanks', { subject: 'Thanks', body: 'Thank you' }),
  ];
  await finding();
  one('[role="option"][data-id="t-7"]').click();
  await until(() => !has('messenger-templates'), 'it is chosen');
  ok(one('.messenger-form [name="private"]').checked, 'private');
  ok(one('.messenger-form [name="expects"][value="acknowledgement"]').checked, 'what is expected');
  one('.messenger-form [data-do="send"]').click();
  await until(() => words('.messenger-form').includes('Enter a day'), 'by when is the writer’s to say');
  one('[data-do="templates"]').click();
  await until(() => has('[role="option"][data-id="t-8"]'), 'templates');
  one('[role="option"][data-id="t-8"]').click();
  await until(() => !has('messenger-templates'), 'it is chosen');
  ok(one('.messenger-form [name="private"]').checked, 'still private');
  ok(has('.messenger-form [name="expects"]'), 'still expected');
});

test('templates of the client’s language come first, and another language is named', async () => {
  const fake = story().install();
  fake.clients.get('c-1').client.language = 'cy';
  fake.templates = [
    newTemplate('t-7', 'Apwyntiad', { body: 'Annwyl', language: 'cy-GB' }),
    newTemplate('t-6', 'Appointment', { body: 'Dear' }),
    newTemplate('t-8', 'Rendez-vous', { body: 'Cher', language: 'fr' }),
    newTemplate('t-9', 'Zebra', { body: 'Annwyl', language: 'cy' }),
  ].reverse();
  mount('messenger-compose', { client: 'c-1' });
  await until(() => has('.messenger-ways'), 'the ways to write');
  one('[data-medium="email"]').click();
  await until(() => has('.messenger-form'), 'the form');
  await finding();
  equal(titles(), ['Zebra', 'Apwyntiad', 'Rendez-vous', 'Appointment']);
  ok(words('[role="option"][data-id="t-8"]').includes('French'), 'which one');
});
