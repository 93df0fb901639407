package memory

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Record is a clinical record that takes everything and can amend. Make one with NewRecord.
type Record struct {
	Script

	mu       sync.Mutex
	lose     []error
	keys     []uuid.UUID
	filings  map[uuid.UUID]Filing
	attempts map[uuid.UUID]int
}

// Filing is an entry as it stands in a Record.
type Filing struct {
	Entry   adapters.Entry
	Filed   adapters.Filed
	Version int // 1 when written, one more with each amendment that changed something
}

// NewRecord returns an empty record.
func NewRecord() *Record {
	return &Record{filings: map[uuid.UUID]Filing{}, attempts: map[uuid.UUID]int{}}
}

// Write is adapters.Record: a key that was written before changes nothing, whatever the entry.
func (r *Record) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.attempt(entry.Key)
	if err := r.step(ctx); err != nil {
		return adapters.Filed{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if filing, ok := r.filings[entry.Key]; ok {
		return filing.Filed, nil
	}
	r.keys = append(r.keys, entry.Key)
	filed := r.put(entry, 1)
	if len(r.lose) > 0 {
		err := r.lose[0]
		r.lose = r.lose[1:]
		return adapters.Filed{}, err
	}
	return filed, nil
}

// LoseNext lets the next entries be written, and their Write return these errors all the same: the answer that was lost
// on its way back.
func (r *Record) LoseNext(errs ...error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lose = append(r.lose, errs...)
}

// Amend is adapters.Record. It goes by entry.Key, whatever filed says; a key that was never written is ErrNotFound.
func (r *Record) Amend(ctx context.Context, _ adapters.Filed, entry adapters.Entry) (adapters.Filed, error) {
	r.attempt(entry.Key)
	if err := r.step(ctx); err != nil {
		return adapters.Filed{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	filing, ok := r.filings[entry.Key]
	if !ok {
		return adapters.Filed{}, adapters.ErrNotFound
	}
	if filing.Entry == stored(entry) {
		return filing.Filed, nil
	}
	return r.put(entry, filing.Version+1), nil
}

// Entries is adapters.RecordLister.
func (r *Record) Entries(
	ctx context.Context, organisation adapters.OrganisationID, keys []uuid.UUID,
) (held []uuid.UUID, err error) {
	if err := r.step(ctx); err != nil {
		return nil, err
	}
	for _, filing := range r.Filings() {
		if filing.Entry.Organisation == organisation && slices.Contains(keys, filing.Entry.Key) {
			held = append(held, filing.Entry.Key)
		}
	}
	return held, nil
}

// Filings is everything in the record, in the order of the first writing.
func (r *Record) Filings() []Filing {
	r.mu.Lock()
	defer r.mu.Unlock()
	filings := make([]Filing, 0, len(r.keys))
	for _, key := range r.keys {
		filings = append(filings, r.filings[key])
	}
	return filings
}

// Filing is what stands under a key.
func (r *Record) Filing(key uuid.UUID) (filing Filing, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	filing, ok = r.filings[key]
	return filing, ok
}

// Attempts is how often Write and Amend were called for a key, failed calls included.
func (r *Record) Attempts(key uuid.UUID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.attempts[key]
}

func (r *Record) attempt(key uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts[key]++
}

// put stores an entry; the caller holds the lock.
func (r *Record) put(entry adapters.Entry, version int) adapters.Filed {
	filed := adapters.Filed{Reference: "memory-" + entry.Key.String(), Version: strconv.Itoa(version)}
	r.filings[entry.Key] = Filing{Entry: stored(entry), Filed: filed, Version: version}
	return filed
}

// stored is entry with its times in UTC and without a monotonic clock, so that equal entries are ==.
func stored(entry adapters.Entry) adapters.Entry {
	entry.At, entry.DeliveredAt = entry.At.Round(0).UTC(), entry.DeliveredAt.Round(0).UTC()
	return entry
}

// Events is a notification centre that remembers what it was told. Make one with NewEvents.
type Events struct {
	Script

	mu    sync.Mutex
	heard []adapters.Event
	times map[uuid.UUID]int
}

// NewEvents returns a notification centre that has heard nothing.
func NewEvents() *Events { return &Events{times: map[uuid.UUID]int{}} }

// Happened is adapters.Events. An event told again is counted and not kept twice.
func (e *Events) Happened(ctx context.Context, event adapters.Event) error {
	if err := e.step(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.times[event.ID]++
	if e.times[event.ID] == 1 {
		e.heard = append(e.heard, event)
	}
	return nil
}

// Heard is every event it was told of, each once, in the order of first hearing.
func (e *Events) Heard() []adapters.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// Times is how often it was told of an event.
func (e *Events) Times(id uuid.UUID) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.times[id]
}
