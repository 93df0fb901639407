// What the directory says of how a client is safely written to, what they need and which language they read.

import { html } from './html.js';
import { icon } from './icons.js';
import { isolated, languageName } from './names.js';

/**
 * A line each; '' where nothing is said.
 * @param {Messenger.Client|undefined} client
 * @param {Messenger.Translate} t
 * @param {string} lang the page's
 */
export function safeView(client, t, lang) {
  const { safe_contact: card, needs = [], language } = client ?? {};
  const named = language && languageName(language, lang);
  const other = [
    needs.length ? t('safe_needs', { needs: needs.map(isolated).join(', ') }) : '',
    named && !/^en\b/.test(language ?? '') ? t('safe_language', { language: named }) : '',
  ].filter(Boolean);
  return [
    card ? safeNoteView('safe', 'bad', html`${t('safe_title')} ${cardWords(card, t).join(' ')}`) : '',
    other.length ? safeNoteView('needs', null, other.join(' ')) : '',
  ];
}

/**
 * The way beyond a client's safe hours; '' where there are none.
 * @param {Messenger.Client|undefined} client
 * @param {boolean} lifts whether it is taken
 * @param {Messenger.Translate} t
 */
export const liftView = (client, lifts, t) =>
  client?.safe_contact?.hours.length
    ? html`<div class="messenger-line" data-key="lift">
        <button type="button" class="messenger-link" data-do="lift" aria-expanded=${String(lifts)}>
          ${t(lifts ? 'safe_hours_keep' : 'safe_hours_lift')}
        </button>
      </div>`
    : '';

/**
 * @param {string} key
 * @param {string|null} look
 * @param {any} words
 */
const safeNoteView = (key, look, words) =>
  html`<div class="messenger-note" data-key=${key} data-look=${look}>
    ${icon('warning')}<span>${words}</span>
  </div>`;

/**
 * @param {Messenger.SafeContact} card
 * @param {Messenger.Translate} t
 */
function cardWords(card, t) {
  const hours = card.hours.map(({ days, from, to }) => {
    const named = days.length < 7 ? days.map((day) => t(`safe_${day}`)).join(', ') : t('safe_every_day');
    return t('safe_hours', { days: named, from, to });
  });
  return [
    card.media.length === 1 ? t(`safe_${card.media[0]}`) : '',
    hours.length ? t('safe_only', { hours: hours.join('; ') }) : '',
    card.no_words ? t('safe_no_words') : '',
    card.neutral_sender ? t('safe_neutral') : '',
    card.shared_phone ? t('safe_shared') : '',
    card.who_else_reads ? isolated(card.who_else_reads) : '',
    card.note ? isolated(card.note) : '',
  ].filter(Boolean);
}
