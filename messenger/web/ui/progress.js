// How far a message to several clients is, in words, and who gets nothing of it.

import { wordsOr } from './format.js';
import { html } from './html.js';

/**
 * What has become of it, leaving out what nothing has become of.
 * @param {Messenger.Translate} t
 * @param {Messenger.Broadcast} broadcast
 */
export function progressWords(t, { sent, queued, failed, cancelled }) {
  const counts = { sent, waiting: queued, failed, cancelled };
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([what, count]) => t(`several_${what}`, { count })).join(', ');
}

/**
 * Who gets nothing, each with why.
 * @param {Messenger.Skipped[]} skipped the first of them
 * @param {number} count of all
 * @param {Map<string, string>} names by client id
 * @param {Messenger.Translate} t
 */
export function skippedView(skipped, count, names, t) {
  const more = count - skipped.length;
  const one = (/** @type {Messenger.Skipped} */ { client_id: id, why }) => {
    const name = names.get(id) ?? t('new_client', { id });
    const words = wordsOr(t, `skipped_${why}`, why.replaceAll('_', ' '));
    return html`<div role="listitem" data-key=${id}><bdi>${name}</bdi>: ${words}</div>`;
  };
  return html`<div role="list" class="messenger-skipped">
    ${skipped.map(one)}
    ${more > 0 ? html`<div role="listitem">${t('new_more', { count: more })}</div>` : ''}
  </div>`;
}
