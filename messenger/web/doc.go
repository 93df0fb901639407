// Package web serves Messenger over HTTP. It has no rules of its own: what a page can do, a host's Go code can do by
// the exported methods of package messenger.
//
// # Two mounts for two audiences
//
// The staff API stands behind the host's own sign-in; the public part, which nobody signs in to, under a prefix that
// is short, since it goes into text messages. With Huma, on any router that it has an adapter for:
//
//	web.MountStaff(huma.NewGroup(api, "/messenger/api"), m)
//	web.MountPublic(huma.NewGroup(public, "/m"), m)
//
// and without, as two handlers:
//
//	mux.Handle("/messenger/api/", signIn(http.StripPrefix("/messenger/api", web.StaffHandler(m))))
//	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))
//
// The host's sign-in puts the staff member into the request's context, where Config.Staff finds them. A request
// without a session must reach the staff API, or be answered 401; never redirect it to a sign-in page. Give a host's
// router StaffFallback for the addresses below the prefix that are no operation, so that its 404 and 405 are problem
// documents too; StaffHandler does so by itself.
//
// An http.Server in front should have ReadHeaderTimeout and ReadTimeout set, against readers and writers that never
// end. Live events go on under a WriteTimeout.
//
// # The staff API
//
// Operations are in the OpenAPI document of the api they are mounted on, with ids that begin with "messenger-" and
// schemas that begin with "Messenger", so that they live beside a host's own. Names are snake_case, times RFC 3339 in
// UTC. A field that is absent has no value; null in a request is taken as absent. Pages are {"items": [], "next":
// "…"}: next goes into ?cursor= and is absent on the last. Sends answer 202, since a worker delivers them; all other
// changes 200 with what changed, or 204.
//
// Browsers are kept from writing across sites: a request whose Origin or Sec-Fetch-Site is another site's is refused,
// but for the origin of the public URL. So is one that only reads and may leave a line in a history: nobody is to have
// looked at what another site's page asked for. A page sends the organisation it was opened in as
// Messenger-Organisation; when the session is in another one by now, nothing happens.
//
// # Errors
//
// Every answer of 400 or more is a problem document (RFC 9457, application/problem+json) with a code. Act on the
// code, never on the detail, which is for people. Nothing that a request brought is ever repeated in one. The list is
// closed:
//
//	401 not_signed_in           sign in and try again
//	403 forbidden               ask somebody who may
//	403 cross_site              the request came from another site's page
//	404 not_found               not there, or not for the asker: the two are never told apart
//	405 method_not_allowed      the address takes the methods in Allow
//	409 nothing_to_do           it has been dealt with already
//	409 unread_replies          read the replies that have come, then say again
//	409 confirmation_required   say why this restricted client must be written to
//	409 safe_contact            say why this client must be written to in a way that their card leaves out
//	409 organisation_changed    the page belongs to another organisation than the session
//	409 already_sent            too late to cancel
//	409 newer_messages          look at what newer has, then say again
//	413 too_large               a body has at most 1 MiB
//	415 unsupported_media_type  a body has to be application/json in UTF-8
//	422 invalid                 correct what errors names
//	422 no_proof                record a date of birth first: a private message needs it
//	422 no_address              record an address or number first
//	422 objected                the client does not want this medium
//	422 restricted              written without a reason, and the client is restricted now: write anew, with one
//	422 deceased                the client has died
//	422 not_configured          the host has no sender for this medium, or does not say who works there
//	422 unknown_placeholder     correct the {{word}}
//	422 template_place_unfilled write what belongs in a place of the template
//	422 time_does_not_exist     choose another time: the clocks leave this one out, and next is the first there is
//	422 too_long                shorten it: the carrier takes no more, closing lines and reply link included
//	422 receiver_cannot_send    hand it over to somebody who may send what was sent there
//	422 idempotency_key_reused  take a new key for another message
//	429 too_many_requests       wait as long as Retry-After says; of a stream: close one of yours
//	500 internal                our fault; the log knows more
//	503 unavailable             something the answer needs does not answer: try again, after Retry-After
//	503 outcome_unknown         it may have been done: look before you try again
//
// # Live events
//
// GET /events is a stream of server-sent events (text/event-stream) for fetch or EventSource: channel with the row of
// a channel, message with a message, broadcast with a broadcast's progress, present with a colleague who has a channel
// open, reset when the page has to fetch again. It is of the asker's inbox, or of up to ten that ?inbox= names. With
// Last-Event-ID it goes on where it broke off, or begins with reset. A beat every five seconds keeps proxies from
// closing it; it has the id of the event before it, or of where the stream began.
//
// # The public part
//
// A client's reply page is HTML from the server, works without script, and with its stylesheet is under 20 kB. Its
// words are those of messenger.Words. One address may load reply pages 600 times a minute, and one link takes 20
// replies an hour (messenger.MostReplies). Behind a proxy that
// TrustedProxies names, the address is the last one in X-Forwarded-For that is no such proxy's; else it is the peer's
// own. A form has 1 MiB and a provider's callback 64 KiB at the most, each has to arrive within ten seconds, and of
// what has come of them 64 MiB are held at once, 16 for one address; the first 4 KiB of each are not counted.
//
// Scripts and styles come in gzip from this package; have your server or proxy pack your pages and the staff API.
//
// A host's page loads the elements with one tag, whose address it may keep for ever:
//
//	<script type="module" src="/m/ui/messenger.js"></script>
//
// Their words are English. messenger.js exports every one by its key as english, and setStrings, which takes those of
// a host's for all elements of a page; /m/ui/welsh.js exports all of them in Welsh as welsh:
//
//	import { setStrings } from '/m/ui/messenger.js';
//	import { welsh } from '/m/ui/welsh.js';
//	setStrings(welsh);
//
// A page that Go makes has what Head gives in its place, and InboxShell inside <messenger-inbox>: over a slow line the
// shape of the page is there with the first HTML, and the rows come a second sooner.
package web
