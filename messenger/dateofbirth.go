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
	wrongDates    = 5 // wrong ones close reading for as long as readingLocked, and twice as long the next time
	readingLocked = time.Hour
	longestLocked = 24 * time.Hour
	// MostWrongDates at the links of a client close reading until the link is made anew: with the year known, a date is
	// one of 365.
	MostWrongDates = 15
)

// lockedFor is how long the wrong dates at a client's links, so many in the links' lives, close reading. For good is
// longer than any link is kept.
func lockedFor(ever int) time.Duration {
	if ever >= MostWrongDates {
		return 100 * 365 * 24 * time.Hour
	}
	return min(readingLocked<<max(0, ever/wrongDates-1), longestLocked)
}

// DateOfBirth is what a visitor typed: digits of any script, a day also as an ordinal, a month also by its name in the
// page's language or in English, in full or short.
type DateOfBirth struct{ Day, Month, Year string }

func (d DateOfBirth) blank() bool { return blank(d.Day) && blank(d.Month) && blank(d.Year) }

func (m *Messenger) locked(channel rows.Channel) bool { return isLocked(channel, m.clock.now()) }

func isLocked(channel rows.Channel, now time.Time) bool {
	return now.Before(value(channel.LockedUntil))
}

// ProveDateOfBirth opens reading to a visitor who knows the client's date of birth, and returns the proof that
// ReplyPage and Reply accept for the next half an hour. A wrong or incomplete date is CodeInvalid. Five wrong ones
// close reading for an hour, whoever asks, and tell the staff member; the next time for two, doubling to a day. With
// MostWrongDates in a link's life it is closed until RenewLink. Those at other links of the same client count with
// them: who has several has no more guesses. Errors: CodeNotFound, CodeInvalid, CodeUnavailable.
func (m *Messenger) ProveDateOfBirth(ctx context.Context, token string, date DateOfBirth) (proof string, err error) {
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return "", err
	}
	return m.prove(ctx, channel.Channel, organisation, date)
}

func (m *Messenger) prove(
	ctx context.Context, channel rows.Channel, organisation adapters.Organisation, date DateOfBirth,
) (string, error) {
	wrong := invalid("day", "Check your date of birth and try again.")
	typed, ok := date.parse(Words(organisation))
	asks, err := asksDateOfBirth(ctx, m.db(), organisation, channel.ID)
	if err != nil {
		return "", err
	}
	if !asks || !ok || m.locked(channel) {
		return "", wrong
	}
	client, err := m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil {
		return "", err
	}
	right := client.DateOfBirth != "" && hmac.Equal([]byte(typed), []byte(client.DateOfBirth))
	locked := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		locked = false
		if right {
			right, err = openReading(ctx, t, channel.ID)
			return err
		}
		locked, err = noteWrongDate(ctx, t, channel)
		if err == nil && locked {
			err = m.tell(ctx, t, string(AttentionLinkLocked), channel.ID, uuid.Nil)
		}
		return err
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
	return m.links.NewProof(channel.LinkLookup, m.now(ctx).Add(ProofLasts)), nil
}

// openReading forgets the wrong dates since the last right one. It is not so of a link that is locked by now: guesses
// at the same moment don't get past the fifth.
func openReading(ctx context.Context, t tx, channel uuid.UUID) (bool, error) {
	row, err := lockChannel(ctx, t, channel)
	if err != nil || isLocked(row, t.now) {
		return false, err
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.Channel]().Set("wrong_dates = 0, locked_until = NULL").
		Where("id = ?", rows.V(row.ID)))
	return err == nil, err
}

// noteWrongDate counts a wrong date at a link, with those at the client's other links, and says whether it closed
// reading.
func noteWrongDate(ctx context.Context, t tx, channel rows.Channel) (bool, error) {
	// guesses at the same moment follow one another, at whichever of the links
	if err := lockKey(ctx, t, "date of birth "+string(channel.OrganisationID)+" "+string(channel.ClientID)); err != nil {
		return false, err
	}
	row, err := lockChannel(ctx, t, channel.ID)
	if err != nil || isLocked(row, t.now) {
		return false, err
	}
	ever, err := rows.One[int](ctx, t, rows.Select[rows.WholeChannel]().
		ColumnExpr("coalesce(sum(wrong_dates_ever), 0) + 1").
		Where("c.organisation_id = ? AND c.client_id = ?", rows.V(channel.OrganisationID), rows.V(channel.ClientID)).
		Where("c.moved_to IS NULL"))
	if err != nil {
		return false, err
	}
	forGood := ever >= MostWrongDates
	if !forGood && row.WrongDates+1 < wrongDates {
		_, err = rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().
			Set("wrong_dates = wrong_dates + 1, wrong_dates_ever = wrong_dates_ever + 1").Where("id = ?", rows.V(row.ID)))
		return false, err
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().
		Set("wrong_dates = 0, locked_until = ?, link_locked = TRUE", rows.V(t.now.Add(lockedFor(ever)))).
		// closed for good it says so, whichever of the links the others were at
		Set("wrong_dates_ever = greatest(wrong_dates_ever + 1, CASE WHEN ? THEN ? ELSE 0 END)",
			rows.V(forGood), rows.V(MostWrongDates)).
		Where("id = ?", rows.V(row.ID)))
	return err == nil, err
}
