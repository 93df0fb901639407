// What the tabs of a browser say to one another.

/**
 * A way to the other tabs. Browsers that may keep nothing for a page give it none: then it is `alone`.
 * @param {string} name
 * @param {(data: any) => void} hears
 * @returns {{postMessage: (data: any) => void, close: () => void, alone?: boolean}}
 */
export function tabsUnder(name, hears) {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => hears(data);
    return channel;
  } catch {
    return { postMessage() {}, close() {}, alone: true };
  }
}
