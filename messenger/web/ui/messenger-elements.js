// The entry: registers the elements and brings their styles. Everything is found beside this file.

import { MessengerBroadcasts } from './messenger-broadcasts.js';
import { MessengerCompose } from './messenger-compose.js';
import { MessengerEditor } from './messenger-editor.js';
import { MessengerInbox } from './messenger-inbox.js';
import { MessengerList } from './messenger-list.js';
import { MessengerNewMessage } from './messenger-new-message.js';
import { MessengerNotifications } from './messenger-notifications.js';
import { MessengerPreview } from './messenger-preview.js';
import { MessengerProgress } from './messenger-progress.js';
import { MessengerRecipients } from './messenger-recipients.js';
import { MessengerSide } from './messenger-side.js';
import { MessengerTexts } from './messenger-texts.js';
import { MessengerThread } from './messenger-thread.js';
import { MessengerUnread } from './messenger-unread.js';

const link = document.createElement('link');
link.rel = 'stylesheet';
link.href = new URL('./messenger.css', import.meta.url).href;
// A host whose page names the styles itself has them before the first paint.
if (![...document.querySelectorAll('link')].some(({ href }) => href === link.href)) document.head.append(link);

MessengerUnread.define('messenger-unread');
MessengerNotifications.define('messenger-notifications');
MessengerCompose.define('messenger-compose');
MessengerRecipients.define('messenger-recipients');
MessengerEditor.define('messenger-editor');
MessengerPreview.define('messenger-preview');
MessengerProgress.define('messenger-progress');
MessengerNewMessage.define('messenger-new-message');
MessengerBroadcasts.define('messenger-broadcasts');
MessengerTexts.define('messenger-texts');
MessengerList.define('messenger-list');
MessengerThread.define('messenger-thread');
MessengerSide.define('messenger-side');
MessengerInbox.define('messenger-inbox');

export { MessengerCompose, MessengerInbox, MessengerNotifications, MessengerUnread };
