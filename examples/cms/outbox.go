package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
)

// outbox is adapters.Sender: the stand-in for a carrier, which keeps what it is handed in a table that the outbox page
// shows. It drops repeats of a reference, and can be asked.
type outbox struct{ db querier }

// Send keeps the message. The addresses that doc.go names are refused, as a provider refuses what it cannot reach.
func (o outbox) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if refused(message.To) {
		return adapters.Receipt{}, adapters.ErrWrongContact
	}
	_, err := o.db.Exec(ctx, `insert into cms_outbox
		(reference, message_id, organisation_id, medium, to_address, subject, body, html, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, now())
		on conflict (reference) do update set attempts = cms_outbox.attempts + 1`,
		message.Reference, message.MessageID, message.Organisation, message.Medium, message.To, message.Subject, message.Text,
		htmlOf(message))
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("cms: outbox: %w", atFault(err))
	}
	return receipt(message), nil
}

// Find looks a message up. One that is not there can be sent without fear: a repeat would be dropped.
func (o outbox) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	var there bool
	err := o.db.QueryRow(ctx, `select exists (select from cms_outbox where reference = $1 and organisation_id = $2)`,
		message.Reference, message.Organisation).Scan(&there)
	switch {
	case err != nil:
		return adapters.Receipt{}, fmt.Errorf("cms: outbox: %w", atFault(err))
	case !there:
		return adapters.Receipt{}, adapters.ErrNotSent
	default:
		return receipt(message), nil
	}
}

const viaOutbox = "outbox"

func receipt(message adapters.Outgoing) adapters.Receipt {
	return adapters.Receipt{Reference: message.Reference, ProviderID: "outbox-" + message.Reference, Via: viaOutbox}
}

func refused(to string) bool { return strings.HasSuffix(to, refusedDomain) || to == refusedPhone }

// copied is adapters.Sender, Finder and Lister over what the environment names: real providers, and a copy for the
// outbox page.
type copied struct {
	*routing.Sender
	copies outbox
	logger *slog.Logger
}

// Send answers what the provider said. A copy that could not be kept is no reason to send again.
func (c copied) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if refused(message.To) {
		return adapters.Receipt{}, adapters.ErrWrongContact
	}
	taken, err := c.Sender.Send(ctx, message)
	if err != nil {
		return taken, fmt.Errorf("cms: %w", err)
	}
	if taken.Via == viaOutbox { // it is there
		return taken, nil
	}
	if _, err := c.copies.Send(context.WithoutCancel(ctx), message); err != nil {
		c.logger.WarnContext(ctx, "no copy in the outbox", "message", message.MessageID, "error", err)
	}
	return taken, nil
}

// sentItem is one row of the outbox page.
type sentItem struct {
	MessageID uuid.UUID `json:"message_id"`
	Medium    string    `json:"medium"`
	To        string    `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	At        time.Time `json:"at"`
	Attempts  int       `json:"attempts"`
}

// items returns what was delivered in an organisation, newest first; a limit of 0 is all.
func (o outbox) items(ctx context.Context, organisation adapters.OrganisationID, limit int) ([]sentItem, error) {
	rows, err := o.db.Query(ctx, `select message_id, medium, to_address, subject, body, html, at, attempts
		from cms_outbox where organisation_id = $1 order by at desc, position desc limit nullif($2, 0)`, organisation, limit)
	if err != nil {
		return nil, fmt.Errorf("cms: outbox: %w", err)
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sentItem])
	if err != nil {
		return nil, fmt.Errorf("cms: outbox: %w", err)
	}
	for i := range items {
		items[i].At = items[i].At.UTC()
	}
	return items, nil
}
