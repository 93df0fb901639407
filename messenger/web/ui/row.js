// What one row of the list looks like, and how what was searched for is marked in it.

import { html } from './html.js';
import { icon } from './icons.js';
import { readable } from './names.js';
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
    <a class="messenger-row-link" href="?channel=${encodeURIComponent(row.id)}" data-do="open" data-id=${row.id}
      tabindex=${tab} aria-current=${current ? 'true' : null}>
      ${topView(highlight(row.client_name, q), at, format)}
      ${wordsView(pane, row, q)}
      <span class="messenger-row-foot">
        ${row.unread_count ? countView(row.unread_count, t) : ''}
        <span class="messenger-tag" data-status=${row.status}>${t(`status_${row.status}`)}</span>
      </span>
      <span class="messenger-row-why">${row.attention.map((why) => attentionView(why, t))}</span>
    </a>
    ${pane.colleagues?.mayActIn(row.staff_id) ? quickView(row, tab, t) : ''}
  </div>`;
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
  const found = match?.field === 'message' ? match.excerpt : undefined;
  const words = found ?? last?.preview ?? '';
  const where = html`<bdi class="messenger-row-where">${t('found_in_message')}: </bdi>`;
  return html`<span class="messenger-row-words" dir="auto">
    ${found !== undefined ? where : last ? directionView(pane, last) : ''}${highlight(readable(words, t), q)}
  </span>`;
}

/**
 * Who wrote the last words, and that they have not gone out yet where that is so.
 * @param {import('./element.js').MessengerElement} pane
 * @param {Messenger.LastMessage} last
 */
export function directionView({ t, format, hub }, { direction, medium, send_after: after }) {
  if (direction !== 'outbound') return html`${icon('reply')}<bdi class="messenger-sr">${t('medium_web')}: </bdi>`;
  const soon = hub.api.now() + undoSeconds * 1000;
  if (!after || Date.parse(after) <= soon) return icon(medium === 'sms' ? 'sms' : 'email');
  const words = t('scheduled_words', { when: format.when(after) });
  return html`${icon('clock')}<bdi class="messenger-row-where">${words}: </bdi>`;
}

/**
 * @param {number} count
 * @param {Messenger.Translate} t
 */
const countView = (count, t) =>
  html`<span class="messenger-count">
    <span aria-hidden="true">${count}</span><span class="messenger-sr">${t('unread_replies', { count })}</span>
  </span>`;

/**
 * @param {string} why
 * @param {Messenger.Translate} t
 */
const attentionView = (why, t) =>
  html`<span class="messenger-tag" data-status="attention">${icon('warning')}${t(`attention_${why}`)}</span>`;

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

/** @param {string} text */
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * The text, with each word of the search in a `<mark>`.
 * @param {string} text
 * @param {string} q
 * @returns {(string|DocumentFragment)[]}
 */
function highlight(text, q) {
  const words = fold(q.trim()).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [text];
  const characters = [...text];
  let folded = '';
  /** @type {number[]} */
  const from = [];
  characters.forEach((c, i) => {
    for (const f of fold(c)) {
      folded += f;
      for (let n = 0; n < f.length; n++) from.push(i);
    }
  });
  const marked = new Set();
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (let n = at; n < at + word.length; n++) marked.add(from[n]);
    }
  }
  const parts = [];
  for (let i = 0; i < characters.length;) {
    const on = marked.has(i);
    let run = '';
    while (i < characters.length && marked.has(i) === on) run += characters[i++];
    parts.push(on ? html`<mark>${run}</mark>` : run);
  }
  return parts;
}
