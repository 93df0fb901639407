package govuknotify_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
)

func TestALostAnswerIsFoundWithTheTextReallySent(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	message := text("It’s time")
	server.Arrange(adaptertest.DroppedAfter, nil)
	_, err := sender.Send(t.Context(), message)
	providertest.RequireOnly(t, err, nil)

	receipt, err := sender.Find(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, message.Reference, receipt.Reference)
	require.Equal(t, adapters.Sent, receipt.Status)
	require.Equal(t, "It's time", receipt.Text)
}

func TestFindOnlySaysNotSentWhenItCanTell(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	wrong := config(server)
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 100 * 24 * time.Hour} {
		wrong.Now = func() time.Time { return now().Add(ahead) } // Notify's clock decides, not this process's
		sender, err := govuknotify.New(wrong)
		require.NoError(t, err)
		onlySaysNotSentWhenItCanTell(t, server, sender)
	}
}

func onlySaysNotSentWhenItCanTell(t *testing.T, server *notify, sender *govuknotify.Sender) {
	t.Helper()
	for _, c := range []struct {
		name           string
		first, unclear time.Duration // before now; 0: not set
		want           error
	}{
		{"still on its way", 30 * time.Second, 0, nil},
		{"surely not there", 2 * time.Minute, 0, adapters.ErrNotSent},
		{"a later attempt is on its way", time.Hour, 30 * time.Second, nil},
		{"a later attempt is not there", 4 * 24 * time.Hour, 2 * time.Minute, adapters.ErrNotSent},
		{"Notify may have forgotten", 4 * 24 * time.Hour, 0, nil},
	} {
		message := text("Hello")
		message.FirstTried = now().Add(-c.first)
		if c.unclear != 0 {
			message.Unclear = now().Add(-c.unclear)
		}
		_, err := sender.Find(t.Context(), message)
		providertest.RequireOnly(t, err, c.want)
		require.Equal(t, c.name == "Notify may have forgotten", errors.Is(err, errors.ErrUnsupported), c.name)
	}
	for _, status := range []int{401, 403, 404, 429, 500, 503} {
		server.refuse(status, "AuthError")
		_, err := sender.Find(t.Context(), text("Hello"))
		providertest.RequireOnly(t, err, nil)
	}
	server.Answer(http.StatusOK, `{}`)
	_, err := sender.Find(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, nil)
}

func TestWithoutAConnectionSendSaysNotSentAndFindDoesNot(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	server.Arrange(adaptertest.Down, nil)
	_, err := sender.Send(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, adapters.ErrNotSent)
	server.Arrange(adaptertest.Down, nil)
	_, err = sender.Find(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, nil)
}

func TestFindTakesTheReferenceAndOfTwoTheBetter(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	message := text("Hello")
	list := func(notifications string) {
		server.Answer(http.StatusOK, `{"notifications":[`+notifications+`]}`, "Date", now().Format(http.TimeFormat))
	}
	one := func(id, reference, status string) string {
		return fmt.Sprintf(`{"id":%q,"reference":%q,"status":%q}`, id, reference, status)
	}
	list(one("n1", message.Reference+"-2", "delivered"))
	_, err := sender.Find(t.Context(), message)
	providertest.RequireOnly(t, err, adapters.ErrNotSent)

	for _, order := range []string{
		one("n1", message.Reference, "permanent-failure") + "," + one("n2", message.Reference, "sending"),
		one("n1", message.Reference, "sending") + "," + one("n2", message.Reference, "delivered"),
		one("n2", message.Reference, "delivered") + "," + one("n1", message.Reference, "permanent-failure"),
	} {
		list(order)
		receipt, err := sender.Find(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, "n2", receipt.ProviderID)
	}
}

func TestFindReadsEveryStatus(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	message := text("Hello")
	_, err := sender.Send(t.Context(), message)
	require.NoError(t, err)
	for status, want := range map[string]adapters.Receipt{
		"created":           {Status: adapters.Sent},
		"sending":           {Status: adapters.Sent},
		"pending":           {Status: adapters.Sent},
		"sent":              {Status: adapters.Sent},
		"something-new":     {Status: adapters.Sent},
		"delivered":         {Status: adapters.Delivered},
		"permanent-failure": {Status: adapters.Failed, Reason: adapters.ErrWrongContact},
		"temporary-failure": {Status: adapters.Failed, Reason: adapters.ErrNotSent},
		"technical-failure": {Status: adapters.Failed, Reason: adapters.ErrNotSent},
	} {
		server.settle(message.Reference, status)
		receipt, err := sender.Find(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, want.Status, receipt.Status, status)
		require.Equal(t, want.Reason, receipt.Reason, status)
		require.Equal(t, time.Date(2026, 3, 4, 15, 20, 0, 0, time.UTC), receipt.At)
	}
}
