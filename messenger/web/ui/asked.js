// What a private message, and one that asks for an answer, say of themselves in the thread.

import { worded } from './names.js';
import { actionView, stateView } from './state.js';

/** @typedef {import('./messenger-thread.js').MessengerThread} Pane */

const out = ['sent', 'delivered', 'unknown'];

/**
 * Whether it was opened, or who took it back.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
export function openedView(pane, { id, private: hidden, opened_at: at, withdrawn, delivery }) {
  if (!hidden) return '';
  const { t, format, colleagues } = pane;
  if (withdrawn) {
    const name = colleagues?.nameOf(withdrawn.by, t) ?? '';
    const why = t(`withdrawn_${withdrawn.reason}`);
    const words = worded(t, 'withdrawn_by', { name, when: format.when(withdrawn.at), why });
    return stateView(pane, { of: 'private', look: 'bad', picture: 'cross', words, more: '', actions: [] });
  }
  const went = out.includes(delivery.status);
  const words = at ? t('private_opened', { when: format.when(at) }) : t(went ? 'private_unopened' : 'private_waits');
  const actions = [actionView('withdraw', id, t('withdraw'))];
  const [look, picture] = at ? ['good', 'tick'] : ['quiet', 'clock'];
  return stateView(pane, { of: 'private', look, picture, words, more: '', actions });
}

/**
 * What is waited for, and how that stands.
 * @param {Pane} pane
 * @param {Messenger.Message} message
 */
export function awaitingView(pane, { id, awaiting, delivery }) {
  if (!awaiting) return '';
  const { t, format } = pane;
  const { expects, by, status } = awaiting;
  const waits = status === 'waiting' || status === 'overdue';
  const day = format.day(`${by}T12:00`);
  const words = waits ? t(`awaiting_${status}_${expects}`, { day }) : t(`awaiting_${status}`);
  const actions = [];
  const reminded = pane.thread?.isReminded(id);
  if (waits && !reminded && out.includes(delivery.status)) actions.push(actionView('remind', id, t('remind')));
  if (waits) actions.push(actionView('stop-waiting', id, t('stop_waiting')));
  const look = status === 'overdue' ? 'bad' : waits || status === 'stopped' ? 'quiet' : 'good';
  const picture = status === 'overdue' ? 'warning' : waits ? 'clock' : status === 'stopped' ? 'cross' : 'tick';
  return stateView(pane, { of: 'awaiting', look, picture, words, more: '', actions });
}
