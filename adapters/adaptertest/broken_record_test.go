package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

// recordBut is a record with a method replaced.
type recordBut struct {
	*memory.Record
	write func(context.Context, *memory.Record, adapters.Entry) (adapters.Filed, error)
	amend func(context.Context, *memory.Record, adapters.Entry) (adapters.Filed, error)
	held  func(held []uuid.UUID, err error) ([]uuid.UUID, error)
}

func (r recordBut) Entries(
	ctx context.Context, organisation adapters.OrganisationID, keys []uuid.UUID,
) ([]uuid.UUID, error) {
	held, err := r.Record.Entries(ctx, organisation, keys)
	if r.held == nil {
		return held, err
	}
	return r.held(held, err)
}

func (r recordBut) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	if r.write == nil {
		return r.Record.Write(ctx, entry)
	}
	return r.write(ctx, r.Record, entry)
}

func (r recordBut) Amend(ctx context.Context, filed adapters.Filed, entry adapters.Entry) (adapters.Filed, error) {
	if r.amend == nil {
		return r.Record.Amend(ctx, filed, entry)
	}
	return r.amend(ctx, r.Record, entry)
}

// copyOf files an entry of the same message once more, under a key of its own.
func copyOf(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
	entry.Key = uuid.New()
	return m.Write(ctx, entry)
}

func brokenRecords() []broken {
	with := func(name, says string, but recordBut) broken {
		return broken{"Record " + name, says, func(t *testing.T) {
			adaptertest.Record(t, recordOf(func(m *memory.Record) adapters.Record {
				replaced := but
				replaced.Record = m
				return replaced
			}))
		}}
	}
	errorsChanged := func(name, says string, change func(entry adapters.Entry, err error) error) broken {
		return with(name, says, recordBut{write: func(
			ctx context.Context, m *memory.Record, entry adapters.Entry,
		) (adapters.Filed, error) {
			filed, err := m.Write(ctx, entry)
			if err != nil {
				err = change(entry, err)
			}
			return filed, err
		}})
	}
	var faulty sync.Map
	var calls meeting
	var writing sync.Mutex
	return []broken{
		with("leaves a goroutine behind", "Write left a goroutine each time", recordBut{write: func(
			ctx context.Context, m *memory.Record, entry adapters.Entry,
		) (adapters.Filed, error) {
			return leaky(ctx, func(ctx context.Context) (adapters.Filed, error) { return m.Write(ctx, entry) })
		}}),
		with("writes twice", "under the same key must change nothing", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				filing, known := m.Filing(entry.Key)
				if !known {
					return m.Write(ctx, entry)
				}
				_, err := copyOf(ctx, m, entry)
				return filing.Filed, err
			},
		}),
		with("replaces on a second write", "under the same key must change nothing", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				filing, known := m.Filing(entry.Key)
				if !known {
					return m.Write(ctx, entry)
				}
				_, err := m.Amend(ctx, filing.Filed, entry)
				return filing.Filed, err
			},
		}),
		with("refuses a second write", "changes nothing and is no error", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				if _, known := m.Filing(entry.Key); known {
					return adapters.Filed{}, errors.New("duplicate key")
				}
				return m.Write(ctx, entry)
			},
		}),
		with("is not safe for concurrent use", "by whoever writes it and however many at once", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				_, known := m.Filing(entry.Key)
				calls.wait()
				writing.Lock()
				defer writing.Unlock()
				if _, written := m.Filing(entry.Key); written && !known {
					return copyOf(ctx, m, entry)
				}
				return m.Write(ctx, entry)
			},
		}),
		with("writes again after a lost answer", "though the first answer was lost", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				filed, err := m.Write(ctx, entry)
				if errors.Is(err, errLost) {
					_, _ = copyOf(ctx, m, entry)
				}
				return filed, err
			},
		}),
		with("cuts the text", "what was sent, to the letter", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				entry.Text = entry.Text[:10]
				return m.Write(ctx, entry)
			},
		}),
		with("ignores its context", "ignores its context", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				return m.Write(context.WithoutCancel(ctx), entry)
			},
		}),
		errorsChanged("calls trouble a refusal",
			"only what can never pass is one of its errors", func(_ adapters.Entry, err error) error {
				if errors.Is(err, adapters.ErrWrongContent) || errors.Is(err, adapters.ErrNotFound) {
					return err
				}
				return adapters.ErrConfiguration
			}),
		errorsChanged("calls a refusal trouble", "stops a Write at once with this error", func(adapters.Entry, error) error {
			return errors.New("try again")
		}),
		errorsChanged("calls what passes a refusal of the text",
			"only what can never pass is one of its errors", func(_ adapters.Entry, err error) error {
				if errors.Is(err, errPassing) {
					return adapters.ErrWrongContent
				}
				return err
			}),
		errorsChanged("takes any 404 for a client that it does not know",
			"not the record stops a Write at once with this error", func(_ adapters.Entry, err error) error {
				if errors.Is(err, errNoEndpoint) {
					return adapters.ErrNotFound
				}
				return err
			}),
		with("remembers that its account was at fault", "a fault of the account or the address ends by itself", recordBut{
			write: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				if _, known := faulty.Load(entry.Key); known {
					return adapters.Filed{}, adapters.ErrConfiguration
				}
				filed, err := m.Write(ctx, entry)
				if errors.Is(err, adapters.ErrConfiguration) {
					faulty.Store(entry.Key, true)
				}
				return filed, err
			},
		}),
		errorsChanged("echoes the text in an error", "errors never hold a name", func(entry adapters.Entry, err error) error {
			return fmt.Errorf("filing %q: %w", entry.Text, err)
		}),
		with("amends by a new entry", "Amend replaces what stands under the key", recordBut{
			amend: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				filing, _ := m.Filing(entry.Key)
				_, err := copyOf(ctx, m, entry)
				return filing.Filed, err
			},
		}),
		with("says that it can't amend, and does", "the entry stays as it was", recordBut{
			amend: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				_, _ = m.Amend(ctx, adapters.Filed{}, entry)
				return adapters.Filed{}, errors.ErrUnsupported
			},
		}),
		with("amends only what nobody amended", "also when filed is older than what stands there", recordBut{
			amend: func(ctx context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				if filing, _ := m.Filing(entry.Key); filing.Filed.Version != "1" && filing.Entry.Status != entry.Status {
					return adapters.Filed{}, errors.New("the version has changed")
				}
				return m.Amend(ctx, adapters.Filed{}, entry)
			},
		}),
		with("forgets an entry when asked", "a key for each entry that the record has", recordBut{
			held: func(held []uuid.UUID, err error) ([]uuid.UUID, error) { return held[:min(len(held), 20)], err },
		}),
		with("has none when it is down", "an answer that is not whole is an error", recordBut{
			held: func(held []uuid.UUID, _ error) ([]uuid.UUID, error) { return held, nil },
		}),
		with("does nothing on Amend", "Amend replaces what stands under the key", recordBut{
			amend: func(_ context.Context, m *memory.Record, entry adapters.Entry) (adapters.Filed, error) {
				filing, _ := m.Filing(entry.Key)
				return filing.Filed, nil
			},
		}),
	}
}
