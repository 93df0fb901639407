package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

func TestMemoryConforms(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(t *testing.T){
		"Clients":       func(t *testing.T) { adaptertest.Clients(t, clientsOf(memoryClients)) },
		"Lists":         func(t *testing.T) { adaptertest.Lists(t, listsOf(memoryLists)) },
		"Staff":         func(t *testing.T) { adaptertest.Staff(t, staffOf(memoryStaff)) },
		"Colleagues":    func(t *testing.T) { adaptertest.Colleagues(t, colleaguesOf(memoryColleagues)) },
		"Organisations": func(t *testing.T) { adaptertest.Organisations(t, organisationsOf(memoryOrganisations)) },
		"Events":        func(t *testing.T) { adaptertest.Events(t, eventsOf(memoryEvents)) },
		"Sender":        func(t *testing.T) { adaptertest.Sender(t, senderOf(true, memorySender)) },
		"strict Sender": func(t *testing.T) { adaptertest.Sender(t, senderOf(true, strict)) },
		"plain Sender":  func(t *testing.T) { adaptertest.Sender(t, senderOf(false, (*memory.Sender).Plain)) },
		"Callbacks":     func(t *testing.T) { adaptertest.Callbacks(t, callbacksOf(memoryCallbacks)) },
		"Record":        func(t *testing.T) { adaptertest.Record(t, recordOf(memoryRecord)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t)
		})
	}
}

// The functions memoryX give the adapter as it is; broken_test.go has their broken counterparts.
func memoryClients(m *memory.Clients) adapters.Clients                   { return m }
func memoryLists(m *memory.Lists) adapters.Lists                         { return m }
func memoryStaff(m *memory.Staff) adapters.Staff                         { return m }
func memoryColleagues(m *memory.Staff) adapters.Colleagues               { return m }
func memoryOrganisations(m *memory.Organisations) adapters.Organisations { return m }
func memoryEvents(m *memory.Events) adapters.Events                      { return m }
func memorySender(m *memory.Sender) adapters.Sender                      { return m }
func memoryCallbacks(m *memory.Callbacks) adapters.Callbacks             { return m }
func memoryRecord(m *memory.Record) adapters.Record                      { return m }

func clientsOf(adapter func(*memory.Clients) adapters.Clients) func(*testing.T) adaptertest.ClientsHarness {
	return func(*testing.T) adaptertest.ClientsHarness {
		clients := memory.NewClients()
		hidden := map[adapters.ClientID]bool{}
		clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
			return !hidden[client.ID] || ctx.Value(seesAll{}) != nil
		}
		return adaptertest.ClientsHarness{
			Clients: adapter(clients), Organisation: "org-1", Other: "org-2",
			Put: func(_ *testing.T, organisation adapters.OrganisationID, put ...adapters.Client) []adapters.Client {
				clients.Put(organisation, put...)
				return put
			},
			Hide:    func(_ *testing.T, _ adapters.OrganisationID, id adapters.ClientID) { hidden[id] = true },
			Queries: clients.Calls, Stall: clients.Hold,
		}
	}
}

// seesAll in a context opens hidden clients: a broken adapter uses it.
type seesAll struct{}

func listsOf(adapter func(*memory.Lists) adapters.Lists) func(*testing.T) adaptertest.ListsHarness {
	return func(*testing.T) adaptertest.ListsHarness {
		lists := memory.NewLists()
		return adaptertest.ListsHarness{
			Lists: adapter(lists), Organisation: "org-1", Other: "org-2",
			Put: func(
				_ *testing.T, organisation adapters.OrganisationID, name string, size int,
			) (adapters.List, []adapters.ClientID) {
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
	}
}

func staffOf(adapter func(*memory.Staff) adapters.Staff) func(*testing.T) adaptertest.StaffHarness {
	return func(*testing.T) adaptertest.StaffHarness {
		staff := memory.NewStaff()
		shared := map[adapters.StaffID][]adapters.Inbox{}
		return adaptertest.StaffHarness{
			Staff: adapter(staff), Organisation: "org-1", Other: "org-2",
			Add: func(_ *testing.T, organisation adapters.OrganisationID, name string) adapters.Member {
				member := adapters.Member{
					ID: adapters.StaffID(uuid.NewString()), Name: name, Organisation: organisation,
					Media: []adapters.Medium{adapters.Email},
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
	}
}

func colleaguesOf(adapter func(*memory.Staff) adapters.Colleagues) func(*testing.T) adaptertest.ColleaguesHarness {
	return func(t *testing.T) adaptertest.ColleaguesHarness {
		t.Helper()
		var staff *memory.Staff
		harness := staffOf(func(m *memory.Staff) adapters.Staff {
			staff = m
			return m
		})(t)
		return adaptertest.ColleaguesHarness{
			StaffHarness: harness, Colleagues: adapter(staff),
			Manage: func(_ *testing.T, member adapters.Member, manages bool) adapters.Member {
				member.Manages = manages
				staff.Add(member)
				return member
			},
		}
	}
}

func organisationsOf(
	adapter func(*memory.Organisations) adapters.Organisations,
) func(*testing.T) adaptertest.OrganisationsHarness {
	return func(*testing.T) adaptertest.OrganisationsHarness {
		organisations := memory.NewOrganisations()
		return adaptertest.OrganisationsHarness{
			Organisations: adapter(organisations), First: "org-1", Second: "org-2", Unknown: "org-3", Stall: organisations.Hold,
			Put: func(_ *testing.T, organisation adapters.Organisation) adapters.Organisation {
				organisations.Put(organisation)
				return organisation
			},
		}
	}
}

func eventsOf(adapter func(*memory.Events) adapters.Events) func(*testing.T) adaptertest.EventsHarness {
	return func(*testing.T) adaptertest.EventsHarness {
		events := memory.NewEvents()
		return adaptertest.EventsHarness{
			Events: adapter(events), Organisation: "org-1", Staff: "s-1", Client: "c-1", Stall: events.Hold,
			Known: func(_ *testing.T, id uuid.UUID) bool { return events.Times(id) > 0 },
			Break: func(*testing.T) func() {
				events.FailAll(errors.New("down"))
				return func() { events.FailAll(nil) }
			},
		}
	}
}

const secret = "hunter2-a-secret"

// errLost is what a scripted adapter says when an answer is lost.
var errLost = errors.New("connection lost")

// strict is a carrier with a limit, which writes what it replaces in more characters.
func strict(sender *memory.Sender) adapters.Sender {
	sender.SetLimit(adapters.Limit{Characters: 918, Replace: func(text string) string {
		return strings.ReplaceAll(text, "…", "...")
	}})
	return sender
}

func senderOf(drops bool, adapter func(*memory.Sender) adapters.Sender) func(*testing.T) adaptertest.SenderHarness {
	return func(*testing.T) adaptertest.SenderHarness {
		sender := memory.NewSender("memory")
		scripted := map[adaptertest.Outcome]error{
			adaptertest.WrongContact: adapters.ErrWrongContact, adaptertest.WrongContent: adapters.ErrWrongContent,
			adaptertest.Objected:      adapters.ErrObjected,
			adaptertest.Misconfigured: adapters.ErrConfiguration, adaptertest.Down: errLost, adaptertest.ServerError: errLost,
			adaptertest.RateLimited:      &adapters.RateLimitError{},
			adaptertest.RateLimitedUntil: &adapters.RateLimitError{Until: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)},
		}
		release := func() {}
		return adaptertest.SenderHarness{
			Sender: adapter(sender), Medium: adapters.Email, DropsRepeats: drops, Secrets: []string{secret},
			Arrange: func(_ *testing.T, _ *adapters.Outgoing, outcome adaptertest.Outcome) bool {
				release()
				release = func() {}
				switch err := scripted[outcome]; {
				case outcome == adaptertest.Accepted:
				case outcome == adaptertest.TimeoutBefore:
					release = sender.Hold()
				case outcome == adaptertest.DroppedAfter:
					sender.LoseNext(errLost)
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
}

func callbacksOf(adapter func(*memory.Callbacks) adapters.Callbacks) func(*testing.T) adaptertest.CallbacksHarness {
	return func(*testing.T) adaptertest.CallbacksHarness {
		callbacks := memory.NewCallbacks("memory", secret)
		return adaptertest.CallbacksHarness{
			Callbacks: adapter(callbacks), Secrets: []string{secret},
			Receipt: func(_ *testing.T, receipt adapters.Receipt) (adapters.CallbackRequest, bool) {
				return callbacks.Request([]adapters.Receipt{receipt}), true
			},
			Inbound: func(_ *testing.T, text adapters.InboundText) adapters.CallbackRequest {
				return callbacks.Request(nil, text)
			},
			Forged: func(_ *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest {
				changed := genuine
				changed.Body = append([]byte(" "), genuine.Body...)
				return []adapters.CallbackRequest{memory.NewCallbacks("memory", "another").Sign(genuine.Body), changed}
			},
			Unreadable: func(*testing.T) adapters.CallbackRequest { return callbacks.Sign([]byte("{")) },
		}
	}
}

var (
	errPassing    = errors.New("refused for now")
	errNoEndpoint = fmt.Errorf("not the record: %w", adapters.ErrConfiguration)
)

func recordOf(adapter func(*memory.Record) adapters.Record) func(*testing.T) adaptertest.RecordHarness {
	return func(*testing.T) adaptertest.RecordHarness {
		record := memory.NewRecord()
		port := adapter(record)
		entries := func(key uuid.UUID) []memory.Filing {
			filings := []memory.Filing{}
			for _, filing := range record.Filings() {
				// A broken adapter files one message under other keys of its own: the channel tells that they are one.
				if own, ok := record.Filing(key); filing.Entry.Key == key || ok && filing.Entry.Channel == own.Entry.Channel {
					filings = append(filings, filing)
				}
			}
			return filings
		}
		release := func() {}
		refusals := map[adaptertest.Outcome]error{
			adaptertest.WrongContent: adapters.ErrWrongContent, adaptertest.WrongContact: adapters.ErrNotFound,
			adaptertest.Misconfigured: adapters.ErrConfiguration, adaptertest.Down: errors.New("down"),
			adaptertest.NoEndpoint: errNoEndpoint, adaptertest.Passing: errPassing,
		}
		return adaptertest.RecordHarness{
			Record: port, Organisation: "org-1", Client: "c-1", NHSNumber: "9990000018", Secrets: []string{secret},
			Entries: func(_ *testing.T, key uuid.UUID) int { return len(entries(key)) },
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
				case outcome == adaptertest.DroppedAfter:
					record.LoseNext(errLost)
				case err != nil:
					record.FailNext(err)
				default:
					return false
				}
				return true
			},
		}
	}
}
