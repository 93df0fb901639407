package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// seedLock lets one web process at a time seed; the others wait and find it done.
const seedLock = migrationLock + 1

// seed fills a new database with conversations, through the methods that staff and clients use. Every call carries a
// key, so that a process killed half-way goes on where it stopped; a database that has been seeded is left alone.
//
// It returns when the workers have delivered and filed what they could, or make no progress any more: in a web process
// there may be none yet.
func (h *host) seed(ctx context.Context) error {
	return exclusively(ctx, h.pool, seedLock, func() error {
		var done bool
		if err := h.pool.QueryRow(ctx,
			`select exists (select from cms_seeded where step = 'conversations')`).Scan(&done); err != nil || done {
			return err //nolint:wrapcheck // newHost has used the table
		}
		s := seeder{host: h, people: map[string]context.Context{}}
		defer s.signOut()
		if err := s.templates(ctx); err != nil {
			return fmt.Errorf("cms: seed: %w", err)
		}
		// the long one first: it is not what is new
		for _, c := range append([]conversation{longThread()}, conversations()...) {
			if err := s.play(ctx, c); err != nil {
				return fmt.Errorf("cms: seed: %w", err)
			}
		}
		if err := s.leaveAndCover(ctx); err != nil {
			return fmt.Errorf("cms: seed: %w", err)
		}
		if err := s.settle(ctx); err != nil {
			return fmt.Errorf("cms: seed: %w", err)
		}
		_, err := h.pool.Exec(ctx, `insert into cms_seeded values ('conversations')`)
		return err //nolint:wrapcheck // as above
	})
}

type seeder struct {
	*host
	people map[string]context.Context // signed in
	filed  int                        // what the record will hold
}

// as signs a staff member in, once.
func (s *seeder) as(ctx context.Context, staff string) (context.Context, error) {
	if signedIn, ok := s.people[staff]; ok {
		return signedIn, nil
	}
	secret, err := s.staff.signIn(ctx, staff)
	if err != nil {
		return nil, err
	}
	s.people[staff] = withSession(ctx, secret)
	return s.people[staff], nil
}

func (s *seeder) signOut() {
	for _, ctx := range s.people {
		if err := s.staff.signOut(context.WithoutCancel(ctx)); err != nil {
			s.logger.Warn("seed: sign out", "error", err)
		}
	}
}

// play writes one conversation from its first turn to its last, and leaves the channel as it is to stand.
func (s *seeder) play(ctx context.Context, c conversation) error {
	ctx, err := s.as(ctx, c.staff)
	if err != nil {
		return err
	}
	var channel, last uuid.UUID
	var token string
	replies := 0
	for i, turn := range c.turns {
		key := fmt.Sprintf("seed-%s-%s-%d", c.staff, c.client, i)
		if turn.fromClient {
			last, err = s.reply(ctx, token, c.client, key, turn.text)
			replies++
		} else {
			var sent messenger.Sent
			sent, err = s.messenger.Send(ctx, messenger.SendParams{
				Client: c.client, Medium: turn.medium, Subject: turn.subject, Body: turn.text, Key: key,
			})
			channel = sent.Channel.ID
		}
		if err != nil {
			return err
		}
		if token == "" {
			if token, err = s.token(ctx, channel); err != nil {
				return err
			}
		}
		if replies == messenger.MostReplies/2 { // a link takes so many an hour: who tries the demonstration needs some too
			if _, err := s.messenger.RenewLink(ctx, channel); err != nil {
				return err //nolint:wrapcheck // seed wraps
			}
			if token, err = s.token(ctx, channel); err != nil {
				return err
			}
			replies = 0
		}
		s.filed++
	}
	return s.leave(ctx, channel, last, c.end)
}

// token reads the reply link of a channel as its owner may.
func (s *seeder) token(ctx context.Context, channel uuid.UUID) (string, error) {
	opened, err := s.messenger.Channel(ctx, channel)
	if err != nil {
		return "", err //nolint:wrapcheck // seed wraps
	}
	return opened.ReplyLink[strings.LastIndexByte(opened.ReplyLink, '/')+1:], nil
}

// reply answers as the client does: without a session, by the link alone. Where the date of birth is asked, the client
// knows it.
func (s *seeder) reply(
	ctx context.Context, token string, client adapters.ClientID, key, text string,
) (uuid.UUID, error) {
	ctx = context.WithValue(ctx, sessionKey{}, nil)
	reply := messenger.ReplyParams{Text: text, FormKey: uuid.NewSHA1(uuid.NameSpaceOID, []byte(key)).String()}
	if s.organisations.checkDateOfBirth {
		var year, month, day string
		if err := s.pool.QueryRow(ctx, `
			select to_char(date_of_birth, 'YYYY'), to_char(date_of_birth, 'MM'), to_char(date_of_birth, 'DD')
			from cms_clients where id = $1`, client).Scan(&year, &month, &day); err != nil {
			return uuid.Nil, fmt.Errorf("date of birth: %w", err)
		}
		reply.DateOfBirth = messenger.DateOfBirth{Day: day, Month: month, Year: year}
	}
	receipt, _, err := s.messenger.Reply(ctx, token, reply)
	return receipt.ID, err //nolint:wrapcheck // seed wraps
}

// leaveAndCover has Gil be away, and Hana leave with a text that was to go out tomorrow. Doing so twice changes
// nothing.
func (s *seeder) leaveAndCover(ctx context.Context) error {
	gil, err := s.as(ctx, "gil")
	if err != nil {
		return err
	}
	now := s.messenger.Now(ctx)
	away := messenger.AbsenceParams{From: now, Cover: "ben", Note: "Back on Monday week."}
	_, err = s.messenger.SetAbsence(gil, "gil", away)
	if err != nil {
		return err //nolint:wrapcheck // seed wraps
	}
	var left bool
	if err := s.pool.QueryRow(ctx, `select left_at is not null from cms_staff where id = 'hana'`).Scan(&left); err != nil {
		return fmt.Errorf("who left: %w", err)
	}
	if !left {
		hana, err := s.as(ctx, "hana")
		if err != nil {
			return err
		}
		_, err = s.messenger.Send(hana, messenger.SendParams{
			Client: "c-1026", Medium: adapters.SMS, Body: "A reminder of our talk at ten, {{first_name}}.",
			Key: "seed-hana-later", SendAfter: now.Add(24 * time.Hour),
		})
		if err != nil {
			return err //nolint:wrapcheck // seed wraps
		}
	}
	return s.staffLeft(ctx, "north", "hana", "")
}

// leave brings a channel to where it is to stand. Doing so twice changes nothing.
func (s *seeder) leave(ctx context.Context, channel, lastReply uuid.UUID, end messenger.Status) error {
	if end == messenger.Unread {
		return nil
	}
	if lastReply != uuid.Nil {
		if err := s.messenger.Read(ctx, channel, lastReply, false); err != nil {
			return err //nolint:wrapcheck // seed wraps
		}
	}
	if end == messenger.Open {
		return nil
	}
	_, err := s.messenger.SetStatus(ctx, channel, end, lastReply)
	return err //nolint:wrapcheck // seed wraps
}

// settle waits while the workers make progress with what was seeded: all but the one refused address and the one
// unknown client ends in the record.
func (s *seeder) settle(ctx context.Context) error {
	const patience = 5 * time.Second
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	seen, stuck := -1, time.NewTimer(patience)
	defer stuck.Stop()
	for {
		amira, err := s.as(ctx, "amira")
		if err != nil {
			return err
		}
		me, err := s.messenger.Me(amira)
		if err != nil {
			return err //nolint:wrapcheck // seed wraps
		}
		var sent, filed int
		if err := s.pool.QueryRow(ctx,
			`select (select count(*) from cms_outbox), (select count(*) from cms_record)`).Scan(&sent, &filed); err != nil {
			return fmt.Errorf("progress: %w", err)
		}
		if me.AttentionCount >= 2 && filed >= s.filed-2 {
			return nil
		}
		if sent+filed > seen {
			seen = sent + filed
			stuck.Reset(patience)
		}
		select {
		case <-stuck.C:
			s.logger.InfoContext(ctx, "seeded; no worker has dealt with all of it yet")
			return nil
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // seed wraps
		case <-tick.C:
		}
	}
}
