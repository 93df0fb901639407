package messenger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// Health is how this process and its database are.
type Health struct {
	OK     bool    `json:"ok"` // all checks are
	Checks []Check `json:"checks"`
}

// Check is one of the things that Messenger needs. Detail is for whoever looks after the host: it names no person.
type Check struct {
	// Name is "database", "migrations", "listener", "jobs", "periodic", "clock", "pauses", "texts", "replies" or
	// "reconciled".
	Name   string    `json:"name"`
	OK     bool      `json:"ok"`
	Since  time.Time `json:"since,omitzero"` // when it became so; zero where nobody knows
	Detail string    `json:"detail"`
}

// overdueJob is how long a job that could run may wait before somebody should look at the workers.
const overdueJob = 10 * time.Minute

// Health looks at the database, the migrations, this process's clock and its live updates, the oldest job that waits,
// the pauses in force and the texts from clients that wait for a person. It takes five seconds at the most. Anybody
// in the process may call it: no asker is looked at. A process without Run has no listener, and one whose workers are
// elsewhere is well while they are.
func (m *Messenger) Health(ctx context.Context) Health {
	ctx, cancel := bounded(ctx)
	defer cancel()
	database := m.checkDatabase(ctx)
	health := Health{Checks: []Check{database, m.checkListener()}}
	if database.OK {
		health.Checks = append(
			health.Checks, m.checkMigrations(ctx), m.checkClock(ctx), m.checkJobs(ctx), m.checkPeriodic(ctx),
			m.checkPauses(ctx), m.checkTexts(ctx), m.checkReplies(ctx), m.checkReconciled(ctx),
		)
	}
	health.OK = true
	for _, check := range health.Checks {
		health.OK = health.OK && check.OK
	}
	return health
}

func (m *Messenger) checkDatabase(ctx context.Context) Check {
	if err := m.config.Pool.Ping(ctx); err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the database does not answer", "error", err)
		return Check{Name: "database", Detail: "It does not answer."}
	}
	return Check{Name: "database", OK: true, Detail: "It answers."}
}

func (m *Messenger) checkListener() Check {
	hearing, since := m.hub.Hearing()
	check := Check{Name: "listener", OK: hearing, Since: since}
	switch {
	case hearing:
		check.Detail = "Changes of other processes are heard."
	case since.IsZero():
		check.Detail = "Run has not begun to listen in this process."
	default:
		check.Detail = "There is no connection to listen by: open pages are told by the poll every ten seconds."
	}
	return check
}

func (m *Messenger) checkMigrations(ctx context.Context) Check {
	faults, err := migrations.Faults(ctx, m.config.Pool)
	switch {
	case err != nil:
		return m.unread(ctx, "migrations", err)
	case len(faults) > 0:
		return Check{Name: "migrations", Detail: "Run migrations.Up: " + strings.Join(faults, "; ") + "."}
	}
	return Check{Name: "migrations", OK: true, Detail: "All have run."}
}

// warn logs what is amiss with the database and would else be met much later. It waits for none of it.
func (m *Messenger) warn(ctx context.Context, at whereabouts) {
	short, cancel := bounded(ctx)
	defer cancel()
	log := m.config.Logger
	if pending, err := migrations.Pending(short, m.config.Pool); err == nil && len(pending) > 0 {
		log.WarnContext(ctx, "messenger: tables are not there, or from before this version: run migrations.Up",
			"migrations", len(pending), "first", pending[0])
	} else if !at.Indexed {
		log.WarnContext(ctx,
			"messenger: the inbox search is slow here: install the extensions btree_gin and pg_trgm, and run migrations.Up")
	}
	if at.Owns {
		log.WarnContext(ctx,
			"messenger: the service's database role owns its tables and could change the history: see migrations.Grant")
	}
	if faults := poolFaults(m.config.Pool.Config()); faults != "" {
		log.WarnContext(ctx,
			"messenger: the pool would not notice soon that its database is gone: use ConfigurePool", "why", faults)
	}
}

// checkClock looks at this process's own clock. Nothing that Messenger does goes by it, but logs and other programs do.
func (m *Messenger) checkClock(ctx context.Context) Check {
	m.clock.look(ctx)
	ahead, since := m.clock.wrong()
	if since.IsZero() {
		return Check{Name: "clock", OK: true, Detail: "It is within a minute of the database's, which decides."}
	}
	side := "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	return Check{Name: "clock", Since: since, Detail: fmt.Sprintf(
		"It is %s %s the database's, which decides. Set it right.", ahead.Abs().Round(time.Second), side,
	)}
}

func (m *Messenger) checkJobs(ctx context.Context) Check {
	waiting, err := m.jobs.Waiting(ctx, m.config.Pool)
	if err != nil {
		return m.unread(ctx, "jobs", err)
	}
	check := Check{Name: "jobs", OK: true, Detail: "None waits."}
	if len(waiting) == 0 {
		return check
	}
	oldest, queues := waiting[0].Since, make([]string, len(waiting))
	for i, one := range waiting {
		if one.Since.Before(oldest) {
			oldest = one.Since
		}
		queues[i] = fmt.Sprintf("%s since %s", one.Queue, one.Since.UTC().Format(time.RFC3339))
	}
	check.OK, check.Since = m.now(ctx).Sub(oldest) < overdueJob, oldest.UTC()
	check.Detail = "The oldest that waits, by queue: " + strings.Join(queues, ", ") + "."
	return check
}

// checkPeriodic looks whether the periodic jobs still end well somewhere. It says nothing until Run has run here for as
// long as one may stay away: who has just begun, or has no database of their own yet, has none to show.
func (m *Messenger) checkPeriodic(ctx context.Context) Check {
	may := jobs.MayStayAway()
	kinds := slices.SortedFunc(maps.Keys(may), func(a, b jobs.Args) int { return strings.Compare(a.Kind(), b.Kind()) })
	last, err := m.jobs.LastRuns(ctx, m.config.Pool, kinds...)
	if err != nil {
		return m.unread(ctx, "periodic", err)
	}
	check := Check{Name: "periodic", OK: true, Detail: "All ran when they should."}
	began := m.began.Load()
	if began == nil {
		check.Detail = "Run has not begun in this process."
		return check
	}
	now := m.now(ctx)
	var late []string
	for _, kind := range kinds {
		at, ran := last[kind.Kind()]
		if now.Sub(*began) < may[kind] || ran && now.Sub(at) < may[kind] {
			continue
		}
		said := kind.Kind() + " not for a day"
		if ran {
			said = kind.Kind() + " since " + at.UTC().Format(time.RFC3339)
		}
		late = append(late, said)
	}
	if len(late) > 0 {
		check.OK, check.Detail = false, "No run ended well: "+strings.Join(late, ", ")+
			". Are workers up, with the periodic jobs of jobs.Configure?"
	}
	return check
}

// checkReplies looks for clients' replies that are overdue and that nobody is left to be told of.
func (m *Messenger) checkReplies(ctx context.Context) Check {
	type unwatched struct {
		Count  int
		Oldest *time.Time
	}
	found, err := rows.One[unwatched](ctx, m.db(), rows.Overdue().
		ColumnExpr("count(*) AS count, min(o.overdue_at) AS oldest").Where("o.overdue_nobody"))
	switch {
	case err != nil:
		return m.unread(ctx, "replies", err)
	case found.Count == 0:
		return Check{Name: "replies", OK: true, Detail: "None is overdue that nobody was told of."}
	}
	return Check{Name: "replies", Since: value(found.Oldest).UTC(), Detail: fmt.Sprintf(
		"%d overdue, and nobody is left to be told who may act there: set Organisation.Fallback, or see who may act.",
		found.Count,
	)}
}

// checkReconciled looks for what a night's comparison with the providers and the record found and no channel shows, and
// for organisations of which there is none.
func (m *Messenger) checkReconciled(ctx context.Context) Check {
	found, err := m.nightly(ctx)
	if err != nil {
		return m.unread(ctx, "reconciled", err)
	}
	var faults []string
	if found.unseen > 0 {
		faults = append(faults, fmt.Sprintf("%d differences are in no channel: see Reconciliations", found.unseen))
	}
	if len(found.failed) > 0 {
		faults = append(faults, fmt.Sprintf("a provider or the record did not answer for %v: the log says why", found.failed))
	}
	if len(found.missing) > 0 {
		faults = append(faults, fmt.Sprintf("there is no result of the last night for %v", found.missing))
	}
	if len(faults) > 0 {
		return Check{Name: "reconciled", Detail: strings.Join(faults, "; ") + "."}
	}
	return Check{Name: "reconciled", OK: true, Detail: "What differs is in front of somebody."}
}

func (m *Messenger) checkPauses(ctx context.Context) Check {
	list, err := m.Pauses(ctx)
	if err != nil {
		return m.unread(ctx, "pauses", err)
	}
	check := Check{Name: "pauses", OK: true, Detail: fmt.Sprintf("%d in force.", len(list))}
	for _, p := range list {
		name := string(p.Medium)
		if p.Via != "" {
			name += " (" + p.Via + ")"
		}
		check.Detail += fmt.Sprintf(" %s of %s: %s until %s, %d messages for more than ten minutes.",
			name, p.Organisation, p.Why, p.Until.Format(time.RFC3339), p.Count)
		if check.Since.IsZero() || p.Since.Before(check.Since) {
			check.Since = p.Since
		}
	}
	return check
}

// textWaits is how long a client's text may wait for a person before somebody should look who reads them.
const textWaits = 24 * time.Hour

// checkTexts looks for texts that nobody reads: those of no known organisation, those of one where nobody sorts texts,
// and those that wait too long.
func (m *Messenger) checkTexts(ctx context.Context) Check {
	type state struct {
		Held, Nobody int
		Since        *time.Time
	}
	now := m.now(ctx)
	s, err := rows.One[state](ctx, m.db(), rows.Raw(`select
		count(*) filter (where u.organisation_id is null)::int as held,
		count(*) filter (where u.organisation_id is not null and not exists (
			select from messenger_text_sorters s where s.organisation_id = u.organisation_id and s.seen_at > ?))::int as nobody,
		min(u.received_at) as since
		from messenger_unmatched u where u.assigned_at is null`, rows.V(now.Add(-sorterStays))))
	if err != nil {
		return m.unread(ctx, "texts", err)
	}
	check := Check{Name: "texts", OK: true, Detail: "None waits for an operator, or for longer than a day."}
	var faults []string
	if s.Held > 0 {
		faults = append(faults, fmt.Sprintf("%d are held, since no organisation is known for them: see HeldTexts", s.Held))
	}
	if s.Nobody > 0 {
		faults = append(faults, fmt.Sprintf("%d wait where nobody sorts texts: give Member.SortsTexts to somebody", s.Nobody))
	}
	if s.Since != nil && now.Sub(*s.Since) > textWaits {
		faults = append(faults, "the oldest has waited for longer than a day")
	}
	if len(faults) > 0 {
		check.OK, check.Since, check.Detail = false, s.Since.UTC(), strings.Join(faults, "; ")+"."
	}
	return check
}

// unread is a check that could not be made.
func (m *Messenger) unread(ctx context.Context, name string, err error) Check {
	m.config.Logger.WarnContext(ctx, "messenger: a check of health failed", "check", name, "error", err)
	return Check{Name: name, Detail: "It could not be read: see the log."}
}

// Pause is until when what an organisation sends of a medium, or all that it files, waits as a whole; or that its
// client directory does not answer, and each message is tried again by itself.
type Pause struct {
	Organisation adapters.OrganisationID
	Of           string          // "sender", "record" or "directory"
	Medium       adapters.Medium // "record" and "directory" for theirs
	Via          string          // of a sender's: who may be meant, as Delivery.Via says it: "twilio", "smtp, govuknotify"
	Why          WaitingWhy
	Since        time.Time // UTC, by the database's clock; so is Until
	Until        time.Time // when the provider or record is asked again
	Count        int       // messages that have waited for more than ten minutes, up to 1,000
}

// Pauses returns the pauses in force, by organisation and medium. It is for operators: no asker is looked at.
func (m *Messenger) Pauses(ctx context.Context) ([]Pause, error) {
	type counted struct {
		rows.Pause `bun:",extend"`
		Count      int
	}
	found, err := rows.List[counted](ctx, m.db(), rows.File("pauses", nil))
	if err != nil {
		return nil, fmt.Errorf("messenger: read the pauses: %w", err)
	}
	list := make([]Pause, len(found))
	for i, row := range found {
		of := "sender"
		if row.Medium == recordPause || row.Medium == directoryPause {
			of = string(row.Medium)
		}
		list[i] = Pause{
			row.OrganisationID, of, row.Medium, row.Via, WaitingWhy(row.Why), row.Since.UTC(), row.Until.UTC(), row.Count,
		}
	}
	return list, nil
}

// LiftPause ends a pause before its time, once whoever looks after the provider's account, or the record's, says that
// it takes messages again. Every process knows within a second, and what waited goes within some more. medium is a
// Pause's. It is for operators: no asker is looked at. Error: CodeNotFound when there is none, as after a first call.
func (m *Messenger) LiftPause(ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium) error {
	n, err := rows.Exec(ctx, m.db(), rows.Delete[rows.Pause]().
		Where("organisation_id = ? and medium = ? and until > now()", rows.V(organisation), rows.V(medium)))
	if err != nil {
		return fmt.Errorf("messenger: lift a pause: %w", err)
	}
	if n == 0 {
		return notFound()
	}
	m.pauses.over(pauseKey{organisation, medium})
	if err := m.wake(ctx, medium); err != nil {
		return err
	}
	if err := m.jobs.Retry(ctx, m.config.Pool, stoppedBy(medium)...); err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	return nil
}

// wake has what slept through a pause of a medium, or of the record, tried now.
func (m *Messenger) wake(ctx context.Context, medium adapters.Medium) error {
	if err := m.jobs.Wake(ctx, m.config.Pool, stoppedBy(medium)...); err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	return nil
}

// stoppedBy are the jobs that a pause of a medium, of the record or of the directory holds up.
func stoppedBy(medium adapters.Medium) []jobs.Args {
	switch medium { //nolint:exhaustive // the others are of what is sent
	case recordPause:
		return []jobs.Args{jobs.WriteRecord{}, jobs.AmendRecord{}, jobs.FileNote{}}
	case directoryPause:
		return []jobs.Args{jobs.Deliver{}, jobs.WriteRecord{}, jobs.AmendRecord{}, jobs.FileNote{}}
	default:
		return []jobs.Args{jobs.Deliver{}}
	}
}
