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
	var forgotten, record int
	for _, one := range made.Differences {
		var err error
		switch one.Why { //nolint:exhaustive // of the others a receipt tells, or nobody
		case DiffersForgotten:
			forgotten++
			err = m.forgotten(ctx, one.Message)
		case DiffersArrived:
			err = m.wentOut(ctx, one.Message)
		case DiffersUnfiled, DiffersTwice:
			record++
			err = m.recordDiffers(ctx, one)
		}
		if err != nil {
			return err
		}
	}
	if len(made.Differences) > 0 {
		m.config.Logger.ErrorContext(ctx,
			"messenger: what went out and what a provider or the record has differ: see Reconciliations",
			"organisation", made.Organisation, "differences", len(made.Differences), "forgotten", forgotten, "record", record)
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
	return m.reconciling(ctx, id, func(ctx context.Context, t tx, channel rows.Channel, row rows.Message) error {
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("delivery_status = ?", rows.V(DeliveryUnknown)).
			Where("id = ? AND delivery_status = ?", rows.V(id), rows.V(DeliverySent)))
		if err != nil || n == 0 {
			return err
		}
		return m.markFailed(ctx, t, channel, row, ending{DeliveryUnknown, ReasonForgotten})
	})
}

// wentOut has a cancelled message that the provider sent all the same ask for a person. Who dealt with it is not asked
// again by the next night, which finds it too.
func (m *Messenger) wentOut(ctx context.Context, id uuid.UUID) error {
	return m.reconciling(ctx, id, func(ctx context.Context, t tx, channel rows.Channel, _ rows.Message) error {
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("delivery_attention = ?", rows.V(AttentionDeliveryUnknown)).
			Where("id = ? AND delivery_status = ? AND delivery_attention IS NULL", rows.V(id), rows.V(DeliveryCancelled)).
			Where(`NOT EXISTS (SELECT FROM messenger_history AS h
				WHERE h.channel_id = m.channel_id AND h.message_id = m.id AND h.action = ?)`, rows.V(ActionResolved)))
		if err != nil || n == 0 {
			return err
		}
		return m.tell(ctx, t, string(AttentionDeliveryUnknown), channel.ID, id)
	})
}

// reconciling has what is done about a message done with its channel locked. A message that is gone is none.
func (m *Messenger) reconciling(
	ctx context.Context, id uuid.UUID, do func(context.Context, tx, rows.Channel, rows.Message) error,
) error {
	var channel rows.Channel
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := readMessage(ctx, t, id)
		if err != nil {
			return err
		}
		if channel, err = lockChannel(ctx, t, row.ChannelID); err != nil {
			return err
		}
		return do(ctx, t, channel, row)
	})
	if err == nil {
		m.changes.add(channel, id)
	}
	return unlessGone(err)
}

// unlessGone is err but of a row that is gone, which is none.
func unlessGone(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
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

// nightly is how what went out stands against what the providers and the record have, by the newest result of each
// organisation.
type nightly struct {
	unseen  int                       // differences that ask for nobody in a channel
	failed  []adapters.OrganisationID // of which some provider, or the record, could not be asked
	missing []adapters.OrganisationID // that have no result of the last night, nor of this one
}

const (
	// nightLate is how old the newest result may be, and nightBegins how young an organisation that has none.
	nightLate   = 28 * time.Hour
	nightBegins = 3 * time.Hour
)

func (m *Messenger) nightly(ctx context.Context) (found nightly, err error) {
	type newest struct {
		OrganisationID adapters.OrganisationID
		At             *time.Time
		Result         *string
	}
	now := m.now(ctx)
	list, err := rows.List[newest](ctx, m.db(), rows.Raw(`select o.organisation_id, r.at, r.result
		from (select distinct organisation_id from messenger_inboxes) o
		left join lateral (select at, result from messenger_reconciliations
			where organisation_id = o.organisation_id order by at desc limit 1) r on true
		where r.at is not null or exists (select from messenger_channels c
				where c.organisation_id = o.organisation_id and c.created_at < ?)
			and exists (select from messenger_migrations where name = '20261101000053' and migrated_at < ?)
		order by o.organisation_id`, rows.V(now.Add(-nightBegins)), rows.V(now.Add(-nightBegins))))
	for _, one := range list {
		if one.At == nil || now.Sub(*one.At) > nightLate {
			found.missing = append(found.missing, one.OrganisationID)
			continue
		}
		var made Reconciled
		if json.Unmarshal([]byte(*one.Result), &made) != nil || len(made.Failed) > 0 || made.RecordFailed {
			found.failed = append(found.failed, one.OrganisationID)
		}
		for _, difference := range made.Differences {
			if difference.Unseen {
				found.unseen++
			}
		}
	}
	return found, err
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
			where r.organisation_id = c.organisation_id and r.at >= ? and r.result not like '%"failed":[%'
				and r.result not like '%"record_failed":true%')`, rows.V(night)))
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
