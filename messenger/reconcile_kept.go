package messenger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const (
	reconcileAt  = 2 * time.Hour      // of the day, UTC: providers and people are at rest
	reconcileFor = 2 * 24 * time.Hour // two nights look at each message
)

// Night is the night whose result this is: when it began, UTC.
func (r Reconciled) Night() time.Time {
	return r.At.UTC().Add(-reconcileAt).Truncate(24 * time.Hour).Add(reconcileAt)
}

// keepReconciled keeps a result, and has what differs be attention.
func (m *Messenger) keepReconciled(ctx context.Context, made Reconciled, follow []jobs.ApplyReceipt) error {
	text, err := json.Marshal(made)
	if err != nil {
		return err
	}
	var forgotten int
	for _, one := range made.Differences {
		if one.Why != DiffersForgotten {
			continue
		}
		forgotten++
		if err := m.forgotten(ctx, one.Message); err != nil {
			return err
		}
	}
	if len(made.Differences) > 0 {
		m.config.Logger.ErrorContext(ctx, "messenger: what went out and what a provider has differ: see Reconciliations",
			"organisation", made.Organisation, "differences", len(made.Differences), "forgotten", forgotten)
	}
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		kept := rows.Reconciliation{OrganisationID: made.Organisation, At: made.At, Result: string(text)}
		if _, err := rows.Exec(ctx, t, rows.Insert(&kept)); err != nil {
			return err
		}
		for _, receipt := range follow {
			if err := t.enqueue(ctx, receipt); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgotten has a message that went out, by our word alone, stand as unknown.
func (m *Messenger) forgotten(ctx context.Context, id uuid.UUID) error {
	var channel rows.Channel
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := readMessage(ctx, t, id)
		if err != nil {
			return err
		}
		if channel, err = lockChannel(ctx, t, row.ChannelID); err != nil {
			return err
		}
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("delivery_status = ?", rows.V(DeliveryUnknown)).
			Where("id = ? AND delivery_status = ?", rows.V(id), rows.V(DeliverySent)))
		if err != nil || n == 0 {
			return err
		}
		return m.markFailed(ctx, t, channel, row, ending{DeliveryUnknown, ReasonForgotten})
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		m.changes.add(channel, id)
	}
	return err
}

// Reconciliations are the results that were kept of an organisation since a time, the newest first. Whether one is as
// it was made says ReconciledIsOurs; one that can't be read at all is an error. It is for operators and asks nobody who
// they are.
func (m *Messenger) Reconciliations(
	ctx context.Context, organisation adapters.OrganisationID, since time.Time,
) ([]Reconciled, error) {
	kept, err := rows.List[rows.Reconciliation](ctx, m.db(), rows.Select[rows.Reconciliation]().
		Where("c.organisation_id = ? AND c.at >= ?", rows.V(organisation), rows.V(since)).OrderExpr("c.at DESC"))
	if err != nil {
		return nil, fmt.Errorf("messenger: read what was reconciled: %w", err)
	}
	list := make([]Reconciled, len(kept))
	for i, one := range kept {
		if err := json.Unmarshal([]byte(one.Result), &list[i]); err != nil {
			return nil, fmt.Errorf("messenger: what was reconciled at %s can't be read", one.At.UTC().Format(time.RFC3339))
		}
	}
	return list, nil
}

// Reconcile is a job. Without an organisation it orders one for each that this night's result is still due of.
func (m worker) Reconcile(ctx context.Context, organisation string, _ int) error {
	now := m.now(ctx)
	if organisation != "" {
		_, err := m.Messenger.Reconcile(ctx, adapters.OrganisationID(organisation), now.Add(-reconcileFor))
		return err
	}
	night := Reconciled{At: now}.Night()
	due, err := rows.List[string](ctx, m.db(), rows.Raw(`select distinct c.organisation_id from messenger_inboxes c
		where not exists (select from messenger_reconciliations r
			where r.organisation_id = c.organisation_id and r.at >= ?)`, rows.V(night)))
	if err != nil || len(due) == 0 {
		return err
	}
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		for _, organisation := range due {
			if err := t.enqueue(ctx, jobs.Reconcile{Organisation: organisation}); err != nil {
				return err
			}
		}
		return nil
	})
}
