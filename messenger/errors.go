package messenger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Code names an error for a caller. The set is closed; the problem documents of package web carry the same words.
type Code string

// The codes, and what each asks of the caller.
const (
	CodeNotSignedIn Code = "not_signed_in" // sign in and try again
	CodeForbidden   Code = "forbidden"     // ask somebody who may
	// not there, or not for the asker: the two are never told apart
	CodeNotFound              Code = "not_found"
	CodeNothingToDo           Code = "nothing_to_do"           // it has been dealt with already
	CodeUnreadReplies         Code = "unread_replies"          // read the replies that have come, then say again
	CodeNewerMessages         Code = "newer_messages"          // look at what came since, then say again
	CodeConfirmationRequired  Code = "confirmation_required"   // say why this restricted client must be written to
	CodeSafeContact           Code = "safe_contact"            // likewise, why this way that their card leaves out
	CodeOrganisationChanged   Code = "organisation_changed"    // the page belongs to another organisation than the session
	CodeAlreadySent           Code = "already_sent"            // too late to cancel
	CodeInvalid               Code = "invalid"                 // correct what Message names
	CodeNoProof               Code = "no_proof"                // record a date of birth first: a private message needs it
	CodeNoAddress             Code = "no_address"              // record an address or number first
	CodeObjected              Code = "objected"                // the client does not want this medium
	CodeRestricted            Code = "restricted"              // written without a reason, and restricted now: write anew
	CodeDeceased              Code = "deceased"                // the client has died
	CodeNotConfigured         Code = "not_configured"          // the host has no sender for this medium, or no Colleagues
	CodeUnknownPlaceholder    Code = "unknown_placeholder"     // correct the {{word}}
	CodeTemplatePlaceUnfilled Code = "template_place_unfilled" // write what belongs in the brackets
	CodeTooLong               Code = "too_long"                // shorten it: the carrier does not take so much
	CodeTimeDoesNotExist      Code = "time_does_not_exist"     // the clocks leave it out: choose another, such as Next
	CodeReceiverCannotSend    Code = "receiver_cannot_send"    // hand it over to somebody who may send what was sent there
	CodeKeyReused             Code = "idempotency_key_reused"  // take a new key for another message
	CodeTooManyRequests       Code = "too_many_requests"       // wait, or close what is open already
	CodeUnavailable           Code = "unavailable"             // something the answer needs does not answer: try again
	CodeOutcomeUnknown        Code = "outcome_unknown"         // it may have been done: look before you try again
	CodeInternal              Code = "internal"                // our fault; the log knows more
)

// Error is the only error that callers are told about. Message is safe to show: it never holds what a person wrote, a
// name, an address or a token. Act on Code, never on Message.
type Error struct {
	Code    Code
	Message string
	// Field is the input at fault, by its name in the HTTP contract ("subject", "cursor"); empty when none.
	Field string
	// Word is the key of Words that says the same to a client, on the reply page; empty elsewhere.
	Word string
	// RetryAfter is how long to wait, and Until when that ends; zero where nobody knows.
	RetryAfter time.Duration
	Until      time.Time
	// Newer are the messages that came since, the oldest first, of CodeNewerMessages alone; a hundred at most.
	Newer []uuid.UUID
	// Next is the first local minute that there is after one that the clocks leave out, as a LocalTime's At, of
	// CodeTimeDoesNotExist alone.
	Next string
}

// Error says the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// CodeOf returns the code of err: "" for nil, CodeUnavailable for trouble of the database's that passes, and
// CodeInternal for any other error that is not an *Error.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	case isOutage(err):
		return CodeUnavailable
	default:
		return CodeInternal
	}
}

func fail(code Code, message string) error { return &Error{Code: code, Message: message} }

func invalid(field, message string) error {
	return &Error{Code: CodeInvalid, Message: message, Field: field}
}

func notFound() error { return fail(CodeNotFound, "There is nothing here, or it is not yours to see.") }

func forbidden() error {
	return fail(CodeForbidden, "You may look here, but not act for your colleague.")
}

func nothingToDo() error {
	return fail(CodeNothingToDo, "There is nothing to do here: it is under way, done, or has been dealt with.")
}

func badCursor() error {
	return invalid("cursor", "This cursor is not one of this list's. Begin again without it.")
}

func forbiddenMedium() error {
	return fail(CodeForbidden, "You may not send messages of this kind. Ask whoever looks after your account.")
}

func notConfigured() error {
	return fail(CodeNotConfigured, "Messages of this kind are not set up here.")
}

func notForGuarded() error {
	return fail(CodeNotConfigured, "What carries these messages here sends to other contact details than this client's "+
		"record has, which nobody has checked to be safe. Use another way.")
}

func tooLong(by int) error {
	return &Error{Code: CodeTooLong, Field: "body", Message: fmt.Sprintf(
		"With its closing lines and the reply link the message is too long to be sent. Characters to take out: %d.", by,
	)}
}

func timeDoesNotExist(next string) error {
	return &Error{
		Code: CodeTimeDoesNotExist, Field: "send_local.at", Next: next,
		Message: "The clocks go forward then, and this time does not exist. Choose another.",
	}
}

func keyReused() error {
	return fail(CodeKeyReused, "This Idempotency-Key belongs to something else. Take a new one.")
}

func tooManyStreams() error {
	return fail(CodeTooManyRequests, "You have live updates open in ten places already. Close one of them.")
}

func tooManyReplies(now, until time.Time) error {
	return &Error{
		Code: CodeTooManyRequests, Field: "reply", Word: "error_flood", RetryAfter: until.Sub(now), Until: until,
		Message: "This link has taken as many replies as it takes within an hour. This one is not kept.",
	}
}

// refusal is an obstacle as an error.
func refusal(why Code) error {
	switch why { //nolint:exhaustive // the obstacles
	case CodeDeceased:
		return fail(why, "This client has died.")
	case CodeObjected:
		return fail(why, "This client does not want to be contacted this way. Use another.")
	case CodeRestricted:
		return fail(why, "This client's record is restricted now. Write a new message, and say why.")
	default:
		return fail(CodeNoAddress, "There is nowhere to send this: no address or mobile number that works is recorded.")
	}
}

func unreadReplies() error {
	return fail(CodeUnreadReplies, "The client has written again. Read the newest replies first.")
}

func somethingNewer(newer []uuid.UUID) error {
	return &Error{
		Code: CodeNewerMessages, Newer: newer,
		Message: "Something newer has followed in this conversation. Look at it before you send this.",
	}
}

// unavailable logs what a port said and tells the caller no more than that something does not answer.
func (m *Messenger) unavailable(ctx context.Context, port string, err error) error {
	m.config.Logger.WarnContext(ctx, "messenger: a port did not answer", "port", port, "error", err)
	return unanswered()
}

func unanswered() error {
	return fail(CodeUnavailable, "The system that knows this does not answer at the moment. Try again in a minute.")
}

func outcomeUnknown() error {
	return fail(CodeOutcomeUnknown, "We can't tell whether it was done. Look before you try again.")
}
