package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Outcome is what a provider is to do with the next message.
type Outcome string

// The outcomes that the suites arrange. Those that a provider does not have, its harness declines.
const (
	Accepted         Outcome = "accepted"
	WrongContact     Outcome = "wrong contact"
	Objected         Outcome = "objected" // the client has told the provider to be sent nothing more
	WrongContent     Outcome = "wrong content"
	RateLimited      Outcome = "rate limited"       // without saying until when
	RateLimitedUntil Outcome = "rate limited until" // saying until when
	Misconfigured    Outcome = "our configuration at fault"
	// a record's alone: an answer of 404 that is not about the client, since what is there is not the record
	NoEndpoint Outcome = "not the record"
	// a record's alone: refused like a wrong content, and said to pass, as FHIR's issue type 'transient' does
	Passing       Outcome = "refused for now"
	Down          Outcome = "down"           // nothing listens
	ServerError   Outcome = "server error"   // refused for no reason that says whether it was taken
	TimeoutBefore Outcome = "timeout before" // not taken, and no answer until the context ends
	TimeoutAfter  Outcome = "timeout after"  // taken, and no answer until the context ends
	DroppedAfter  Outcome = "dropped after"  // taken, and the connection is cut before the answer
)

// SenderHarness is a carrier with a fake provider behind it.
type SenderHarness struct {
	Sender adapters.Sender
	Medium adapters.Medium // Email or SMS
	// Arrange makes the provider treat the next message so. It may change message.To, for a fake that goes by the address.
	// It returns false when this provider has no such outcome; Accepted, WrongContact, Misconfigured, Down, TimeoutBefore
	// and one of TimeoutAfter and DroppedAfter every provider has.
	Arrange func(t *testing.T, message *adapters.Outgoing, outcome Outcome) bool
	// Carried is how many messages with this reference the provider itself took and carries on. It is called while the
	// provider is down or silent too.
	Carried func(t *testing.T, reference string) int
	// Text is the plain text that the client gets of a carried message; nil: the fake can't tell.
	Text func(t *testing.T, reference string) string
	// DropsRepeats says that the provider carries a Reference once, however often it is sent.
	DropsRepeats bool
	// NeverAbsent says that Find of this provider finds a message or cannot tell, but never knows that one was not sent.
	NeverAbsent bool
	// Elsewhere says that the provider sends to addresses of its own, not to Outgoing.To.
	Elsewhere bool
	// Organisation is what messages name; empty: "org-1".
	Organisation adapters.OrganisationID
	// Secrets are the credentials that no error and no %+v of the Sender may show.
	Secrets []string
}

// Sender holds an adapters.Sender against its port and, when it is one, adapters.Finder and Lister too.
func Sender(t *testing.T, newHarness func(t *testing.T) SenderHarness) {
	t.Helper()
	tests := []struct {
		name string
		run  func(t *testing.T, s senderSuite)
	}{
		{"accepted", senderAccepted},
		{"repeated", senderRepeated},
		{"wrong contact", refused(WrongContact, adapters.ErrWrongContact)},
		{"objected", refused(Objected, adapters.ErrObjected)},
		{"guarded", senderGuarded},
		{"wrong content", refused(WrongContent, adapters.ErrWrongContent)},
		{"our configuration at fault", refused(Misconfigured, adapters.ErrConfiguration)},
		{"rate limited without a time", limited(RateLimited)},
		{"rate limited with a time", limited(RateLimitedUntil)},
		{"nothing listens", senderDown},
		{"server error", unknown(ServerError)},
		{"timeout before acceptance", unknown(TimeoutBefore)},
		{"timeout after acceptance", unknown(TimeoutAfter)},
		{"connection lost after acceptance", unknown(DroppedAfter)},
		{"context that has ended", senderContext},
		{"many at once", senderTogether},
		{"prints no secret", senderPrinted},
		{"Limit: what is too long", senderLimit},
		{"Limit: what is replaced", senderReplaced},
		{"Takes", senderTakes},
		{"Find: found", finderFound},
		{"Find: not there", finderAbsent},
		{"Find: cannot tell", finderCannotTell},
		{"List", lister},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			if h.Organisation == "" {
				h.Organisation = "org-1"
			}
			test.run(t, senderSuite{SenderHarness: h, t: t})
		})
	}
}

type senderSuite struct {
	SenderHarness
	t *testing.T
}

const link = "https://nhs.example.org/m/r/k1-Zy3vQ8wLr5TnB2cXhJ6pMdFs-0123456789-abcdefghijklmnopqrstuvwxyz"

// message is a new message, arranged to have this outcome.
func (s senderSuite) message(outcome Outcome) (message adapters.Outgoing, has bool) {
	s.t.Helper()
	id := uuid.New()
	message = adapters.Outgoing{
		MessageID: id, Reference: id.String(), Organisation: s.Organisation, Medium: s.Medium,
		To: "+447700900123", NHSNumber: "9990000018", SenderName: "Riverside Link Workers",
		Text: "Dear Grace, the walking group meets on Thursday.\n\nReply: " + link + "\n\nRiverside", Link: link,
		FirstTried: s.now(),
	}
	if s.Medium == adapters.Email {
		message.To, message.Subject = "grace.okafor@example.org", "Café & walking group"
		message.Text = "Dear Grace,\n\nthe walking group meets on Thursday – bring a coat.\n.\nReply: " + link +
			"\n\nRiverside"
	}
	has = s.Arrange(s.t, &message, outcome)
	return message, has
}

// send calls Send under a context that ends soon when the outcome is that nobody answers.
func (s senderSuite) send(message adapters.Outgoing, outcome Outcome) (adapters.Receipt, error) {
	s.t.Helper()
	ctx := s.t.Context()
	if outcome == TimeoutBefore || outcome == TimeoutAfter {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, short)
		defer cancel()
	}
	var receipt adapters.Receipt
	var err error
	returns(s.t, "Send", func() { receipt, err = s.Sender.Send(ctx, message) })
	s.impersonal(err, message)
	return receipt, err
}

func (s senderSuite) impersonal(err error, message adapters.Outgoing) {
	s.t.Helper()
	impersonal(s.t, err, append(s.words(message), s.Secrets...)...)
}

func (s senderSuite) words(message adapters.Outgoing) []string {
	words := []string{
		message.To, strings.TrimPrefix(message.To, "+44"), message.NHSNumber, message.Subject, message.Text, link,
		strings.TrimPrefix(link, "https://nhs.example.org/m/r/"), "walking group",
	}
	if local, _, ok := strings.Cut(message.To, "@"); ok {
		words = append(words, local)
	}
	return words
}

func senderAccepted(t *testing.T, s senderSuite) {
	message, has := s.message(Accepted)
	require.True(t, has, "every provider accepts messages: the harness must arrange it")
	receipt, err := s.send(message, Accepted)
	require.NoError(t, err, "the port asks: Send returns once the provider has taken the message")
	require.Equal(t, 1, s.Carried(t, message.Reference), "the port asks: hand one message to the provider, once")
	require.NotEmpty(t, receipt.Via, "the port asks: Via says which system carried it")
	if carrying, knows := s.Sender.(adapters.Carrying); knows {
		carriers, err := carrying.Carriers(t.Context(), message.Organisation, message.Medium)
		require.NoError(t, err)
		require.Contains(t, carriers, receipt.Via, "the port asks: Carriers are the words that Via may have")
	}
	require.LessOrEqual(t, len(receipt.ProviderID), 200, "the port asks: ProviderID has at most 200 bytes")
	require.Contains(t, []adapters.Status{"", adapters.Sent, adapters.Delivered}, receipt.Status,
		"an accepted message has not failed")
	require.Contains(t, []string{"", message.Reference}, receipt.Reference, "the port asks: Reference is ours")
	silent(t, "a receipt", receipt.Via+receipt.ProviderID, append(s.words(message), s.Secrets...)...)
	if s.Text != nil {
		text := s.Text(t, message.Reference)
		require.Contains(t, strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ' ' }), link,
			"the client must get the reply link whole, on one line")
	}
}

func senderRepeated(t *testing.T, s senderSuite) {
	message, _ := s.message(Accepted)
	first, err := s.send(message, Accepted)
	require.NoError(t, err)
	if !s.DropsRepeats {
		require.Equal(t, 1, s.Carried(t, message.Reference), "the port asks: it tries once")
		return
	}
	again, err := s.send(message, Accepted)
	require.NoError(t, err, "a carrier that drops repeats takes a repeat as accepted")
	require.Equal(t, 1, s.Carried(t, message.Reference), "the port asks: a carrier that drops repeats drops by Reference")
	require.Contains(t, []string{"", first.ProviderID}, again.ProviderID,
		"a repeat has no other ProviderID than the first")

	message.Reference += "-2"
	_, err = s.send(message, Accepted)
	require.NoError(t, err)
	require.Equal(t, 1, s.Carried(t, message.Reference),
		"the port asks: another Reference is another decision to send, though MessageID is the same")
}

func refused(outcome Outcome, want error) func(t *testing.T, s senderSuite) {
	return func(t *testing.T, s senderSuite) {
		message, has := s.message(outcome)
		if !has {
			require.NotContains(t, []Outcome{WrongContact, Misconfigured}, outcome,
				"every provider has this outcome: the harness must arrange it")
			return
		}
		_, err := s.send(message, outcome)
		require.ErrorIs(t, err, want, "the port asks: %s is this error", outcome)
		require.Equal(t, []error{want}, closed(err), "an error means one thing of the closed set only")
		require.Zero(t, s.Carried(t, message.Reference), "the port asks: %v says that nothing was sent", want)
	}
}

func senderGuarded(t *testing.T, s senderSuite) {
	message, _ := s.message(Accepted)
	message.Guarded = true
	_, err := s.send(message, Accepted)
	if !s.Elsewhere {
		require.NoError(t, err, "a carrier that sends to Outgoing.To takes a guarded message")
		return
	}
	require.Equal(t, []error{adapters.ErrGuarded}, closed(err),
		"the port asks: a carrier that sends elsewhere refuses what is Guarded")
	require.Zero(t, s.Carried(t, message.Reference), "the port asks: ErrGuarded says that nothing was sent")
}

func limited(outcome Outcome) func(t *testing.T, s senderSuite) {
	return func(t *testing.T, s senderSuite) {
		message, has := s.message(outcome)
		if !has {
			return
		}
		_, err := s.send(message, outcome)
		var limit *adapters.RateLimitError
		require.ErrorAs(t, err, &limit, "the port asks: a limited rate is *RateLimitError")
		require.Equal(t, outcome == RateLimited, limit.Until.IsZero(),
			"the port asks: Until is what the provider said, zero when it did not say")
		require.Empty(t, closed(err), "an error means one thing of the closed set only")
		require.Zero(t, s.Carried(t, message.Reference), "the port asks: *RateLimitError says that surely nothing was sent")
	}
}

func senderDown(t *testing.T, s senderSuite) {
	message, has := s.message(Down)
	require.True(t, has, "every provider can be down: the harness must arrange it")
	_, err := s.send(message, Down)
	require.Error(t, err, "nothing listens, so nothing was taken")
	require.NotErrorIs(t, err, adapters.ErrWrongContact, "a provider that is down says nothing about the address")
	require.NotErrorIs(t, err, adapters.ErrWrongContent, "a provider that is down says nothing about the text")
	require.Zero(t, s.Carried(t, message.Reference))
}

// unknown is for outcomes that the adapter can't know: only ErrNotSent may be claimed, and only when it is true.
func unknown(outcome Outcome) func(t *testing.T, s senderSuite) {
	return func(t *testing.T, s senderSuite) {
		message, has := s.message(outcome)
		if !has {
			require.NotEqual(t, TimeoutBefore, outcome, "every provider can be silent: the harness must arrange it")
			if outcome == DroppedAfter {
				_, other := s.message(TimeoutAfter)
				require.True(t, other, "every answer can be lost: the harness must arrange TimeoutAfter or DroppedAfter")
			}
			return
		}
		_, err := s.send(message, outcome)
		require.Error(t, err, "no answer came, so it may not be called sent")
		var limit *adapters.RateLimitError
		require.NotErrorAs(t, err, &limit, "the port asks: a timeout is an unknown outcome and not a limited rate")
		carried := s.Carried(t, message.Reference)
		if outcome == TimeoutAfter || outcome == DroppedAfter {
			require.Equal(t, 1, carried, "the harness must let the provider take the message before the answer is lost")
		}
		allowed := []error{}
		if carried == 0 || s.DropsRepeats {
			allowed = append(allowed, adapters.ErrNotSent)
		}
		require.Subset(t, allowed, closed(err),
			"the port asks: any other error, a timeout included, is an unknown outcome and none of the closed set (%d were "+
				"carried)", carried)
		if outcome == TimeoutBefore {
			leaves(t, "Send", func(ctx context.Context) { _, _ = s.Sender.Send(ctx, message) })
		}
	}
}

// closed is what of the closed set an error is.
func closed(err error) []error {
	is := []error{}
	for _, one := range []error{
		adapters.ErrNotFound, adapters.ErrNotSignedIn, adapters.ErrWrongContact, adapters.ErrObjected,
		adapters.ErrWrongContent, adapters.ErrConfiguration, adapters.ErrNotSent,
		adapters.ErrGuarded,
	} {
		if errors.Is(err, one) {
			is = append(is, one)
		}
	}
	return is
}

func senderContext(t *testing.T, s senderSuite) {
	message, _ := s.message(Accepted)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var err error
	returns(t, "Send under an ended context", func() { _, err = s.Sender.Send(ctx, message) })
	s.impersonal(err, message)
	carried := s.Carried(t, message.Reference)
	if err == nil {
		require.Equal(t, 1, carried, "Send said that the message was taken")
		return
	}
	for _, is := range closed(err) {
		require.ErrorIs(t, is, adapters.ErrNotSent,
			"the port asks: an ended context is an unknown outcome, or ErrNotSent; no refusal")
		require.Zero(t, carried, "the port asks: ErrNotSent says that nothing was sent")
	}
}

func senderTogether(t *testing.T, s senderSuite) {
	messages := make([]adapters.Outgoing, many)
	for i := range messages {
		messages[i], _ = s.message(Accepted)
	}
	together(t, "Send", func(i int) error {
		for {
			if _, err := s.Sender.Send(s.t.Context(), messages[i]); !errors.Is(err, adapters.ErrBusy) {
				return err
			}
		}
	})
	for _, message := range messages {
		require.Equal(t, 1, s.Carried(t, message.Reference),
			"the port asks: all methods may be called at once; each message is carried once")
	}
	if !s.DropsRepeats {
		return
	}
	message, _ := s.message(Accepted)
	together(t, "Send of one message", func(int) error {
		_, err := s.Sender.Send(s.t.Context(), message)
		return err
	})
	require.Equal(t, 1, s.Carried(t, message.Reference),
		"the port asks: repeats are dropped by Reference, those at the same time too")
}

func senderPrinted(t *testing.T, s senderSuite) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		silent(t, "the Sender printed with "+verb, fmt.Sprintf(verb, s.Sender), s.Secrets...)
	}
}

// limit is what the Sender says of the harness's medium; has is false when it says nothing.
func (s senderSuite) limit() (limit adapters.Limit, has bool) {
	s.t.Helper()
	limited, ok := s.Sender.(adapters.Limited)
	if !ok {
		return adapters.Limit{}, false
	}
	limit, err := limited.Limit(s.t.Context(), s.Organisation, s.Medium)
	require.NoError(s.t, err, "the port asks: Limit answers at once")
	require.GreaterOrEqual(s.t, limit.Characters, 0)
	again, err := limited.Limit(s.t.Context(), s.Organisation, s.Medium)
	require.NoError(s.t, err)
	require.Equal(s.t, limit.Characters, again.Characters, "one organisation has one limit")
	return limit, true
}

func senderLimit(t *testing.T, s senderSuite) {
	limit, has := s.limit()
	if !has || limit.Characters == 0 {
		return
	}
	require.Greater(t, limit.Characters, 100, "the port asks: Characters is a whole message's")
	for _, test := range []struct {
		length int
		want   error
	}{{limit.Characters, nil}, {limit.Characters + 1, adapters.ErrWrongContent}} {
		message, _ := s.message(Accepted)
		message.Text, message.Link = strings.Repeat("x", test.length), ""
		require.Equal(t, test.want != nil, limit.TooLong(message.Text))
		_, err := s.send(message, Accepted)
		require.ErrorIs(t, err, test.want, "the port asks: a text of %d characters, where the limit is %d", test.length,
			limit.Characters)
	}
}

func senderReplaced(t *testing.T, s senderSuite) {
	limit, has := s.limit()
	if !has || limit.Replace == nil {
		return
	}
	message, _ := s.message(Accepted)
	message.Text = "It’s on Thursday… “bring a coat” – see\u00a0you 😀\n\n\n" + link
	sent := limit.Sent(message.Text)
	require.Equal(t, sent, limit.Sent(sent), "what is replaced already is not replaced again")
	require.Contains(t, sent, link, "the client must get the reply link whole")
	if limit.Characters > 0 { // what gets longer by it is too long though what was typed is not
		longer := strings.Repeat("x", limit.Characters-2) + "…"
		require.Equal(t, len(limit.Sent(longer)) > limit.Characters, limit.TooLong(longer))
	}
	_, err := s.send(message, Accepted)
	require.NoError(t, err)
	if s.Text != nil {
		require.NotContains(t, s.Text(t, message.Reference), "…",
			"the port asks: Replace is what the carrier makes of a text")
	}
}

func senderTakes(t *testing.T, s senderSuite) {
	slow, ok := s.Sender.(adapters.Slow)
	if !ok {
		return
	}
	takes := slow.Takes()
	require.Positive(t, takes, "the port asks: Takes is how long a Send may take")
	require.Equal(t, takes, slow.Takes(), "the port asks: it is always the same")
}
