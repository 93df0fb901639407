// DOM from tagged templates: the words of the template are markup, the values never are.

/** @type {WeakMap<TemplateStringsArray, HTMLTemplateElement>} */
const made = new WeakMap();
const whole = /^\{\{(\d+)\}\}$/;
const part = /\{\{(\d+)\}\}/g;

/**
 * Builds a fragment. A value between tags may be text, a number, a node, or an array of these; null, undefined and
 * booleans leave nothing. A value that is the whole of an attribute is left out when false, null or undefined, and set
 * without a value when true. Values become text nodes and attribute values only, so nothing in them is ever parsed.
 * Addresses that are not http, https, mailto or tel are dropped.
 * @param {TemplateStringsArray} strings
 * @param {...any} values
 * @returns {DocumentFragment}
 */
export function html(strings, ...values) {
  let template = made.get(strings);
  if (!template) {
    template = document.createElement('template');
    template.innerHTML = markup(strings);
    made.set(strings, template);
  }
  const fragment = /** @type {DocumentFragment} */ (document.importNode(template.content, true));
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    if (node instanceof Element) fillAttributes(node, values);
    else fillPlace(/** @type {Comment} */ (node), values);
  }
  return fragment;
}

/**
 * The template's own words, with a mark where each value goes.
 * @param {TemplateStringsArray} strings
 */
function markup(strings) {
  let source = strings[0];
  for (let i = 1; i < strings.length; i++) {
    const inTag = source.lastIndexOf('<') > source.lastIndexOf('>');
    source += (inTag ? `{{${i - 1}}}` : `<!--{{${i - 1}}}-->`) + strings[i];
  }
  return source.trim();
}

/**
 * @param {Element} element
 * @param {any[]} values
 */
function fillAttributes(element, values) {
  for (const { name, value: text } of [...element.attributes]) {
    if (!text.includes('{{')) continue;
    const one = whole.exec(text);
    let value = one ? values[Number(one[1])] : text.replace(part, (_, n) => String(values[n] ?? ''));
    if ((name === 'href' || name === 'src') && !safe(value)) value = null;
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * Whether an address may be followed: a page's or a phone's, never a script's.
 * @param {unknown} address
 */
function safe(address) {
  try {
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(String(address), document.baseURI).protocol);
  } catch {
    return false;
  }
}

/**
 * @param {Comment} comment
 * @param {any[]} values
 */
function fillPlace(comment, values) {
  const mark = whole.exec(comment.data);
  if (mark) comment.replaceWith(...nodesOf(values[Number(mark[1])]));
}

/**
 * @param {any} value
 * @returns {(Node|string)[]}
 */
function nodesOf(value) {
  if (value === null || value === undefined || value === false || value === true || value === '') return [];
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  return value instanceof Node ? [value] : [String(value)];
}

/**
 * Makes what an element holds equal to a fragment, keeping every node that can stay, so that focus, scrolling, open
 * details and typed text survive. Children with `data-key` are matched by it. What a custom element holds is its own and is left alone,
 * and so is what a child with `data-same` holds.
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
    gone.remove();
  }
}

/**
 * The next child without a key, when it is of the same kind.
 * @param {ChildNode|null} at
 * @param {Node} node
 */
function sameKind(at, node) {
  while (at && keyOf(at) !== undefined) at = at.nextSibling;
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
    if (!next.hasAttribute(name) && name !== 'style' && !(own && name === 'open')) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value && !(own && name === 'open')) old.setAttribute(name, value);
  }
  if (old instanceof HTMLInputElement && /^(checkbox|radio)$/.test(old.type))
    old.checked = next.hasAttribute('checked');
  if (old instanceof HTMLOptionElement) old.selected = next.hasAttribute('selected');
}
