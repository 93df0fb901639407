// What went to several, and texts to sort: opened now and then, so they come when they are.

import { MessengerBroadcasts } from './messenger-broadcasts.js';
import { MessengerTexts } from './messenger-texts.js';
import { seldomWords } from './strings-seldom.js';
import { addWords } from './strings.js';

addWords(seldomWords);
MessengerBroadcasts.define('messenger-broadcasts');
MessengerTexts.define('messenger-texts');
