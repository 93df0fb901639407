package smtp_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS, Auth: []string{"PLAIN"}, User: user, Password: password})
	config := server.config(t)
	config.Username, config.Password, config.Connections, config.MessagesPerConnection = user, password, 2, 20
	sender := newSender(t, config)
	const messages = 40
	var wait sync.WaitGroup
	errs := make([]error, messages)
	for i := range messages {
		wait.Go(func() {
			sent := message()
			for errs[i] = adapters.ErrBusy; errors.Is(errs[i], adapters.ErrBusy); {
				_, errs[i] = sender.Send(t.Context(), sent)
			}
		})
	}
	wait.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, server.messages(t, ""), messages)
	require.LessOrEqual(t, server.connections(t), 4)
	require.GreaterOrEqual(t, server.connections(t), 2, "none carries more than 20")
}

func TestConnectionThatTheServerGaveUp(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	proxy := listen(t, server.port)
	config := server.config(t)
	config.Port = proxy.port
	sender := newSender(t, config)
	_, err := sender.Send(t.Context(), message())
	require.NoError(t, err)
	proxy.cut()
	sent := message()
	_, err = sender.Send(t.Context(), sent)
	require.NoError(t, err, "nothing was sent on the old connection, so a new one is tried")
	require.Len(t, server.messages(t, sent.Reference), 1)
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	for _, mode := range []smtp.TLS{smtp.NoTLS, smtp.Implicit} {
		config := (&server{TLS: mode, port: listener.Addr().(*net.TCPAddr).Port}).config(t)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		begun := time.Now()
		_, err = newSender(t, config).Send(ctx, message())
		cancel()
		require.ErrorIs(t, err, adapters.ErrNotSent, "it never said a word, so it took nothing")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, time.Since(begun), 5*time.Second)
	}
}

func TestPlacesAreKept(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	config := server.config(t)
	config.Connections = 1
	sender := newSender(t, config)
	for _, to := range []string{
		"silent-before@example.org", "silent-after@example.org", "drop-after@example.org", "rcpt-550@example.org",
	} {
		sent := message()
		sent.To = to
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := sender.Send(ctx, sent)
		cancel()
		require.Error(t, err)
	}
	_, err := sender.Send(t.Context(), message())
	require.NoError(t, err, "the only place is free again after each failure")
	require.NoError(t, sender.Close())
	_, err = sender.Send(t.Context(), message())
	require.NoError(t, err)
}

func TestPlacesAreKeptWhenNothingListens(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config := (&server{TLS: smtp.StartTLS, port: listener.Addr().(*net.TCPAddr).Port}).config(t)
	require.NoError(t, listener.Close())
	config.Connections = 1
	sender := newSender(t, config)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range 3 {
		_, err = sender.Send(ctx, message())
		require.ErrorIs(t, err, adapters.ErrNotSent)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "the place of a connection that failed is free again")
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	proxy := listen(t, server.port)
	config := server.config(t)
	config.Port, config.Idle = proxy.port, 20*time.Millisecond
	_, err := newSender(t, config).Send(t.Context(), message())
	require.NoError(t, err)
	require.Eventually(t, func() bool { return proxy.open() == 0 }, 20*time.Second, 5*time.Millisecond)
}
