package messenger

import (
	"context"
	"slices"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// watching is which inboxes a stream is of.
type watching struct {
	inboxes []adapters.StaffID
	covers  []adapters.StaffID // whose rows are marked
	claims  []adapters.StaffID // whose texts are counted
}

// asSeen is a stream with nothing of the clients whom the asker may not see in colleagues' inboxes, and of inboxes
// other than those that it watches only what they were told of and may open. What waits is asked about together. The
// asker's own inbox passes as it is, and rows of those that they cover are marked.
func (m *Messenger) asSeen(
	ctx context.Context, member adapters.Member, w watching, events <-chan LiveEvent,
) <-chan LiveEvent {
	out := make(chan LiveEvent)
	go func() {
		defer close(out)
		for first := range events {
			for _, event := range m.seenOf(ctx, member, w, gathered(first, events)) {
				if event.Channel != nil && slices.Contains(w.covers, event.staff) {
					row := *event.Channel
					row.CoveredFor = event.staff
					event.Channel = &row
				}
				select {
				case out <- event:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// gathered is an event with those that wait behind it.
func gathered(first LiveEvent, events <-chan LiveEvent) []LiveEvent {
	list := []LiveEvent{first}
	for {
		select {
		case event, open := <-events:
			if !open {
				return list
			}
			list = append(list, event)
		default:
			return list
		}
	}
}

// seenOf is what the asker may see of some events. Where nobody can tell, the page is to fetch again what it shows, and
// is told there why it can't.
func (m *Messenger) seenOf(
	ctx context.Context, member adapters.Member, w watching, list []LiveEvent,
) (told []LiveEvent) {
	reset := []LiveEvent{{ID: list[len(list)-1].ID, Kind: "reset"}}
	opens := map[adapters.StaffID]bool{"": true} // what is of nobody's inbox
	for _, staff := range w.inboxes {
		opens[staff] = true
	}
	for _, event := range list {
		if _, known := opens[event.staff]; known {
			continue
		}
		allowed, err := m.access(ctx, member, event.staff)
		if err != nil {
			return reset
		}
		opens[event.staff] = allowed >= mayLook
	}
	list = slices.DeleteFunc(list, func(event LiveEvent) bool { return !opens[event.staff] })
	var clients []adapters.ClientID
	for _, event := range list {
		if event.staff == member.ID {
			continue
		}
		if event.client != "" {
			clients = append(clients, event.client)
		}
		if event.Broadcast != nil {
			clients = append(clients, column(event.Broadcast.Skipped, func(s Skipped) adapters.ClientID { return s.Client })...)
		}
	}
	visible, err := m.sees(ctx, seat{member: member, access: mayLook}, clients...)
	if err != nil {
		return reset
	}
	for _, event := range list {
		switch {
		case event.Kind == "present" && event.Present.Staff == member.ID:
			continue
		case event.Kind == "unmatched" && event.staff != "":
			if !slices.Contains(w.claims, event.staff) {
				continue
			}
			count, err := rows.One[int](ctx, m.db(), unmatchedCount(member.Organisation, false, w.claims...))
			if err != nil {
				return reset
			}
			event.Unmatched = &count
		case event.staff == member.ID || event.Kind == "reset" || event.Kind == "unmatched":
		case event.Broadcast != nil:
			broadcast := event.Broadcast.asSeen(visible)
			event.Broadcast = &broadcast
		case !visible.has(event.client):
			continue
		case event.Message != nil:
			s := seat{member: member, access: mayLook, owner: event.staff}
			if err := m.looked(ctx, s, event.Message.Channel); err != nil {
				return reset
			}
		}
		told = append(told, event)
	}
	return told
}
