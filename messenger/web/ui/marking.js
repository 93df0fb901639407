// Marking several rows as done at once: which are ticked, and how it is taken back.

import { ApiError } from './api.js';
import { mayBeDone } from './later.js';

/** How many are marked at the same time. */
const atOnce = 4;

/** Of one list: its tick boxes while they are shown, and what was marked until that is over. */
export class Marking {
  /** What is ticked, while rows can be. @type {Set<string>|undefined} */
  ticked;
  /** What was marked as done last, as long as it can be undone here. @type {Messenger.Row[]} */
  marked = [];
  #last = '';

  /** @param {import('./messenger-list.js').MessengerList} pane */
  constructor(pane) {
    this.pane = pane;
  }

  /** Another inbox is shown. */
  forget() {
    this.ticked = undefined;
    this.marked = [];
  }

  /** Shows the tick boxes, or takes them away. */
  toggle() {
    this.ticked = this.ticked ? undefined : new Set();
    this.marked = [];
    this.pane.update();
  }

  /** A row that has a reply which nobody has read is never ticked. @param {Messenger.Row} row */
  heard(row) {
    if (row.status !== 'open') this.ticked?.delete(row.id);
  }

  /** The rows that may be ticked, in the order in which they are shown. @returns {Messenger.Row[]} */
  get #tickable() {
    const { list } = this.pane;
    const rows = list?.shown.flatMap(({ ids }) => ids.flatMap((id) => list.rows.get(id) ?? [])) ?? [];
    return rows.filter(({ status }) => status === 'open');
  }

  /** What is ticked and can be seen: what a search or a tab has taken off the list is left alone. */
  get wanted() {
    return this.#tickable.filter(({ id }) => this.ticked?.has(id));
  }

  /**
   * Ticks a row, or with Shift all between the last one that was pressed and this one.
   * @param {HTMLInputElement} box
   * @param {boolean} range
   */
  tick({ checked, dataset: { id = '' } }, range) {
    const all = this.#tickable.map((row) => row.id);
    const [from, to] = [all.indexOf(this.#last), all.indexOf(id)];
    const between = range && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of between) {
      if (checked) this.ticked?.add(one);
      else this.ticked?.delete(one);
    }
    this.#last = id;
    this.pane.update();
  }

  /** Marks all that are ticked as done. */
  markAll() {
    const { pane } = this;
    return pane.once('mark-all', async () => {
      const { list } = pane;
      const wanted = [];
      for (const row of this.wanted) if (await mayBeDone(pane, row)) wanted.push(row);
      if (!wanted.length || list !== pane.list) return;
      const { done, errors } = await setAll(pane.hub, wanted, 'done');
      if (list !== pane.list) return;
      this.ticked = undefined;
      this.marked = done;
      pane.say('marked', { count: done.length });
      this.#fail(errors, 'marked_failed', 'marked_not');
      this.#shown('[data-do="mark-undo"], [data-do="select"]');
    });
  }

  /** Opens again what was marked. */
  undo() {
    const { pane } = this;
    return pane.once('mark-undo', async () => {
      const { done, errors } = await setAll(pane.hub, this.marked, 'open');
      pane.say('marked_undone', { count: done.length });
      this.#fail(errors, 'undone_not');
      this.marked = this.marked.filter((row) => !done.includes(row));
      this.#shown('[data-do="select"], [data-do="mark-undo"]');
    });
  }

  /**
   * Says for how many it was not done, and why.
   * @param {unknown[]} errors one for each
   * @param {string} key of what to say before the reason
   * @param {string} [unread] of what to say of those with a reply that nobody has read
   */
  #fail(errors, key, unread = key) {
    const { pane } = this;
    const codeOf = (/** @type {unknown} */ error) => (error instanceof ApiError ? error.code : '');
    const words = [...new Set(errors.map(codeOf))].map((code) => {
      const same = errors.filter((error) => codeOf(error) === code);
      const count = same.length;
      if (code === 'unread_replies') return pane.t(unread, { count });
      return `${pane.t(key, { count })} ${pane.explain(same[0])}`;
    });
    if (words.length) pane.fail(words.join(' '));
  }

  /** What was marked stays so. */
  over() {
    this.marked = [];
    this.#shown('[data-do="select"]');
  }

  /** @param {string} focus what takes the focus */
  #shown(focus) {
    this.pane.settle();
    this.pane.render();
    this.pane.one(focus)?.focus();
  }
}

/**
 * Gives channels a status, a few at a time. Gives those for which it was done, and why it was not for the others.
 * @param {import('./hub.js').Hub} hub
 * @param {Messenger.Row[]} rows
 * @param {'open'|'done'} status
 */
async function setAll(hub, rows, status) {
  /** @type {Messenger.Row[]} */
  const done = [];
  /** @type {unknown[]} */
  const errors = [];
  const left = [...rows];
  const work = async () => {
    for (let row = left.shift(); row; row = left.shift()) {
      const upTo = status === 'done' ? row.last_message?.id : undefined;
      await hub.setStatus(row.id, status, upTo).then(
        () => done.push(row),
        (error) => errors.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { done, errors };
}
