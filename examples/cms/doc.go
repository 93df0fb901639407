// Command cms is a small case-management system that embeds Messenger: the demonstration, and a host to copy from.
//
//	go run ./examples/cms
//
// It serves http://127.0.0.1:8080. Sign in as amira, write to a client from their profile, read the message in the
// outbox, open the link in it and reply: the channel turns unread, and both messages are in the clinical record.
//
// Flags:
//
//	-addr         where to listen (127.0.0.1:8080)
//	-data         the folder of the private PostgreSQL, used when DATABASE_URL is not set
//	-role         web, worker or all (all): one process or several on one DATABASE_URL
//	-public-url   where clients reach this host ("https://cms.example.org"); http:// and the address without it
//	-reply-check  dob: clients prove their date of birth before the reply page shows the message
//	-hours        office or always (office: Monday to Friday, 9 to 5, but for bank holidays): when staff work
//	-read-within  working time until a reply that nobody reads is overdue (8h)
//
// Environment:
//
//	DATABASE_URL  the database to use instead of a private one
//	LINK_KEY      the key of the reply links, base64 of 32 bytes or more; without it one is made and kept in the database
//	OPERATOR_PASSWORD  River's own page at /operators/river, for the user "operator"; without it there is none
//
// Senders, of Northgate's messages alone: the outbox carries Southbank's, and all where none is set. What one takes
// stands in the outbox too. Several are tried in this order. Receipts and clients' texts come in at
// PUBLIC-URL/m/hooks/nhsnotify, /govuknotify and /twilio, for Northgate; workers need -public-url for that too.
//
//	NHS_NOTIFY_API_KEY    with NHS_NOTIFY_KEY_ID and NHS_NOTIFY_PRIVATE_KEY_FILE (PEM); NHS_NOTIFY_APPLICATION_ID
//	                      for receipts; NHS_NOTIFY_SMS_PLAN (default: the NHS App) and NHS_NOTIFY_EMAIL_PLAN (default:
//	                      none), ids of routing plans; NHS_NOTIFY_URL and NHS_NOTIFY_TOKEN_URL for another environment
//	GOVUK_NOTIFY_API_KEY  with GOVUK_NOTIFY_SMS_TEMPLATE, GOVUK_NOTIFY_EMAIL_TEMPLATE or both;
//	                      GOVUK_NOTIFY_CALLBACK_TOKEN; GOVUK_NOTIFY_URL
//	TWILIO_ACCOUNT_SID    with TWILIO_AUTH_TOKEN, and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID; TWILIO_URL
//	SMTP_URL              smtp://user:password@host:port or smtps://…
//
// Record and directory. An organisation's patients are those managed by Organization/north or Organization/south. The
// CMS's own pages go on to show its own tables; a directory that does not have its clients, by their ids, is not
// seeded.
//
//	FHIR_RECORD_URL       the base of an R4 server, with FHIR_RECORD_TOKEN, a bearer token, and FHIR_SYSTEM, the URI
//	                      of our identifiers
//	FHIR_DIRECTORY_URL    with FHIR_DIRECTORY_TOKEN
//
// # What is what
//
//	main.go       flags, signals, the order in which things start and stop
//	host.go       Messenger and River put together: what a host has to write
//	router.go     the routes, with Messenger's two mounts
//	directory.go  adapters.Clients and adapters.Lists over the CMS's own tables
//	staff.go      adapters.Staff and adapters.Organisations, and the sign-in behind them
//	outbox.go     adapters.Sender: the stand-in for a carrier
//	record.go     adapters.Record: the stand-in for a clinical record
//	operators.go  River's own page, behind the operators' sign-in
//	providers.go  the systems outside that the environment names, in place of the stand-ins
//	leaving.go    what the host does when a colleague or a client leaves, or two clients are one person
//	people.go     two organisations, eight staff and 206 clients, all invented
//	seed.go       what they wrote, through Messenger's own methods
//
// # To see something fail
//
// The carrier refuses every address at refused.example.com and the number 07700 900999. The clinical record refuses a
// client whom it does not know, until somebody presses 'Register' on the client's profile.
//
// There are no passwords and no rate limits. The demonstration is not to be used with real people.
package main
