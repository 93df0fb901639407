// What one row of the list looks like, and how what was searched for is marked in it.

import { html } from './html.js';
import { icon } from './icons.js';

/**
 * @param {import('./messenger-inbox.js').MessengerInbox} page
 * @param {Messenger.Row|undefined} row
 * @param {boolean} reachable whether Tab stops at it
 * @param {string} q what was searched for
 */
export function rowView(page, row, reachable, q) {
  if (!row) return '';
  const { t, format } = page;
  const current = row.id === page.channel;
  const done = row.status === 'done';
  const tab = reachable ? '0' : '-1';
  const last = row.last_message;
  const match = row.match?.field === 'message' ? row.match : undefined;
  return html`<li class="messenger-row" data-key=${row.id} data-status=${row.status} data-current=${current}>
    <a class="messenger-row-link" href="?channel=${encodeURIComponent(row.id)}" data-do="open" data-id=${row.id} tabindex=${tab} aria-current=${current ? 'true' : null}>
      ${topView(highlight(row.client_name, q), last?.at ?? row.updated_at, format)}
      <span class="messenger-row-words">${match ? html`<span class="messenger-row-where">${t('found_in_message')}: </span>` : last ? directionView(last, t) : ''}${highlight((match ? match.excerpt : last?.preview) ?? '', q)}</span>
      <span class="messenger-row-foot">
        ${row.unread_count > 0 ? html`<span class="messenger-count"><span aria-hidden="true">${row.unread_count}</span><span class="messenger-sr">${t('unread_replies', { count: row.unread_count })}</span></span>` : ''}
        <span class="messenger-tag" data-status=${row.status}>${t(`status_${row.status}`)}</span>
      </span>
      <span class="messenger-row-why">${row.attention.map((why) => html`<span class="messenger-tag" data-status="attention">${icon('warning')}${t(`attention_${why}`)}</span>`)}</span>
    </a>
    ${page.mayActIn(row.staff_id) ? html`<button type="button" class="messenger-quick" data-do="quick" data-id=${row.id} tabindex=${tab} aria-label=${t(done ? 'mark_open_for' : 'mark_done_for', { name: row.client_name })}>${icon(done ? 'open' : 'tick')}<span>${t(done ? 'mark_open' : 'mark_done')}</span></button>` : ''}
  </li>`;
}

/**
 * A row's first line: who, and when it was.
 * @param {any} name
 * @param {string} at
 * @param {Messenger.Format} format
 */
export const topView = (name, at, format) => html`<span class="messenger-row-top">
  <span class="messenger-row-name">${name}</span>
  <time class="messenger-row-time" datetime=${at}>${format.brief(at)}</time>
</span>`;

/**
 * @param {Messenger.LastMessage} last
 * @param {Messenger.Translate} t
 */
const directionView = (last, t) =>
  last.direction === 'outbound'
    ? icon(last.medium === 'sms' ? 'sms' : 'email')
    : html`${icon('reply')}<span class="messenger-sr">${t('medium_web')}: </span>`;

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
