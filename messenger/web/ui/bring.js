// Modules that come after what is needed first.

/** The longest pause between two tries, in seconds. */
const longest = 30;

/**
 * Brings a module, however often that takes: a line may be down when it is its turn, and a reload would lose what was
 * typed. Browsers remember that an address failed, so that each try has its own.
 * @param {'conversation'|'dialogs'|'seldom'|'desk'} name
 * @param {number} [tries] how many have failed
 * @returns {Promise<any>} what it exports
 */
export async function bring(name, tries = 0) {
  try {
    return await import(`./${name}.js${tries ? `?${tries}` : ''}`);
  } catch {
    await new Promise((go) => setTimeout(go, 1000 * Math.min(longest, 2 ** tries)));
    return bring(name, tries + 1);
  }
}
