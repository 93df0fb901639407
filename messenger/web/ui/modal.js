// A dialog that has the page for itself. No `<dialog>`: stylesheets of hosts have rules for that.

/**
 * Asks a question in a dialog of its own, and gives what is answered; undefined when they think again.
 * @template T
 * @param {import('./element.js').MessengerElement} element in which the dialog stands, and with which it goes
 * @param {string} title the id of its heading
 * @param {Node} view with two buttons: the first answers, the second closes it
 * @param {(dialog: HTMLElement) => T} answerOf what is answered; the dialog stays while that is nothing
 * @returns {Promise<T|undefined>}
 */
export function questionIn(element, title, view, answerOf) {
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
    const close = openModal(dialog, () => {
      dialog.remove();
      resolve(answer);
    });
    element.signal.addEventListener('abort', close);
    // What keys do in the element they do not do in the question.
    dialog.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      event.preventDefault();
      close();
    });
    const [yes, not] = dialog.querySelectorAll('button');
    yes.addEventListener('click', () => {
      answer = answerOf(dialog);
      if (answer) close();
    });
    not.addEventListener('click', close);
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
