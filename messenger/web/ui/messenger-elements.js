// The entry: registers the elements and brings their styles. Everything is found beside this file.

import { bring } from './bring.js';
import { setStrings } from './element.js';
import { MessengerInbox } from './messenger-inbox.js';
import { MessengerList } from './messenger-list.js';
import { MessengerUnread } from './messenger-unread.js';
import { english } from './strings.js';

/** Whether another copy of the elements has come before: of two, each would have parts of one page. */
const isSecond = (customElements.get('messenger-inbox') ?? MessengerInbox) !== MessengerInbox;

if (isSecond) console.warn('messenger: the elements are in this page twice; the first that came are used.');
else {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL('./messenger.css', import.meta.url).href;
  // A host whose page names the styles itself has them before the first paint.
  if (![...document.querySelectorAll('link')].some(({ href }) => href === link.href)) document.head.append(link);

  MessengerUnread.define('messenger-unread');
  MessengerList.define('messenger-list');
  MessengerInbox.define('messenger-inbox');
}

/** The elements of a conversation, once they have come. */
export const conversation = isSecond ? ofTheFirst() : bring('conversation');

async function ofTheFirst() {
  await customElements.whenDefined('messenger-side');
  return {
    MessengerCompose: customElements.get('messenger-compose'),
    MessengerNotifications: customElements.get('messenger-notifications'),
  };
}

export { MessengerInbox, MessengerUnread, english, setStrings };
