package fhir_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func TestAmendKeepsWhatOthersAdded(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	filed, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	others := 0
	p.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && others < 2 { // between our reading and our writing
			others++
			resource := p.communications(entry.Key)[0]
			resource["note"] = []any{map[string]any{"text": fmt.Sprintf("Seen by the GP, %d", others)}}
			p.put(resource)
		}
		return false
	}, nil)
	failed := entry
	failed.Status, failed.Reason, failed.NHSNumber = adapters.Failed, "not_delivered", ""
	amended, err := record.Amend(t.Context(), filed, failed)
	require.NoError(t, err)
	stored := p.communications(entry.Key)[0]
	require.Equal(t, "not-done", stored["status"])
	require.Equal(t, []any{map[string]any{"text": "Seen by the GP, 2"}}, stored["note"])
	require.Equal(t, "Patient/grace", stored["subject"].(map[string]any)["reference"], "who it is about never changes")
	require.Equal(t, stored["meta"].(map[string]any)["versionId"], amended.Version)
	require.Equal(t, 3, p.count(http.MethodPut))
	for _, request := range p.noted() {
		if request.method == http.MethodPut {
			require.Regexp(t, `^W/"[^"]+"$`, request.header.Get("If-Match"))
		}
	}

	again, err := record.Amend(t.Context(), filed, failed)
	require.NoError(t, err)
	require.Equal(t, amended, again)
	require.Equal(t, 3, p.count(http.MethodPut), "the same again writes nothing")

	delivered := entry
	delivered.Status, delivered.DeliveredAt = adapters.Delivered, entry.At.Add(time.Hour)
	_, err = record.Amend(t.Context(), amended, delivered)
	require.NoError(t, err)
	stored = p.communications(entry.Key)[0]
	require.Equal(t, "completed", stored["status"])
	require.Equal(t, "2026-07-01T10:15:30.000Z", stored["received"])
	require.NotContains(t, stored, "statusReason")
}

func TestAmendKeepsNumbersAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = fmt.Fprintf(w,
			`{"resourceType":"Communication","id":"1","identifier":[{"system":%q,"value":%q}],"extension":[{"url":"https://example.org","valueDecimal":1.10}]}`,
			system+"/message", entry.Key)
		return r.Method != ""
	}, nil)
	_, err := record.Amend(t.Context(), adapters.Filed{Reference: "Communication/1"}, entry)
	require.NoError(t, err)
	require.Contains(t, p.noted()[1].body, `"valueDecimal":1.10`)
	require.NotContains(t, p.noted()[1].header, "If-Match", "the server keeps no versions")
}

func TestAmendGivesUpWhenOthersNeverStop(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	filed, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	p.answers(http.MethodPut, http.StatusPreconditionFailed, "")
	entry.Status = adapters.Failed
	_, err = record.Amend(t.Context(), filed, entry)
	require.ErrorContains(t, err, "others keep changing it")
	require.NotErrorIs(t, err, adapters.ErrConfiguration)
	require.Equal(t, 4, p.count(http.MethodPut))
}

func TestAmendLeavesEnteredInErrorAlone(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	filed, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	withdrawn := maps.Clone(p.communications(entry.Key)[0])
	withdrawn["status"] = "entered-in-error"
	p.put(withdrawn)
	entry.Status = adapters.Failed
	_, err = record.Amend(t.Context(), filed, entry)
	require.NoError(t, err)
	require.Equal(t, "entered-in-error", p.communications(entry.Key)[0]["status"])
	require.Zero(t, p.count(http.MethodPut))
}

func TestAmendErrors(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	first := entry()
	filed, err := record.Write(t.Context(), first)
	require.NoError(t, err)
	failed := first
	failed.Status = adapters.Failed
	amend := func(filed adapters.Filed, entry adapters.Entry) error {
		_, err := record.Amend(t.Context(), filed, entry)
		return err
	}
	for status, want := range map[int]error{
		405: errors.ErrUnsupported, 501: errors.ErrUnsupported, 403: adapters.ErrConfiguration, 422: adapters.ErrWrongContent,
	} {
		p.answers(http.MethodPut, status, "")
		require.ErrorIs(t, amend(filed, failed), want, "%d", status)
	}
	p.answers(http.MethodGet, http.StatusGone, "")
	require.ErrorIs(t, amend(filed, failed), adapters.ErrNotFound)
	p.answers(http.MethodGet, http.StatusNotFound, "<html>no such page")
	require.ErrorIs(t, amend(filed, failed), adapters.ErrConfiguration, "a gateway's 404 is not the entry's")
	p.set(nil, nil)
	require.ErrorIs(t, amend(adapters.Filed{Reference: "Communication/none"}, failed), adapters.ErrNotFound)
	for _, reference := range []string{
		"", "Patient/grace", "Communication/../Patient/grace", "Communication/..", "Communication/.",
		"https://elsewhere.example.org/Communication/1",
	} {
		require.ErrorIs(t, amend(adapters.Filed{Reference: reference}, failed), adapters.ErrNotFound, reference)
	}
	other := failed
	other.Key = uuid.New()
	require.ErrorIs(t, amend(filed, other), adapters.ErrNotFound, "another message's entry is not overwritten")
	require.Equal(t, "completed", p.communications(first.Key)[0]["status"])
}
