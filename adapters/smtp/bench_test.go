package smtp_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

// BenchmarkSend measures what keeping connections is worth: TLS and signing in once a message, or once a hundred.
func BenchmarkSend(b *testing.B) {
	for _, messages := range []int{1, 100} {
		b.Run("messages_per_connection="+strconv.Itoa(messages), func(b *testing.B) {
			server := start(b, server{TLS: smtp.StartTLS, Auth: []string{"PLAIN"}, User: user, Password: password})
			config := server.config(b)
			config.Username, config.Password, config.MessagesPerConnection = user, password, messages
			sender := newSender(b, config)
			for b.Loop() {
				_, err := sender.Send(b.Context(), message())
				require.NoError(b, err)
			}
		})
	}
}
