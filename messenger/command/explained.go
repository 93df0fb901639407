package command

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// explained is an error as who runs the command reads it: once, and with what to do where that is known.
func explained(err error) string {
	// pgx tells of each way that it tried to connect, with TLS and without, and most often the same
	lines := slices.Compact(strings.Split(err.Error(), "\n"))
	lines[0] = "messenger: " + strings.TrimPrefix(lines[0], "messenger: ")
	if do := cureOf(err); do != "" {
		lines = append(lines, "-> "+do)
	}
	return strings.Join(lines, "\n") + "\n"
}

func cureOf(err error) string {
	if refused := new(pgconn.ConnectError); errors.As(err, &refused) {
		return "See whether the database runs and can be reached from here, and -database or DATABASE_URL."
	}
	refused := new(pgconn.PgError)
	if !errors.As(err, &refused) {
		return ""
	}
	switch refused.Code {
	case "42P01", "42703", "3F000": // no such table, column, schema
		return "Messenger's tables are not there, not in this role's schema, or from another version: see 'messenger " +
			"migrate pending', and run 'messenger migrate up' where it names any. 'messenger doctor' says more."
	case "42501":
		return "The role may not. Tables are made, changed and granted by their owner: name that role in the address. " +
			"'messenger doctor' says whose they are, and what the service's role lacks."
	case "25006":
		return "The database takes no changes: name the one that does, no standby, and a role that is not set to read only."
	}
	return ""
}
