package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/command"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// doctor is what the doctor says of a database, by name.
func doctor(t *testing.T, arguments ...string) (code int, found map[string]command.Finding) {
	t.Helper()
	code, out, errors := run(t, append([]string{"doctor", "-json"}, arguments...)...)
	var list []command.Finding
	require.NoError(t, json.Unmarshal([]byte(out), &list), out+errors)
	found = map[string]command.Finding{}
	for _, finding := range list {
		found[finding.Name] = finding
	}
	return code, found
}

func TestTheDoctorOfAWellDatabase(t *testing.T) {
	t.Parallel()
	address, pool := migrated(t)
	_, err := pool.Exec(t.Context(), `insert into river_leader (elected_at, expires_at, leader_id)
		values (now(), now() + interval '1 minute', 'a worker')`)
	require.NoError(t, err)
	code, found := doctor(t, "-database", address)
	require.Zero(t, code, found)
	for _, name := range []string{
		"database", "pooler", "migrations", "indexes", "rights", "river", "extensions", "listener", "workers", "clock", "jobs",
		"pauses", "texts", "replies", "reconciled",
	} {
		require.Equal(t, command.OK, found[name].State, found[name])
		require.NotEmpty(t, found[name].Detail, name)
		require.Empty(t, found[name].Do, name)
	}
	_, text, _ := run(t, "doctor", "-database", address)
	require.Contains(t, text, "ok     listener    What one process notifies another hears.\n")
	require.Contains(t, text, "note   logs        PostgreSQL may write values into its log.\n"+strings.Repeat(" ", 19)+
		"-> Set on the server: log_error_verbosity = terse")
}

func TestTheDoctorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statements string // what is done to a well database
		option     [2]string
		state      command.State
		detail, do string
	}{
		"migrations": {
			statements: "delete from messenger_migrations where name = '20261101000040'", state: command.Fault,
			detail: "1 have not run, the first 20261101000040_attention_listed.", do: "messenger migrate up",
		},
		"indexes": {
			statements: "update pg_index set indisvalid = false where indexrelid = 'messenger_messages_failed'::regclass",
			state:      command.Fault, detail: "index messenger_messages_failed is not valid", do: "migrate up mends",
		},
		"rights": {
			statements: `grant select, insert, update, delete on all tables in schema public to ROLE;
				revoke update on messenger_channels from ROLE`,
			option: [2]string{"options", "-crole=ROLE"}, state: command.Fault, detail: "1 rights are missing.",
			do: `grant update on messenger_channels to ROLE;`,
		},
		"roles": {
			statements: "grant all on schema public to ROLE; alter table messenger_drafts owner to ROLE", state: command.Fault,
			detail: "belong to several roles", do: "owner to",
		},
		"roles, of the schema": {
			statements: `grant select, insert, update, delete on all tables in schema public to ROLE;
				grant usage on all sequences in schema public to ROLE; alter schema public owner to ROLE`,
			option: [2]string{"options", "-crole=ROLE"}, state: command.Note, detail: "can drop the history",
			do: "alter schema public owner to",
		},
		"river, its sequence": {
			statements: `grant select, insert, update, delete on all tables in schema public to ROLE`,
			option:     [2]string{"options", "-crole=ROLE"}, state: command.Fault, detail: "may not use", do: "sequences",
		},
		"logs, of a statement that fails": {
			statements: "select 1", option: [2]string{"options", "-clog_parameter_max_length_on_error=-1"}, state: command.Note,
			detail: "may write values", do: "log_parameter_max_length_on_error = 0",
		},
		"logs, of auto_explain": {
			statements: "select 1", option: [2]string{"options", "-cauto_explain.log_parameter_max_length=-1"},
			state: command.Note, detail: "may write values", do: "server: auto_explain.log_parameter_max_length = 0, log_",
		},
		"river": {statements: "drop table river_job cascade", state: command.Fault, detail: "not there", do: "rivermigrate"},
		"extensions": {
			statements: "drop extension pg_trgm cascade", state: command.Note, detail: "slower", do: "create extension pg_trgm",
		},
		"pooler": {
			statements: "select 1", option: [2]string{"default_query_exec_mode", "simple_protocol"}, state: command.Fault,
			detail: "values into the text", do: "Take out",
		},
		"workers": {statements: "select 1", state: command.Note, detail: "No process works jobs", do: "Start a worker"},
		"jobs": {
			statements: `insert into river_job (kind, queue, max_attempts, state, args, scheduled_at, created_at)
				values ('messenger_deliver', 'messenger_deliver', 9, 'available', '{}', now() - interval '1 hour', now())`,
			state: command.Fault, detail: "messenger_deliver since", do: "worker processes",
		},
		"pauses": {
			statements: `insert into messenger_pauses values ('north', 'email', now() + interval '1 hour')`, state: command.Note,
			detail: "email of north", do: "LiftPause",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, pool := migrated(t)
			own := "doctor_" + strings.ReplaceAll(uuid.NewString(), "-", "")
			if strings.Contains(c.statements, "ROLE") {
				role(t, pool, own)
			}
			_, err := pool.Exec(t.Context(), strings.ReplaceAll(c.statements, "ROLE", own))
			require.NoError(t, err)
			if c.option[0] != "" {
				address = withOption(t, address, c.option[0], strings.ReplaceAll(c.option[1], "ROLE", own))
			}
			code, found := doctor(t, "-database", address)
			name, _, _ := strings.Cut(name, ",")
			require.Equal(t, c.state, found[name].State, found[name])
			require.Contains(t, found[name].Detail, c.detail)
			require.Contains(t, found[name].Do, strings.ReplaceAll(c.do, "ROLE", own))
			require.Equal(t, c.state == command.Fault, code == 1)
		})
	}
}

// What is not there is said, whatever is missing with it.
func TestTheDoctorOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	code, found := doctor(t, "-database", migrationtest.Database(t))
	require.Equal(t, 1, code)
	require.Equal(t, command.Fault, found["migrations"].State)
	require.Equal(t, command.Fault, found["river"].State)
	require.Equal(t, command.OK, found["listener"].State)
	require.Equal(t, "See to the faults above first.", found["jobs"].Do)
	code, found = doctor(t, "-database", "postgres://127.0.0.1:1/none")
	require.Equal(t, 1, code)
	require.Len(t, found, 1)
	require.Equal(t, command.Fault, found["database"].State)
	require.Contains(t, found["database"].Do, "See whether it runs")
}
