package command

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func (c Command) clientChannels(ctx context.Context, arguments []string) error {
	f := c.flags("client-channels")
	organisation, client := f.String("organisation", "", ""), f.String("client", "", "")
	inJSON := f.Bool("json", false, "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	if *organisation == "" || *client == "" {
		return fmt.Errorf("%w: -organisation and -client", errUsage)
	}
	m, closeAll, err := c.asking(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	list, err := m.ClientChannels(ctx, adapters.OrganisationID(*organisation), adapters.ClientID(*client))
	if err != nil {
		return err
	}
	if *inJSON {
		return json.NewEncoder(c.Out).Encode(list)
	}
	for _, channel := range list {
		joined := ""
		if channel.JoinedInto != uuid.Nil {
			joined = "  joined into " + channel.JoinedInto.String()
		}
		c.say("%s  owner %s  %s  %d messages, the last at %s%s\n", channel.ID, channel.Owner, channel.Status,
			channel.Messages, channel.LastAt.Format(time.RFC3339), joined)
	}
	if len(list) == 0 {
		c.say("There is none.\n")
	}
	return nil
}
