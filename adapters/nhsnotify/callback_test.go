package nhsnotify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
)

func sign(body string) adapters.CallbackRequest {
	mac := hmac.New(sha256.New, []byte(applicationID+"."+apiKey))
	mac.Write([]byte(body))
	return post(body, apiKey, hex.EncodeToString(mac.Sum(nil)))
}

func post(body, key, signature string) adapters.CallbackRequest {
	return adapters.CallbackRequest{Method: http.MethodPost, Body: []byte(body), Header: http.Header{
		"X-Api-Key": {key}, "X-Hmac-Sha256-Signature": {signature}, "Content-Type": {"application/vnd.api+json"},
	}}
}

func TestCallbackTakesEveryVector(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			Headers map[string]string `json:"headers"`
			Body    string            `json:"raw_body"`
		} `json:"vectors"`
	}
	providertest.ReadJSON(t, "testdata/callback-vectors.json", &file)
	require.Len(t, file.Vectors, 2)
	sender := newSender(t, newProvider(t))
	for i, v := range file.Vectors {
		signature := v.Headers["x-hmac-sha256-signature"]
		got, err := sender.Callback(post(v.Body, v.Headers["x-api-key"], signature))
		require.NoError(t, err)
		require.Equal(t, []adapters.Receipt{{
			Reference: "1642109b-69eb-447f-8f97-ab70a74f5db4", ProviderID: "2WL3qFTEFM0qMY8xjRbt1LIKCzM", Via: "nhsnotify",
			// The second says that one channel failed, which is not yet that the message did.
			Status: []adapters.Status{adapters.Delivered, adapters.Sent}[i],
			At:     time.Date(2023, 11, 17, 14, 27, 51, 413e6, time.UTC),
		}}, got.Receipts)
		for _, forged := range []adapters.CallbackRequest{
			post(v.Body, "", signature), post(v.Body, apiKey+"x", signature), post(v.Body+" ", apiKey, signature),
			post(v.Body, apiKey, ""), post(v.Body, apiKey, signature[2:]),
		} {
			_, err = sender.Callback(forged)
			require.ErrorIs(t, err, adapters.ErrNotSignedIn)
		}
	}
}

func TestWithoutAnApplicationIDNoCallbackIsTaken(t *testing.T) {
	t.Parallel()
	c := config(newProvider(t), providertest.PrivateKey(t))
	c.ApplicationID = ""
	sender, err := nhsnotify.New(c)
	require.NoError(t, err)
	mac := hmac.New(sha256.New, []byte("."+apiKey))
	mac.Write([]byte(statuses("r", "m", "delivered", "")))
	_, err = sender.Callback(post(statuses("r", "m", "delivered", ""), apiKey, hex.EncodeToString(mac.Sum(nil))))
	require.ErrorIs(t, err, adapters.ErrNotSignedIn)
}

func statuses(reference, id, status, code string) string {
	return fmt.Sprintf(`{"data":[{"type":"MessageStatus","attributes":{"messageId":%q,"messageReference":%q,"messageStatus":%q,"messageFailureReasonCode":%q,"timestamp":"2026-03-04T15:16:17.000Z"}}]}`,
		id, reference, status, code)
}

func TestCallbackReadsEveryStatus(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newProvider(t))
	for _, c := range []struct {
		status, code string
		want         adapters.Status
		reason       error
	}{
		{"created", "", adapters.Sent, nil},
		{"pending_enrichment", "", adapters.Sent, nil},
		{"enriched", "", adapters.Sent, nil},
		{"sending", "", adapters.Sent, nil},
		{"something_new", "", adapters.Sent, nil},
		{"delivered", "", adapters.Delivered, nil},
		{"failed", "MFR_PDSV_0002", adapters.Failed, adapters.ErrWrongContact},
		{"failed", "MFR_SUPE_0007", adapters.Failed, adapters.ErrNotSent},
		{"failed", "", adapters.Failed, adapters.ErrNotSent},
	} {
		got, err := sender.Callback(sign(statuses("r", "m", c.status, c.code)))
		require.NoError(t, err)
		require.Equal(t, c.want, got.Receipts[0].Status, c.status)
		require.Equal(t, c.reason, got.Receipts[0].Reason, c.status)
	}
}

// Which contact detail was used is told by the ids of who has it, and never by itself.
func TestCallbackReadsTheContact(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newProvider(t))
	for body, want := range map[string]string{
		`"ChannelStatus","attributes":{"channel":"sms","channelStatus":"delivered",
			"metadata":[{"id":"y5z6a7b8","source":"pds","label":"recipient_contact"}]`: "sms, pds contact y5z6a7b8",
		`"MessageStatus","attributes":{"messageStatus":"delivered",
			"metadata":[{"version":"23","queriedAt":"2023-11-17T14:27:51.413Z","source":"pds"}]`: //
		"pds version 23 of 2023-11-17T14:27:51Z",
		`"MessageStatus","attributes":{"metadata":[{"version":"23","queriedAt":"lately","source":"pds"}]`:         "pds version 23",
		`"MessageStatus","attributes":{"metadata":[]`:                                                             "",
		`"MessageStatus","attributes":{"metadata":[{"queriedAt":"2023-11-17T14:27:51Z","source":"pds"}]`:          "",
		`"ChannelStatus","attributes":{"channel":"sms","metadata":[{"source":"pds","label":"recipient_contact"}]`: "",
		`"ChannelStatus","attributes":{"channel":"sms","metadata":[{"id":"07700900123","source":"pds"}]`:          "",
		`"ChannelStatus","attributes":{"channel":"sms","metadata":[{"id":"grace@example.org","source":"pds"}]`:    "",
		`"ChannelStatus","attributes":{"channel":"+447700900123","metadata":[{"id":"a1","source":"pds"}]`:         "",
	} {
		got, err := sender.Callback(sign(`{"data":[{"type":` + body + `,"messageReference":"r"}}]}`))
		require.NoError(t, err, body)
		require.Equal(t, want, got.Receipts[0].Contact, body)
	}
}

func TestCallbackReadsSeveralAndPassesOverWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	body := `{"data":[{"type":"MessageStatus","attributes":{"messageReference":"a","messageStatus":"delivered"}},
		{"type":"SomethingNew","attributes":{"messageReference":"b"}},{"type":"MessageStatus","attributes":{}},
		{"type":"ChannelStatus","attributes":{"messageReference":"c","channelStatus":"delivered"}}]}`
	got, err := newSender(t, newProvider(t)).Callback(sign(body))
	require.NoError(t, err)
	require.Len(t, got.Receipts, 2)
	require.Equal(t, "a", got.Receipts[0].Reference)
	require.Equal(t, "c", got.Receipts[1].Reference)
	require.Equal(t, adapters.Delivered, got.Receipts[1].Status)
}

func TestCallbacksConform(t *testing.T) {
	t.Parallel()
	key := providertest.PrivateKey(t)
	adaptertest.Callbacks(t, func(t *testing.T) adaptertest.CallbacksHarness {
		sender, err := nhsnotify.New(config(newProvider(t), key))
		require.NoError(t, err)
		return adaptertest.CallbacksHarness{
			Callbacks: sender, Secrets: []string{apiKey, applicationID}, NewProviderID: newKSUID,
			Receipt: func(_ *testing.T, receipt adapters.Receipt) (adapters.CallbackRequest, bool) {
				code := ""
				if errors.Is(receipt.Reason, adapters.ErrWrongContact) {
					code = "MFR_PDSV_0002"
				}
				status := strings.Replace(string(receipt.Status), "sent", "sending", 1)
				told := !errors.Is(receipt.Reason, adapters.ErrWrongContent) && !errors.Is(receipt.Reason, adapters.ErrObjected)
				return sign(statuses(receipt.Reference, receipt.ProviderID, status, code)), told
			},
			Forged: func(_ *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest {
				signature := genuine.Header.Get("X-Hmac-Sha256-Signature")
				return []adapters.CallbackRequest{
					post(string(genuine.Body)+"\n", apiKey, signature), post(string(genuine.Body), "another", signature),
					post(string(genuine.Body), apiKey, strings.Repeat("0", 64)),
				}
			},
			Unreadable: func(*testing.T) adapters.CallbackRequest { return sign(`{"data":[]}`) },
		}
	})
}
