// What <messenger-compose> shows: what went wrong, the ways to write, what was sent, and the box.

import { formView, mediaView } from './form-view.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { waysView } from './ways.js';

/** @typedef {import('./messenger-compose.js').MessengerCompose} Compose */

/** @param {Compose} element */
export function composeView(element) {
  const { t, ways, form, problem, mayAct, told, news } = element;
  const beside = !element.hasAttribute('data-inbox') || !form;
  const buttons = ways && mayAct && beside ? waysView(ways, t) : '';
  return html`${problem ? wentWrongView(element) : ''}
    ${buttons ? html`<div class="messenger-ways" data-key="ways">${buttons}</div>` : ''}
    ${told.view(Boolean(form?.sending))}
    ${news ? newsView(news, t) : ''}
    ${boxView(element)}
    ${ways || problem ? '' : html`<div class="messenger-quiet" data-key="loading">${t('loading')}</div>`}`;
}

/** @param {Compose} element */
function wentWrongView({ t, problem, page, channel }) {
  const again = html`<button type="button" class="messenger-link" data-do="again">${t('retry')}</button>`;
  return html`<div class="messenger-note messenger-form-problem" data-key="problem" role="alert" tabindex="-1"
    data-look="bad">
    ${icon('warning')}<span>${problem}</span>${page || channel ? '' : again}
  </div>`;
}

/**
 * @param {number} count
 * @param {Messenger.Translate} t
 */
const newsView = (count, t) =>
  html`<div class="messenger-note messenger-news" data-key="news">
    ${icon('reply')}<span>${t('news', { count })}</span>
    <button type="button" class="messenger-link" data-do="news">${t('news_show')}</button>
  </div>`;

/**
 * The box: a note while one is written, with the form hidden beneath, where its text stays; else the form. Without a
 * way to write to the client, the way to a note alone.
 * @param {Compose} element
 */
function boxView(element) {
  const { t, form, media, noting, ways } = element;
  const about = aboutOf(element);
  const note = noting.view(form ? media : []);
  const none = noting.isPossible && ways && !form && !note;
  return html`${note}
    ${form ? formView(form, about) : ''}
    ${none ? mediaView([], '', t, about.notes) : ''}`;
}

/**
 * @param {Compose} element
 * @returns {import('./form-view.js').About}
 */
function aboutOf({ client, path, info, channel, draft: keeper, media, noting, next }) {
  const { replies_allowed: replies = true, reply_link: known } = channel ?? {};
  const { state: draft = 'none', elsewhere = false } = keeper ?? {};
  const notes = !noting.isPossible ? '' : noting.isBegun ? 'begun' : 'way';
  return { client, path, info, replies, known, draft, elsewhere, media, notes, hidden: noting.isOpen, next };
}
