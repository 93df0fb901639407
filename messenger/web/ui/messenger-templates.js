// <messenger-templates>: a template is found by words of its title.

import { unknownPlace } from './composed.js';
import { alertView, MessengerElement } from './element.js';
import { Fields } from './fields.js';
import { placesOf } from './found.js';
import { html } from './html.js';
import { searchLimit } from './limits.js';
import { morph } from './morph.js';
import { languageName, worded } from './names.js';

/** How people write places: {{…}}, ((…)) and {…}; and what may be the name of one. As the service has it. */
const bracketed = /\{\{([^{}]*)\}\}|\(\(([^()]*)\)\)|\{([^{}]*)\}/g;
const placeNamed = /^\p{L}[\p{L}\p{M}\p{N}_.'’-]*( [\p{L}\p{M}\p{N}_.'’-]+){0,2}$/u;

Fields.placeLeft = (text) => {
  for (const match of text.matchAll(bracketed)) {
    const name = (match[2] ?? match[3] ?? '').replace(/\p{Cf}/gu, '').trim().replace(/\s+/g, ' ');
    const [words] = match;
    if (match[1] === undefined ? placeNamed.test(name) : unknownPlace.test(words)) return { words, start: match.index };
  }
  return undefined;
};

/** What the service alone says for one client: a card may keep it from naming who writes. */
const saidByService = ['first_name', 'staff_name', 'organisation'];

/**
 * A text with what the service says; what it does not say stays.
 * @param {string} text
 * @param {Record<string, string>} values by placeholder
 */
const filledIn = (text, values) =>
  text.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => (Object.hasOwn(values, name) ? values[name] : all));

let finders = 0;

/**
 * Part of the box to write in, and of the editor for several. Attributes: `medium`, what it is for, `path`, where that
 * is sent, and `language`, which one the client reads; several have neither, and the service's places stay. Tells it:
 * `picked` (`subject`, `body`, `template_id`, `private`, `expects`, filled in as far as it can be), `close`. What is
 * looked for stays in the browser: no word of it stands in an address.
 */
export class MessengerTemplates extends MessengerElement {
  /** @type {Messenger.Template[]|undefined} */
  #all;
  #q = '';
  /** Which of those found is chosen by Enter. */
  #at = 0;
  #problem = '';
  /** What stands for the service's places. @type {Promise<Record<string, string>>|undefined} */
  #values;
  #id = `messenger-templates-${++finders}`;

  actions = {
    choose: (/** @type {HTMLElement} */ { dataset }) => this.#choose(this.#found.find(({ id }) => id === dataset.id)),
    again: () => this.#load(),
  };

  start() {
    this.listen(this, 'input', (event) => {
      // Nothing is written here.
      event.stopPropagation();
      this.#q = event.target.value;
      this.#at = 0;
      this.render();
    });
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.render();
    this.one('.messenger-input')?.focus();
    this.#load();
    this.#values = this.#asked();
  }

  /** What the service says of its places for the client; nothing where it says nothing. */
  async #asked() {
    const [medium, path] = ['medium', 'path'].map((name) => this.getAttribute(name));
    if (!path) return {};
    const places = saidByService.map((name) => `{{${name}}}`);
    const subject = medium === 'email' ? 'S' : undefined;
    const message = { medium, subject, body: places.join('\n'), reply_link: false };
    const { text } = await this.hub.api.call('POST', `${path}/check`, message).catch(() => ({ text: '' }));
    const lines = text.split('\n');
    return Object.fromEntries(saidByService.map((name, i) => [name, lines[i] || places[i]]));
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
    const values = (await this.#values) ?? {};
    const [subject, body] = [template.subject ?? '', template.body].map((text) => filledIn(text, values));
    const { private: hidden, expects } = template;
    this.tell('picked', { subject, body, template_id: template.id, private: hidden, expects });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // The box has keys of its own.
    event.stopPropagation();
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
