// The tests' EventSource.

/** A stream of events that a test breaks and mends. */
export class FakeSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = 0;
  /** @type {(() => void)|null} */
  onopen = null;
  /** @type {(() => void)|null} */
  onerror = null;

  /**
   * @param {string} url
   * @param {import('./fake.js').Fake} fake
   */
  constructor(url, fake) {
    super();
    this.inboxes = new URL(url, location.href).searchParams.getAll('inbox');
    fake.sources.push(this);
    this.fake = fake;
    queueMicrotask(() => this.open());
  }

  open() {
    if (this.readyState === 2 || !this.fake.opens) return;
    if (this.fake.down) return this.fail(true);
    this.readyState = 1;
    this.onopen?.();
  }

  /** @param {boolean} [forGood] */
  fail(forGood = false) {
    this.readyState = forGood ? 2 : 0;
    this.onerror?.();
  }

  /**
   * @param {string} type
   * @param {object} data
   * @param {number} id
   */
  hear(type, data, id) {
    if (this.readyState === 1)
      this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: String(id) }));
  }

  close() {
    this.readyState = 2;
    this.fake.sources = this.fake.sources.filter((s) => s !== this);
  }
}
