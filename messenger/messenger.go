package messenger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/batch"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
)

// Config is all that Messenger needs of its host. New names every required field that is missing.
type Config struct {
	// Pool is where Messenger's tables and River's are: the schema is the one its connections work in. Required. It stays
	// the host's: Messenger never closes it. It needs four connections at the least.
	Pool *pgxpool.Pool
	// Direct is a pool that reaches PostgreSQL without a pooler in transaction mode between, for LISTEN. Defaults to Pool.
	Direct *pgxpool.Pool

	Clients adapters.Clients // required
	Staff   adapters.Staff   // required
	// Email and SMS carry messages. One at least is required; without the other its medium is 'not configured'.
	Email, SMS adapters.Sender

	// LinkKeys sign reply links: the first makes new ones, all open those already sent. To rotate, put a new key
	// first and keep the old ones for as long as links made with them are to work; VerifyHistory needs them ever after.
	// Required; from the host's secret store.
	LinkKeys []LinkKey
	// PublicURL is the absolute URL under which the public pages are mounted: "https://nhs.example.org/m". Required
	// unless every organisation has its own.
	PublicURL string
	// MessagesURL is the host's page that holds <messenger-inbox>, for links to a channel. Defaults to "/messages".
	MessagesURL string

	Organisations adapters.Organisations // defaults to one without a name
	Record        adapters.Record        // optional: without it messages say that no filing is required
	Lists         adapters.Lists         // optional
	// Colleagues says who else works here. Optional: without it absence and handover are CodeNotConfigured.
	Colleagues adapters.Colleagues
	Events     adapters.Events // optional
	// Hooks are what providers call back at, by the name in /m/hooks/{name}. Optional.
	Hooks map[string]Hook

	// ResendUnknown sends a message again by itself when its outcome is unknown and its sender can't be asked. The client
	// may then get it twice. Defaults to false: it stands as unknown, and a person decides.
	ResendUnknown bool

	RiverSchema string       // where River's tables are; defaults to the search path
	Logger      *slog.Logger // defaults to slog.Default()
	// TracerProvider and MeterProvider are OpenTelemetry's. They default to its global ones, which do nothing until the
	// host sets them: see docs/observe.md for what is told.
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	// Now is the clock, for tests. By default the database's decides, whatever the process's own says: see Messenger.Now.
	Now func() time.Time
}

// LinkKey is a secret that reply links are made with. Printed or logged, alone or inside a Config, it shows its ID and
// no key.
type LinkKey struct {
	ID  string // names it in the database; never given to another key
	Key []byte // 32 random bytes at least
}

// Format writes the key's ID whatever the verb.
func (k LinkKey) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "LinkKey(%s)", k.ID) }

// LogValue is the key's ID.
func (k LinkKey) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(k)) }

// MarshalJSON is the key's ID: a logger that writes JSON shows no more than one that writes text.
func (k LinkKey) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(k)) }

// Hook is one provider's way to call back.
type Hook struct {
	adapters.Callbacks
	// Organisation says whose an inbound text is, by the number it was written to: AllTextsFor, TextsByNumber, or a
	// function of the host's that asks nobody outside. A text that it does not know is held for an operator: see
	// HeldTexts. Required, since several organisations may have one account.
	Organisation func(text adapters.InboundText) (organisation adapters.OrganisationID, known bool)
	// Organisations are those whose messages the provider carries: what it says of others' changes nothing. None: all.
	Organisations []adapters.OrganisationID
}

// AllTextsFor is Hook.Organisation for an account that one organisation alone has.
func AllTextsFor(organisation adapters.OrganisationID) func(adapters.InboundText) (adapters.OrganisationID, bool) {
	return func(adapters.InboundText) (adapters.OrganisationID, bool) { return organisation, true }
}

// TextsByNumber is Hook.Organisation for an account of several organisations, by the numbers that clients write to, in
// any usual notation.
func TextsByNumber(
	numbers map[string]adapters.OrganisationID,
) func(adapters.InboundText) (adapters.OrganisationID, bool) {
	known := make(map[string]adapters.OrganisationID, len(numbers))
	for number, organisation := range numbers {
		known[numberOf(number)] = organisation
	}
	return func(text adapters.InboundText) (adapters.OrganisationID, bool) {
		organisation, ok := known[numberOf(text.To)]
		return organisation, ok
	}
}

// Messenger is the service. It is safe for use by many goroutines; any number of processes may run one each over the
// same database.
type Messenger struct {
	config      Config
	jobs        *jobs.Inserter
	telemetry   telemetry
	clock       *clock
	hub         *live.Hub[LiveEvent]
	changes     changes
	outages     outageLog
	pauses      *pauses
	records     records
	words       *wordStatistics
	pace        *pace
	permits     *permits.Permits
	sorters     textSorters
	reads       *batch.Batches[*reading]
	links       replylink.Keys
	singles     *lane
	bulk        *lane // of broadcasts
	searches    *searches
	hoursFaults sync.Map // what was logged of organisations' hours
	running     atomic.Bool
	began       atomic.Pointer[time.Time] // when Run did last; nil: never
}

// Format writes only what a Messenger is, whatever the verb: it holds the keys.
func (m *Messenger) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "Messenger") }

// LogValue is what Format writes.
func (m *Messenger) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }

// New checks config and returns a Messenger. It starts nothing and does no I/O: see Run.
func New(config Config) (*Messenger, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.Direct == nil {
		config.Direct = config.Pool
	}
	if config.MessagesURL == "" {
		config.MessagesURL = "/messages"
	}
	if config.Organisations == nil {
		config.Organisations = adapters.OneOrganisation(adapters.Organisation{})
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	inserter, err := jobs.NewInserter(config.RiverSchema, config.Logger)
	if err != nil {
		return nil, fmt.Errorf("messenger: %w", err)
	}
	told, err := newTelemetry(config)
	if err != nil {
		return nil, err
	}
	m := &Messenger{
		config: config, jobs: inserter, telemetry: told, clock: newClock(config.Now, config.Pool, config.Logger),
		pauses: &pauses{}, words: &wordStatistics{}, pace: &pace{}, permits: &permits.Permits{},
		searches: newSearches(config.Pool.Config().MaxConns),
	}
	m.reads, m.singles, m.bulk = &batch.Batches[*reading]{Do: m.readAll}, m.newLane(), m.newLane()
	m.hub = live.New(
		live.Config{Direct: config.Direct, Logger: config.Logger, Now: m.ownNow},
		liveReader{m},
	)
	m.changes = changes{m.hub}
	m.sorters.noted = map[live.Person]notedSorter{}
	for _, key := range config.LinkKeys {
		m.links = append(m.links, replylink.Key{ID: key.ID, Secret: key.Key})
	}
	return m, nil
}

// sampleKey stood in the smallest example host, which hosts begin from.
const sampleKey = "32 bytes of the host's secret store"

func (c Config) validate() error {
	var faults []string
	need := func(ok bool, fault string) {
		if !ok {
			faults = append(faults, fault)
		}
	}
	for name, port := range map[string]any{
		"Clients": c.Clients, "Staff": c.Staff, "Email": c.Email, "SMS": c.SMS, "Organisations": c.Organisations,
		"Record": c.Record, "Lists": c.Lists, "Colleagues": c.Colleagues, "Events": c.Events,
	} {
		value := reflect.ValueOf(port)
		nothing := value.Kind() == reflect.Pointer && value.IsNil()
		need(!nothing, name+" is a pointer to nothing: set it only where there is one")
	}
	slices.Sort(faults)
	need(c.Pool != nil, "Pool is missing")
	need(c.Clients != nil, "Clients is missing")
	need(c.Staff != nil, "Staff is missing")
	need(c.Email != nil || c.SMS != nil, "Email or SMS is missing")
	need(len(c.LinkKeys) > 0, "LinkKeys is missing")
	seen := map[string]bool{}
	for _, key := range c.LinkKeys {
		need(len(key.Key) >= 32, "a LinkKey has fewer than 32 bytes")
		need(string(key.Key) != sampleKey, "a LinkKey is the example's: make one of 32 random bytes")
		need(key.ID != "" && !seen[key.ID], "a LinkKey's ID is empty or taken twice")
		seen[key.ID] = true
	}
	for name, hook := range c.Hooks {
		need(hook.Callbacks != nil, fmt.Sprintf("Hooks[%q].Callbacks is missing", name))
		need(hook.Organisation != nil, fmt.Sprintf("Hooks[%q].Organisation is missing", name))
		need(name != "" && url.PathEscape(name) == name, fmt.Sprintf("Hooks[%q] can't be called at /hooks/%s", name, name))
	}
	if c.PublicURL == "" {
		need(c.Organisations != nil, "PublicURL is missing, and so is Organisations")
	} else {
		u, err := url.Parse(c.PublicURL)
		absolute := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
		need(absolute, "PublicURL is not an absolute http or https URL")
		need(!strings.ContainsAny(c.PublicURL, "?#"), "PublicURL has a query or fragment: links begin with it")
	}
	if len(faults) > 0 {
		return errors.New("messenger: " + strings.Join(faults, "; "))
	}
	return nil
}

// sender carries a medium; nil when the host has none.
func (m *Messenger) sender(medium adapters.Medium) adapters.Sender {
	switch medium {
	case adapters.Email:
		return m.config.Email
	case adapters.SMS:
		return m.config.SMS
	case adapters.Web:
	}
	return nil
}

// portTimeout bounds a call of a host's port while somebody waits.
const portTimeout = 5 * time.Second

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, portTimeout)
}

// Logger is where Messenger logs: Config.Logger, or its default.
func (m *Messenger) Logger() *slog.Logger { return m.config.Logger }

// PublicURL is where the public pages are mounted for organisations without a URL of their own: Config.PublicURL
// without a slash at its end.
func (m *Messenger) PublicURL() string { return m.config.PublicURL }

// Organisation returns what the host says of an organisation, with the public URL that holds for it. Anybody in the
// process may call it: no asker is looked at. The host is given five seconds. Error: CodeUnavailable.
func (m *Messenger) Organisation(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	return m.organisation(ctx, id)
}

func (m *Messenger) organisation(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	organisation, err := m.config.Organisations.Get(ctx, id)
	if id == "" && errors.Is(err, adapters.ErrNotFound) { // a host with several, where nothing says whose page it is
		return adapters.Organisation{}, unanswered()
	}
	if err != nil {
		return adapters.Organisation{}, m.unavailable(ctx, "organisations", err)
	}
	organisation.PublicURL = strings.TrimRight(organisation.PublicURL, "/")
	if organisation.PublicURL == "" {
		organisation.PublicURL = m.config.PublicURL
	}
	organisation.Name, err = m.kept(ctx, m.db(), organisation.Name, shownLink)
	return organisation, err
}
