package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// statement is what the service was seen to send.
type statement struct {
	sql  string
	args []any
}

// tracer collects statements.
type tracer struct{ seen []statement }

func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	t.seen = append(t.seen, statement{q.SQL, q.Args})
	return ctx
}

func (*tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (t *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (t *tracer) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	t.seen = append(t.seen, statement{q.SQL, q.Args})
}

func (*tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// watch runs a use case on a Messenger of its own and returns the statements that it sent. It runs it twice and
// watches the second: River tells its workers of a queue's first job only, for a while.
func (w *world) watch(b *testing.B, use func(m *messenger.Messenger)) []statement {
	b.Helper()
	t := &tracer{}
	pool := w.connect(b, func(c *pgxpool.Config) { c.ConnConfig.Tracer = t })
	m := w.messenger(b, pool)
	use(m)
	t.seen = nil
	use(m)
	return slices.Clone(t.seen)
}

// places are what differs between two calls: a text that the watched call sent, and the SQL expression that stands for
// it in a script.
type places map[string]string

const (
	anyChannel = "('00000000-0000-7000-8000-' || lpad(to_hex(cast(:channel as bigint)), 12, '0'))"
	// newMessage is a UUIDv7 that stays the same in a transaction.
	newMessage = `(lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0')
		|| '7' || lpad(to_hex(cast(:one as bigint)), 3, '0')
		|| '8' || lpad(to_hex(cast(:two as bigint)), 15, '0'))`
	newID   = "replace(gen_random_uuid()::text, '-', '')"
	randoms = "\\set one random(0, 4095)\n\\set two random(0, 1000000000000000000)\n"
)

// script turns statements into a pgbench script. Times of the call become now(); places change as they say.
func (w *world) script(b *testing.B, head string, seen []statement, p places) string {
	b.Helper()
	ctx := b.Context()
	conn, err := w.pool.Acquire(ctx)
	require.NoError(b, err)
	defer conn.Release()
	var s strings.Builder
	s.WriteString(head)
	for _, one := range seen {
		description, err := conn.Conn().Prepare(ctx, "", one.sql)
		require.NoError(b, err, one.sql)
		text := regexp.MustCompile(`\$\d+`).ReplaceAllStringFunc(one.sql, func(place string) string {
			n, err := strconv.Atoi(place[1:])
			require.NoError(b, err)
			return literal(b, conn.Conn(), description.ParamOIDs[n-1], one.args[n-1], p)
		})
		text = regexp.MustCompile(`--[^\n]*\n`).ReplaceAllString(text, "\n")
		s.WriteString(strings.Join(strings.Fields(text), " "))
		s.WriteString(";\n")
	}
	return s.String()
}

func literal(b *testing.B, conn *pgx.Conn, oid uint32, arg any, p places) string {
	b.Helper()
	var typeName string
	require.NoError(b, conn.QueryRow(b.Context(), "select format_type($1, null)", oid).Scan(&typeName))
	raw, err := conn.TypeMap().Encode(oid, pgtype.TextFormatCode, arg, []byte{}) // nil would make an empty text null
	require.NoError(b, err)
	if raw == nil {
		return "null::" + typeName
	}
	switch oid {
	case pgtype.TimestamptzOID:
		return "now()"
	case pgtype.TimestamptzArrayOID:
		return "array[now()]"
	}
	text := "'" + strings.ReplaceAll(string(raw), "'", "''") + "'"
	for value, expression := range p {
		switch {
		case string(raw) == value:
			return "(" + expression + ")::" + typeName
		case len(value) == 36: // an id in a job's arguments
			text = strings.ReplaceAll(text, value, "' || "+expression+" || '")
		}
	}
	return "(" + text + ")::" + typeName
}

// bare runs pgbench over scripts, each as often as the others, with prepared statements as the service has them.
func (w *world) bare(b *testing.B, clients int, scripts ...string) sample {
	b.Helper()
	return w.bareOf(b, "prepared", clients, scripts...)
}

func (w *world) bareOf(b *testing.B, mode string, clients int, scripts ...string) sample {
	b.Helper()
	dir := b.TempDir()
	args := []string{
		"-n", "-M", mode, "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)),
		"-T", strconv.Itoa(int(runTime().Seconds())), "-l", "--log-prefix", filepath.Join(dir, "log"),
	}
	for i, script := range scripts {
		path := filepath.Join(dir, fmt.Sprintf("%d.sql", i))
		require.NoError(b, os.WriteFile(path, []byte(script), 0o600))
		args = append(args, "-f", path)
	}
	out, err := exec.CommandContext(b.Context(), filepath.Join(w.bin, "pgbench"), append(args, w.url)...).CombinedOutput()
	require.NoError(b, err, "%s", out)
	require.NotContains(b, string(out), "aborted", "%s", out)
	rate := regexp.MustCompile(`tps = ([\d.]+)`).FindSubmatch(out)
	require.NotNil(b, rate, "%s", out)
	s := sample{}
	s.rate, err = strconv.ParseFloat(string(rate[1]), 64)
	require.NoError(b, err)
	logs, err := filepath.Glob(filepath.Join(dir, "log.*"))
	require.NoError(b, err)
	var times []time.Duration
	for _, path := range logs {
		times = append(times, readLog(b, path)...)
	}
	s.p50, s.p99 = percentiles(times)
	return s
}

// readLog reads the latencies of pgbench's transactions: the third column, in microseconds.
func readLog(b *testing.B, path string) []time.Duration {
	b.Helper()
	file, err := os.Open(path)
	require.NoError(b, err)
	defer file.Close() //nolint:errcheck // only read
	var times []time.Duration
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		us, err := strconv.Atoi(fields[2])
		require.NoError(b, err)
		times = append(times, time.Duration(us)*time.Microsecond)
	}
	require.NoError(b, lines.Err())
	return times
}
