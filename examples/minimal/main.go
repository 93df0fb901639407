// Command minimal is the least that a host has to write: one staff member, two clients and a sender that keeps what it
// is handed, all in memory, over any PostgreSQL.
//
//	DATABASE_URL=postgres://… go run ./examples/minimal
//
// Every request is s-1's: a real host puts its own sign-in where memory.SignedIn stands. A list of what was sent is at
// /outbox. Without LINK_KEY (32 random bytes or more) reply links end with the process.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	settings := must(pgxpool.ParseConfig(os.Getenv("DATABASE_URL")))
	pool := must(pgxpool.NewWithConfig(ctx, messenger.ConfigurePool(settings)))
	must(must(rivermigrate.New(riverpgxv5.New(pool), nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))
	check(migrations.Up(ctx, pool))
	listener := must(net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")))
	url := "http://" + listener.Addr().String()

	staff, clients, outbox := memory.NewStaff(), memory.NewClients(), memory.NewSender("memory")
	media := []adapters.Medium{adapters.Email, adapters.SMS}
	staff.Add(adapters.Member{ID: "s-1", Name: "Ada Bello", Organisation: "org-1", Media: media})
	clients.Put("org-1", adapters.Client{ID: "c-1", Name: "Grace Okafor", FirstName: "Grace", Email: "grace@example.org"})
	clients.Put("org-1", adapters.Client{ID: "c-2", Name: "Tomasz Nowak", FirstName: "Tomasz", Phone: "07700 900123"})
	key := cmp.Or(os.Getenv("LINK_KEY"), rand.Text()+rand.Text())
	m := must(messenger.New(messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Email: outbox, SMS: outbox, Record: memory.NewRecord(),
		PublicURL: url + "/m", LinkKeys: []messenger.LinkKey{{ID: "1", Key: []byte(key)}},
	}))
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	client := must(river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{Workers: workers}, m.Jobs())))
	check(client.Start(context.WithoutCancel(ctx))) // a signal must not cut off a send under way: Stop waits for it

	mux, mine := http.NewServeMux(), memory.SignedIn(func(*http.Request) adapters.StaffID { return "s-1" })
	mux.Handle("/messenger/api/", mine(http.StripPrefix("/messenger/api", web.StaffHandler(m))))
	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))
	mux.HandleFunc("/outbox", func(w http.ResponseWriter, _ *http.Request) {
		check(json.NewEncoder(w).Encode(outbox.Outbox()))
	})
	slog.Info("listening", "url", url)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	go func() { check(server.Serve(listener)) }()
	if err := m.Run(ctx); ctx.Err() == nil { // open streams end with it, so that Shutdown does not wait for them
		log.Fatal(err)
	}
	within, cancel := context.WithTimeout(context.Background(), 29*time.Second)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- client.Stop(within) }() // at once: until then it takes up new jobs
	check(server.Shutdown(within))
	check(<-stopped)
}

func must[T any](value T, err error) T { check(err); return value }

func check(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
