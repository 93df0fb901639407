package migrations

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

var triggerStatement = regexp.MustCompile(`(?is)\bcreate\s+trigger\s+(\w+)\s[^;]*?\son\s+(\w+)\s[^;]*`)

// trigger is one that is to be there.
type trigger struct{ name, table, statement string }

// wantedTriggers are those that the migrations make which have run, each as the last of them has it, by name.
func wantedTriggers(pending []string) ([]trigger, error) {
	entries, err := FS.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	wanted := map[string]trigger{}
	for _, entry := range entries { // in the order of their names
		name, _, _ := strings.Cut(entry.Name(), ".")
		if !strings.HasSuffix(entry.Name(), ".up.sql") || slices.Contains(pending, name) {
			continue
		}
		text, err := FS.ReadFile(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		for _, part := range triggerStatement.FindAllStringSubmatch(string(text), -1) {
			wanted[part[1]] = trigger{name: part[1], table: part[2], statement: part[0]}
		}
	}
	return slices.SortedFunc(maps.Values(wanted), func(a, b trigger) int { return strings.Compare(a.name, b.name) }), nil
}

// missingTriggers are those that a schema has lost, as by a restore that passed them over: its counts then stand
// still, and its history can be changed.
func missingTriggers(ctx context.Context, pool *pgxpool.Pool, pending []string) ([]trigger, error) {
	wanted, err := wantedTriggers(pending)
	if err != nil {
		return nil, err
	}
	there, err := list(ctx, pool, `select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
		where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('messenger_channels'))
		and not tgisinternal and tgenabled not in ('D', 'R')`)
	if err != nil {
		return nil, fmt.Errorf("look for triggers: %w", err)
	}
	return slices.DeleteFunc(wanted, func(t trigger) bool { return slices.Contains(there, t.name) }), nil
}

// makeTriggers makes the missing triggers, as their migrations did.
func makeTriggers(ctx context.Context, own *pgxpool.Pool) error {
	pending, err := Pending(ctx, own)
	if err != nil {
		return err
	}
	missing, err := missingTriggers(ctx, own, pending)
	if err != nil {
		return err
	}
	for _, t := range missing {
		again := strings.Replace(t.statement, "create trigger", "create or replace trigger", 1)
		err := patiently(ctx, func() error {
			_, err := own.Exec(ctx, again+"; alter table "+t.table+" enable trigger "+t.name)
			return err
		})
		if err != nil {
			return fmt.Errorf("make the trigger %s: %w", t.name, err)
		}
	}
	return nil
}
