// The middle of the page while no conversation is open: what waits, and the ways there.

import { html } from './html.js';
import { icon } from './icons.js';

/**
 * @typedef {{unread: number, failed: number, attention: number, tomorrow: number}} Waiting what waits in an inbox:
 * conversations with an unread reply, with a message that was not delivered, with something else that needs attention;
 * clients whom something written to several reaches tomorrow
 */

/**
 * What comes once it is counted comes below the rest, so that nothing moves.
 * @param {Messenger.Translate} t
 * @param {Waiting|undefined} waiting undefined while nobody has counted
 */
export function todayView(t, waiting) {
  const ways = waiting ? waysOf(waiting) : [];
  const nothing = waiting && !ways.length;
  return html`<div role="heading" aria-level="2" class="messenger-blank-title">
      ${t(nothing ? 'today_nothing' : ways.length ? 'today_waits' : 'choose_channel')}
    </div>
    <div>${t('choose_channel_hint')}</div>
    <div role="list" class="messenger-today" hidden=${!ways.length}>${ways.map((way) => wayView(t, way))}</div>`;
}

/** @typedef {{to: 'unread'|'attention'|'several', words: string, count: number, picture: string}} Way */

/**
 * @param {Waiting} waiting
 * @returns {Way[]}
 */
function waysOf({ unread, failed, attention, tomorrow }) {
  /** @type {Way[]} */
  const all = [
    { to: 'unread', words: 'today_unread', count: unread, picture: 'reply' },
    { to: 'attention', words: 'today_failed', count: failed, picture: 'warning' },
    { to: 'attention', words: failed ? 'today_more_attention' : 'today_attention', count: attention, picture: 'open' },
    { to: 'several', words: 'today_tomorrow', count: tomorrow, picture: 'clock' },
  ];
  return all.filter(({ count }) => count > 0);
}

/**
 * @param {Messenger.Translate} t
 * @param {Way} way
 */
const wayView = (t, { to, words, count, picture }) =>
  html`<div role="listitem" data-key=${words}>
    <button type="button" class="messenger-today-way" data-do="today" data-to=${to} data-look=${words}>
      ${icon(picture)}<span>${t(words, { count })}</span>
    </button>
  </div>`;
