// What stands in the first rows and comes with the dialogs: nothing of it is there until then.

const nothing = () => '';

/** @type {Record<string, (...args: any[]) => any>} */
export const later = { openedView: nothing, awaitingView: nothing, privateTickView: nothing, expectsView: nothing };
