// <messenger-broadcasts>: the dialog behind 'Scheduled and sent to several'. What one has written to several clients at
// once, how far each is, who did not get it and why, another try for those, and the way to stop the rest.

import { itemsOf, query } from './api.js';
import { MessengerDialog } from './dialog.js';
import { Failed } from './failed.js';
import { html } from './html.js';
import { icon } from './icons.js';
import { readable } from './names.js';
import { progressWords, skippedView } from './progress.js';

/** Part of the Messages page. Tells it: `open` (`channel`, `message`). */
export class MessengerBroadcasts extends MessengerDialog {
  /** @type {Messenger.Broadcast[]|undefined} */
  #items;
  /** @type {string|undefined} */
  #next;
  /** Who did not get it, of those that were asked about, by broadcast. @type {Map<string, Messenger.Skipped[]>} */
  #skipped = new Map();
  /** What failed, of those that were asked about, by broadcast. @type {Map<string, Failed>} */
  #failed = new Map();
  /** @type {Map<string, string>} by client id */
  #names = new Map();

  actions = {
    close: () => this.leave(),
    again: () => this.again(),
    more: () => this.#load(true),
    stop: (/** @type {HTMLElement} */ { dataset }) => this.#stop(dataset.id ?? ''),
    skipped: (/** @type {HTMLElement} */ { dataset }) => this.#toggleSkipped(dataset.id ?? ''),
    failed: (/** @type {HTMLElement} */ { dataset }) => this.#toggleFailed(dataset.id ?? ''),
    'more-failed': (/** @type {HTMLElement} */ { dataset }) => this.#askFailed(dataset.id, (failed) => failed.load()),
    retry: (/** @type {HTMLElement} */ { dataset }) => this.#askFailed(dataset.id, (failed) => failed.retry()),
    open: (/** @type {HTMLElement} */ { dataset }, /** @type {MouseEvent} */ event) => this.#openOne(dataset, event),
  };

  start() {
    super.start();
    this.listen(this.hub, 'broadcast', ({ detail }) => this.#hear(detail.broadcast));
    this.listen(this.hub, 'reset', () => this.loadSoon(() => this.#load()));
  }

  open() {
    this.#items = undefined;
    this.#skipped.clear();
    this.#failed.clear();
    super.open();
    return this.#load();
  }

  #load(more = false) {
    const { opened: signal } = this;
    return this.once(more ? 'more' : 'load', async () => {
      const path = `/broadcasts${query({ limit: 20, cursor: more ? this.#next : undefined })}`;
      const page = await this.hub.api.get(path, { signal });
      this.#items = more ? [...(this.#items ?? []), ...itemsOf(page)] : itemsOf(page);
      this.#next = page.next;
    });
  }

  /** @param {Messenger.Broadcast} broadcast */
  #hear(broadcast) {
    this.#items = this.#items?.map((known) => (known.id === broadcast.id ? broadcast : known));
    this.update();
  }

  /** @param {string} id */
  async #stop(id) {
    await this.act(`stop ${id}`, async () => {
      this.#hear(await this.hub.api.call('POST', `/broadcasts/${encodeURIComponent(id)}/cancel`));
    });
    this.render();
    if (document.activeElement === document.body) this.one('[data-do="close"]')?.focus();
  }

  /** @param {string} id */
  async #toggleSkipped(id) {
    if (this.#skipped.delete(id)) return this.update();
    const { opened: signal } = this;
    await this.once(`skipped ${id}`, async () => {
      const path = `/broadcasts/${encodeURIComponent(id)}/skipped${query({ limit: 100 })}`;
      this.#skipped.set(id, itemsOf(await this.hub.api.get(path, { signal })));
    });
    for (const one of this.#skipped.get(id) ?? []) await this.#learn(one, signal);
  }

  /** @param {string} id */
  #toggleFailed(id) {
    if (this.#failed.delete(id)) return this.update();
    this.#failed.set(id, new Failed(this, id));
    return this.#askFailed(id, (failed) => failed.load());
  }

  /**
   * @param {string|undefined} id
   * @param {(failed: Failed) => Promise<void>} ask
   */
  async #askFailed(id = '', ask) {
    const failed = this.#failed.get(id);
    if (failed) await this.once(failed.key, () => ask(failed));
    this.render();
    if (document.activeElement === document.body) this.one('[data-do="close"]')?.focus();
  }

  /**
   * Shows a conversation in this page, unless it is to be opened elsewhere.
   * @param {DOMStringMap} about
   * @param {MouseEvent} event
   */
  #openOne({ channel, id }, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.close();
    this.tell('open', { channel, message: id });
  }

  /**
   * Learns the name of a client who got nothing; who can't be seen any more stays without one.
   * @param {Messenger.Skipped} skipped
   * @param {AbortSignal} signal
   */
  async #learn({ client_id: id, why }, signal) {
    if (why === 'not_found' || this.#names.has(id) || signal.aborted) return;
    const page = await this.hub.api.get(`/clients/${encodeURIComponent(id)}`, { signal }).catch(() => undefined);
    if (page) this.#names.set(id, page.client.name);
    this.update();
  }

  render() {
    const { t } = this;
    const items = this.#items?.map((item) => this.#itemView(item));
    this.frame(t('several'), '', items, t('several_empty'), Boolean(this.#next));
  }

  /** @param {Messenger.Broadcast} broadcast */
  #itemView(broadcast) {
    const { t } = this;
    const { id, subject, body, medium, queued, failed, total, skipped_count: skipped } = broadcast;
    const stop = html`<button type="button" class="messenger-button" data-kind="second" data-do="stop" data-id=${id}>
      ${t('new_cancel')}
    </button>`;
    return html`<div role="listitem" class="messenger-broadcast" data-key=${id}>
      <div class="messenger-broadcast-head">
        ${icon(medium === 'sms' ? 'sms' : 'email')}
        <span class="messenger-strong">${t(`medium_${medium}`)}, ${t('several_to', { count: total - skipped })}</span>
        <span class="messenger-quiet">${this.#whenWords(broadcast)}</span>
      </div>
      ${subject ? html`<div class="messenger-strong" dir="auto">${subject}</div>` : ''}
      <div class="messenger-body" dir="auto">${readable(body, t)}</div>
      <div class="messenger-quiet" role="status">${progressWords(t, broadcast)}</div>
      ${skipped ? this.#skippedView(broadcast) : ''}
      ${failed || this.#failed.has(id) ? this.#failedView(broadcast) : ''}
      ${queued ? html`<div class="messenger-line">${stop}</div>` : ''}
    </div>`;
  }

  /** @param {Messenger.Broadcast} broadcast */
  #whenWords({ state, queued, sent, send_after: after, created_at: created }) {
    const { t, format } = this;
    if (state === 'cancelled') return t('several_stopped');
    const when = format.when(after ?? created);
    if (sent) return t('several_began', { when });
    if (!queued) return t('several_written', { when: format.when(created) });
    const waits = after && Date.parse(after) > this.hub.api.now();
    return waits ? t('scheduled_for', { when }) : t('several_due', { when });
  }

  /** @param {Messenger.Broadcast} broadcast */
  #skippedView({ id, skipped_count: count }) {
    const { t } = this;
    const skipped = this.#skipped.get(id);
    const list = skippedView(skipped ?? [], count, this.#names, t);
    const words = t('new_skipped', { count });
    return html`<div data-key="skipped">
      <button type="button" class="messenger-disclose" data-do="skipped" data-id=${id}
        aria-expanded=${String(Boolean(skipped))}>${words}</button>
      ${skipped ? list : ''}
    </div>`;
  }

  /** @param {Messenger.Broadcast} broadcast */
  #failedView({ id, failed: count }) {
    const failed = this.#failed.get(id);
    return html`<div data-key="failed">
      <button type="button" class="messenger-disclose" data-do="failed" data-id=${id}
        aria-expanded=${String(Boolean(failed))}>${this.t('failed_who', { count })}</button>
      ${failed?.items ? failed.view() : ''}
    </div>`;
  }
}
