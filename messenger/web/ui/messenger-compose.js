// <messenger-compose client="…">: the box to write in, on a client's profile and inside the Messages page.

import { ApiError, itemsOf, query } from './api.js';
import { Attempt } from './attempt.js';
import { DraftKeeper } from './draft.js';
import { MessengerElement } from './element.js';
import { Fate } from './fate.js';
import { formView, mediaView } from './form-view.js';
import { Form } from './form.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { cameLater, later } from './later.js';
import { morph } from './morph.js';
import { Undo, undoSeconds } from './undo.js';
import { isOpen, waysView } from './ways.js';

/** @typedef {import('./form.js').Written} Written */

let forms = 0;
let boxes = 0;

/** Attribute `client`: whom to write to. Without it the element shows nothing until `channel` is set. */
export class MessengerCompose extends MessengerElement {
  /** @type {Messenger.ClientPage|undefined} */
  #page;
  /** @type {Messenger.Channel|undefined} */
  #channel;
  #mayAct = true;
  /** What the server had when it was last asked. @type {Messenger.Draft|undefined} */
  #written;
  /** A draft that was deleted a moment ago. @type {Messenger.Draft|undefined} */
  #dropped;
  /** How many replies have come while something is being written. */
  #news = 0;
  /** What is being written; undefined while there is no way to write. @type {Form|undefined} */
  #form;
  /** @type {DraftKeeper|undefined} */
  #draft;
  #problem = '';
  /** Whether what is wrong is what was written: it may be right once something else is. */
  #refused = false;
  #said = '';
  #attempt = new Attempt();
  /** @type {Undo|undefined} */
  #undo;
  /** What was sent last, once it can't be undone any more. @type {Fate|undefined} */
  #fate;
  /** @type {HTMLElement|undefined} */
  #from;
  /** The last message that is seen, where this stands in a thread: a send goes by it. @type {() => string|undefined} */
  seen = () => undefined;
  #ticking = 0;
  #loads = 0;
  #id = `messenger-compose-${++forms}`;
  /** What is written to colleagues, in an open channel alone. @type {import('./note-form.js').NoteForm|undefined} */
  #note;

  actions = {
    write: (/** @type {HTMLElement} */ button) => this.#asked(button),
    send: () => this.#send(''),
    'send-done': () => this.#send('done'),
    note: () => this.#writeNote(),
    'save-note': () => this.#saveNote(),
    'send-next': (/** @type {HTMLElement} */ { dataset }) => this.#send('', dataset.at),
    later: () => this.#schedule(),
    templates: () => this.#find(),
    'next-time': (/** @type {HTMLElement} */ { dataset }) => this.#move(dataset.at ?? ''),
    preview: () => this.#preview(),
    close: () => this.#close(),
    advised: (/** @type {HTMLElement} */ button) => this.#putAway(button),
    drop: () => this.#drop(),
    undrop: () => this.#putBack(),
    news: () => this.tell('news'),
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
    if (channel?.id !== this.#channel?.id) {
      this.leave();
      this.#page = undefined;
      this.#written = channel?.draft;
    }
    this.#channel = channel;
    if (this.isConnected) this.render();
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

  /** How many replies have come while something is being written: said above the box. */
  get news() {
    return this.#news;
  }
  set news(count) {
    if (count === this.#news) return;
    this.#news = count;
    this.update();
  }

  /** Whether nothing is being written. */
  get isEmpty() {
    return !this.#form || this.#form.isEmpty;
  }

  /** Whether the cursor is in the form. */
  get isWriting() {
    const open = this.#note?.open || (this.#form && !this.#form.folded);
    return Boolean(open && this.contains(document.activeElement));
  }

  start() {
    this.#form = undefined;
    this.listen(this, 'focusin', ({ target }) => {
      if (!this.#note?.open && this.#form?.folded && target.matches('.messenger-input')) this.#entered(target);
    });
    this.listen(this, 'focusout', ({ relatedTarget: to }) => {
      if (to instanceof Node && !this.contains(to)) this.#left();
    });
    this.listen(this, 'input', ({ target }) => {
      if (this.#note?.open) return this.#noted(target);
      if (target.matches('.messenger-input')) this.#typed(target.name);
    });
    this.listen(this, 'change', ({ target }) => {
      if (this.#note?.open) return;
        if (this.#form?.choose(target)) this.#keep();
      this.#form?.checkSoon(this.#path);
      this.update();
    });
    this.listen(this, 'keydown', (event) => {
      const open = this.#note?.open || (this.#form && !this.#form.folded);
      if (event.key === 'Escape' && open) {
        event.preventDefault();
        return this.#close();
      }
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !open) return;
      event.preventDefault();
      if (this.#note?.open) this.#saveNote();
      else this.#send('');
    });
    this.listen(window, 'pagehide', () => this.#draft?.flush(true));
    this.listen(document, 'visibilitychange', () => this.#draft?.flush(document.visibilityState === 'hidden'));
    this.listen(window, 'beforeunload', (event) => {
      if (this.#draft?.state === 'failed' || this.#note?.isUnsaved) event.preventDefault();
    });
    this.signal.addEventListener('abort', () => {
      clearInterval(this.#ticking);
      this.#draft?.flush(true);
      this.leave();
    });
    this.hub.follow('', this.signal);
    this.listen(this.hub, 'message', ({ detail }) => this.#heard(detail.message));
    this.listen(this.hub, 'reset', () => this.#catchUp());
    this.listen(document, 'messenger-signed-in', () => this.#signedIn());
    this.listen(document, 'messenger-later', () => this.update());
    if (this.client && !this.#channel) this.#load();
    this.update();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== 'client') return;
    this.leave();
    this.#channel = this.#page = this.#written = undefined;
    if (this.client) this.#load();
  }

  /** Keeps what was typed as a draft and closes the form. */
  leave() {
    this.#draft?.flush();
    this.#written = this.#form && !this.#form.isEmpty ? this.#form.draft : undefined;
    this.#draft?.end();
    this.#draft = this.#form = undefined;
    this.#undo = this.#fate = this.#dropped = undefined;
    this.#attempt.forget();
    this.#said = this.#problem = '';
    if (this.#note) this.#note.open = false;
    this.#news = 0;
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
      if (!this.#form) this.#written = page.draft;
      this.render();
      if (this.#form && !this.#form.isEmpty && !this.hasAttribute('data-inbox')) this.#unfold(this.#form.medium);
      return true;
    } catch (error) {
      if (load === this.#loads) this.#problem = this.explain(error);
      this.update();
      return false;
    }
  }

  /**
   * Opens the form and puts the cursor into it. Dispatches nothing: the press of a button does.
   * @param {Written} medium
   * @param {{subject?: string, body?: string}} [text] for an empty form; what stands in it is left as it is
   * @param {HTMLElement} [from] where the focus goes when the form closes
   * @returns {Promise<boolean>} whether the form is open, with this text in it where there is one
   */
  async open(medium, text, from) {
    this.#from = from;
    if (!this.#actions && !(await this.#load())) return false;
    this.render();
    this.#unfold(medium);
    this.#focus();
    const form = this.#form;
    if (!form || form.folded || form.medium !== medium) return false;
    if (!text) return true;
    if (!form.isEmpty) return false;
    form.fill(text);
    form.checkSoon(this.#path);
    this.#keep();
    this.render();
    return true;
  }

  /**
   * The cursor comes into the box.
   * @param {HTMLElement} field
   */
  #entered(field) {
    const medium = this.#form?.medium;
    if (!medium) return;
    this.#from = undefined;
    if (this.#asks(medium)) this.#unfold(medium);
    else field.blur();
  }

  /** The cursor has gone elsewhere: an empty form is a line again. */
  #left() {
    if (this.#note?.open) {
      if (!this.#note.of(this.#channel?.id ?? '').text.trim()) this.#closeNote();
      return;
    }
    const form = this.#form;
    if (!form || form.folded || !form.isEmpty || form.later || form.sending || form.reason) return;
    this.#fold();
  }

  /** @param {Written} medium */
  #unfold(medium) {
    const form = this.#form;
    if (!form || !this.#media.includes(medium)) return;
    if (this.#note) this.#note.open = false;
    if (form.folded && this.#fate) this.#fate.hushed = true;
    if (form.folded) this.#said = '';
    const changes = form.medium !== medium;
    const { text } = form;
    form.folded = form.finding = false;
    form.medium = medium;
    form.faults = {};
    this.render();
    form.fill(text);
    form.checkSoon(this.#path);
    if (changes && !form.isEmpty) this.#keep();
    this.render();
  }

  #fold() {
    const form = this.#form;
    if (!form) return;
    const { text } = form;
    form.folded = true;
    form.finding = false;
    form.later &&= !form.isEmpty;
    form.faults = {};
    this.render();
    form.fill(text);
  }

  /** The ways that there are. @returns {Written[]} */
  get #media() {
    const { send_email: email, send_sms: sms } = this.#actions ?? {};
    /** @type {Written[]} */
    const media = [];
    if (email && isOpen(email)) media.push('email');
    if (sms && isOpen(sms)) media.push('sms');
    return media;
  }

  /** A box with the draft in it, where there is a way to write; what was begun stays. */
  #ready() {
    const media = this.#media;
    if (this.#form || !this.#mayAct || !media.length) return undefined;
    const { medium } = this.#written ?? {};
    const way = media.find((m) => m === medium) ?? media.find((m) => m === this.#channel?.last_message?.medium);
    this.#form = new Form(this, `${this.#id}-${++boxes}`, way ?? media[0], Boolean(this.#info?.restricted));
    this.#draft ??= new DraftKeeper(
      this.hub.api,
      this.client,
      () => this.update(),
      (error) => this.explain(error),
    );
    if (this.#written) this.#draft.found();
    return this.#form;
  }

  #focus() {
    this.#form?.fields.focus();
    if (!this.hasAttribute('data-inbox')) this.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Puts a message that did not go out back into the form, unless something else is being written there: false then.
   * @param {{medium?: string, subject?: string, body?: string, send_local?: Messenger.Local, unless?: string,
   *   private?: boolean, awaiting?: {expects: string, by: string}, expects?: string, expect_by?: string}} message
   */
  async restore(message) {
    if (this.#form?.text.body.trim()) return false;
    if (!this.#actions && !(await this.#load())) return false;
    this.render();
    this.#unfold(message.medium === 'sms' ? 'sms' : 'email');
    this.#form?.time.take(message);
    this.render();
    const { expects, by } = message.awaiting ?? {};
    this.#form?.fill({ expects, expect_by: by, ...message });
    this.#form?.checkSoon(this.#path);
    this.#keep();
    this.#focus();
    return true;
  }

  #keep() {
    if (this.#form) this.#draft?.keep(this.#form.draft);
  }

  /** @param {string} name of the field */
  #typed(name) {
    const form = this.#form;
    if (!form) return;
    if (name === 'body' && form.text.body === '/' && !form.finding) {
      form.fields.fill({ body: '' });
      this.#find();
    }
    if (form.isEmpty) form.template = undefined;
    form.grow();
    form.checkAgain();
    if (this.#refused) this.#problem = '';
    this.#refused = false;
    this.#dropped = undefined;
    form.checkSoon(this.#path);
    if (['subject', 'body', 'when', 'expect_by'].includes(name)) this.#keep();
    this.update();
  }

  /**
   * Takes another time than one that does not exist.
   * @param {string} at
   */
  #move(at) {
    const form = this.#form;
    if (!form) return;
    form.time.move(at);
    delete form.faults.when;
    form.checkSoon(this.#path);
    this.#keep();
    this.render();
    form.fields.field('when')?.focus();
  }

  /** @param {HTMLElement} button */
  #asked(button) {
    const medium = /** @type {Written} */ (button.dataset.medium);
    const inside = Boolean(button.closest('.messenger-box'));
    if (inside && !this.#form?.folded) {
      this.#unfold(medium);
      return this.#focus();
    }
    if (this.#asks(medium)) this.open(medium, undefined, inside ? undefined : button);
  }

  /**
   * Tells the host that the form is to open; false where a form of its own steps in.
   * @param {Written} medium
   */
  #asks(medium) {
    const detail = { client_id: this.client, channel_id: this.#channel?.id ?? this.#page?.channel_id, medium };
    return this.emit('messenger-compose-open', detail, true);
  }

  #schedule() {
    const form = this.#form;
    if (!form) return;
    form.later = !form.later;
    delete form.faults.when;
    this.#keep();
    this.render();
    if (form.later) form.fields.field('when')?.focus();
  }

  /** Looks for a template, or stops looking. */
  #find() {
    const form = this.#form;
    if (!form) return;
    form.finding = !form.finding;
    this.render();
    const finder = this.one('messenger-templates');
    if (!finder) return form.fields.field('body')?.focus();
    this.one('messenger-templates .messenger-input')?.focus(); // or by itself, once its module has come
    this.listen(finder, 'close', () => this.#find());
    this.listen(finder, 'picked', ({ detail }) => this.#insert(detail));
  }

  /** @param {Messenger.Draft} template filled in as far as it can be */
  #insert(template) {
    const form = this.#form;
    if (!form?.finding) return;
    form.finding = false;
    form.insert(template);
    form.checkSoon(this.#path);
    this.#dropped = undefined;
    this.#keep();
    this.render();
    form.grow();
    form.focusPlace();
  }

  /** @param {HTMLElement} button of an advice */
  #putAway(button) {
    this.#form?.advised.putAway(button.dataset.of ?? '');
    this.render();
    this.#form?.fields.field('body')?.focus();
  }

  #preview() {
    this.#form?.togglePreview();
    this.render();
    this.one('.messenger-preview')?.scrollIntoView({ block: 'nearest' });
  }

  /** Whether there may be notes: in a channel, of who may act in it. */
  get #notes() {
    return Boolean(this.#channel && this.#mayAct);
  }

  /** Opens the note in the place of the form, whose text stays as it is. */
  async #writeNote() {
    const channel = this.#channel;
    if (!channel || !this.#notes) return;
    if (!this.#note) {
      await cameLater;
      const { NoteForm } = /** @type {{NoteForm: typeof import('./note-form.js').NoteForm}} */ (later);
      this.#note ??= new NoteForm(this, `${this.#id}-note`);
      if (this.#channel?.id !== channel.id) return;
    }
    this.#draft?.flush();
    if (this.#form && !this.#form.folded) this.#fold();
    this.#note.open = true;
    this.#said = this.#problem = '';
    this.render();
    this.#note.fill(channel.id);
    this.#note.focus();
  }

  #closeNote() {
    if (this.#note) this.#note.open = false;
    this.render();
  }

  /** @param {HTMLInputElement|HTMLTextAreaElement} field */
  #noted(field) {
    const channel = this.#channel?.id ?? '';
    this.#note?.take(channel, field);
    this.#note?.fill(channel);
    this.#problem = '';
    this.update();
  }

  async #saveNote() {
    const note = this.#note;
    const { id: channel = '' } = this.#channel ?? {};
    if (!note || note.sending) return;
    this.#problem = '';
    if (!note.check(channel)) {
      this.render();
      return note.focus();
    }
    note.sending = true;
    this.render();
    try {
      const path = `/channels/${encodeURIComponent(channel)}/notes`;
      const saved = await this.hub.api.call('POST', path, note.body(channel));
      note.saved(channel);
      this.tell('noted', { channel, note: saved });
      if (this.#channel?.id === channel) this.#said = this.t('note_saved_now');
    } catch (error) {
      const none = error instanceof ApiError && error.code === 'not_configured';
      this.#problem = none ? this.t('note_no_record') : this.explain(error);
    } finally {
      note.sending = false;
    }
    this.render();
    if (this.#problem) this.one('.messenger-form-problem')?.focus();
    else this.one('[data-do="note"]')?.focus();
  }

  /** Makes the form a line again; what was typed stays. */
  #close() {
    if (this.#note?.open) {
      this.#closeNote();
      return this.one('[data-do="note"]')?.focus();
    }
    this.#draft?.flush();
    this.#fold();
    this.#focusBack();
  }

  /** Deletes the draft, and offers to put it back. */
  #drop() {
    const form = this.#form;
    if (!form) return;
    this.#dropped = form.draft;
    this.#draft?.drop();
    this.#written = undefined;
    form.faults = {};
    form.time.take({});
    form.fill({});
    this.render();
    form.fields.focus();
  }

  #putBack() {
    const form = this.#form;
    if (!form || !this.#dropped) return;
    form.time.take(this.#dropped);
    form.fill(this.#dropped);
    this.#dropped = undefined;
    this.#keep();
    this.render();
    form.fields.focus();
  }

  /**
   * @param {''|'done'} then
   * @param {string} [at] when it is to go out, where that was pressed
   */
  async #send(then, at) {
    const form = this.#form;
    if (!form || form.sending) return;
    form.chosen = at ? new Date(at) : undefined;
    this.#problem = '';
    this.#dropped = undefined;
    if (!form.check()) return this.#refuse(form);
    form.sending = true;
    this.#said = this.t('sending');
    this.render();
    const attempt = this.#prepare(form, then);
    try {
      await this.#draft?.flush();
      const answer = await this.hub.api.call('POST', this.#path, attempt.body, { key: attempt.key });
      this.#accepted(answer, then, form.later || Boolean(at));
    } catch (error) {
      this.#failed(form, error);
    } finally {
      form.sending = false;
      form.chosen = undefined;
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
    const { draft, later, chosen, reason, link } = form;
    const after = chosen ?? new Date(this.hub.api.now() + undoSeconds * 1000);
    const thing = [this.client, this.#channel?.id, draft, then, later, chosen, reason, link];
    return this.#attempt.at(thing, () => form.body(after, then, this.seen()));
  }

  /**
   * @param {Form} form
   * @param {unknown} error
   */
  #failed(form, error) {
    const code = error instanceof ApiError ? error.code : '';
    this.#said = '';
    if (code === 'idempotency_key_reused' || code === 'newer_messages') this.#attempt.forget();
    if (code === 'newer_messages') this.tell('newer');
    if (code === 'confirmation_required' || code === 'safe_contact') {
      form.whyFor = code === 'safe_contact' ? form.medium : 'all';
      form.faults = { reason: this.t('missing_reason') };
      return this.#refuse(form);
    }
    if (code === 'time_does_not_exist') {
      form.figures.refuse(form.written, error);
      form.faults = { when: this.explain(error) };
      return this.#refuse(form);
    }
    if (code === 'too_long' || code === 'unknown_placeholder' || code === 'template_place_unfilled') {
      form.faults = { body: this.explain(error) };
      return this.#refuse(form);
    }
    const gone = code === 'not_found' && form.template;
    if (gone) form.template = undefined;
    const words = gone ? this.t('template_gone') : this.explain(error);
    this.#refused = error instanceof ApiError && error.status === 422;
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
    this.#form = this.#written = undefined;
    this.#problem = '';
    this.render();
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
    this.#focusBack();
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
    if (focused) this.#focusBack();
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

  /** Somebody who was signed out is back: what was typed meanwhile is kept. */
  #signedIn() {
    this.#problem = '';
    this.#draft?.flush();
    if (!this.#actions) this.#load();
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

  /** Gives the focus back to where it came from, or to the way that is written in. */
  #focusBack() {
    const seen = this.#from?.isConnected && this.#from.checkVisibility();
    const button = `.messenger-actions [data-medium="${this.#form?.medium}"]`;
    const all = this.querySelectorAll(`${button}, .messenger-medium-choice[aria-pressed="true"]`);
    const ways = [...all].filter((e) => e.checkVisibility());
    const to = seen ? this.#from : ways[0];
    if (to instanceof HTMLElement) to.focus();
  }

  async #takeBack() {
    const undo = this.#undo;
    if (!undo) return;
    this.#undo = this.#fate = undefined;
    const { message, opensAgain } = undo;
    try {
      const cancelled = await this.hub.api.call('POST', `/messages/${encodeURIComponent(message.id)}/cancel`);
      if (cancelled?.id) this.hub.said(cancelled);
      const back = await this.restore(message);
      this.#said = this.t(back ? 'undone' : 'message_cancelled');
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

  /** What may be done: undefined while it is not known. */
  get #actions() {
    return this.#channel?.actions ?? this.#page?.actions;
  }

  render() {
    const { t } = this;
    if (!this.client) return morph(this, html``);
    const fresh = this.#ready();
    this.#show();
    if (!fresh) return;
    fresh.time.take(this.#written ?? {});
    fresh.fill(this.#written ?? {});
    this.#show();
  }

  #show() {
    const { t } = this;
    const actions = this.#actions;
    const form = this.#form;
    const beside = !this.hasAttribute('data-inbox') || !form;
    const ways = actions && this.#mayAct && beside ? waysView(actions, t) : '';
    morph(
      this,
      html`${this.#problem ? this.#problemView() : ''}
        ${ways ? html`<div class="messenger-ways" data-key="ways">${ways}</div>` : ''}
        ${this.#undo?.view(t)}
        ${this.#toldView()}
        ${this.#news ? this.#newsView() : ''}
        ${this.#boxView()}
        ${actions || this.#problem ? '' : html`<div class="messenger-quiet" data-key="loading">${t('loading')}</div>`}`,
    );
    form?.settle();
  }

  /**
   * The box: a note while one is written, with the form hidden beneath, where its text stays; else the form. Without a
   * way to write to the client, the way to a note alone.
   */
  #boxView() {
    const about = this.#about;
    const note = this.#note?.open ? this.#note : undefined;
    const open = note && this.#channel;
    const none = this.#notes && this.#actions && !this.#form && !open;
    return html`${open ? note.view(open.id, this.#form ? this.#media : []) : ''}
      ${this.#form ? formView(this.#form, about) : ''}
      ${none ? mediaView([], '', this.t, about.notes) : ''}`;
  }

  /** What has become of what was sent, or deleted. */
  #toldView() {
    const { t } = this;
    const fate = this.#undo ? '' : (this.#fate?.words(t, this.format) ?? '');
    const bad = fate && this.#fate?.isBad;
    const words = bad ? fate : this.#said || (this.#dropped ? t('draft_deleted') : fate);
    const hidden = this.#undo || this.#form?.sending;
    const back = html`<button type="button" class="messenger-link" data-do="undrop">${t('undo')}</button>`;
    return html`<div class="messenger-told-line" data-key="told">
      <div class=${hidden ? 'messenger-sr' : 'messenger-told'} data-key="said" role="status"
        data-look=${bad ? 'bad' : 'quiet'}>${words}</div>
      ${this.#dropped ? back : ''}
    </div>`;
  }

  #newsView() {
    const { t } = this;
    return html`<div class="messenger-note messenger-news" data-key="news">
      ${icon('reply')}<span>${t('news', { count: this.#news })}</span>
      <button type="button" class="messenger-link" data-do="news">${t('news_show')}</button>
    </div>`;
  }

  get #about() {
    const { replies_allowed: replies = true, reply_link: known } = this.#channel ?? {};
    const { state: draft = 'none', elsewhere = false } = this.#draft ?? {};
    const [media, hidden] = [this.#media, Boolean(this.#note?.open)];
    const begun = this.#note?.of(this.#channel?.id ?? '').text.trim();
    /** @type {''|'way'|'begun'} */
    const notes = !this.#notes ? '' : begun ? 'begun' : 'way';
    const { client } = this;
    const path = this.#path;
    const [info, next] = [this.#info, this.#next];
    return { client, path, info, replies, known, draft, elsewhere, media, notes, hidden, next };
  }

  /** When the next working hours have begun, while there are none: undefined within them, and where nobody knows. */
  get #next() {
    const { until, next_send_at: next } = (this.#channel ?? this.#page)?.working_hours ?? {};
    const now = this.hub.api.now();
    const closed = !until || Date.parse(until) <= now;
    return next && closed && Date.parse(next) > now ? next : undefined;
  }

  #problemView() {
    const again = html`<button type="button" class="messenger-link" data-do="again">${this.t('retry')}</button>`;
    return html`<div class="messenger-note messenger-form-problem" data-key="problem" role="alert" tabindex="-1"
      data-look="bad">
      ${icon('warning')}<span>${this.#problem}</span>${this.#page || this.#channel ? '' : again}
    </div>`;
  }
}
