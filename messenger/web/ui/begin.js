// What the Messages page shows first is asked for while the elements are still on their way: over a slow line they take
// longer than the answers.

import { query } from './api.js';
import { hubFor } from './hub.js';

if (document.readyState !== 'loading') beginWith(document.querySelector('messenger-inbox'));
else {
  document.addEventListener('DOMContentLoaded', () => beginWith(document.querySelector('messenger-inbox')));
}

/** @param {Element|null} element of the page, before it is anything more than a name */
async function beginWith(element) {
  if (!element || customElements.get('messenger-inbox')) return;
  const hub = hubFor(element.getAttribute('api') ?? '/messenger/api', element.getAttribute('organisation') ?? '');
  const until = new AbortController();
  hub.follow('', until.signal);
  // By then the element follows too.
  customElements.whenDefined('messenger-inbox').then(() => setTimeout(() => until.abort()));
  // The element asks again, and says what went wrong.
  const me = await hub.whoAmI().catch(() => undefined);
  // The list asks for itself.
  if (!me || customElements.get('messenger-inbox')) return;
  // As list.js asks for its first page.
  hub.api.ask(`/inboxes/${encodeURIComponent(me.staff.id)}/channels${query({ show: 'all', limit: 50 })}`);
}
