// The focus is never lost: where what had it goes away, something near takes it.

/**
 * Watches an element until the signal aborts.
 * @param {HTMLElement} element
 * @param {() => HTMLElement|null|undefined} nearest what takes the focus
 * @param {AbortSignal} signal
 */
export function keepFocus(element, nearest, signal) {
  /** @type {Element|undefined} */
  let last;
  const lost = () => last && document.activeElement === document.body && !(last.isConnected && last.checkVisibility());
  const watch = new MutationObserver(() => {
    if (!lost()) return;
    // What asked for the change may move the focus itself.
    requestAnimationFrame(() => {
      if (lost()) nearest()?.focus({ preventScroll: true });
    });
  });
  const attributeFilter = ['hidden', 'disabled', 'data-pane', 'data-empty'];
  watch.observe(element, { childList: true, subtree: true, attributes: true, attributeFilter });
  element.addEventListener('focusin', ({ target }) => (last = /** @type {Element} */ (target)), { signal });
  element.addEventListener(
    'focusout',
    ({ target }) => {
      const left = /** @type {Element} */ (target);
      // What is being taken off the page is still there while it says that it has lost the focus.
      queueMicrotask(() => {
        if (left === last && left.isConnected && left.checkVisibility()) last = undefined;
      });
    },
    { signal },
  );
  signal.addEventListener('abort', () => watch.disconnect());
}

/**
 * What of the Messages page takes the focus when that which had it has gone.
 * @param {import('./messenger-inbox.js').MessengerInbox} page
 * @returns {HTMLElement|null}
 */
export function near(page) {
  const row = '.messenger-row-link[tabindex="0"]';
  const all = ['.messenger-overview-title', row, '.messenger-title', '.messenger-search-box'];
  if (page.channel && !page.one('.messenger-list')?.checkVisibility()) all.unshift('.messenger-title');
  return all.map((selector) => page.one(selector)).find((element) => element?.checkVisibility()) ?? null;
}
