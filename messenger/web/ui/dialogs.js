// The dialogs of the Messages page and the day's end: seldom seen before somebody presses something, so they come after
// the rest.

import { awaitingView, openedView } from './asked.js';
import { expectsView, privateTickView } from './asking.js';
import { historyView } from './history.js';
import { later } from './later.js';
import { MessengerAbsence } from './messenger-absence.js';
import { MessengerEditor } from './messenger-editor.js';
import { MessengerHandover } from './messenger-handover.js';
import { MessengerNewMessage } from './messenger-new-message.js';
import { MessengerOverview } from './messenger-overview.js';
import { MessengerPreview } from './messenger-preview.js';
import { MessengerProgress } from './messenger-progress.js';
import { MessengerRecipients } from './messenger-recipients.js';
import { MessengerTemplates } from './messenger-templates.js';
import { NoteForm } from './note-form.js';
import { liftView, safeView } from './safe-view.js';
import { askWhetherDone } from './still-awaited.js';
import { askedWords } from './strings-asked.js';
import { lateWords } from './strings-late.js';
import { addWords } from './strings.js';
import { askWhyWithdrawn } from './withdraw.js';

Object.assign(later, {
  NoteForm,
  askWhetherDone,
  askWhyWithdrawn,
  awaitingView,
  expectsView,
  historyView,
  liftView,
  openedView,
  privateTickView,
  safeView,
});

addWords({ ...lateWords, ...askedWords });
document.dispatchEvent(new Event('messenger-later'));
MessengerRecipients.define('messenger-recipients');
MessengerTemplates.define('messenger-templates');
MessengerEditor.define('messenger-editor');
MessengerPreview.define('messenger-preview');
MessengerProgress.define('messenger-progress');
MessengerNewMessage.define('messenger-new-message');
MessengerAbsence.define('messenger-absence');
MessengerHandover.define('messenger-handover');
MessengerOverview.define('messenger-overview');
