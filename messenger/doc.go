// Package messenger is messaging between the staff of a health or social-care case-management system and their clients:
// email and text messages out, replies in through a link of the client's own, and every message in the clinical record.
// A host embeds it: it implements the ports of package adapters, calls New, mounts package web, registers package jobs
// with its River client and calls Run.
//
// # Words
//
// An organisation is the tenant; everything belongs to one, and nothing crosses. Staff write, clients answer. A channel
// is the one thread between one staff member and one client; an inbox is a staff member's channels. A message is one
// email or text to the client (outbound), or one reply (inbound). The record is the clinical record; filing a message
// is writing it there. A broadcast is one message to many clients, each in a channel of their own. Attention is why a
// channel needs a person beyond its status: a delivery or a filing that failed for good, an outcome that nobody knows,
// a filing held for a person, a locked link.
//
// The asker is the staff member for whom a call is made: who is signed in, by the context. A draft is an unsent text,
// of one asker for one client. A hook is one provider's way to call back. A lease is how long a message belongs to the
// worker that sends it, and a pause is how long an organisation's messages of a medium wait for a provider that takes
// no more.
//
// # The life of a message
//
// Send checks the text, asks the host's directory whether this client can be written to, fills the placeholders, and
// then in one transaction makes or locks the channel, gives the message its place in it (seq), writes the line of
// history and inserts the River job. From that commit on the message is never lost: it is delivered, or stands as
// failed or unknown with a reason that a person can act on, or was cancelled by a person.
//
// Deliver, the job, asks the directory again: an address that changed, an objection, a restriction or a death since
// then stops the message. It takes the message for one attempt and commits that before it calls the provider, with
// nothing held open meanwhile, and writes the outcome only if it still holds the attempt; that a provider took it is
// written all the same. What a Sender did not clearly say counts as unknown: nothing is sent again before a Finder said
// that it may, and without one a person decides. The reply link is made anew for each attempt and is never stored.
//
// Once a provider has taken the message, WriteRecord files it under its id, as often as it takes; a delivery that fails
// later is amended. A provider's receipts come in by Callback, or are asked for, and only move a message forwards.
//
// A client's reply comes in by Reply. In one transaction it has its place in the channel, the channel is unread, the
// host's notification centre is told, and the filing is ordered, or held for a person where the organisation asks for a
// date of birth and nobody proved it. Read makes the channel open once its owner has had the latest reply on screen;
// SetStatus makes it done, and refuses while there is a reply that the asker has not seen.
//
// SendBroadcast writes down who is to get one message to many; a job then makes the messages batch by batch, each as by
// Send, behind everybody's single ones. CancelBroadcast stops what has not gone out.
//
// Whatever changed reaches every open page within a second: Run tells the other processes by NOTIFY after the commit,
// and Subscribe streams it.
//
// # What the host does
//
// Send makes a transaction of its own. Where what the host writes and what it sends are to be one commit, Prepare asks
// the directory with nothing held open, and SendTx or SendSQL write in the host's transaction: nothing is sent unless
// it commits. The host calls ClientsChanged when names change, ClientMerged when two clients turn out to be one person,
// and ClientDischarged when a client leaves a service; the first and the last have a form for the host's transaction.
// StaffLeft says that a colleague works here no more: their inbox goes to another, or the fallback covers it.
// Config.Events tells the host of replies, failures and texts.
//
// For whoever looks after the host there are Health, Pauses and LiftPause, HeldTexts and ReleaseText: they look at no
// asker, so keep them from staff.
//
// # Who may do what
//
// The context of a call carries the signed-in staff member, as the host's own sign-in put them there; Staff.Current
// reads them. Owners act in their own channels. Colleagues look where Staff.Inboxes lets them, and act where it says
// so: then they are the author, and the history says for whom. What may not be seen is CodeNotFound, never
// CodeForbidden.
//
// # Errors
//
// Every error for a caller is an *Error with a Code of a closed set. Anything else is ours: show it to nobody. No
// error, log line, job argument or event holds a client's words, name, number, address or a token.
package messenger
