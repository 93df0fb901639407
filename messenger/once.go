package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// once has one thing be made under an Idempotency-Key, however often it is asked for.
type once struct {
	by   adapters.Member
	key  string // as it is kept; empty: each call makes another
	hash []byte // tells two bodies under one key apart
}

// onceUnder is for what somebody asks for, which says what kind of thing that is. What an earlier call made comes with
// it, as an id; zero for nothing.
func (m *Messenger) onceUnder(
	ctx context.Context, by adapters.Member, key string, asked any,
) (under once, made uuid.UUID, err error) {
	if err := checkKey(key); err != nil || key == "" {
		return once{}, uuid.Nil, err
	}
	under = once{by: by, key: keptKey(key), hash: digestOf(asked)}
	first, err := rows.One[rows.MadeOnce](ctx, m.db(), rows.All[rows.MadeOnce]().
		Where("o.organisation_id = ? AND o.staff_id = ?", rows.V(by.Organisation), rows.V(by.ID)).
		Where("o.key = ?", rows.V(under.key)))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return under, uuid.Nil, nil
	case err == nil && !slices.Equal(first.Hash, under.hash):
		err = keyReused()
	}
	return under, first.MadeID, err
}

func checkKey(key string) error {
	if len(key) > MaxKey || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return invalid("Idempotency-Key", "The key is 1 to 255 visible ASCII characters.")
	}
	return nil
}

func digestOf(asked any) []byte {
	raw, err := json.Marshal(asked)
	if err != nil {
		panic(err) // strings, ids and checked times always encode
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}

// keep says in the transaction that makes it what is made. The error is errMoved where another call has made it
// meanwhile.
func (o once) keep(ctx context.Context, t tx, made uuid.UUID) error {
	if o.key == "" {
		return nil
	}
	n, err := rows.Exec(ctx, t, rows.Insert(&rows.MadeOnce{
		OrganisationID: o.by.Organisation, StaffID: o.by.ID, Key: o.key, Hash: o.hash, MadeID: made, At: t.now,
	}).On("CONFLICT DO NOTHING"))
	if err == nil && n == 0 {
		err = errMoved
	}
	return err
}
