// What one row of the list looks like, and how what was searched for is marked in it.

import { coveredName } from './colleagues.js';
import { placesOf } from './found.js';
import { html } from './html.js';
import { pageAddress } from './place.js';
import { icon } from './icons.js';
import { readable, worded } from './names.js';
import { undoSeconds } from './undo.js';

/**
 * @param {import('./messenger-list.js').MessengerList} pane
 * @param {Messenger.Row} row
 * @param {boolean} reachable whether Tab stops at it
 * @param {string} q what was searched for
 */
export function rowView(pane, row, reachable, q) {
  const { t, format } = pane;
  const current = row.id === pane.current;
  const tab = reachable ? '0' : '-1';
  const at = row.last_message?.at ?? row.updated_at;
  return html`<div role="listitem" class="messenger-row" data-key=${row.id} data-status=${row.status}
    data-current=${current}>
    ${tickBoxView(pane, row)}
    <a class="messenger-row-link" href=${pageAddress({ channel: row.id, message: '' }).search} data-do="open"
      data-id=${row.id} tabindex=${tab} aria-current=${current ? 'true' : null}>
      ${topView(highlight(row.client_name, q, true), at, format)}
      ${wordsView(pane, row, q)}
      <span class="messenger-row-foot">
        ${coveredView(pane, row.covered_for)}
        ${row.attention.map((why) => attentionView(why, t))}
        ${awaitedView(pane, row)}
        ${scheduledView(row, t)}
        <span class="messenger-tag" data-status=${row.status}>
          ${t(`status_${row.status}`)}${row.unread_count > 1 ? countView(row.unread_count, t) : ''}
        </span>
      </span>
    </a>
    ${pane.colleagues?.mayActIn(row.staff_id) ? quickView(row, tab, t) : ''}
  </div>`;
}

/**
 * The tick box of a row, while rows can be ticked.
 * @param {import('./messenger-list.js').MessengerList} pane
 * @param {Messenger.Row} row
 */
function tickBoxView({ t, marking: { ticked } }, { id, status, client_name: name }) {
  if (!ticked) return '';
  return html`<input type="checkbox" class="messenger-tick" data-do="tick" data-id=${id} checked=${ticked.has(id)}
    disabled=${status !== 'open'} aria-label=${t('tick', { name })}>`;
}

/**
 * A row's first line: who, and when it was.
 * @param {any} name
 * @param {string} at
 * @param {Messenger.Format} format
 */
export const topView = (name, at, format) =>
  html`<span class="messenger-row-top">
    <span class="messenger-row-name"><bdi>${name}</bdi></span>
    <time class="messenger-row-time" datetime=${at}>${format.brief(at)}</time>
  </span>`;

/**
 * The last words, or those that were found. The block's direction is that of the person's words: ours stand apart.
 * @param {import('./messenger-list.js').MessengerList} pane
 * @param {Messenger.Row} row
 * @param {string} q
 */
function wordsView(pane, { last_message: last, match }, q) {
  const { t } = pane;
  const where = html`<bdi class="messenger-row-where">${t('found_in_message')}: </bdi>`;
  const found = match?.field === 'message' && [where, ...highlight(readable(match.excerpt, t), q, false)];
  const words = found || (last ? lastWordsView(pane, last, q) : '');
  return html`<span class="messenger-row-words" dir="auto">${words}</span>`;
}

/**
 * The last words: whose they are, an email's subject, and how they begin.
 * @param {import('./element.js').MessengerElement} pane
 * @param {Messenger.LastMessage} last
 * @param {string} [q] what was searched for
 */
export function lastWordsView(pane, last, q = '') {
  const marked = (/** @type {string} */ text) => highlight(readable(text, pane.t), q, false);
  const subject = last.subject && html`<bdi class="messenger-row-subject">${marked(last.subject)}</bdi>`;
  const words = last.preview || (last.direction === 'outbound' ? pane.t('private_mark') : '');
  return html`${directionView(pane, last)}${subject ? [subject, ' – '] : ''}${marked(words)}`;
}

/**
 * Who wrote the last words, and that they have not gone out yet where that is so.
 * @param {import('./element.js').MessengerElement} pane
 * @param {Messenger.LastMessage} last
 */
function directionView({ t, format, hub }, { direction, medium, send_after: after }) {
  if (direction !== 'outbound') return html`${icon('reply')}<bdi class="messenger-sr">${t('medium_web')}: </bdi>`;
  const soon = hub.api.now() + undoSeconds * 1000;
  if (!after || Date.parse(after) <= soon) return icon(medium === 'sms' ? 'sms' : 'email');
  const words = t('scheduled_words', { when: format.when(after) });
  return html`${icon('clock')}<bdi class="messenger-row-where">${words}: </bdi>`;
}

/**
 * For whom it is, where the asker covers them.
 * @param {import('./element.js').MessengerElement} pane
 * @param {string|undefined} staffId
 */
export function coveredView({ t, hub }, staffId) {
  if (!staffId) return '';
  const name = coveredName(hub, staffId) ?? t('a_colleague');
  return html`<span class="messenger-row-for"><span>${worded(t, 'covered_for', { name })}</span></span>`;
}

/**
 * @param {number} count
 * @param {Messenger.Translate} t
 */
const countView = (count, t) =>
  html` <span aria-hidden="true">${count}</span><span class="messenger-sr">${t('unread_replies', { count })}</span>`;

/**
 * That something is still to go out, unless the last words are it.
 * @param {Messenger.Row} row
 * @param {Messenger.Translate} t
 */
function scheduledView({ scheduled_count: count, last_message: last }, t) {
  if (!count || (count === 1 && last?.send_after)) return '';
  return html`<span class="messenger-row-later">${icon('clock')}${t('scheduled_count', { count })}</span>`;
}

/**
 * That an answer is waited for, and until when; what is overdue is among what needs a person.
 * @param {import('./messenger-list.js').MessengerList} pane
 * @param {Messenger.Row} row
 */
function awaitedView({ t, format }, { awaiting }) {
  if (awaiting?.status !== 'waiting') return '';
  const day = format.day(`${awaiting.by}T12:00`);
  return html`<span class="messenger-row-later">${icon('clock')}${t('awaiting_row', { day })}</span>`;
}

/**
 * @param {string} why
 * @param {Messenger.Translate} t
 */
const attentionView = (why, t) =>
  html`<span class="messenger-row-why">${icon('warning')}${t(`attention_${why}`)}</span>`;

/**
 * @param {Messenger.Row} row
 * @param {string} tab
 * @param {Messenger.Translate} t
 */
function quickView({ id, status, client_name: name }, tab, t) {
  const done = status === 'done';
  return html`<button type="button" class="messenger-quick" data-do="quick" data-id=${id} tabindex=${tab}
    aria-label=${t(done ? 'mark_open_for' : 'mark_done_for', { name })}>
    ${icon(done ? 'open' : 'tick')}<span>${t(done ? 'mark_open' : 'mark_done')}</span>
  </button>`;
}

/**
 * The text, with each word of the search in a `<mark>`.
 * @param {string} text
 * @param {string} q
 * @param {boolean} anywhere whether inside a word too
 * @returns {(string|DocumentFragment)[]}
 */
function highlight(text, q, anywhere) {
  let at = 0;
  const parts = placesOf(text, q, anywhere).flatMap(([start, end]) => {
    const before = text.slice(at, start);
    at = end;
    return [before, html`<mark>${text.slice(start, end)}</mark>`];
  });
  return [...parts, text.slice(at)].filter((part) => part !== '');
}
