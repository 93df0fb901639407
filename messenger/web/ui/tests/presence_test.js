import '../conversation.js';
import '../messenger-elements.js';
import { Presence } from '../presence.js';
import { equal, one, settled, test, type, until, words } from './harness.js';
import { opened } from './thread.js';

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
