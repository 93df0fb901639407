// How the form of <messenger-compose> looks.

import { delivered, sampleLink, sampleOfService } from './composed.js';
import { counterView } from './counter.js';
import { discloseView } from './element.js';
import { fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { later } from './later.js';
import { isolated, worded } from './names.js';
import { isHidden, restrictedView } from './ways.js';

/** @typedef {import('./form.js').Written} Written */
/** @typedef {import('./form.js').Form} Form */

/**
 * What a form shows of the client and the channel that it writes to.
 * @typedef {object} About
 * @property {string} client their id
 * @property {string} path of a send
 * @property {Messenger.Client} [info]
 * @property {boolean} replies whether there may be a reply link
 * @property {string} [known] the reply link, once it is made
 * @property {import('./draft.js').DraftState} draft
 * @property {boolean} elsewhere whether the same draft is written in another tab
 * @property {Written[]} media the ways that there are
 * @property {''|'way'|'begun'} notes whether there may be notes for colleagues, and one is not saved yet
 * @property {boolean} hidden whether a note is written in its place
 * @property {string} [next] when it may go out instead, outside the working hours
 */

/**
 * @param {Form} form
 * @param {About} about
 */
export function formView(form, about) {
  const { id, medium, folded, faults: wrong, rows } = form;
  const { t } = form.element;
  const within = scrolls(form);
  const placeholder = t('write_to', { name: isolated(about.info?.name ?? '') });
  return html`<div class=${folded ? 'messenger-box' : 'messenger-box messenger-form'} role="form" data-key=${id}
    data-folded=${folded} hidden=${about.hidden} aria-labelledby="${id}-title">
    ${headingView(form, about)}
    ${mediaView(about.media, medium, t, about.notes)}
    <div class="messenger-form-fields" data-key="fields">
      ${!folded && medium === 'email' ? ownFieldView(form, 'subject', t('subject')) : ''}
      ${fieldView({ id: `${id}-body`, name: 'body', label: t('message'), error: wrong.body, rows, placeholder })}
      ${folded ? '' : restView(form, about)}
    </div>
    ${folded ? '' : sendView(form, about)}
    ${folded || within ? '' : adviceView(form)}
  </div>`;
}

/**
 * Whether the fields scroll and Send stays where it is. Elsewhere the advice stands below Send: what comes while
 * somebody is about to press a button must not move it.
 * @param {Form} form
 */
const scrolls = ({ element }) => element.hasAttribute('data-inbox');

/** @param {Form} form */
const adviceView = ({ advised, figures, text, element }) =>
  advised.view(text.body.trim() ? figures.advice : [], element.t);

/**
 * What stands below the text while it is being written.
 * @param {Form} form
 * @param {About} about
 */
function restView(form, about) {
  const { t } = form.element;
  const elsewhere = html`<div class="messenger-note" data-key="elsewhere" role="status">
    ${icon('warning')}<span>${t('draft_elsewhere')}</span>
  </div>`;
  const finder = html`<messenger-templates data-key="templates" medium=${form.medium}
    language=${about.info?.language ?? null} path=${about.path}></messenger-templates>`;
  const hint = t(form.whyFor === 'all' ? 'reason_hint' : form.mustSayWhy ? 'reason_hint_safe' : 'reason_hint_hours');
  return html`${form.finding ? finder : ''}
    ${scrolls(form) ? adviceView(form) : ''}
    ${about.elsewhere ? elsewhere : ''}
    ${underView(form, about)}
    ${toBeSentView(form, about)}
    ${form.mustSayWhy ? '' : later.liftView(about.info, form.lifts, t)}
    ${form.asksWhy ? ownFieldView(form, 'reason', t('reason_label'), hint) : ''}
    ${form.later ? form.time.view(about.info?.name ?? '') : ''}
    ${later.expectsView(form.expects, ownFieldView(form, 'expect_by', t('expect_by'), '', 'date'), t)}`;
}

/**
 * @param {Form} form
 * @param {string} name
 * @param {string} label
 * @param {string} [hint]
 * @param {string} [type]
 */
const ownFieldView = ({ id, faults }, name, label, hint, type) =>
  fieldView({ id: `${id}-${name}`, name, label, hint, error: faults[name], type });

/**
 * @param {Form} form
 * @param {About} about
 */
function headingView({ id, medium, element, folded }, { info }) {
  const { t } = element;
  const level = element.outer?.matches('messenger-thread') ? '3' : '2';
  const address = (medium === 'email' ? info?.email : info?.phone) ?? (info?.restricted ? t('address_hidden') : '');
  const close = html`<bdi class="messenger-quiet">${address}</bdi>
    <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button>`;
  return html`<div class="messenger-form-head" data-key="head">
    <div class="messenger-form-title" role="heading" aria-level=${level} id="${id}-title">
      ${icon(medium)}<span>${worded(t, `${medium}_to`, { name: info?.name ?? '' })}</span>
    </div>
    ${folded ? '' : close}
  </div>`;
}

/**
 * The text as the client gets it.
 * @param {Form} form
 * @param {string} link '' for none
 * @param {About} about
 */
const asDelivered = ({ text, element }, link, { info }) => delivered(text, info, link, element.hub.me);

/**
 * The link as it stands in the preview: words for one that is not made yet, '' for none.
 * @param {Form} form
 * @param {About} about
 */
function linkOf(form, { replies, known, info }) {
  if (!form.linked || !replies) return '';
  return known ?? form.element.t('preview_link', { name: info?.name ?? '' });
}

/**
 * The count, and whether the reply link goes out.
 * @param {Form} form
 * @param {About} about
 */
function underView(form, about) {
  const { medium, element, text, figures } = form;
  const { t } = element;
  const link = linkOf(form, about);
  const hidden = form.isPrivate(about.info);
  // A first message's link is not made yet: it is counted as long as it will be.
  // A notice is counted by the server alone.
  const counts = text.body.trim() && !hidden;
  const local = counts ? asDelivered(form, link && (about.known ?? sampleLink), about) : '';
  const counted = figures.of(form.written)?.text ?? local;
  const off = html`<span class="messenger-quiet"> ${t('link_off_hint')}</span>`;
  const label = [t('add_link'), about.replies ? '' : off];
  const needed = form.needsLink;
  const fixed = isHidden(about.info) || (!about.replies && !hidden);
  return html`<div class="messenger-under" data-key="under">
    ${medium === 'sms' ? counterView(counted, t, Boolean(counted && link), figures.limit) : ''}
    ${tickView({ name: 'link', label, checked: form.linked && about.replies, disabled: needed || !about.replies })}
    ${later.privateTickView(hidden, fixed, t)}
  </div>`;
}

/**
 * What the client is going to get, behind a press.
 * @param {Form} form
 * @param {About} about
 */
function toBeSentView(form, about) {
  const title = html`<span>${worded(form.element.t, 'preview', { name: about.info?.name ?? '' })}</span>`;
  return html`<div class="messenger-preview" data-key="preview">
    ${discloseView('preview', form.showsPreview, title)}${form.showsPreview ? shownPreviewView(form, about) : ''}
  </div>`;
}

/**
 * @param {Form} form
 * @param {About} about
 */
function shownPreviewView(form, about) {
  const { medium, subject, body } = form.text;
  if (!body.trim()) return html`<div class="messenger-quiet">${form.element.t('preview_empty')}</div>`;
  if (form.isPrivate(about.info)) return noticeView(form);
  const link = linkOf(form, about);
  // The service's own; ours until it has said so.
  const checked = form.figures.of(form.written);
  return checked
    ? previewedView(checked.subject, about.known ? checked.text : checked.text.replaceAll(sampleOfService, () => link))
    : previewedView(medium === 'email' ? subject : '', asDelivered(form, link, about));
}

/**
 * What goes out of a private message, once the server has said it.
 * @param {Form} form
 */
function noticeView({ figures, written, element }) {
  const found = figures.of(written);
  if (!found) return html`<div class="messenger-quiet">${element.t('preview_private')}</div>`;
  return previewedView(found.subject, found.text);
}

/**
 * @param {Form} form
 * @param {About} about
 */
function sendView({ element, sending, later: scheduled, isEmpty, finding }, { info, draft, next }) {
  const { t } = element;
  const busy = sending ? 'true' : null;
  const words = sending ? t('sending') : t(scheduled ? 'schedule' : 'send');
  const done = html`<button type="button" class="messenger-button" data-kind="second" data-do="send-done"
    aria-disabled=${busy}>${t('send_done')}</button>`;
  const drop = html`<button type="button" class="messenger-link messenger-drop" data-do="drop">
    ${t('draft_delete')}
  </button>`;
  const tomorrow = html`<button type="button" class="messenger-button" data-kind="second" data-key="next"
    data-do="send-next" data-at=${next} aria-disabled=${busy}>
    ${next && t('send_next', { when: element.format.next(next) })}
  </button>`;
  const state = draft === 'none' ? t('keyboard_hint') : t(`draft_${draft}`);
  return html`<div class="messenger-beside" data-key="beside" role="note" tabindex="0">
      ${restrictedView(info, t)}${later.safeView(info, t, element.lang)}
    </div>
    <div class="messenger-send" data-key="send">
      <button type="button" class="messenger-button" data-do="send" aria-disabled=${busy}>${words}</button>
      ${scheduled ? '' : done}
      ${next && !scheduled ? tomorrow : ''}
      <button type="button" class="messenger-link" data-do="later" aria-expanded=${String(scheduled)}>
        ${t(scheduled ? 'send_now' : 'send_later')}
      </button>
      <button type="button" class="messenger-link" data-do="templates" aria-expanded=${String(finding)}>
        ${t('templates')}
      </button>
      <span class="messenger-draft" data-state=${draft}>${state}</span>
      ${isEmpty ? '' : drop}
    </div>`;
}

/**
 * A message as a client gets it.
 * @param {string} subject '' for none
 * @param {string} body
 * @param {any} [title]
 */
export const previewedView = (subject, body, title = '') =>
  html`<div class="messenger-previewed">
    ${title}
    ${subject ? html`<div class="messenger-strong" dir="auto">${subject}</div>` : ''}
    <div class="messenger-previewed-body" dir="auto">${body}</div>
  </div>`;

/**
 * The ways that there are, the one that is written in pressed; a note for colleagues beside them.
 * @param {Written[]} media
 * @param {Written|'note'|''} chosen
 * @param {Messenger.Translate} t
 * @param {''|'way'|'begun'} notes whether there may be notes, and one is not saved yet
 */
export const mediaView = (media, chosen, t, notes) =>
  html`<div class="messenger-media-switch" data-key="media" role="group" aria-label=${t('new_medium')}>
    ${media.map((medium) => mediumView(medium, medium === chosen, t))}
    ${notes ? noteWayView(chosen === 'note', t(notes === 'begun' ? 'note_way_begun' : 'note_way')) : ''}
  </div>`;

/**
 * @param {Written} medium
 * @param {boolean} on
 * @param {Messenger.Translate} t
 */
const mediumView = (medium, on, t) =>
  html`<button type="button" class="messenger-medium-choice" data-key=${medium} data-do="write" data-medium=${medium}
    aria-pressed=${String(on)}>${icon(medium)}<span>${t(`medium_${medium}`)}</span></button>`;

/**
 * @param {boolean} on
 * @param {string} words
 */
const noteWayView = (on, words) =>
  html`<button type="button" class="messenger-medium-choice" data-key="note" data-do="note"
    aria-pressed=${String(on)}>${icon('person')}<span>${words}</span></button>`;
