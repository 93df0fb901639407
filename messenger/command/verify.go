package command

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// verify says whether the histories are as they were written.
func (c Command) verify(ctx context.Context, arguments []string) error {
	f := c.flags("verify")
	inJSON, since, file := f.Bool("json", false, ""), f.String("sealed-since", "", ""), f.String("keys", "", "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	var params messenger.VerifyParams
	var err error
	if *since != "" {
		if params.SealedSince, err = time.Parse(time.RFC3339, *since); err != nil {
			return fmt.Errorf("%w: -sealed-since is a time as 2026-11-29T14:00:00Z", errUsage)
		}
	}
	if c.Messenger == nil && *file == "" {
		return fmt.Errorf("%w: -keys, a file with a line 'ID BASE64' a link key", errUsage)
	}
	if *file != "" {
		if c.keys, err = readKeys(*file); err != nil {
			return err
		}
		params.Keys = c.keys
	}
	m, closeAll, err := c.asking(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	found, err := m.VerifyHistory(ctx, params)
	if err != nil {
		return err
	}
	if *inJSON {
		if err := json.NewEncoder(c.Out).Encode(found); err != nil {
			return err
		}
	} else {
		c.tellVerified(found)
	}
	if !found.OK() {
		return errFault
	}
	return nil
}

func (c Command) tellVerified(found messenger.HistoryVerified) {
	c.say("%d lines of %d channels and %d inboxes are as they were written.\n", found.Lines, found.Channels, found.Inboxes)
	if found.Unsealed > 0 {
		c.say("%d lines are from before lines were sealed: nothing is known of them.\n", found.Unsealed)
	}
	for _, at := range found.Breaks {
		of := "channel " + at.Channel.String()
		if at.Inbox != "" {
			of = "inbox " + string(at.Inbox)
		}
		c.say("%-9s %s, organisation %s, number %d, line %s\n", at.Why, of, at.Organisation, at.Number, at.Line)
	}
	if more := found.Broken - len(found.Breaks); more > 0 {
		c.say("… and %d histories more.\n", more)
	}
}

// readKeys reads link keys from a file. What it says of a fault has no key in it.
func readKeys(name string) (keys []messenger.LinkKey, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		id, text, found := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if id == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if !found || err != nil {
			return nil, errors.New("the file of keys has a line 'ID BASE64' a key")
		}
		keys = append(keys, messenger.LinkKey{ID: id, Key: key})
	}
	if len(keys) == 0 {
		return nil, errors.New("the file of keys has none: it has a line 'ID BASE64' a key")
	}
	return keys, nil
}

// grant gives the service's role what it needs.
func (c Command) grant(ctx context.Context, arguments []string) error {
	f := c.flags("grant")
	role := f.String("role", "", "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	if *role == "" {
		return fmt.Errorf("%w: -role", errUsage)
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	if err := migrations.Grant(ctx, c.Direct, *role); err != nil {
		return err
	}
	c.say("%s can do what the service does, and no more.\n", *role)
	return nil
}
