import '../conversation.js';
import '../messenger-elements.js';
import { equal, goTo, has, mount, ok, one, settled, test, until } from './harness.js';
import { story } from './story.js';
import { opened } from './thread.js';

/** @typedef {import('./fake.js').Fake} Fake */
/**
 * A button that does something at once.
 * @typedef {object} Pressed
 * @property {() => Promise<Fake>} open
 * @property {string} press
 * @property {string} asks
 * @property {(fake: Fake) => any} made whether it is done, and once
 * @property {(lost: boolean) => unknown} [told] what else stands there then
 */

/** What a server says, and what a person is to read. @type {[any, string][]} */
const refusals = [
  [{ status: 403, code: 'forbidden' }, 'You do not have permission to do this'],
  [{ status: 409, code: 'organisation_changed' }, 'working in another organisation'],
  [{ status: 422, code: 'invalid' }, 'Something is not right with what was entered'],
  [{ status: 503, code: 'unavailable' }, 'Try again in a minute'],
  ['offline', 'We could not reach the server'],
];

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const waits = {
  medium: 'sms',
  body: 'Come at ten',
  subject: '',
  delivery: { status: 'scheduled', attempts: 0 },
  send_after: '2099-01-01T08:00:00Z',
  send_local: { at: '2099-01-01T08:00', zone },
};
const expected = { body: 'Can you come?', awaiting: { expects: 'reply', by: '2099-01-02', status: 'waiting' } };
const thread = (/** @type {object} */ message) =>
  opened('ch-5', (f) => void f.add('ch-5', { direction: 'outbound', delivery: { status: 'delivered' }, ...message }));
const last = (/** @type {Fake} */ fake) => fake.of('ch-5').at(-1);
const backInTheForm = () => one('.messenger-thread [name="body"]').value === 'Come at ten';
/** @param {(fake: Fake) => unknown} prepare */
const overview = async (prepare) => {
  const fake = story();
  prepare(fake);
  goTo('?');
  fake.install();
  mount('messenger-overview');
  return fake;
};

/** @type {Record<string, Pressed>} */
const acts = {
  'a reminder': {
    open: () => thread(expected),
    press: '[data-do="remind"]',
    asks: 'POST /messages/…/remind',
    made: (fake) => fake.messages.filter(({ reminds }) => reminds).length === 1,
    told: (lost) =>
      (lost || !has('[data-do="remind"]')) && document.activeElement?.getAttribute('data-do') !== 'stop-waiting',
  },
  'to wait no more': {
    open: () => thread(expected),
    press: '[data-do="stop-waiting"]',
    asks: 'POST /messages/…/stop-waiting',
    made: (fake) => last(fake).awaiting.status === 'stopped',
  },
  'to cancel what is scheduled': {
    open: () => thread(waits),
    press: '.messenger-message [data-do="cancel"]',
    asks: 'POST /messages/…/cancel',
    made: (fake) => last(fake).delivery.status === 'cancelled',
    told: backInTheForm,
  },
  'to change what is scheduled': {
    open: () => thread(waits),
    press: '.messenger-message [data-do="edit"]',
    asks: 'POST /messages/…/edit',
    made: (fake) => last(fake).delivery.status === 'cancelled',
    told: backInTheForm,
  },
  'to send again': {
    open: () => opened('ch-2'),
    press: '[data-do="retry"]',
    asks: 'POST /messages/…/retry',
    made: (fake) => fake.of('ch-2').at(-1).delivery.status === 'queued',
  },
  'to file again': {
    open: () => opened('ch-4'),
    press: '[data-do="file"]',
    asks: 'POST /messages/…/record',
    made: (fake) => fake.of('ch-4').at(-1).record.status === 'saved',
  },
  'to switch the replies off': {
    open: () => opened('ch-5'),
    press: '.messenger-side [data-do="replies"]',
    asks: 'PUT /channels/ch-5/replies',
    made: (fake) => !fake.channels.get('ch-5').replies_allowed,
  },
  'a new link': {
    open: async () => {
      const fake = await opened('ch-5');
      one('.messenger-side [data-do="renew"]').click();
      return fake;
    },
    press: '.messenger-side [data-do="renew-sure"]',
    asks: 'POST /channels/ch-5/reply-link',
    made: (fake) => fake.channels.get('ch-5').link,
  },
  'to open what is done': {
    open: () => opened('ch-5'),
    press: '.messenger-side [data-do="status"]',
    asks: 'PUT /channels/ch-5/status',
    made: (fake) => fake.channels.get('ch-5').status === 'open',
  },
  'what needs a person, at the day’s end': {
    open: () => overview((f) => (f.messages = f.messages.filter((m) => m.delivery.attention))),
    press: '.messenger-needed [data-what="retry"]',
    asks: 'POST /attention/act',
    made: (fake) => fake.messages.at(-1).delivery.status === 'queued',
  },
};

for (const [name, { open, press, asks, made, told }] of Object.entries(acts)) {
  for (const lost of [false, true]) {
    test(`what is pressed ${lost ? 'and whose answer is lost' : 'and refused'} is done once: ${name}`, async () => {
      const fake = await open();
      await until(() => has(press), 'the button');
      const fail = (/** @type {any} */ fault) => {
        for (const id of asks.includes('…') ? fake.messages.map((m) => m.id) : ['']) {
          fake.faults.set(asks.replace('…', id), fault);
        }
        one(press).focus();
        one(press).click();
      };
      for (const [fault, says] of lost ? [] : refusals) {
        const what = `${fault.status ?? fault}`;
        fail(fault);
        await until(() => document.body.innerText.includes(says), `${what}: ${says}`);
        await settled();
        fake.faults.clear();
        ok(!made(fake), `${what}: not done`);
        ok(document.activeElement !== document.body, `${what}: the focus is not lost`);
      }
      // Nor is it heard of meanwhile.
      const { sources } = fake;
      if (lost) fake.sources = [];
      if (lost) fail('lost');
      else one(press).click();
      await until(() => made(fake), 'done');
      await settled();
      fake.faults.clear();
      fake.sources = sources;
      if (lost && has(press)) one(press).click();
      await settled();
      await settled();
      ok(made(fake), 'once');
      if (told) await until(() => told(lost), 'what stands there');
      equal(document.body.innerText.includes('Too late'), false, 'nothing untrue');
      ok(document.activeElement !== document.body, 'the focus is not lost');
    });
  }
}
