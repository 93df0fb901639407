package messenger

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// ClientMerged says that two clients of an organisation are one person, who is into from now on: a host calls it once
// its own directory has into for both. Every channel with from becomes one with into. Where a staff member has both,
// the two are joined: their messages stand in one thread in order of time, unread if either was, open if either was;
// the links of both go on working, and the id of the former channel answers as the joined one. What is scheduled stays
// scheduled and goes to the address of into; what they can't be sent is cancelled, with CancelledByMerge, and asks for
// a person. Drafts follow their authors; of two of one author the later stands, and the other is a note in the
// channel.
//
// All of it is one transaction. A second call changes nothing, but takes in what was being accepted for from at that
// moment. Errors: CodeInvalid (the two are one id), CodeNotFound (the directory does not have into), CodeUnavailable.
func (m *Messenger) ClientMerged(
	ctx context.Context, organisation adapters.OrganisationID, from, into adapters.ClientID,
) error {
	if from == into {
		return invalid("into", "Name two clients: these are one already.")
	}
	if !wellFormed(from) {
		return notFound()
	}
	client, err := m.client(ctx, organisation, into)
	if err != nil {
		return err
	}
	if client, err = m.heedingOne(ctx, organisation, client); err != nil {
		return err
	}
	_, err = unmoved(func() (struct{}, error) {
		g := merging{m: m, organisation: organisation, from: from, into: client}
		err := m.inTx(ctx, g.do)
		if isDuplicate(err, "messenger_channels_one") { // somebody wrote to into for the first time
			err = errMoved
		}
		if err == nil {
			for _, c := range g.changed {
				m.changes.shrunk(c)
			}
		}
		return struct{}{}, err
	})
	return err
}

// merging is one client becoming another.
type merging struct {
	m            *Messenger
	organisation adapters.OrganisationID
	from         adapters.ClientID
	into         adapters.Client
	changed      []rows.Channel // as they were, and as they are
}

func (g *merging) do(ctx context.Context, t tx) error {
	list, err := lockThoseLeft(ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.organisation_id = ? AND c.client_id IN (?, ?)", rows.V(g.organisation), rows.V(g.from), rows.V(g.into.ID)))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(c rows.Channel) bool { return c.ClientID != g.from && c.ClientID != g.into.ID })
	// all at once, since workers take several in one order: what is scheduled is changed before the rest
	if err := holdMessages(ctx, t, channelIDs(list)...); err != nil {
		return err
	}
	if err := g.readdress(ctx, t, list); err != nil {
		return err
	}
	g.changed = nil // by a run before
	// in the order of inboxes, in which their counters are taken
	slices.SortStableFunc(list, func(a, b rows.Channel) int { return cmp.Compare(a.StaffID, b.StaffID) })
	var moves [][2]rows.Channel // from what to what
	var lines []logEntry
	for _, channel := range list {
		if channel.ClientID != g.from {
			continue
		}
		into := channel
		into.ClientID, into.ClientName = g.into.ID, g.into.Name
		for _, own := range list {
			if own.ClientID == g.into.ID && own.StaffID == channel.StaffID {
				into = own
			}
		}
		moves = append(moves, [2]rows.Channel{channel, into})
		lines = append(lines, logEntry{channel: into, actor: adapters.Author{Kind: "system"}, action: ActionJoined})
		g.changed = append(g.changed, channel, into)
	}
	if err := t.writeHistories(ctx, lines); err != nil {
		return err
	}
	for _, move := range moves {
		from, into := move[0], move[1]
		if from.ID == into.ID {
			err = g.rename(ctx, t, into)
		} else {
			err = join(ctx, t, from, into)
		}
		if err != nil {
			return err
		}
	}
	return g.moveDrafts(ctx, t, list)
}

// rename has a channel be one with the other client.
func (g *merging) rename(ctx context.Context, t tx, channel rows.Channel) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().Set("client_id = ?", rows.V(g.into.ID)).
		Set("client_name = ?, client_name_folded = ?", rows.V(g.into.Name), rows.V(search.Fold(g.into.Name))).
		Set("updated_at = ?", rows.V(t.now)).Where("id = ?", rows.V(channel.ID)))
	return err
}

// readdress has what is scheduled in the channels with from go to into, and cancels what can't.
func (g *merging) readdress(ctx context.Context, t tx, list []rows.Channel) error {
	channels := slices.DeleteFunc(slices.Clone(list), func(c rows.Channel) bool { return c.ClientID != g.from })
	ids := channelIDs(channels)
	scheduled, err := rows.List[rows.Message](ctx, t, rows.Messages().Where("m.delivery_status = 'scheduled'").
		Where("m.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids))))
	if err != nil {
		return err
	}
	for _, message := range inLockOrder(scheduled, func(m rows.Message) rows.Message { return m }) {
		// a reason to go beyond a card was given for the card of who they had been
		change := rows.Update[rows.Message]().Where("delivery_status = 'scheduled'").
			Set("to_address = ?, safe_lifted = FALSE", rows.V(address(g.into, message.Medium)))
		unfit := obstacle(g.into, message.Medium) != "" || g.into.Restricted && message.OverrideReason == "" ||
			isUnsafe(g.into, message.Medium) || !message.Private() && !mayHaveWords(g.into)
		if unfit {
			change = cancelling(CancelledByMerge)
		}
		n, err := rows.Exec(ctx, t, change.Where("id = ?", rows.V(message.ID)))
		if err != nil {
			return err
		}
		if n == 0 || !unfit {
			continue
		}
		_, err = rows.Exec(ctx, t, rows.Update[rows.Message]().Set("delivery_attention = ?", rows.V(AttentionDeliveryFailed)).
			Where("id = ?", rows.V(message.ID)))
		if err != nil {
			return err
		}
		channel := channels[slices.IndexFunc(channels, func(c rows.Channel) bool { return c.ID == message.ChannelID })]
		entry := logEntry{
			channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionCancelled, message: message.ID,
			note: string(CancelledByMerge),
		}
		if err := t.writeHistory(ctx, entry); err != nil {
			return err
		}
		if err := g.m.tell(ctx, t, string(AttentionDeliveryFailed), channel.ID, message.ID); err != nil {
			return err
		}
	}
	return showLastWords(ctx, t, ids...)
}

// moveDrafts has the unsent texts for from be for into. Of two of one author the later stands, and the other becomes a
// note in their channel, or stands behind the later one where there is none.
func (g *merging) moveDrafts(ctx context.Context, t tx, channels []rows.Channel) error {
	drafts, err := rows.List[rows.Draft](ctx, t, rows.All[rows.Draft]().
		Where("d.organisation_id = ? AND d.client_id IN (?, ?)", rows.V(g.organisation), rows.V(g.from), rows.V(g.into.ID)).
		Order("d.staff_id", "d.updated_at").For("UPDATE"))
	if err != nil {
		return err
	}
	for i, draft := range drafts {
		if i+1 < len(drafts) && drafts[i+1].StaffID == draft.StaffID {
			if err := g.keepDraft(ctx, t, draft, &drafts[i+1], channels); err != nil {
				return err
			}
			continue
		}
		_, err := rows.Exec(ctx, t, rows.Delete[rows.Draft]().
			Where("d.organisation_id = ? AND d.staff_id = ?", rows.V(g.organisation), rows.V(draft.StaffID)).
			Where("d.client_id IN (?, ?)", rows.V(g.from), rows.V(g.into.ID)))
		if err != nil {
			return err
		}
		draft.ClientID = g.into.ID
		if _, err := rows.Exec(ctx, t, rows.Insert(&draft)); err != nil {
			return err
		}
	}
	return nil
}

// keepDraft keeps the earlier of two drafts.
func (g *merging) keepDraft(
	ctx context.Context, t tx, earlier rows.Draft, later *rows.Draft, channels []rows.Channel,
) error {
	text := strings.TrimSpace(earlier.Subject + "\n\n" + earlier.Body)
	for _, channel := range channels {
		if channel.StaffID != earlier.StaffID {
			continue
		}
		now, err := lockChannel(ctx, t, channel.ID) // held already; it may be part of another by now
		if err != nil {
			return err
		}
		by := adapters.Author{Kind: "staff", ID: string(earlier.StaffID), Name: channel.StaffName}
		_, err = t.writeNote(ctx, now, by, "", rows.Note{
			ID: t.clock.newID(), Kind: string(KindNote), Text: text, Filing: string(NoteNotFiled),
		})
		return err
	}
	later.Body += "\n\n" + text
	later.Private = later.Private || earlier.Private
	return nil
}
