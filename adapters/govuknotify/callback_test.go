package govuknotify_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
)

func examples(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	var all map[string]json.RawMessage
	providertest.ReadJSON(t, "testdata/callback-examples.json", &all)
	return all
}

func callback(token string, body []byte) adapters.CallbackRequest {
	return adapters.CallbackRequest{
		Method: http.MethodPost, Header: http.Header{"Authorization": {"Bearer " + token}}, Body: body,
	}
}

func TestCallbackReadsReceipts(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newNotify(t))
	got, err := sender.Callback(callback(callbackToken, examples(t)["delivery_receipt"]))
	require.NoError(t, err)
	require.Equal(t, []adapters.Receipt{{
		Reference: "12345678", ProviderID: "740e5834-3a29-46b4-9a6f-16142fde533a", Via: "govuknotify",
		Status: adapters.Delivered, At: time.Date(2017, 5, 14, 12, 15, 30, 0, time.UTC),
	}}, got.Receipts)

	got, err = sender.Callback(callback(callbackToken, examples(t)["delivery_receipt_nulls"]))
	require.NoError(t, err)
	require.Equal(t, adapters.Failed, got.Receipts[0].Status)
	require.ErrorIs(t, got.Receipts[0].Reason, adapters.ErrNotSent)
	require.Empty(t, got.Receipts[0].Reference)
}

func TestCallbackReadsTexts(t *testing.T) {
	t.Parallel()
	got, err := newSender(t, newNotify(t)).Callback(callback(callbackToken, examples(t)["received_text"]))
	require.NoError(t, err)
	require.Empty(t, got.Receipts)
	require.Equal(t, []adapters.InboundText{{
		ProviderID: "f6895ff7-3c7b-4a2f-8f7e-3d5f8d9d7d10", From: "+447700900123", To: "+447700900999",
		Text: "Hello Notify!", At: time.Date(2017, 5, 14, 12, 15, 30, 0, time.UTC),
	}}, got.Inbound)
}

func TestCallbackRefusesWhatIsNotNotifys(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newNotify(t))
	body := examples(t)["delivery_receipt"]
	for _, forged := range []adapters.CallbackRequest{
		callback("", body), callback("wrong", body), callback(callbackToken+"x", body), callback(callbackToken[:5], body),
		{Method: http.MethodPost, Header: http.Header{}, Body: body},
		{Method: http.MethodPost, Header: http.Header{"Authorization": {callbackToken}}, Body: body},
		{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + callbackToken}}, Body: body},
	} {
		_, err := sender.Callback(forged)
		require.ErrorIs(t, err, adapters.ErrNotSignedIn)
	}
	c := config(newNotify(t))
	c.CallbackToken = ""
	open, err := govuknotify.New(c)
	require.NoError(t, err)
	_, err = open.Callback(callback("", body))
	require.ErrorIs(t, err, adapters.ErrNotSignedIn)
}

// While the token is changed, either is Notify's: what is refused never comes again.
func TestTheEarlierTokenIsTakenToo(t *testing.T) {
	t.Parallel()
	body := examples(t)["delivery_receipt"]
	c := config(newNotify(t))
	c.CallbackToken, c.EarlierCallbackTokens = "a-newer-token", []string{callbackToken, ""}
	sender, err := govuknotify.New(c)
	require.NoError(t, err)
	for token, want := range map[string]error{
		"a-newer-token": nil, callbackToken: nil, "another": adapters.ErrNotSignedIn, "": adapters.ErrNotSignedIn,
	} {
		_, err = sender.Callback(callback(token, body))
		require.ErrorIs(t, err, want, token)
	}
}

func TestCallbackRefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newNotify(t))
	for _, body := range []string{"", "{", "[]", "{}", `{"id":"x"}`, `{"id":1,"status":"delivered"}`} {
		_, err := sender.Callback(callback(callbackToken, []byte(body)))
		require.ErrorIs(t, err, adapters.ErrWrongContent, body)
	}
}

// A text has the time that Notify says, or none: this process's clock may be wrong.
func TestATextHasNoTimeOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"", "yesterday", "2026-13-01T00:00:00Z"} {
		got, err := newSender(t, newNotify(t)).Callback(jsonCallback(t, map[string]any{
			"id": "1", "source_number": "447700900123", "message": "STOP", "date_received": said,
		}))
		require.NoError(t, err)
		require.Zero(t, got.Inbound[0].At, said)
	}
}
