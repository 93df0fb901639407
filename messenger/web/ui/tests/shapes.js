// What the tests' API answers with: whole objects, as the OpenAPI document has them.

import { isFound } from '../found.js';

const pageSize = 50;
const minute = 60_000;

/** @param {any} channel */
export function row({ link, off, discharged_at, ...channel }) {
  return structuredClone(channel);
}

/**
 * @param {any[]} items
 * @param {URLSearchParams} search
 * @returns {[number, any]}
 */
export function page(items, search) {
  const from = Number(search.get('cursor') ?? 0);
  const limit = Number(search.get('limit') ?? pageSize);
  const next = from + limit < items.length ? String(from + limit) : undefined;
  return [200, structuredClone({ items: items.slice(from, from + limit), next })];
}

/**
 * A page of a thread: the newest, those before or after one, or those around one.
 * @param {any[]} messages newest first
 * @param {URLSearchParams} search
 * @returns {[number, any]}
 */
export function threadPage(messages, search) {
  const limit = Number(search.get('limit') ?? pageSize);
  const [to, seq] = (search.get('cursor') ?? '').split(' ');
  const around = search.get('around');
  const at = messages.findIndex((m) => (around ? m.id === around : m.seq === Number(seq)));
  if (around && at < 0) return problem(404, 'not_found');
  const first = around ? at - limit / 2 : to === 'before' ? at + 1 : to === 'after' ? at - limit : 0;
  const from = Math.max(0, first);
  const until = to === 'after' ? at : from + limit;
  const items = messages.slice(from, until);
  const next = to !== 'after' && until < messages.length ? `before ${items.at(-1).seq}` : undefined;
  const previous = (around || to === 'after') && from > 0 ? `after ${items[0].seq}` : undefined;
  return [200, structuredClone({ items, next, previous, before: messages.length - from - items.length || undefined })];
}

/**
 * What a search shows of a message, as the server cuts it: from two words before the first that was found, of the
 * subject where the body has none.
 * @param {any} message
 * @param {string} q
 */
export function excerpt({ subject, body }, q) {
  const text = isFound({ body }, q) || !subject ? body : subject;
  const words = text.split(/\s+/);
  const at = words.findIndex((/** @type {string} */ word) => isFound({ body: word }, q));
  const line = words.slice(at > 2 ? at - 2 : 0).join(' ');
  return `${at > 2 ? '…' : ''}${line.slice(0, 140)}${line.length > 140 ? '…' : ''}`;
}

/**
 * @param {number} status
 * @param {string} code
 * @returns {[number, any]}
 */
export const problem = (status, code) => [status, { title: 'Not done', status, detail: 'A test says no.', code }];

/**
 * @param {number} status
 * @param {any} document
 */
export function answer(status, document) {
  return new Response(document === undefined ? null : JSON.stringify(document), {
    status,
    headers: { Date: new Date().toUTCString() },
  });
}

/**
 * @param {string} id
 * @param {any} client
 * @param {string} status
 * @param {object} more
 */
export const newChannel = (id, client, status, more) => ({
  id,
  organisation_id: 'north',
  staff_id: 'amira',
  client_id: client.id,
  client_name: client.name,
  status,
  unread_count: 0,
  replies_allowed: true,
  attention: /** @type {string[]} */ ([]),
  scheduled_count: 0,
  created_at: new Date().toISOString(),
  updated_at: new Date().toISOString(),
  last_message: { id: 'none', direction: 'outbound', medium: 'email', preview: '', at: new Date(0).toISOString() },
  ...more,
});

/**
 * @param {string} id
 * @param {string} name
 * @param {object} more
 */
export const newClient = (id, name, more) => ({
  id,
  name,
  nhs_number: '999 000 0018',
  date_of_birth: '1984-02-29',
  gp: { name: 'Riverside Surgery', ods_code: 'A12345' },
  email: `${name.split(' ')[0].toLowerCase()}@example.org`,
  phone: '+447700900123',
  restricted: false,
  deceased: false,
  profile_url: `/clients/${id}`,
  needs: [],
  ...more,
});

/**
 * So many minutes ago. What is under two hours ago is of today and keeps its order, just after midnight too, where the
 * two hours are drawn together into what there is of the day.
 * @param {number} minutes
 * @param {Date} [now]
 */
export function timeAgo(minutes, now = new Date()) {
  const today = (now.getTime() - new Date(now).setHours(0, 0, 0, 0)) / minute;
  const shrunk = minutes > 0 && minutes < 120 ? Math.min(1, today / 120) : 1;
  return new Date(now.getTime() - minutes * shrunk * minute).toISOString();
}

/**
 * `ago` is in minutes.
 * @param {string} id
 * @param {any} channel
 * @param {number} seq
 * @param {any} message
 */
export function newMessage(id, channel, seq, { ago = 0, delivery, record, ...message }) {
  const inbound = message.direction === 'inbound';
  return {
    id,
    channel_id: channel.id,
    seq,
    medium: inbound ? 'web' : 'email',
    created_at: timeAgo(ago),
    author: inbound
      ? { kind: 'client', id: channel.client_id, name: channel.client_name }
      : { kind: 'staff', id: 'amira', name: 'Amira Shah' },
    delivery: { status: inbound ? 'received' : 'delivered', attempts: inbound ? 0 : 1, ...delivery },
    record: { status: 'saved', online_viewing: false, ...record },
    purpose: 'care',
    private: false,
    attachments: [],
    ...(inbound ? { verified: 'none' } : {}),
    ...message,
  };
}

/** @param {object} more */
export const newBroadcast = (more) => ({
  id: 'b-1',
  medium: 'email',
  subject: 'Lunch',
  body: 'Hello {{first_name}}',
  private: false,
  state: 'sending',
  created_at: new Date().toISOString(),
  total: 5,
  skipped_count: 1,
  skipped: [],
  queued: 0,
  sent: 0,
  failed: 0,
  cancelled: 0,
  ...more,
});

/** @param {any} channel */
export const notification = (channel, kind = 'reply') => ({
  kind,
  channel_id: channel.id,
  client_id: channel.client_id,
  client_name: channel.client_name,
  read: channel.status !== 'unread',
  unread_count: channel.unread_count,
  attention: channel.attention,
  last_message: channel.last_message,
  url: `/messages?channel=${channel.id}`,
});

/** @param {any} client */
export const recipient = ({ id, name, nhs_number, date_of_birth }) => ({ id, name, nhs_number, date_of_birth });

/**
 * What a check says: the text with forty characters of closing lines, and an email's link, which is not made yet.
 * @param {any} body
 * @param {number} [limit]
 * @param {string} [name] the client's first
 * @param {any[]} [advice] beside that on places
 * @param {Record<string, string>} [names] of staff and organisation, where they are not as usual
 */
export const newChecked = (body, limit, name, advice = [], names = {}) => {
  const link = body.medium === 'email' && body.reply_link !== false ? `\nhttps://example.org/r/${'x'.repeat(22)}` : '';
  /** @type {Record<string, string>} */
  const said = { first_name: name ?? '', staff_name: 'Amira Shah', organisation: 'North Community Health', ...names };
  const fillOne = (/** @type {string} */ all, /** @type {string} */ place) => said[place] ?? all;
  const filled = body.body.replace(/\{\{(\w+)\}\}/g, fillOne);
  const text = `${filled}\n${'x'.repeat(39)}${link}`;
  const characters = text.length;
  const sms = { texts: Math.ceil(characters / 153), dear: [] };
  const { texts, dear } = body.medium === 'sms' ? sms : { texts: 0, dear: [] };
  const too_long = limit !== undefined && characters > limit;
  const advised = [...adviceOn(body.body), ...advice];
  return { subject: body.subject ?? '', text, characters, texts, limit: limit ?? 0, too_long, dear, advice: advised };
};

/** @param {string} text */
const adviceOn = (text) =>
  text.includes('((name))') ? [{ rule: 'place', text: 'Write {{first_name}} instead.', source: 'The tests.' }] : [];

/**
 * @param {string} id
 * @param {string} title
 * @param {object} more
 */
export const newTemplate = (id, title, more) => ({
  id,
  title,
  scope: 'organisation',
  medium: 'email',
  subject: '',
  body: '',
  language: '',
  private: false,
  expects: '',
  version: 1,
  used: 0,
  ...more,
});

/** @param {any} body what was asked of POST /broadcasts/preview */
export const newPreview = (body) => ({
  total: body.client_ids.length + 3 * body.list_ids.length,
  skipped_count: body.list_ids.length,
  skipped: body.list_ids.map(() => ({ client_id: 'c-9', why: 'no_address' })),
  texts: 4,
  fewest_texts: 1,
  most_texts: 2,
  examples: [
    {
      client_id: 'c-1',
      client_name: 'Grace Okafor',
      subject: body.subject,
      body: body.body.replace('{{first_name}}', 'Grace'),
    },
  ],
});
