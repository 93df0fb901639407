// One conversation, what is written in it, and the bell: they come after the first rows.

import { bring } from './bring.js';
import { MessengerCompose } from './messenger-compose.js';
import { MessengerNotifications } from './messenger-notifications.js';
import { MessengerSide } from './messenger-side.js';
import { MessengerThread } from './messenger-thread.js';
import { writingWords } from './strings-writing.js';
import { addWords } from './strings.js';

addWords(writingWords);
MessengerNotifications.define('messenger-notifications');
MessengerCompose.define('messenger-compose');
MessengerThread.define('messenger-thread');
// The last: the Messages page waits for it.
MessengerSide.define('messenger-side');

bring('dialogs');

export { MessengerCompose, MessengerNotifications };
