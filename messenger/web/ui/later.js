// What stands in the first rows and comes with the dialogs: nothing of it is there until then.

const nothing = () => '';

/** @type {Record<string, any>} */
export const later = {
  openedView: nothing,
  awaitingView: nothing,
  privateTickView: nothing,
  expectsView: nothing,
  safeView: nothing,
};

/** Settles once it has come. */
export const cameLater = new Promise((come) => document.addEventListener('messenger-later', come, { once: true }));
