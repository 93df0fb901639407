package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// eight goroutines do what is not said to be done by more or fewer.
const eight = 8

// wanted is how many messages there are to be: SIZE, or a million.
func wanted() int {
	if n, err := strconv.Atoi(os.Getenv("SIZE")); err == nil {
		return n
	}
	return 1_000_000
}

// BenchmarkMessenger measures the main job: SIZE messages (a million by default) in a fifth as many channels.
func BenchmarkMessenger(b *testing.B) {
	messages := wanted()
	w := newWorld(b, shape{messages, messages / 5})
	var figures []figure
	add := func(name string, measure func(b *testing.B) figure) {
		b.Run(name, func(b *testing.B) {
			var f figure
			for range b.N {
				f = measure(b)
			}
			f.Name = name
			figures = append(figures, f)
		})
	}
	// what reads comes first: the others leave rows behind
	add("inbox-page/8", w.benchInbox)
	add("thread-page/8", w.benchThread)
	add("search/8", w.benchSearch)
	for _, senders := range []int{1, 8, 32} {
		add(fmt.Sprintf("send/%d", senders), func(b *testing.B) figure {
			b.Helper()
			return w.benchSend(b, senders)
		})
	}
	add("deliver-and-file/8", w.benchDeliver)
	add("commit-to-provider", w.benchLatency)
	add("slow-provider/2s", func(b *testing.B) figure {
		b.Helper()
		return w.benchSlow(b, 8, 2*time.Second, 450)
	})
	add("slow-provider/9s", func(b *testing.B) figure {
		b.Helper()
		return w.benchSlow(b, 30, 9*time.Second, 500)
	})
	printTable(figures)
}

// writer is one goroutine that sends.
type writer struct {
	random *rand.Rand
	zipf   *rand.Zipf
}

func newWriters(n int) []writer {
	list := make([]writer, n)
	for i := range list {
		list[i].random = rand.New(rand.NewPCG(rand.Uint64(), 3))
		list[i].zipf = rand.NewZipf(list[i].random, 1.1, 30, vocabulary-1)
	}
	return list
}

// owners says whose each channel is.
func (w *world) owners() []int32 { return newGenerator(w.data.shape).owner }

// params is a message for a channel, in words of its own.
func (*world) params(channel int, by writer) messenger.SendParams {
	return messenger.SendParams{
		Channel: channelID(channel), Medium: adapters.Email, Subject: "Hello", Body: body(by.zipf, nil),
		Key: uuid.NewString(),
	}
}

func (w *world) send(
	ctx context.Context, m *messenger.Messenger, owners []int32, by writer,
) (messenger.Message, messenger.SendParams, error) {
	c := by.random.IntN(w.data.channels)
	p := w.params(c, by)
	sent, err := m.Send(as(ctx, staffID(int(owners[c]))), p)
	return sent.Message, p, err
}

// sendScripts are what sends were seen to do, with words of their own each.
func (w *world) sendScripts(b *testing.B, owners []int32) []string {
	b.Helper()
	head := fmt.Sprintf("\\set channel random(0, %d)\n", w.data.channels-1) + randoms
	scripts := make([]string, 4) // each connection prepares them all
	by := newWriters(1)[0]
	var message messenger.Message
	var p messenger.SendParams
	for i := range scripts {
		seen := w.watch(b, func(m *messenger.Messenger) {
			var err error
			message, p, err = w.send(b.Context(), m, owners, by)
			require.NoError(b, err)
		})
		// volatile, no index would find it
		change := places{
			p.Channel.String(): anyChannel, message.ID.String(): newMessage,
		}
		for _, one := range seen {
			for _, arg := range one.args {
				if id, ok := arg.(uuid.UUID); ok && change[id.String()] == "" { // the history's
					change[id.String()] = newID
				}
				if key, ok := arg.(*string); ok && key != nil && strings.HasPrefix(*key, " ") { // the key's digest
					change[*key] = "' k' || cast(:two as bigint)"
				}
			}
		}
		scripts[i] = w.script(b, head, seen, change)
	}
	return scripts
}

func (w *world) benchSend(b *testing.B, senders int) figure {
	b.Helper()
	owners := w.owners()
	scripts := w.sendScripts(b, owners)
	writers := newWriters(senders)
	return w.beside(b, "own SQL, pgbench", func() sample {
		return hammer(b, senders, func(i int) error {
			_, _, err := w.send(b.Context(), w.Messenger, owners, writers[i])
			return err
		})
	}, func() sample { return w.bare(b, senders, scripts...) })
}
