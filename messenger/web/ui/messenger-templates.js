// <messenger-templates>: a template is found by words of its title.

import { unknownPlace } from './composed.js';
import { alertView, MessengerElement } from './element.js';
import { Form } from './form.js';
import { placesOf } from './found.js';
import { html } from './html.js';
import { searchLimit } from './limits.js';
import { morph } from './morph.js';
import { languageName, worded } from './names.js';

/** How people write places: {{…}}, ((…)) and {…}; and what may be the name of one. As the service has it. */
const bracketed = /\{\{([^{}]*)\}\}|\(\(([^()]*)\)\)|\{([^{}]*)\}/g;
const placeNamed = /^\p{L}[\p{L}\p{M}\p{N}_.'’-]*( [\p{L}\p{M}\p{N}_.'’-]+){0,2}$/u;

Form.placeLeft = (text) => {
  for (const match of text.matchAll(bracketed)) {
    const name = (match[2] ?? match[3] ?? '').replace(/\p{Cf}/gu, '').trim().replace(/\s+/g, ' ');
    const [words] = match;
    if (match[1] === undefined ? placeNamed.test(name) : unknownPlace.test(words)) return { words, start: match.index };
  }
  return undefined;
};

/**
 * A text with what is known of the client and who writes; what is not known stays.
 * @param {string} text
 * @param {Record<string, string|undefined>} values by placeholder
 */
const filledIn = (text, values) =>
  text.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => (Object.hasOwn(values, name) ? (values[name] ?? all) : all));

let finders = 0;

/**
 * Part of the box to write in. Attributes: `medium`, what it is for, `path`, where that is sent, and `language`, which
 * one the client reads. Tells it: `picked` (`subject`, `body`, `template_id`, `private`, `expects`, filled in as far as
 * it can be), `close`. What is
 * looked for stays in the browser: no word of it stands in an address.
 */
export class MessengerTemplates extends MessengerElement {
  /** @type {Messenger.Template[]|undefined} */
  #all;
  #q = '';
  /** Which of those found is chosen by Enter. */
  #at = 0;
  #problem = '';
  /** What a message calls the client. @type {Promise<string|undefined>|undefined} */
  #name;
  #id = `messenger-templates-${++finders}`;

  actions = {
    choose: (/** @type {HTMLElement} */ { dataset }) => this.#choose(this.#found.find(({ id }) => id === dataset.id)),
    again: () => this.#load(),
  };

  start() {
    this.listen(this, 'input', (event) => {
      event.stopPropagation(); // nothing is written here
      this.#q = event.target.value;
      this.#at = 0;
      this.render();
    });
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.render();
    this.one('.messenger-input')?.focus();
    this.#load();
    this.#name = this.#firstName();
  }

  /** What a message calls the client, which the service alone knows; undefined where it does not say. */
  async #firstName() {
    const place = '{{first_name}}';
    const medium = this.getAttribute('medium');
    const message = { medium, subject: medium === 'email' ? place : undefined, body: place, reply_link: false };
    const asked = this.hub.api.call('POST', `${this.getAttribute('path')}/check`, message);
    const [name] = (await asked.catch(() => ({ text: place }))).text.split('\n');
    return name === place ? undefined : name;
  }

  async #load() {
    try {
      this.#all = await this.hub.api.all('/templates', () => this.isConnected);
      this.#problem = '';
    } catch (error) {
      this.#problem = this.explain(error);
    }
    this.update();
  }

  /** What there is for the medium, by title, what is in the client's language first. */
  get #fit() {
    const all = (this.#all ?? []).filter(({ medium }) => medium === this.getAttribute('medium'));
    return [...all.filter((one) => this.#isRead(one)), ...all.filter((one) => !this.#isRead(one))];
  }

  /**
   * Whether a template is in the language that the client reads; where nothing is said, that is English.
   * @param {Messenger.Template} template
   */
  #isRead({ language }) {
    const [own, read] = [language, this.getAttribute('language')].map((tag) => (tag || 'en').split('-')[0]);
    return own.toLowerCase() === read.toLowerCase();
  }

  /** What has each word in its title. */
  get #found() {
    const words = this.#q.split(/\s+/).filter(Boolean);
    return this.#fit.filter(({ title }) => words.every((word) => placesOf(title, word, true).length));
  }

  /** @param {Messenger.Template} [template] */
  async #choose(template) {
    if (!template) return;
    const { staff, organisation } = this.hub.me ?? {};
    const values = { first_name: await this.#name, staff_name: staff?.name, organisation: organisation?.name };
    const [subject, body] = [template.subject ?? '', template.body].map((text) => filledIn(text, values));
    const { private: hidden, expects } = template;
    this.tell('picked', { subject, body, template_id: template.id, private: hidden, expects });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation(); // the box has keys of its own
    const found = this.#found;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || !(step || event.key === 'Enter' || event.key === 'Escape')) return;
    event.preventDefault();
    if (event.key === 'Escape') this.tell('close');
    else if (event.key === 'Enter') this.#choose(found[this.#at]);
    else if (step && found.length) {
      this.#at = (this.#at + step + found.length) % found.length;
      this.render();
      this.one('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    }
  }

  render() {
    const { t } = this;
    const id = this.#id;
    const found = this.#found;
    const chosen = found.length ? `${id}-${this.#at}` : null;
    morph(
      this,
      html`<div class="messenger-field" data-key="find">
          <label for=${id}>${t('template_find')}</label>
          <input class="messenger-input" data-key="box" id=${id} name="template" type="search" dir="auto"
            maxlength=${searchLimit} autocomplete="off" spellcheck="false" role="combobox" aria-expanded="true"
            aria-autocomplete="list" aria-controls="${id}-list" aria-activedescendant=${chosen}>
        </div>
        <div class="messenger-quiet" data-key="said" role="status">${this.#said(found.length)}</div>
        ${this.#problem ? alertView(this.#problem, 'again', t('retry')) : ''}
        <div class=${found.length ? 'messenger-found' : 'messenger-sr'} data-key="list" id="${id}-list" role="listbox"
          aria-label=${t('templates')}>
          ${found.map((template, at) => this.#optionView(template, `${id}-${at}`, at === this.#at))}
        </div>`,
    );
  }

  /** @param {number} count of those found */
  #said(count) {
    const { t } = this;
    if (!this.#all) return this.#problem ? '' : t('loading');
    if (!this.#fit.length) return t('templates_empty');
    return count ? t('templates_found', { count }) : worded(t, 'template_none', { q: this.#q });
  }

  /**
   * @param {Messenger.Template} template
   * @param {string} id
   * @param {boolean} chosen
   */
  #optionView({ id: template, title, body, scope, language }, id, chosen) {
    const named = language && languageName(language, this.lang);
    const own = html`<span class="messenger-quiet">${this.t('template_own')}</span>`;
    return html`<button type="button" data-key=${template} id=${id} role="option" tabindex="-1"
      aria-selected=${String(chosen)} data-do="choose" data-id=${template}>
      <span class="messenger-strong" dir="auto">${title}</span>
      ${scope === 'own' ? own : ''}
      ${named ? html`<span class="messenger-quiet">${named}</span>` : ''}
      <span class="messenger-quiet messenger-template-text" dir="auto">${body}</span>
    </button>`;
  }
}
