// How the day's end looks: the answer, and the inboxes with what waits in each.

import { html } from './html.js';
import { icon } from './icons.js';
import { worded } from './names.js';

/** @typedef {import('./messenger-overview.js').MessengerOverview} Pane */

/** @type {Record<string, {look: string, picture: string}>} */
const looks = {
  yes: { look: 'good', picture: 'tick' },
  no: { look: 'bad', picture: 'warning' },
  checking: { look: 'quiet', picture: 'clock' },
  loading: { look: 'quiet', picture: 'clock' },
};

/**
 * Whether one may go home, and why not.
 * @param {Pane} pane
 */
export function answerView(pane) {
  const { t, format, answer, overview, at } = pane;
  const { look, picture } = looks[answer];
  const words = answer === 'loading' ? t('loading') : t(`overview_${answer}`);
  const why = answer === 'no' && overview ? `: ${whyNotYet(overview, t)}` : '';
  const time = html`<span class="messenger-quiet" aria-hidden="true">
    ${at ? t('overview_at', { time: format.time(new Date(at).toISOString()) }) : ''}
  </span>`;
  return html`<div class="messenger-answer" data-key="answer" data-look=${look}>
    ${icon(picture)}<span role="status"><span class="messenger-strong">${words}</span>${why}</span>${time}
  </div>`;
}

/**
 * All that is left, counted over what is shown.
 * @param {Messenger.Overview} overview
 * @param {Messenger.Translate} t
 */
function whyNotYet({ inboxes, unmatched, waiting }, t) {
  const sum = (/** @type {'unread'|'overdue'|'attention'} */ of) => inboxes.reduce((all, one) => all + one[of], 0);
  const counts = {
    overview_unread: sum('unread'),
    overview_overdue: sum('overdue'),
    overview_attention: sum('attention'),
    overview_uncovered: inboxes.filter(({ uncovered }) => uncovered).length,
    texts_waiting: unmatched,
    overview_waiting: waiting,
  };
  const words = Object.entries(counts).flatMap(([key, count]) => (count ? t(key, { count }) : []));
  return words.join(', ');
}

/**
 * @param {Pane} pane
 * @param {Messenger.Overview} overview
 */
export function inboxesView(pane, { inboxes, unmatched }) {
  const { t } = pane;
  const texts = html`<div><button type="button" class="messenger-link" data-key="texts" data-do="texts">
    ${icon('warning')}${t('texts_waiting', { count: unmatched })}
  </button></div>`;
  return html`<div class="messenger-section" data-key="inboxes">
    <div role="heading" aria-level="3" class="messenger-section-title">${t('overview_inboxes')}</div>
    <div role="list" class="messenger-overview-inboxes">${inboxes.map((inbox) => inboxLineView(pane, inbox))}</div>
    ${unmatched ? texts : ''}
  </div>`;
}

/**
 * @param {Pane} pane
 * @param {Messenger.InboxOverview} inbox
 */
function inboxLineView(pane, inbox) {
  const { t } = pane;
  const { staff_id: id, name } = inbox;
  const own = pane.isOwn(id);
  return html`<div role="listitem" class="messenger-overview-inbox" data-key=${id}
    data-look=${inbox.uncovered || inbox.unread + inbox.attention > 0 ? 'bad' : 'good'}>
    <div class="messenger-line">
      <span class="messenger-strong">${own ? t('inbox_own') : html`<bdi>${name}</bdi>`}</span>
      ${presenceView(inbox, t)}
    </div>
    <div class="messenger-line">${figuresView(pane, inbox)}</div>
    <div class="messenger-line">
      ${pane.mayOpen(id) ? openView(pane, inbox, own) : ''}
      ${pane.maySayAway(id) ? [awayView(inbox, own, t), overView(inbox, t)] : ''}
    </div>
  </div>`;
}

/**
 * Whether its owner is there, and who covers.
 * @param {Messenger.InboxOverview} inbox
 * @param {Messenger.Translate} t
 */
function presenceView({ state, cover, uncovered }, t) {
  if (state === 'here') return '';
  const tag = html`<span class="messenger-tag" data-status=${cover ? 'open' : 'attention'}>
    ${t(`overview_${state}`)}
  </span>`;
  const who = cover ? worded(t, 'overview_covered', { name: cover.name }) : t('overview_uncovered');
  const todo = state === 'away' ? who : uncovered ? t('overview_take_over') : '';
  return html`${tag}${todo ? html`<span class="messenger-quiet">${todo}</span>` : ''}`;
}

/**
 * What waits in an inbox: only what is not nothing, each a way to it.
 * @param {Pane} pane
 * @param {Messenger.InboxOverview} inbox
 */
function figuresView(pane, inbox) {
  const { t, format } = pane;
  const { staff_id: id, unread, overdue, attention, awaiting, scheduled, oldest_unread_at: since } = inbox;
  const old = unread && since ? `, ${t('overview_since', { when: format.when(since) })}` : '';
  const later = html`<span class="messenger-quiet">${t('overview_scheduled', { count: scheduled })}</span>`;
  const figures = [
    unread ? figureView(pane, id, 'open', t('overview_unread', { count: unread }) + old) : '',
    overdue ? figureView(pane, id, 'attention', t('overview_overdue', { count: overdue })) : '',
    attention ? figureView(pane, id, 'attention', t('overview_attention', { count: attention })) : '',
    awaiting ? figureView(pane, id, 'awaiting', t('overview_awaiting', { count: awaiting })) : '',
    scheduled ? later : '',
  ];
  const waits = unread + overdue + attention > 0;
  return html`${waits ? '' : html`<span class="messenger-quiet">${t('overview_fine')}</span>`}${figures}`;
}

/**
 * @param {Pane} pane
 * @param {string} id
 * @param {string} show
 * @param {string} words
 */
function figureView(pane, id, show, words) {
  if (!pane.mayOpen(id)) return html`<span>${words}</span>`;
  const href = pane.addressOf({ inbox: pane.isOwn(id) ? '' : id, show });
  return html`<a class="messenger-link" href=${href} data-do="inbox" data-staff=${id} data-show=${show}>${words}</a>`;
}

/**
 * @param {Pane} pane
 * @param {Messenger.InboxOverview} inbox
 * @param {boolean} own
 */
function openView(pane, { staff_id: id, name }, own) {
  const { t } = pane;
  const words = own ? t('overview_open_own') : worded(t, 'overview_open', { name });
  return html`<a class="messenger-link" data-key="open" href=${pane.addressOf({ inbox: own ? '' : id })} data-do="inbox"
    data-staff=${id} data-show="all"><span>${words}</span></a>`;
}

/**
 * The way to say that the owner is away, or who covers.
 * @param {Messenger.InboxOverview} inbox
 * @param {boolean} own
 * @param {Messenger.Translate} t
 */
function awayView({ staff_id: id, name, state, cover }, own, t) {
  if (state === 'left') return '';
  const missing = state === 'away' && !cover;
  const away = own ? t('absence') : worded(t, 'absence_of', { name });
  const words = missing ? t('absence_set') : state === 'away' ? t('absence_change') : away;
  return html`<button type="button" class=${missing ? 'messenger-button' : 'messenger-link'} data-key="away"
    data-kind=${missing ? 'second' : null} data-do="cover" data-staff=${id}><span>${words}</span></button>`;
}

/**
 * The way to hand an inbox over, which is wanted where it has no owner any more.
 * @param {Messenger.InboxOverview} inbox
 * @param {Messenger.Translate} t
 */
function overView({ staff_id: id, state }, t) {
  const left = state === 'left';
  return html`<button type="button" class=${left ? 'messenger-button' : 'messenger-link'} data-key="over"
    data-kind=${left ? 'second' : null} data-do="handover" data-staff=${id}>${t('handover')}</button>`;
}
