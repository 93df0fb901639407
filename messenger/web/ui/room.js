// How much room there is below where the Messages page begins: its styles make it as high as that.

/**
 * Measures where an element begins, and again whenever what stands above may have changed: a host's bar that grows, a
 * note that it puts in. Until the signal aborts.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
export function watchTop(element, signal) {
  const measure = () => {
    const top = `${Math.max(0, Math.ceil(element.getBoundingClientRect().top + window.scrollY))}px`;
    if (element.style.getPropertyValue('--messenger-top') !== top) element.style.setProperty('--messenger-top', top);
  };
  const sizes = new ResizeObserver(measure);
  const changes = new MutationObserver(() => observe());
  const observe = () => {
    sizes.disconnect();
    sizes.observe(document.body);
    for (let at = /** @type {Element} */ (element); at.parentElement; at = at.parentElement) {
      for (const beside of at.parentElement.children) if (beside !== at) sizes.observe(beside);
      changes.observe(at.parentElement, { childList: true });
    }
    measure();
  };
  window.addEventListener('resize', measure, { signal });
  observe();
  signal.addEventListener('abort', () => {
    sizes.disconnect();
    changes.disconnect();
  });
}
