package smtp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

func TestNewNamesEverythingWrong(t *testing.T) {
	t.Parallel()
	_, err := smtp.New(smtp.Config{Password: password, TLS: smtp.NoTLS, Host: "mail.example.org"})
	for _, what := range []string{"Domain", "From", "Username", "TLS"} {
		require.ErrorContains(t, err, "Config."+what)
	}
	require.NotContains(t, err.Error(), password)
	_, err = smtp.New(smtp.Config{})
	require.ErrorContains(t, err, "Config.Host")
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	config, err := smtp.ParseURL("smtps://" + user + ":" + password + "@mail.example.org")
	require.NoError(t, err)
	require.Equal(t, password, config.Password)
	config.Domain, config.From = "example.org", smtp.Everyone(smtp.From{Address: "a@example.org"})
	sender := newSender(t, config)
	printed := providertest.RequireNeverPrinted(t, []string{user, password}, sender, config, &config)
	require.Contains(t, printed, "mail.example.org:465")
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]smtp.Config{
		"smtp://mail.example.org": {Host: "mail.example.org", TLS: smtp.StartTLS},
		"smtps://u:p%40ss@mail.example.org:4650": {
			Host: "mail.example.org", Port: 4650, TLS: smtp.Implicit, Username: "u", Password: "p@ss",
		},
		"smtp://127.0.0.1:2525?tls=none": {Host: "127.0.0.1", Port: 2525, TLS: smtp.NoTLS},
	} {
		got, err := smtp.ParseURL(raw)
		require.NoError(t, err)
		require.Equal(t, want.Password, got.Password)
		require.Equal(t, []any{want.Host, want.Port, want.TLS, want.Username},
			[]any{got.Host, got.Port, got.TLS, got.Username})
	}
	for _, raw := range []string{
		"", "mail.example.org:25", "http://u:" + password + "@mail.example.org", "smtp://u:" + password + "@mail:port",
		"smtp://%zz" + password,
	} {
		_, err := smtp.ParseURL(raw)
		require.Error(t, err, raw)
		require.NotContains(t, err.Error(), password)
	}
}
