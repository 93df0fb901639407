// A day in Amira's inbox, for the tests and the pictures. Everybody in it is made up.

import { Fake } from './fake.js';
import { timeAgo } from './shapes.js';

const day = 1440;

/** A fake API with an inbox as it looks in the middle of a day. */
export function story() {
  const fake = new Fake();
  fake.client('c-1', 'Grace Okafor');
  fake.client('c-2', 'Tomasz Wiśniewski');
  fake.client(
    'c-3',
    'Bartholomew Featherstonehaugh-Cholmondeley',
    {},
    { send_sms: { allowed: false, why: 'no_permission' } },
  );
  fake.client('c-4', 'Siân Pritchard', { email: undefined }, { send_email: { allowed: false, why: 'no_address' } });
  fake.client('c-5', 'Mei Lin', {}, { send_sms: { allowed: false, why: 'objected' } });
  fake.client(
    'c-6',
    'Arthur Pendle',
    { restricted: true, email: undefined, phone: undefined, gp: undefined },
    { send_email: { allowed: false, why: 'restricted' }, send_sms: { allowed: false, why: 'restricted' } },
  );
  fake.client(
    'c-7',
    'Joan Ashworth',
    { deceased: true },
    { send_email: { allowed: false, why: 'deceased' }, send_sms: { allowed: false, why: 'deceased' } },
  );
  fake.client('c-8', 'Yusuf Demir');
  fake.client('c-9', 'Ola Nowak');
  fake.client(
    'c-10',
    'Hannah Reid',
    {},
    { send_email: { allowed: false, why: 'not_configured' }, send_sms: { allowed: false, why: 'not_configured' } },
  );
  const done = { read: { at: new Date().toISOString(), by: 'amira' } };

  fake.channel('ch-1', 'c-1', 'open');
  fake.add('ch-1', {
    ago: 3 * day,
    subject: 'Walking group on Thursdays',
    body:
      'Hello Grace,\n\nIt was good to talk today. The walking group meets at 10:30 on Thursdays outside the library ' +
      'on Mill Road. It is free, and you can bring a friend.\n\nWould you like me to tell them that you are coming?' +
      '\n\nAmira',
    direction: 'outbound',
  });
  fake.add('ch-1', {
    ago: 3 * day - 200,
    direction: 'inbound',
    body: 'Thank you Amira. I would like to come, but I am a bit worried about my knee. How far do they walk?',
    ...done,
    verified: 'date_of_birth',
  });
  fake.add('ch-1', {
    ago: 2 * day,
    direction: 'outbound',
    medium: 'sms',
    body: 'Hi Grace, about two miles, with a stop for tea halfway. You can turn back at the cafe. Amira',
    author: { kind: 'staff', id: 'ben', name: 'Ben Jones' },
  });
  fake.add('ch-1', {
    ago: 95,
    direction: 'outbound',
    medium: 'email',
    subject: 'Transport to the group',
    body: 'Grace, there is a community bus that stops at the end of your road at 10:05. Shall I book it?',
    delivery: { status: 'sent' },
    record: { status: 'pending' },
  });
  fake.add('ch-1', { ago: 14, direction: 'inbound', body: 'Yes please, that would be lovely.' });
  fake.add('ch-1', { ago: 12, direction: 'inbound', body: 'And could you tell them I use a stick?' });

  fake.channel('ch-2', 'c-2', 'open', { attention: ['delivery_failed'] });
  fake.add('ch-2', {
    ago: day + 60,
    direction: 'outbound',
    medium: 'sms',
    body: 'Dear Tomasz, your appointment is on Monday at 14:00.',
    delivery: { status: 'failed', reason: 'wrong_contact', to: '+44•••••123', attention: true },
    record: { status: 'pending' },
  });

  fake.channel('ch-3', 'c-3', 'open', { attention: ['record_held'] });
  fake.add('ch-3', {
    ago: 4 * day,
    direction: 'outbound',
    subject: 'Your benefits letter',
    body: 'I have asked the advice centre to ring you this week.',
  });
  fake.add('ch-3', {
    ago: 220,
    direction: 'inbound',
    ...done,
    body:
      'They rang. I have to take my papers along on Friday, the council tax bill and the tenancy agreement, and they ' +
      'also asked for three months of bank statements, which I only have on my telephone.',
    record: { status: 'held', reason: 'unverified', attention: true },
  });

  fake.channel('ch-4', 'c-4', 'open', { attention: ['record_failed'] });
  fake.add('ch-4', {
    ago: 5 * day,
    direction: 'outbound',
    medium: 'sms',
    body: 'Bore da Siân, dyma rif y dosbarth: 07700 900123.',
    record: { status: 'failed', reason: 'record_no_client', attention: true },
  });

  fake.channel('ch-5', 'c-5', 'done');
  fake.add('ch-5', {
    ago: 6 * day,
    direction: 'outbound',
    subject: 'Cookery course',
    body: 'You are on the list for the course in May.',
  });
  fake.add('ch-5', { ago: 6 * day - 30, direction: 'inbound', body: 'Wonderful, thank you!', ...done });
  fake.channels.get('ch-5').status = 'done';

  fake.channel('ch-6', 'c-6', 'done');
  fake.add('ch-6', {
    ago: 9 * day,
    direction: 'outbound',
    subject: 'Appointment',
    body: 'We spoke on the phone about Tuesday.',
  });
  fake.channel('ch-7', 'c-7', 'done', { replies_allowed: false });
  fake.add('ch-7', {
    ago: 40 * day,
    direction: 'outbound',
    subject: 'Lunch club',
    body: 'The lunch club has a place for you.',
  });

  fake.channel('ch-8', 'c-8', 'open');
  fake.add('ch-8', {
    ago: 50,
    direction: 'outbound',
    body: 'Could you let me know whether Wednesday suits you?',
    subject: 'Wednesday',
  });
  fake.add('ch-8', { ago: 31, direction: 'inbound', body: 'Wednesday is fine' });

  fake.channel('ch-9', 'c-9', 'open', { staff_id: 'ben' });
  fake.add('ch-9', {
    ago: 300,
    direction: 'outbound',
    body: 'Here is the form that we talked about.',
    subject: 'Form',
    author: { kind: 'staff', id: 'ben', name: 'Ben Jones' },
  });
  fake.add('ch-9', { ago: 7, direction: 'inbound', body: 'Got it. Where do I send it?' });

  fake.past = [
    {
      id: 'h-3',
      at: timeAgo(12),
      actor: { kind: 'client', id: 'c-1', name: 'Grace Okafor' },
      action: 'replied',
    },
    {
      id: 'h-2',
      at: timeAgo(2 * day),
      actor: { kind: 'staff', id: 'ben', name: 'Ben Jones' },
      on_behalf_of: 'amira',
      action: 'sent',
    },
    {
      id: 'h-1',
      at: timeAgo(3 * day),
      actor: { kind: 'staff', id: 'amira', name: 'Amira Shah' },
      action: 'created',
    },
  ];
  return fake;
}

/**
 * A thread of so many messages.
 * @param {Fake} fake
 * @param {number} count
 */
export function long(fake, count) {
  fake.client('c-long', 'Ruth Abara');
  fake.channel('ch-long', 'c-long', 'open');
  for (let i = 0; i < count; i++) {
    const inbound = i % 3 === 2;
    fake.add('ch-long', {
      ago: (count - i) * 300,
      direction: inbound ? 'inbound' : 'outbound',
      subject: 'Update',
      body: `Message number ${i + 1}. ${'Some words about the week. '.repeat(1 + (i % 5))}`,
      ...(inbound ? { read: { at: new Date().toISOString(), by: 'amira' } } : {}),
    });
  }
}

/**
 * An inbox of so many more channels.
 * @param {Fake} fake
 * @param {number} count
 */
export function many(fake, count) {
  for (let i = 0; i < count; i++) {
    fake.client(`c-n${i}`, `Client Number ${i}`);
    fake.channel(`ch-n${i}`, `c-n${i}`, i % 2 ? 'open' : 'done');
    fake.add(`ch-n${i}`, {
      ago: 1000 + i * 17,
      direction: 'outbound',
      subject: 'Hello',
      body: `Words to client number ${i}`,
    });
  }
}

/**
 * An inbox of so many channels with a short reply that nobody has read, and nothing else.
 * @param {Fake} fake
 * @param {number} count
 */
export function unread(fake, count) {
  fake.channels.clear();
  for (let i = 0; i < count; i++) {
    fake.client(`c-u${i}`, `Client Number ${i}`);
    fake.channel(`ch-u${i}`, `c-u${i}`, 'open');
    fake.add(`ch-u${i}`, { ago: 100 + i, direction: 'outbound', subject: 'Hello', body: 'How are you?' });
    fake.add(`ch-u${i}`, { ago: 10 + i, direction: 'inbound', body: `Well, thank you ${i}` });
  }
}

/**
 * Puts so many clients on each list.
 * @param {Fake} fake
 * @param {number} count
 */
export function listed(fake, count) {
  fake.listed = Array.from({ length: count }, (_, i) => ({ id: `c-l${i}`, name: `Client Number ${i}` }));
}
