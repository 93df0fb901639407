package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// reconcile compares what went out with what the providers and the record have, or prints what was kept of that. It
// needs the host's Messenger: its adapters ask them, its keys sign.
func (c Command) reconcile(ctx context.Context, arguments []string) error {
	f := c.flags("reconcile")
	organisation, days := f.String("organisation", "", ""), f.Int("days", 0, "")
	kept, inJSON := f.Bool("kept", false, ""), f.Bool("json", false, "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	if *organisation == "" || *days < 0 {
		return fmt.Errorf("%w: -organisation; -days is a number", errUsage)
	}
	if c.Messenger == nil {
		return errors.New("reconcile works in a host's own command alone: its adapters ask the providers")
	}
	back := func(usual int) time.Time {
		if *days > 0 {
			usual = *days
		}
		return c.Messenger.Now(ctx).AddDate(0, 0, -usual)
	}
	var list []messenger.Reconciled
	if *kept {
		var err error
		list, err = c.Messenger.Reconciliations(ctx, adapters.OrganisationID(*organisation), back(30))
		if err != nil {
			return err
		}
	} else {
		made, err := c.Messenger.Reconcile(ctx, adapters.OrganisationID(*organisation), back(2))
		if err != nil {
			return err
		}
		list = append(list, made)
	}
	differ := *kept && c.tellMissing(list, back(30), c.Messenger.Now(ctx))
	for _, made := range list {
		ours := c.Messenger.ReconciledIsOurs(made)
		differ = differ || !ours || !*kept && (made.RecordFailed || len(made.Differences)+len(made.Failed) > 0)
		if *inJSON {
			if err := json.NewEncoder(c.Out).Encode(made); err != nil {
				return err
			}
			continue
		}
		c.tellReconciled(made, ours)
	}
	if differ {
		return errFault
	}
	return nil
}

// tellMissing names the nights since a time that have no result, and says whether there are any: of those before the
// oldest result that is kept it says nothing, and of the present one, whose result may still be due.
func (c Command) tellMissing(list []messenger.Reconciled, since, now time.Time) bool {
	if len(list) == 0 {
		_, _ = fmt.Fprintf(c.Err, "no result since %s\n", since.UTC().Format(time.RFC3339))
		return true
	}
	has := map[time.Time]bool{}
	for _, made := range list {
		has[made.Night()] = true
	}
	missing := false
	oldest := list[len(list)-1].Night()
	tonight := messenger.Reconciled{At: now}.Night()
	for one := tonight.AddDate(0, 0, -1); one.After(oldest); one = one.AddDate(0, 0, -1) {
		if !has[one] {
			missing = true
			_, _ = fmt.Fprintf(c.Err, "no result of the night of %s\n", one.Format(time.DateOnly))
		}
	}
	return missing
}

func (c Command) tellReconciled(made messenger.Reconciled, ours bool) {
	signed := ""
	if !ours {
		signed = "  NOT AS IT WAS SIGNED"
	}
	c.say("%s since %s: %d agree, %d differ; asked %v, could not ask %v nor of %d more%s\n",
		made.At.Format(time.RFC3339), made.Since.Format(time.RFC3339), made.Agree, len(made.Differences), made.Asked,
		made.NotAsked, made.Unasked, signed)
	if len(made.Failed) > 0 {
		c.say("  no answer of the provider of %v: the log says why\n", made.Failed)
	}
	switch {
	case made.RecordFailed:
		c.say("  no answer of the record: the log says why\n")
	case made.RecordAsked:
		c.say("  the record has %d entries as they were filed\n", made.Filed)
	default:
		c.say("  the record could not be asked\n")
	}
	for _, one := range made.Differences {
		where := string(one.Medium)
		if one.Medium == "" {
			where = "note"
		}
		c.say("  %-9s %s %s\n", one.Why, where, one.Message)
	}
}
