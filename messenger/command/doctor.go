package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// State is how a finding is meant.
type State string

// The states. Only a fault has the command end with 1.
const (
	OK    State = "ok"
	Note  State = "note"  // works, and could be better
	Fault State = "fault" // something does not work, or will not
)

// Finding is one of the things that the doctor looked at. It names no person.
type Finding struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Do     string `json:"do,omitempty"` // what to do; empty when nothing
}

// lookFor bounds one of the looks.
const lookFor = 10 * time.Second

// Doctor looks at the database as this process reaches it, and says of each thing what to do. It changes nothing: what
// it writes is a notification that nobody listens to but itself. Where the database does not answer, that is all.
func (c Command) Doctor(ctx context.Context) ([]Finding, error) {
	if c.Err == nil {
		c.Err = io.Discard
	}
	if c.Direct == nil {
		c.Direct = c.Pool
	}
	m, err := c.looking()
	if err != nil {
		return nil, err
	}
	database := c.look(ctx, c.database)
	if database.State == Fault {
		return []Finding{database}, nil
	}
	findings := []Finding{database}
	for _, look := range []func(context.Context) (Finding, error){
		c.pooler, c.roles, c.tables, c.indexes, c.rights, c.river, c.extensions, c.listener, c.workers, c.logs,
	} {
		findings = append(findings, c.look(ctx, look))
	}
	return append(findings, ofHealth(m.Health(ctx))...), nil
}

// look makes one of the looks. What can't be looked at is a fault.
func (c Command) look(ctx context.Context, look func(context.Context) (Finding, error)) Finding {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	finding, err := look(ctx)
	if err != nil {
		finding.State, finding.Detail = Fault, "It could not be looked at: "+err.Error()
		if finding.Do == "" {
			finding.Do = "See to the faults above first."
		}
	}
	return finding
}

func (c Command) doctor(ctx context.Context, arguments []string) error {
	f := c.flags("doctor")
	inJSON := f.Bool("json", false, "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	findings, err := c.Doctor(ctx)
	if err == nil {
		err = ctx.Err() // who breaks it off is told of no faults
	}
	if err != nil {
		return err
	}
	if *inJSON {
		if err := json.NewEncoder(c.Out).Encode(findings); err != nil {
			return err
		}
	}
	for _, finding := range findings {
		if finding.State == Fault {
			err = errFault
		}
		if *inJSON {
			continue
		}
		c.say("%-6s %-11s %s\n", finding.State, finding.Name, finding.Detail)
		if finding.Do != "" {
			c.say("%-18s -> %s\n", "", strings.ReplaceAll(finding.Do, "\n", "\n"+strings.Repeat(" ", 22)))
		}
	}
	return err
}

// cures are what to do about a check of Health that is not well.
var cures = map[string]string{ //nolint:gochecknoglobals // a table
	"clock":   "Keep NTP running on this machine.",
	"jobs":    "See that worker processes run, that each has all of Messenger's queues, and what their logs say.",
	"pauses":  "Ask the provider, or whoever runs the record. messenger.LiftPause ends a pause before its time.",
	"texts":   "Give Member.SortsTexts to somebody in that organisation; HeldTexts and ReleaseText are for what is held.",
	"replies": "Set Organisation.Fallback, or see who may act in those inboxes.",
	"reconciled": "messenger reconcile -kept -organisation ID, in the host's own command; the service's log says why a\n" +
		"provider did not answer.",
}

// ofHealth are those checks of Health that the doctor does not look at more closely itself.
func ofHealth(health messenger.Health) (findings []Finding) {
	for _, check := range health.Checks {
		cure, ok := cures[check.Name]
		if !ok {
			continue
		}
		finding := Finding{Name: check.Name, State: OK, Detail: check.Detail}
		switch {
		case !check.OK:
			finding.State, finding.Do = Fault, cure
			if check.Since.IsZero() && strings.HasPrefix(check.Detail, "It could not be read") {
				finding.Do = "See to the faults above first."
			}
		case check.Name == "pauses" && !check.Since.IsZero():
			finding.State, finding.Do = Note, cure
		}
		findings = append(findings, finding)
	}
	return findings
}

func (c Command) tables(ctx context.Context) (Finding, error) {
	found := Finding{Name: "migrations", State: OK, Detail: "All have run."}
	pending, err := migrations.Pending(ctx, c.Direct)
	if len(pending) > 0 {
		found.State, found.Do = Fault, "messenger migrate up, or the same by your own tool: messenger migrate print."
		found.Detail = fmt.Sprintf("%d have not run, the first %s.", len(pending), pending[0])
	}
	return found, err
}

func (c Command) indexes(ctx context.Context) (Finding, error) {
	found := Finding{Name: "indexes", State: OK, Detail: "They are valid, and the histories' triggers always on."}
	faults, err := migrations.Faults(ctx, c.Direct)
	var own []string
	for _, fault := range faults {
		if !strings.HasPrefix(fault, "migration ") {
			own = append(own, fault)
		}
	}
	if len(own) > 0 {
		found.State, found.Detail = Fault, strings.Join(own, "; ")+"."
		found.Do = "messenger migrate up mends them while everything goes on."
	}
	return found, err
}

// quiet logs what can't be read to where errors go.
func quiet(to io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
