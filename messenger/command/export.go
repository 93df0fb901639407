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
	write := func(text []byte) error { _, err := c.Out.Write(text); return err }
	if *out != "" { // before anything is read, and noted in the history
		file, err := os.OpenFile(*out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // for whoever asked alone
		if err != nil {
			return fmt.Errorf("-out names a new file, which nobody else may read: %w", err)
		}
		write = func(text []byte) error { _, err := file.Write(text); return errors.Join(err, file.Close()) }
	}
	text, err := c.exported(ctx, adapters.OrganisationID(*organisation), adapters.ClientID(*client),
		messenger.ExportFor(*to), who, *format)
	if err == nil {
		err = write(text)
	}
	if err != nil && *out != "" {
		_ = os.Remove(*out) // an empty one, or a part
	}
	return err
}

func (c Command) exported(
	ctx context.Context, organisation adapters.OrganisationID, client adapters.ClientID, to messenger.ExportFor,
	who, format string,
) ([]byte, error) {
	made, err := c.Messenger.ExportClientOf(ctx, organisation, client, to, who)
	if err != nil {
		return nil, err
	}
	if format == "html" {
		return made.HTML()
	}
	return made.JSON()
}
