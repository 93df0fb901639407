import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, sees, settled, test, type, until, words } from './harness.js';
import * as several from './several.js';
import { story } from './story.js';
import { opened } from './thread.js';

/** @typedef {import('./fake.js').Fake} Fake */
/**
 * A form or a dialog, filled in.
 * @typedef {object} Filled
 * @property {string} root
 * @property {() => Promise<Fake>} open opens it
 * @property {Record<string, string>} typed by field
 * @property {(fake: Fake) => unknown} [more] what else is ticked or chosen
 * @property {string} press what does it
 * @property {string} asks
 * @property {(fake: Fake) => any} made what it has made once it is done; the same however often it was asked
 * @property {boolean} [seesDone] whether what was done though its answer was lost is seen by itself
 * @property {string} [says] what is said of a 422, where that is known better
 */

/** What a server says, and what a person is to read. @type {[any, string][]} */
const refusals = [
  [{ status: 403, code: 'forbidden' }, 'You do not have permission to do this'],
  [{ status: 409, code: 'organisation_changed' }, 'working in another organisation'],
  [{ status: 422, code: 'invalid' }, 'Something is not right with what was entered'],
  [{ status: 429, code: 'too_many_requests' }, 'Wait a minute, then try again'],
  [{ status: 503, code: 'unavailable' }, 'Try again in a minute'],
  [{ status: 401, code: 'not_signed_in' }, 'Sign in again in another tab or window'],
  ['lost', 'We could not reach the server'],
];

const press = async (/** @type {string} */ selector) => {
  await until(() => has(selector) && one(selector).checkVisibility(), selector);
  await settled();
  one(selector).click();
};
const choose = (/** @type {string} */ selector, /** @type {string} */ value) => {
  const field = one(selector);
  field.value = value;
  for (const event of ['input', 'change']) field.dispatchEvent(new Event(event, { bubbles: true }));
};
const inbox = async (/** @type {(fake: Fake) => unknown} */ prepare) => {
  const fake = story();
  prepare(fake);
  goTo('?');
  fake.install();
  mount('messenger-inbox');
  await until(() => has('.messenger-row'), 'the list');
  return fake;
};
const desk = async (/** @type {string} */ way) => {
  const fake = await inbox(() => {});
  await press('[data-do="desk"]');
  await press(`messenger-template-desk ${way}`);
  return fake;
};
/** @param {string} channel @param {string} way @param {(fake: Fake) => unknown} [prepare] */
const thread = async (channel, way, prepare = () => {}) => {
  const fake = await opened(channel, (f) => void prepare(f));
  await press(way);
  return fake;
};
/** @param {Fake} fake @param {string} body */
const scheduled = (fake, body) =>
  fake.add('ch-5', {
    direction: 'outbound',
    medium: 'sms',
    body,
    delivery: { status: 'scheduled', attempts: 0 },
    send_after: '2099-01-01T08:00:00Z',
    send_local: { at: '2099-01-01T08:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  });
/** The form of a text on the profile of somebody with a card. @param {object} said @param {string} [way] */
const card = async (said, way) => {
  const fake = story();
  const hours = [{ days: ['tue'], from: '10:00', to: '12:00' }];
  const plain = { neutral_sender: false, no_words: false, shared_phone: false, who_else_reads: '', note: '' };
  fake.client('c-11', 'Joanna Marsh', { safe_contact: { hours, ...plain, ...said } });
  fake.install();
  mount('messenger-compose', { client: 'c-11' });
  await press('[data-medium="sms"]');
  if (way) await press(way);
  return fake;
};
const sent = (/** @type {Fake} */ fake) => fake.messages.filter((m) => m.body === 'Come at ten');

/** @type {Record<string, Filled>} */
const forms = {
  'a new template': {
    root: 'messenger-template-desk',
    open: () => desk('[data-do="new"]'),
    typed: { title: 'Results', subject: 'Yours', body: 'They are here' },
    press: '[data-do="save"]',
    asks: 'POST /templates',
    made: (fake) => fake.templates.filter(({ title }) => title === 'Results').length === 1,
  },
  'a template that changes': {
    root: 'messenger-template-desk',
    open: () => desk('[data-do="edit"][data-id="t-2"]'),
    typed: { title: 'Results', body: 'They are here' },
    press: '[data-do="save"]',
    asks: 'PUT /templates/t-2',
    made: (fake) => fake.templates.find(({ title }) => title === 'Results')?.version === 2,
  },
  'a handover': {
    root: 'messenger-handover',
    open: () => thread('ch-4', '.messenger-side [data-do="handover"]'),
    typed: { note: 'She prefers Welsh' },
    more: () => choose('messenger-handover [name="to"]', 'ben'),
    press: '[data-do="hand"]',
    says: 'This colleague cannot take it',
    asks: 'POST /channels/ch-4/handover',
    made: (fake) => fake.channels.get('ch-4').staff_id === 'ben',
  },
  'a handover of an inbox': {
    root: 'messenger-handover',
    open: async () => {
      const fake = story();
      fake.watch.left.add('ben');
      goTo('?');
      fake.install();
      mount('messenger-overview');
      await press('.messenger-overview-inbox[data-key="ben"] [data-do="handover"]');
      await press('messenger-handover [name="take"]');
      return fake;
    },
    typed: { note: 'She prefers Welsh' },
    more: () => choose('messenger-handover [name="to"]', 'amira'),
    press: '[data-do="hand"]',
    says: 'This colleague cannot take it',
    asks: 'POST /inboxes/ben/handover',
    made: (fake) => fake.channels.get('ch-9').staff_id === 'amira',
  },
  'an absence': {
    root: 'messenger-absence',
    open: async () => {
      const fake = await inbox(() => {});
      await press('[data-do="away"]');
      await until(() => has('messenger-absence [name="cover"]'), 'the form');
      return fake;
    },
    typed: { note: 'On leave' },
    more: () => choose('messenger-absence [name="cover"]', 'ben'),
    press: '[data-do="save"]',
    says: 'Choose a colleague who may act',
    asks: 'PUT /inboxes/amira/absence',
    made: (fake) => fake.watch.absences.get('amira')?.note === 'On leave',
  },
  'a note': {
    root: 'messenger-compose',
    open: () => thread('ch-1', 'messenger-compose [data-do="note"]'),
    typed: { note: 'Has a dog' },
    press: '[data-do="save-note"]',
    asks: 'POST /channels/ch-1/notes',
    made: (fake) => fake.notes.get('ch-1')?.filter(({ text }) => text === 'Has a dog').length === 1,
  },
  'a call': {
    root: 'messenger-compose',
    open: async () => {
      const fake = await thread('ch-1', 'messenger-compose [data-do="note"]');
      await press('messenger-compose [name="call"]');
      await press('messenger-compose [name="file"]');
      return fake;
    },
    typed: { note: 'She rang' },
    press: '[data-do="save-note"]',
    asks: 'POST /channels/ch-1/notes',
    made: (fake) => fake.notes.get('ch-1')?.filter(({ kind }) => kind === 'call').length === 1,
  },
  'a message': {
    root: 'messenger-compose',
    open: () => thread('ch-1', 'messenger-compose [data-medium="email"]'),
    typed: { subject: 'Thursday', body: 'Come at ten' },
    press: '[data-do="send"]',
    asks: 'POST /channels/ch-1/messages',
    made: (fake) => sent(fake).length === 1,
  },
  'a private message for later that asks for an answer': {
    root: 'messenger-compose',
    open: async () => {
      const fake = await thread('ch-1', 'messenger-compose [data-medium="email"]');
      for (const one of ['[data-do="later"]', '[name="private"]', '[name="asks"]', '[name="unless"]'])
        await press(`messenger-compose ${one}`);
      await press('messenger-compose [name="expects"][value="acknowledgement"]');
      return fake;
    },
    typed: { subject: 'Thursday', body: 'Come at ten', when: '2099-01-01T08:00', expect_by: '2099-02-01' },
    press: '[data-do="send"]',
    asks: 'POST /channels/ch-1/messages',
    made: (fake) => sent(fake).length === 1 && sent(fake)[0].send_local.at === '2099-01-01T08:00',
  },
  'a scheduled message that changes': {
    root: 'messenger-compose',
    open: async () => {
      const fake = await thread('ch-5', '.messenger-message [data-do="edit"]', (f) => scheduled(f, 'Come at nine'));
      await until(() => one('messenger-compose [name="body"]').value === 'Come at nine', 'its text');
      return fake;
    },
    typed: { body: 'Come at ten', when: '2099-01-02T08:00' },
    press: '[data-do="send"]',
    asks: 'POST /channels/ch-5/messages',
    made: (fake) => sent(fake).length === 1 && sent(fake)[0].send_local.at === '2099-01-02T08:00',
  },
  'a message to whom another turned out to be': {
    root: 'messenger-compose',
    open: () => thread('ch-5', 'messenger-compose [data-medium="email"]'),
    typed: { subject: 'Thursday', body: 'Come at ten' },
    more: async (fake) => {
      fake.join('ch-5', 'ch-8');
      await until(() => has('[data-key="joined"]'), 'it is said');
    },
    press: '[data-do="send"]',
    asks: 'POST /channels/ch-8/messages',
    made: (fake) => sent(fake).length === 1 && sent(fake)[0].channel_id === 'ch-8',
  },
  'a message beyond safe hours': {
    root: 'messenger-compose',
    open: () => card({ media: [] }, '[data-do="lift"]'),
    typed: { body: 'Come at ten', reason: 'It is today' },
    press: '[data-do="send"]',
    asks: 'POST /clients/c-11/messages',
    made: (fake) => sent(fake).length === 1,
  },
  'a message by a way that is not safe': {
    root: 'messenger-compose',
    open: async () => {
      const fake = await card({ media: ['email'] });
      type('[name="body"]', 'Come at ten');
      await press('[data-do="send"]');
      return fake;
    },
    typed: { body: 'Come at ten', reason: 'She asked for it' },
    press: '[data-do="send"]',
    asks: 'POST /clients/c-11/messages',
    made: (fake) => sent(fake).length === 1,
  },
  'a message on a profile, with a reason': {
    root: 'messenger-compose',
    open: async () => {
      const fake = story();
      fake.clients.get('c-1').client.restricted = true;
      fake.install();
      mount('messenger-compose', { client: 'c-1' });
      await press('[data-medium="email"]');
      await until(() => has('[name="reason"]'), 'the reason');
      return fake;
    },
    typed: { subject: 'Thursday', body: 'Come at ten', reason: 'She asked for it' },
    press: '[data-do="send"]',
    asks: 'POST /clients/c-1/messages',
    made: (fake) => sent(fake).length === 1,
  },
  'a message to several': {
    root: 'messenger-new-message',
    open: several.severalPicked,
    typed: { subject: 'Lunch', body: 'Come at ten' },
    more: several.check,
    press: '[data-do="send"]',
    asks: 'POST /broadcasts',
    made: (fake) => fake.keys.size === 1,
  },
  'a text that is sorted': {
    root: 'messenger-texts',
    open: async () => {
      const text = { id: 't-1', from: '+447700900123', to: '+447700900999', body: 'I have pain', candidates: [] };
      const fake = await inbox((f) => (f.texts = [{ ...text, at: new Date().toISOString(), may_assign: true }]));
      await press('[data-do="texts"]');
      await until(() => has('messenger-texts [data-find]'), 'the text');
      return fake;
    },
    typed: { '[data-find]': 'Tomasz', '[data-reason]': 'He rang' },
    more: () => until(() => has('messenger-texts [data-do="client"]'), 'who was found'),
    press: '[data-do="client"]',
    asks: 'POST /unmatched/t-1/assign',
    made: (fake) => fake.waiting().length === 0,
    seesDone: true,
  },
  'what is withdrawn': {
    root: '.messenger-ask',
    open: () =>
      thread('ch-5', '[data-do="withdraw"]', (f) =>
        f.add('ch-5', { direction: 'outbound', body: 'No', private: true, delivery: { status: 'delivered' } })),
    typed: { textarea: 'The wrong day' },
    more: () => one('.messenger-ask [value="wrong_words"]').click(),
    press: '[value="withdraw"]',
    asks: 'POST /messages/…/withdraw',
    made: (fake) => fake.messages.at(-1).withdrawn?.reason === 'wrong_words',
  },
  'what was dealt with': {
    root: '.messenger-ask',
    open: () => thread('ch-2', '[data-do="resolve"]'),
    typed: { textarea: 'Phoned instead' },
    press: '[value="save"]',
    asks: 'POST /messages/…/resolve',
    made: (fake) => fake.channels.get('ch-2').attention.length === 0,
  },
  'what was dealt with at the day’s end': {
    root: '.messenger-ask',
    open: async () => {
      const fake = story();
      for (const channel of fake.channels.values()) channel.attention = channel.id === 'ch-5' ? ['reply_flood'] : [];
      for (const message of fake.messages) for (const of of ['delivery', 'record']) delete message[of]?.attention;
      goTo('?');
      fake.install();
      mount('messenger-overview');
      await press('.messenger-needed [data-what="resolve"]');
      return fake;
    },
    typed: { textarea: 'Rang them' },
    press: '[value="save"]',
    asks: 'POST /attention/act',
    made: (fake) => fake.channels.get('ch-5').attention.length === 0,
  },
};

for (const [name, form] of Object.entries(forms)) {
  const { root, open, typed, more, press: does, asks, made, seesDone, says: known } = form;
  test(`what is refused stays, says what to do and is done once: ${name}`, async () => {
    const fake = await open();
    const within = (/** @type {string} */ field) =>
      `${root} ${/^[\w-]+$/.test(field) && field !== 'textarea' ? `[name="${field}"]` : field}`;
    for (const [field, text] of Object.entries(typed)) {
      await until(() => has(within(field)), field);
      type(within(field), text);
    }
    await more?.(fake);
    await settled();
    const ticked = () => [...one(root).querySelectorAll('input[name]:checked')].map((box) => box.name + box.value);
    const chosen = ticked();
    for (const [fault, usual] of refusals) {
      const says = fault.status === 422 && known ? known : usual;
      const what = `${name}, ${fault.status ?? fault}`;
      for (const id of asks.includes('…') ? fake.messages.map((m) => m.id) : ['']) {
        fake.faults.set(asks.replace('…', id), fault);
      }
      one(`${root} ${does}`).focus();
      one(`${root} ${does}`).click();
      await until(() => document.body.innerText.includes(says), `${what}: ${says}`);
      await settled();
      fake.faults.clear();
      if (seesDone && fault === 'lost') continue;
      for (const [field, text] of Object.entries(typed)) equal(one(within(field)).value, text, `${what}: ${field}`);
      equal(ticked(), chosen, `${what}: what is ticked`);
      ok(sees(`${root} [role="alert"], ${root} .messenger-error`), `${what}: said where it was pressed`);
      ok(one(root).contains(document.activeElement), `${what}: the focus is in it`);
      if (fault.status === 401) document.dispatchEvent(new Event('messenger-signed-in'));
      await settled();
    }
    if (!seesDone) one(`${root} ${does}`).click();
    await until(() => made(fake), `${name}: done`);
    await until(() => !has(within(Object.keys(typed)[0])) || !sees(within(Object.keys(typed)[0])) ||
      one(within(Object.keys(typed)[0])).value === '', `${name}: over`);
    await settled();
    ok(made(fake), `${name}: once`);
    ok(document.activeElement !== document.body, `${name}: the focus is not lost`);
    ok(!words('main').includes('Something went wrong'), 'nothing of ours');
  });
}
