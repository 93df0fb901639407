// The form of <messenger-compose>: what is being written to one client, and whether it can be sent.

import { Advised } from './advice.js';
import { Check } from './check.js';
import { faults } from './composed.js';
import { Fields } from './fields.js';
import { subjectLimit } from './limits.js';
import { When } from './when.js';
import { isHidden } from './ways.js';

/** @typedef {'email'|'sms'} Written */

/** How many lines the text has to begin with. */
const firstLines = { email: 4, sms: 2 };

/** What is being written. */
export class Form {
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
  /** Whether it is to go out at once although the client's safe hours are others: with a reason. */
  lifts = false;
  advised = new Advised();
  showsPreview = false;
  /** The subject of an email, kept while it is written as an SMS: nothing that was typed is lost. */
  #subject = '';
  /** The subject of an answer, which nobody has typed; '' for none. */
  answers = '';
  /** Whether the words are to stay behind the link. */
  hidden = false;
  /** What is asked of the client. @type {''|'reply'|'acknowledgement'} */
  expects = '';
  /** By which day. */
  #by = '';

  /**
   * @param {import('./messenger-compose.js').MessengerCompose} element
   * @param {string} id of its own in the page
   * @param {Written} medium
   * @param {boolean} asksWhy whether a reason is needed
   */
  constructor(element, id, medium, asksWhy) {
    this.element = element;
    this.id = id;
    this.medium = medium;
    /** Which way needs a reason: all, one or '' for none. */
    this.whyFor = asksWhy ? 'all' : '';
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
    this.lifts &&= Boolean(body);
    this.hidden = hidden;
    this.expects = expects === 'reply' || expects === 'acknowledgement' ? expects : '';
    this.#by = by ?? '';
    this.fields.fill({ subject, body, expect_by: this.#by });
    this.element.update();
  }

  /** @param {Messenger.Draft} template */
  insert(template) {
    const { text } = this;
    const filled = this.fields.withTemplate({ ...text, subject: this.#ownSubject }, template);
    this.fill({ ...filled, subject: filled.subject || text.subject });
  }

  /** What is written, as a draft has it. */
  get draft() {
    const { text, isEmpty } = this;
    return { ...text, subject: isEmpty ? '' : text.subject, ...this.time.asked };
  }

  /**
   * Has an email without a subject be an answer to another.
   * @param {string} subject of that one, '' for none
   */
  answer(subject) {
    if (this.medium !== 'email' || !subject || this.text.subject.trim()) return;
    const { t } = this.element;
    const own = subject.replace(/^(\s*(re|parthed)\s*:)+\s*/i, '');
    this.answers = [...t('answer_subject', { subject: own })].slice(0, subjectLimit).join('');
    this.fill({ ...this.text, subject: this.answers });
  }

  get asksWhy() {
    return this.lifts || this.mustSayWhy;
  }

  /** Whether there is no writing this way without a reason. */
  get mustSayWhy() {
    return [this.medium, 'all'].includes(this.whyFor);
  }

  /** Asks for a reason to go beyond the client's safe hours, or not any more. */
  lift() {
    this.lifts = !this.lifts;
    delete this.faults.reason;
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
      reply_link: this.linked,
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
    const found = faults(this.text, element);
    const figures = this.figures.of(this.written);
    if (!found.body && figures?.too_long) {
      const { characters, limit = 0 } = figures;
      const { t, format } = element;
      found.body = t('too_long_whole', { count: format.number(characters), limit: format.number(limit) });
    }
    const off = this.isPrivate(element.info) && element.channel?.replies_allowed === false;
    if (off) found.body ??= element.t('private_replies_off');
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
   * @param {string} [seen] the last message that was seen
   */
  body(after, then, seen) {
    const { written } = this;
    const time = written.send_local ? undefined : after.toISOString();
    return { ...written, send_after: time, then: then || undefined, seen_up_to: seen };
  }

  get isEmpty() {
    return !this.text.body.trim() && !this.#ownSubject.trim();
  }

  /** The subject as far as somebody has typed it. */
  get #ownSubject() {
    const { subject } = this.text;
    return subject === this.answers ? '' : subject;
  }

  /** Puts the cursor where something is wrong. */
  focusFault() {
    const [name] = Object.keys(this.faults);
    if (this.template) this.fields.focusPlace([name]);
    else this.fields.field(name)?.focus();
  }

  togglePreview() {
    this.showsPreview = !this.showsPreview;
  }

  /** How many lines there are to write in: one while folded, or else about as many as the text has, within bounds. */
  get rows() {
    return this.folded ? 1 : this.fields.rowsOf('body', firstLines[this.medium]);
  }

  /**
   * Whether the words stay behind the link: chosen, or because they must.
   * @param {Messenger.Client} [client]
   */
  isPrivate(client) {
    return this.hidden || isHidden(client);
  }

  /** Whether the reply link goes out: a private message is read behind it, and an expected answer given. */
  get linked() {
    return this.link || this.needsLink;
  }

  get needsLink() {
    return this.isPrivate(this.element.info) || Boolean(this.expects);
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
    return ['private', 'asks', 'expects', 'unless'].includes(name);
  }
}
