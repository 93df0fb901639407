// <messenger-preview>: who will get a message to several clients, who will not and why, and how it reads.

import { itemsOf, query } from './api.js';
import { discloseView, MessengerElement } from './element.js';
import { Fields, fieldView } from './fields.js';
import { previewedView } from './form-view.js';
import { html } from './html.js';
import { morph } from './morph.js';
import { worded } from './names.js';
import { skippedView } from './progress.js';

/** How many pages of a saved list are read to name the people on it who get nothing. */
const listPages = 10;

/** How many clients may get a message without their number being typed. */
const mostUntyped = 50;

let previews = 0;

/** Part of the dialog for a new message. Tells it: `check`, `send` and `later` (the buttons). */
export class MessengerPreview extends MessengerElement {
  /** @type {Messenger.BroadcastPreview|undefined} */
  #data;
  /** How often it was asked, or what was looked at has changed. */
  #asked = 0;
  #showsSkipped = true;
  #later = false;
  #busy = false;
  #medium = '';
  /** Whether the number that was typed is not how many get it. */
  #miscounted = false;
  #fields = new Fields(this);
  #id = `messenger-preview-${++previews}`;
  /** @type {Map<string, string>} by client id */
  #names = new Map();

  actions = {
    check: () => this.tell('check'),
    send: () => this.tell('send'),
    later: () => this.tell('later'),
    skipped: () => this.#toggleSkipped(),
  };

  start() {
    this.listen(this, 'input', () => {
      if (this.#miscounted) this.#miscounted = !this.#isCounted;
      this.update();
    });
    this.update();
  }

  /** Whether the message goes out later. */
  get later() {
    return this.#later;
  }
  set later(later) {
    this.#later = later;
    this.update();
  }

  /** Whether something is being asked. */
  get busy() {
    return this.#busy;
  }
  set busy(busy) {
    this.#busy = busy;
    this.update();
  }

  /** Whether what would go out now has been looked at. */
  get isFresh() {
    return this.#data !== undefined;
  }

  /** How many will get it. */
  get #count() {
    return this.#data ? this.#data.total - this.#data.skipped_count : 0;
  }

  /** Whether there are few, or their number is typed. */
  get #isCounted() {
    return this.#count <= mostUntyped || this.#fields.value('number').replace(/\D/g, '') === String(this.#count);
  }

  /** Whether as many get it as whoever sends it says; where not, the cursor goes where that is said. */
  confirm() {
    this.#miscounted = !this.#isCounted;
    this.render();
    if (this.#miscounted) this.#fields.field('number')?.focus();
    return !this.#miscounted;
  }

  /** Forgets what was looked at: another message would go out. */
  clear() {
    this.#asked++;
    this.#data = undefined;
    this.#miscounted = false;
    this.update();
  }

  /**
   * Has the server say who will get a message.
   * @param {{medium: string, list_ids: string[]}} body
   * @param {Messenger.Recipient[]} picked
   */
  async ask(body, picked) {
    const asked = ++this.#asked;
    const data = await this.hub.api.call('POST', '/broadcasts/preview', body, { patience: 60_000 });
    for (const one of picked) this.#names.set(one.id, one.name);
    await this.#learn(data.skipped, body.list_ids);
    // It may not be what would go out any more.
    if (asked !== this.#asked) return;
    this.#medium = body.medium;
    this.#data = data;
    this.render();
    this.one('.messenger-who')?.focus();
  }

  /**
   * Learns the names of those who get nothing and stand on a list: the preview has their ids.
   * @param {Messenger.Skipped[]} skipped
   * @param {string[]} lists
   */
  async #learn(skipped, lists) {
    const unknown = () => skipped.some((s) => s.why !== 'not_found' && !this.#names.has(s.client_id));
    for (const list of lists) {
      let cursor;
      for (let i = 0; i < listPages && unknown(); i++) {
        const path = `/lists/${encodeURIComponent(list)}/clients${query({ cursor, limit: 100 })}`;
        const page = await this.hub.api.get(path);
        for (const one of itemsOf(page)) this.#names.set(one.id, one.name);
        cursor = page.next;
        if (!cursor) break;
      }
    }
  }

  #toggleSkipped() {
    this.#showsSkipped = !this.#showsSkipped;
    this.update();
  }

  render() {
    const { t } = this;
    if (this.hidden) return morph(this, html``);
    const data = this.#data;
    const count = this.#count;
    const send = t(this.#later ? 'new_schedule' : 'new_send', { count });
    morph(
      this,
      html`${data ? this.#whoView(data, count) : ''}
        ${count > mostUntyped ? this.#numberView(count) : ''}
        <div class="messenger-line" data-key="do">
          ${count ? this.#buttonView('send', send) : this.#buttonView('check', t('new_preview'))}
          <button type="button" class="messenger-link" data-key="later" data-do="later"
            aria-expanded=${String(this.#later)}>${t(this.#later ? 'send_now' : 'send_later')}</button>
        </div>`,
    );
  }

  /** @param {number} count */
  #numberView(count) {
    const { t, format } = this;
    const number = format.number(count);
    const error = this.#miscounted ? t('new_number_wrong', { number }) : '';
    return fieldView({ id: `${this.#id}-number`, name: 'number', label: t('new_number', { number }), error });
  }

  /**
   * @param {string} does
   * @param {string} words
   */
  #buttonView(does, words) {
    return html`<button type="button" class="messenger-button" data-key=${does} data-do=${does}
      aria-disabled=${this.#busy ? 'true' : null}>${words}</button>`;
  }

  /**
   * @param {Messenger.BroadcastPreview} data
   * @param {number} count how many will get it
   */
  #whoView({ skipped_count: skippedCount, skipped, texts, fewest_texts: least, most_texts: most, examples }, count) {
    const { t } = this;
    const who = count ? t('new_total', { count }) : t('new_nobody');
    const each = t(least === most ? 'new_texts_each' : 'new_texts_between', { least, most });
    const cost = this.#medium === 'sms' && texts ? `, ${t('new_texts', { count: texts })}, ${each}` : '';
    return html`<div class="messenger-who" data-key="who" tabindex="-1" role="region" aria-label=${t('new_preview')}>
      <div>
        <span class="messenger-strong">${who}</span>${cost}
      </div>
      ${skippedCount ? this.#skippedView(skipped, skippedCount) : ''}
      ${examples.map((example) => this.#exampleView(example))}
    </div>`;
  }

  /**
   * @param {Messenger.Skipped[]} skipped the first of them
   * @param {number} count
   */
  #skippedView(skipped, count) {
    const { t } = this;
    const list = skippedView(skipped, count, this.#names, t);
    return html`<div>
      ${discloseView('skipped', this.#showsSkipped, t('new_skipped', { count }))}
      ${this.#showsSkipped ? list : ''}
    </div>`;
  }

  /** @param {Messenger.BroadcastPreview['examples'][number]} example */
  #exampleView({ client_name: name, subject = '', body }) {
    const title = html`<div class="messenger-quiet">${worded(this.t, 'new_example', { name })}</div>`;
    return previewedView(subject, body, title);
  }
}
