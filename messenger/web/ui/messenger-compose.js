// <messenger-compose client="…">: the box to write in, on a client's profile and inside the Messages page.

import { composeView } from './compose-view.js';
import { DraftKeeper } from './draft.js';
import { MessengerElement } from './element.js';
import { Form } from './form.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { Noting } from './noting.js';
import { Opening } from './opening.js';
import { Sending } from './sending.js';
import { Told } from './told.js';
import { Typing } from './typing.js';
import { isOpen } from './ways.js';

/** @typedef {import('./form.js').Written} Written */

let forms = 0;
let boxes = 0;

/** Attribute `client`: whom to write to. Without it the element shows nothing until `channel` is set. */
export class MessengerCompose extends MessengerElement {
  /** @type {Messenger.Channel|undefined} */
  #channel;
  #mayAct = true;
  /** What the server had when it was last asked. @type {Messenger.Draft|undefined} */
  #written;
  /** How many replies have come while something is being written. */
  #news = 0;
  #loads = 0;
  #id = `messenger-compose-${++forms}`;
  /** The client, where no channel is open. @type {Messenger.ClientPage|undefined} */
  page;
  /** What is being written; undefined while there is no way to write. @type {Form|undefined} */
  form;
  /** @type {DraftKeeper|undefined} */
  draft;
  /** What went wrong with the last thing that was done. */
  problem = '';
  /** Whether what is wrong is what was written: it may be right once something else is. */
  refused = false;
  /** The last message that is seen, where this stands in a thread: a send goes by it. @type {() => string|undefined} */
  seen = () => undefined;
  /** The subject of the email that is answered, where this stands in a thread; '' for none. */
  answers = () => '';
  opening = new Opening(this);
  told = new Told(this);
  noting = new Noting(this, `${this.#id}-note`);
  #typing = new Typing(this);
  #sending = new Sending(this);

  actions = {
    write: (/** @type {HTMLElement} */ button) => this.opening.asked(button),
    send: () => this.#sending.send(''),
    'send-done': () => this.#sending.send('done'),
    'send-next': (/** @type {HTMLElement} */ { dataset }) => this.#sending.send('', dataset.at),
    note: () => this.noting.write(),
    'save-note': () => this.noting.save(),
    later: () => this.#typing.schedule(),
    templates: () => this.#typing.find(),
    lift: () => this.#typing.lift(),
    'next-time': (/** @type {HTMLElement} */ { dataset }) => this.#typing.move(dataset.at ?? ''),
    preview: () => this.#typing.preview(),
    advised: (/** @type {HTMLElement} */ button) => this.#typing.putAway(button),
    drop: () => this.#typing.drop(),
    undrop: () => this.#typing.undrop(),
    close: () => this.opening.close(),
    news: () => this.tell('news'),
    undo: () => this.told.takeBack(),
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
    const renamed = channel && channel.id === this.#channel?.id && channel.client_id !== this.client;
    if (renamed) this.follow(channel);
    else if (channel?.id !== this.#channel?.id) {
      this.leave();
      this.page = undefined;
      this.#written = channel?.draft;
    }
    this.#channel = channel;
    if (this.isConnected) this.render();
  }

  /**
   * Goes on in the channel that the one which was written in has become part of: what is typed stays, and is kept for
   * whose that is. What one had begun for them elsewhere stands below it.
   * @param {Messenger.Channel} channel
   */
  follow(channel) {
    const { form, draft } = this;
    this.noting.follow(channel.id);
    this.#channel = channel;
    this.page = undefined;
    if (!draft) return this.update();
    const others = draft.follow(this.client, channel.draft);
    if (form && others) form.fill({ ...form.draft, body: [form.text.body, others].filter(Boolean).join('\n\n') });
    if (form && !form.isEmpty) this.keep();
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
    return !this.form || this.form.isEmpty;
  }

  /** Whether the cursor is in the form. */
  get isWriting() {
    return this.opening.isOpen && this.contains(document.activeElement);
  }

  start() {
    this.form = undefined;
    this.#listenToFields();
    this.listen(window, 'pagehide', () => this.draft?.flush(true));
    this.listen(document, 'visibilitychange', () => document.hidden && this.draft?.flush(true));
    this.listen(window, 'beforeunload', (event) => {
      if (this.noting.isUnsaved) event.preventDefault();
    });
    this.signal.addEventListener('abort', () => {
      this.draft?.flush(true);
      this.leave();
    });
    this.hub.follow('', this.signal);
    this.told.start();
    this.listen(document, 'messenger-signed-in', () => this.#signedIn());
    this.listen(this.hub, 'another', () => {
      this.noting = new Noting(this, `${this.#id}-note`);
      this.changed('client');
    });
    this.listen(document, 'messenger-later', () => this.update());
    if (this.client && !this.#channel) this.#load();
    this.update();
  }

  #listenToFields() {
    const isField = (/** @type {HTMLElement} */ target) => target.matches('.messenger-input');
    this.listen(this, 'focusin', ({ target }) => {
      if (!this.opening.isOpen && this.form && isField(target)) this.opening.entered(target);
    });
    this.listen(this, 'focusout', ({ relatedTarget: to }) => {
      if (to instanceof Node && !this.contains(to)) this.opening.left();
    });
    this.listen(this, 'input', ({ target }) => {
      if (this.noting.isOpen) this.noting.take(target);
      else if (isField(target)) this.#typing.typed(target.name);
    });
    this.listen(this, 'change', ({ target }) => {
      if (!this.noting.isOpen) this.#typing.chosen(target);
    });
    this.listen(this, 'keydown', (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.opening.isOpen) return;
    const sends = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    if (event.key !== 'Escape' && !sends) return;
    event.preventDefault();
    if (!sends) this.opening.close();
    else if (this.noting.isOpen) this.noting.save();
    else this.#sending.send('');
  }

  /** @param {string} name */
  changed(name) {
    if (name !== 'client') return;
    this.leave();
    this.#channel = this.page = this.#written = undefined;
    if (this.client) this.#load();
  }

  /** Keeps what was typed as a draft and closes the form. */
  leave() {
    this.draft?.flush();
    this.#written = this.form && !this.form.isEmpty ? this.form.draft : undefined;
    this.draft?.end();
    this.draft = this.form = undefined;
    this.told.forget();
    this.problem = '';
    this.noting.close();
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
      this.page = page;
      this.problem = '';
      const shown = () => this.update();
      this.hub.whoAmI().then(shown, () => {});
      if (!this.form) this.#written = page.draft;
      this.render();
      if (this.form && !this.form.isEmpty && !this.hasAttribute('data-inbox')) this.opening.unfold(this.form.medium);
      return true;
    } catch (error) {
      if (load === this.#loads) this.problem = this.explain(error);
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
    this.opening.from = from;
    if (!this.ways && !(await this.#load())) return false;
    this.render();
    this.opening.unfold(medium);
    this.opening.focus();
    const form = this.form;
    if (!form || form.folded || form.medium !== medium) return false;
    if (!text) return true;
    if (!form.isEmpty) return false;
    form.fill({ subject: form.answers, ...text });
    form.checkSoon(this.path);
    this.keep();
    this.render();
    return true;
  }

  /** The ways that there are. @returns {Written[]} */
  get media() {
    const { send_email: email, send_sms: sms } = this.ways ?? {};
    /** @type {Written[]} */
    const media = [];
    if (email && isOpen(email)) media.push('email');
    if (sms && isOpen(sms)) media.push('sms');
    return media;
  }

  /** A box with the draft in it, where there is a way to write; what was begun stays. */
  #ready() {
    const media = this.media;
    if (this.form || !this.#mayAct || !media.length) return undefined;
    this.draft ??= DraftKeeper.of(this);
    this.#written = this.draft.take(this.#written);
    const { medium } = this.#written ?? {};
    const way = media.find((m) => m === medium) ?? media.find((m) => m === this.#channel?.last_message?.medium);
    this.form = new Form(this, `${this.#id}-${++boxes}`, way ?? media[0], Boolean(this.info?.restricted));
    return this.form;
  }

  /**
   * Puts a message that did not go out back into the form, unless something else is being written there: false then.
   * @param {{medium?: string, subject?: string, body?: string, send_local?: Messenger.Local, unless?: string,
   *   private?: boolean, awaiting?: {expects: string, by: string}, expects?: string, expect_by?: string}} message
   */
  async restore(message) {
    if (this.form?.text.body.trim()) return false;
    if (!this.ways && !(await this.#load())) return false;
    this.render();
    this.opening.unfold(message.medium === 'sms' ? 'sms' : 'email');
    this.form?.time.take(message);
    this.render();
    const { expects, by } = message.awaiting ?? {};
    this.form?.fill({ expects, expect_by: by, ...message });
    this.form?.checkSoon(this.path);
    this.keep();
    this.opening.focus();
    return true;
  }

  /** Keeps what is written as a draft, after a short pause. */
  keep() {
    if (this.form) this.draft?.keep(this.form.draft);
  }

  /** Forgets the draft, here and on the server. */
  dropDraft() {
    this.draft?.drop();
    this.#written = undefined;
  }

  /**
   * The draft was sent from another tab: nobody is to send it a second time, unless something else was typed here.
   * @param {string} body
   * @param {boolean} typed
   */
  sentElsewhere(body, typed) {
    const { form, draft } = this;
    if (!form || form.sending || (typed && form.text.body !== body)) return;
    draft?.forget();
    this.form = this.#written = undefined;
    this.problem = '';
    this.told.said = this.t('sent_elsewhere');
    this.update();
  }

  /** Where a send goes. */
  get path() {
    const [kind, id] = this.#channel ? ['channels', this.#channel.id] : ['clients', this.client];
    return `/${kind}/${encodeURIComponent(id)}/messages`;
  }

  /** Somebody who was signed out is back. */
  #signedIn() {
    this.problem = '';
    if (this.client && !this.ways) this.#load();
    this.update();
  }

  get info() {
    return this.page?.client ?? this.#channel?.client;
  }

  /** What may be done: undefined while it is not known. */
  get ways() {
    return this.#channel?.actions ?? this.page?.actions;
  }

  render() {
    if (!this.client) return morph(this, html``);
    const fresh = this.#ready();
    this.#show();
    if (!fresh) return;
    fresh.time.take(this.#written ?? {});
    fresh.fill(this.#written ?? {});
    this.#show();
  }

  #show() {
    morph(this, composeView(this));
    this.form?.settle();
  }

  /** When the next working hours have begun, while there are none: undefined within them, and where nobody knows. */
  get next() {
    const { until, next_send_at: next } = (this.#channel ?? this.page)?.working_hours ?? {};
    const now = this.hub.api.now();
    const closed = !until || Date.parse(until) <= now;
    return next && closed && Date.parse(next) > now ? next : undefined;
  }
}
