// How a message of the thread looks.

import { reasonWords, wordsOr } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { later } from './later.js';
import { linked } from './links.js';
import { readable, worded } from './names.js';
import { actionView, stateView } from './state.js';

/** @typedef {import('./messenger-thread.js').MessengerThread} Pane */

/**
 * A message of the open channel.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
export function messageView(pane, message) {
  const { id, direction, delivery } = message;
  const inbound = direction === 'inbound';
  return html`<div role="listitem" class="messenger-message" data-key=${id} data-id=${id}
    data-direction=${direction} data-delivery=${delivery.status}
    data-unread=${inbound && !message.read}>
    ${delivery.status === 'cancelled' ? cancelledView(pane, message) : wholeView(pane, message)}
  </div>`;
}

/**
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function wholeView(pane, message) {
  const { t } = pane;
  const inbound = message.direction === 'inbound';
  return html`<div class="messenger-bubble" role="article" aria-label=${spokenName(pane, message)}>
      ${messageHeadView(pane, message)}
      ${message.subject ? html`<div class="messenger-subject" dir="auto">${message.subject}</div>` : ''}
      <div class="messenger-body" dir="auto">${linked(readable(message.body, t))}</div>
      ${message.sent_body ? sentView(message, t) : ''}
    </div>
    <div class="messenger-foot" data-do="foot">
      ${stampView(pane, message)}${inbound ? '' : deliveryView(pane, message)}${recordView(pane, message)}
      ${later.openedView(pane, message)}${later.awaitingView(pane, message)}
    </div>`;
}

/**
 * A message that was taken back: a line, and its text for who wants it.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function cancelledView({ t, format, hub }, message) {
  const { id, medium, author, subject, body, delivery, created_at: at } = message;
  const because = message.cancelled_because ?? 'person';
  const person = because === 'person';
  const reason = person ? delivery.reason : '';
  const own = person && author.id === hub.me?.staff.id && !reason;
  const words = t(`${own ? 'you_cancelled' : 'was_cancelled'}_${medium}`, { when: format.stamp(at) });
  return html`<div class="messenger-cancelled" role="article" aria-label=${words}>
      <span>${words}${reason ? `: ${reasonWords(t, reason)}` : ''}${person ? '' : becauseWords(because, t)}</span>
      <button type="button" class="messenger-link" data-do="disclose" aria-expanded="false"
        aria-controls="messenger-cancelled-${id}">${t('cancelled_show')}</button>
      <div id="messenger-cancelled-${id}" hidden>
        ${subject ? html`<div class="messenger-subject" dir="auto">${subject}</div>` : ''}
        <div class="messenger-body" dir="auto">${linked(readable(body, t))}</div>
      </div>
    </div>`;
}

/**
 * Why a message was cancelled that no person did.
 * @param {string} because
 * @param {Messenger.Translate} t
 */
const becauseWords = (because, t) => `: ${wordsOr(t, `because_${because}`, because.replaceAll('_', ' '))}`;

/**
 * Who wrote a message, and when.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function spokenName({ t, format, hub, channel }, { direction, author, created_at: at }) {
  const own = author.id === hub.me?.staff.id;
  const name = direction === 'inbound' ? channel?.client_name : own ? t('you') : author.name;
  return `${name ?? ''}, ${format.when(at)}`;
}

/**
 * What is not so of most messages; '' when nothing is.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function messageHeadView(pane, message) {
  const { t } = pane;
  const { direction, read, verified } = message;
  const inbound = direction === 'inbound';
  const unread = html`<span class="messenger-tag" data-status="unread">${t('unread_mark')}</span>`;
  const proven = html`<span class="messenger-verified">${icon('tick')}${t('verified')}</span>`;
  const parts = [
    inbound ? '' : authorView(pane, message),
    inbound && !read ? unread : '',
    verified === 'date_of_birth' ? proven : '',
    message.private ? html`<span class="messenger-verified">${t('private_mark')}</span>` : '',
  ].filter(Boolean);
  return parts.length ? html`<div class="messenger-message-head">${parts}</div>` : '';
}

/**
 * When it was written, and how.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
const stampView = ({ t, format }, { direction, medium, created_at: at }) =>
  html`<time datetime=${at}>${format.stamp(at)}</time>
    <span class="messenger-medium">
      ${icon(direction === 'inbound' ? 'reply' : medium === 'sms' ? 'sms' : 'email')}${t(`medium_${medium}`)}
    </span>`;

/**
 * Who wrote it, when it was not the channel's owner.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function authorView({ t, hub, channel }, { author }) {
  const { kind, id, name } = author;
  if (kind !== 'system' && id === channel?.staff_id) return '';
  const by = id === hub.me?.staff.id ? t('you') : (name ?? '');
  const words = kind === 'system' ? t('by_system') : worded(t, 'by', { name: by });
  return html`<span class="messenger-author">${words}</span>`;
}

/**
 * What the carrier really sent, on demand: some replace characters.
 * @param {Messenger.Message} message
 * @param {Messenger.Translate} t
 */
const sentView = ({ id, sent_body: sent }, t) =>
  html`<button type="button" class="messenger-link messenger-sent-as" data-do="disclose" aria-expanded="false"
      aria-controls="messenger-sent-${id}">${t('sent_body')}</button>
    <div class="messenger-body" id="messenger-sent-${id}" dir="auto" hidden>${readable(sent ?? '', t)}</div>`;

/** @type {Record<string, [string, string]>} */
const deliveryLook = {
  scheduled: ['clock', 'quiet'],
  queued: ['clock', 'quiet'],
  sending: ['clock', 'quiet'],
  sent: ['tick', 'quiet'],
  delivered: ['tick', 'good'],
  unknown: ['warning', 'bad'],
  failed: ['warning', 'bad'],
  cancelled: ['cross', 'quiet'],
};

/**
 * Why a message has waited for long; '' when it has not.
 * @param {{t: Messenger.Translate, format: Messenger.Format}} pane
 * @param {{waiting?: {why: string, until?: string}}} of
 */
export function waitingWords({ t, format }, { waiting }) {
  if (!waiting) return '';
  // Of what is scheduled the time is told.
  const until = waiting.why === 'safe_hours' ? '' : waiting.until;
  const again = until ? ` ${t('waiting_until', { when: format.when(until) })}` : '';
  return `: ${wordsOr(t, `waiting_${waiting.why}`, '')}${again}`;
}

/**
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function deliveryView(pane, { id, delivery, send_after: after, created_at: at, unless }) {
  const { t, format } = pane;
  const { status, reason, to, attention, waiting } = delivery;
  const stuck = status === 'scheduled' && attention && !waiting;
  const held = waiting && waiting.why !== 'safe_hours';
  const [picture, look] = held || stuck ? ['warning', 'bad'] : (deliveryLook[status] ?? ['clock', 'quiet']);
  const failed = status === 'failed' || status === 'unknown';
  const when = status === 'scheduled' && after ? format.when(after) : '';
  const why = (failed || stuck) && reason ? `: ${reasonWords(t, reason)}` : waitingWords(pane, delivery);
  const address = to ? html`<span class="messenger-quiet">${worded(t, 'to', { address: to })}</span>` : '';
  const actions = [];
  if (failed) actions.push(actionView('retry', id, t('try_again')));
  if ((failed || stuck) && attention) actions.push(actionView('resolve', id, t('dealt_with'), 'delivery'));
  if (status === 'scheduled' && isLater(after, at)) actions.push(actionView('edit', id, t('edit_message')));
  if (status === 'scheduled' || status === 'queued') actions.push(actionView('cancel', id, t('cancel_message')));
  const first = status === 'scheduled' && unless === 'replied' ? t('delivery_unless_replied') : '';
  const words = [t(`delivery_${status}`, { when }), first, why];
  if (status !== 'sent' && status !== 'delivered')
    return stateView(pane, { of: 'delivery', look, picture, words, more: failed ? address : '', actions });
  const full = [t(`delivery_${status}`), address ? [' ', address] : ''];
  return quietView({ of: 'delivery', look, picture, words: t(`delivery_${status}`), full });
}

/**
 * Whether a message goes out at a time of its own; one that can only be undone does not.
 * @param {string|undefined} after
 * @param {string} at
 */
const isLater = (after, at) => Date.parse(after ?? '') - Date.parse(at) > 60_000;

/**
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
function recordView(pane, { id, delivery, record }) {
  const { channel, hub, t } = pane;
  const { status, reason, attention } = record;
  // Of a record that the host does not have nothing is said.
  if (status === 'not_required' && !hub.me?.record) return '';
  if (delivery.status === 'scheduled') return '';
  const held = status === 'held';
  const bad = held || status === 'failed';
  const good = status === 'saved' || status === 'amended';
  const name = channel?.client_name ?? '';
  const why = held ? worded(t, 'record_held_why', { name }) : bad ? reasonWords(t, reason) : '';
  const waits = waitingWords(pane, record);
  const full = [t(`record_${status}`), why ? [': ', why] : waits];
  if (!bad && !waits) {
    const look = good ? 'good' : 'quiet';
    return quietView({ of: 'record', look, picture: 'record', words: t(`record_short_${status}`), full });
  }
  const actions = [];
  if (bad) actions.push(actionView('file', id, held ? worded(t, 'it_is_them', { name }) : t('try_again')));
  if (bad && attention) actions.push(actionView('resolve', id, t('dealt_with'), 'record'));
  return stateView(pane, { of: 'record', look: 'bad', picture: 'warning', words: full, more: '', actions });
}

/**
 * What is nearly always so, in a word; in whole for who points at it, presses it or hears it.
 * @param {{of: string, look: string, picture: string, words: any, full: any}} state
 */
const quietView = ({ of, look, picture, words, full }) =>
  html`<span class="messenger-state" data-look=${look} data-of=${of}>
    ${icon(picture)}<span class="messenger-short" aria-hidden="true">${words}</span>
    <span class="messenger-full">${full}</span>
  </span>`;
