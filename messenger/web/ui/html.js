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
  const place = new Place();
  let source = '';
  strings.forEach((words, i) => {
    source += words;
    place.read(words);
    if (i < strings.length - 1) source += place.mark(i);
  });
  return source.trim();
}

/** Elements whose words are never markup: a value in them would stay a mark. */
const plain = /^(?:script|style|textarea|title)$/;

/** Where in the markup of a template one is: in text, in a tag or in a comment. */
class Place {
  /** @type {'text'|'tag'|'comment'} */
  #in = 'text';
  /** The quotation mark of the attribute value that one is in. */
  #quote = '';
  /** What the tag has had so far, without the quoted values. */
  #tag = '';
  /** The element whose words are never markup, while one is in it. */
  #plain = '';

  /** @param {string} words */
  read(words) {
    for (let i = 0; i < words.length; i++) {
      if (this.#in === 'text') this.#text(words, i);
      else if (this.#in === 'tag') this.#inTag(words[i]);
      else if (words.startsWith('-->', i)) this.#in = 'text';
    }
  }

  /**
   * The mark of a value that stands here.
   * @param {number} i
   */
  mark(i) {
    if (this.#in === 'text' && !this.#plain) return `<!--{{${i}}}-->`;
    if (this.#in === 'tag' && (this.#quote || /=\s*[^\s=]*$/.test(this.#tag))) return `{{${i}}}`;
    throw new Error('a value may stand in text or in the value of an attribute, and nowhere else');
  }

  /**
   * @param {string} words
   * @param {number} i
   */
  #text(words, i) {
    if (words[i] !== '<') return;
    const rest = words.slice(i + 1);
    if (this.#plain && !rest.toLowerCase().startsWith(`/${this.#plain}`)) return;
    if (rest.startsWith('!--')) this.#in = 'comment';
    else if (rest === '' || /^[a-z/!?]/i.test(rest)) {
      this.#in = 'tag';
      this.#tag = '';
    }
  }

  /** @param {string} c */
  #inTag(c) {
    if (this.#quote) {
      if (c === this.#quote) this.#quote = '';
    } else if ((c === '"' || c === "'") && /=\s*$/.test(this.#tag)) {
      this.#quote = c;
      this.#tag += c;
    } else if (c === '>') {
      const name = /^[a-z][^\s/]*/i.exec(this.#tag)?.[0].toLowerCase() ?? '';
      this.#plain = plain.test(name) ? name : '';
      this.#in = 'text';
    } else this.#tag += c;
  }
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
    if ((name === 'href' || name === 'src') && value) value = safeAddress(String(value));
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * An address that may be followed, a page's or a phone's, never a script's: from this page, whatever its `<base>` is.
 * @param {string} address
 */
function safeAddress(address) {
  try {
    const { protocol, href } = new URL(address, location.href);
    if (!['http:', 'https:', 'mailto:', 'tel:'].includes(protocol)) return undefined;
    return new URL(address, document.baseURI).href === href ? address : href;
  } catch {
    return undefined;
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
