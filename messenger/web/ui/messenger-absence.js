// <messenger-absence>: the dialog behind 'I'm away'. From when, until when, who covers; and that somebody is back.

import { ApiError, itemsOf, query } from './api.js';
import { MessengerDialog } from './dialog.js';
import { discloseView } from './element.js';
import { Fields, fieldView } from './fields.js';
import { wordsOr } from './format.js';
import { html } from './html.js';
import { longNoteLimit } from './limits.js';
import { worded } from './names.js';

/** @typedef {{id: string, name: string}} Person */

/** Part of the Messages page and of the day's end. Tells it: `say`. */
export class MessengerAbsence extends MessengerDialog {
  /** Whose inbox it is. @type {Person & {own: boolean}} */
  #of = { id: '', name: '', own: true };
  /** Who may be asked to cover. @type {Person[]} */
  #people = [];
  /** What stands, null for none, undefined until it is known. @type {Messenger.Absence|null|undefined} */
  #absence;
  /** What is wrong, by field. @type {Record<string, string>} */
  #faults = {};
  #fields = new Fields(this);
  /** What has happened to the inbox as a whole, newest first. @type {Messenger.Entry[]} */
  #past = [];
  #showsPast = false;
  #knowsPast = false;

  errorKeys = { not_configured: 'colleagues_not_configured' };

  actions = {
    close: () => this.leave(),
    again: () => this.again(),
    save: () => this.act('save', () => this.#save()),
    end: () => this.act('end', () => this.#end()),
    past: () => this.#togglePast(),
  };

  /** Notes that were typed and not saved, by whose absence they are of. @type {Map<string, string>} */
  #notes = new Map();

  start() {
    super.start();
    this.listen(this, 'input', ({ target }) => {
      if (target.name === 'note') this.#notes.set(this.#path, target.value);
      this.#checkAgain();
    });
  }

  get #path() {
    return `/inboxes/${encodeURIComponent(this.#of.id)}/absence`;
  }

  /**
   * @param {Person & {own: boolean}} of whose absence
   */
  open(of = this.#of) {
    this.#of = of;
    this.#people = [];
    this.#absence = undefined;
    this.#faults = {};
    this.#past = [];
    this.#showsPast = this.#knowsPast = false;
    super.open();
    return this.#load();
  }

  #load() {
    const { opened: signal } = this;
    return this.once('load', async () => {
      this.#people = await coversOf(this.hub, this.#of.id, signal);
      this.#absence = await this.hub.api.get(this.#path, { signal }).catch((error) => {
        if (error.code !== 'not_found') throw error;
        return null;
      });
      this.render();
      const { from, until, cover_staff_id: cover = '' } = this.#absence ?? {};
      const note = this.#notes.get(this.#path) ?? this.#absence?.note ?? '';
      const start = from ?? new Date(this.hub.api.now()).toISOString();
      this.#fields.fill({ from: localOf(start), until: until ? localOf(until) : '', note, cover });
      this.#fields.field('from')?.focus();
    });
  }

  /** Shows what has happened to the inbox; it is asked for then. */
  #togglePast() {
    this.#showsPast = !this.#showsPast;
    this.update();
    if (!this.#showsPast) return undefined;
    const path = `/inboxes/${encodeURIComponent(this.#of.id)}/history${query({ limit: 20 })}`;
    const { opened: signal } = this;
    return this.once('past', async () => {
      this.#past = itemsOf(await this.hub.api.get(path, { signal }));
      this.#knowsPast = true;
    });
  }

  /** @returns {{from: Date, until?: Date, cover: string, note: string}} */
  get #written() {
    const { from, until, cover, note } = Object.fromEntries(
      ['from', 'until', 'cover', 'note'].map((name) => [name, this.#fields.value(name)]),
    );
    return { from: new Date(from), until: until ? new Date(until) : undefined, cover, note };
  }

  #found() {
    const { from, until, cover } = this.#written;
    /** @type {Record<string, string>} */
    const found = {};
    if (Number.isNaN(from.getTime())) found.from = this.t('absence_missing_from');
    if (until && !(until > from && until.getTime() > this.hub.api.now())) found.until = this.t('absence_wrong_until');
    if (!cover) found.cover = this.t('absence_missing_cover');
    return found;
  }

  /** Takes away what is not wrong any more. */
  #checkAgain() {
    const found = this.#found();
    for (const name of Object.keys(this.#faults)) if (!found[name]) delete this.#faults[name];
    this.update();
  }

  async #save() {
    this.#faults = this.#found();
    this.render();
    const [wrong] = Object.keys(this.#faults);
    if (wrong) {
      this.#fields.field(wrong)?.focus();
      return false;
    }
    const { from, until, cover, note } = this.#written;
    const asked = { from: from.toISOString(), until: until?.toISOString(), cover_staff_id: cover, note };
    try {
      this.#absence = await this.hub.api.call('PUT', this.#path, asked);
      this.#notes.delete(this.#path);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'invalid') throw error;
      this.#faults = { cover: this.t('absence_refused') };
      this.render();
      this.#fields.field('cover')?.focus();
      return false;
    }
    return this.#changed('absence_saved', this.#absence?.cover_name);
  }

  async #end() {
    await this.hub.api.call('DELETE', this.#path);
    this.#changed('absence_ended');
  }

  /**
   * @param {string} key of what is said
   * @param {string} [name]
   */
  #changed(key, name = '') {
    this.close();
    this.say(key, { name });
    // Who covers whom stands in the list, the counts, the open channel and the day's end.
    this.hub.dispatchEvent(new CustomEvent('reset', { detail: { inbox: '' } }));
  }

  render() {
    const { t } = this;
    const { own, name } = this.#of;
    const title = own ? t('absence') : t('absence_of', { name });
    const known = this.#absence !== undefined;
    const loading = html`<div class="messenger-quiet">${t('loading')}</div>`;
    this.frame(title, known ? this.#formView() : this.problem ? '' : loading, [], '', false);
  }

  #formView() {
    const { t } = this;
    const field = (/** @type {string} */ key, /** @type {any} */ more) =>
      fieldView({ id: `${this.titleId}-${key}`, name: key, error: this.#faults[key], label: '', ...more });
    const type = 'datetime-local';
    return html`${this.#standsView()}
      <div class="messenger-hint">${t('absence_hint')}</div>
      ${field('from', { label: t('absence_from'), type })}
      ${field('until', { label: t('absence_until_label'), hint: t('absence_until_hint'), type })}
      ${this.#coverView()}
      ${field('note', { label: t('absence_note'), rows: 2, limit: longNoteLimit })}
      <div class="messenger-line">
        <button type="button" class="messenger-button" data-do="save">${t('absence_save')}</button>
        <button type="button" class="messenger-link" data-do="close">${t('cancel')}</button>
      </div>
      <div data-key="past">${discloseView('past', this.#showsPast, t('absence_history'))}${this.#pastView()}</div>`;
  }

  #pastView() {
    const { t, format } = this;
    if (!this.#showsPast) return '';
    const none = t(this.#knowsPast ? 'history_empty' : 'loading');
    if (!this.#past.length) return this.problem ? '' : html`<div class="messenger-quiet">${none}</div>`;
    const words = (/** @type {string} */ action) =>
      wordsOr(t, `action_${action}_inbox`, wordsOr(t, `action_${action}`, action.replaceAll('_', ' ')));
    return html`<div role="list" class="messenger-entries">
      ${this.#past.map(
        ({ id, at, action, actor, note }) =>
          html`<div role="listitem" data-key=${id}>
            <span class="messenger-entry-what">${words(action)}</span>
            <span class="messenger-quiet"><bdi>${actor.name || t('the_system')}</bdi>, ${format.when(at)}</span>
            ${note ? html`<span class="messenger-quiet">‘<bdi>${note}</bdi>’</span>` : ''}
          </div>`,
      )}
    </div>`;
  }

  /** What stands, and the way to end it. */
  #standsView() {
    const { t, format } = this;
    const absence = this.#absence;
    if (!absence) return '';
    const { from, until, cover_name: name } = absence;
    const begun = Date.parse(from) <= this.hub.api.now();
    const { own, name: whose } = this.#of;
    const back = own ? t('absence_end') : worded(t, 'absence_end_of', { name: whose });
    const words = worded(t, begun ? 'absence_now' : 'absence_then', { from: format.when(from), name });
    return html`<div class="messenger-note" data-key="stands" data-look="look">
      <span>${words}${until ? ` ${t('absence_until', { until: format.when(until) })}` : ''}</span>
      <button type="button" class="messenger-button" data-kind="second" data-do="end">
        <span>${begun ? back : t('absence_end_then')}</span>
      </button>
    </div>`;
  }

  #coverView() {
    const { t } = this;
    const { cover_staff_id: now, cover_name: name = '' } = this.#absence ?? {};
    const known = !now || this.#people.some(({ id }) => id === now);
    const people = known ? this.#people : [...this.#people, { id: now, name }];
    const wanted = this.#fields.field('cover') ? this.#fields.value('cover') : now;
    return choiceView({
      id: `${this.titleId}-cover`,
      name: 'cover',
      label: t('absence_cover'),
      error: this.#faults.cover,
      first: t('absence_cover_choose'),
      people,
      wanted,
    });
  }
}

/**
 * A choice of one colleague.
 * @param {{id: string, name: string, label: string, error?: string, first: string, people: Person[],
 *   wanted?: string}} choice
 */
export const choiceView = ({ id, name, label, error, first, people, wanted }) =>
  html`<div class="messenger-field" data-key="field ${name}" data-invalid=${Boolean(error)}>
    <label for=${id}>${label}</label>
    ${error ? html`<div class="messenger-error" data-key="error" id="${id}-error">${error}</div>` : ''}
    <select class="messenger-input" data-key="input" id=${id} name=${name} aria-invalid=${error ? 'true' : null}
      aria-describedby=${error ? `${id}-error` : null}>
      <option value="" selected=${!wanted}>${first}</option>
      ${people.map((one) => html`<option value=${one.id} selected=${one.id === wanted}>${one.name}</option>`)}
    </select>
  </div>`;

/**
 * A time as a field for dates and times has it.
 * @param {string} at
 */
export function localOf(at) {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Those who may cover an inbox.
 * @param {import('./hub.js').Hub} hub
 * @param {string} staffId the owner's id
 * @param {AbortSignal} signal
 * @returns {Promise<Person[]>}
 */
export async function coversOf(hub, staffId, signal) {
  const page = await hub.api.get(`/inboxes/${encodeURIComponent(staffId)}/covers`, { signal });
  return itemsOf(page).map(({ staff_id: id, name }) => ({ id, name }));
}
