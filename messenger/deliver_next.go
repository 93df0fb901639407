package messenger

import (
	"errors"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// facts are what decides what comes after a provider's answer.
type facts struct {
	asked   bool   // the provider was asked what became of an earlier attempt; else it was given the message
	last    bool   // there is no further try of the job
	doubt   bool   // an earlier attempt may have been taken, and nobody knows
	askable bool   // the provider can be asked what became of a message
	resend  bool   // the host would rather have a message arrive twice than not at all: Config.ResendUnknown
	decided bool   // a person has it sent again though an earlier attempt may have been taken
	changed string // why the message may no longer go out as it was written
}

// action is what is done with a message after a provider's answer.
type action int

const (
	accept    action = iota // the provider has it: its receipt is written
	end                     // the delivery ends
	sendAgain               // an attempt of its own is made at once
	tryLater                // it was not sent: another try of the job sends it
	askLater                // it may have been sent: another try of the job asks, or sends where the host wants that
	waitOut                 // the provider takes nothing more for a while
	waitTurn                // the sender has no place for it now, and nothing was tried
)

// step is what comes next, and for end how the delivery ends.
type step struct {
	action action
	ending ending
}

// next decides what comes after a provider's answer. Nothing that may have been sent is sent again, unless the host
// wants that: it is looked up until the last try, and then a person decides. What a person has sent again is sent once
// it is sure that the provider can't tell.
func next(err error, f facts) step {
	switch {
	case err == nil:
		return step{action: accept}
	case f.asked:
		return nextOfAsked(err, f)
	default:
		return nextOfSent(err, f)
	}
}

func nextOfSent(err error, f facts) step {
	var limited *adapters.RateLimitError
	notSent := ""
	switch {
	case errors.As(err, &limited):
		return step{action: waitOut}
	case errors.Is(err, adapters.ErrBusy):
		return step{action: waitTurn}
	case errors.Is(err, adapters.ErrWrongContact):
		return step{end, ending{DeliveryFailed, ReasonWrongContact}}
	case errors.Is(err, adapters.ErrObjected):
		return step{end, ending{DeliveryFailed, ReasonObjected}}
	case errors.Is(err, adapters.ErrGuarded): // an earlier attempt may be from before the card
		return step{end, ending{unsent(f.doubt), ReasonSafeContact}}
	case errors.Is(err, adapters.ErrWrongContent):
		return step{end, ending{DeliveryFailed, ReasonWrongContent}}
	case errors.Is(err, adapters.ErrConfiguration):
		notSent = ReasonConfiguration
	case errors.Is(err, adapters.ErrNotSent):
		notSent = ReasonNotSent
	}
	switch {
	case notSent != "" && f.last:
		return step{end, ending{unsent(f.doubt), notSent}}
	case notSent != "":
		return step{action: tryLater}
	case f.last:
		return step{end, ending{DeliveryUnknown, ReasonNoAnswer}}
	case f.askable, f.resend:
		return step{action: askLater}
	default:
		return step{end, ending{DeliveryUnknown, ReasonNoAnswer}}
	}
}

func nextOfAsked(err error, f facts) step {
	unaskable := errors.Is(err, errors.ErrUnsupported)
	// Busy is an ErrNotSent of Send's: who was not asked has not said that the message is not there.
	absent := errors.Is(err, adapters.ErrNotSent) && !errors.Is(err, adapters.ErrBusy)
	again := absent || unaskable && (f.resend || f.decided)
	switch {
	case again && f.changed != "":
		return step{end, ending{unsent(f.doubt), f.changed}}
	case again:
		return step{action: sendAgain}
	case unaskable, f.last:
		return step{end, ending{DeliveryUnknown, ReasonNoAnswer}}
	default:
		return step{action: askLater}
	}
}

// unsent is how a message stands that won't be sent: unknown while an earlier attempt may have been taken. That a
// Finder answers ErrNotSent does not end the doubt, since it may mean that a repeat is dropped: called failed, it
// would go out again under another reference.
func unsent(doubt bool) DeliveryStatus {
	if doubt {
		return DeliveryUnknown
	}
	return DeliveryFailed
}
