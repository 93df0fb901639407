package messenger_test

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// journal is an adapters.Record. adaptertest.Record says whether one keeps what the port promises.
type journal struct{ pool *pgxpool.Pool }

// Write files an entry once: a second call under its key changes nothing.
func (j journal) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	_, err := j.pool.Exec(ctx, "insert into journal values ($1, $2, $3) on conflict do nothing",
		entry.Key, entry.Client, lineOf(entry))
	return adapters.Filed{Reference: "journal/" + entry.Key.String()}, err
}

// Amend corrects an entry whose delivery failed after it was filed.
func (j journal) Amend(ctx context.Context, filed adapters.Filed, entry adapters.Entry) (adapters.Filed, error) {
	_, err := j.pool.Exec(ctx, "update journal set line = $2 where key = $1", entry.Key, lineOf(entry))
	return filed, err
}

func lineOf(entry adapters.Entry) string {
	return fmt.Sprintf("%s %s by %s: %s (%s)",
		entry.Direction, entry.Medium, entry.Author.Name, entry.Subject, entry.Status)
}

// A record of one's own: every message, both ways, becomes a row in a table of the host's.
func Example_record() {
	host := newExampleHost()
	defer host.stop()
	ctx := memory.SignIn(context.Background(), "amira")
	must(host.Pool.Exec(ctx, "create table journal (key uuid primary key, client_id text, line text)"))
	host.Record = journal{host.Pool}
	m := must(messenger.New(host.Config))
	host.start(m)

	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "We meet on Tuesday.", NoReplyLink: true,
	}))
	host.wait()
	var line string
	check(host.Pool.QueryRow(ctx, "select line from journal where client_id = 'c-1'").Scan(&line))
	fmt.Println(line)
	message := must(m.Messages(ctx, sent.Channel.ID, messenger.PageParams{})).Items[0]
	fmt.Println(message.Record.Status, message.Record.Reference == "journal/"+message.ID.String())
	// Output:
	// outbound email by Amira Shah: Walking group (sent)
	// saved true
}
