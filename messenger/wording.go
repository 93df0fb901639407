package messenger

import (
	"cmp"
	"maps"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Words returns every word of the reply page and of the closing lines of messages by its key: the module's own English,
// and in its place what the organisation says in Organisation.Words. A host translates the page by giving each key
// once; a key that it leaves out stays English (Welsh where lang is "cy"), one that the module does not know is kept
// and unused. The words are plain text, escaped where they are shown.
//
// Some have places that are filled in: {organisation}, {staff}, {first_name}, {date}, {time}, {until} and {phone};
// where it is said by when a reply is read, {read_day} ("Tuesday 2 December") and {read_time} ("5pm"); when it was,
// {read_at} ("14:05") and {read_on}; when working hours begin, {open_day} and {open_time}. The keys lang and dir are
// the page's language and direction ("cy", "ltr"), month_1 to month_12, weekday_1 (Monday) to weekday_7, am, pm, midday
// and midnight the parts of its dates and times. Where the page says what to do in an emergency, what happens next and
// whom else to call, web addresses and {phone} are links, and so are 111, 112, 999 and 18000 in the words for
// emergencies.
//
// The keys, with month_1 to month_12 and weekday_1 to weekday_7:
//
//	lang, dir, skip, organisation, first_name, header, exit_page, exit_url, email_reply, email_no_reply,
//	private_subject, private_email, private_sms, private_email_neutral, private_sms_neutral, sms_reply,
//	sms_no_reply, reply_title, reply_to, reply_label, reply_hint, reply_send, next_heading, next_body, read_today,
//	read_by, read_today_neutral, read_by_neutral, closed_now, urgent_heading, urgent_111, urgent_999, check_heading,
//	check_why, check_legend, check_hint, check_day, check_month, check_year, check_show, check_locked,
//	remind_subject, remind_reply, remind_acknowledgement, remind_reply_neutral, remind_acknowledgement_neutral,
//	acknowledge_heading, acknowledge_why, acknowledge_button, acknowledged_at, private_check, private_why,
//	private_heading, message_hello, message_heading, message_sent, sent_title, sent_at, sent_read, sent_again,
//	sent_close, error_prefix, error_heading, error_empty, error_long, error_characters, error_form, error_large,
//	error_fault, error_flood, error_date, gone_title, gone_body, gone_contact, busy_title, busy_body, fault_title,
//	fault_body, contact, am, pm, midday, midnight
func Words(organisation adapters.Organisation) map[string]string { return WordsIn(organisation, "") }

// WordsIn is Words for a client who wants to read a language, a BCP 47 tag. The module has English and Welsh; what the
// organisation says holds for the language that its key lang names ("en" without one), and under keys with another
// language before them for that: "cy.reply_title". A language that neither has is the organisation's own.
func WordsIn(organisation adapters.Organisation, language string) map[string]string {
	own := cmp.Or(primary(organisation.Words["lang"]), "en")
	language = primary(language)
	said := map[string]string{}
	for key, word := range organisation.Words {
		if in, plain, ok := strings.Cut(key, "."); ok && in == language {
			said[plain] = word
		}
	}
	words, ours := ownWords(language)
	if language == own || !ours && len(said) == 0 {
		words, _ = ownWords(own)
		maps.Copy(words, organisation.Words)
	}
	maps.Copy(words, said)
	return words
}

// closing are an organisation's words that close messages.
func closing(organisation adapters.Organisation) map[string]string {
	words := Words(organisation)
	maps.DeleteFunc(words, func(key, _ string) bool {
		return !strings.HasPrefix(key, "email_") && !strings.HasPrefix(key, "sms_")
	})
	return words
}

// ownWords are the module's in a language; English where it has none.
func ownWords(language string) (words map[string]string, ours bool) {
	if language == "cy" {
		return welshWords(), true
	}
	return replyWords(), language == "en"
}

// primary is the language of a BCP 47 tag: "cy" of "cy-GB".
func primary(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(language)
}

func replyWords() map[string]string {
	return map[string]string{
		"lang": "en", "dir": "ltr", "skip": "Skip to main content",
		// in place of a name that is not known
		"organisation": "this service", "first_name": "client", "header": "Messages",
		// a link at the top of every page, to another service's: GOV.UK's "Exit this page"
		"exit_page": "Exit this page", "exit_url": "https://www.bbc.co.uk/weather",

		"email_reply":    "To reply, open this link:",
		"email_no_reply": "Please do not reply to this email. Replies sent to this address are not read.",
		// a private message's notice, before the link
		"private_subject": "You have a private message",
		"private_email": "{organisation} has sent you a private message.\n\nTo read it, open this link and enter your " +
			"date of birth:",
		"private_sms": "Private message from {organisation}. Read it here:",

		// the same for a client to whom the organisation must not be named
		"private_email_neutral": "You have a private message.\n\nTo read it, open this link and enter your date of birth:",
		"private_sms_neutral":   "You have a private message. Read it here:",

		"sms_reply":    "To reply:",
		"sms_no_reply": "Do not reply by text: it will not be read.",

		"reply_title":  "Reply to {organisation}",
		"reply_to":     "Your reply goes to {staff} at {organisation}.",
		"reply_label":  "Your reply",
		"reply_hint":   "You can write in any language, up to 5,000 characters.",
		"reply_send":   "Send reply",
		"next_heading": "What happens next",
		"next_body":    "A colleague may read your reply too. It may be added to your health record.",

		"read_today": "{staff} at {organisation} reads replies until {read_time} today.",
		"read_by":    "{staff} at {organisation} reads replies by {read_day}, {read_time}.",
		// where who reads is not said
		"read_today_neutral": "Replies to {organisation} are read until {read_time} today.",
		"read_by_neutral":    "Replies to {organisation} are read by {read_day}, {read_time}.",
		"closed_now": "It is outside our working hours. They begin again on {open_day} at {open_time}. You can still " +
			"send your reply.",

		"urgent_heading": "This page is not for emergencies",
		"urgent_111":     "For urgent medical help, call 111 or go to 111.nhs.uk.",
		"urgent_999":     "If someone’s life is at risk, call 999.",

		"check_heading": "See the message you are replying to",
		"check_why":     "To keep it private, enter your date of birth. You can also reply without it.",
		"check_legend":  "Your date of birth",
		"check_hint":    "For example, 27 3 1984",
		"check_day":     "Day",
		"check_month":   "Month",
		"check_year":    "Year",
		"check_show":    "Show the message",
		"check_locked":  "The message cannot be shown at the moment. You can still send your reply.",
		// in a reminder, before the link
		"remind_subject":         "A reminder",
		"remind_reply":           "A reminder from {organisation}: we are waiting for your reply to our message.",
		"remind_acknowledgement": "A reminder from {organisation}: please tell us that you have read our message.",

		"remind_reply_neutral":           "A reminder: we are waiting for your reply to our message.",
		"remind_acknowledgement_neutral": "A reminder: please tell us that you have read our message.",

		"acknowledge_heading": "Tell us that you have read this",
		"acknowledge_why":     "You have a message that asks you to say that you have read it. You do not have to reply.",
		"acknowledge_button":  "I have read this",
		"acknowledged_at":     "You told us on {date} at {time} that you have read our message.",

		"private_check":   "You have a private message",
		"private_why":     "To read it, enter your date of birth. You can also reply without it.",
		"private_heading": "Private message",
		"message_hello":   "Hello {first_name}",
		"message_heading": "The message you are replying to",
		"message_sent":    "Message from {staff}, {date} at {time}",

		"sent_title": "Reply sent",
		"sent_at":    "We received your reply on {date} at {time}.",
		"sent_read":  "It was read {read_at} on {read_on}.",
		"sent_again": "Send another reply",
		"sent_close": "You can close this page.",

		"error_prefix":     "Error:",
		"error_heading":    "There is a problem",
		"error_empty":      "Enter your reply",
		"error_long":       "Your reply must be 5,000 characters or less",
		"error_characters": "Your reply had characters that cannot be sent. Check it and send it again",
		"error_form":       "Your reply did not arrive as it should. Send it again from this page",
		"error_large":      "Your reply is too large. It must be 5,000 characters or less",
		"error_fault": "There is a problem on our side, and we can’t tell whether your reply was sent. Nothing is " +
			"lost: what you wrote " +
			"is below. Wait a minute, then press Send reply again: it is sent once",
		"error_flood": "We have had 20 replies from this page within an hour, and take no more for now. Your reply has not " +
			"been sent. What you wrote is below: press Send reply again after {until}",
		"error_date": "Check your date of birth and try again",

		"gone_title": "This page is not available",
		"gone_body": "The link may have been switched off or replaced, or the address may not be complete. If you " +
			"have a newer " +
			"message, use the link in it.",
		"gone_contact": "To get in touch, use the phone number or address you already have for the service that wrote " +
			"to you.",
		"busy_title":  "Please wait a minute",
		"busy_body":   "There were too many requests at once. Wait a minute, then load this page again.",
		"fault_title": "Sorry, there is a problem with this page",
		"fault_body":  "Try again in a few minutes.",
		"contact":     "You can also call {organisation} on {phone}.",

		"month_1": "January", "month_2": "February", "month_3": "March", "month_4": "April", "month_5": "May",
		"month_6": "June", "month_7": "July", "month_8": "August", "month_9": "September", "month_10": "October",
		"month_11": "November", "month_12": "December", "am": "am", "pm": "pm", "midday": "midday", "midnight": "midnight",
		"weekday_1": "Monday", "weekday_2": "Tuesday", "weekday_3": "Wednesday", "weekday_4": "Thursday",
		"weekday_5": "Friday", "weekday_6": "Saturday", "weekday_7": "Sunday",
	}
}
