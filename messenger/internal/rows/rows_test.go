package rows_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// modes are how pgx may talk to PostgreSQL: hosts behind a pooler in transaction mode use Exec.
func modes() []pgx.QueryExecMode {
	return []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	}
}

func inMode(t *testing.T, pool *pgxpool.Pool, mode pgx.QueryExecMode) *pgxpool.Pool {
	t.Helper()
	config := pool.Config()
	config.ConnConfig.DefaultQueryExecMode = mode
	other, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(other.Close)
	return other
}

// marked are values that must be in no text, as a caller may give them.
func marked(mark string) []any {
	text := "o'" + mark + "\\?$1"
	return []any{
		text, &text, []byte(text), adapters.StaffID(text), true, uint32(7), time.Now(), uuid.New(),
		ptr(time.Now()), ptr(uuid.New()),
	}
}

func ptr[T any](v T) *T { return &v }

func TestNoValueIsInATextWithVOrWithout(t *testing.T) {
	t.Parallel()
	first, second := marked("FIRSTMARK"), marked("SECONDMARK")
	for i := range first {
		for _, with := range []func(any) any{func(v any) any { return v }, func(v any) any { return rows.V(v) }} {
			var texts []string
			for _, v := range []any{first[i], second[i]} {
				for _, query := range []rows.Query{
					rows.All[rows.Channel]().Where("c.client_name = ?", with(v)).WhereOr("c.id = ?0", with(v)),
					rows.Update[rows.Channel]().Set("client_name = ?", with(v)).Where("id = ?", with(v)),
					rows.Delete[rows.Draft]().Where("body = ?", with(v)),
					rows.Raw("select ?", with(v)),
				} {
					text, args, err := rows.Render(query)
					require.NoError(t, err)
					require.NotContains(t, text, "MARK", "%T", v)
					require.NotEmpty(t, args, "%T", v)
					texts = append(texts, text)
				}
			}
			require.Equal(t, texts[:4], texts[4:], "%T", first[i])
		}
	}
}

// A list or a number without V would stand in the text: the one is refused, the other is found by the test of the
// service's queries.
func TestListWithoutVIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range []any{[]string{"a"}, []int{1}, map[string]string{"a": "b"}, struct{ A string }{"a"}} {
		_, _, err := rows.Render(rows.All[rows.Channel]().Where("c.id = any(?)", v))
		require.Error(t, err, "%T", v)
	}
}

func TestTextsDoNotDependOnNull(t *testing.T) {
	t.Parallel()
	empty, _, err := rows.Render(rows.Insert(&rows.Unmatched{}))
	require.NoError(t, err)
	full, args, err := rows.Render(rows.Insert(&rows.Unmatched{AssignedAt: ptr(time.Now()), MessageID: ptr(uuid.New())}))
	require.NoError(t, err)
	require.Equal(t, empty, full)
	require.Len(t, args, 13)
}

func TestLimitIsAPlace(t *testing.T) {
	t.Parallel()
	text, args, err := rows.Render(
		rows.Limit(rows.Messages().Where("m.channel_id = ?", rows.V(uuid.Nil)).Order("m.seq DESC"), 51))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(text, `WHERE (m.channel_id = $1) ORDER BY "m"."seq" DESC LIMIT $2`), text)
	require.Equal(t, 51, args[1])
}

func TestFileNeedsEachOfItsNames(t *testing.T) {
	t.Parallel()
	all := rows.Args{"id": 1, "status": 2, "attempt": 3, "held_by": 4, "lease": 5}
	text, args, err := rows.Render(rows.File("claim", all))
	require.NoError(t, err)
	require.Contains(t, text, "attempt_id = $1,")
	require.Contains(t, text, "where id = $3\n")
	require.Equal(t, []any{3, 5, 1, 2, 4}, args)
	for _, change := range []func(rows.Args){
		func(args rows.Args) { delete(args, "id") },
		func(args rows.Args) { args["more"] = 1 },
		func(args rows.Args) { delete(args, "id"); args["ID"] = 1 },
	} {
		wrong := maps.Clone(all)
		change(wrong)
		_, _, err := rows.Render(rows.File("claim", wrong))
		require.Error(t, err)
	}
	_, _, err = rows.Render(rows.File("nowhere", nil))
	require.Error(t, err)
}

// columnsOf are the columns that an insert of a model writes.
func columnsOf(t *testing.T, model any) (table string, columns []string) {
	t.Helper()
	text, _, err := rows.Render(rows.Insert(model))
	require.NoError(t, err)
	table, rest, _ := strings.Cut(strings.TrimPrefix(strings.ReplaceAll(text, `"`, ""), "INSERT INTO "), " (")
	list, _, _ := strings.Cut(rest, ")")
	return table, strings.Split(list, ", ")
}

func TestModelsAreTheTables(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	described := map[string][]string{}
	for _, model := range []any{
		&rows.WholeChannel{}, &rows.WholeMessage{}, &rows.History{}, &rows.InboxHistory{}, &rows.HistoryHead{},
		&rows.InboxHistoryHead{}, &rows.Inbox{}, &rows.Draft{},
		&rows.Unmatched{}, &rows.TextSorter{}, &rows.Absence{}, &rows.Handover{}, &rows.HandoverChannel{},
		&rows.Leaver{}, &rows.Note{},
		&rows.Template{}, &rows.TemplateVersion{}, &rows.TemplateUse{},
		&rows.Broadcast{}, &rows.BroadcastRecipient{}, &rows.BroadcastCount{}, &rows.Pause{}, &rows.Objection{},
		&rows.Reconciliation{}, &rows.MadeOnce{},
	} {
		table, columns := columnsOf(t, model)
		slices.Sort(columns)
		described[table] = columns
	}
	type column struct{ TableName, ColumnName string }
	list, err := rows.List[column](t.Context(), pool, rows.Raw(`
		select table_name::text, column_name::text from information_schema.columns
		where table_schema = current_schema() and table_name like 'messenger\_%'
			and table_name not like 'messenger\_migration%'`))
	require.NoError(t, err)
	there := map[string][]string{}
	for _, c := range list {
		there[c.TableName] = append(there[c.TableName], c.ColumnName)
	}
	for table := range there {
		slices.Sort(there[table])
	}
	require.Equal(t, there, described)
}

// Every kind of column goes in and comes out the same, whatever the mode.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	base := migrationtest.Pool(t)
	at := time.Date(2026, 5, 4, 3, 2, 1, 5000, time.UTC)
	for _, mode := range modes() {
		t.Run(mode.String(), func(t *testing.T) {
			pool := inMode(t, base, mode)
			channel := rows.WholeChannel{
				Channel: rows.Channel{
					ID: uuid.New(), OrganisationID: "o'neil", StaffID: "staff?",
					ClientID:   adapters.ClientID("client " + mode.String()),
					ClientName: "Zoë $1",
					Status:     "open", LastSeq: 1 << 40, RepliesOffWhy: ptr("staff"), RepliesOffAt: &at, LinkNonce: []byte{0, 1, 255},
					LinkLookup: []byte(mode.String()), WrongDates: 3, CreatedAt: at,
				},
				LastDirection: ptr(adapters.Inbound), LastMessageID: ptr(uuid.New()), LastAt: at, UpdatedAt: at, LinkLocked: true,
			}
			n, err := rows.Exec(t.Context(), pool, rows.Insert(&channel))
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			read, err := rows.One[rows.WholeChannel](t.Context(), pool,
				rows.All[rows.WholeChannel]().Where("c.id = ?", rows.V(channel.ID)))
			require.NoError(t, err)
			requireSame(t, channel, read)
			bare, err := rows.One[rows.Channel](t.Context(), pool,
				rows.All[rows.Channel]().Where("c.id = ?", channel.ID).Where("c.client_name = ?", "Zoë $1"))
			require.NoError(t, err)
			requireSame(t, channel.Channel, bare)

			message := rows.WholeMessage{
				Message: rows.Message{
					ID: uuid.New(), ChannelID: channel.ID, Seq: 1, Direction: "outbound", Purpose: "care",
					AuthorKind: "staff", CreatedAt: at,
					DeliveryStatus: "sending", DeliveryAttention: ptr(rows.Attention("delivery_failed")), AttemptID: ptr(uuid.New()),
					RecordStatus: "pending", Verified: "none", SentText: ptr("sent"), Body: "one\ntwo",
				},
				Words: []string{"one", "two", "o'neil"}, AttemptUntil: ptr(time.Now().Add(time.Hour)),
			}
			_, err = rows.Exec(t.Context(), pool, rows.Insert(&message))
			require.NoError(t, err)
			found, err := rows.One[rows.Message](t.Context(), pool,
				rows.Messages().Where("m.id = any(?::text[]::uuid[])", rows.V([]string{message.ID.String()})))
			require.NoError(t, err)
			require.InDelta(t, 3600, *found.Busy, 60)
			found.Busy = nil
			requireSame(t, message.Message, found)
			words, err := rows.One[string](t.Context(), pool,
				rows.Select[rows.Message]().ColumnExpr("words::text").Where("m.id = ?", rows.V(message.ID)))
			require.NoError(t, err)
			require.Equal(t, `'o''neil' 'one' 'two'`, words)
		})
	}
}

// requireSame compares with times in UTC: each mode of pgx has them in a zone of its own.
func requireSame[T any](t *testing.T, want, got T) {
	t.Helper()
	v := reflect.ValueOf(&got).Elem()
	for i := range v.NumField() {
		switch at := v.Field(i).Addr().Interface().(type) {
		case *time.Time:
			*at = at.UTC()
		case **time.Time:
			if *at != nil {
				*at = ptr((*at).UTC())
			}
		case *rows.Channel:
			at.CreatedAt, at.RepliesOffAt = at.CreatedAt.UTC(), ptr(at.RepliesOffAt.UTC())
		}
	}
	require.Equal(t, want, got)
}

func TestColumnsAndFieldsAreTheSame(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	type pair struct{ A, B int }
	got, err := rows.List[pair](t.Context(), pool, rows.Raw("select 1 as b, 2 as a union all select 3, 4"))
	require.NoError(t, err)
	require.Equal(t, []pair{{2, 1}, {4, 3}}, got)
	for _, sql := range []string{
		"select 1 as a", "select 1 as a, 2 as b, 3 as c", "select 1 as a, 2 as a", "select 1 as a, null::int as b",
	} {
		_, err := rows.List[pair](t.Context(), pool, rows.Raw(sql))
		require.Error(t, err, sql)
	}
	_, err = rows.One[int](t.Context(), pool, rows.Raw("select 1, 2"))
	require.Error(t, err)
	_, err = rows.One[int](t.Context(), pool, rows.Raw("select 1 where false"))
	require.ErrorIs(t, err, pgx.ErrNoRows)
	_, err = rows.One[int](t.Context(), pool, rows.Raw("select 1 union all select 1"))
	require.ErrorIs(t, err, pgx.ErrTooManyRows)
	at, err := rows.One[*time.Time](t.Context(), pool, rows.Raw("select null::timestamptz"))
	require.NoError(t, err)
	require.Nil(t, at)
	list, err := rows.List[pair](t.Context(), pool, rows.Raw("select 1 as a, 2 as b where false"))
	require.NoError(t, err)
	require.Equal(t, []pair{}, list)
}

// What one row has and the next has not is not carried over.
func TestRowsShareNothing(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	type held struct {
		Text *string
		Raw  []byte
	}
	list, err := rows.List[held](t.Context(), pool, rows.Raw(`
		select * from (values (1, 'a', '\x01'::bytea), (2, null, null), (3, 'c', '\x03')) v (n, text, raw)
		cross join lateral (select 1) x order by n`))
	require.Error(t, err) // n and x have no field
	require.Nil(t, list)
	list, err = rows.List[held](t.Context(), pool, rows.Raw(`
		select text, raw from (values (1, 'a', '\x01'::bytea), (2, null, null), (3, 'c', '\x03')) v (n, text, raw)
		order by n`))
	require.NoError(t, err)
	require.Equal(t, []held{{ptr("a"), []byte{1}}, {nil, nil}, {ptr("c"), []byte{3}}}, list)
}

func TestBatchIsReadInOrderUntilAnError(t *testing.T) {
	t.Parallel()
	base := migrationtest.Schema(t)
	for _, mode := range modes() {
		t.Run(mode.String(), func(t *testing.T) {
			pool := inMode(t, base, mode)
			var got []int
			read := func(list []int) error {
				got = append(got, list...)
				return nil
			}
			b := &rows.Batch{}
			rows.Queue(b, rows.Raw("select ?::int", rows.V(1)), read)
			b.Exec(rows.Raw("select set_config('lock_timeout', ?, true)", rows.V("1s")))
			rows.Queue(b, rows.Raw("select generate_series(2, 3)"), read)
			require.NoError(t, b.Send(t.Context(), pool))
			require.Equal(t, []int{1, 2, 3}, got)

			b = &rows.Batch{}
			rows.Queue(b, rows.Raw("select 4"), read)
			rows.Queue(b, rows.Raw("select ?::int", []string{"refused"}), read)
			require.Error(t, b.Send(t.Context(), pool))
			require.Equal(t, []int{1, 2, 3}, got, "nothing was sent")
		})
	}
}

func TestBatchBeginsATransaction(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	b := rows.Begin()
	b.Exec(rows.Raw("create table kept (n int)"))
	conn, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	tx, err := b.SendBegun(t.Context(), conn)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	_, err = pool.Exec(t.Context(), "select from kept")
	require.ErrorContains(t, err, "does not exist")
}

func BenchmarkRenderSelect(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = rows.Render(rows.All[rows.Draft]().Where("d.organisation_id = ?", rows.V("a")).
			Where("d.staff_id = ?", rows.V("b")))
	}
}

func BenchmarkRenderInsert(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = rows.Render(rows.Insert(&rows.Draft{}).On("CONFLICT (organisation_id, staff_id, client_id) DO UPDATE"))
	}
}

func BenchmarkRenderMessages(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = rows.Render(rows.Messages().Where("m.id = ?", rows.V(uuid.Nil)))
	}
}
