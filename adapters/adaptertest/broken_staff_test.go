package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/calendar"
)

// staffBut is Staff with a method replaced.
type staffBut struct {
	*memory.Staff
	current func(context.Context, *memory.Staff) (adapters.Member, error)
	inboxes func(context.Context, *memory.Staff, adapters.Member, ...adapters.StaffID) ([]adapters.Inbox, error)
}

func (s staffBut) Current(ctx context.Context) (adapters.Member, error) {
	if s.current == nil {
		return s.Staff.Current(ctx)
	}
	return s.current(ctx, s.Staff)
}

func (s staffBut) Inboxes(
	ctx context.Context, member adapters.Member, only ...adapters.StaffID,
) ([]adapters.Inbox, error) {
	if s.inboxes == nil {
		return s.Staff.Inboxes(ctx, member, only...)
	}
	return s.inboxes(ctx, s.Staff, member, only...)
}

func brokenStaff() []broken {
	with := func(name, says string, but staffBut) broken {
		return broken{"Staff " + name, says, func(t *testing.T) {
			adaptertest.Staff(t, staffOf(func(m *memory.Staff) adapters.Staff {
				replaced := but
				replaced.Staff = m
				return replaced
			}))
		}}
	}
	var last shared[adapters.Member]
	var mu sync.Mutex
	stale := map[*memory.Staff]adapters.Member{}
	return []broken{
		with("nobody is somebody", "without a signed-in member it is ErrNotSignedIn", staffBut{
			current: func(ctx context.Context, m *memory.Staff) (adapters.Member, error) {
				member, err := m.Current(ctx)
				if errors.Is(err, adapters.ErrNotSignedIn) {
					return adapters.Member{}, nil
				}
				return member, err
			},
		}),
		with("remembers who has left", "Current says what holds now", staffBut{
			current: func(ctx context.Context, m *memory.Staff) (adapters.Member, error) {
				mu.Lock()
				defer mu.Unlock()
				member, err := m.Current(ctx)
				if was, ok := stale[m]; err != nil && ok {
					return was, nil
				}
				if err == nil {
					stale[m] = member
				}
				return member, err
			},
		}),
		with("opens the member's own", "never the member's own", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				inboxes, err := m.Inboxes(ctx, member, only...)
				return append(inboxes, adapters.Inbox{Staff: member.ID, Name: member.Name, MayAct: true}), err
			},
		}),
		with("ignores only", "only those named by only", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, _ ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				return m.Inboxes(ctx, member)
			},
		}),
		with("opens whatever is named", "may not be opened is left out", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				inboxes, err := m.Inboxes(ctx, member, only...)
				for _, id := range only {
					if !slices.ContainsFunc(inboxes, func(i adapters.Inbox) bool { return i.Staff == id }) {
						inboxes = append(inboxes, adapters.Inbox{Staff: id})
					}
				}
				return inboxes, err
			},
		}),
		with("leaks another organisation", "an inbox of another organisation is left out", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				inboxes, err := m.Inboxes(ctx, member, only...)
				for _, id := range only {
					if colleague, _ := m.Current(memory.SignIn(ctx, id)); colleague.Organisation == "org-2" {
						inboxes = append(inboxes, adapters.Inbox{Staff: id, Name: colleague.Name})
					}
				}
				return inboxes, err
			},
		}),
		with("one query a row", "never one query a row", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				inboxes, err := m.Inboxes(ctx, member, only...)
				for i := range inboxes {
					colleague, _ := m.Current(memory.SignIn(ctx, inboxes[i].Staff))
					inboxes[i].Name = colleague.Name
				}
				return inboxes, err
			},
		}),
		with("ignores its context", "a call returns when its context ends", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				return m.Inboxes(context.WithoutCancel(ctx), member, only...)
			},
		}),
		with("is not safe for concurrent use", "all methods may be called from many goroutines at once", staffBut{
			inboxes: func(
				ctx context.Context, m *memory.Staff, member adapters.Member, only ...adapters.StaffID,
			) ([]adapters.Inbox, error) {
				return m.Inboxes(ctx, last.mixUp(member), only...)
			},
		}),
	}
}

type organisationsFunc func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error)

func (f organisationsFunc) Get(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	return f(ctx, id)
}

// changed is Organisations that answer something else than what was put.
func changed(change func(o *adapters.Organisation)) func(m *memory.Organisations) organisationsFunc {
	return func(m *memory.Organisations) organisationsFunc {
		return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
			organisation, err := m.Get(ctx, id)
			if organisation.ReadWithin != 0 {
				change(&organisation)
			}
			return organisation, err
		}
	}
}

func brokenOrganisations() []broken {
	with := func(name, says string, get func(m *memory.Organisations) organisationsFunc) broken {
		return broken{"Organisations " + name, says, func(t *testing.T) {
			adaptertest.Organisations(t, organisationsOf(func(m *memory.Organisations) adapters.Organisations { return get(m) }))
		}}
	}
	return []broken{
		with("found for not found", "an organisation that does not exist is ErrNotFound",
			func(m *memory.Organisations) organisationsFunc {
				return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
					organisation, err := m.Get(ctx, id)
					if errors.Is(err, adapters.ErrNotFound) {
						return adapters.Organisation{ID: id}, nil
					}
					return organisation, err
				}
			}),
		with("another error for not found", "an organisation that does not exist is ErrNotFound",
			func(m *memory.Organisations) organisationsFunc {
				return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
					organisation, err := m.Get(ctx, id)
					if errors.Is(err, adapters.ErrNotFound) {
						err = errors.New("no rows")
					}
					return organisation, err
				}
			}),
		with("remembers what was", "an organisation as it is now", func(m *memory.Organisations) organisationsFunc {
			var known sync.Map
			return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
				if was, ok := known.Load(id); ok && ctx.Err() == nil {
					return was.(adapters.Organisation), nil
				}
				organisation, err := m.Get(ctx, id)
				if err == nil {
					known.Store(id, organisation)
				}
				return organisation, err
			}
		}),
		with("has a zone of its own naming", "a time zone by its IANA name", changed(func(o *adapters.Organisation) {
			o.TimeZone = "GMT Standard Time"
		})),
		with("has a week without hours", "a calendar that can be", changed(func(o *adapters.Organisation) {
			o.Calendar.Week = map[time.Weekday][]calendar.Interval{}
		})),
		with("has hours over midnight", "a calendar that can be", changed(func(o *adapters.Organisation) {
			o.Calendar.Week = map[time.Weekday][]calendar.Interval{time.Monday: {{From: 22 * time.Hour, Until: 6 * time.Hour}}}
		})),
		with("forgets the calendar", "the organisation's own calendar", changed(func(o *adapters.Organisation) {
			o.Calendar = calendar.Calendar{}
		})),
		with("reads within minus one", "ReadWithin of at most 240 hours", changed(func(o *adapters.Organisation) {
			o.ReadWithin = -1
		})),
		with("reads within seconds for nanoseconds", "within which working time", changed(func(o *adapters.Organisation) {
			o.ReadWithin /= time.Second
		})),
		with("has nobody to fall back on", "who is told of what nobody reads", changed(func(o *adapters.Organisation) {
			o.Fallback = nil
		})),
		with("falls back on a name that is empty", "Fallback names staff", changed(func(o *adapters.Organisation) {
			o.Fallback = []adapters.StaffID{"", "gil"}
		})),
		with("falls back on the same twice", "Fallback names each once", changed(func(o *adapters.Organisation) {
			o.Fallback = []adapters.StaffID{"fay", "fay"}
		})),
		with("answers another", "the organisation that was asked for", func(m *memory.Organisations) organisationsFunc {
			return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
				if id == "org-2" {
					id = "org-1"
				}
				return m.Get(ctx, id)
			}
		}),
		with("ignores its context", "a call returns when its context ends", func(m *memory.Organisations) organisationsFunc {
			return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
				return m.Get(context.WithoutCancel(ctx), id)
			}
		}),
		with("answers without asking", "answered without the system behind", func(m *memory.Organisations) organisationsFunc {
			return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
				organisation, err := m.Get(ctx, id)
				if errors.Is(err, context.DeadlineExceeded) {
					return adapters.Organisation{ID: id}, nil
				}
				return organisation, err
			}
		}),
		with("is not safe for concurrent use", "all methods may be called from many goroutines at once",
			func(m *memory.Organisations) organisationsFunc {
				var last shared[adapters.OrganisationID]
				return func(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
					return m.Get(ctx, last.mixUp(id))
				}
			}),
	}
}

type eventsFunc func(ctx context.Context, event adapters.Event) error

func (f eventsFunc) Happened(ctx context.Context, event adapters.Event) error { return f(ctx, event) }

func brokenEvents() []broken {
	with := func(name, says string, happened func(m *memory.Events) eventsFunc) broken {
		return broken{"Events " + name, says, func(t *testing.T) {
			adaptertest.Events(t, eventsOf(func(m *memory.Events) adapters.Events { return happened(m) }))
		}}
	}
	return []broken{
		with("swallows trouble", "an event that was not taken is an error", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				err := m.Happened(ctx, event)
				if ctx.Err() != nil {
					return err
				}
				return nil
			}
		}),
		with("refuses a repeat", "a repeat is no error", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				if m.Times(event.ID) > 0 {
					return errors.New("duplicate key")
				}
				return m.Happened(ctx, event)
			}
		}),
		with("ignores its context", "a call returns when its context ends", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				return m.Happened(context.WithoutCancel(ctx), event)
			}
		}),
		with("leaves a goroutine behind", "Events.Happened left a goroutine each time", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				_, err := leaky(ctx, func(ctx context.Context) (bool, error) { return true, m.Happened(ctx, event) })
				return err
			}
		}),
		with("knows some kinds only", "kind that is not known yet", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				if event.Kind == "something_new" {
					return errors.New("no such kind")
				}
				return m.Happened(ctx, event)
			}
		}),
		with("needs a message", "kind link_locked", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				if event.Message == uuid.Nil {
					return fmt.Errorf("no message")
				}
				return m.Happened(ctx, event)
			}
		}),
		with("keeps one event a channel", "at least once, in no promised order", func(m *memory.Events) eventsFunc {
			return func(ctx context.Context, event adapters.Event) error {
				for _, heard := range m.Heard() {
					if heard.Channel == event.Channel && heard.ID != event.ID {
						return errors.New("older than what is known")
					}
				}
				return m.Happened(ctx, event)
			}
		}),
		with("is not safe for concurrent use", "no event is lost", func(m *memory.Events) eventsFunc {
			var last shared[adapters.Event]
			return func(ctx context.Context, event adapters.Event) error { return m.Happened(ctx, last.mixUp(event)) }
		}),
	}
}
