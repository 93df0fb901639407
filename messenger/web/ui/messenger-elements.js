// The entry: registers the elements and brings their styles. Everything is found beside this file.

import { setStrings } from './element.js';
import { MessengerCompose } from './messenger-compose.js';
import { MessengerInbox } from './messenger-inbox.js';
import { MessengerList } from './messenger-list.js';
import { MessengerNotifications } from './messenger-notifications.js';
import { MessengerSide } from './messenger-side.js';
import { MessengerThread } from './messenger-thread.js';
import { MessengerUnread } from './messenger-unread.js';
import { english } from './strings.js';

const link = document.createElement('link');
link.rel = 'stylesheet';
link.href = new URL('./messenger.css', import.meta.url).href;
// A host whose page names the styles itself has them before the first paint.
if (![...document.querySelectorAll('link')].some(({ href }) => href === link.href)) document.head.append(link);

MessengerUnread.define('messenger-unread');
MessengerNotifications.define('messenger-notifications');
MessengerCompose.define('messenger-compose');
MessengerList.define('messenger-list');
MessengerThread.define('messenger-thread');
MessengerSide.define('messenger-side');
MessengerInbox.define('messenger-inbox');

import('./dialogs.js'); // seen by nobody before they press something

export { MessengerCompose, MessengerInbox, MessengerNotifications, MessengerUnread, english, setStrings };
