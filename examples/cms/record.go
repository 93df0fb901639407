package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// record is adapters.Record: the stand-in for a clinical record. An entry's key is its primary key, so that a second
// write changes nothing but the count of attempts.
type record struct{ db querier }

// Write files an entry. A client whom the record does not know is adapters.ErrNotFound.
func (r record) Write(ctx context.Context, e adapters.Entry) (adapters.Filed, error) {
	return r.filed(ctx, `insert into cms_record (message_id, organisation_id, client_id, nhs_number, direction, medium,
			author_kind, author_id, author_name, subject, body, status, reason, online_viewing, at, delivered_at)
		select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
		where not exists (select from cms_clients where id = $3 and organisation_id = $2 and not in_record)
		on conflict (message_id) do update set attempts = cms_record.attempts + 1
		returning position, version`, arguments(e)...)
}

// Amend replaces what stands there, once: the same entry again makes no new version.
func (r record) Amend(ctx context.Context, _ adapters.Filed, e adapters.Entry) (adapters.Filed, error) {
	return r.filed(ctx, `with changed as (
		update cms_record set nhs_number = $4, direction = $5, medium = $6, author_kind = $7, author_id = $8,
			author_name = $9, subject = $10, body = $11, status = $12, reason = $13, online_viewing = $14,
			at = $15, delivered_at = $16,
			version = version + 1
		where message_id = $1 and organisation_id = $2 and client_id = $3
			and (nhs_number, direction, medium, author_kind, author_id, author_name, subject, body, status, reason,
				online_viewing, at, delivered_at)
			is distinct from ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::boolean, $15::timestamptz, $16::timestamptz)
		returning position, version)
		select position, version from changed
		union all
		select position, version from cms_record where message_id = $1 and organisation_id = $2 and client_id = $3
			and not exists (select from changed)`, arguments(e)...)
}

// Entries is adapters.RecordLister. The key is the table's, so that none stands there twice.
func (r record) Entries(
	ctx context.Context, organisation adapters.OrganisationID, keys []uuid.UUID,
) ([]uuid.UUID, error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.String()
	}
	rows, err := r.db.Query(ctx, `select message_id from cms_record
		where organisation_id = $1 and message_id = any($2::text[]::uuid[])`, organisation, ids)
	if err != nil {
		return nil, fmt.Errorf("cms: record: %w", atFault(err))
	}
	held, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("cms: record: %w", atFault(err))
	}
	return held, nil
}

func arguments(e adapters.Entry) []any {
	var deliveredAt *time.Time
	if !e.DeliveredAt.IsZero() {
		deliveredAt = &e.DeliveredAt
	}
	return []any{
		e.Key, e.Organisation, e.Client, e.NHSNumber, e.Direction, e.Medium, e.Author.Kind, e.Author.ID, e.Author.Name,
		e.Subject, e.Text, e.Status, e.Reason, e.OnlineViewing, e.At, deliveredAt,
	}
}

func (r record) filed(ctx context.Context, sql string, args ...any) (adapters.Filed, error) {
	var position int64
	var version int
	err := r.db.QueryRow(ctx, sql, args...).Scan(&position, &version)
	if errors.Is(err, pgx.ErrNoRows) {
		return adapters.Filed{}, adapters.ErrNotFound
	}
	if err != nil {
		return adapters.Filed{}, fmt.Errorf("cms: record: %w", atFault(err))
	}
	return adapters.Filed{Reference: fmt.Sprintf("R-%06d", position), Version: strconv.Itoa(version)}, nil
}

// recordItem is one row of the record page.
type recordItem struct {
	MessageID uuid.UUID        `json:"message_id"`
	ClientID  string           `json:"client_id"`
	NHSNumber string           `json:"nhs_number"`
	Direction string           `json:"direction"`
	Author    recordItemAuthor `json:"author"`
	Text      string           `json:"text"`
	At        time.Time        `json:"at"`
	Attempts  int              `json:"attempts"`

	Medium, Subject, Status, Reference, ClientName string `json:"-"`
}

type recordItemAuthor struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// items returns what stands in an organisation's record, newest first; a limit of 0 is all.
func (r record) items(ctx context.Context, organisation adapters.OrganisationID, limit int) ([]recordItem, error) {
	rows, err := r.db.Query(ctx, `
		select message_id, client_id, r.nhs_number, direction, author_kind, author_id, author_name, body, at,
			attempts, medium, subject, status, 'R-' || lpad(r.position::text, 6, '0'), coalesce(c.name, '')
		from cms_record r left join cms_clients c on c.id = client_id
		where r.organisation_id = $1 order by r.at desc, r.position desc limit nullif($2, 0)`, organisation, limit)
	if err != nil {
		return nil, fmt.Errorf("cms: record: %w", err)
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i recordItem, err error) {
		err = row.Scan(&i.MessageID, &i.ClientID, &i.NHSNumber, &i.Direction, &i.Author.Kind, &i.Author.ID, &i.Author.Name,
			&i.Text,
			&i.At, &i.Attempts, &i.Medium, &i.Subject, &i.Status, &i.Reference, &i.ClientName)
		i.At, i.NHSNumber = i.At.UTC(), spaced(i.NHSNumber)
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("cms: record: %w", err)
	}
	return items, nil
}

// spaced writes an NHS number the way the NHS asks for it to be shown, 3 3 4 (NHS design system, NHS number).
func spaced(number string) string {
	if len(number) != 10 {
		return number
	}
	return number[:3] + " " + number[3:6] + " " + number[6:]
}
