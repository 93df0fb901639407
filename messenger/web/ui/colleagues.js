// Whose inboxes there are beside one's own, and what may be done in them.

import { itemsOf } from './api.js';

/** What the panes of the Messages page know of colleagues. Dispatches `change` once it is loaded. */
export class Colleagues extends EventTarget {
  /** @type {Messenger.Inbox[]} */
  inboxes = [];

  /** @param {import('./hub.js').Hub} hub */
  constructor(hub) {
    super();
    this.hub = hub;
  }

  async load() {
    this.inboxes = itemsOf(await this.hub.api.get('/inboxes'));
    this.dispatchEvent(new Event('change'));
  }

  get others() {
    return this.inboxes.filter(({ staff_id: id }) => !this.isOwn(id));
  }

  /** @param {string|undefined} staffId */
  isOwn(staffId) {
    return staffId !== undefined && staffId === this.hub.me?.staff.id;
  }

  /** @param {string|undefined} staffId undefined while nothing is known yet: one's own is likely */
  mayActIn(staffId) {
    if (staffId === undefined || this.isOwn(staffId)) return true;
    return Boolean(this.#inbox(staffId)?.may_act);
  }

  /** @param {string|undefined} staffId whose inbox the asker may or may not cover */
  covers(staffId) {
    return Boolean(this.hub.me?.covering?.some(({ staff_id: id }) => id === staffId));
  }

  /** Those who may be asked to take something on. @returns {{id: string, name: string}[]} */
  get people() {
    return this.inboxes.map(({ staff_id: id, name }) => ({ id, name }));
  }

  /**
   * @param {string} staffId
   * @param {Messenger.Translate} t
   */
  nameOf(staffId, t) {
    const own = this.isOwn(staffId) ? this.hub.me?.staff.name : undefined;
    return this.#inbox(staffId)?.name ?? own ?? coveredName(this.hub, staffId) ?? t('a_colleague');
  }

  /** @param {string} staffId */
  #inbox(staffId) {
    return this.inboxes.find(({ staff_id: id }) => id === staffId);
  }
}

/**
 * The name of somebody whom the asker covers; undefined of others.
 * @param {import('./hub.js').Hub} hub
 * @param {string|undefined} staffId
 */
export function coveredName(hub, staffId) {
  return hub.me?.covering?.find(({ staff_id: id }) => id === staffId)?.name;
}
