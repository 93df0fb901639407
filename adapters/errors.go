package adapters

import (
	"errors"
	"fmt"
	"time"
)

// The closed set of errors that mean something to Messenger. An adapter returns them, or wraps them with %w; the text
// around them is for the operator's log and must hold nothing personal.
var (
	// ErrNotFound says that a thing does not exist, or that the asker may not know that it does.
	ErrNotFound = errors.New("adapters: not found")
	// ErrNotSignedIn says that the context carries no signed-in staff member. Only Staff.Current returns it.
	ErrNotSignedIn = errors.New("adapters: not signed in")
	// ErrWrongContact says that this address or number can never be reached: a person has to correct it.
	ErrWrongContact = errors.New("adapters: wrong contact detail")
	// ErrWrongContent says that the provider or record will never take this text as it is.
	ErrWrongContent = errors.New("adapters: wrong content")
	// ErrConfiguration says that our account, key, template or address is at fault: the operator has to act. It is
	// tried again, slowly.
	ErrConfiguration = errors.New("adapters: our configuration is at fault")
	// ErrNotSent says that surely nothing was sent, or that sending again is harmless: it is tried again soon.
	ErrNotSent = errors.New("adapters: not sent")
	// ErrObjected says that the client has told the carrier to be sent nothing more ("STOP"), so that it takes nothing
	// for them. The address is right.
	ErrObjected = errors.New("adapters: the client has objected")
	// ErrGuarded says that this carrier sends elsewhere than to Outgoing.To, and the message is Guarded: nothing was sent.
	ErrGuarded = errors.New("adapters: the client is guarded")
	// ErrBusy is an ErrNotSent that says nothing against anybody: all the adapter's places are in use. Nothing was
	// tried; it is called again in a moment, and this does not count as a failed attempt.
	ErrBusy = fmt.Errorf("adapters: busy: %w", ErrNotSent)
)

// RateLimitError says that a provider takes nothing more before Until (any time zone; zero when it did not say). Surely
// nothing was sent. It is tried again after Until and does not count as a failed attempt.
type RateLimitError struct{ Until time.Time }

// Error says that the rate is limited, never by whom.
func (*RateLimitError) Error() string { return "adapters: rate limited" }
