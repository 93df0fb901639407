package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// export writes all that is kept of a client. It needs the host's Messenger: its directory says what may be shown, and
// its key seals the line of history.
func (c Command) export(ctx context.Context, arguments []string) error {
	f := c.flags("export")
	organisation, client := f.String("organisation", "", ""), f.String("client", "", "")
	to, format, out := f.String("for", "staff", ""), f.String("format", "json", ""), f.String("out", "", "")
	by := f.String("by", "", "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	if *organisation == "" || *client == "" || *format != "json" && *format != "html" {
		return fmt.Errorf("%w: -organisation and -client; -format json or html", errUsage)
	}
	if c.Messenger == nil {
		return errors.New("export works in a host's own command alone: see docs/export.md")
	}
	who := *by
	if who == "" {
		login, err := user.Current()
		if err != nil {
			return errors.New("name yourself with -by: the history says who exported")
		}
		who = login.Username
	}
	made, err := c.Messenger.ExportClientOf(
		ctx, adapters.OrganisationID(*organisation), adapters.ClientID(*client), messenger.ExportFor(*to), who,
	)
	if err != nil {
		return err
	}
	text, err := made.JSON()
	if *format == "html" {
		text, err = made.HTML()
	}
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = c.Out.Write(text)
		return err
	}
	return os.WriteFile(*out, text, 0o600) // for whoever asked alone
}
