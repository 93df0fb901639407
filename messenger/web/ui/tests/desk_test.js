import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, type, until, words } from './harness.js';
import { newTemplate } from './shapes.js';
import { story } from './story.js';

/** The screen for templates. @param {string[]} [permissions] */
async function opened(permissions = []) {
  const fake = story();
  fake.me.permissions = /** @type {any} */ (permissions);
  fake.templates = [
    newTemplate('t-1', 'Appointment', { subject: 'Come', body: 'Dear {{first_name}}', version: 3, used: 12 }),
    newTemplate('t-2', 'Thanks', { scope: 'own', medium: 'sms', body: 'Thank you' }),
  ];
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  ok(!customElements.get('messenger-template-desk') || permissions.length, 'it comes when it is opened');
  one('[data-do="desk"]').click();
  await until(() => has('messenger-template-desk [data-key="t-1"]'), 'the templates');
  return fake;
}

/** @param {string} id */
const item = (id) => words(`messenger-template-desk [data-key="${id}"]`);
/** @param {string} does */
const press = (does) => one(`messenger-template-desk [data-do="${does}"]`).click();
/** @param {string} path @param {import('./fake.js').Fake} fake */
const last = (path, fake) => fake.asked.findLast((a) => a.path === path && a.method !== 'GET');

test('the templates that there are: whose, which version, how often sent; and a new one of one’s own', async () => {
  const fake = await opened();
  ok(/Appointment Everybody’s · Version 3 · sent 12 times Dear {{first_name}}$/.test(item('t-1')), item('t-1'));
  ok(!has('[data-key="t-1"] [data-do="edit"]'), 'who may not change it is offered nothing');
  ok(has('[data-key="t-2"] [data-do="edit"]'), 'one’s own');
  press('new');
  await until(() => document.activeElement?.getAttribute('name') === 'title', 'the cursor');
  ok(!has('messenger-template-desk [name="scope"]'), 'not for everybody');
  press('save');
  await until(() => words('messenger-template-desk').includes('Enter a title'), 'what is missing');
  type('messenger-template-desk [name="title"]', ' Results ');
  one('messenger-template-desk [name="medium"][value="sms"]').click();
  await settled();
  ok(!has('messenger-template-desk [name="subject"]'), 'a text has no subject');
  equal(one('messenger-template-desk [name="title"]').value, ' Results ', 'what was typed stays');
  type('messenger-template-desk [name="body"]', 'Come on {date}, {{what to bring}}');
  one('messenger-template-desk [name="private"]').click();
  one('messenger-template-desk [name="language"][value="cy"]').click();
  one('messenger-template-desk [name="expects"][value="reply"]').click();
  press('save');
  await until(() => words('messenger-template-desk').includes('Saved as version 1.'), 'said');
  equal(last('/templates', fake)?.body, {
    scope: 'own',
    medium: 'sms',
    title: 'Results',
    body: 'Come on {date}, {{what to bring}}',
    language: 'cy',
    private: true,
    expects: 'reply',
  });
  await until(() => document.activeElement === document.querySelector('[data-do="new"][data-key="new"]'), 'the focus');
  ok(words('messenger-template-desk').includes('Results'), 'in the list');
});

test('who manages templates writes the organisation’s anew, and takes them out of use', async () => {
  const fake = await opened(['manages_templates']);
  one('[data-key="t-1"] [data-do="edit"]').click();
  await until(() => has('messenger-template-desk [name="scope"]'), 'for whom');
  ok(one('messenger-template-desk [name="scope"]').checked, 'for everybody');
  equal(one('messenger-template-desk [name="body"]').value, 'Dear {{first_name}}', 'what stands');
  type('messenger-template-desk [name="title"]', 'x'.repeat(101));
  press('save');
  await until(() => words('messenger-template-desk').includes('The title must be 100 characters or fewer'), 'too long');
  type('messenger-template-desk [name="title"]', 'Your appointment');
  await settled();
  press('save');
  await until(() => words('messenger-template-desk').includes('Saved as version 4.'), 'a version');
  equal([last('/templates/t-1', fake)?.method, last('/templates/t-1', fake)?.body.scope], ['PUT', 'organisation']);
  const again = '[data-do="edit"][data-id="t-1"]';
  await until(() => document.activeElement?.matches(again), 'the focus, where it was');
  one('[data-key="t-1"] [data-do="archive"]').click();
  await until(() => has('messenger-template-desk [data-do="leave"]'), 'asked first');
  press('stay');
  await until(() => has('[data-key="t-1"] [data-do="archive"]'), 'it stays');
  one('[data-key="t-1"] [data-do="archive"]').click();
  await until(() => has('messenger-template-desk [data-do="leave"]'), 'asked again');
  press('leave');
  await until(() => !has('messenger-template-desk [data-key="t-1"]'), 'gone');
  ok(words('messenger-template-desk').includes('Taken out of use'), 'said');
  ok(document.activeElement !== document.body, 'the focus is somewhere');
});
