package web

type description struct{ summary, description string }

// descriptions are what the OpenAPI document says of each operation, by its id.
func descriptions() map[string]description {
	return map[string]description{
		"me": {
			"Who is asking",
			"The signed-in staff member, their organisation, what they may send (send_email, send_sms), and how many " +
				"channels of their own inbox are unread or need attention.",
		},
		"list-inboxes": {
			"Inboxes",
			"The asker's own inbox first, then the colleagues' that they may open.",
		},
		"list-channels": {
			"One inbox",
			"A page of an inbox. all: unread, then open, then done, each by newest activity or, with order=waiting, who has " +
				"waited longest first; open: unread and open. counts stand on the first page. q is literal text, case and " +
				"accents ignored, ten different words at most: each is in the name or begins a word of a message. An NHS " +
				"number is asked of the directory too: who has it comes first.",
		},
		"search-inbox": {
			"One inbox, by a body",
			"As list-channels, with what is searched for in the body: so no word or name stands in an address, which " +
				"logs keep.",
		},
		"list-inbox-history": {
			"An inbox's history",
			"Newest first: which colleagues opened, searched or streamed it, a 'looked' entry an hour each; when its " +
				"owner was said to be away, and was back, by the system where the time was over. Nothing in it ever changes. " +
				"A colleague's GET leaves a 'looked' too.",
		},
		"list-covers": {
			"Who may cover an inbox",
			"Those who may act in it, its owner aside: whom set-absence takes. For whom get-absence is.",
		},
		"get-absence": {
			"When an inbox's owner is away",
			"The present absence or, without one, the next; 404 without either. For the owner, who may act in the inbox, " +
				"and who manages.",
		},
		"set-absence": {
			"Say that an inbox's owner is away",
			"The cover has the inbox's unread replies in their own list, counts, bell and stream meanwhile; they stay " +
				"the owner's, and unread, until they are read on the owner's behalf. A cover who is away covers nothing. " +
				"Every absence that it overlaps is replaced. It ends at until, or by DELETE.",
		},
		"end-absence": {
			"Say that an inbox's owner is back",
			"Ends the absence that GET answers; 404 without one.",
		},
		"list-notes": {
			"Notes and marks of a thread",
			"What staff wrote there for one another, and what happened to the channel as a whole: handover, joined, away. " +
				"From since on and before until, each the newest first and 500 at most. No message: in no other answer, no " +
				"search and no event. A colleague's GET leaves a 'looked' in the history.",
		},
		"add-note": {
			"Write a note into a thread",
			"For colleagues only: it is sent to nobody, and changes nothing of the channel. Said twice, there are two, and " +
				"one with the same Idempotency-Key. With file it goes into the clinical record too: filed says once it is " +
				"there, filing until then.",
		},
		"get-inbox-handover": {
			"How far an inbox is handed over",
			"The last handing over of this inbox: total is moved and refused_count once it is done. why is an error's code.",
		},
		"hand-over-inbox": {
			"Hand over an inbox",
			"Gives every channel to a colleague, a batch at a time; what can't be handed over is refused for itself. While " +
				"one runs, answers that one; with the same Idempotency-Key and body afterwards too.",
		},
		"hand-over-channel": {
			"Hand over a channel",
			"Gives it to a colleague with all that is in it; the client's link goes on working. What is unread stays " +
				"unread, and needs take_unread. Where the colleague has a channel with this client, the two are joined " +
				"in order of time. Answers the channel's row, and again with the same Idempotency-Key and body.",
		},
		"get-channel": {
			"A channel, opened",
			"The owner's GET changes nothing; a colleague's leaves one 'looked' entry an hour in the history.",
		},
		"list-messages": {
			"A channel's messages",
			"Newest first, so that a page scrolls up into the past; around a message, those about it. A " +
				"colleague's GET leaves one 'looked' entry an hour in " +
				"the history.",
		},
		"say-present": {
			"Say that one has a channel open",
			"Tells whoever else watches its inbox, by the event present, and who was not there yet who else is. Say it " +
				"every 20 seconds, and when writing changes: it holds for 30, in memory alone. A colleague's leaves one " +
				"'looked' entry an hour in the history.",
		},
		"say-gone": {
			"Say that one has a channel open no more",
			"Tells whoever watches its inbox, the asker's own streams too, by the event gone: another page of theirs that " +
				"has it open says so again. It is also told where the asker's last stream has ended for two seconds.",
		},
		"read-channel": {
			"Read up to a message",
			"The owner has seen everything up to it: unread becomes open when no later reply exists. A colleague " +
				"changes nothing, unless on_behalf is set and they may act. A second call changes nothing.",
		},
		"set-channel-status": {
			"Mark as done or open",
			"Answers the channel's new row. On an unread channel, up_to at or past the last reply reads and moves it in " +
				"one step.",
		},
		"set-replies": {
			"Allow replies or not",
			"Off stops the reply link at once; on again gives the same link. Answers the channel, opened.",
		},
		"renew-reply-link": {
			"A new reply link",
			"The old link stops at once. While replies are off it is made and stays off. Answers the channel, opened.",
		},
		"send-message": {
			"Send a message",
			"Answers the message, to be delivered. With an Idempotency-Key, the same key and body answer the same " +
				"message as it now stands and send nothing.",
		},
		"send-message-to-client": {
			"Send a message to a client",
			"As messenger-send-message, in the asker's own channel with the client, which is made when there is none.",
		},
		"check-message": {
			"Check a message",
			"Answers the message as the client would get it, with the carrier's limit, and advice by the time at which it " +
				"goes out, which refuses nothing. Nothing is sent and nothing kept. The body may be empty still; errors are a " +
				"send's, but for too_long, which the answer says.",
		},
		"check-message-to-client": {
			"Check a message to a client",
			"As messenger-check-message, in the asker's own channel with the client; where there is none yet, a reply " +
				"link that is as long stands for its own.",
		},
		"cancel-message": {
			"Cancel a message",
			"Stops what has not gone out yet: scheduled, or queued with nothing sent for certain. Anything else is " +
				"already_sent, a second call too.",
		},
		"edit-message": {
			"Edit a scheduled message",
			"Cancels it and answers its text as the asker's own draft for the client, in place of a former one. What is " +
				"not scheduled is already_sent: what has gone out, what was cancelled, a second call too.",
		},
		"retry-message": {
			"Deliver again",
			"A failed or unknown delivery again, to the address as it is now. With seen_up_to it is newer_messages where " +
				"something newer than that message, the asker's own too, stands in the channel.",
		},
		"record-message": {
			"File again",
			"A failed or held filing again.",
		},
		"remind-message": {
			"Remind of a message",
			"Of one that went out and waits still, once: the answer is the reminder, a message of the thread, scheduled " +
				"for 8:00 where it is not between 8:00 and 20:00 in the organisation's zone. Else it is nothing_to_do.",
		},
		"stop-waiting": {
			"Wait no more",
			"Ends what a message waits for; a reminder that has not gone out is cancelled. Of what does not wait it is " +
				"nothing_to_do.",
		},
		"withdraw-message": {
			"Take a private message back",
			"Its client can read it no more, at once; what has not gone out is cancelled; the record is amended; the " +
				"history tells why. Of what is not private, was cancelled or was taken back already it is nothing_to_do.",
		},
		"resolve-message": {
			"Dealt with otherwise",
			"The warning goes; the failure and the note stay.",
		},
		"get-client": {
			"A client",
			"What a compose form needs: the client, what may be sent, the asker's channel and draft.",
		},
		"export-client": {
			"All that is kept of a client",
			"Over the channels of all staff, for who may export: messages, what became of them, history, and for staff an " +
				"internal part with notes, drafts and handovers. Each channel's history says that it was exported.",
		},
		"save-draft": {
			"Save a draft",
			"The asker's own unsent text for this client, in place of what was there.",
		},
		"delete-draft": {
			"Delete a draft",
			"A draft that is not there is no error.",
		},
		"search-clients": {
			"Find recipients",
			"Clients by name or NHS number, from one letter on. The ten digits of an NHS number go to the directory " +
				"however they were pasted, a name without the punctuation round its words.",
		},
		"find-clients": {
			"Find recipients, by a body",
			"As search-clients, with what is searched for in the body: so no name or number stands in an address, which " +
				"logs keep.",
		},
		"list-templates": {
			"Templates",
			"What the asker may use, by title: the organisation's templates and their own, without what was archived.",
		},
		"create-template": {
			"Write a template",
			"The asker's own, or the organisation's for who manages templates: 403 for others. A repeat " +
				"makes another one, unless it has the same Idempotency-Key and body: it answers the first as it now stands.",
		},
		"update-template": {
			"Change a template",
			"Makes a new version, one with the same Idempotency-Key and body. Messages that were sent before keep theirs. " +
				"A colleague's own and what was archived: 404, for who manages templates too; the organisation's for others: 403.",
		},
		"archive-template": {
			"Archive a template",
			"It is offered no more, and a send with it is 404. Nothing is deleted. A second time: 404.",
		},
		"list-lists": {
			"Client lists",
			"The host's saved client lists.",
		},
		"list-list-clients": {
			"A client list",
			"Who is on a saved list.",
		},
		"send-broadcast": {
			"One message to many",
			"Each person gets it in the asker's own channel with them, which is made when there is none. Answers the " +
				"broadcast, whose messages a job then makes. With an Idempotency-Key, the same key and body answer the same " +
				"broadcast as it now stands.",
		},
		"preview-broadcast": {
			"What a broadcast would do",
			"Who would get it, who would not and why, in how many text messages, and how it would look. Sends nothing.",
		},
		"list-broadcasts": {
			"Scheduled and sent to several",
			"The asker's own broadcasts, newest first. Who got nothing of one stands at its own address.",
		},
		"get-broadcast": {
			"How far a broadcast has come",
			"The asker's own, or a colleague's whose inbox they may open. It never goes backwards.",
		},
		"list-broadcast-skipped": {
			"Who got nothing",
			"And why, in the order they were named.",
		},
		"list-broadcast-failed": {
			"Who did not get it",
			"The messages of the asker's own broadcast that failed, or of which nobody knows, each a row as in what needs a " +
				"person, the one that failed last first. What was tried again or resolved is none of them. A colleague's " +
				"broadcast: 404.",
		},
		"retry-broadcast": {
			"Try again those that failed",
			"Of the asker's own broadcast, each for itself, answered in the order of who did not get it, 500 at most: with " +
				"more, next is the cursor to go on with. newer_messages where something newer followed in the channel, and " +
				"other codes as of a retry. A colleague's broadcast: 404.",
		},
		"cancel-broadcast": {
			"Cancel a broadcast",
			"Stops what has not gone out. When everything has, or was cancelled: already_sent.",
		},
		"list-attention": {
			"What needs a person",
			"Over every inbox that the asker may open, newest first, one row a message or channel: failed and unknown " +
				"deliveries, failed and held filings, what waits for more than ten minutes, locked and flooded links, a " +
				"channel's first reply that nobody has read in time, texts that no channel claims, and one row a pause, in " +
				"place of all that waits for it. counts, on the first page, " +
				"is how many there are by reason, up to 1,000 of each. A look at a colleague's channel leaves one 'looked' " +
				"entry an hour in its history.",
		},
		"act-on-attention": {
			"Deal with many at once",
			"Each for itself, answered in the order asked. retry is newer_messages where something newer followed in the " +
				"channel. resolve takes all warnings off a message, or says that a channel's link was dealt with.",
		},
		"get-overview": {
			"Safe to go home?",
			"The inboxes that the asker may open in figures: their own first, then those that they cover; who manages has " +
				"the organisation's others too. safe is true only when nothing of what is shown is unread or overdue, needs a " +
				"person, or is away or left without somebody who covers. What is scheduled is nothing to stay for.",
		},
		"list-unmatched": {
			"Texts nobody has assigned",
			"Inbound texts of the asker's organisation that wait for a person to say whose they are, newest first, each " +
				"as far as the asker may see it: the body is for who may act in a candidate's channel or, without " +
				"candidates, who sorts texts. A number is never proof.",
		},
		"assign-unmatched": {
			"Say whose a text is",
			"Puts it into a channel, unread and filed under the asker's name. Answers the message. Where no text went " +
				"from that channel to that number it needs a reason: confirmation_required. A text whose body the asker " +
				"may not read: 404. Assigned already: nothing_to_do.",
		},
		"unassign-unmatched": {
			"Take a text out again",
			"Out of the channel that it was put into, in which the asker must be allowed to act: it waits again, and the " +
				"record is amended. Answers the text. Not assigned: nothing_to_do.",
		},
		"list-notifications": {
			"Notification centre",
			"The asker's own channels with a reply since they were last done, and those with a delivery that failed, or " +
				"of which nobody knows, until it is resolved or tried again. And colleagues' channels with a reply that nobody " +
				"read in time, of which the asker was told, until it is read. 'Mark as complete' of a reply is " +
				"messenger-set-channel-status with last_message.id.",
		},
		"count-notifications": {
			"Notification count",
			"Channels in the notification centre.",
		},
		"list-history": {
			"A channel's history",
			"Newest first; nothing in it ever changes. A colleague's GET leaves one 'looked' entry an hour in it.",
		},
		"stream-events": {
			"Live events",
			"Server-sent events of one inbox: channel (its list row), message, broadcast (its progress), reset (fetch " +
				"again), present and gone (who else has a channel open, or no more: never told again), and unmatched (how " +
				"many texts wait, as in /me). Every event has an id; each comes at least once. Last-Event-ID resumes with " +
				"what changed since, or with reset; without it the stream starts from now. It ends when the permission does.",
		},
	}
}

// propertyDescriptions are what the OpenAPI document says of the properties whose tags have no room for it.
func propertyDescriptions() map[string]map[string]string {
	return map[string]map[string]string{
		"MessengerNewBroadcast": {
			"list_ids": "Saved lists: everybody on them. Somebody named twice gets one message.",
			"reply_link": "Whether the reply link goes out at the end. {{reply_link}} in the body goes out either way. " +
				"Absent: where an answer is expected.",
			"template_id": "As a message's.",
		},
		"MessengerDraft": {
			"template_id": "What it was begun with. One that the asker may not use, or that is archived, is left out.",
			"key": "The Idempotency-Key of a send of it as it is kept: from however many windows, it goes out once. Another " +
				"one each time that it is kept.",
		},
		"MessengerSkipped": {
			"why": "Why they get nothing: as in actions, or not_found, or invalid: the message is too long with their " +
				"name in it, or replies_off: it is private, and replies from them are off.",
		},
		"MessengerAdvice": {
			"rule": "service_name, today_later, link, personal_number, greeting, dear_character, capitals, reading_age, " +
				"out_of_hours, bad_news, clock_doubled or place. Bear values you do not know.",
		},
		"MessengerRetry": {
			"seen_up_to": "The last message of the channel that the asker has seen. One that is not this channel's: 404.",
		},
		"MessengerAttentionPage": {
			"counts": "On the first page: rows by reason, up to 1,000 of each. One with two reasons counts for both.",
		},
		"MessengerUndo": {
			"reason": "Why, 1,000 characters at most. It stands in the channel's history.",
		},
		"MessengerBroadcastPreview": {
			"examples": "As three people would get it, with a made-up reply link.",
		},
		"MessengerChannel": {
			"attention": "Why a person is needed: delivery_failed, delivery_unknown, record_failed, record_held, " +
				"link_locked, reply_flood (more than 20 replies by the link in an hour), waiting (for more than ten minutes " +
				"to be sent or filed), reply_overdue (unread for longer than the organisation's working hours allow), " +
				"owner_left (what was to go out later did not, since its owner has left), cannot_be_sent (what is to go out " +
				"later can't as things stand). Empty: none is.",
		},
		"MessengerOpenedChannel": {
			"reply_link":  "Absolute. Absent while replies are off, and for those who may look but not act.",
			"replies_off": "While replies are off: who switched them off, and why.",
			"draft":       "The asker's own unsent text for the client. Absent for those who may look but not act.",
		},
		"MessengerRead": {
			"up_to": "The id of the channel's last message on screen. One that is not this channel's: 404.",
		},
		"MessengerStatusChange": {
			"up_to": "The id of the last message that was on screen. A later reply refuses the change: unread_replies.",
		},
		"MessengerHistoryEntry": {
			"action": "created, sent, cancelled, edited (cancelled, and its text a draft), replied, looked, read, done, " +
				"opened, replies_on, replies_off, link_renewed, retried, vouched (for a held reply, which was then filed), " +
				"resolved, assigned, unassigned, objected (their " +
				"number wants no more texts), objection_lifted or overdue (nobody read a reply in time: once, and once " +
				"more after twice as long) or withdrawn (a private message was taken back), acknowledged, " +
				"reminded, waiting_stopped, contact_used (a carrier that has contact details of its own took this one), " +
				"exported (all that is kept of the client was read out); of an inbox looked, away, " +
				"back or exported.",
		},
		"MessengerAction": {
			"why": "Why not: no_address, no_permission, not_configured, objected, restricted, no_proof, " +
				"safe_contact (their card leaves it out) or deceased. Restricted and safe_contact can be overridden with a reason.",
		},
		"MessengerMe": {
			"permissions": "What the asker may: send_email, send_sms, sorts_texts, manages, manages_templates, exports.",
			"unmatched_count": "Texts that wait for a person, counted up to 1,000: to who sorts texts the organisation's, to " +
				"others those that a channel claims of their own, or of whom they cover.",
			"attention_count": "Channels in the own inbox that need attention, counted up to 1,000, and those with an " +
				"overdue reply in the inboxes that one covers.",
			"closing": "The words that close a message, for a preview: email_reply and sms_reply stand before the reply " +
				"link, email_no_reply and sms_no_reply at the end.",
		},
		"MessengerMessage": {
			"seq":         "Its place in the channel, from 1. Order goes by it, never by a time.",
			"sent_body":   "The text that the provider really sent, where it differs: some replace characters.",
			"in_reply_to": "Replies: the message being answered.",
			"read":        "Replies: when the owner had it on screen, or a colleague for them.",
		},
		"MessengerWaiting": {
			"why": "provider_limit, not_set_up, directory, provider_down, record_down or safe_hours (it is not safe to " +
				"reach the client now: said at once, and can be cancelled). Bear values you do not know.",
		},
		"MessengerDelivery": {
			"status":    "scheduled, queued, sending, sent, delivered, unknown, failed, cancelled or received.",
			"attention": "A person has to see to it: until a retry succeeds, or somebody says that they dealt with it.",
		},
		"MessengerRecord": {
			"online_viewing": "Whether the client may see it in their online record.",
		},
		"MessengerNewMessage": {
			"subject": "An email's, required there: 1 to 200 characters without control characters. A text message has none.",
			"body": "An email's: 1 to 50,000 characters; a text message's: 1 to 918 UTF-16 units. White space only is " +
				"empty. {{first_name}}, {{staff_name}}, {{organisation}} and {{reply_link}} are filled in.",
			"reply_link": "Whether the reply link goes out at the end, while replies are allowed.",
			"send_after": "Not before this time, within a year; past or absent: at once.",
			"send_local": "send_after as a clock's time, instead: not over, within a year. One that the clocks leave out is " +
				"time_does_not_exist, with the next one.",
			"unless": "replied: a reply of the client's that comes first cancels it. It needs a later time.",
			"then":   "The channel's status afterwards; absent: as it was.",
			"template_id": "What it was written with: then nothing in brackets round one name may be left in subject and body " +
				"(template_place_unfilled). Unknown, archived or a colleague's own: 404.",
			"seen_up_to": "The last message of the channel that the asker has seen: newer_messages where a later one is not " +
				"their own. One that is not this channel's: 404. A repeat by its key asks no more.",
		},
		"MessengerUnmatched": {
			"from": "The number it came from. Families share phones: it proves nothing. Masked, or absent, where it may be " +
				"a restricted client's.",
			"candidates": "Channels whose client was texted at this number, ten at most.",
		},
		"MessengerAssignment": {
			"client_id": "Instead: the asker's own channel with this client, made when there is none.",
			"reason":    "Why it is theirs, 1,000 characters at most. It stands in the channel's history.",
		},
	}
}
