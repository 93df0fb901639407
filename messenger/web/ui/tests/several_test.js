import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, sees, settled, test, type, until, words } from './harness.js';
import { check, pick, severalPicked, write } from './several.js';
import { newTemplate } from './shapes.js';

/** @param {string} name */
const field = (name) => one(`.messenger-many [name="${name}"]`);
/** @param {import('./fake.js').Fake} fake */
const sent = (fake) => fake.asked.findLast((a) => a.path === '/broadcasts')?.body;
/** @param {import('./fake.js').Fake} fake */
const previewed = (fake) => fake.times('POST', /^\/broadcasts\/preview$/);
/** @param {string} key */
const keyDown = (key) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

/** Looks for a template by typing a slash. */
async function finding() {
  type('.messenger-many [name="body"]', '/');
  await until(() => has('[role="option"]'), 'templates');
}

/** Looks at who gets it, and sends it. @param {import('./fake.js').Fake} fake */
async function send(fake) {
  await check();
  one('messenger-new-message [data-do="send"]').click();
  await until(() => sent(fake), 'sent');
  return sent(fake);
}

test('a template for several keeps the service’s places, and what is left to fill in blocks it', async () => {
  const fake = await severalPicked();
  await finding();
  equal(field('body').value, '', 'the slash is no text');
  ok(document.activeElement === one('messenger-templates [name="template"]'), 'what is typed next looks for it');
  keyDown('Enter');
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(field('subject').value, 'Your appointment with {{organisation}}');
  equal(field('body').value, 'Dear {{first_name}},\n\nCome on ((day and time)) to {place}.\n\n{{staff_name}}');
  equal(fake.times('POST', /check$/), 0, 'each client has names of their own');
  const box = field('body');
  ok(document.activeElement === box, 'the cursor is in the text');
  equal(box.value.slice(box.selectionStart, box.selectionEnd), '((day and time))', 'on what is left');
  one('[data-do="check"]').click();
  await settled();
  equal(previewed(fake), 0, 'nobody is looked up');
  equal(words('.messenger-many .messenger-error'), 'Fill in ((day and time)), or take it out');
  type('.messenger-many [name="body"]', box.value.replace('((day and time))', 'Monday'));
  one('[data-do="check"]').click();
  await settled();
  equal(words('.messenger-many .messenger-error'), 'Fill in {place}, or take it out');
  equal(box.value.slice(box.selectionStart, box.selectionEnd), '{place}');
  type('.messenger-many [name="body"]', box.value.replace('{place}', 'the library'));
  const { template_id, body, subject } = await send(fake);
  equal([template_id, subject], ['t-1', 'Your appointment with {{organisation}}']);
  equal(body, 'Dear {{first_name}},\n\nCome on Monday to the library.\n\n{{staff_name}}');
});

test('a template for several writes over nothing, and an emptied form has none', async () => {
  const fake = await severalPicked();
  type('.messenger-many [name="subject"]', 'My own');
  type('.messenger-many [name="body"]', 'I begin. ');
  one('.messenger-many [data-do="templates"]').click();
  await until(() => has('[role="option"]'), 'templates');
  equal(one('.messenger-many [data-do="templates"]').getAttribute('aria-expanded'), 'true');
  one('[data-id="t-2"]').click();
  await until(() => !has('messenger-templates'), 'it is chosen');
  equal(field('subject').value, 'My own');
  equal(field('body').value, 'I begin.\n\nDear {{first_name}}, see you there.');
  type('.messenger-many [name="subject"]', '');
  type('.messenger-many [name="body"]', '');
  type('.messenger-many [name="subject"]', 'Another');
  type('.messenger-many [name="body"]', 'In my own words ((really)).');
  equal((await send(fake)).template_id, undefined);
});

test('Escape leaves the finder and not the dialog, and another medium has templates of its own', async () => {
  await severalPicked();
  await finding();
  keyDown('Escape');
  await until(() => !has('messenger-templates'), 'closed');
  ok(document.activeElement === field('body'), 'the cursor is back');
  ok(one('.messenger-new').checkVisibility(), 'the dialog is open still');
  one('.messenger-many [name="medium"][value="sms"]').click();
  await settled();
  await finding();
  equal(words('[role="option"] .messenger-strong'), 'Please ring us');
});

test('what a template says of a message to several is ticked, and added to what was ticked', async () => {
  const fake = await severalPicked();
  const says = { private: true, expects: 'acknowledgement' };
  fake.templates = [
    newTemplate('t-9', 'Results', { subject: 'Results', body: 'They are here.', ...says }),
    newTemplate('t-8', 'Plain', { subject: 'Plain', body: 'Plain words.' }),
  ];
  await finding();
  one('[data-id="t-9"]').click();
  await until(() => field('body').value === 'They are here.', 'it is chosen');
  const ticked = () => ['private', 'asks', 'link'].map((name) => one(`.messenger-many [name="${name}"]`).checked);
  equal(ticked(), [true, true, true]);
  ok(one('.messenger-many [name="link"]').disabled, 'a private message is read behind the link');
  ok(one('.messenger-many [name="expects"][value="acknowledgement"]').checked, 'that they have read it');
  one('[data-do="check"]').click();
  await settled();
  equal([previewed(fake), words('.messenger-many .messenger-error')], [0, 'Enter a day']);
  ok(document.activeElement === field('expect_by'), 'the cursor');
  type('.messenger-many [name="expect_by"]', '2099-01-02');
  one('.messenger-many [data-do="templates"]').click();
  await until(() => has('[data-id="t-8"]'), 'templates');
  one('[data-id="t-8"]').click();
  await until(() => field('body').value.includes('Plain words.'), 'another');
  equal(ticked(), [true, true, true], 'a plain one takes nothing away');
  const { private: hidden, expects, expect_by, reply_link } = await send(fake);
  equal([hidden, expects, expect_by, reply_link], [true, 'acknowledgement', '2099-01-02', true]);
});

test('several can be asked for a reply, and what is unticked is not asked', async () => {
  const fake = await severalPicked();
  type('.messenger-many [name="subject"]', 'Lunch');
  type('.messenger-many [name="body"]', 'Come to lunch');
  one('.messenger-many [name="private"]').click();
  one('.messenger-many [name="asks"]').click();
  await until(() => has('.messenger-many [name="expect_by"]'), 'by when');
  ok(one('.messenger-many [name="expects"][value="reply"]').checked, 'a reply');
  type('.messenger-many [name="expect_by"]', '2099-01-02');
  await check();
  one('.messenger-many [name="private"]').click();
  await until(() => has('[data-do="check"]'), 'it is looked at again once something has changed');
  const { checked, disabled } = one('.messenger-many [name="link"]');
  equal([checked, disabled], [true, true], 'an answer is given behind the link');
  await check();
  const looked = fake.asked.filter((a) => a.path === '/broadcasts/preview').map(({ body }) => body);
  equal(
    looked.map(({ private: hidden, expects, expect_by: by }) => [hidden, expects, by]),
    [
      [true, 'reply', '2099-01-02'],
      [undefined, 'reply', '2099-01-02'],
    ],
  );
  one('.messenger-many [name="asks"]').click();
  await until(() => has('[data-do="check"]'), 'looked at again');
  ok(!one('.messenger-many [name="link"]').checked, 'the link is as it was chosen');
  const { private: hidden, expects, expect_by, unless, seen_up_to } = await send(fake);
  equal([hidden, expects, expect_by, unless, seen_up_to], [undefined, undefined, undefined, undefined, undefined]);
});

test('a time that the clocks leave out is said for several, with the next one', async () => {
  const fake = await severalPicked();
  fake.leftOut = { at: '2099-03-29T01:30', next: '2099-03-29T02:00' };
  type('.messenger-many [name="subject"]', 'Lunch');
  type('.messenger-many [name="body"]', 'Come to lunch');
  one('messenger-new-message [data-do="later"]').click();
  type('.messenger-many [name="when"]', '2099-03-29T01:30');
  one('[data-do="check"]').click();
  await until(() => has('.messenger-many [data-do="next-time"]'), 'the next one');
  ok(words('.messenger-many .messenger-error').includes('clocks'), words('.messenger-many .messenger-error'));
  equal(previewed(fake), 1);
  one('[data-do="check"]').click();
  await settled();
  equal(previewed(fake), 1, 'not asked for once more');
  one('.messenger-many [data-do="next-time"]').click();
  await settled();
  equal(field('when').value, '2099-03-29T02:00');
  equal((await send(fake)).send_local.at, '2099-03-29T02:00');
});

test('a time that the clocks leave out does not matter any more once it goes out at once', async () => {
  const fake = await severalPicked();
  fake.leftOut = { at: '2099-03-29T01:30', next: '2099-03-29T02:00' };
  write('Come to lunch');
  one('messenger-new-message [data-do="later"]').click();
  type('.messenger-many [name="when"]', '2099-03-29T01:30');
  one('[data-do="check"]').click();
  await until(() => has('.messenger-many [data-do="next-time"]'), 'the next one');
  one('messenger-new-message [data-do="later"]').click();
  await until(() => !has('.messenger-many [name="when"]'), 'at once');
  equal((await send(fake)).send_local, undefined);
});

test('who takes out one of two and adds another keeps the cursor, and can find a template', async () => {
  await severalPicked();
  await finding();
  one('messenger-recipients [data-do="unpick"]').click();
  await until(() => !sees('.messenger-many'), 'one alone');
  await pick('mei');
  await until(() => sees('.messenger-many [name="body"]'), 'several again');
  await settled();
  ok(!has('messenger-editor messenger-templates'), 'nothing is looked for');
  ok(!one('messenger-editor').contains(document.activeElement), 'the cursor stays where it was');
  await finding();
  keyDown('Enter');
  await until(() => field('body').value.startsWith('Dear'), 'it is chosen');
});

test('nothing that was picked, typed or looked for stands there for somebody else who signs in', async () => {
  const fake = await severalPicked();
  write('For Amira’s clients alone');
  goTo('?');
  const hers = { messengerSearch: 'grace', messengerSearchOf: 'north amira' };
  history.replaceState(hers, '');
  history.pushState(hers, '');
  fake.me = { ...fake.me, staff: { id: 'ben', name: 'Ben Jones' } };
  document.dispatchEvent(new CustomEvent('messenger-signed-in'));
  await until(() => !sees('.messenger-dialog') && has('.messenger-row'), 'a fresh page');
  ok(![...document.querySelectorAll('[inert]')].length, 'all of it in reach');
  const searched = () => [one('.messenger-search-box').value, history.state?.messengerSearch];
  equal(searched(), ['', undefined]);
  const there = new Promise((resolve) => window.addEventListener('popstate', resolve, { once: true }));
  history.back();
  await there;
  await settled();
  equal(searched(), ['', undefined], 'in an entry before');
  history.replaceState(hers, '');
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'loaded at such an entry');
  await settled();
  equal(searched(), ['', undefined], 'at such an entry');
  one('[data-do="new"]').click();
  await until(() => sees('input[id$="-find"]'), 'the dialog');
  ok(!sees('.messenger-many') && !document.body.textContent?.includes('For Amira'), 'an empty one');
});
