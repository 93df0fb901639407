// <messenger-compose client="…">: the email and SMS forms, on the client's profile and inside the Messages page.

import { ApiError, itemsOf, query } from './api.js';
import { Attempt } from './attempt.js';
import { DraftKeeper } from './draft.js';
import { MessengerElement } from './element.js';
import { Fate } from './fate.js';
import { Form } from './form.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { morph } from './morph.js';
import { Undo, undoSeconds } from './undo.js';
import { isOpen, waysView } from './ways.js';

/** @typedef {import('./form.js').Written} Written */

let forms = 0;

/** Attribute `client`: whom to write to. Without it the element shows nothing until `channel` is set. */
export class MessengerCompose extends MessengerElement {
  /** @type {Messenger.ClientPage|undefined} */
  #page;
  /** @type {Messenger.Channel|undefined} */
  #channel;
  #mayAct = true;
  /** What is being written; undefined while the form is closed. @type {Form|undefined} */
  #form;
  /** @type {DraftKeeper|undefined} */
  #draft;
  #problem = '';
  #said = '';
  #attempt = new Attempt();
  /** @type {Undo|undefined} */
  #undo;
  /** What was sent last, once it can't be undone any more. @type {Fate|undefined} */
  #fate;
  /** @type {HTMLElement|undefined} */
  #from;
  #ticking = 0;
  #loads = 0;
  #id = `messenger-compose-${++forms}`;

  actions = {
    write: (/** @type {HTMLElement} */ button) => this.#asked(button),
    send: () => this.#send(''),
    'send-done': () => this.#send('done'),
    later: () => this.#schedule(),
    preview: () => this.#preview(),
    close: () => this.#close(),
    drop: () => this.#drop(),
    undo: () => this.#takeBack(),
    again: () => this.#load(),
  };

  /** The client's id; the attribute `client`. */
  get client() {
    return this.#channel?.client_id ?? this.getAttribute('client') ?? '';
  }
  set client(value) {
    this.setAttribute('client', value);
  }

  /** The channel that is written in, where one is open already: nothing has to be fetched until the form opens. */
  get channel() {
    return this.#channel;
  }
  set channel(channel) {
    if (channel === this.#channel) return;
    if (channel?.id !== this.#channel?.id) this.leave();
    this.#channel = channel;
    if (!this.#form) this.#page = undefined;
    this.update();
  }

  /** Whether the asker may write in the channel. */
  get mayAct() {
    return this.#mayAct;
  }
  set mayAct(may) {
    if (may === this.#mayAct) return;
    this.#mayAct = may;
    this.update();
  }

  start() {
    this.listen(this, 'input', ({ target }) => {
      if (target.matches('.messenger-input')) this.#typed(target.name);
    });
    this.listen(this, 'change', ({ target }) => {
      if (this.#form && target.name === 'link') this.#form.link = target.checked;
      this.#form?.checkSoon(this.#path);
      this.update();
    });
    this.listen(this, 'keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !this.#form) return;
      event.preventDefault();
      this.#send('');
    });
    this.listen(window, 'pagehide', () => this.#draft?.flush(true));
    this.listen(document, 'visibilitychange', () => this.#draft?.flush(document.visibilityState === 'hidden'));
    this.listen(window, 'beforeunload', (event) => {
      if (this.#draft?.state === 'failed') event.preventDefault();
    });
    this.signal.addEventListener('abort', () => {
      clearInterval(this.#ticking);
      this.#draft?.flush(true);
    });
    this.hub.follow('', this.signal);
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.#catchUp());
    if (this.client && !this.#channel) this.#load();
    this.update();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== 'client') return;
    this.leave();
    this.#channel = undefined;
    if (this.client) this.#load();
  }

  /** Keeps what was typed as a draft and closes the form. */
  leave() {
    this.#draft?.flush();
    this.#draft = this.#form = undefined;
    this.#undo = this.#page = this.#fate = undefined;
    this.#attempt.forget();
    this.#said = this.#problem = '';
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
      const shown = () => this.update();
      this.hub.whoAmI().then(shown, () => {});
      const written = page.draft?.body || page.draft?.subject;
      if (!this.#form && written && !this.#channel) this.#begin(wayOf(page));
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
    if (this.#form?.medium === medium) return this.#focus();
    const typed = this.#form?.text;
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
    this.#form = new Form(this, this.#id, medium, Boolean(this.#info?.restricted));
    this.#undo = undefined;
    if (this.#fate) this.#fate.hushed = true;
    this.#said = this.#problem = '';
    this.#draft ??= new DraftKeeper(
      this.hub.api,
      this.client,
      () => this.update(),
      (error) => this.explain(error),
    );
    const draft = typed ?? this.#page?.draft;
    if (this.#page?.draft) this.#draft.found();
    this.render();
    this.#form.fill(draft ?? {});
    this.#form.checkSoon(this.#path);
    this.render();
  }

  #focus() {
    this.#form?.fields.focus();
    if (!this.hasAttribute('data-inbox')) this.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Puts a message that did not go out back into the form.
   * @param {Messenger.Message} message
   */
  async restore(message) {
    if (this.#form?.text.body.trim()) return;
    if (!this.#page && !(await this.#load())) return;
    const medium = message.medium === 'sms' ? 'sms' : 'email';
    this.#begin(medium, { subject: message.subject ?? '', body: message.body });
    this.#keep();
    this.#focus();
  }

  #keep() {
    if (this.#form) this.#draft?.keep(this.#form.text);
  }

  /** @param {string} name of the field */
  #typed(name) {
    const form = this.#form;
    if (!form) return;
    form.fields.grow();
    form.checkAgain();
    form.checkSoon(this.#path);
    if (name === 'subject' || name === 'body') this.#keep();
    this.update();
  }

  /** @param {HTMLElement} button */
  #asked(button) {
    const medium = /** @type {Written} */ (button.dataset.medium);
    const detail = { client_id: this.client, channel_id: this.#channel?.id ?? this.#page?.channel_id, medium };
    if (this.emit('messenger-compose-open', detail, true)) this.open(medium, button);
  }

  #schedule() {
    const form = this.#form;
    if (!form) return;
    form.later = !form.later;
    delete form.faults.when;
    this.render();
    if (form.later) form.fields.field('when')?.focus();
  }

  #preview() {
    this.#form?.togglePreview();
    this.update();
  }

  /** Closes the form; the draft stays. */
  #close() {
    const text = this.#form?.text;
    this.#draft?.flush();
    const written = text && (text.body.trim() || text.subject.trim());
    if (this.#page) this.#page.draft = written ? text : undefined;
    this.#form = undefined;
    this.render();
    this.#focusBack(`[data-medium="${text?.medium}"]`);
  }

  #drop() {
    const medium = this.#form?.medium;
    this.#draft?.drop();
    if (this.#page) this.#page.draft = undefined;
    this.#form = undefined;
    this.render();
    this.#focusBack(`[data-medium="${medium}"]`);
  }

  /** @param {''|'done'} then */
  async #send(then) {
    const form = this.#form;
    if (!form || form.sending) return;
    this.#problem = '';
    if (!form.check()) return this.#refuse(form);
    form.sending = true;
    this.#said = this.t('sending');
    this.render();
    const attempt = this.#prepare(form, then);
    try {
      await this.#draft?.flush();
      const answer = await this.hub.api.call('POST', this.#path, attempt.body, { key: attempt.key });
      this.#accepted(answer, then, form.later);
    } catch (error) {
      this.#failed(form, error);
    } finally {
      form.sending = false;
      this.update();
    }
  }

  /** Where a send goes. */
  get #path() {
    const [kind, id] = this.#channel ? ['channels', this.#channel.id] : ['clients', this.client];
    return `/${kind}/${encodeURIComponent(id)}/messages`;
  }

  /**
   * Shows what is wrong and puts the cursor there.
   * @param {Form} form
   */
  #refuse(form) {
    this.render();
    form.focusFault();
  }

  /**
   * @param {Form} form
   * @param {string} then
   */
  #prepare(form, then) {
    const { text, when, reason, link } = form;
    const after = when ?? new Date(this.hub.api.now() + undoSeconds * 1000);
    const thing = [this.client, this.#channel?.id, text, then, when, reason, link];
    return this.#attempt.at(thing, () => form.body(after, then));
  }

  /**
   * @param {Form} form
   * @param {unknown} error
   */
  #failed(form, error) {
    const code = error instanceof ApiError ? error.code : '';
    this.#said = '';
    if (code === 'idempotency_key_reused') this.#attempt.forget();
    if (code === 'confirmation_required') {
      form.asksWhy = true;
      form.faults = { reason: this.t('missing_reason') };
      return this.#refuse(form);
    }
    if (code === 'too_long') {
      form.faults = { body: this.explain(error) };
      return this.#refuse(form);
    }
    const words = this.explain(error);
    this.#problem = code === 'offline' || code === 'slow' ? this.t('error_offline_send') : words;
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
    this.#attempt.forget();
    this.#draft?.drop();
    if (this.#page) this.#page.draft = undefined;
    this.#form = undefined;
    this.#problem = '';
    this.emit('messenger-sent', { message, channel_id: message.channel_id, client_id: this.client });
    this.hub.said(message);
    if (answer.channel?.id) this.hub.changed(answer.channel);
    this.follow(message, then, before, later);
    this.tell('sent', { message, then, before, later });
  }

  /**
   * Says what becomes of a message that was just accepted, and offers to take it back.
   * @param {Messenger.Message} message
   * @param {string} then what the channel was to become; '' for what it was
   * @param {string} before what it was
   * @param {boolean} later whether it goes out at a time that was chosen
   */
  follow(message, then, before, later) {
    this.#fate = new Fate(message, later);
    this.#said = '';
    if (!later) return this.#offerUndo(message, then, before);
    this.render();
    this.#focusBack('.messenger-actions button');
  }

  /**
   * @param {Messenger.Message} message
   * @param {string} then what the channel was to become
   * @param {string} before what it was
   */
  #offerUndo(message, then, before) {
    this.#undo = new Undo(message, then, before, this.hub.api.now());
    this.#said = this.t('undo_ready');
    clearInterval(this.#ticking);
    this.#ticking = window.setInterval(() => this.#tick(), 250);
    this.render();
    this.one('[data-do="undo"]')?.focus();
  }

  #tick() {
    if (this.#undo && !this.#undo.isOver) return this.render();
    this.#closeUndo();
  }

  /** The message goes out: from now on the strip says what becomes of it. */
  #closeUndo() {
    clearInterval(this.#ticking);
    if (!this.#undo) return;
    const focused = this.one('[data-do="undo"]') === document.activeElement;
    this.#undo = undefined;
    this.#said = '';
    this.render();
    if (focused) this.#focusBack('.messenger-actions button');
  }

  /** @param {Messenger.Message} message */
  #heard(message) {
    const fate = this.#fate;
    if (!fate || message.id !== fate.message.id) return;
    const stands = fate.follow(message);
    if (stands) this.soon('fate', stands, () => this.update());
    if (message.delivery.status !== 'scheduled') this.#closeUndo();
    this.update();
  }

  /** Asks what became of the message that was sent last, after events may have been missed. */
  async #catchUp() {
    const { message, isOpen: open } = this.#fate ?? {};
    if (!message || !open) return;
    const path = `/channels/${encodeURIComponent(message.channel_id)}/messages${query({ limit: 50 })}`;
    const page = await this.hub.api.get(path).catch(() => ({ items: [] }));
    const now = itemsOf(page).find((/** @type {Messenger.Message} */ m) => m.id === message.id);
    if (now) this.#heard(now);
  }

  /** @param {string} otherwise where the focus goes when it can't go back to where it came from */
  #focusBack(otherwise) {
    const back = this.#from?.isConnected && this.#from.offsetParent ? this.#from : this.one(otherwise);
    back?.focus();
  }

  async #takeBack() {
    const undo = this.#undo;
    if (!undo) return;
    this.#undo = this.#fate = undefined;
    const { message, opensAgain } = undo;
    try {
      const cancelled = await this.hub.api.call('POST', `/messages/${encodeURIComponent(message.id)}/cancel`);
      if (cancelled?.id) this.hub.said(cancelled);
      await this.restore(message);
      this.#said = this.t('undone');
      if (opensAgain) await this.hub.setStatus(message.channel_id, 'open');
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
    const ways = this.#form || !actions || !this.#mayAct ? '' : waysView(actions, t);
    const fate = this.#undo ? '' : (this.#fate?.words(t, this.format) ?? '');
    const quiet = (this.#form || this.#undo) && !fate;
    morph(
      this,
      html`${this.#problem ? this.#problemView() : ''}
        ${this.#form ? this.#form.view(this.#about) : ''}
        ${this.#undo?.view(t)}
        <div class=${quiet ? 'messenger-sr' : 'messenger-told'} data-key="said" role="status"
          data-look=${fate && this.#fate?.isBad ? 'bad' : 'quiet'}>${this.#said || fate}</div>
        ${ways ? html`<div class="messenger-ways" data-key="ways">${ways}</div>` : ''}
        ${actions || this.#problem ? '' : html`<div class="messenger-quiet" data-key="loading">${t('loading')}</div>`}`,
    );
  }

  get #about() {
    const { replies_allowed: replies = true, reply_link: known } = this.#channel ?? {};
    return { client: this.client, info: this.#info, replies, known, draft: this.#draft?.state ?? 'none' };
  }

  #problemView() {
    const again = html`<button type="button" class="messenger-link" data-do="again">${this.t('retry')}</button>`;
    return html`<div class="messenger-note messenger-form-problem" data-key="problem" role="alert" tabindex="-1"
      data-look="bad">
      ${icon('warning')}<span>${this.#problem}</span>${this.#page || this.#channel ? '' : again}
    </div>`;
  }
}

/**
 * The way to open a draft: as it was written, or the other one when that can't be used any more; '' for none.
 * @param {Messenger.ClientPage} page
 * @returns {Written|''}
 */
function wayOf({ actions: { send_email: email, send_sms: sms }, draft }) {
  if (draft?.medium === 'sms' && isOpen(sms)) return 'sms';
  if (isOpen(email)) return 'email';
  return isOpen(sms) ? 'sms' : '';
}
