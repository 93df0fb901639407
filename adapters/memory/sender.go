package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Sender is a carrier whose deliveries land in an outbox. It drops repeats of a Reference, and it is an adapters.Finder
// that answers truthfully; Plain is the same carrier without either. Make one with NewSender.
type Sender struct {
	Script

	via string

	mu       sync.Mutex
	limit    adapters.Limit
	lose     []error
	outbox   []adapters.Outgoing
	receipts map[string]adapters.Receipt
	repeats  map[string]int
}

// NewSender returns a carrier with an empty outbox. Its receipts say via.
func NewSender(via string) *Sender {
	return &Sender{via: via, receipts: map[string]adapters.Receipt{}, repeats: map[string]int{}}
}

// SetLimit sets what Limit says for every organisation and medium; until then there is none. What is too long is
// ErrWrongContent, and what is carried is what Limit.Replace makes of it.
func (s *Sender) SetLimit(limit adapters.Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// Limit is adapters.Limited.
func (s *Sender) Limit(context.Context, adapters.OrganisationID, adapters.Medium) (adapters.Limit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit, nil
}

// Send is adapters.Sender. A message whose Reference was carried before is not carried again and gets the same receipt.
func (s *Sender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := s.step(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if receipt, ok := s.receipts[message.Reference]; ok {
		s.repeats[message.Reference]++
		return receipt, s.lost()
	}
	return s.carry(message)
}

// Find is adapters.Finder. Of a message that was not carried it says ErrNotSent. It is scripted together with Send.
func (s *Sender) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := s.step(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	receipt, ok := s.receipts[message.Reference]
	if !ok {
		return adapters.Receipt{}, adapters.ErrNotSent
	}
	return receipt, nil
}

// Carriers is adapters.Carrying.
func (s *Sender) Carriers(context.Context, adapters.OrganisationID, adapters.Medium) ([]string, error) {
	return []string{s.via}, nil
}

// Plain is this carrier without its memory: it carries every message it gets, repeats too, and can't be asked, as plain
// SMTP. Outbox and script are shared.
func (s *Sender) Plain() adapters.Sender { return plain{s} }

type plain struct{ sender *Sender }

func (p plain) Carriers(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
) ([]string, error) {
	return p.sender.Carriers(ctx, organisation, medium)
}

func (p plain) Limit(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
) (adapters.Limit, error) {
	return p.sender.Limit(ctx, organisation, medium)
}

func (p plain) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := p.sender.step(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	return p.sender.carry(message)
}

// LoseNext lets the next messages be carried, and their Send return these errors all the same: the answer that was lost
// on its way back.
func (s *Sender) LoseNext(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = append(s.lose, errs...)
}

// Settle sets what Find says of a carried message from now on: its status and, with Failed, the reason. A reference
// that was not carried is ignored.
func (s *Sender) Settle(reference string, status adapters.Status, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if receipt, ok := s.receipts[reference]; ok {
		receipt.Status, receipt.Reason = status, reason
		s.receipts[reference] = receipt
	}
}

// Outbox is what was carried, in that order.
func (s *Sender) Outbox() []adapters.Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outbox)
}

// Carried is how many messages with this Reference lie in the outbox: more than one only from Plain.
func (s *Sender) Carried(reference string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	carried := 0
	for _, message := range s.outbox {
		if message.Reference == reference {
			carried++
		}
	}
	return carried
}

// Repeats is how many further messages with a Reference were dropped.
func (s *Sender) Repeats(reference string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repeats[reference]
}

// carry puts a message into the outbox; the caller holds the lock.
func (s *Sender) carry(message adapters.Outgoing) (adapters.Receipt, error) {
	if s.limit.TooLong(message.Text) {
		return adapters.Receipt{}, adapters.ErrWrongContent
	}
	given := message.Text
	message.Text = s.limit.Sent(given)
	receipt := adapters.Receipt{
		Reference:  message.Reference,
		ProviderID: s.via + "-" + message.Reference,
		Via:        s.via,
		Status:     adapters.Sent,
	}
	if message.Text != given {
		receipt.Text = message.Text
	}
	s.outbox = append(s.outbox, message)
	s.receipts[message.Reference] = receipt
	if err := s.lost(); err != nil {
		return adapters.Receipt{}, err
	}
	return receipt, nil
}

func (s *Sender) lost() error {
	if len(s.lose) == 0 {
		return nil
	}
	err := s.lose[0]
	s.lose = s.lose[1:]
	return err
}
