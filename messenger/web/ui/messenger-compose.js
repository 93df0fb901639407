// <messenger-compose client="…">: the email and SMS forms, on the client's profile and inside the Messages page.

import { ApiError, newKey } from './api.js';
import { counterView, delivered, faults, fieldView, sampleLink } from './composed.js';
import { DraftKeeper } from './draft.js';
import { MessengerElement } from './element.js';
import { html, morph } from './html.js';
import { icon } from './icons.js';
import { actionsView } from './panels.js';

/** @typedef {'email'|'sms'} Written */

/** How long a message waits on the server, so that it can be undone. */
const undoSeconds = 10;
let forms = 0;

/** Attribute `client`: whom to write to. Without it the element shows nothing until `use` names a channel. */
export class MessengerCompose extends MessengerElement {
  /** @type {Messenger.ClientPage|undefined} */
  #page;
  /** @type {Messenger.Channel|undefined} */
  #channel;
  #mayAct = true;
  /** @type {Written|''} */
  #medium = '';
  /** @type {DraftKeeper|undefined} */
  #draft;
  /** @type {Record<string, string>} */
  #faults = {};
  #problem = '';
  #said = '';
  #sending = false;
  #later = false;
  #link = true;
  #asksWhy = false;
  /** @type {{text: string, key: string, body: any}|undefined} */
  #attempt;
  /** @type {{message: Messenger.Message, then: string, until: number, before: string}|undefined} */
  #undo;
  /** @type {HTMLElement|undefined} */
  #from;
  #ticking = 0;
  #loads = 0;
  #id = `messenger-compose-${++forms}`;

  /** The client's id; the attribute `client`. */
  get client() {
    return this.#channel?.client_id ?? this.getAttribute('client') ?? '';
  }
  set client(value) {
    this.setAttribute('client', value);
  }

  start() {
    const { signal } = this;
    this.addEventListener('input', (event) => this.#typed(event), { signal });
    this.addEventListener('change', (event) => this.#chosen(event), { signal });
    this.addEventListener('submit', (event) => event.preventDefault(), { signal });
    this.addEventListener('keydown', (event) => this.#key(event), { signal });
    window.addEventListener('pagehide', () => this.#draft?.flush(true), { signal });
    document.addEventListener('visibilitychange', () => this.#draft?.flush(document.visibilityState === 'hidden'), { signal });
    window.addEventListener('beforeunload', (event) => {
      if (this.#draft?.state === 'failed') event.preventDefault();
    }, { signal });
    signal.addEventListener('abort', () => {
      clearInterval(this.#ticking);
      this.#draft?.flush(true);
    });
    if (this.client && !this.#channel) this.#load();
    this.update();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== 'client') return;
    this.leave();
    this.#page = undefined;
    this.#channel = undefined;
    this.#load();
  }

  /**
   * Writes in a channel that is open already, so that nothing has to be fetched until the form opens.
   * @param {Messenger.Channel} channel
   * @param {boolean} mayAct
   */
  use(channel, mayAct) {
    if (this.#channel?.id !== channel.id) this.leave();
    this.#channel = channel;
    this.#mayAct = mayAct;
    if (!this.#medium) this.#page = undefined;
    this.update();
  }

  /** Keeps what was typed as a draft and closes the form. */
  leave() {
    this.#draft?.flush();
    this.#draft = undefined;
    this.#medium = '';
    this.#undo = undefined;
    this.#attempt = undefined;
    this.#said = this.#problem = '';
    this.#page = undefined;
    this.#sending = false;
    this.#loads++;
    clearInterval(this.#ticking);
    this.update();
  }

  /** Loads the client for the profile; a draft opens the form that it was written in. */
  async #load() {
    const load = ++this.#loads;
    try {
      const page = await this.hub.api.get(`/clients/${encodeURIComponent(this.client)}`);
      if (load !== this.#loads) return false;
      this.#page = page;
      this.#problem = '';
      this.hub.whoAmI().then(() => this.update(), () => {});
      if (!this.#medium && page.draft?.body && !this.#channel) this.#begin(allowed(page, page.draft.medium ?? 'email'));
      this.update();
      return true;
    } catch (error) {
      if (load === this.#loads) this.#problem = this.explain(error);
      this.update();
      return false;
    }
  }

  /**
   * Opens a form and puts the cursor into it. Dispatches nothing: the press of a button does.
   * @param {Written} medium
   * @param {HTMLElement} [from] where the focus goes when the form closes
   */
  async open(medium, from) {
    this.#from = from;
    if (this.#medium === medium) return this.#focus();
    const typed = this.#medium ? this.#text() : undefined;
    if (!this.#page && !(await this.#load())) return;
    this.#begin(medium, typed);
    this.#focus();
  }

  /**
   * @param {Written|''} medium
   * @param {{subject: string, body: string}} [typed]
   */
  #begin(medium, typed) {
    if (!medium) return;
    this.#medium = medium;
    this.#undo = undefined;
    this.#faults = {};
    this.#said = this.#problem = '';
    this.#later = false;
    this.#asksWhy = Boolean(this.#info?.restricted);
    this.#link = true;
    this.#draft ??= new DraftKeeper(this.hub.api, this.client, () => this.update(), (error) => this.explain(error));
    const draft = typed ?? this.#page?.draft;
    if (this.#page?.draft) this.#draft.found();
    this.render();
    this.#fill(draft?.subject ?? '', draft?.body ?? '');
    this.render();
  }

  #focus() {
    const empty = this.#medium === 'email' && !this.#value('subject') ? 'subject' : 'body';
    this.#field(empty)?.focus();
    if (!this.hasAttribute('data-inbox')) this.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Puts a message that did not go out back into the form.
   * @param {Messenger.Message} message
   */
  async restore(message) {
    if (this.#medium && this.#value('body').trim()) return;
    if (!this.#page && !(await this.#load())) return;
    this.#begin(message.medium === 'sms' ? 'sms' : 'email', { subject: message.subject ?? '', body: message.body });
    this.#keep();
    this.#focus();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement|HTMLTextAreaElement|null} */ (this.querySelector(`form [name="${name}"]`));
  }

  /** @param {string} name */
  #value(name) {
    return this.#field(name)?.value ?? '';
  }

  #text() {
    return { medium: /** @type {Written} */ (this.#medium), subject: this.#value('subject'), body: this.#value('body') };
  }

  /**
   * @param {string} subject
   * @param {string} body
   */
  #fill(subject, body) {
    const line = this.#field('subject');
    const area = this.#field('body');
    if (line) line.value = subject;
    if (area) area.value = body;
    this.#grow();
  }

  #grow() {
    const area = this.#field('body');
    if (!(area instanceof HTMLTextAreaElement)) return;
    const lines = area.value.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 70), 1);
    area.rows = Math.max(this.#medium === 'email' ? 6 : 4, Math.min(14, lines));
  }

  #keep() {
    const { medium, subject, body } = this.#text();
    this.#draft?.keep({ medium, subject, body });
  }

  /** @param {Event} event */
  #typed(event) {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[name="subject"], [name="body"]')) return;
    this.#grow();
    this.#keep();
    this.update();
  }

  /** @param {Event} event */
  #chosen(event) {
    const box = event.target;
    if (box instanceof HTMLInputElement && box.name === 'link') this.#link = box.checked;
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !this.#medium) return;
    event.preventDefault();
    this.#send('');
  }

  /**
   * @param {string} name
   * @param {HTMLElement} target
   */
  act(name, target) {
    if (name === 'write') this.#asked(/** @type {Written} */ (target.dataset.medium), target);
    if (name === 'send') this.#send('');
    if (name === 'send-done') this.#send('done');
    if (name === 'later') this.#schedule();
    if (name === 'close') this.#close();
    if (name === 'drop') this.#drop();
    if (name === 'undo') this.#takeBack();
    if (name === 'again') this.#load();
  }

  /**
   * @param {Written} medium
   * @param {HTMLElement} from
   */
  #asked(medium, from) {
    const detail = { client_id: this.client, channel_id: this.#channel?.id ?? this.#page?.channel_id, medium };
    if (this.emit('messenger-compose-open', detail, true)) this.open(medium, from);
  }

  #schedule() {
    this.#later = !this.#later;
    delete this.#faults.when;
    this.render();
    if (this.#later) this.#field('when')?.focus();
  }

  /** Closes the form; the draft stays. */
  #close() {
    const medium = this.#medium;
    const text = this.#text();
    this.#draft?.flush();
    if (this.#page) this.#page.draft = text.body.trim() || text.subject.trim() ? text : undefined;
    this.#medium = '';
    this.render();
    const back = this.#from?.isConnected && this.#from.offsetParent ? this.#from : this.one(`[data-medium="${medium}"]`);
    back?.focus();
  }

  async #drop() {
    this.#fill('', '');
    if (this.#page) this.#page.draft = undefined;
    this.#draft?.drop();
    this.#close();
  }

  /** @param {''|'done'} then */
  async #send(then) {
    if (this.#sending || !this.#medium) return;
    const text = this.#text();
    const when = this.#later ? new Date(this.#value('when')) : undefined;
    this.#faults = faults(text, this.t);
    if (when && !(when.getTime() > this.hub.api.now())) this.#faults.when = this.t('missing_when');
    if (this.#asksWhy && !this.#value('reason').trim()) this.#faults.reason = this.t('missing_reason');
    this.#problem = '';
    if (Object.keys(this.#faults).length) return this.#refuse();
    this.#sending = true;
    this.#said = this.t('sending');
    this.render();
    const attempt = this.#prepare(text, then, when);
    try {
      await this.#draft?.flush();
      const path = this.#channel ? `/channels/${encodeURIComponent(this.#channel.id)}` : `/clients/${encodeURIComponent(this.client)}`;
      const answer = await this.hub.api.call('POST', `${path}/messages`, attempt.body, { key: attempt.key });
      this.#accepted(answer, then, Boolean(when));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#sending = false;
      this.update();
    }
  }

  /** Shows what is wrong and puts the cursor there. */
  #refuse() {
    this.render();
    this.#field(Object.keys(this.#faults)[0])?.focus();
  }

  /**
   * What goes to the server. The same text keeps its key and its time, so that trying again never sends twice.
   * @param {{medium: Written, subject: string, body: string}} text
   * @param {string} then
   * @param {Date} [when]
   */
  #prepare(text, then, when) {
    const reason = this.#asksWhy ? this.#value('reason').trim() : '';
    const same = JSON.stringify([this.client, this.#channel?.id, text, then, when, reason, this.#link]);
    if (this.#attempt?.text === same) return this.#attempt;
    const after = when ?? new Date(this.hub.api.now() + undoSeconds * 1000);
    /** @type {any} */
    const body = { medium: text.medium, body: text.body, reply_link: this.#link, send_after: after.toISOString() };
    if (text.medium === 'email') body.subject = text.subject;
    if (then) body.then = then;
    if (reason) body.override = { reason };
    this.#attempt = { text: same, key: newKey(), body };
    return this.#attempt;
  }

  /** @param {unknown} error */
  #failed(error) {
    const code = error instanceof ApiError ? error.code : '';
    this.#said = '';
    if (code === 'idempotency_key_reused') this.#attempt = undefined;
    if (code === 'confirmation_required') {
      this.#asksWhy = true;
      this.#faults = { reason: this.t('missing_reason') };
      return this.#refuse();
    }
    const words = this.explain(error);
    this.#problem = code === 'offline' ? this.t('error_offline_send') : words;
    this.render();
    this.one('.messenger-form-problem')?.focus();
  }

  /**
   * @param {any} answer
   * @param {string} then
   * @param {boolean} later
   */
  #accepted(answer, then, later) {
    const message = /** @type {Messenger.Message} */ (answer.message ?? answer);
    const before = this.#channel?.status ?? '';
    this.#attempt = undefined;
    this.#draft?.drop();
    if (this.#page) this.#page.draft = undefined;
    this.#medium = '';
    this.#problem = '';
    this.emit('messenger-sent', { message, channel_id: message.channel_id, client_id: this.client });
    this.hub.dispatchEvent(new CustomEvent('message', { detail: { inbox: '', message } }));
    if (answer.channel?.id) this.hub.changed(answer.channel);
    if (later) {
      this.#said = this.t('scheduled_for', { when: this.format.when(message.send_after ?? new Date().toISOString()) });
      this.render();
      this.#focusEnd();
      return;
    }
    const left = Date.parse(message.send_after ?? '') - this.hub.api.now();
    const wait = Math.min(undoSeconds * 1000, Number.isNaN(left) ? 0 : left);
    this.#undo = { message, then, before, until: performance.now() + wait };
    this.#said = this.t('undo_ready');
    clearInterval(this.#ticking);
    this.#ticking = window.setInterval(() => this.#tick(), 250);
    this.render();
    this.one('[data-do="undo"]')?.focus();
  }

  #tick() {
    if (!this.#undo) return clearInterval(this.#ticking);
    if (performance.now() >= this.#undo.until) {
      const focused = this.one('[data-do="undo"]') === document.activeElement;
      this.#undo = undefined;
      this.#said = this.t('sent_now');
      clearInterval(this.#ticking);
      this.render();
      if (focused) this.#focusEnd();
      return;
    }
    this.render();
  }

  #focusEnd() {
    const back = this.#from?.isConnected && this.#from.offsetParent ? this.#from : this.one('.messenger-actions button');
    back?.focus();
  }

  async #takeBack() {
    const undo = this.#undo;
    if (!undo) return;
    this.#undo = undefined;
    clearInterval(this.#ticking);
    try {
      const message = await this.hub.api.call('POST', `/messages/${encodeURIComponent(undo.message.id)}/cancel`);
      if (message?.id) this.hub.dispatchEvent(new CustomEvent('message', { detail: { inbox: '', message } }));
      await this.restore(undo.message);
      this.#said = this.t('undone');
      if (undo.then === 'done' && undo.before !== 'done') await this.#reopen(undo.message.channel_id);
    } catch (error) {
      const late = error instanceof ApiError && error.code === 'already_sent';
      this.#problem = late ? this.t('undo_late') : this.explain(error);
      this.#said = '';
    }
    this.update();
  }

  /** @param {string} channel */
  async #reopen(channel) {
    this.hub.changed(await this.hub.api.call('PUT', `/channels/${encodeURIComponent(channel)}/status`, { status: 'open' }));
  }

  get #info() {
    return this.#page?.client ?? this.#channel?.client;
  }

  render() {
    const { t } = this;
    const actions = this.#channel?.actions ?? this.#page?.actions;
    if (!this.client) return morph(this, html``);
    morph(this, html`${this.#problem ? html`<div class="messenger-note messenger-form-problem" data-key="problem" role="alert" tabindex="-1" data-look="bad">${icon('warning')}<span>${this.#problem}</span>${this.#page || this.#channel ? '' : html`<button type="button" class="messenger-link" data-do="again">${t('retry')}</button>`}</div>` : ''}
      ${this.#medium ? this.#formView(this.#medium) : ''}
      ${this.#undo ? html`<div class="messenger-undo" data-key="undo"><span aria-hidden="true">${t('undo_in', { count: Math.max(0, Math.ceil((this.#undo.until - performance.now()) / 1000)) })}</span><button type="button" class="messenger-button" data-kind="second" data-do="undo">${t('undo')}</button></div>` : ''}
      <p class=${this.#medium || this.#undo ? 'messenger-sr' : 'messenger-quiet messenger-told'} data-key="said" role="status">${this.#said}</p>
      ${!this.#medium && actions && this.#mayAct ? html`<div class="messenger-ways" data-key="ways">${actionsView(actions, t)}</div>` : ''}
      ${!actions && !this.#problem ? html`<p class="messenger-quiet" data-key="loading">${t('loading')}</p>` : ''}`);
  }

  /** @param {Written} medium */
  #formView(medium) {
    const { t } = this;
    const info = this.#info;
    const name = info?.name ?? '';
    const id = this.#id;
    const text = this.querySelector('form') ? this.#text() : { medium, subject: '', body: '' };
    const off = this.#channel ? !this.#channel.replies_allowed : false;
    const known = this.#channel?.reply_link;
    const link = this.#link && !off ? (known ?? t('preview_link', { name })) : '';
    const me = this.hub.me;
    const names = { first_name: name.split(' ')[0], staff_name: me?.staff.name ?? '', organisation: me?.organisation.name ?? '' };
    const shown = delivered({ text, names, link }, me?.closing);
    // A first message's link is not made yet: it is counted as long as it will be.
    const counted = known || !link ? shown : delivered({ text, names, link: sampleLink }, me?.closing);
    const title = [icon(medium), t(`${medium}_to`, { name })];
    const address = medium === 'email' ? info?.email : info?.phone;
    return html`<form class="messenger-form" data-key="form ${medium} ${this.client}" novalidate aria-labelledby="${id}-title">
      <header class="messenger-form-head">${this.parentElement?.closest('messenger-inbox') ? html`<h3 class="messenger-form-title" id="${id}-title">${title}</h3>` : html`<h2 class="messenger-form-title" id="${id}-title">${title}</h2>`}<span class="messenger-quiet">${address ?? (info?.restricted ? t('address_hidden') : '')}</span>
        <button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button></header>
      ${medium === 'email' ? fieldView({ id: `${id}-subject`, name: 'subject', label: t('subject'), error: this.#faults.subject }) : ''}
      ${fieldView({ id: `${id}-body`, name: 'body', label: t('message'), error: this.#faults.body, rows: medium === 'email' ? 6 : 4 })}
      <div class="messenger-under" data-key="under">
        ${medium === 'sms' ? counterView(text.body.trim() ? counted : '', t, Boolean(link && text.body.trim())) : ''}
        <label class="messenger-check"><input type="checkbox" name="link" checked=${this.#link && !off} disabled=${off}><span>${t('add_link')}<span class="messenger-quiet"> ${off ? t('link_off_hint') : ''}</span></span></label>
      </div>
      <details class="messenger-preview" data-key="preview"><summary>${t('preview', { name })}</summary>
        ${text.body.trim() ? html`<div class="messenger-previewed">${medium === 'email' && text.subject ? html`<strong>${text.subject}</strong>` : ''}<p dir="auto">${shown}</p></div>` : html`<p class="messenger-quiet">${t('preview_empty')}</p>`}</details>
      ${this.#asksWhy ? fieldView({ id: `${id}-reason`, name: 'reason', label: t('reason_label'), hint: t('reason_hint'), error: this.#faults.reason }) : ''}
      ${this.#later ? fieldView({ id: `${id}-when`, name: 'when', label: t('send_at'), hint: t('send_at_hint'), error: this.#faults.when, type: 'datetime-local' }) : ''}
      <div class="messenger-send" data-key="send">
        <button type="button" class="messenger-button" data-do="send" aria-disabled=${this.#sending ? 'true' : null}>${this.#sending ? t('sending') : t(this.#later ? 'schedule' : 'send')}</button>
        ${this.#later ? '' : html`<button type="button" class="messenger-button" data-kind="second" data-do="send-done" aria-disabled=${this.#sending ? 'true' : null}>${t('send_done')}</button>`}
        <button type="button" class="messenger-link" data-do="later" aria-expanded=${String(this.#later)}>${t(this.#later ? 'send_now' : 'send_later')}</button>
        <span class="messenger-draft" data-state=${this.#draft?.state ?? 'none'}>${this.#draft && this.#draft.state !== 'none' ? t(`draft_${this.#draft.state}`) : t('keyboard_hint')}</span>
        ${text.body || text.subject ? html`<button type="button" class="messenger-link messenger-drop" data-do="drop">${t('draft_delete')}</button>` : ''}
      </div>
    </form>`;
  }
}

/**
 * The way to open a draft: as it was written, or the other one when that can't be used any more.
 * @param {Messenger.ClientPage} page
 * @param {Written} medium
 * @returns {Written|''}
 */
function allowed({ actions }, medium) {
  const can = (/** @type {Messenger.Action} */ action) => action.allowed || action.why === 'restricted';
  if (medium === 'sms' && can(actions.send_sms)) return 'sms';
  if (can(actions.send_email)) return 'email';
  return can(actions.send_sms) ? 'sms' : '';
}
