// Every element in every state that people meet: what the gallery shows, and what tests look at and take pictures of.

import { until } from './harness.js';
import { newBroadcast, newPreview, newTemplate, timeAgo } from './shapes.js';
import { dayEndStates } from './states-day-end.js';
import { checked, find, press, put, there, waiting, write } from './steps.js';
import { long, many } from './story.js';

/**
 * @typedef {object} State
 * @property {string} of the element or the part that it is a state of
 * @property {string} [search] what the page's address says
 * @property {string} [element] the element that it is, alone on its page
 * @property {string} [client] whose profile it is on; on the Messages page without it
 * @property {(fake: import('./fake.js').Fake) => void} [prepare]
 * @property {string} ready what is there once the page has loaded
 * @property {() => unknown} [then] what leads there
 */

/** Has templates, and somebody who may write the organisation’s. @param {import('./fake.js').Fake} fake */
function withTemplates(fake) {
  fake.me.permissions.push('manages_templates');
  fake.templates = [
    newTemplate('t-1', 'Appointment', { subject: 'Come', body: 'Dear {{first_name}}', version: 3, used: 12 }),
    newTemplate('t-2', 'Thanks', { scope: 'own', medium: 'sms', body: 'Thank you', private: true, language: 'cy' }),
  ];
}

const desk = 'messenger-template-desk';
const openDesk = () => press('[data-do="desk"]').then(() => there(`${desk} [data-key="t-1"]`));

const row = '.messenger-row';
const message = '.messenger-message';
const [list, thread, side] = ['The list', 'The thread', 'At the right'];
const [writing, several, bell, profile] = ['Writing', 'New message and dialogs', 'The bell', 'On the profile'];

/** @type {Record<string, State>} */
export const states = {
  inbox: { of: list, ready: row },
  search: { of: list, ready: row, then: () => put('.messenger-search-box', 'wednes').then(() => there('mark')) },
  'search-subject': {
    of: list,
    ready: row,
    then: () => put('.messenger-search-box', 'transport').then(() => there('mark')),
  },
  'nothing-found': {
    of: list,
    ready: row,
    then: () => put('.messenger-search-box', 'zzz').then(() => there('.messenger-empty')),
  },
  attention: { of: list, ready: row, then: () => press('[data-show="attention"]') },
  ticked: {
    of: list,
    ready: row,
    then: () => press('[data-do="select"]').then(() => press('.messenger-tick:not(:disabled)')),
  },
  keys: { of: list, ready: row, then: () => press('[data-do="keys"]') },
  many: { of: list, ready: row, prepare: (fake) => many(fake, 200) },
  empty: { of: list, ready: '.messenger-empty', prepare: (fake) => fake.channels.clear() },
  loading: { of: list, ready: '.messenger-row-shape', prepare: (fake) => (fake.gate = new Promise(() => {})) },
  error: {
    of: list,
    ready: '[role="alert"]',
    prepare: (fake) => fake.faults.set('GET /inboxes/amira/channels', { status: 503, code: 'unavailable' }),
  },
  lost: {
    of: list,
    search: 'channel=ch-1',
    ready: message,
    async then() {
      /** @type {any} */
      const { fake } = window;
      await until(() => fake.sources.length, 'the stream');
      fake.down = true;
      fake.sources[0].fail(true);
      await until(() => find('.messenger-lost').textContent, 'it says so');
    },
  },

  thread: { of: thread, search: 'channel=ch-1', ready: message },
  'not-delivered': { of: thread, search: 'channel=ch-2', ready: message },
  'not-known': {
    of: thread,
    search: 'channel=ch-2',
    ready: message,
    prepare(fake) {
      fake.channels.get('ch-2').attention = ['delivery_unknown'];
      fake.of('ch-2')[0].delivery = { status: 'unknown', attempts: 1, attention: true };
    },
  },
  notes: {
    of: thread,
    search: 'channel=ch-3',
    ready: '.messenger-aside',
    prepare(fake) {
      const author = { kind: 'staff', id: 'ben', name: 'Ben Jones' };
      const text = 'She likes to be rung in the morning.';
      fake.marks.set('ch-3', [
        { id: 'k-2', kind: 'away', at: timeAgo(3), author, cover_name: 'Amira Shah', until: timeAgo(-2880) },
        { id: 'k-1', kind: 'handover', at: timeAgo(4000), author, text },
      ]);
      fake.note('ch-3', { text: 'Her daughter answers the phone. Ask for Mrs Lee: it is about the bus.', author });
      fake.note('ch-3', { kind: 'call', text: 'Rang, left no message.', file: true });
      fake.note('ch-3', { kind: 'call', text: 'Rang again. She will come on Thursday.', filing: 'failed' });
    },
  },
  note: {
    of: writing,
    search: 'channel=ch-1',
    ready: message,
    then: () => press('[data-do="note"]').then(() => put('[name="note"]', 'Rang, left no message.')),
  },
  here: {
    of: thread,
    search: 'channel=ch-1',
    ready: message,
    then() {
      const { fake } = /** @type {any} */ (window);
      for (const [staff_id, name] of [
        ['ben', 'Ben Jones'],
        ['chloe', 'Chloe Martin'],
      ]) {
        fake.tell('amira', 'present', { channel_id: 'ch-1', staff_id, name, writing: staff_id === 'ben' });
      }
      return there('.messenger-others span');
    },
  },
  held: { of: thread, search: 'channel=ch-3', ready: message },
  'not-in-the-record': { of: thread, search: 'channel=ch-4', ready: message },
  cancelled: {
    of: thread,
    search: 'channel=ch-5',
    ready: message,
    prepare: (fake) =>
      fake.add('ch-5', { direction: 'outbound', body: 'Never mind', delivery: { status: 'cancelled' } }),
  },
  scheduled: {
    of: thread,
    search: 'channel=ch-5',
    ready: message,
    prepare: (fake) =>
      fake.add('ch-5', {
        direction: 'outbound',
        medium: 'sms',
        body: 'See you tomorrow',
        send_after: new Date(Date.now() + 86_400_000).toISOString(),
        delivery: { status: 'scheduled', attempts: 0 },
      }),
  },
  'dealt-with': {
    of: thread,
    search: 'channel=ch-2',
    ready: message,
    then: () => press('[data-do="resolve"]').then(() => press('.messenger-ask [value="save"]')),
  },
  died: { of: thread, search: 'channel=ch-7', ready: message },
  long: { of: thread, search: 'channel=ch-long', ready: message, prepare: (fake) => long(fake, 500) },
  found: {
    of: thread,
    ready: row,
    prepare(fake) {
      long(fake, 300);
      fake.of('ch-long')[60].body = 'About the housing form';
    },
    async then() {
      await put('.messenger-search-box', 'housing');
      await press('.messenger-row[data-key="ch-long"]:only-child a');
      await there('.messenger-message[data-found]');
    },
  },

  side: {
    of: side,
    search: 'channel=ch-1',
    ready: message,
    then: () =>
      press('.messenger-to-side')
        .then(() => press('[data-do="history"]'))
        .then(() => press('[data-do="renew"]')),
  },
  colleague: { of: side, search: 'channel=ch-9', ready: message, then: () => press('[data-do="history"]') },
  'look-only': {
    of: side,
    search: 'channel=ch-9',
    ready: message,
    prepare: (fake) => (fake.inboxes[1].may_act = false),
    then: () => press('.messenger-to-side'),
  },

  restricted: {
    of: writing,
    search: 'channel=ch-6',
    ready: message,
    then: () => write('email').then(() => press('[data-do="send"]')),
  },
  email: {
    of: writing,
    search: 'channel=ch-1',
    ready: message,
    async then() {
      await write('email');
      await put('[name="subject"]', 'The bus');
      await put('[name="body"]', 'Hello {{first_name}}, it is booked.');
      await checked();
      await press('[data-do="preview"]');
    },
  },
  sms: {
    of: writing,
    search: 'channel=ch-1',
    ready: message,
    async then() {
      await write('sms');
      await put('[name="body"]', 'It’s booked');
      await checked();
      await press('[data-do="later"]');
    },
  },
  undo: {
    of: writing,
    search: 'channel=ch-1',
    ready: message,
    async then() {
      await write('sms');
      await put('[name="body"]', 'Booked.');
      await press('[data-do="send"]');
    },
  },

  new: {
    of: several,
    ready: row,
    async then() {
      await press('[data-do="new"]');
      await put('input[id$="-find"]', 'o');
      await there('.messenger-found');
    },
  },
  'new-many': {
    of: several,
    ready: row,
    async then() {
      await press('[data-do="new"]');
      await press('[name="list"]');
      await put('.messenger-many [name="subject"]', 'Lunch');
      await put('.messenger-many [name="body"]', 'Hello {{first_name}}');
      await press('[data-do="check"]');
      await there('.messenger-who');
    },
  },
  'new-over-50': {
    of: several,
    ready: row,
    prepare: (fake) =>
      (fake.preview = (/** @type {any} */ body) => ({ ...newPreview(body), total: 51, skipped_count: 0, skipped: [] })),
    async then() {
      await press('[data-do="new"]');
      await press('[name="list"]');
      await put('.messenger-many [name="subject"]', 'Lunch');
      await put('.messenger-many [name="body"]', 'Hello {{first_name}}');
      await press('[data-do="check"]');
      await press('messenger-new-message [data-do="send"]');
      await there('messenger-preview .messenger-error');
    },
  },
  desk: { of: several, ready: row, prepare: withTemplates, then: openDesk },
  'desk-form': {
    of: several,
    ready: row,
    prepare: withTemplates,
    async then() {
      await openDesk();
      await press(`${desk} [data-do="new"]`);
      await press(`${desk} [data-do="save"]`);
      await there(`${desk} .messenger-error`);
    },
  },
  'desk-leaving': {
    of: several,
    ready: row,
    prepare: withTemplates,
    async then() {
      await openDesk();
      await press(`${desk} [data-do="archive"]`);
      await there(`${desk} [data-do="stay"]`);
    },
  },
  'new-later': {
    of: several,
    ready: row,
    async then() {
      await press('[data-do="new"]');
      await press('[name="list"]');
      await press('.messenger-many [data-do="later"]');
      await press('[data-do="check"]');
      await there('.messenger-many .messenger-error');
    },
  },
  'new-template': {
    of: several,
    ready: row,
    prepare: withTemplates,
    async then() {
      await press('[data-do="new"]');
      await press('[name="list"]');
      await press('.messenger-many [name="private"]');
      await press('.messenger-many [name="asks"]');
      await press('.messenger-many [data-do="templates"]');
      await there('.messenger-many [role="option"]');
    },
  },
  several: {
    of: several,
    ready: row,
    prepare: (fake) =>
      (fake.broadcasts = [
        newBroadcast({ id: 'b-2', medium: 'sms', subject: undefined, queued: 4, send_after: '2099-01-01T08:00:00Z' }),
        newBroadcast({ id: 'b-1', state: 'sent', sent: 3, failed: 1 }),
      ]),
    then: () =>
      press('[data-do="several"]')
        .then(() => press('[data-do="skipped"]'))
        .then(() => there('.messenger-skipped')),
  },
  texts: {
    of: several,
    ready: row,
    prepare(fake) {
      const grace = { channel_id: 'ch-1', staff_id: 'amira', client_id: 'c-1', client_name: 'Grace Okafor' };
      fake.texts = [
        waiting({ candidates: [grace] }),
        waiting({ id: 't-2', at: new Date().toISOString() }),
        waiting({ id: 't-3', from: undefined, body: undefined, may_assign: false }),
      ];
    },
    then: () => press('[data-do="texts"]').then(() => there('messenger-texts .messenger-broadcast')),
  },

  ...dayEndStates,
  discharged: {
    of: side,
    search: 'channel=ch-4',
    ready: message,
    prepare: (fake) => Object.assign(fake.channels.get('ch-4'), { discharged_at: '2026-11-04T10:00:00Z' }),
    then: () => press('.messenger-to-side'),
  },
  'after-hours': {
    of: writing,
    search: 'channel=ch-1',
    ready: message,
    prepare(fake) {
      const next = new Date(Date.now() + 86_400_000);
      next.setHours(8, 5, 0, 0);
      fake.hours = { working_hours: { next_send_at: next.toISOString() } };
    },
    async then() {
      await write('sms');
      await put('[name="body"]', 'See you then.');
      await checked();
      await there('[data-do="send-next"]');
    },
  },

  bell: { of: bell, ready: row, then: () => press('.messenger-bell').then(() => there('.messenger-bell-item')) },

  profile: { of: profile, client: 'c-4', ready: '.messenger-ways' },
  'profile-not-configured': { of: profile, client: 'c-10', ready: '.messenger-why' },
  'profile-form': { of: profile, client: 'c-1', ready: '.messenger-ways', then: () => write('email') },
};
