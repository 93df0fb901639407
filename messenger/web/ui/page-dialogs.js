// The dialogs that are opened from the list: a new message, what went to several, texts to sort, templates.

import { bring } from './bring.js';

/** The dialogs that come when they are opened, and in which module. @type {Record<string, 'seldom'|'desk'>} */
const comeLate = { 'messenger-broadcasts': 'seldom', 'messenger-texts': 'seldom', 'messenger-template-desk': 'desk' };

/**
 * Has a dialog come that is opened now, unless it comes by itself.
 * @param {string} tag
 */
export function bringDialog(tag) {
  if (comeLate[tag]) bring(comeLate[tag]);
}

/** Of one Messages page. */
export class PageDialogs {
  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  /** Listens to what is asked for, and to the dialogs. */
  start() {
    const { page } = this;
    const list = page.listPane;
    page.listen(list, 'new', () => page.dialog('messenger-new-message'));
    page.listen(page.one('messenger-new-message'), 'sent', ({ detail }) => this.#sent(detail));
    page.listen(list, 'desk', () => page.dialog('messenger-template-desk'));
    page.listen(list, 'several', () => page.dialog('messenger-broadcasts'));
    page.listen(page.one('messenger-broadcasts'), 'open', ({ detail: { channel, message } }) => {
      page.openChannel(channel, message);
    });
    page.listen(list, 'texts', () => page.dialog('messenger-texts'));
  }

  /**
   * Opens the conversation that a new message is in.
   * @param {{message: Messenger.Message, then: string, before: string, later: boolean}} sent
   */
  async #sent(sent) {
    const { page } = this;
    const id = sent.message.channel_id;
    await page.openChannel(id);
    if (page.channel === id) page.threadPane.follow(sent);
  }
}
