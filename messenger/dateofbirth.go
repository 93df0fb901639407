package messenger

import (
	"context"
	"crypto/hmac"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const (
	wrongDates    = 5 // wrong ones close reading for as long as readingLocked
	readingLocked = time.Hour
)

// DateOfBirth is what a visitor typed: digits of any script, a day also as an ordinal, a month also by its name in the
// page's language or in English, in full or short.
type DateOfBirth struct{ Day, Month, Year string }

func (d DateOfBirth) blank() bool { return blank(d.Day) && blank(d.Month) && blank(d.Year) }

func (m *Messenger) locked(channel rows.Channel) bool {
	return m.now().Before(value(channel.LockedUntil))
}

// ProveDateOfBirth opens reading to a visitor who knows the client's date of birth, and returns the proof that
// ReplyPage and Reply accept for the next half an hour. A wrong or incomplete date is CodeInvalid. Five wrong ones
// close reading for an hour, whoever asks, and tell the staff member. Errors: CodeNotFound, CodeInvalid,
// CodeUnavailable.
func (m *Messenger) ProveDateOfBirth(ctx context.Context, token string, date DateOfBirth) (proof string, err error) {
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return "", err
	}
	return m.prove(ctx, channel, organisation, date)
}

func (m *Messenger) prove(
	ctx context.Context, channel rows.Channel, organisation adapters.Organisation, date DateOfBirth,
) (string, error) {
	wrong := invalid("day", "Check your date of birth and try again.")
	typed, ok := date.parse(Words(organisation))
	if !organisation.CheckDateOfBirth || !ok || m.locked(channel) {
		return "", wrong
	}
	client, err := m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil {
		return "", err
	}
	right := client.DateOfBirth != "" && hmac.Equal([]byte(typed), []byte(client.DateOfBirth))
	locked := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel.ID)
		if err != nil {
			return err
		}
		if m.locked(row) { // guesses at the same moment don't get past the fifth
			right = false
			return nil
		}
		tries := row.WrongDates + 1
		if right {
			tries = 0
		}
		locked = tries >= wrongDates
		var until *time.Time
		if locked {
			end := t.now.Add(readingLocked)
			until, tries = &end, 0
		}
		_, err = rows.Exec(ctx, t, rows.Update[rows.Channel]().
			Set("wrong_dates = ?, locked_until = ?", rows.V(tries), rows.V(until)).
			Set("link_locked = link_locked OR ?", rows.V(locked)).
			Where("id = ?", rows.V(channel.ID)))
		if err != nil || !locked {
			return err
		}
		return m.tell(ctx, t, string(AttentionLinkLocked), channel.ID, uuid.Nil)
	})
	if err != nil {
		return "", err
	}
	if locked {
		m.changes.add(channel)
	}
	if !right {
		return "", wrong
	}
	return m.links.NewProof(channel.LinkLookup, m.now().Add(ProofLasts)), nil
}
