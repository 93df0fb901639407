package messenger

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// What comes after each answer of a provider, in each position.
func TestNext(t *testing.T) {
	t.Parallel()
	fail := func(reason string) step { return step{end, ending{DeliveryFailed, reason}} }
	unknown := func(reason string) step { return step{end, ending{DeliveryUnknown, reason}} }
	do := func(a action) step { return step{action: a} }
	limited := &adapters.RateLimitError{}
	lost := errors.New("connection reset")
	for name, c := range map[string]struct {
		err  error
		f    facts
		want step
	}{
		"taken":                                 {nil, facts{}, do(accept)},
		"found":                                 {nil, facts{asked: true, last: true, changed: "deceased"}, do(accept)},
		"limited":                               {limited, facts{}, do(waitOut)},
		"limited at the last try":               {limited, facts{last: true}, do(waitOut)},
		"a wrong address":                       {adapters.ErrWrongContact, facts{askable: true}, fail(ReasonWrongContact)},
		"no place at the last try":              {adapters.ErrBusy, facts{last: true, doubt: true}, do(waitTurn)},
		"asked without a place":                 {adapters.ErrBusy, facts{asked: true}, do(askLater)},
		"the client said STOP":                  {adapters.ErrObjected, facts{askable: true}, fail(ReasonObjected)},
		"a wrong text, after doubt":             {adapters.ErrWrongContent, facts{doubt: true}, fail(ReasonWrongContent)},
		"not sent":                              {adapters.ErrNotSent, facts{}, do(tryLater)},
		"not sent, and the host resends":        {adapters.ErrNotSent, facts{resend: true, askable: true}, do(tryLater)},
		"not sent at the last try":              {adapters.ErrNotSent, facts{last: true}, fail(ReasonNotSent)},
		"not sent at the last try, doubt":       {adapters.ErrNotSent, facts{last: true, doubt: true}, unknown(ReasonNotSent)},
		"our account is at fault":               {adapters.ErrConfiguration, facts{}, do(tryLater)},
		"our account, the last try":             {adapters.ErrConfiguration, facts{last: true}, fail(ReasonConfiguration)},
		"our account, the last try, doubt":      {adapters.ErrConfiguration, facts{last: true, doubt: true}, unknown(ReasonConfiguration)},
		"lost, nobody to ask":                   {lost, facts{}, unknown(ReasonNoAnswer)},
		"lost, askable":                         {lost, facts{askable: true}, do(askLater)},
		"lost, the host resends":                {lost, facts{resend: true}, do(askLater)},
		"lost, askable, the last try":           {lost, facts{askable: true, resend: true, last: true}, unknown(ReasonNoAnswer)},
		"nobody to ask":                         {errors.ErrUnsupported, facts{asked: true, doubt: true}, unknown(ReasonNoAnswer)},
		"nobody to ask, the host resends":       {errors.ErrUnsupported, facts{asked: true, doubt: true, resend: true}, do(sendAgain)},
		"nobody to ask, the last, resends":      {errors.ErrUnsupported, facts{asked: true, resend: true, last: true}, do(sendAgain)},
		"the provider never had it":             {adapters.ErrNotSent, facts{asked: true, askable: true, doubt: true}, do(sendAgain)},
		"never had it, the last try":            {adapters.ErrNotSent, facts{asked: true, askable: true, last: true}, do(sendAgain)},
		"never had it, and has changed":         {adapters.ErrNotSent, facts{asked: true, doubt: true, changed: ReasonDeceased}, unknown(ReasonDeceased)},
		"resends, and has changed":              {errors.ErrUnsupported, facts{asked: true, doubt: true, resend: true, changed: "objected"}, unknown("objected")},
		"nobody to ask, and has changed":        {errors.ErrUnsupported, facts{asked: true, doubt: true, changed: ReasonDeceased}, unknown(ReasonNoAnswer)},
		"nobody to ask, a person decided":       {errors.ErrUnsupported, facts{asked: true, decided: true}, do(sendAgain)},
		"can't say yet, a person decided":       {lost, facts{asked: true, askable: true, decided: true}, do(askLater)},
		"lost again, a person decided":          {lost, facts{askable: true, decided: true}, do(askLater)},
		"can't say":                             {lost, facts{asked: true, askable: true, doubt: true}, do(askLater)},
		"can't say, and has changed":            {lost, facts{asked: true, askable: true, doubt: true, changed: "objected"}, do(askLater)},
		"can't say, the last try":               {lost, facts{asked: true, askable: true, doubt: true, last: true}, unknown(ReasonNoAnswer)},
		"asked, our account is at fault":        {adapters.ErrConfiguration, facts{asked: true, askable: true, doubt: true}, do(askLater)},
		"asked, limited":                        {limited, facts{asked: true, askable: true, doubt: true}, do(askLater)},
		"asked, and says what a sending says":   {adapters.ErrWrongContact, facts{asked: true, askable: true, doubt: true}, do(askLater)},
		"asked, limited at the last try":        {limited, facts{asked: true, askable: true, doubt: true, last: true}, unknown(ReasonNoAnswer)},
		"a wrapped answer is told all the same": {fmt.Errorf("notify: %w", adapters.ErrWrongContact), facts{}, fail(ReasonWrongContact)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, next(c.err, c.f))
		})
	}
}

// In no position is a message sent again that may have been taken, unless the provider says that it was not, or the host wants it.
func TestNextNeverRepeatsWhatMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	answers := []error{
		errors.New("connection reset"), errors.ErrUnsupported, adapters.ErrConfiguration, adapters.ErrWrongContact, adapters.ErrWrongContent,
		adapters.ErrNotFound, &adapters.RateLimitError{},
	}
	for _, answer := range answers {
		for bits := range 32 {
			f := facts{asked: true, last: bits&1 > 0, doubt: bits&2 > 0, askable: bits&4 > 0}
			if bits&8 > 0 {
				f.changed = ReasonDeceased
			}
			s := next(answer, f)
			require.NotContains(t, []action{sendAgain, tryLater, accept}, s.action, "%v %+v", answer, f)
			if s.action == end {
				require.Equal(t, DeliveryUnknown, s.ending.status, "%v %+v", answer, f)
			}
		}
	}
}

// What a receipt says is told as whose affair it is.
func TestWhoseAffairAReceiptIs(t *testing.T) {
	t.Parallel()
	for reason, want := range map[error]string{
		adapters.ErrWrongContact: ReasonWrongContact, adapters.ErrObjected: ReasonObjected,
		adapters.ErrWrongContent: ReasonWrongContent, adapters.ErrConfiguration: ReasonConfiguration,
		adapters.ErrNotSent: ReasonRejected, nil: ReasonRejected,
	} {
		require.Equal(t, want, failure(reason), "%v", reason)
	}
}
