// The dialogs of the Messages page: nobody sees them before they press something, so they come after the rest.

import { MessengerBroadcasts } from './messenger-broadcasts.js';
import { MessengerEditor } from './messenger-editor.js';
import { MessengerNewMessage } from './messenger-new-message.js';
import { MessengerPreview } from './messenger-preview.js';
import { MessengerProgress } from './messenger-progress.js';
import { MessengerRecipients } from './messenger-recipients.js';
import { MessengerTexts } from './messenger-texts.js';

MessengerRecipients.define('messenger-recipients');
MessengerEditor.define('messenger-editor');
MessengerPreview.define('messenger-preview');
MessengerProgress.define('messenger-progress');
MessengerNewMessage.define('messenger-new-message');
MessengerBroadcasts.define('messenger-broadcasts');
MessengerTexts.define('messenger-texts');
