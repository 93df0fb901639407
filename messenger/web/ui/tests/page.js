// The page behind the pictures: ?view=inbox (with ?channel=), ?view=profile&client=…, and what makes it special in
// ?with=.

import { long, many, story, unread } from './story.js';

const search = new URLSearchParams(location.search);
const fake = story();
if (search.get('with') === 'long') long(fake, 500);
if (search.get('with') === 'triage') unread(fake, 14);
if (search.get('with') === 'many') many(fake, 200);
if (search.get('with') === 'empty')
  for (const id of [...fake.channels.keys()]) if (fake.channels.get(id).staff_id === 'amira') fake.channels.delete(id);
if (search.get('with') === 'error')
  fake.faults.set('GET /inboxes/amira/channels', { status: 503, code: 'unavailable' });
fake.install();
/** @type {any} */ (window).fake = fake;
await import('../messenger-elements.js');
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
if (search.get('view') === 'profile') {
  const compose = document.createElement('messenger-compose');
  compose.setAttribute('client', search.get('client') ?? 'c-1');
  main.className = 'profile';
  main.append(compose);
} else {
  main.append(document.createElement('messenger-inbox'));
}
