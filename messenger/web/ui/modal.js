// A dialog that has the page for itself. No `<dialog>`: stylesheets of hosts have rules for that.

import { alertView } from './element.js';

/**
 * Asks a question in a dialog of its own, and gives what is answered; undefined when they think again. Where something
 * is to be done with the answer, it stays with all that is typed until that is done, and says what went wrong.
 * @template T
 * @param {import('./element.js').MessengerElement & {problem?: string}} element in which the dialog stands, and with
 *   which it goes
 * @param {string} title the id of its heading
 * @param {Node} view with two buttons: the first answers, the second closes it
 * @param {(dialog: HTMLElement) => T} answerOf what is answered; the dialog stays while that is nothing
 * @param {(answer: NonNullable<T>) => Promise<boolean>} [does] gives whether it was done
 * @returns {Promise<T|undefined>}
 */
export function questionIn(element, title, view, answerOf, does) {
  const dialog = document.createElement('div');
  dialog.className = 'messenger-dialog messenger-ask';
  dialog.setAttribute('role', 'dialog');
  dialog.setAttribute('aria-modal', 'true');
  dialog.setAttribute('aria-labelledby', title);
  // The element goes on being drawn.
  dialog.dataset.apart = '';
  dialog.append(view);
  element.append(dialog);
  return new Promise((resolve) => {
    /** @type {T|undefined} */
    let answer;
    let busy = false;
    // Back at the first entry of the page's history, or where the element stands alone, leaves the page.
    const asks = (/** @type {BeforeUnloadEvent} */ event) => {
      const fields = /** @type {NodeListOf<HTMLTextAreaElement>} */ (dialog.querySelectorAll('input, textarea'));
      if ([...fields].some(({ value, defaultValue }) => value !== defaultValue)) event.preventDefault();
    };
    window.addEventListener('beforeunload', asks);
    const close = openModal(dialog, () => {
      window.removeEventListener('beforeunload', asks);
      dialog.remove();
      resolve(answer);
    });
    element.signal.addEventListener('abort', close);
    // What keys do in the element they do not do in the question.
    dialog.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      event.preventDefault();
      leave();
    });
    const leave = () => busy || close();
    const [yes, not] = dialog.querySelectorAll('button');
    const problem = document.createElement('div');
    yes.parentElement?.before(problem);
    yes.addEventListener('click', async () => {
      const found = answerOf(dialog);
      if (!found || busy) return;
      busy = true;
      const done = !does || (await does(found));
      busy = false;
      if (done) answer = found;
      if (done) return close();
      problem.replaceChildren(element.problem ? alertView(element.problem) : '');
    });
    not.addEventListener('click', leave);
    /** @type {HTMLElement} */ (dialog.querySelector('input, textarea') ?? not).focus();
  });
}

/** What is open, the topmost last. @type {HTMLElement[]} */
const all = [];

/** Leaves what is topmost, as Escape does; false where nothing is open. */
export function leaveModal() {
  const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  all.at(-1)?.dispatchEvent(escape);
  return escape.defaultPrevented;
}

/**
 * Shows an element above everything else, which can't be reached meanwhile, and gives the function that closes it.
 * Escape closes it too. The focus goes back to where it was.
 * @param {HTMLElement} element
 * @param {() => void} closed called once it is closed
 */
export function openModal(element, closed) {
  const before = document.activeElement;
  const others = everythingBut(element);
  for (const other of others) other.inert = true;
  element.hidden = false;
  element.popover = 'manual';
  element.showPopover();
  all.push(element);
  const ends = new AbortController();
  const close = () => {
    if (ends.signal.aborted) return;
    ends.abort();
    all.splice(all.indexOf(element), 1);
    element.hidePopover();
    element.hidden = true;
    for (const other of others) other.inert = false;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    closed();
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  document.addEventListener('keydown', key, { signal: ends.signal });
  return close;
}

/**
 * What stands beside an element and beside all that it stands in.
 * @param {HTMLElement} element
 */
function everythingBut(element) {
  /** @type {HTMLElement[]} */
  const others = [];
  for (let at = element; at.parentElement; at = at.parentElement) {
    for (const sibling of at.parentElement.children) {
      if (sibling !== at && sibling instanceof HTMLElement && !sibling.inert) others.push(sibling);
    }
  }
  return others;
}
