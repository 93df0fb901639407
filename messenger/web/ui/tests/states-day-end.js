// The states in which nobody is missed: the day's end, who is away, who covers, and what is handed over.

import { press, there, waiting } from './steps.js';

const of = 'Safe to go home?';
const message = '.messenger-message';

/** @type {Record<string, import('./states.js').State>} */
export const dayEndStates = {
  overview: {
    of,
    search: 'view=overview',
    ready: '.messenger-needed',
    prepare(fake) {
      fake.add('ch-2', { direction: 'outbound', medium: 'sms', body: 'It is on Tuesday after all.' });
      fake.channels.get('ch-9').attention = ['reply_overdue'];
      fake.texts = [waiting({})];
    },
    async then() {
      await press('[data-do="tick-all"]');
      await press('.messenger-needed [data-what="retry"]');
      await there('[data-do="all-the-same"]');
    },
  },
  'overview-alone': {
    of,
    element: 'messenger-overview',
    ready: '.messenger-answer[data-look="bad"]',
    prepare(fake) {
      const from = new Date(Date.now() - 60_000).toISOString();
      fake.watch.absences.set('ben', { staff_id: 'ben', cover_staff_id: 'amira', cover_name: 'Amira Shah', from });
      const cover_name = 'Chloe Martin';
      fake.watch.absences.set('chloe', { staff_id: 'chloe', cover_staff_id: 'chloe', cover_name, from });
    },
  },
  'overview-safe': {
    of,
    search: 'view=overview',
    ready: '.messenger-answer[data-look="good"]',
    prepare(fake) {
      fake.channels.clear();
      fake.messages = [];
    },
  },
  'overview-cannot-tell': {
    of,
    search: 'view=overview',
    ready: '.messenger-overview [role="alert"]',
    prepare: (fake) => fake.faults.set('GET /overview', { status: 503, code: 'unavailable' }),
  },
  away: {
    of,
    element: 'messenger-overview',
    ready: '.messenger-needed',
    prepare: (fake) =>
      fake.watch.absences.set('amira', {
        staff_id: 'amira',
        cover_staff_id: 'ben',
        cover_name: 'Ben Jones',
        from: new Date(Date.now() - 60_000).toISOString(),
        until: new Date(Date.now() + 3 * 86_400_000).toISOString(),
      }),
    async then() {
      await press('[data-key="amira"] [data-do="cover"]');
      await there('messenger-absence [data-do="end"]');
    },
  },

  covering: {
    of,
    search: 'channel=ch-9',
    ready: '.messenger-row-for',
    prepare(fake) {
      const from = new Date(Date.now() - 60_000).toISOString();
      fake.watch.absences.set('ben', { staff_id: 'ben', cover_staff_id: 'amira', cover_name: 'Amira Shah', from });
    },
    then: () => there('.messenger-side [data-key="cover"]'),
  },
  'hand-over': {
    of,
    search: 'channel=ch-9',
    ready: message,
    async then() {
      await press('.messenger-to-side');
      await press('.messenger-side [data-do="handover"]');
      const to = await there('messenger-handover [name="to"] [value="amira"]');
      to.parentElement.value = 'amira';
      await press('messenger-handover [data-do="hand"]');
      await there('messenger-handover .messenger-error');
    },
  },
  'handed-over': {
    of,
    element: 'messenger-overview',
    ready: '.messenger-needed',
    prepare: (fake) => fake.watch.left.add('ben'),
    async then() {
      await press('[data-key="ben"] [data-do="handover"]');
      const to = await there('messenger-handover [name="to"] [value="amira"]');
      to.parentElement.value = 'amira';
      await press('messenger-handover [data-do="hand"]');
      await there('messenger-handover [data-key="refused"]');
    },
  },
};
