// Changing what stands on the page without losing focus, scrolling or what was typed.

/**
 * Makes what an element holds equal to a fragment, keeping every node that can stay, so that focus, scrolling, open
 * details and typed text survive. Children with `data-key` are matched by it. What a custom element holds is its own
 * and is left alone, and so is what a child with `data-same` holds. A child with `data-apart` stays whatever is shown.
 * @param {Element} parent
 * @param {DocumentFragment} fragment
 */
export function morph(parent, fragment) {
  const focused = document.activeElement;
  children(parent, fragment);
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

/** @param {Node} node */
const keyOf = (node) => (node instanceof HTMLElement ? node.dataset.key : undefined);

/** What others say of an element that is drawn: a question has made it inert. */
const apart = new Set(['style', 'inert']);

/** @param {Node} node */
const isApart = (node) => node instanceof HTMLElement && node.dataset.apart !== undefined;

/**
 * @param {Node} parent
 * @param {Node} next
 */
function children(parent, next) {
  const wanted = [...next.childNodes];
  const keys = new Set(wanted.map(keyOf));
  /** @type {Map<string, ChildNode>} */
  const keyed = new Map();
  for (const child of [...parent.childNodes]) {
    const key = keyOf(child);
    if (key === undefined) continue;
    if (keys.has(key) && !keyed.has(key)) keyed.set(key, child);
    else child.remove();
  }
  let at = parent.firstChild;
  for (const node of wanted) {
    const key = keyOf(node);
    const match = key === undefined ? sameKind(at, node) : keyed.get(key);
    if (!match || match.nodeName !== node.nodeName) {
      parent.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else parent.insertBefore(match, at);
    patch(match, node);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    if (!isApart(gone)) gone.remove();
  }
}

/**
 * The next child without a key, when it is of the same kind.
 * @param {ChildNode|null} at
 * @param {Node} node
 */
function sameKind(at, node) {
  while (at && (keyOf(at) !== undefined || isApart(at))) at = at.nextSibling;
  return at && at.nodeType === node.nodeType && at.nodeName === node.nodeName ? at : null;
}

/**
 * @param {Node} old
 * @param {Node} next
 */
function patch(old, next) {
  if (!(old instanceof Element) || !(next instanceof Element)) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (next.hasAttribute('data-same')) return;
  attributes(old, next);
  if (!old.nodeName.includes('-')) children(old, next);
}

/**
 * @param {Element} old
 * @param {Element} next
 */
function attributes(old, next) {
  const own = old.nodeName === 'DETAILS' || old.nodeName === 'DIALOG';
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !apart.has(name) && !(own && name === 'open')) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value && !(own && name === 'open')) old.setAttribute(name, value);
  }
  if (old instanceof HTMLInputElement && /^(checkbox|radio)$/.test(old.type))
    old.checked = next.hasAttribute('checked');
  if (old instanceof HTMLOptionElement) old.selected = next.hasAttribute('selected');
}
