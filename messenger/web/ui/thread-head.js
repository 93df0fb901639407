// The head of the thread: who the channel is with, whose it is, and what went wrong.

import { alertView } from './element.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { later } from './later.js';
import { lookingView } from './looking.js';
import { worded } from './names.js';
import { todayView } from './today.js';
import { restrictedView } from './ways.js';

/** @typedef {import('./messenger-thread.js').MessengerThread} Pane */

/**
 * The head while no channel can be shown.
 * @param {Pane} pane
 */
export function blankView({ t, thread, unloaded, waiting }) {
  const loading = html`<div>${t('loading')}</div>`;
  return html`<div class="messenger-thread-bar" hidden=${!thread && !unloaded}>${backView(t)}</div>
    ${unloaded ? alertView(unloaded, 'again', t('retry')) : ''}
    <div class="messenger-blank">${unloaded ? '' : thread ? loading : todayView(t, waiting)}</div>`;
}

/**
 * @param {Pane} pane
 * @param {Messenger.Channel} channel
 */
export function headView(pane, channel) {
  const { t } = pane;
  const { client, client_name: name } = channel;
  return html`<div class="messenger-thread-bar">
      ${backView(t)}
      <button type="button" class="messenger-link messenger-to-side" data-do="side">${t('details')}</button>
    </div>
    <div class="messenger-client">
      <div role="heading" aria-level="2" class="messenger-title" tabindex="-1" dir="auto">${name}</div>
      ${client.restricted ? markView('restricted', t) : ''}
      ${client.deceased ? markView('deceased', t) : ''}
      ${factsView(pane, client)}
    </div>
    ${restrictedView(client, t)}
    ${later.safeView(client, t, pane.lang)}
    ${pane.hub.me && !pane.isOwn ? whoseView(pane, channel) : ''}
    ${foundView(pane)}
    ${pane.joined ? joinedView(t, name) : ''}
    ${problemView(pane)}`;
}

/**
 * That another conversation has become part of this one while it was open.
 * @param {Messenger.Translate} t
 * @param {string} name
 */
const joinedView = (t, name) =>
  html`<div class="messenger-note" data-key="joined" data-look="look">
    ${icon('person')}<span>${worded(t, 'joined_now', { name })}</span>
    <button type="button" class="messenger-link" data-do="dismiss">${t('dismiss')}</button>
  </div>`;

/**
 * Whose channel it is, when it is a colleague's.
 * @param {Pane} pane
 * @param {Messenger.Channel} channel
 */
function whoseView(pane, { staff_id: owner }) {
  const { t, colleagues, thread, mayAct } = pane;
  if (!colleagues) return '';
  const name = colleagues.nameOf(owner, t);
  const read = html`<button type="button" class="messenger-button" data-kind="second" data-do="read-for">
    <span>${worded(t, 'read_for', { name })}</span>
  </button>`;
  return lookingView(pane, colleagues, owner, mayAct && thread?.unread.length ? read : '');
}

/**
 * What was searched for, and the ways to where else it stands.
 * @param {Pane} pane
 */
function foundView({ t, found: { id, q } }) {
  if (!id || !q) return '';
  return html`<div class="messenger-tools" data-key="found">
    <span class="messenger-found-words">${worded(t, 'found_words', { q })}</span>
    <span class="messenger-tools-end">
      <button type="button" class="messenger-tool" data-do="found-previous">${t('found_previous')}</button>
      <button type="button" class="messenger-tool" data-do="found-next">${t('found_next')}</button>
      <button type="button" class="messenger-tool" data-do="found-over" aria-label=${t('search_clear')}>
        ${icon('cross')}
      </button>
    </span>
  </div>`;
}

/** @param {Pane} pane */
function problemView({ t, unloaded, problem }) {
  if (unloaded) return alertView(unloaded, 'again', t('retry'));
  return problem ? alertView(problem, 'dismiss', t('dismiss')) : '';
}

/**
 * @param {Pane} pane
 * @param {Messenger.Client} client
 */
function factsView({ t, format }, { nhs_number: number, date_of_birth: born, gp, restricted }) {
  const surgery = restricted ? t('address_hidden') : html`<bdi>${gp?.name ?? t('not_recorded')}</bdi>`;
  return html`<div role="list" class="messenger-facts">
    ${factView(t('nhs_number'), html`<bdi class="messenger-nhs">${number ?? t('not_recorded')}</bdi>`)}
    ${factView(t('date_of_birth'), html`<bdi>${born ? format.date(born) : t('not_recorded')}</bdi>`)}
    ${factView(t('gp'), surgery)}
  </div>`;
}

/**
 * @param {string} name
 * @param {any} value
 */
const factView = (name, value) =>
  html`<div role="listitem">
    <span class="messenger-fact-name">${name}</span> <span class="messenger-fact">${value}</span>
  </div>`;

/** @param {Messenger.Translate} t */
const backView = (t) =>
  html`<button type="button" class="messenger-back messenger-from-thread" data-do="back">
    ${icon('back')}<span class="messenger-back-words">${t('back_to_list')}</span>
  </button>`;

/**
 * @param {'restricted'|'deceased'} what
 * @param {Messenger.Translate} t
 */
const markView = (what, t) =>
  html`<span class="messenger-tag" data-status="attention">
    ${what === 'restricted' ? icon('warning') : ''}${t(what)}
  </span>`;
