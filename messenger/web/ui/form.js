// The form of <messenger-compose>: what is being written to one client, whether it can be sent, and how it looks.

import { Check } from './check.js';
import { delivered, faults, sampleLink } from './composed.js';
import { counterView } from './counter.js';
import { discloseView } from './element.js';
import { Fields, fieldView, tickView } from './fields.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { later } from './later.js';
import { worded } from './names.js';
import { When } from './when.js';

/** @typedef {'email'|'sms'} Written */

/** The advice that is shown while one writes: what is wrong as it stands. Any other would move the buttons. */
const shownAdvice = ['clock_doubled', 'place'];

/** How many lines the text has to begin with. */
const lines = { email: 4, sms: 2 };

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

/** What is being written. */
export class Form {
  /**
   * The first place of a template's text that is left to fill in. The finder of templates brings it.
   * @type {(text: string) => {words: string, start: number}|undefined}
   */
  static placeLeft = () => undefined;
  /** What is wrong, by field. @type {Record<string, string>} */
  faults = {};
  later = false;
  /** The time that was pressed for it to go out, while it is being sent. @type {Date|undefined} */
  chosen;
  /** Whether it is a line of text and nothing else. */
  folded = true;
  /** Whether the reply link is wanted. */
  link = true;
  sending = false;
  /** The id of the template that it was written with. @type {string|undefined} */
  template;
  /** Whether a template is looked for. */
  finding = false;
  #showsPreview = false;
  /** The subject of an email, kept while it is written as an SMS: nothing that was typed is lost. */
  #subject = '';
  /** Whether the words are to stay behind the link. */
  hidden = false;
  /** What is asked of the client. @type {''|'reply'|'acknowledgement'} */
  expects = '';
  /** By which day. */
  #by = '';

  /**
   * @param {import('./element.js').MessengerElement} element
   * @param {string} id of its own in the page
   * @param {Written} medium
   * @param {boolean} asksWhy whether a reason is needed
   */
  constructor(element, id, medium, asksWhy) {
    this.element = element;
    this.id = id;
    this.medium = medium;
    this.asksWhy = asksWhy;
    this.fields = new Fields(element);
    this.figures = new Check(element.hub.api, () => element.update());
    this.time = new When(this);
  }

  get text() {
    this.#subject = this.fields.field('subject')?.value ?? this.#subject;
    this.#by = this.fields.field('expect_by')?.value ?? this.#by;
    return {
      medium: this.medium,
      subject: this.#subject,
      body: this.fields.value('body'),
      template_id: this.template,
      private: this.hidden || undefined,
      expects: this.expects || undefined,
      expect_by: (this.expects && this.#by) || undefined,
    };
  }

  /**
   * @param {{subject?: string, body?: string, template_id?: string, template?: {id: string}, private?: boolean,
   *   expects?: string, expect_by?: string}} written
   */
  fill({ subject = '', body = '', template_id: id, template, private: hidden = false, expects = '', expect_by: by }) {
    this.template = id ?? template?.id;
    this.#subject = subject;
    this.hidden = hidden;
    this.expects = expects === 'reply' || expects === 'acknowledgement' ? expects : '';
    this.#by = by ?? '';
    this.fields.fill({ subject, body, expect_by: this.#by });
    this.grow();
  }

  /**
   * Puts a template's text where the cursor is, and its subject where there is none.
   * @param {Messenger.Draft} template
   */
  insert({ subject, body, template_id, private: hidden }) {
    const written = this.text;
    const field = this.fields.field('body');
    const at = field?.selectionStart ?? written.body.length;
    const [before, after] = [written.body.slice(0, at).trimEnd(), written.body.slice(at).trimStart()];
    this.fill({
      ...written,
      private: hidden || written.private,
      subject: written.subject.trim() ? written.subject : subject,
      body: [before, body, after].filter(Boolean).join('\n\n'),
      template_id,
    });
  }

  /** Puts the cursor on the first place that is left to fill in, so that what is typed takes its place. */
  focusPlace(names = ['subject', 'body']) {
    for (const name of names) {
      const field = this.fields.field(name);
      const left = field && Form.placeLeft(field.value);
      if (!field || !left) continue;
      field.focus();
      return field.setSelectionRange(left.start, left.start + left.words.length);
    }
    this.fields.field(names.at(-1) ?? '')?.focus();
  }

  /** What is written, as a draft has it. */
  get draft() {
    return { ...this.text, ...this.time.asked };
  }

  get reason() {
    return this.asksWhy ? this.fields.value('reason').trim() : '';
  }

  /** What is written, as a send has it. */
  get written() {
    const { medium, subject, ...rest } = this.text;
    return {
      medium,
      subject: medium === 'email' ? subject : undefined,
      ...rest,
      reply_link: this.link,
      override: this.reason ? { reason: this.reason } : undefined,
      ...this.time.asked,
    };
  }

  /**
   * Has the server look at what is written once the typing pauses, unless something is missing still.
   * @param {string} path of a send
   */
  checkSoon(path) {
    const { subject, body } = this.text;
    if (!body.trim() || (this.medium === 'email' && !subject.trim()) || (this.asksWhy && !this.reason)) return;
    this.figures.soon(path, this.written);
  }

  /** Whether it can be sent as it is. What is wrong stands in `faults` afterwards. */
  check() {
    this.faults = this.#found();
    return Object.keys(this.faults).length === 0;
  }

  /** Takes away what is not wrong any more. */
  checkAgain() {
    const found = this.#found();
    for (const name of Object.keys(this.faults)) if (!found[name]) delete this.faults[name];
  }

  #found() {
    const { element } = this;
    const { medium, subject, body } = this.text;
    const found = faults(this.text, element);
    const said = Object.entries({ subject: medium === 'email' ? subject : '', body });
    for (const [name, text] of said) {
      const left = this.template && Form.placeLeft(text);
      if (left) found[name] ??= element.t('place_left', { place: left.words });
    }
    const figures = this.figures.of(this.written);
    if (!found.body && figures?.too_long) {
      const { characters, limit = 0 } = figures;
      const { t, format } = element;
      found.body = t('too_long_whole', { count: format.number(characters), limit: format.number(limit) });
    }
    const { fault } = this.time;
    if (fault) found.when = fault;
    if (this.expects && !this.text.expect_by) found.expect_by = element.t('missing_expect_by');
    if (this.asksWhy && !this.reason) found.reason = element.t('missing_reason');
    return found;
  }

  /**
   * What is asked of the server.
   * @param {Date} after when it is to go out, unless a time was chosen
   * @param {string} then what the channel becomes; '' for what it is
   */
  body(after, then) {
    const { written } = this;
    const time = written.send_local ? undefined : after.toISOString();
    return { ...written, send_after: time, then: then || undefined };
  }

  /** Makes the text as high as it is long: one line while folded, or else within bounds. */
  grow() {
    const area = this.fields.field('body');
    if (!(area instanceof HTMLTextAreaElement)) return;
    area.rows = this.folded ? 1 : Math.max(lines[this.medium], Math.min(14, this.fields.linesOf(area.value)));
  }

  get isEmpty() {
    const { subject, body } = this.text;
    return !body.trim() && !subject.trim();
  }

  /** Puts the cursor where something is wrong. */
  focusFault() {
    const [name] = Object.keys(this.faults);
    if (this.template) this.focusPlace([name]);
    else this.fields.field(name)?.focus();
  }

  togglePreview() {
    this.#showsPreview = !this.#showsPreview;
  }

  /** @param {About} about */
  view(about) {
    const { id, medium, folded, faults: wrong } = this;
    const { t } = this.element;
    const rows = folded ? 1 : lines[medium];
    const placeholder = t('write_to', { name: about.info?.name ?? '' });
    return html`<div class=${folded ? 'messenger-box' : 'messenger-box messenger-form'} role="form" data-key=${id}
      data-folded=${folded} hidden=${about.hidden} aria-labelledby="${id}-title">
      ${this.#headView(about)}
      ${mediaView(about.media, medium, t, about.notes)}
      <div class="messenger-form-fields" data-key="fields">
        ${!folded && medium === 'email' ? this.#fieldView('subject', t('subject')) : ''}
        ${fieldView({ id: `${id}-body`, name: 'body', label: t('message'), error: wrong.body, rows, placeholder })}
        ${folded ? '' : this.#restView(about)}
      </div>
      ${folded ? '' : this.#sendView(about)}
    </div>`;
  }

  /**
   * What stands below the text while it is being written.
   * @param {About} about
   */
  #restView(about) {
    const { t } = this.element;
    const elsewhere = html`<div class="messenger-note" data-key="elsewhere" role="status">
      ${icon('warning')}<span>${t('draft_elsewhere')}</span>
    </div>`;
    const finder = html`<messenger-templates data-key="templates" medium=${this.medium}
      path=${about.path}></messenger-templates>`;
    return html`${this.finding ? finder : ''}
      ${about.elsewhere ? elsewhere : ''}
      ${this.#underView(about)}
      ${this.#previewView(about)}
      ${this.asksWhy ? this.#fieldView('reason', t('reason_label'), t('reason_hint')) : ''}
      ${this.later ? this.time.view(about.info?.name ?? '') : ''}
      ${later.expectsView(this.expects, this.#fieldView('expect_by', t('expect_by'), '', 'date'), t)}`;
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} [hint]
   * @param {string} [type]
   */
  #fieldView(name, label, hint, type) {
    return fieldView({ id: `${this.id}-${name}`, name, label, hint, error: this.faults[name], type });
  }

  /** @param {About} about */
  #headView({ info }) {
    const { id, medium, element } = this;
    const { t } = element;
    const level = element.outer?.matches('messenger-thread') ? '3' : '2';
    const address = (medium === 'email' ? info?.email : info?.phone) ?? (info?.restricted ? t('address_hidden') : '');
    const close = html`<bdi class="messenger-quiet">${address}</bdi>
      <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button>`;
    return html`<div class="messenger-form-head" data-key="head">
      <div class="messenger-form-title" role="heading" aria-level=${level} id="${id}-title">
        ${icon(medium)}<span>${worded(t, `${medium}_to`, { name: info?.name ?? '' })}</span>
      </div>
      ${this.folded ? '' : close}
    </div>`;
  }

  /**
   * The text as the client gets it.
   * @param {string} link '' for none
   * @param {About} about
   */
  #delivered(link, { info }) {
    return delivered(this.text, info?.name ?? '', link, this.element.hub.me);
  }

  /**
   * The link as it stands in the preview: words for one that is not made yet, '' for none.
   * @param {About} about
   */
  #linkOf({ replies, known, info }) {
    if (!this.link || !replies) return '';
    return known ?? this.element.t('preview_link', { name: info?.name ?? '' });
  }

  /**
   * The count, and whether the reply link goes out.
   * @param {About} about
   */
  #underView(about) {
    const { medium, element, text } = this;
    const { t } = element;
    const link = this.#linkOf(about);
    // A first message's link is not made yet: it is counted as long as it will be.
    const counts = text.body.trim() && !this.#isPrivate(about); // a notice is counted by the server alone
    const local = counts ? this.#delivered(link && (about.known ?? sampleLink), about) : '';
    const { text: whole, advice: all = [] } = this.figures.of(this.written) ?? {};
    const advice = all.filter(({ rule }) => shownAdvice.includes(rule));
    const counted = whole ?? local;
    const off = html`<span class="messenger-quiet"> ${t('link_off_hint')}</span>`;
    const label = [t('add_link'), about.replies ? '' : off];
    const fixed = Boolean(about.info?.restricted) || !about.replies || !this.link;
    return html`<div class="messenger-under" data-key="under">
      ${medium === 'sms' ? counterView(counted, t, Boolean(counted && link), this.figures.limit) : ''}
      ${advice.map((one) => html`<div class="messenger-hint" data-key="advice ${one.text}">${one.text}</div>`)}
      ${tickView({ name: 'link', label, checked: this.link && about.replies, disabled: !about.replies })}
      ${later.privateTickView(this.#isPrivate(about), fixed, t)}
    </div>`;
  }

  /**
   * Whether the words stay behind the link: chosen, or because the client's record is restricted.
   * @param {About} about
   */
  #isPrivate({ info }) {
    return this.hidden || Boolean(info?.restricted);
  }

  /** What goes out of a private message, once the server has said it. */
  #noticeView() {
    const figures = this.figures.of(this.written);
    if (!figures) return html`<div class="messenger-quiet">${this.element.t('preview_private')}</div>`;
    return previewedView(figures.subject, figures.text);
  }

  /** Puts the day and the time where their fields have just come. */
  settle() {
    this.time.settle();
    const field = this.fields.field('expect_by');
    if (field && !field.value && this.#by) field.value = this.#by;
  }

  /**
   * Takes what was chosen, and says whether it was about the message.
   * @param {HTMLInputElement} box
   */
  choose({ name, checked, value }) {
    if (name === 'link') this.link = checked;
    if (name === 'private') this.hidden = checked;
    if (name === 'unless') this.time.unless = checked;
    if (name === 'asks') this.expects = checked ? 'reply' : '';
    if (name === 'expects') this.expects = value === 'reply' ? 'reply' : 'acknowledgement';
    if (name === 'asks' || name === 'expects') delete this.faults.expect_by;
    return ['private', 'asks', 'expects', 'unless'].includes(name);
  }

  /** @param {About} about */
  #previewView(about) {
    const { t } = this.element;
    const title = html`<span>${worded(t, 'preview', { name: about.info?.name ?? '' })}</span>`;
    return html`<div class="messenger-preview" data-key="preview">
      ${discloseView('preview', this.#showsPreview, title)}${this.#showsPreview ? this.#previewedView(about) : ''}
    </div>`;
  }

  /** @param {About} about */
  #previewedView(about) {
    const { medium, subject, body } = this.text;
    if (!body.trim()) return html`<div class="messenger-quiet">${this.element.t('preview_empty')}</div>`;
    if (this.#isPrivate(about)) return this.#noticeView();
    return previewedView(medium === 'email' ? subject : '', this.#delivered(this.#linkOf(about), about));
  }

  /** @param {About} about */
  #sendView({ draft, next }) {
    const { t } = this.element;
    const { sending, later, text, finding } = this;
    const busy = sending ? 'true' : null;
    const words = sending ? t('sending') : t(later ? 'schedule' : 'send');
    const done = html`<button type="button" class="messenger-button" data-kind="second" data-do="send-done"
      aria-disabled=${busy}>${t('send_done')}</button>`;
    const drop = html`<button type="button" class="messenger-link messenger-drop" data-do="drop">
      ${t('draft_delete')}
    </button>`;
    const tomorrow = html`<button type="button" class="messenger-button" data-kind="second" data-key="next"
      data-do="send-next" data-at=${next} aria-disabled=${busy}>
      ${next && t('send_next', { when: this.element.format.next(next) })}
    </button>`;
    const state = draft === 'none' ? t('keyboard_hint') : t(`draft_${draft}`);
    return html`<div class="messenger-send" data-key="send">
      <button type="button" class="messenger-button" data-do="send" aria-disabled=${busy}>${words}</button>
      ${later ? '' : done}
      ${next && !later ? tomorrow : ''}
      <button type="button" class="messenger-link" data-do="later" aria-expanded=${String(later)}>
        ${t(later ? 'send_now' : 'send_later')}
      </button>
      <button type="button" class="messenger-link" data-do="templates" aria-expanded=${String(finding)}>
        ${t('templates')}
      </button>
      <span class="messenger-draft" data-state=${draft}>${state}</span>
      ${text.body || text.subject ? drop : ''}
    </div>`;
  }
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
    aria-pressed=${String(on)}>${icon(medium)}${t(`medium_${medium}`)}</button>`;

/**
 * @param {boolean} on
 * @param {string} words
 */
const noteWayView = (on, words) =>
  html`<button type="button" class="messenger-medium-choice" data-key="note" data-do="note"
    aria-pressed=${String(on)}>${icon('person')}${words}</button>`;
