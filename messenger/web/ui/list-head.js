// The head of the list: whose inbox, the search, what is shown of it, and what can be done with several rows.

import { alertView } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { searchLimit } from './limits.js';
import { shows } from './list.js';
import { lookingView } from './looking.js';
import { isolated, worded } from './names.js';

/** @typedef {import('./messenger-list.js').MessengerList} Pane */

/** @param {Pane} pane */
export function listHeadView(pane) {
  const { t, problem } = pane;
  return html`<div class="messenger-list-top">
      ${inboxView(pane)}
      <button type="button" class="messenger-button" data-do="new">${icon('plus')}${t('new_message')}</button>
    </div>
    ${searchView(pane)}
    <div class="messenger-shows" role="list" aria-label=${t('show')}>
      ${shows.filter((show) => isOffered(pane, show)).map((show) => showView(pane, show))}
    </div>
    ${pane.marking.marked.length ? markedView(pane) : toolsView(pane)}
    <div class="messenger-elsewhere">
      <button type="button" class="messenger-link messenger-several" data-do="overview">${t('overview')}</button>
      <button type="button" class="messenger-link messenger-several" data-do="several">${t('several')}</button>
      <button type="button" class="messenger-link messenger-several" data-do="desk">${t('desk_open')}</button>
    </div>
    ${textsView(pane)}
    ${coveringView(pane)}
    ${colleagueView(pane)}
    ${problem ? alertView(problem, 'again', t('retry')) : ''}`;
}

/**
 * Whose inbox it is, and whose may be chosen.
 * @param {Pane} pane
 */
function inboxView({ t, colleagues, hub, staffId }) {
  const me = hub.me?.staff.id;
  const others = colleagues?.others ?? [];
  if (!me || !others.length) {
    return html`<div role="heading" aria-level="2" class="messenger-list-title">${t('inbox_own')}</div>`;
  }
  const shown = staffId ?? me;
  const title = shown === me ? t('inbox_own') : t('inbox_of', { name: colleagues?.nameOf(shown, t) ?? '' });
  return html`<div role="heading" aria-level="2" class="messenger-sr">${title}</div>
    <label class="messenger-inbox-label">
      <span class="messenger-inbox-name" aria-hidden="true"><bdi>${title}</bdi></span>
      <span class="messenger-sr">${t('inbox_choose')}</span>
      <select class="messenger-inbox-choice">
        <option value=${me} selected=${shown === me}>${t('inbox_own')}</option>
        ${others.map((inbox) => optionView(inbox, shown === inbox.staff_id, t))}
      </select>
    </label>`;
}

/**
 * @param {Messenger.Inbox} inbox
 * @param {boolean} selected
 * @param {Messenger.Translate} t
 */
function optionView({ staff_id: id, name, unread: count }, selected, t) {
  const whose = t('inbox_of', { name: isolated(name) });
  const words = count ? t('inbox_option', { name: whose, count }) : whose;
  return html`<option value=${id} selected=${selected}>${words}</option>`;
}

/** @param {Pane} pane */
function searchView({ t, list }) {
  const clear = html`<button type="button" class="messenger-clear" data-do="clear" aria-label=${t('search_clear')}>
    ${icon('cross')}
  </button>`;
  return html`<div class="messenger-search">
    ${icon('search')}
    <input type="search" class="messenger-search-box" dir="auto" aria-label=${t('search')} placeholder=${t('search')}
      maxlength=${searchLimit} autocomplete="off" spellcheck="false">
    ${list?.q ? clear : ''}
  </div>`;
}

/**
 * Whether there is a way to a list: to what is scheduled, or awaited, only while something is.
 * @param {Pane} pane
 * @param {import('./list.js').Show} show
 */
const isOffered = ({ list }, show) =>
  (show !== 'scheduled' && show !== 'awaiting') || list?.show === show || Boolean(list?.counts?.[show]);

/**
 * @param {Pane} pane
 * @param {import('./list.js').Show} show
 */
function showView({ t, list }, show) {
  const number = list?.numberOf(show);
  const on = (list?.show ?? 'all') === show;
  return html`<div role="listitem">
    <button type="button" class="messenger-show" data-do="show" data-show=${show} aria-pressed=${String(on)}>
      ${t(`show_${show}`)}
      ${number === undefined ? '' : html`<span class="messenger-number">${number}</span>`}
    </button>
  </div>`;
}

/**
 * The order, and what can be done with several rows.
 * @param {Pane} pane
 */
function toolsView(pane) {
  const { t, list, marking } = pane;
  const selecting = Boolean(marking.ticked);
  const count = marking.wanted.length;
  const order = t(`sort_${list?.sort ?? 'newest'}`);
  const all = html`<button type="button" class="messenger-tool" data-key="mark-all" data-do="mark-all">
    ${icon('tick')}${t('mark_all', { count })}
  </button>`;
  return html`<div class="messenger-tools">
    <button type="button" class="messenger-tool" data-key="order" data-do="order" hidden=${selecting}
      aria-label="${t('sort')}: ${order}">${icon('clock')}${order}</button>
    ${count ? all : selecting ? html`<span class="messenger-quiet">${t('tick_hint')}</span>` : ''}
    <span class="messenger-tools-end">
      ${awayToolView(pane)}
      <button type="button" class="messenger-tool" data-key="select" data-do="select"
        aria-pressed=${String(selecting)}>${t(selecting ? 'select_end' : 'select')}</button>
      <button type="button" class="messenger-tool" data-key="keys" data-do="keys" aria-label=${t('keys_title')}>
        ?
      </button>
    </span>
  </div>`;
}

/**
 * The way to say that the owner of the inbox is away.
 * @param {Pane} pane
 */
function awayToolView({ t, colleagues, hub, staffId, marking }) {
  if (!colleagues || staffId === undefined || !hub.me) return '';
  if (!colleagues.mayActIn(staffId) && !hub.me.permissions.includes('manages')) return '';
  const own = colleagues.isOwn(staffId);
  const label = own ? t('absence') : t('absence_of', { name: colleagues.nameOf(staffId, t) });
  return html`<button type="button" class="messenger-tool" data-key="away" data-do="away"
    hidden=${Boolean(marking.ticked)} aria-label=${label}>${t('absence_tool')}</button>`;
}

/**
 * Whom the asker covers, above their own inbox.
 * @param {Pane} pane
 */
function coveringView({ t, format, hub, colleagues, staffId }) {
  if (!colleagues?.isOwn(staffId)) return '';
  return hub.me?.covering?.map(({ staff_id: id, name, until }) => {
    const words = { name, when: until ? format.when(until) : '' };
    return html`<div class="messenger-note messenger-covering" data-key="covering ${id}" data-look="look">
      ${icon('person')}<span>${worded(t, until ? 'covering_until' : 'covering', words)}</span>
    </div>`;
  });
}

/**
 * What was marked as done at once, and the way back.
 * @param {Pane} pane
 */
function markedView({ t, marking }) {
  return html`<div class="messenger-tools">
    <span>${t('marked', { count: marking.marked.length })}</span>
    <span class="messenger-tools-end">
      <button type="button" class="messenger-tool" data-key="mark-undo" data-do="mark-undo">${t('undo')}</button>
      <button type="button" class="messenger-tool" data-key="mark-over" data-do="mark-over">${t('close')}</button>
    </span>
  </div>`;
}

/**
 * The way to the texts that no conversation claims, while there are any.
 * @param {Pane} pane
 */
function textsView({ t, hub }) {
  const count = hub.me?.unmatched_count;
  if (!count) return '';
  return html`<button type="button" class="messenger-link messenger-several" data-key="texts" data-do="texts">
    ${icon('warning')} ${t('texts_waiting', { count })}
  </button>`;
}

/**
 * What may be done in a colleague's inbox, while no channel says so.
 * @param {Pane} pane
 */
function colleagueView(pane) {
  const { colleagues, staffId, current, hub } = pane;
  if (!colleagues || !hub.me || staffId === undefined || colleagues.isOwn(staffId) || current) return '';
  return lookingView(pane, colleagues, staffId);
}
