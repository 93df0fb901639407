// What stands in the first rows and comes with the dialogs: nothing of it is there until then.

const nothing = () => '';

/** @type {Record<string, any>} */
export const later = {
  openedView: nothing,
  awaitingView: nothing,
  privateTickView: nothing,
  expectsView: nothing,
  safeView: nothing,
  liftView: nothing,
  historyView: nothing,
};

/** Settles once it has come. */
export const cameLater = new Promise((come) => document.addEventListener('messenger-later', come, { once: true }));

/**
 * Whether a channel may be marked as done, or as open again: where an answer is awaited, that is asked first.
 * @param {import('./element.js').MessengerElement} element
 * @param {{status: string, client_name: string, awaiting?: {by: string}}} channel
 * @returns {Promise<boolean>}
 */
export async function mayBeDone(element, { status, client_name: name, awaiting }) {
  if (status === 'done' || !awaiting) return true;
  await cameLater;
  return later.askWhetherDone(element, name, awaiting.by);
}

/**
 * The same of a channel of which only the id is known.
 * @param {import('./element.js').MessengerElement} element
 * @param {string} id
 */
export const mayBeDoneAt = async (element, id) =>
  mayBeDone(element, await element.hub.api.get(`/channels/${encodeURIComponent(id)}`));
