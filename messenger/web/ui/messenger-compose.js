// <messenger-compose client="…">: the email and SMS forms, on the client's profile and inside the Messages page.

import { ApiError, newKey } from './api.js';
import { allowed, faults, Fields, formView } from './composed.js';
import { DraftKeeper } from './draft.js';
import { MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';
import { actionsView } from './side.js';

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
  #fields = new Fields(this);
  #id = `messenger-compose-${++forms}`;

  /** The client's id; the attribute `client`. */
  get client() {
    return this.#channel?.client_id ?? this.getAttribute('client') ?? '';
  }
  set client(value) {
    this.setAttribute('client', value);
  }

  start() {
    this.listen(this, 'input', ({ target }) => target.matches('[name="subject"], [name="body"]') && this.#typed());
    this.listen(this, 'change', ({ target }) => {
      if (target.name === 'link') this.#link = target.checked;
      this.update();
    });
    this.listen(this, 'submit', (event) => event.preventDefault());
    this.listen(this, 'keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !this.#medium) return;
      event.preventDefault();
      this.#send('');
    });
    this.listen(window, 'pagehide', () => this.#draft?.flush(true));
    this.listen(document, 'visibilitychange', () => this.#draft?.flush(document.visibilityState === 'hidden'));
    this.listen(window, 'beforeunload', (event) => this.#draft?.state === 'failed' && event.preventDefault());
    this.signal.addEventListener('abort', () => (clearInterval(this.#ticking), this.#draft?.flush(true)));
    if (this.client && !this.#channel) this.#load();
    this.update();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== 'client') return;
    this.leave();
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
    this.#undo = this.#attempt = this.#page = undefined;
    this.#said = this.#problem = '';
    this.#sending = false;
    this.#loads++;
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
      this.hub.whoAmI().then(
        () => this.update(),
        () => {},
      );
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
    this.#draft ??= new DraftKeeper(
      this.hub.api,
      this.client,
      () => this.update(),
      (error) => this.explain(error),
    );
    const draft = typed ?? this.#page?.draft;
    if (this.#page?.draft) this.#draft.found();
    this.render();
    this.#fields.fill(draft?.subject ?? '', draft?.body ?? '');
    this.render();
  }

  #focus() {
    this.#fields.focus();
    if (!this.hasAttribute('data-inbox')) this.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Puts a message that did not go out back into the form.
   * @param {Messenger.Message} message
   */
  async restore(message) {
    if (this.#medium && this.#fields.value('body').trim()) return;
    if (!this.#page && !(await this.#load())) return;
    this.#begin(message.medium === 'sms' ? 'sms' : 'email', { subject: message.subject ?? '', body: message.body });
    this.#keep();
    this.#focus();
  }

  #keep() {
    this.#draft?.keep(this.#text());
  }

  #text() {
    return { medium: /** @type {Written} */ (this.#medium), ...this.#fields.text() };
  }

  #typed() {
    this.#fields.grow();
    this.#keep();
    this.update();
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
    if (this.#later) this.#fields.field('when')?.focus();
  }

  /** Closes the form; the draft stays. */
  #close() {
    const medium = this.#medium;
    const text = this.#text();
    this.#draft?.flush();
    if (this.#page) this.#page.draft = text.body.trim() || text.subject.trim() ? text : undefined;
    this.#medium = '';
    this.render();
    this.#focusBack(`[data-medium="${medium}"]`);
  }

  async #drop() {
    this.#fields.fill('', '');
    if (this.#page) this.#page.draft = undefined;
    this.#draft?.drop();
    this.#close();
  }

  /** @param {''|'done'} then */
  async #send(then) {
    if (this.#sending || !this.#medium) return;
    const text = this.#text();
    const when = this.#later ? new Date(this.#fields.value('when')) : undefined;
    this.#faults = faults(text, this.t);
    if (when && !(when.getTime() > this.hub.api.now())) this.#faults.when = this.t('missing_when');
    if (this.#asksWhy && !this.#fields.value('reason').trim()) this.#faults.reason = this.t('missing_reason');
    this.#problem = '';
    if (Object.keys(this.#faults).length) return this.#refuse();
    this.#sending = true;
    this.#said = this.t('sending');
    this.render();
    const attempt = this.#prepare(text, then, when);
    try {
      await this.#draft?.flush();
      const path = this.#channel
        ? `/channels/${encodeURIComponent(this.#channel.id)}`
        : `/clients/${encodeURIComponent(this.client)}`;
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
    this.#fields.field(Object.keys(this.#faults)[0])?.focus();
  }

  /**
   * What goes to the server. The same text keeps its key and its time, so that trying again never sends twice.
   * @param {{medium: Written, subject: string, body: string}} text
   * @param {string} then
   * @param {Date} [when]
   */
  #prepare(text, then, when) {
    const reason = this.#asksWhy ? this.#fields.value('reason').trim() : '';
    const same = JSON.stringify([this.client, this.#channel?.id, text, then, when, reason, this.#link]);
    if (this.#attempt?.text === same) return this.#attempt;
    const after = when ?? new Date(this.hub.api.now() + undoSeconds * 1000);
    const body = {
      medium: text.medium,
      subject: text.medium === 'email' ? text.subject : undefined,
      body: text.body,
      reply_link: this.#link,
      send_after: after.toISOString(),
      then: then || undefined,
      override: reason ? { reason } : undefined,
    };
    return (this.#attempt = { text: same, key: newKey(), body });
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
      this.#focusBack('.messenger-actions button');
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
    if (this.#undo && performance.now() < this.#undo.until) return this.render();
    clearInterval(this.#ticking);
    if (!this.#undo) return;
    const focused = this.one('[data-do="undo"]') === document.activeElement;
    this.#undo = undefined;
    this.#said = this.t('sent_now');
    this.render();
    if (focused) this.#focusBack('.messenger-actions button');
  }

  /** @param {string} otherwise where the focus goes when it can't go back to where it came from */
  #focusBack(otherwise) {
    const back = this.#from?.isConnected && this.#from.offsetParent ? this.#from : this.one(otherwise);
    back?.focus();
  }

  async #takeBack() {
    const undo = this.#undo;
    if (!undo) return;
    this.#undo = undefined;
    try {
      const message = await this.hub.api.call('POST', `/messages/${encodeURIComponent(undo.message.id)}/cancel`);
      if (message?.id) this.hub.dispatchEvent(new CustomEvent('message', { detail: { inbox: '', message } }));
      await this.restore(undo.message);
      this.#said = this.t('undone');
      if (undo.then === 'done' && undo.before !== 'done')
        this.hub.changed(
          await this.hub.api.call('PUT', `/channels/${encodeURIComponent(undo.message.channel_id)}/status`, {
            status: 'open',
          }),
        );
    } catch (error) {
      const late = error instanceof ApiError && error.code === 'already_sent';
      this.#problem = late ? this.t('undo_late') : this.explain(error);
      this.#said = '';
    }
    this.update();
  }

  get #info() {
    return this.#page?.client ?? this.#channel?.client;
  }

  render() {
    const { t } = this;
    const actions = this.#channel?.actions ?? this.#page?.actions;
    if (!this.client) return morph(this, html``);
    morph(
      this,
      html`${this.#problem ? html`<div class="messenger-note messenger-form-problem" data-key="problem" role="alert" tabindex="-1" data-look="bad">${icon('warning')}<span>${this.#problem}</span>${this.#page || this.#channel ? '' : html`<button type="button" class="messenger-link" data-do="again">${t('retry')}</button>`}</div>` : ''}
      ${this.#medium ? this.#formView() : ''}
      ${this.#undo ? html`<div class="messenger-undo" data-key="undo"><span aria-hidden="true">${t('undo_in', { count: Math.max(0, Math.ceil((this.#undo.until - performance.now()) / 1000)) })}</span><button type="button" class="messenger-button" data-kind="second" data-do="undo">${t('undo')}</button></div>` : ''}
      <p class=${this.#medium || this.#undo ? 'messenger-sr' : 'messenger-quiet messenger-told'} data-key="said" role="status">${this.#said}</p>
      ${!this.#medium && actions && this.#mayAct ? html`<div class="messenger-ways" data-key="ways">${actionsView(actions, t)}</div>` : ''}
      ${!actions && !this.#problem ? html`<p class="messenger-quiet" data-key="loading">${t('loading')}</p>` : ''}`,
    );
  }

  #formView() {
    const { t, hub } = this;
    const { replies_allowed: replies = true, reply_link: known } = this.#channel ?? {};
    return formView({
      id: this.#id,
      client: this.client,
      level: this.parentElement?.closest('messenger-inbox') ? 3 : 2,
      info: this.#info,
      me: hub.me,
      t,
      text: this.#text(),
      faults: this.#faults,
      link: this.#link,
      replies,
      known,
      asksWhy: this.#asksWhy,
      later: this.#later,
      sending: this.#sending,
      draft: this.#draft?.state ?? 'none',
    });
  }
}
