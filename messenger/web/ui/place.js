// What of the Messages page stands in the page's address, so that links, Back and a reload keep it. What is searched
// for stands beside the address, in the history's entry: addresses are written down by servers and proxies.

import { remembered } from './remembered.js';

/**
 * @typedef {{channel: string, message: string, inbox: string, show: string, order: string, view: string,
 *   q: string}} Place
 */

const named = /** @type {const} */ (['channel', 'message', 'inbox', 'show', 'order', 'view']);

/** What is shown by default stands in no address. @type {Record<string, string>} */
const usual = { show: 'all', order: 'newest' };

/** Who is signed in; '' until that is known. */
let asker = '';

/**
 * Says who is signed in. What somebody else has searched for in this tab is not theirs to find, whichever entry of the
 * history they come to.
 * @param {Messenger.Me} me
 */
export function isHere({ staff, organisation }) {
  const before = asker;
  asker = `${organisation.id} ${staff.id}`;
  goTo(before && before !== asker ? { message: '' } : {}, 'same');
}

/** @returns {Place} */
export function place() {
  const search = new URL(location.href).searchParams;
  const [channel, message, inbox, show, order, view] = named.map((name) => search.get(name) ?? '');
  return {
    channel,
    message,
    inbox,
    show: show || usual.show,
    order: order || remembered('order') || usual.order,
    view,
    q: searched(),
  };
}

/** What the host and the elements keep in the history's entry. @returns {Record<string, any>} */
const kept = () => (history.state instanceof Object ? history.state : {});

/** What the asker searched for here. */
function searched() {
  const { messengerSearch: q = '', messengerSearchOf: of } = kept();
  return of === asker ? String(q) : '';
}

/**
 * The address of this page with some of it changed.
 * @param {Partial<Place>} changed
 */
export function pageAddress(changed) {
  const address = new URL(location.href);
  for (const name of named) {
    const value = changed[name];
    if (value === undefined) continue;
    if (value === '' || value === usual[name]) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  return address;
}

/** What the page showed last. */
let entry = { href: location.href, state: history.state };

/** Takes what the address says now for what is shown. */
const arrived = () => (entry = { href: location.href, state: history.state });

/** Goes on where one was, after somebody went back or forward. */
export const stay = () => history.pushState(entry.state, '', entry.href);

/**
 * Changes what the page's address says: in a new entry of the history, or in this one.
 * @param {Partial<Place>} changed
 * @param {'new'|'same'} entry
 */
export function goTo(changed, entry) {
  const address = pageAddress(changed);
  const { messengerSearch: _, messengerSearchOf: of, ...others } = kept();
  const q = changed.q ?? searched();
  // As long as nobody is known the words stay whose they are.
  const state = !asker && of ? kept() : q ? { ...others, messengerSearch: q, messengerSearchOf: asker } : others;
  if (entry === 'new' && address.href !== location.href) history.pushState(state, '', address);
  else history.replaceState(state, '', address);
  arrived();
}
