// Package command is the command 'messenger', for whoever runs a host: the tables, a doctor, and what operators ask
// for. cmd/messenger is it over DATABASE_URL; a host gives it to its own command with a line:
//
//	case "messenger":
//		os.Exit(command.Command{Messenger: m, Pool: pool, Direct: direct}.Run(ctx, os.Args[2:]))
package command

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const usage = `messenger does what whoever runs a host with Messenger in it needs. The database is -database, or
DATABASE_URL.

  messenger migrate up         make or mend the tables; a second time changes nothing
  messenger migrate pending    name the migrations that have not run
  messenger migrate print      print the SQL of those, for psql
  messenger migrate print -all                          of all, for a database without Messenger
  messenger migrate print -for goose -dir FOLDER        write files for goose; or golang-migrate
  messenger migrate down -remove-all                    remove every table, with all messages
  messenger grant -role NAME   give the service's role what it needs; as the owner of the tables, after each 'up'
  messenger doctor [-json]     look at the database and say what to do; ends with 1 where something is at fault
  messenger client-channels -organisation ID -client ID [-json]
                               list a client's channels, whoever owns them
  messenger export -organisation ID -client ID [-for client] [-format html] [-out FILE] [-by LOGIN]
                               write all that is kept of a client, as JSON or as a page that prints; the history says so
  messenger reconcile -organisation ID [-days 2] [-json]
                               compare what went out with what the providers have; ends with 1 where they differ
  messenger reconcile -organisation ID -kept [-days 30] [-json]
                               print what was found each night; ends with 1 where that is not as it was signed
  messenger verify [-json] [-sealed-since TIME] -keys FILE
                               say whether the histories are as they were written; ends with 1 where one is not. The
                               file has a line 'ID BASE64' for each link key that there was; a host's own command has
                               its keys of today: -keys adds those from before

Each takes -database URL; doctor also -direct URL, where -database leads through a pooler, and -river-schema NAME.
`

// Command is the command. Its zero value works over -database or DATABASE_URL.
type Command struct {
	// Messenger is the host's. Without it there is one that only looks: enough for all but export and reconcile.
	Messenger *messenger.Messenger
	// Pool is the host's, and Direct the one that reaches PostgreSQL without a pooler: messenger.Config has the same. Run
	// closes neither. Without Pool there are flags for them.
	Pool, Direct *pgxpool.Pool
	RiverSchema  string    // as messenger.Config has it; defaults to that of Messenger's
	Out, Err     io.Writer // default to os.Stdout and os.Stderr

	keys []messenger.LinkKey // of a file
}

// errFault says that a fault was found, and told already.
var errFault = errors.New("a fault was found")

// errUsage says that the command was not understood.
var errUsage = errors.New("say what to do")

// Run does what the arguments after the command's name say, and returns the code to exit with: 0, 1 where it failed or
// found a fault, 2 where it was not understood. What it prints names no client and no staff but by id.
func (c Command) Run(ctx context.Context, arguments []string) (code int) {
	if c.Out == nil {
		c.Out = os.Stdout
	}
	if c.Err == nil {
		c.Err = os.Stderr
	}
	if c.Messenger != nil {
		c.RiverSchema = cmp.Or(c.RiverSchema, c.Messenger.RiverSchema())
	}
	out := &remembering{to: c.Out}
	c.Out = out
	err := c.run(ctx, arguments)
	if out.err != nil && (err == nil || errors.Is(err, errFault)) {
		err = fmt.Errorf("what was to be printed is not whole: %w", out.err)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFault):
		return 1
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintf(c.Err, "%v\n\n%s", err, usage)
		return 2
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(c.Err, "messenger: stopped. What was done until then stands; the same again goes on from there.")
		return 1
	default:
		_, _ = fmt.Fprint(c.Err, explained(err))
		return 1
	}
}

// remembering is a writer that knows whether all was written: a script that breaks off is none.
type remembering struct {
	to  io.Writer
	err error
}

func (r *remembering) Write(text []byte) (int, error) {
	n, err := r.to.Write(text)
	r.err = cmp.Or(r.err, err)
	return n, err
}

func (c Command) run(ctx context.Context, arguments []string) error {
	name, rest := first(arguments)
	if name == "help" || slices.ContainsFunc(arguments, asksForHelp) {
		c.say("%s", usage)
		return nil
	}
	switch name {
	case "migrate":
		return c.migrate(ctx, rest)
	case "doctor":
		return c.doctor(ctx, rest)
	case "client-channels":
		return c.clientChannels(ctx, rest)
	case "export":
		return c.export(ctx, rest)
	case "grant":
		return c.grant(ctx, rest)
	case "reconcile":
		return c.reconcile(ctx, rest)
	case "verify":
		return c.verify(ctx, rest)
	case "":
		return errUsage
	default:
		return fmt.Errorf("%w: %q is nothing", errUsage, name)
	}
}

func asksForHelp(argument string) bool {
	return argument == "-h" || argument == "-help" || argument == "--help"
}

func first(arguments []string) (name string, rest []string) {
	if len(arguments) == 0 {
		return "", nil
	}
	return arguments[0], arguments[1:]
}

// flags are those of one of the things to do, and of the database.
type flags struct {
	*flag.FlagSet
	database, direct, riverSchema string
}

func (c Command) flags(name string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.SetOutput(io.Discard) // the usage says more
	if c.Pool == nil {
		f.StringVar(&f.database, "database", "", "")
		f.StringVar(&f.direct, "direct", "", "")
		f.StringVar(&f.riverSchema, "river-schema", "", "")
	}
	return f
}

func (f *flags) parse(arguments []string) error {
	if err := f.Parse(arguments); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: %q is too much", errUsage, f.Arg(0))
	}
	return nil
}

// open has the pools there, and what closes those that are not the host's.
func (c Command) open(ctx context.Context, f *flags) (opened Command, closeAll func(), err error) {
	closeAll = func() {}
	if c.Pool == nil {
		address := cmp.Or(f.database, os.Getenv("DATABASE_URL"))
		if address == "" {
			return c, closeAll, fmt.Errorf("%w: set DATABASE_URL, or give -database", errUsage)
		}
		if c.Pool, err = connect(ctx, address); err != nil {
			return c, closeAll, err
		}
		closeAll = c.Pool.Close
		if f.direct != "" {
			if c.Direct, err = connect(ctx, f.direct); err != nil {
				return c, closeAll, err
			}
			both := []*pgxpool.Pool{c.Pool, c.Direct}
			closeAll = func() { both[0].Close(); both[1].Close() }
		}
		c.RiverSchema = f.riverSchema
	}
	if c.Direct == nil {
		c.Direct = c.Pool
	}
	return c, closeAll, nil
}

func connect(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("the database's address can't be read: it is like postgres://ROLE:PASSWORD@HOST:5432/NAME, " +
			"with %40 for an @ in the password") // pgx's own error has the address in it
	}
	pool, err := pgxpool.NewWithConfig(ctx, messenger.ConfigurePool(config))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return pool, nil
}

// asking has a Messenger there to ask, and what closes the pools that are not the host's.
func (c Command) asking(ctx context.Context, f *flags) (m *messenger.Messenger, closeAll func(), err error) {
	c, closeAll, err = c.open(ctx, f)
	if err == nil {
		m, err = c.looking()
	}
	return m, closeAll, err
}

// looking is a Messenger to ask what operators may ask. No port of it is ever called.
func (c Command) looking() (*messenger.Messenger, error) {
	if c.Messenger != nil {
		return c.Messenger, nil
	}
	keys := c.keys
	if keys == nil {
		keys = []messenger.LinkKey{{ID: "none", Key: make([]byte, 32)}}
	}
	return messenger.New(messenger.Config{
		Pool: c.Pool, Direct: c.Direct, RiverSchema: c.RiverSchema,
		Clients: struct{ adapters.Clients }{}, Staff: struct{ adapters.Staff }{}, Email: struct{ adapters.Sender }{},
		LinkKeys:  keys,
		PublicURL: "https://none.example.org", Logger: quiet(c.Err),
	})
}
