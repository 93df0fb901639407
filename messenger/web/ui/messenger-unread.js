// <messenger-unread>: the number of unread channels, beside the main menu's Messages button.

import { MessengerElement } from './element.js';
import { html } from './html.js';
import { morph } from './morph.js';

/** Shows nothing while there is nothing unread, and nothing when the number can't be had. */
export class MessengerUnread extends MessengerElement {
  start() {
    this.listen(this.hub, 'me', () => this.update());
    this.hub.follow('', this.signal);
    this.signal.addEventListener('abort', () => showInTitle(0));
    this.hub.whoAmI().then(
      () => this.update(),
      (error) => this.explain(error),
    );
  }

  render() {
    const count = this.hub.me?.unread_count ?? 0;
    showInTitle(count);
    const number = html`<span class="messenger-count">
      <span aria-hidden="true">${count > 999 ? '999+' : count}</span>
      <span class="messenger-sr">${this.t('unread_channels', { count })}</span>
    </span>`;
    morph(this, html`${count ? number : ''}`);
  }
}

/**
 * Puts the number before the page's title, so that a tab in the background shows it too.
 * @param {number} count
 */
function showInTitle(count) {
  const title = document.title.replace(/^\(\d+\+?\) /, '');
  const wanted = count ? `(${count > 999 ? '999+' : count}) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
}
