package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// shape is how much a database holds.
type shape struct{ messages, channels int }

// data is what a loaded database holds, as far as measuring needs to know.
type data struct {
	shape
	inboxes []int               // the size of each: staff member sN has inboxes[N] channels
	words   map[string][]string // rare, medium, common, very common
}

// classes are the shares of messages that a class's words are in: performance.md, section 3.
func classes() map[string][2]float64 {
	return map[string][2]float64{
		"rare": {0.0001, 0.0002}, "medium": {0.001, 0.002}, "common": {0.01, 0.02}, "very common": {0.11, 0.19},
	}
}

const (
	vocabulary  = 50_000
	bodyWords   = 25 // about 160 characters
	clusterSize = 500
)

// inboxSizes has four inboxes of 25,000 and fifty of 4,000 in a million channels; the rest are of 500.
func inboxSizes(channels int) []int {
	var sizes []int
	take := func(n, size int) {
		for ; n > 0 && channels >= size; n-- {
			sizes = append(sizes, size)
			channels -= size
		}
	}
	take((channels+150_000)/250_000, 25_000)
	take(channels/20_000, 4_000)
	take(channels/clusterSize, clusterSize)
	if channels > 0 {
		sizes = append(sizes, channels)
	}
	return sizes
}

// word is a pseudo-word of six letters; none begins another.
func word(rank int) string {
	n := rank * 7919 % 1_000_000 // neighbours in frequency are not neighbours in the index
	const consonants, vowels = "bcdfghjklmnprstvwxyz", "aeiou"
	var w strings.Builder
	for range 3 {
		syllable := n % 100
		n /= 100
		w.WriteByte(consonants[syllable/5])
		w.WriteByte(vowels[syllable%5])
	}
	return w.String()
}

func clientName(n int) string {
	a, b := word(n*31%9_000), word(n*17%700_000)
	return strings.ToUpper(a[:1]) + a[1:] + " " + strings.ToUpper(b[:1]) + b[1:]
}

func channelID(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-8000-%012x", n))
}

func clientID(n int) adapters.ClientID { return adapters.ClientID(fmt.Sprintf("c%d", n)) }

func staffID(n int) adapters.StaffID { return adapters.StaffID(fmt.Sprintf("s%d", n)) }

// generator makes the same rows from the same shape.
type generator struct {
	data
	random *rand.Rand
	zipf   *rand.Zipf
	owner  []int32 // of each channel
	seq    []int32
	last   []newest
	reply  []int32
	status []byte
	seen   []int32 // in how many messages a word is
}

// newest is a channel's last message.
type newest struct {
	id              uuid.UUID
	direction, text string
	at              time.Time
}

func newGenerator(size shape) *generator {
	g := &generator{
		data: data{shape: size, inboxes: inboxSizes(size.channels)}, random: rand.New(rand.NewPCG(1, 2)),
		owner: make([]int32, size.channels), seq: make([]int32, size.channels), last: make([]newest, size.channels),
		reply: make([]int32, size.channels), status: make([]byte, size.channels), seen: make([]int32, vocabulary),
	}
	g.zipf = rand.NewZipf(g.random, 1.1, 30, vocabulary-1)
	n := 0
	places := g.random.Perm(size.channels) // an inbox has busy and quiet channels
	for s, inbox := range g.inboxes {
		for range inbox {
			g.owner[places[n]] = int32(s)
			n++
		}
	}
	for c := range g.status {
		switch at := g.random.Float64(); {
		case at < 0.05:
			g.status[c] = 'u'
		case at < 0.30:
			g.status[c] = 'o'
		default:
			g.status[c] = 'd'
		}
	}
	return g
}

// body is a text of words as often used as a language's, roughly.
func body(zipf *rand.Zipf, count func(rank int)) string {
	words := make([]string, bodyWords)
	for i := range words {
		rank := int(zipf.Uint64())
		words[i] = word(rank)
		if count != nil {
			count(rank)
		}
	}
	return strings.Join(words, " ")
}

// load fills the database unless it is full already: history, messages, channels and the inboxes' counters, by COPY in
// the order of time, so that the messages of a thread lie scattered.
func load(b *testing.B, pool *pgxpool.Pool, size shape) data {
	b.Helper()
	ctx := b.Context()
	conn, err := pool.Acquire(ctx)
	require.NoError(b, err)
	defer conn.Release()
	g := newGenerator(size)
	var full bool
	require.NoError(b, conn.QueryRow(ctx, "select to_regclass('bench_words') is not null").Scan(&full))
	if !full {
		began := time.Now()
		g.fill(ctx, b, conn.Conn())
		b.Logf("loaded %d messages in %d channels in %.0f s", size.messages, size.channels, time.Since(began).Seconds())
	}
	rows, err := conn.Query(ctx, "select class, word from bench_words")
	require.NoError(b, err)
	g.words = map[string][]string{}
	var class, found string
	_, err = pgx.ForEachRow(rows, []any{&class, &found}, func() error {
		g.words[class] = append(g.words[class], found)
		return nil
	})
	require.NoError(b, err)
	return g.data
}

func (g *generator) fill(ctx context.Context, b *testing.B, conn *pgx.Conn) {
	b.Helper()
	exec := func(sql string, args ...any) {
		_, err := conn.Exec(ctx, sql, args...)
		require.NoError(b, err, sql)
	}
	rows, err := conn.Query(ctx, `select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
		where indrelid::regclass::text in ('messenger_channels', 'messenger_messages', 'messenger_history')
			and not exists (select 1 from pg_constraint where conindid = indexrelid)`)
	require.NoError(b, err)
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Name, Definition string }])
	require.NoError(b, err)
	exec("begin")                                        // all or nothing: the indexes too
	exec("set local session_replication_role = replica") // the rows are valid: foreign keys need no check
	exec("set local maintenance_work_mem = '512MB'")
	for _, index := range indexes {
		exec("drop index " + index.Name)
	}
	copyRows(ctx, b, conn,
		"messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body, words, "+
			"author_kind, author_id, author_name, created_at, reply_link, to_address, delivery_status, record_status, sent_at, "+
			"read_at, "+
			"delivery_attention, record_reference)", g.messageRows)
	copyRows(ctx, b, conn,
		"messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name, client_name_folded, "+
			"status, last_seq, last_at, last_reply_seq, last_reply_at, done_seq, link_nonce, link_key_id, link_lookup, "+
			"created_at, updated_at, "+
			"last_message_id, last_direction, last_medium, last_preview, last_created_at)", g.channelRows)
	exec(`insert into messenger_history (id, organisation_id, channel_id, at,
		actor_kind, actor_id, actor_name, action, message_id)
		select id, organisation_id, channel_id, created_at, author_kind, author_id, author_name,
			case direction when 'outbound' then 'sent' else 'replied' end, id from messenger_messages`)
	exec(`insert into messenger_inboxes select organisation_id, staff_id, count(*) filter (where status = 'unread'),
		count(*) filter (where status = 'open'), count(*) filter (where status = 'done')
		from messenger_channels group by 1, 2`)
	for _, index := range indexes {
		exec(index.Definition)
	}
	exec("create table bench_words (class text, word text)")
	for class, share := range classes() {
		for rank, n := range g.seen {
			if at := float64(n) / float64(g.messages); at >= share[0] && at <= share[1] {
				exec("insert into bench_words select $1, $2 where (select count(*) < 16 from bench_words where class = $1)", class,
					word(rank))
			}
		}
	}
	exec("commit")
	exec("vacuum analyze") //nolint:misspell // SQL
}

func copyRows(ctx context.Context, b *testing.B, conn *pgx.Conn, table string, write func(*bufio.Writer)) {
	b.Helper()
	reader, writer := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(writer, 1<<20)
		write(buffered)
		_ = writer.CloseWithError(buffered.Flush())
	}()
	_, err := conn.PgConn().CopyFrom(ctx, reader, "copy "+table+" from stdin")
	require.NoError(b, err)
}

const (
	yearsBack = 2
	stamp     = "2006-01-02 15:04:05.000000Z"
)

func (g *generator) messageRows(out *bufio.Writer) {
	start := time.Now().UTC().AddDate(-yearsBack, 0, 0).Truncate(time.Second)
	step := time.Since(start) / time.Duration(g.messages+1)
	for i := range g.messages {
		c := i // everybody's first message, then more for the busy: the median thread has 8 of 10, the longest thousands
		if i >= g.channels {
			u := g.random.Float64()
			c = int(float64(g.channels) * u * u)
		}
		at := start.Add(time.Duration(i) * step)
		g.seq[c]++
		read, direction, author, to, delivery := `\N`, "outbound", "staff", string(clientID(c))+"@example.org", "sent"
		if g.seq[c] > 1 && g.random.Float64() < 0.3 {
			g.reply[c] = g.seq[c]
			direction, author, to, delivery, read = "inbound", "client", "", "received", at.Format(stamp)
		}
		attention := `\N`
		if direction == "outbound" && g.random.Float64() < 0.0005 {
			delivery, attention = "failed", "delivery_failed"
		}
		last := -1
		text := body(g.zipf, func(rank int) {
			if rank != last {
				g.seen[rank]++
			}
			last = rank
		})
		id := messageID(at, g.random)
		g.last[c] = newest{id, direction, text[:140], at}
		_, _ = fmt.Fprintf(out,
			"%s\tnorth\ts%d\t%s\t%d\t%s\temail\tHello\t%s\t%s\t%s\ts%d\tAmira Shah\t%s\tt\t%s\t%s\tsaved\t%s\t%s\t%s\t%s\n",
			id, g.owner[c], channelID(c), g.seq[c], direction, text, text, author, g.owner[c], at.Format(stamp), to, delivery,
			at.Format(stamp), read, attention, id)
	}
}

// messageID is a UUIDv7 of a given time.
func messageID(at time.Time, random *rand.Rand) uuid.UUID {
	var id uuid.UUID
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	for i := 6; i < 16; i++ {
		id[i] = byte(random.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

func (g *generator) channelRows(out *bufio.Writer) {
	for c := range g.channels {
		status, done := map[byte]string{'u': "unread", 'o': "open", 'd': "done"}[g.status[c]], 0
		reply := `\N`
		last := g.last[c]
		at := last.at.Format(stamp)
		if g.reply[c] > 0 {
			reply = at
		}
		if status == "done" {
			done = int(g.seq[c])
		}
		name := clientName(c)
		_, _ = fmt.Fprintf(out, "%s\tnorth\ts%d\tAmira "+
			"Shah\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\t%d\t\\\\x%032x\tk1\t\\\\x%064x\t%s\t%s\t%s\t%s\temail\t%s\t%s\n",
			channelID(c), g.owner[c], clientID(c), name, strings.ToLower(name), status, g.seq[c], at, g.reply[c], reply, done, c,
			c, at, at,
			last.id, last.direction, last.text, at)
	}
}
