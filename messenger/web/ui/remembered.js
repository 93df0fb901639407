// Preferences, kept in this browser: never anything of a client, and nothing where it is as usual.

const prefix = 'messenger-';

/**
 * @param {'order'|'keys'} name
 * @returns {string} '' for as usual, and where the browser keeps nothing
 */
export function remembered(name) {
  try {
    return localStorage.getItem(prefix + name) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {'order'|'keys'} name
 * @param {string} value '' for as usual
 */
export function remember(name, value) {
  try {
    if (value) localStorage.setItem(prefix + name, value);
    else localStorage.removeItem(prefix + name);
  } catch {
    // It holds for this page, then.
  }
}
