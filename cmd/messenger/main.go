// Command messenger makes Messenger's tables, looks at a database that Messenger works in, and answers what operators
// ask: 'go run github.com/cmsmessenger/cmsmessenger/cmd/messenger' says what it can do. It needs DATABASE_URL and
// nothing of the host's. A host can have it in its own command: see package messenger/command.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/cmsmessenger/cmsmessenger/messenger/command"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	return command.Command{}.Run(ctx, os.Args[1:])
}
