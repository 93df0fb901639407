package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
)

// testDatabase is a schema with the CMS's own tables, the demonstration's people in them.
type testDatabase struct {
	*pgxpool.Pool
	queries atomic.Int64
}

func (d *testDatabase) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	d.queries.Add(1)
	return ctx
}
func (*testDatabase) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (d *testDatabase) count() int { return int(d.queries.Load()) }

func newTestDatabase(t *testing.T) *testDatabase {
	t.Helper()
	config, err := pgxpool.ParseConfig(devpgtest.URL(t))
	require.NoError(t, err)
	schema := "cms_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	config.ConnConfig.RuntimeParams["search_path"] = schema
	database := &testDatabase{}
	// The mode that knows no types beforehand, as behind a pooler: what works in it works in all.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnConfig.Tracer = database
	database.Pool, err = pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(database.Close)
	database.do(t, `create schema `+schema)
	t.Cleanup(func() {
		_, err := database.Exec(context.WithoutCancel(t.Context()), `drop schema `+schema+` cascade`)
		require.NoError(t, err)
	})
	require.NoError(t, makeTables(t.Context(), database.Pool))
	return database
}

func (d *testDatabase) do(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := d.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

func (d *testDatabase) number(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// stall locks tables so that whoever asks for them waits.
func (d *testDatabase) stall(t *testing.T, tables string) func() (release func()) {
	t.Helper()
	return func() func() {
		tx, err := d.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `lock table `+tables+` in access exclusive mode`)
		require.NoError(t, err)
		return func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	adaptertest.Clients(t, func(t *testing.T) adaptertest.ClientsHarness {
		t.Helper()
		d := newTestDatabase(t)
		d.do(t, `truncate cms_clients cascade`)
		return adaptertest.ClientsHarness{
			Clients: directory{d}, Organisation: "north", Other: "south", Queries: d.count, Stall: d.stall(t, "cms_clients"),
			Put: func(t *testing.T, organisation adapters.OrganisationID, clients ...adapters.Client) []adapters.Client {
				t.Helper()
				for i := range clients {
					c := &clients[i]
					c.ProfileURL = "/clients/" + string(c.ID)
					d.do(t, `insert into cms_clients values ($1, $2, $3, $4, $5, $6,
						nullif($7, '')::date, $8, $9, $10, $11, $12, $13, $14, true)`,
						c.ID, organisation, c.Name, folded(c.Name), c.FirstName, c.NHSNumber, c.DateOfBirth, c.GP.Name, c.GP.ODSCode,
						c.Email, c.Phone, c.Restricted, c.Deceased, texts(c.Objects))
					d.do(t, cardUpdate, c.ID, append([]string{}, c.Needs...), c.Language, cardText(*c))
				}
				return clients
			},
		}
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	adaptertest.Lists(t, func(t *testing.T) adaptertest.ListsHarness {
		t.Helper()
		d := newTestDatabase(t)
		d.do(t, `truncate cms_client_lists, cms_client_list_members`)
		return adaptertest.ListsHarness{
			Lists: lists{d}, Organisation: "north", Other: "south", Queries: d.count, Stall: d.stall(t, "cms_client_lists"),
			Put: func(
				t *testing.T, organisation adapters.OrganisationID, name string, size int,
			) (adapters.List, []adapters.ClientID) {
				t.Helper()
				list := adapters.List{ID: adapters.ListID(uuid.NewString()), Name: name, Size: size}
				d.do(t, `insert into cms_client_lists values ($1, $2, $3, 1)`, list.ID, organisation, name)
				rows, err := d.Query(t.Context(), `insert into cms_client_list_members
					select $1, id from cms_clients where organisation_id = $2
					order by id desc limit $3 returning client_id`, list.ID, organisation, size)
				require.NoError(t, err)
				members, err := pgx.CollectRows(rows, pgx.RowTo[adapters.ClientID])
				require.NoError(t, err)
				return list, members
			},
		}
	})
}

func TestStaff(t *testing.T) {
	t.Parallel()
	adaptertest.Staff(t, func(t *testing.T) adaptertest.StaffHarness {
		t.Helper()
		return staffHarness(t, newTestDatabase(t))
	})
}

func TestColleagues(t *testing.T) {
	t.Parallel()
	adaptertest.Colleagues(t, func(t *testing.T) adaptertest.ColleaguesHarness {
		t.Helper()
		d := newTestDatabase(t)
		return adaptertest.ColleaguesHarness{
			StaffHarness: staffHarness(t, d), Colleagues: staff{d},
			Manage: func(t *testing.T, member adapters.Member, manages bool) adapters.Member {
				t.Helper()
				d.do(t, `update cms_staff set manages = $2 where id = $1`, member.ID, manages)
				member.Manages, member.ManagesTemplates, member.Exports = manages, manages, manages
				return member
			},
		}
	})
}

func staffHarness(t *testing.T, d *testDatabase) adaptertest.StaffHarness {
	t.Helper()
	s := staff{d}
	return adaptertest.StaffHarness{
		Staff: s, Organisation: "east", Other: "west", Queries: d.count, Stall: d.stall(t, "cms_staff"),
		Add: func(t *testing.T, organisation adapters.OrganisationID, name string) adapters.Member {
			t.Helper()
			d.do(t, `insert into cms_organisations values ($1, 'An organisation', '') on conflict do nothing`, organisation)
			id := uuid.NewString()
			d.do(t, `insert into cms_staff values ($1, $2, $3, 'Link worker', true)`, id, organisation, name)
			return adapters.Member{
				ID: adapters.StaffID(id), Name: name, Organisation: organisation,
				Media: []adapters.Medium{adapters.Email, adapters.SMS}, SortsTexts: true,
			}
		},
		Share: func(t *testing.T, member, colleague adapters.StaffID, mayAct bool) {
			t.Helper()
			d.do(t, `insert into cms_shares values ($1, $2, $3) on conflict (staff_id, colleague_id)
					do update set may_act = excluded.may_act`,
				member, colleague, mayAct)
		},
		Leave: func(t *testing.T, member adapters.StaffID) {
			t.Helper()
			d.do(t, `delete from cms_shares where $1 in (staff_id, colleague_id)`, member)
			d.do(t, `delete from cms_sessions where staff_id = $1`, member)
			d.do(t, `delete from cms_staff where id = $1`, member)
		},
		SignIn: func(ctx context.Context, member adapters.StaffID) context.Context {
			secret, err := s.signIn(ctx, string(member))
			if errors.Is(err, adapters.ErrNotFound) {
				return ctx
			}
			if err != nil {
				return withSession(ctx, "none")
			}
			return withSession(ctx, secret)
		},
	}
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	adaptertest.Organisations(t, func(t *testing.T) adaptertest.OrganisationsHarness {
		t.Helper()
		d := newTestDatabase(t)
		return adaptertest.OrganisationsHarness{
			Organisations: organisations{db: d, colour: brandColour, logo: brandLogo},
			First:         "east", Second: "west", Unknown: "nowhere",
			Stall: d.stall(t, "cms_organisations"),
			Put: func(t *testing.T, o adapters.Organisation) adapters.Organisation {
				t.Helper()
				d.do(t, `insert into cms_organisations values ($1, $2, $3) on conflict (id) do update set name = excluded.name`,
					o.ID, o.Name, o.Phone)
				return adapters.Organisation{ID: o.ID, Name: o.Name, Phone: o.Phone, Colour: brandColour, Logo: brandLogo}
			},
		}
	})
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	for _, medium := range []adapters.Medium{adapters.Email, adapters.SMS} {
		t.Run(string(medium), func(t *testing.T) {
			t.Parallel()
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
				t.Helper()
				d := newTestDatabase(t)
				troubled := &troubledDatabase{testDatabase: d}
				return adaptertest.SenderHarness{
					Sender: outbox{troubled}, Medium: medium, DropsRepeats: true, Organisation: "north",
					Arrange: func(_ *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
						if outcome == adaptertest.WrongContact {
							message.To = map[adapters.Medium]string{
								adapters.Email: "bounce" + refusedDomain, adapters.SMS: refusedPhone,
							}[medium]
							return true
						}
						return troubled.arrange(outcome)
					},
					Carried: func(t *testing.T, reference string) int {
						t.Helper()
						return d.number(t, `select count(*) from cms_outbox where reference = $1`, reference)
					},
					Text: func(t *testing.T, reference string) (text string) {
						t.Helper()
						require.NoError(t,
							d.QueryRow(t.Context(), `select body from cms_outbox where reference = $1`, reference).Scan(&text))
						return text
					},
				}
			})
		})
	}
}

func TestOutboxCountsRepeats(t *testing.T) {
	t.Parallel()
	carrier := outbox{newTestDatabase(t)}
	message := adapters.Outgoing{
		MessageID: uuid.New(), Reference: "r-1", Organisation: "north", Medium: adapters.SMS, To: "+447700900123",
		Text: "Hello",
	}
	for range 3 {
		_, err := carrier.Send(t.Context(), message)
		require.NoError(t, err)
	}
	items, err := carrier.items(t.Context(), "north", 0)
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, 3, items[0].Attempts)
	require.Equal(t, message.MessageID, items[0].MessageID)
	items, err = carrier.items(t.Context(), "south", 0)
	require.NoError(t, err)
	require.Empty(t, items)
	require.NotNil(t, items, "a bare array, also when it is empty")
}

func TestRecord(t *testing.T) {
	t.Parallel()
	adaptertest.Record(t, func(t *testing.T) adaptertest.RecordHarness {
		t.Helper()
		d := newTestDatabase(t)
		troubled := &troubledDatabase{testDatabase: d}
		return adaptertest.RecordHarness{
			Record: record{troubled}, Organisation: "north", Client: graceID, NHSNumber: "9990000018",
			Entries: func(t *testing.T, key uuid.UUID) int {
				t.Helper()
				return d.number(t, `select count(*) from cms_record where message_id = $1`, key)
			},
			Stands: func(t *testing.T, key uuid.UUID) (text string, status adapters.Status) {
				t.Helper()
				require.NoError(t,
					d.QueryRow(t.Context(), `select body, status from cms_record where message_id = $1`, key).Scan(&text, &status))
				return text, status
			},
			Arrange: func(_ *testing.T, entry *adapters.Entry, outcome adaptertest.Outcome) bool {
				if outcome == adaptertest.WrongContact {
					entry.Client = unrecordedID
					return true
				}
				return troubled.arrange(outcome)
			},
		}
	})
}

// troubledDatabase is a database to which something happens at the next statement.
type troubledDatabase struct {
	*testDatabase
	outcome atomic.Value
}

func (d *troubledDatabase) arrange(outcome adaptertest.Outcome) bool {
	switch outcome {
	case adaptertest.Accepted, adaptertest.Misconfigured, adaptertest.Down, adaptertest.ServerError,
		adaptertest.TimeoutBefore, adaptertest.TimeoutAfter, adaptertest.DroppedAfter:
		d.outcome.Store(outcome)
		return true
	case adaptertest.WrongContact, adaptertest.WrongContent, adaptertest.Objected, adaptertest.RateLimited,
		adaptertest.RateLimitedUntil, adaptertest.NoEndpoint, adaptertest.Passing:
	}
	return false
}

// trouble runs a statement, or what happens instead of it.
func (d *troubledDatabase) trouble(ctx context.Context, run func() error) error {
	//nolint:exhaustive // the others happen elsewhere, or not at all
	switch outcome, _ := d.outcome.Load().(adaptertest.Outcome); outcome {
	case adaptertest.Misconfigured:
		return &pgconn.PgError{Code: "42501", Message: "permission denied for table"}
	case adaptertest.Down, adaptertest.ServerError:
		return fmt.Errorf("database is %s", outcome)
	case adaptertest.TimeoutBefore:
		<-ctx.Done()
		return ctx.Err()
	case adaptertest.TimeoutAfter:
		err := run()
		<-ctx.Done()
		return errors.Join(err, ctx.Err())
	case adaptertest.DroppedAfter:
		return errors.Join(run(), errors.New("connection lost"))
	default:
		return run()
	}
}

func (d *troubledDatabase) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	err = d.trouble(ctx, func() error { tag, err = d.testDatabase.Exec(ctx, sql, args...); return err })
	return tag, err
}

func (d *troubledDatabase) Query(ctx context.Context, sql string, args ...any) (found pgx.Rows, err error) {
	//nolint:sqlclosecheck // the caller's to close
	err = d.trouble(ctx, func() error { found, err = d.testDatabase.Query(ctx, sql, args...); return err })
	if err != nil && found != nil {
		found.Close()
	}
	return found, err
}

func (d *troubledDatabase) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return troubledRow{ctx, d, d.testDatabase.QueryRow, sql, args}
}

type troubledRow struct {
	ctx   context.Context //nolint:containedctx // pgx.Row's Scan takes none
	d     *troubledDatabase
	query func(context.Context, string, ...any) pgx.Row
	sql   string
	args  []any
}

func (r troubledRow) Scan(to ...any) error {
	return r.d.trouble(r.ctx, func() error { return r.query(r.ctx, r.sql, r.args...).Scan(to...) })
}
