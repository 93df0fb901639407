package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

func TestClientsConform(t *testing.T) {
	t.Parallel()
	adaptertest.Clients(t, func(*testing.T) adaptertest.ClientsHarness {
		clients := memory.NewClients()
		hidden := map[adapters.ClientID]bool{}
		clients.MaySee = func(_ context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
			return !hidden[client.ID]
		}
		return adaptertest.ClientsHarness{
			Clients: clients, Organisation: "org-1", Other: "org-2",
			Put: func(_ *testing.T, organisation adapters.OrganisationID, put ...adapters.Client) []adapters.Client {
				clients.Put(organisation, put...)
				return put
			},
			Hide:    func(_ *testing.T, _ adapters.OrganisationID, id adapters.ClientID) { hidden[id] = true },
			Queries: clients.Calls, Stall: clients.Hold,
		}
	})
}

func TestListsConform(t *testing.T) {
	t.Parallel()
	adaptertest.Lists(t, func(*testing.T) adaptertest.ListsHarness {
		lists := memory.NewLists()
		return adaptertest.ListsHarness{
			Lists: lists, Organisation: "org-1", Other: "org-2",
			Put: func(_ *testing.T, organisation adapters.OrganisationID, name string, size int) (adapters.List, []adapters.ClientID) {
				members := []adapters.ClientID{}
				for i := range size {
					members = append(members, adapters.ClientID(fmt.Sprintf("c-%d", i)))
				}
				list := adapters.List{ID: adapters.ListID(uuid.NewString()), Name: name, Size: size}
				lists.Put(organisation, list, append(members, members...)...)
				return list, members
			},
			Queries: lists.Calls, Stall: lists.Hold,
		}
	})
}

func TestStaffConforms(t *testing.T) {
	t.Parallel()
	adaptertest.Staff(t, func(*testing.T) adaptertest.StaffHarness {
		staff := memory.NewStaff()
		shared := map[adapters.StaffID][]adapters.Inbox{}
		return adaptertest.StaffHarness{
			Staff: staff, Organisation: "org-1", Other: "org-2",
			Add: func(_ *testing.T, organisation adapters.OrganisationID, name string) adapters.Member {
				member := adapters.Member{
					ID: adapters.StaffID(uuid.NewString()), Name: name, Organisation: organisation, Media: []adapters.Medium{adapters.Email},
				}
				staff.Add(member)
				return member
			},
			Share: func(_ *testing.T, member, colleague adapters.StaffID, mayAct bool) {
				shared[member] = append(shared[member], adapters.Inbox{Staff: colleague, MayAct: mayAct})
				staff.Share(member, shared[member]...)
			},
			Leave: func(_ *testing.T, member adapters.StaffID) { staff.Remove(member) }, SignIn: memory.SignIn,
			Queries: staff.Calls, Stall: staff.Hold,
		}
	})
}

func TestOrganisationsConform(t *testing.T) {
	t.Parallel()
	adaptertest.Organisations(t, func(*testing.T) adaptertest.OrganisationsHarness {
		organisations := memory.NewOrganisations()
		return adaptertest.OrganisationsHarness{
			Organisations: organisations, First: "org-1", Second: "org-2", Unknown: "org-3", Stall: organisations.Hold,
			Put: func(_ *testing.T, organisation adapters.Organisation) adapters.Organisation {
				organisations.Put(organisation)
				return organisation
			},
		}
	})
}

func TestEventsConform(t *testing.T) {
	t.Parallel()
	adaptertest.Events(t, func(*testing.T) adaptertest.EventsHarness {
		events := memory.NewEvents()
		return adaptertest.EventsHarness{
			Events: events, Organisation: "org-1", Staff: "s-1", Client: "c-1", Stall: events.Hold,
			Known: func(_ *testing.T, id uuid.UUID) bool { return events.Times(id) > 0 },
			Break: func(*testing.T) func() {
				events.FailAll(errors.New("down"))
				return func() { events.FailAll(nil) }
			},
		}
	})
}

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
		sender := memory.NewSender("memory")
		return harness(t, sender, sender, true)
	})
}

func TestPlainSenderConforms(t *testing.T) {
	t.Parallel()
	adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
		sender := memory.NewSender("memory")
		return harness(t, sender, sender.Plain(), false)
	})
}

func harness(t *testing.T, sender *memory.Sender, port adapters.Sender, drops bool) adaptertest.SenderHarness {
	t.Helper()
	lost := errors.New("connection lost")
	scripted := map[adaptertest.Outcome]error{
		adaptertest.WrongContact: adapters.ErrWrongContact, adaptertest.WrongContent: adapters.ErrWrongContent,
		adaptertest.Misconfigured: adapters.ErrConfiguration, adaptertest.Down: adapters.ErrNotSent, adaptertest.ServerError: lost,
		adaptertest.RateLimited:      &adapters.RateLimitError{},
		adaptertest.RateLimitedUntil: &adapters.RateLimitError{Until: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	release := func() {}
	return adaptertest.SenderHarness{
		Sender: port, Medium: adapters.Email, DropsRepeats: drops,
		Arrange: func(_ *testing.T, _ *adapters.Outgoing, outcome adaptertest.Outcome) bool {
			release()
			release = func() {}
			switch err := scripted[outcome]; {
			case outcome == adaptertest.Accepted:
			case outcome == adaptertest.TimeoutBefore:
				release = sender.Hold()
			case outcome == adaptertest.DroppedAfter:
				sender.LoseNext(lost)
			case err != nil:
				sender.FailNext(err)
			default:
				return false
			}
			return true
		},
		Carried: func(_ *testing.T, reference string) int { return sender.Carried(reference) },
		Text: func(t *testing.T, reference string) string {
			for _, message := range sender.Outbox() {
				if message.Reference == reference {
					return message.Text
				}
			}
			require.FailNow(t, "not carried")
			return ""
		},
	}
}

func TestCallbacksConform(t *testing.T) {
	t.Parallel()
	adaptertest.Callbacks(t, func(*testing.T) adaptertest.CallbacksHarness {
		callbacks := memory.NewCallbacks("a secret of the provider's")
		return adaptertest.CallbacksHarness{
			Callbacks: callbacks, Secrets: []string{"a secret of the provider's"},
			Receipt: func(_ *testing.T, receipt adapters.Receipt) (adapters.CallbackRequest, bool) {
				return callbacks.Request([]adapters.Receipt{receipt}), true
			},
			Inbound: func(_ *testing.T, text adapters.InboundText) adapters.CallbackRequest {
				return callbacks.Request(nil, text)
			},
			Forged: func(_ *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest {
				changed := genuine
				changed.Body = append([]byte(" "), genuine.Body...)
				return []adapters.CallbackRequest{memory.NewCallbacks("another").Sign(genuine.Body), changed}
			},
			Unreadable: func(*testing.T) adapters.CallbackRequest { return callbacks.Sign([]byte("{")) },
		}
	})
}

func TestRecordConforms(t *testing.T) {
	t.Parallel()
	adaptertest.Record(t, func(*testing.T) adaptertest.RecordHarness {
		record := memory.NewRecord()
		release := func() {}
		refusals := map[adaptertest.Outcome]error{
			adaptertest.WrongContent: adapters.ErrWrongContent, adaptertest.WrongContact: adapters.ErrNotFound,
			adaptertest.Misconfigured: adapters.ErrConfiguration, adaptertest.Down: errors.New("down"),
		}
		return adaptertest.RecordHarness{
			Record: record, Organisation: "org-1", Client: "c-1", NHSNumber: "9990000018",
			Entries: func(_ *testing.T, key uuid.UUID) int {
				if _, ok := record.Filing(key); ok {
					return 1
				}
				return 0
			},
			Stands: func(_ *testing.T, key uuid.UUID) (string, adapters.Status) {
				filing, _ := record.Filing(key)
				return filing.Entry.Text, filing.Entry.Status
			},
			Arrange: func(_ *testing.T, _ *adapters.Entry, outcome adaptertest.Outcome) bool {
				release()
				release = func() {}
				switch err := refusals[outcome]; {
				case outcome == adaptertest.Accepted:
				case outcome == adaptertest.TimeoutBefore:
					release = record.Hold()
				case err != nil:
					record.FailNext(err)
				default:
					return false
				}
				return true
			},
		}
	})
}
