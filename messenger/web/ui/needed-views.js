// How what needs a person looks: by reason, what can be done about those that are ticked, and what came of it.

import { errorWords, ApiError } from './api.js';
import { reasonWords, wordsOr } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { waitingWords } from './message.js';
import { isolated, readable, worded } from './names.js';
import { doings } from './needed.js';

/** @typedef {import('./messenger-overview.js').MessengerOverview} Overview */

/** @param {Overview} pane */
export function neededView(pane) {
  const { t, needed } = pane;
  const { items, next } = needed;
  const more = html`<button type="button" class="messenger-link messenger-more" data-do="more">
    ${t('load_more')}
  </button>`;
  const none = html`<div class="messenger-quiet">${t(items ? 'needed_empty' : 'loading')}</div>`;
  return html`<div class="messenger-section" data-key="needed">
    <div role="heading" aria-level="3" class="messenger-section-title">${t('needed')}</div>
    ${reasonsView(pane)}
    ${items?.length ? toolsForView(pane) : none}
    ${items?.length ? html`<div role="list">${items.map((item) => itemNeededView(pane, item))}</div>` : ''}
    ${next ? more : ''}
  </div>`;
}

/**
 * Which reasons there are, and of which one it is shown.
 * @param {Overview} pane
 */
function reasonsView({ t, needed: { counts, reason } }) {
  const all = Object.entries(counts).filter(([name, count]) => count || name === reason);
  if (all.length < 2 && !reason) return '';
  const shown = (/** @type {string} */ name, /** @type {any} */ words) => html`<div role="listitem" data-key=${name}>
    <button type="button" class="messenger-show" data-do="reason" data-reason=${name}
      aria-pressed=${String(reason === name)}>${words}</button>
  </div>`;
  const number = (/** @type {number} */ count) => html`<span class="messenger-number">${count}</span>`;
  return html`<div class="messenger-shows messenger-reasons" role="list" aria-label=${t('show')}>
    ${shown('', t('needed_all'))}
    ${all.map(([name, count]) => shown(name, [whyWords(t, name), ' ', number(count)]))}
  </div>`;
}

/**
 * What can be done about those that are ticked.
 * @param {Overview} pane
 */
function toolsForView({ t, needed }) {
  const { tickable, ticked } = needed;
  if (!tickable.length) return '';
  const all = tickable.every(({ id }) => ticked.has(id));
  const buttons = doings.map((what) => {
    const count = needed.tickedFor(what).length;
    return count
      ? html`<button type="button" class="messenger-button" data-kind="second" data-key=${what} data-do="several"
          data-what=${what}>${t(`needed_${what}`, { count })}</button>`
      : '';
  });
  return html`<div class="messenger-line messenger-needed-tools" data-key="tools">
    <button type="button" class="messenger-tool" data-do="tick-all">
      ${t(all ? 'needed_untick_all' : 'needed_tick_all')}
    </button>
    ${buttons}
  </div>`;
}

/**
 * @param {Messenger.Translate} t
 * @param {string} reason
 */
const whyWords = (t, reason) => wordsOr(t, `attention_${reason}`, reason.replaceAll('_', ' '));

/**
 * @param {Overview} pane
 * @param {Messenger.Needed} item
 */
function itemNeededView(pane, item) {
  const { t, format, needed } = pane;
  const { id, reason, since, channel } = item;
  const key = `${reason} ${id}`;
  const name = nameOf(item, t);
  const label = t('needed_tick', { name: isolated(name), reason: whyWords(t, reason) });
  const box = html`<input type="checkbox" class="messenger-tick" data-do="tick" data-id=${id}
    checked=${needed.ticked.has(id)} aria-label=${label}>`;
  const tickable = needed.tickable.some((one) => one === item);
  return html`<div role="listitem" class="messenger-needed" data-key=${key}>
    ${tickable ? box : html`<span class="messenger-needed-no"></span>`}
    <div class="messenger-needed-what">
      <div class="messenger-row-top">
        <span class="messenger-row-name">${channel ? neededWayView(pane, item) : html`<bdi>${name}</bdi>`}</span>
        <time class="messenger-row-time" datetime=${since}>${format.brief(since)}</time>
      </div>
      <div class="messenger-line">
        <span class="messenger-row-why">${icon('warning')}${whyWords(t, reason)}</span>
        ${channel && !pane.isOwn(channel.staff_id) ? forView(pane, channel.staff_id) : ''}
      </div>
      ${saidView(item, t)}
      ${becauseView(pane, item)}
      ${cameView(pane, item)}
    </div>
  </div>`;
}

/**
 * Who or what it is about, in plain text.
 * @param {Messenger.Needed} item
 * @param {Messenger.Translate} t
 */
function nameOf({ channel, unmatched, pause }, t) {
  if (channel) return channel.client_name;
  if (pause) return t(`needed_pause_of_${pause.of}`);
  return unmatched?.from ? t('text_from', { number: unmatched.from }) : t('text_from_hidden');
}

/**
 * @param {Overview} pane
 * @param {Messenger.Needed} item
 */
function neededWayView(pane, { channel, message }) {
  const id = channel?.id ?? '';
  const way = { channel: id, message: message?.id ?? '' };
  return html`<a class="messenger-link" href=${pane.addressOf(way)} data-do="channel" data-id=${id}
    data-message=${message?.id} data-client=${channel?.client_id}><bdi>${channel?.client_name}</bdi></a>`;
}

/**
 * @param {Overview} pane
 * @param {string} staffId
 */
const forView = (pane, staffId) =>
  html`<span class="messenger-quiet">${worded(pane.t, 'needed_for', { name: pane.nameOf(staffId) })}</span>`;

/**
 * The words that it is about.
 * @param {Messenger.Needed} item
 * @param {Messenger.Translate} t
 */
function saidView({ message, channel, unmatched }, t) {
  const words = message ? message.subject || message.body : (unmatched?.body ?? channel?.last_message?.preview);
  return words ? html`<div class="messenger-needed-words" dir="auto">${readable(words, t)}</div>` : '';
}

/**
 * Why, where more is known than the reason.
 * @param {Overview} pane
 * @param {Messenger.Needed} item
 */
function becauseView(pane, { reason, message, channel, pause }) {
  const { t } = pane;
  /** @type {any} */
  let words = '';
  if (pause) words = [waitingWords(pane, { waiting: pause }).slice(2), ' ', t('needed_pause', { count: pause.count })];
  else if (!message) return '';
  else if (reason === 'waiting') words = waitingWords(pane, waitsOf(message)).slice(2);
  else if (reason === 'record_held') words = worded(t, 'record_held_why', { name: channel?.client_name ?? '' });
  else words = reasonWords(t, reason.startsWith('record') ? message.record.reason : message.delivery.reason);
  return words ? html`<div class="messenger-quiet">${words}</div>` : '';
}

/**
 * The part of a message that waits.
 * @param {any} message
 */
const waitsOf = ({ delivery, record }) => (delivery.waiting ? delivery : record);

/**
 * What came of it, or what can be done.
 * @param {Overview} pane
 * @param {Messenger.Needed} item
 */
function cameView(pane, item) {
  const { t, needed } = pane;
  const result = needed.results.get(item.id);
  if (result?.ok) {
    const words = { retry: 'retrying', file: 'filing_again', resolve: 'resolved' }[result.did];
    return html`<div class="messenger-needed-came" data-key="came">${icon('tick')}${t(words)}</div>`;
  }
  const newest = result?.code === 'newer_messages' && needed.newest.get(item.id);
  if (newest) return followedView(newest, item.id, t);
  const failed = html`<div class="messenger-error" data-key="error">
    ${result && errorWords(t, new ApiError(result.code ?? 'internal', 0))}
  </div>`;
  return html`${result ? failed : ''}${doView(pane, item)}`;
}

/**
 * The question before a message is tried again that something newer followed.
 * @param {Messenger.Message} newest
 * @param {string} id
 * @param {Messenger.Translate} t
 */
const followedView = (newest, id, t) =>
  html`<div class="messenger-note" data-key="newer" data-look="look">
    ${icon('warning')}
    <span>${t('needed_newer')} <bdi>‘${readable(newest.subject || newest.body, t)}’</bdi></span>
    <span class="messenger-line">
      <button type="button" class="messenger-button" data-kind="second" data-do="all-the-same" data-id=${id}>
        ${t('needed_newer_sure')}
      </button>
      <button type="button" class="messenger-link" data-do="think-again" data-id=${id}>${t('cancel')}</button>
    </span>
  </div>`;

/**
 * @param {Overview} pane
 * @param {Messenger.Needed} item
 */
function doView({ t }, { id, can, reason, channel, unmatched }) {
  const held = reason === 'record_held';
  const button = (/** @type {string} */ does, /** @type {any} */ words, /** @type {string} */ what = '') =>
    html`<button type="button" class="messenger-link" data-key="${does} ${what}" data-do=${does} data-id=${id}
      data-what=${what || null} data-staff=${channel?.staff_id}><span>${words}</span></button>`;
  const filing = held ? worded(t, 'it_is_them', { name: channel?.client_name ?? '' }) : t('try_again');
  return html`<div class="messenger-line" data-key="do">
    ${can.includes('retry') ? button('one', t('try_again'), 'retry') : ''}
    ${can.includes('file') ? button('one', filing, 'file') : ''}
    ${can.includes('resolve') ? button('one', t('dealt_with'), 'resolve') : ''}
    ${can.includes('cover') ? button('cover', t('absence_set')) : ''}
    ${unmatched ? button('texts', t('texts')) : ''}
  </div>`;
}
