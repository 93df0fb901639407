// What stands in a thread, in order: days, where unread begins, the messages, and what is not loaded.

import { dayKey } from './format.js';
import { html } from './html.js';
import { messageView } from './message.js';

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
  for (const message of messages) {
    const key = dayKey(message.created_at);
    if (key !== day) items.push(dayView(key, format.day(message.created_at)));
    day = key;
    if (message.seq === divider) items.push(dividerView(t));
    items.push(itemView(pane, message, context, shown));
    if (message.seq === gap?.after) items.push(gapView(t));
  }
  return items;
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
  const state = [message, ...context];
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
