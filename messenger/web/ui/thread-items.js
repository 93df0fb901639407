// What stands in a thread, in order: days, where unread begins, the messages, and what is not loaded.

import { dayKey } from './format.js';
import { html } from './html.js';
import { messageView } from './message.js';
import { markLineView, noteView } from './notes.js';

/**
 * A message that is shown as it stands is left alone.
 * @param {import('./messenger-thread.js').MessengerThread} pane
 * @param {import('./thread.js').Thread} thread
 * @param {Map<string, any[]>} shown what was last shown of each message
 */
export function itemsView(pane, thread, shown) {
  const { t, format, mayAct } = pane;
  const { messages, divider, channel, gap } = thread;
  const context = [mayAct, channel?.client_name, t, new Date().toDateString()];
  const items = [edgeView(thread, t)];
  let day = '';
  /** @param {string} at */
  const onDay = (at) => {
    const key = dayKey(at);
    if (key !== day) items.push(dayView(key, format.day(at)));
    day = key;
  };
  const waiting = betweenThese(thread);
  /** @param {number} before */
  const putNotes = (before) => {
    while (waiting.length && Date.parse(waiting[0].at) < before) {
      const one = /** @type {Messenger.Note|Messenger.Mark} */ (waiting.shift());
      onDay(one.at);
      items.push(betweenView(pane, one, context, shown));
    }
  };
  for (const message of messages) {
    putNotes(Date.parse(message.created_at));
    onDay(message.created_at);
    if (message.id === divider) items.push(dividerView(t));
    items.push(itemView(pane, message, context, shown));
    if (message.seq === gap?.after) items.push(gapView(t));
  }
  putNotes(Infinity);
  return items;
}

/**
 * The notes and marks that have their place among the messages that are loaded: none from before the oldest, or from
 * where messages are missing.
 * @param {import('./thread.js').Thread} thread
 */
function betweenThese({ messages, between, next, gap }) {
  const time = (/** @type {number|undefined} */ seq) => {
    const at = messages.find((m) => m.seq === seq)?.created_at;
    return at ? Date.parse(at) : Infinity;
  };
  const from = next && messages.length ? Date.parse(messages[0].created_at) : -Infinity;
  const [after, before] = [time(gap?.after), time(gap?.before)];
  return between.filter(({ at }) => {
    const when = Date.parse(at);
    return when >= from && !(when > after && when < before);
  });
}

/**
 * @param {import('./messenger-thread.js').MessengerThread} pane
 * @param {Messenger.Note|Messenger.Mark} one
 * @param {any[]} context all else that its look depends on
 * @param {Map<string, any[]>} shown
 */
function betweenView(pane, one, context, shown) {
  const state = [JSON.stringify(one), ...context];
  if (shown.get(one.id)?.every((value, i) => value === state[i])) return html`<div data-key=${one.id} data-same></div>`;
  shown.set(one.id, state);
  return 'filed' in one ? noteView(pane, one) : markLineView(pane, one);
}

/**
 * What stands before the oldest message that is loaded.
 * @param {import('./thread.js').Thread} thread
 * @param {Messenger.Translate} t
 */
function edgeView({ loading, next, messages }, t) {
  const words = loading ? 'older_loading' : next ? 'older_above' : messages.length ? 'thread_start' : 'thread_empty';
  return html`<div role="listitem" class="messenger-edge" data-key="edge">${t(words)}</div>`;
}

/**
 * @param {import('./messenger-thread.js').MessengerThread} pane
 * @param {Messenger.Message} message
 * @param {any[]} context all else that a message's look depends on
 * @param {Map<string, any[]>} shown
 */
function itemView(pane, message, context, shown) {
  const state = [message, message.awaiting && pane.thread?.isReminded(message.id), ...context];
  if (shown.get(message.id)?.every((value, i) => value === state[i])) {
    return html`<div data-key=${message.id} data-same></div>`;
  }
  shown.set(message.id, state);
  return messageView(pane, message);
}

/**
 * @param {string} key
 * @param {string} day
 */
const dayView = (key, day) =>
  html`<div role="listitem" class="messenger-day" data-key="day ${key}">
    <span role="heading" aria-level="3">${day}</span>
  </div>`;

/** @param {Messenger.Translate} t */
const gapView = (t) =>
  html`<div role="listitem" class="messenger-edge messenger-gap" data-key="gap">${t('newer_below')}</div>`;

/** @param {Messenger.Translate} t */
const dividerView = (t) =>
  html`<div role="listitem" class="messenger-divider" data-key="divider"><span>${t('unread_from_here')}</span></div>`;
