// What stands between the messages of a thread: notes that staff wrote for one another, and marks of what happened.

import { html } from './html.js';
import { icon } from './icons.js';
import { linked } from './links.js';
import { worded } from './names.js';

/** @typedef {import('./messenger-thread.js').MessengerThread} ThreadPane */

/**
 * A note, on neither side of the thread.
 * @param {ThreadPane} pane
 * @param {Messenger.Note} note
 */
export function noteView({ t, format, hub }, { id, kind, text, author, at, filed, filing }) {
  const title = t(`note_of_${kind}`);
  const name = author.id === hub.me?.staff.id ? t('you') : (author.name ?? '');
  const state = filed ? 'saved' : filing;
  const words = state ? t(`note_${state}`) : '';
  return html`<div role="listitem" class="messenger-between" data-key=${id} data-kind=${kind}>
    <div class="messenger-aside" role="article" aria-label="${title}, ${name}, ${format.when(at)}">
      <div class="messenger-aside-head">
        ${icon(kind === 'call' ? 'phone' : 'person')}<span class="messenger-strong">${title}</span>
      </div>
      <div class="messenger-body" dir="auto">${linked(text)}</div>
      <div class="messenger-aside-foot">
        <bdi>${name}</bdi><time datetime=${at}>${format.stamp(at)}</time>
        ${words ? html`<span class="messenger-state" data-look=${state === 'failed' ? 'bad' : 'quiet'} data-of="record">
          <span class="messenger-state-words">${icon(state === 'failed' ? 'warning' : 'record')}
            <span>${words}</span></span></span>` : ''}
      </div>
    </div>
  </div>`;
}

/**
 * A mark: one quiet line, with what somebody wrote to whoever gets the channel.
 * @param {ThreadPane} pane
 * @param {Messenger.Mark} mark
 */
export function markLineView({ t, format }, { id, kind, at, author, text, until, cover_name: cover = '' }) {
  const ends = until ? format.when(until) : '';
  const name = author.name || t('the_system');
  const key = `mark_${kind}${ends ? '_until' : ''}`;
  const words = t(key) === key ? kind.replaceAll('_', ' ') : worded(t, key, { name, cover, until: ends });
  return html`<div role="listitem" class="messenger-between messenger-mark" data-key=${id} data-kind=${kind}>
    <span>${words}</span><time datetime=${at}>${format.stamp(at)}</time>
    ${text ? html`<span class="messenger-mark-text" dir="auto">‘<bdi>${text}</bdi>’</span>` : ''}
  </div>`;
}
