package adaptertest

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// CallbacksHarness is an adapters.Callbacks and requests as its provider makes them.
type CallbacksHarness struct {
	Callbacks adapters.Callbacks
	// Receipt is a genuine request that says this of one message; ok is false when the provider can't say it. The
	// provider knows the message as receipt.ProviderID, and as receipt.Reference where it tells ours back.
	Receipt func(t *testing.T, receipt adapters.Receipt) (request adapters.CallbackRequest, ok bool)
	// Inbound is a genuine request that brings a text message; nil: the provider brings none.
	Inbound func(t *testing.T, text adapters.InboundText) adapters.CallbackRequest
	// Forged makes requests of a genuine one that the provider did not make: another key, a changed signature and, where
	// the body is signed, a changed body.
	Forged func(t *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest
	// Unreadable is a genuine request that can't be read.
	Unreadable func(t *testing.T) adapters.CallbackRequest
	// NewProviderID makes an id as the provider would; nil: any text.
	NewProviderID func() string
	// Secrets are the credentials that no error may show.
	Secrets []string
}

// Callbacks holds an adapters.Callbacks against its port.
func Callbacks(t *testing.T, newHarness func(t *testing.T) CallbacksHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s callbacksSuite)
	}{
		{"delivered and failed", callbacksStatuses},
		{"early, for an unknown id, late and twice", callbacksRepeated},
		{"out of order", callbacksOrder},
		{"inbound", callbacksInbound},
		{"forged", callbacksForged},
		{"unreadable", callbacksUnreadable},
		{"many at once", callbacksTogether},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			if h.NewProviderID == nil {
				h.NewProviderID = uuid.NewString
			}
			test.run(t, callbacksSuite{h, t})
		})
	}
}

type callbacksSuite struct {
	CallbacksHarness
	t *testing.T
}

func (s callbacksSuite) receipt(status adapters.Status, reason error) adapters.Receipt {
	return adapters.Receipt{
		Reference: uuid.NewString(), ProviderID: s.NewProviderID(), Status: status, Reason: reason,
		At: time.Now().UTC().Truncate(time.Second),
	}
}

func (s callbacksSuite) call(request adapters.CallbackRequest) (adapters.Callback, error) {
	s.t.Helper()
	body, header := slices.Clone(request.Body), request.Header.Clone()
	var callback adapters.Callback
	var err error
	returns(s.t, "Callback", func() { callback, err = s.Callbacks.Callback(request) })
	impersonal(s.t, err, append([]string{"07700900123", "7700900123", "see you on Thursday"}, s.Secrets...)...)
	require.Equal(s.t, body, request.Body, "a request is read and not changed")
	require.Equal(s.t, header, request.Header, "a request is read and not changed")
	return callback, err
}

// one reads a genuine request that holds one receipt.
func (s callbacksSuite) one(request adapters.CallbackRequest) adapters.Receipt {
	s.t.Helper()
	callback, err := s.call(request)
	require.NoError(s.t, err, "a genuine request is read")
	require.Len(s.t, callback.Receipts, 1, "the request says something of one message")
	return callback.Receipts[0]
}

func (s callbacksSuite) same(want, got adapters.Receipt) {
	s.t.Helper()
	require.True(s.t, got.Reference != "" || got.ProviderID != "",
		"the port asks: either Reference or ProviderID is set in a receipt from Callbacks")
	require.Contains(s.t, []string{"", want.Reference}, got.Reference)
	require.Contains(s.t, []string{"", want.ProviderID}, got.ProviderID)
	require.NotEmpty(s.t, got.Via, "the port asks: Via says which system carried it")
	status := got.Status
	if status == "" {
		status = adapters.Sent
	}
	require.Equal(s.t, want.Status, status, "the port asks: how far the provider says the message has come")
}

func callbacksStatuses(t *testing.T, s callbacksSuite) {
	said := 0
	for _, want := range []adapters.Receipt{
		s.receipt(adapters.Sent, nil), s.receipt(adapters.Delivered, nil),
		s.receipt(adapters.Failed, adapters.ErrWrongContact), s.receipt(adapters.Failed, adapters.ErrNotSent),
		s.receipt(adapters.Failed, adapters.ErrWrongContent), s.receipt(adapters.Failed, adapters.ErrObjected),
	} {
		request, ok := s.Receipt(t, want)
		if !ok {
			continue
		}
		said++
		got := s.one(request)
		s.same(want, got)
		if want.Status != adapters.Failed {
			require.NoError(t, got.Reason, "the port asks: a reason goes with Failed only")
			continue
		}
		require.ErrorIs(t, got.Reason, want.Reason,
			"the port asks: Failed has ErrWrongContact, ErrObjected, ErrWrongContent or ErrNotSent as its reason")
		require.Len(t, closed(got.Reason), 1, "a reason means one thing of the closed set only")
	}
	require.GreaterOrEqual(t, said, 2,
		"a provider that calls back says at least Delivered and Failed: the harness must make such requests")
}

// callbacksRepeated: the adapter keeps no state and never asks whether a message is known, so one request reads the
// same before, after and without a Send.
func callbacksRepeated(t *testing.T, s callbacksSuite) {
	want := s.receipt(adapters.Delivered, nil)
	request, ok := s.Receipt(t, want)
	require.True(t, ok, "the harness must make a request that says Delivered")
	first := s.one(request)
	s.same(want, first)
	require.Equal(t, first, s.one(request),
		"the port asks: a repeated request reads the same; applying it once is Messenger's part")
}

func callbacksOrder(t *testing.T, s callbacksSuite) {
	delivered := s.receipt(adapters.Delivered, nil)
	sent := delivered
	sent.Status, sent.At = adapters.Sent, delivered.At.Add(-time.Minute)
	for _, want := range []adapters.Receipt{delivered, sent} {
		if request, ok := s.Receipt(t, want); ok {
			s.same(want, s.one(request))
		}
	}
}

func callbacksInbound(t *testing.T, s callbacksSuite) {
	if s.Inbound == nil {
		return
	}
	want := adapters.InboundText{
		ProviderID: s.NewProviderID(), From: "+447700900123", To: "+447700900999",
		Text: "Thank you, see you on Thursday & Friday – ünï", At: time.Now().UTC().Truncate(time.Second),
	}
	request := s.Inbound(t, want)
	callback, err := s.call(request)
	require.NoError(t, err)
	require.Empty(t, callback.Receipts)
	require.Len(t, callback.Inbound, 1, "the port asks: a text message from outside is Inbound")
	require.Equal(t, want.ProviderID, callback.Inbound[0].ProviderID, "the port asks: a repeat is dropped by ProviderID")
	require.Equal(t, want.Text, callback.Inbound[0].Text)
	require.Equal(t, want.From, callback.Inbound[0].From, "the port asks: From is in E.164")
	require.Equal(t, want.To, callback.Inbound[0].To, "the port asks: To is in E.164")
	require.False(t, callback.Inbound[0].Stop || callback.Inbound[0].Start)
	again, err := s.call(request)
	require.NoError(t, err)
	require.Equal(t, callback, again, "a repeated request reads the same")

	want.ProviderID, want.Text = s.NewProviderID(), " Stop. "
	callback, err = s.call(s.Inbound(t, want))
	require.NoError(t, err)
	require.True(t, callback.Inbound[0].Stop, "the port asks: STOP and nothing else is Stop")
	require.False(t, callback.Inbound[0].Start)
	require.Equal(t, want.Text, callback.Inbound[0].Text, "and it is taken in as any text")

	want.ProviderID, want.Text = s.NewProviderID(), "start"
	callback, err = s.call(s.Inbound(t, want))
	require.NoError(t, err)
	require.True(t, callback.Inbound[0].Start, "the port asks: START and nothing else is Start")
	require.False(t, callback.Inbound[0].Stop)
}

func callbacksForged(t *testing.T, s callbacksSuite) {
	genuine, ok := s.Receipt(t, s.receipt(adapters.Delivered, nil))
	require.True(t, ok, "the harness must make a request that says Delivered")
	forged := s.Forged(t, genuine)
	require.NotEmpty(t, forged, "the harness must make forged requests")
	unsigned := genuine
	unsigned.Header = http.Header{"Content-Type": genuine.Header["Content-Type"]}
	empty := adapters.CallbackRequest{Method: http.MethodPost, Header: http.Header{}}
	for i, request := range append(forged, unsigned, empty) {
		callback, err := s.call(request)
		require.ErrorIs(t, err, adapters.ErrNotSignedIn,
			"the port asks: a request that is not the provider's is ErrNotSignedIn (forgery %d)", i)
		require.Zero(t, callback, "a forged request says nothing")
	}
	s.one(genuine)
}

func callbacksUnreadable(t *testing.T, s callbacksSuite) {
	_, err := s.call(s.Unreadable(t))
	require.ErrorIs(t, err, adapters.ErrWrongContent, "the port asks: a request that can't be read is ErrWrongContent")
}

func callbacksTogether(t *testing.T, s callbacksSuite) {
	wants := make([]adapters.Receipt, many)
	requests := make([]adapters.CallbackRequest, many)
	for i := range many {
		wants[i] = s.receipt(adapters.Delivered, nil)
		requests[i], _ = s.Receipt(t, wants[i])
	}
	together(t, "Callback", func(i int) error {
		callback, err := s.Callbacks.Callback(requests[i])
		if err != nil {
			return err
		}
		got := callback.Receipts[0]
		if got.Reference != wants[i].Reference && got.ProviderID != wants[i].ProviderID {
			return fmt.Errorf("read another request's receipt")
		}
		return nil
	})
}
