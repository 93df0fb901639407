// What the list shows below its head: the rows by status, or why there are none.

import { html } from './html.js';
import { worded } from './names.js';
import { rowView } from './row.js';

/** @typedef {import('./messenger-list.js').MessengerList} Pane */

/** How many grey shapes stand where rows will be. */
const greyRows = 5;

/**
 * @param {Pane} pane
 * @param {{groups: {name: string, ids: string[]}[], moved: boolean}|undefined} view
 */
export function rowsView(pane, view) {
  const { list } = pane;
  const groups = (list?.loaded && view?.groups) || [];
  return html`${view?.moved ? listButtonView(pane, 'messenger-moved', 'moved', 'list_moved') : ''}
    ${groups.length ? groups.map((group) => groupView(pane, group)) : emptyView(pane)}
    ${list?.next ? listButtonView(pane, 'messenger-link messenger-more', 'more', 'load_more') : ''}`;
}

/** @param {Pane} pane */
function emptyView({ t, list, problem }) {
  if (!list?.loaded) return problem ? '' : loadingView(t);
  const q = list.q.trim();
  const words = q ? worded(t, 'empty_search', { q }) : t(`empty_${list.show}`);
  return html`<div class="messenger-empty" data-key="empty">${words}</div>`;
}

/**
 * What is to come, in its shape.
 * @param {Messenger.Translate} t
 */
function loadingView(t) {
  const shape = html`<div class="messenger-row-shape"></div>`;
  return html`<div class="messenger-loading" data-key="loading">
    <div class="messenger-sr">${t('loading')}</div>
    ${Array.from({ length: greyRows }, () => shape.cloneNode(true))}
  </div>`;
}

/**
 * @param {Pane} pane
 * @param {string} look
 * @param {string} does
 * @param {string} words
 */
function listButtonView({ t }, look, does, words) {
  return html`<button type="button" class=${look} data-key=${does} data-do=${does}>${t(words)}</button>`;
}

/**
 * @param {Pane} pane
 * @param {{name: string, ids: string[]}} group
 */
function groupView(pane, { name, ids }) {
  const { t, list, reach } = pane;
  const title = t(`group_${name}`);
  const rows = ids.flatMap((id) => list?.rows.get(id) ?? []);
  const q = list?.q.trim() ?? '';
  return html`<div class="messenger-group" data-key="group ${name}">
    <div class="messenger-group-title" role="heading" aria-level="3">${title}</div>
    <div role="list" aria-label=${title}>${rows.map((row) => rowView(pane, row, row.id === reach, q))}</div>
  </div>`;
}
