// Marking several rows as done at once: which are ticked, and how it is taken back.

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
      const { wanted } = this;
      if (!wanted.length) return;
      const done = await setAll(pane.hub, wanted, 'done');
      if (list !== pane.list) return;
      this.ticked = undefined;
      this.marked = done;
      pane.say('marked', { count: done.length });
      if (done.length < wanted.length) pane.fail(pane.t('marked_not', { count: wanted.length - done.length }));
      this.#shown('[data-do="mark-undo"], [data-do="select"]');
    });
  }

  /** Opens again what was marked. */
  undo() {
    const { pane } = this;
    return pane.once('mark-undo', async () => {
      const again = await setAll(pane.hub, this.marked, 'open');
      const left = this.marked.filter((row) => !again.includes(row));
      pane.say('marked_undone', { count: again.length });
      if (left.length) pane.fail(pane.t('undone_not', { count: left.length }));
      this.marked = left;
      this.#shown('[data-do="select"], [data-do="mark-undo"]');
    });
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
 * Gives channels a status, a few at a time. Gives those for which it was done.
 * @param {import('./hub.js').Hub} hub
 * @param {Messenger.Row[]} rows
 * @param {'open'|'done'} status
 */
async function setAll(hub, rows, status) {
  /** @type {Messenger.Row[]} */
  const done = [];
  const left = [...rows];
  const work = async () => {
    for (let row = left.shift(); row; row = left.shift()) {
      const upTo = status === 'done' ? row.last_message?.id : undefined;
      const marked = await hub.setStatus(row.id, status, upTo).then(
        () => true,
        () => false,
      );
      if (marked) done.push(row);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}
