package faults

import (
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// counts are what both sides have, and how soon it went on.
type counts struct {
	sends, replies, toSeveral int // acknowledged
	rows                      int // in the tables
	carried                   int // given to carriers
	filed                     int // entries in the record
	unknown                   int // which a person is to look after
	first, settled            time.Duration
}

type row struct {
	ID             uuid.UUID
	Direction      string
	Medium         string
	Body           string
	BroadcastID    *uuid.UUID
	ClientID       string
	DeliveryStatus string
	DeliveryReason string
	RecordStatus   string
	RecordReason   string
}

// compare holds what was acknowledged against the tables, the carriers and the record.
func (s *system) compare(l *load) (c counts) {
	s.t.Helper()
	rows := s.rows()
	c.sends, c.replies, c.rows = len(l.sends), len(l.replies), len(rows)
	texts, ofBroadcast := map[string]int{}, map[string]int{}
	byID := map[string]row{}
	for _, r := range rows {
		byID[r.ID.String()] = r
		if r.BroadcastID != nil {
			ofBroadcast[r.BroadcastID.String()]++
			texts[r.Body+" "+r.ClientID]++
			continue
		}
		texts[r.Body]++
	}
	for id, text := range l.sends {
		require.Equal(s.t, text, byID[id].Body, "acknowledged, and lost")
	}
	for text := range l.replies {
		require.Equal(s.t, 1, texts[text], "acknowledged, and lost: %s", text)
	}
	for id, total := range l.broadcasts {
		require.Equal(s.t, total, ofBroadcast[id], "acknowledged, and lost: of a broadcast")
		c.toSeveral += total
	}
	for text, times := range texts {
		require.Equal(s.t, 1, times, "accepted twice: %s", text)
	}
	require.Len(s.t, rows, c.sends+c.replies+c.toSeveral, "something that nobody was told of")
	s.compareOutside(&c, byID)
	s.verifyHistory()
	return c
}

// rows are all messages.
func (s *system) rows() []row {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.address)
	require.NoError(s.t, err)
	defer func() { _ = conn.Close(s.t.Context()) }()
	found, err := conn.Query(s.t.Context(), `select m.id, direction, medium, body, broadcast_id, c.client_id,
		delivery_status, delivery_reason, record_status, record_reason
		from messenger_messages m join messenger_channels c on c.id = m.channel_id`)
	require.NoError(s.t, err)
	all, err := pgx.CollectRows(found, pgx.RowToStructByPos[row])
	require.NoError(s.t, err)
	return all
}

// compareOutside counts at the carriers and in the record: once each what is said to be sent and filed, and nothing
// that stands in no table. What is unknown, the carrier may have or not.
func (s *system) compareOutside(c *counts, rows map[string]row) {
	s.t.Helper()
	carried, filed := s.carried(), s.record.filed(s.t)
	for _, times := range carried {
		c.carried += times
	}
	for id, times := range carried {
		require.Contains(s.t, rows, id, "carried, and of no message")
		require.Equal(s.t, 1, times, "carried twice")
	}
	for id, times := range filed {
		c.filed += times
		require.Contains(s.t, rows, id, "filed, and of no message")
		require.Equal(s.t, 1, times, "filed twice")
	}
	for id, r := range rows {
		switch {
		case r.Direction == "inbound":
		case r.DeliveryStatus == "unknown" && s.mail != nil && r.Medium == "email":
			c.unknown++ // it can't be asked
			continue
		default:
			require.Equal(s.t, "sent", r.DeliveryStatus, r.DeliveryReason)
			require.Contains(s.t, carried, id, "said to be sent, and was not")
		}
		require.Equal(s.t, "saved", r.RecordStatus, r.RecordReason)
		require.Contains(s.t, filed, id, "said to be filed, and was not")
	}
}

// carried counts what carriers took, by message.
func (s *system) carried() map[string]int {
	s.t.Helper()
	times := map[string]int{}
	s.notify.mu.Lock()
	for reference, n := range s.notify.taken {
		times[reference] += n
	}
	s.notify.mu.Unlock()
	if s.mail != nil {
		var mails []struct {
			MessageID string `json:"messageId"`
		}
		s.mail.Ask("/messages", map[string]any{"port": s.mail.Port}, &mails)
		for _, mail := range mails {
			reference, _, _ := strings.Cut(strings.TrimPrefix(mail.MessageID, "<"), "@")
			times[reference]++
		}
	}
	return times
}

// verifyHistory looks whether each line of the histories is as it was written, none missing, and has its seal: all of
// them, but where the version before wrote some without.
func (s *system) verifyHistory() {
	s.t.Helper()
	pool, err := pgxpool.New(s.t.Context(), s.address)
	require.NoError(s.t, err)
	defer pool.Close()
	config := hosttest.Config(pool, directory(), slog.New(slog.DiscardHandler))
	config.Email = memory.NewSender("none")
	m, err := messenger.New(config)
	require.NoError(s.t, err)
	verified, err := m.VerifyHistory(s.t.Context(), messenger.VerifyParams{SealedSince: s.sealedSince})
	require.NoError(s.t, err)
	require.Empty(s.t, verified.Breaks)
	require.Equal(s.t, clientCount, verified.Channels)
	require.Positive(s.t, verified.Lines)
	before := s.sealedSince.After(time.Unix(0, 0))
	require.Equal(s.t, before, verified.Unsealed > 0, "%d lines without a seal", verified.Unsealed)
}
