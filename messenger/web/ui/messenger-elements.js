// The entry: registers the elements and brings their styles. Everything is found beside this file.

import { MessengerCompose } from './messenger-compose.js';
import { MessengerInbox } from './messenger-inbox.js';
import { MessengerNewMessage } from './messenger-new-message.js';
import { MessengerNotifications } from './messenger-notifications.js';
import { MessengerUnread } from './messenger-unread.js';

const link = document.createElement('link');
link.rel = 'stylesheet';
link.href = new URL('./messenger.css', import.meta.url).href;
document.head.append(link);

MessengerUnread.define('messenger-unread');
MessengerNotifications.define('messenger-notifications');
MessengerCompose.define('messenger-compose');
MessengerNewMessage.define('messenger-new-message');
MessengerInbox.define('messenger-inbox');

export { MessengerCompose, MessengerInbox, MessengerNotifications, MessengerUnread };
