package command_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/cmsmessenger/cmsmessenger/messenger/command"
)

// A host has the command within its own: 'cms messenger doctor'. With its Messenger and pools it needs no address.
func Example() {
	var out bytes.Buffer
	arguments := []string{"cms", "messenger", "migrate", "print", "-all"} // os.Args
	if arguments[1] == "messenger" {
		code := command.Command{Out: &out, Err: os.Stderr}.Run(context.Background(), arguments[2:]) // for os.Exit
		fmt.Println(code, bytes.Contains(out.Bytes(), []byte("create table messenger_channels")))
	}
	// Output: 0 true
}
