// The screen for templates: few write any, and seldom, so it comes when it is opened.

import { MessengerTemplateDesk } from './messenger-template-desk.js';
import { deskWords } from './strings-desk.js';
import { addWords } from './strings.js';

addWords(deskWords);
MessengerTemplateDesk.define('messenger-template-desk');
