package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(ctx, os.Args[1:], logger); err != nil && !errors.Is(err, flag.ErrHelp) {
		logger.Error("stopped", "error", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

type options struct {
	addr, data, role, publicURL, replyCheck, hours string

	readWithin time.Duration
}

func (o options) web() bool    { return o.role != "worker" }
func (o options) worker() bool { return o.role != "web" }

func readOptions(args []string) (o options, err error) {
	flags := flag.NewFlagSet("cms", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "where to listen")
	flags.StringVar(&o.data, "data", "", "the folder of the private PostgreSQL (default: one in the user's cache folder)")
	flags.StringVar(&o.role, "role", "all", "web, worker or all")
	flags.StringVar(&o.publicURL, "public-url", "", "where clients reach this host (default: http:// and the address)")
	flags.StringVar(&o.replyCheck, "reply-check", "",
		"dob: clients prove their date of birth to see the message they answer")
	flags.StringVar(&o.hours, "hours", "office",
		"office: Monday to Friday, 9 to 5, but for bank holidays; always: every hour is a working hour")
	flags.DurationVar(&o.readWithin, "read-within", adapters.DefaultReadWithin, "working time until a reply is overdue")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(flags.Output(), "cms: a small case-management system that embeds Messenger\n\nFlags:")
		flags.PrintDefaults()
		_, _ = fmt.Fprint(flags.Output(), "\n"+environment)
	}
	if err := flags.Parse(args); err != nil {
		return o, err //nolint:wrapcheck // flag has said it
	}
	switch {
	case flags.NArg() > 0:
		return o, errors.New("cms: takes flags only")
	case o.role != "web" && o.role != "worker" && o.role != "all":
		return o, errors.New("cms: -role is web, worker or all")
	case o.replyCheck != "" && o.replyCheck != "dob":
		return o, errors.New("cms: -reply-check is dob, or left out")
	case o.hours != "office" && o.hours != "always":
		return o, errors.New("cms: -hours is office or always")
	case o.readWithin < time.Second || o.readWithin > adapters.MaxReadWithin:
		return o, errors.New("cms: -read-within is from 1s to 240h")
	}
	return o, nil
}

// run serves until ctx ends, and then stops in the opposite order: no more requests, jobs finished, database last.
func run(ctx context.Context, args []string, logger *slog.Logger) (err error) {
	o, err := readOptions(args)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cms: listen: %w", err)
	}
	if o.publicURL == "" {
		o.publicURL = "http://" + listener.Addr().String()
	}
	logger.InfoContext(ctx, "listening", "url", "http://"+listener.Addr().String())
	front := &front{}
	server := &http.Server{Handler: front, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	database, err := openDatabase(ctx, o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Stop()) }()
	host, err := newHost(ctx, database.URL, o, logger)
	if err != nil {
		return errIfNotStopped(ctx, err)
	}
	defer host.stop()
	defer func() { err = errors.Join(err, host.shutDown(server)) }()
	if err := host.start(ctx); err != nil {
		return errIfNotStopped(ctx, err)
	}
	front.open(host.router())
	logger.InfoContext(ctx, "ready", "url", o.publicURL, "role", o.role)

	select {
	case err := <-served:
		return fmt.Errorf("cms: serve: %w", err)
	case err := <-host.failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// errIfNotStopped forgives what went wrong because somebody stopped the host while it was starting.
func errIfNotStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// stopWithin is how long the requests and jobs under way have to end: see docs/stop.md.
const stopWithin = 29 * time.Second

// shutDown waits for the requests and the jobs under way, at the same time; the streams have ended with Run.
func (h *host) shutDown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	stopped := make(chan error, 1)
	go func() {
		if h.river == nil {
			stopped <- nil
			return
		}
		stopped <- h.river.Stop(ctx)
	}()
	if err := errors.Join(server.Shutdown(ctx), <-stopped); err != nil {
		return fmt.Errorf("cms: shut down: %w", err)
	}
	return nil
}

// front answers 503 until the host can serve, so that the address is taken at once and /healthz tells the truth.
type front struct{ handler atomic.Pointer[http.Handler] }

func (f *front) open(handler http.Handler) { f.handler.Store(&handler) }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handler := f.handler.Load(); handler != nil {
		(*handler).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, "Starting. Try again in a moment.\n")
}
