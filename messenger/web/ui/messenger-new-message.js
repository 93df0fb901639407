// <messenger-new-message>: the dialog behind 'New message'. One client, several picked one by one, or saved lists.

import { itemsOf, newKey, query } from './api.js';
import { counterView, delivered, faults, fieldView, sampleLink } from './composed.js';
import { alertView, MessengerElement } from './element.js';
import { wordsOr } from './format.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { icon } from './icons.js';

/** How many pages of a saved list are read to name the people on it who get nothing. */
const listPages = 10;

let dialogs = 0;

/** Part of the Messages page. One recipient is written to with `<messenger-compose>`, more with a broadcast. */
export class MessengerNewMessage extends MessengerElement {
  /** @type {Messenger.Recipient[]} */
  #picked = [];
  /** @type {Messenger.Recipient[]|undefined} */
  #found;
  /** @type {{id: string, name: string, size?: number}[]|undefined} */
  #lists;
  /** @type {Set<string>} */
  #listed = new Set();
  /** @type {'email'|'sms'} */
  #medium = 'email';
  /** What was typed for several: it outlives the form, which comes and goes with who is picked. */
  #written = { subject: '', body: '', when: '' };
  #later = false;
  #asOpen = false;
  #link = false;
  /** @type {Record<string, string>} */
  #faults = {};
  /** @type {{of: string, data: Messenger.BroadcastPreview}|undefined} */
  #preview;
  /** @type {Messenger.Broadcast|undefined} */
  #sent;
  /** @type {Map<string, Messenger.Broadcast>} what the stream has told, perhaps before the answer came */
  #told = new Map();
  /** @type {Map<string, string>} */
  #names = new Map();
  /** @type {{of: string, key: string}|undefined} */
  #attempt;
  #problem = '';
  #busy = false;
  #q = '';
  #timer = 0;
  /** @type {AbortController|undefined} */
  #asking;
  #id = `messenger-new-${++dialogs}`;

  start() {
    this.replaceChildren(
      html`<dialog class="messenger-dialog messenger-new" aria-labelledby="${this.#id}-title"></dialog>`,
    );
    this.listen(this, 'input', (event) => this.#typed(event));
    this.listen(this, 'change', (event) => this.#chosen(event));
    this.listen(this, 'submit', (event) => event.preventDefault());
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.listen(this.one('dialog'), 'close', () => this.#closed());
    this.listen(this, 'messenger-sent', () => this.update());
    this.listen(window, 'beforeunload', (event) => {
      if (this.#unsent) event.preventDefault();
    });
    this.listen(this.hub, 'broadcast', ({ detail }) => this.#progress(detail.broadcast));
    this.listen(this.hub, 'reset', () => this.#refresh());
  }

  /** Opens the dialog: on what was typed for several and not sent, or else on an empty form. */
  async open() {
    if (!this.#unsent) {
      this.#picked = [];
      this.#listed.clear();
      this.#written = { subject: '', body: '', when: '' };
      this.#later = false;
      this.#attempt = undefined;
    }
    this.#found = this.#preview = this.#sent = undefined;
    this.#problem = this.#q = '';
    this.#faults = {};
    this.one('dialog').replaceChildren();
    this.render();
    this.one('dialog').showModal();
    this.one(`#${this.#id}-find`)?.focus();
    if (!this.#lists) await this.#loadLists();
  }

  /** Whether something was typed for several and not sent: nothing but this page has it. */
  get #unsent() {
    return !this.#sent && `${this.#written.subject}${this.#written.body}`.trim() !== '';
  }

  async #loadLists() {
    try {
      this.#lists = itemsOf(await this.hub.api.get('/lists'));
    } catch (error) {
      this.#problem = this.explain(error);
    }
    this.update();
  }

  #closed() {
    this.one('messenger-compose')?.leave();
    this.one('dialog').replaceChildren();
  }

  /** @param {Event} event */
  #typed(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement || box instanceof HTMLTextAreaElement) || box.closest('messenger-compose'))
      return;
    if (!box.matches('.messenger-input')) return; // a box that is ticked has its turn in `change`, and must not be drawn before
    if (box.id === `${this.#id}-find`) this.#search(box.value);
    else {
      if (box.name === 'subject' || box.name === 'body' || box.name === 'when') this.#written[box.name] = box.value;
      this.update();
    }
  }

  /** @param {Event} event */
  #chosen(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.closest('messenger-compose')) return;
    if (box.name === 'list') box.checked ? this.#listed.add(box.value) : this.#listed.delete(box.value);
    if (box.name === 'medium') this.#medium = box.value === 'sms' ? 'sms' : 'email';
    if (box.name === 'as-open') this.#asOpen = box.checked;
    if (box.name === 'link') this.#link = box.checked;
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!(event.target instanceof HTMLElement) || event.target.closest('messenger-compose')) return;
    const options = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.messenger-found button')]);
    const at = options.indexOf(event.target);
    const find = event.target.id === `${this.#id}-find`;
    if (find && event.key === 'Enter') event.preventDefault();
    if (find && event.key === 'Enter' && options.length === 1) options[0].click();
    if (event.key === 'ArrowDown' && (find || at >= 0)) options[Math.min(at + 1, options.length - 1)]?.focus();
    else if (event.key === 'ArrowUp' && at === 0) this.one(`#${this.#id}-find`)?.focus();
    else if (event.key === 'ArrowUp' && at > 0) options[at - 1].focus();
    else return;
    event.preventDefault();
  }

  /** @param {string} q */
  #search(q) {
    this.#q = q.trim();
    this.#asking?.abort();
    clearTimeout(this.#timer);
    if (!this.#q) this.#found = undefined;
    else this.#timer = window.setTimeout(() => this.#find(), 150);
    this.update();
  }

  async #find() {
    this.#asking = new AbortController();
    try {
      this.#found = itemsOf(
        await this.hub.api.get(`/clients${query({ q: this.#q, limit: 8 })}`, { signal: this.#asking.signal }),
      );
      this.#problem = '';
    } catch (error) {
      const words = this.explain(error);
      if (!words) return;
      this.#problem = words;
    }
    this.update();
  }

  /**
   * @param {string} name
   * @param {HTMLElement} target
   */
  act(name, target) {
    const id = target.dataset.id ?? '';
    if (name === 'close') this.one('dialog').close();
    if (name === 'pick') this.#pick(id);
    if (name === 'unpick') this.#unpick(id);
    if (name === 'check') this.#check();
    if (name === 'send') this.#send();
    if (name === 'later') this.#schedule();
    if (name === 'stop') this.#stop();
  }

  /** @param {string} id */
  #pick(id) {
    const found = this.#found?.find((r) => r.id === id);
    if (!found) return;
    if (!this.#picked.some((r) => r.id === id)) this.#picked.push(found);
    const box = this.one(`#${this.#id}-find`);
    box.value = '';
    this.#q = '';
    this.#found = undefined;
    this.render();
    box.focus();
  }

  /** @param {string} id */
  #unpick(id) {
    this.#picked = this.#picked.filter((r) => r.id !== id);
    this.render();
    this.one(`#${this.#id}-find`)?.focus();
  }

  get #isOne() {
    return this.#picked.length === 1 && this.#listed.size === 0;
  }

  #schedule() {
    this.#later = !this.#later;
    delete this.#faults.when;
    this.render();
    if (this.#later) this.one('.messenger-many [name="when"]')?.focus();
  }

  /** When it is to go out; NaN at once, or when no time is entered yet. */
  get #time() {
    return this.#later ? Date.parse(this.#written.when) : NaN;
  }

  get #missesTime() {
    return this.#later && !(this.#time > this.hub.api.now());
  }

  #text() {
    return { medium: this.#medium, ...this.#written };
  }

  #body() {
    const { medium, subject, body } = this.#text();
    const time = this.#time;
    return {
      medium,
      ...(medium === 'email' ? { subject } : {}),
      ...(time ? { send_after: new Date(time).toISOString() } : {}),
      body,
      client_ids: this.#picked.map((r) => r.id),
      list_ids: [...this.#listed],
      reply_link: this.#link,
      then: this.#asOpen ? 'open' : 'done',
    };
  }

  async #check() {
    this.#faults = faults(this.#text(), this.t);
    if (this.#missesTime) this.#faults.when = this.t('missing_when');
    if (Object.keys(this.#faults).length) {
      this.render();
      this.one(`.messenger-many [name="${Object.keys(this.#faults)[0]}"]`)?.focus();
      return;
    }
    const body = this.#body();
    await this.#once(async () => {
      this.#preview = { of: JSON.stringify(body), data: await this.hub.api.call('POST', '/broadcasts/preview', body) };
      await this.#name(this.#preview.data.skipped);
    });
    this.render();
    this.one('.messenger-who')?.focus();
  }

  async #send() {
    const body = this.#body();
    const of = JSON.stringify(body);
    const again = this.#attempt?.of === of;
    // What may have been accepted already is only asked for again: then its time may have come.
    if (this.#preview?.of !== of || (!again && this.#missesTime)) return this.#check();
    if (!this.#attempt || !again) this.#attempt = { of, key: newKey() };
    const { key } = this.#attempt;
    await this.#once(async () => {
      const sent = await this.hub.api.call('POST', '/broadcasts', body, { key });
      this.#sent = this.#told.get(sent.id) ?? sent;
      this.emit('messenger-sent', { broadcast: sent });
    });
    this.render();
    this.one('.messenger-who')?.focus();
  }

  /**
   * Learns the names of those who get nothing and stand on a list: the preview has their ids.
   * @param {Messenger.Skipped[]} skipped
   */
  async #name(skipped) {
    for (const one of this.#picked) this.#names.set(one.id, one.name);
    const unknown = () => skipped.some((s) => s.why !== 'not_found' && !this.#names.has(s.client_id));
    for (const list of this.#listed) {
      let cursor;
      for (let i = 0; i < listPages && unknown(); i++) {
        const page = await this.hub.api.get(
          `/lists/${encodeURIComponent(list)}/clients${query({ cursor, limit: 100 })}`,
        );
        for (const one of itemsOf(page)) this.#names.set(one.id, one.name);
        if (!(cursor = page.next)) break;
      }
    }
  }

  /** @param {Messenger.Broadcast} broadcast */
  #progress(broadcast) {
    this.#told.set(broadcast.id, broadcast);
    if (this.#sent?.id === broadcast.id) this.#sent = broadcast;
    this.update();
  }

  /** Asks how far the broadcast is, after events may have been missed. */
  async #refresh() {
    if (!this.#sent?.queued) return;
    try {
      this.#progress(await this.hub.api.get(`/broadcasts/${encodeURIComponent(this.#sent.id)}`));
    } catch (error) {
      this.#problem = this.explain(error);
    }
    this.update();
  }

  #stop() {
    return this.#once(async () => {
      if (this.#sent)
        this.#progress(await this.hub.api.call('POST', `/broadcasts/${encodeURIComponent(this.#sent.id)}/cancel`));
    });
  }

  /** @param {() => Promise<void>} work */
  async #once(work) {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem = '';
    try {
      await work();
    } catch (error) {
      this.#problem = this.explain(error);
    } finally {
      this.#busy = false;
    }
    this.update();
  }

  render() {
    const { t } = this;
    const dialog = this.one('dialog');
    if (!dialog) return;
    morph(
      dialog,
      html`<header class="messenger-dialog-head" data-key="head"><h2 id="${this.#id}-title">${t('new_message')}</h2><button type="button" class="messenger-clear" data-do="close" aria-label=${t('close')}>${icon('cross')}</button></header>
      ${this.#problem ? alertView(this.#problem) : ''}
      ${this.#sent ? html`<div data-key="sent">${this.#sentView()}</div>` : html`<div class="messenger-to" data-key="to">${this.#toView()}</div>`}
      ${!this.#sent && this.#isOne ? html`<div class="messenger-single" data-key="one ${this.#picked[0].id}"><messenger-compose api=${this.api} organisation=${this.organisation || null} client=${this.#picked[0].id}></messenger-compose></div>` : ''}
      ${!this.#sent && !this.#isOne && this.#picked.length + this.#listed.size > 0 ? html`<form class="messenger-many" data-key="many" novalidate>${this.#manyView()}</form>` : ''}`,
    );
    for (const name of /** @type {const} */ (['subject', 'body', 'when'])) {
      const field = this.one(`.messenger-many [name="${name}"]`);
      if (field && field.value !== this.#written[name]) field.value = this.#written[name];
    }
  }

  #toView() {
    const { t } = this;
    const id = `${this.#id}-find`;
    return html`<div class="messenger-field" data-key="find"><label for=${id}>${t('new_find')}</label>
        <input class="messenger-input" data-key="box" id=${id} type="search" maxlength="200" autocomplete="off" spellcheck="false" aria-describedby="${id}-hint"></div>
      <p class=${this.#found ? 'messenger-sr' : 'messenger-hint'} data-key="hint" id="${id}-hint" role="status">${this.#found ? t('new_found', { count: this.#found.length }) : this.#picked.length ? '' : t('new_many_hint')}</p>
      ${this.#found?.length === 0 ? html`<p class="messenger-quiet" data-key="none">${t('new_none', { q: this.#q })}</p>` : ''}
      ${this.#found?.length ? html`<ul class="messenger-found" data-key="found">${this.#found.map((r) => html`<li data-key=${r.id}><button type="button" data-do="pick" data-id=${r.id}><span>${r.name}</span><span class="messenger-quiet">${[r.nhs_number, r.date_of_birth && this.format.date(r.date_of_birth)].filter(Boolean).join(', ')}</span></button></li>`)}</ul>` : ''}
      ${this.#picked.length ? html`<ul class="messenger-chips" data-key="chips" aria-label=${t('new_picked')}>${this.#picked.map((r) => html`<li data-key=${r.id}><span>${r.name}</span><button type="button" class="messenger-clear" data-do="unpick" data-id=${r.id} aria-label=${t('new_remove', { name: r.name })}>${icon('cross')}</button></li>`)}</ul>` : ''}
      ${this.#lists?.length ? html`<fieldset class="messenger-lists" data-key="lists"><legend>${t('new_lists')}</legend>${this.#lists.map((l) => html`<label class="messenger-check" data-key=${l.id}><input type="checkbox" name="list" value=${l.id} checked=${this.#listed.has(l.id)}><span>${l.name}${typeof l.size === 'number' ? ` (${l.size})` : ''}</span></label>`)}</fieldset>` : ''}`;
  }

  #manyView() {
    const { t } = this;
    const { medium, body } = this.#text();
    const fresh = this.#preview?.of === JSON.stringify(this.#body());
    const data = fresh ? this.#preview?.data : undefined;
    return html`<p class="messenger-hint" data-key="each">${t('new_each_own')}</p>
      <fieldset class="messenger-media" data-key="medium"><legend>${t('new_medium')}</legend>${['email', 'sms'].map((m) => html`<label class="messenger-check"><input type="radio" name="medium" value=${m} checked=${m === medium}><span>${t(`medium_${m}`)}</span></label>`)}</fieldset>
      ${medium === 'email' ? fieldView({ id: `${this.#id}-subject`, name: 'subject', label: t('subject'), error: this.#faults.subject }) : ''}
      ${fieldView({ id: `${this.#id}-body`, name: 'body', label: t('message'), error: this.#faults.body, rows: 6 })}
      ${medium === 'sms' ? html`<div data-key="counter">${counterView(body.trim() ? this.#delivered(body) : '', t, this.#link)}</div>` : ''}
      <label class="messenger-check" data-key="link"><input type="checkbox" name="link" checked=${this.#link}><span>${t('add_link')}</span></label>
      <label class="messenger-check" data-key="as-open"><input type="checkbox" name="as-open" checked=${this.#asOpen}><span>${t('new_status')}</span></label>
      ${this.#later ? fieldView({ id: `${this.#id}-when`, name: 'when', label: t('send_at'), hint: t('send_at_hint'), error: this.#faults.when, type: 'datetime-local' }) : ''}
      ${data ? html`<div class="messenger-who" data-key="who" tabindex="-1" role="group" aria-label=${t('new_preview')}>${this.#whoView(data)}</div>` : ''}
      <div class="messenger-line" data-key="do">${data && data.total - data.skipped_count > 0 ? html`<button type="button" class="messenger-button" data-key="send" data-do="send" aria-disabled=${this.#busy ? 'true' : null}>${t(this.#later ? 'new_schedule' : 'new_send', { count: data.total - data.skipped_count })}</button>` : html`<button type="button" class="messenger-button" data-key="check" data-do="check" aria-disabled=${this.#busy ? 'true' : null}>${t('new_preview')}</button>`}<button type="button" class="messenger-link" data-key="later" data-do="later" aria-expanded=${String(this.#later)}>${t(this.#later ? 'send_now' : 'send_later')}</button></div>`;
  }

  /**
   * A text message about as long as each client gets it; the check counts each one's own.
   * @param {string} body
   */
  #delivered(body) {
    return delivered(
      { medium: 'sms', subject: '', body },
      this.#picked[0]?.name ?? '',
      this.#link ? sampleLink : '',
      this.hub.me,
    );
  }

  /** @param {Messenger.BroadcastPreview} data */
  #whoView({ total, skipped_count: skipped, skipped: who, texts, examples }) {
    const { t } = this;
    return html`<p><strong>${total - skipped > 0 ? t('new_total', { count: total - skipped }) : t('new_nobody')}</strong>${this.#medium === 'sms' && texts ? `, ${t('new_texts', { count: texts })}` : ''}</p>
      ${skipped ? html`<details open><summary>${t('new_skipped', { count: skipped })}</summary><ul class="messenger-skipped">${who.map((s) => html`<li>${this.#names.get(s.client_id) ?? t('new_client', { id: s.client_id })}: ${wordsOr(t, `skipped_${s.why}`, s.why.replaceAll('_', ' '))}</li>`)}${skipped > who.length ? html`<li>${t('new_more', { count: skipped - who.length })}</li>` : ''}</ul></details>` : ''}
      ${examples.map((e) => html`<div class="messenger-previewed"><span class="messenger-quiet">${t('new_example', { name: e.client_name })}</span>${e.subject ? html`<strong>${e.subject}</strong>` : ''}<p dir="auto">${e.body}</p></div>`)}`;
  }

  #sentView() {
    const { t } = this;
    if (!this.#sent) return '';
    const { state, queued, sent, failed, cancelled, skipped_count: skipped } = this.#sent;
    const waits = this.#time > this.hub.api.now();
    const head =
      state === 'cancelled' ? 'new_cancelled' : !queued ? 'new_finished' : waits ? 'scheduled_for' : 'new_sent';
    return html`<div class="messenger-who" tabindex="-1" role="status"><p><strong>${t(head, { when: waits ? this.format.when(new Date(this.#time).toISOString()) : '' })}</strong></p><p>${t('new_progress', { queued, sent, failed, cancelled })}</p>${skipped ? html`<p>${t('new_skipped', { count: skipped })}</p>` : ''}</div>
      <div class="messenger-line"><button type="button" class="messenger-button" data-do="close">${t('close')}</button>${queued ? html`<button type="button" class="messenger-link" data-do="stop">${t('new_cancel')}</button>` : ''}</div>`;
  }
}
