// What has happened in a channel, as the side panel tells it.

import { alertView } from './element.js';
import { wordsOr } from './format.js';
import { html } from './html.js';
import { worded } from './names.js';

/** What a message is that has gone to its client. */
const gone = ['sent', 'delivered', 'unknown'];

/**
 * @param {import('./element.js').MessengerElement} pane
 * @param {Messenger.Channel} channel
 * @param {import('./colleagues.js').Colleagues} colleagues
 * @param {import('./messenger-side.js').History|undefined} history undefined while it is being loaded
 * @param {Messenger.Message[]} messages those that are loaded
 */
export function historyView({ t, format }, channel, colleagues, history, messages) {
  if (!history) return html`<div class="messenger-quiet">${t('loading')}</div>`;
  if (history.error) return alertView(history.error, 'history-again', t('retry'));
  if (!history.items.length) return html`<div class="messenger-quiet">${t('history_empty')}</div>`;
  const more = html`<button type="button" class="messenger-link" data-do="history-more">${t('history_more')}</button>`;
  return html`<div role="list" class="messenger-entries">
      ${history.items.map((entry) => {
        const action = actionOf(entry, history.items, messages);
        return entryView({ ...entry, action }, whoWords(entry, channel, colleagues, t), t, format);
      })}
    </div>
    ${history.next ? more : ''}`;
}

/**
 * What was done. A message is written when it is accepted, and only sent once it has gone.
 * @param {Messenger.Entry} entry
 * @param {Messenger.Entry[]} entries
 * @param {Messenger.Message[]} messages
 */
function actionOf({ action, message_id: id }, entries, messages) {
  if (action !== 'sent' || !id) return action;
  const message = messages.find((m) => m.id === id);
  const cancelled = entries.some((e) => (e.action === 'cancelled' || e.action === 'edited') && e.message_id === id);
  return cancelled || (message && !gone.includes(message.delivery.status)) ? 'written' : 'sent';
}

/**
 * @param {Messenger.Entry} entry
 * @param {any} who
 * @param {Messenger.Translate} t
 * @param {Messenger.Format} format
 */
const entryView = ({ id, at, action, note }, who, t, format) =>
  html`<div role="listitem" data-key=${id}>
    <span class="messenger-entry-what">${wordsOr(t, `action_${action}`, action.replaceAll('_', ' '))}</span>
    <span class="messenger-quiet">${who}, <time datetime=${at}>${format.when(at)}</time></span>
    ${note ? html`<span class="messenger-quiet">‘<bdi>${note}</bdi>’</span>` : ''}
  </div>`;

/**
 * Who did it, and for whom.
 * @param {Messenger.Entry} entry
 * @param {Messenger.Channel} channel
 * @param {import('./colleagues.js').Colleagues} colleagues
 * @param {Messenger.Translate} t
 */
function whoWords({ actor: { kind, name, id = '' }, on_behalf_of: owner }, channel, colleagues, t) {
  const staff = name || colleagues.nameOf(id, t);
  const actor = kind === 'client' ? channel.client_name : kind === 'system' ? t('the_system') : staff;
  if (!owner || owner === id) return html`<bdi>${actor}</bdi>`;
  return worded(t, 'history_of', { actor, owner: colleagues.nameOf(owner, t) });
}
