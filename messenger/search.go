package messenger

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// parseSearch reads what a person typed to search an inbox.
func parseSearch(typed string) (search.Query, error) {
	typed, err := plain("q", typed)
	if err != nil {
		return search.Query{}, err
	}
	if utf8.RuneCountInString(typed) > MaxQuery {
		return search.Query{}, invalid("q", "Search for 200 characters or fewer.")
	}
	wanted := search.Parse(typed)
	if wanted.Words > MaxWords {
		return search.Query{}, invalid("q", "Search for ten different words or fewer.")
	}
	return wanted, nil
}

// channelsOfNumber are the channels of whoever has the NHS number that somebody searches for, on the first page. q is
// told to leave them out of what else is found.
func (m *Messenger) channelsOfNumber(
	ctx context.Context, q *inboxQuery, typed string, limit int,
) ([]Channel, error) {
	channels := []Channel{}
	number, is := nhsnumber.Pasted(typed)
	if !is {
		return channels, nil
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	clients, err := m.config.Clients.Search(bound, q.organisation, number, limit)
	if err != nil {
		return nil, m.unavailable(ctx, "clients", err)
	}
	of := *q
	for _, client := range clients {
		if nhsNumber(client) == number {
			q.without = append(q.without, string(client.ID))
		}
	}
	if len(q.without) == 0 || q.after != nil {
		return channels, nil
	}
	found, err := rows.List[rows.Listed](ctx, m.db(), rows.Page(of.ordered(of.where(rows.ListedChannels()).
		Where("c.client_id = any(?)", rows.V(q.without))), limit))
	for _, row := range found {
		if of.seen.has(row.ClientID) {
			channel := channelOf(row, search.Query{})
			channel.Match = &Match{Field: "nhs_number", Excerpt: nhsnumber.Format(number)}
			channels = append(channels, channel)
		}
	}
	return channels, err
}

// searchInbox reads the channels of q in which every term is found, in the name or in some message.
//
// 'In the name or in a message' leaves the planner nothing but a walk through the whole inbox, and what it knows of an
// inbox's words is too little to tell when a walk is best. Its statistics do know how often a word is written in all
// inboxes. Where that is rarely, the indexes of names and of words find the channels. Where it is often, the index
// would read much of what is other inboxes', and a walk through this one, the newest channels first, soon fills a page:
// where that promises to be cheaper it goes on for as long as the index would have taken, and then the index is asked
// after all.
func (m *Messenger) searchInbox(ctx context.Context, q inboxQuery, s search.Query) ([]rows.Listed, keptCounts, error) {
	statistics, err := m.words.current(ctx, m)
	if err != nil {
		return nil, keptCounts{}, err
	}
	word := statistics.Rarest(s)
	if word.Rare() {
		return m.readList(ctx, q, q.lookUp(s, word.Term))
	}
	counts := keptCounts{Counts: value(q.seen.counts)}
	if q.seen.counts == nil {
		if counts, err = rows.One[keptCounts](ctx, m.db(), countsOf(q.organisation, q.staff)); err != nil {
			return nil, counts, err
		}
	}
	channels := counts.Unread + counts.Open + counts.Done
	if channels == 0 {
		return nil, counts, nil
	}
	if walk := word.Walk(channels, q.limit); walk > 0 {
		list, err := m.listFound(ctx, q.walk(s, walk))
		if err != nil || len(list) == q.limit || walk == channels {
			return list, counts, err
		}
	}
	list, err := m.listFound(ctx, q.lookUp(s, word.Term))
	return list, counts, err
}

// walk looks through this many of the inbox's channels, the first in its order.
func (q inboxQuery) walk(s search.Query, channels int) rows.Query {
	first := q.ordered(q.where(rows.Select[rows.Channel]().ColumnExpr("c.*, c.last_seq AS newest")))
	return q.found(s, each(rows.From("(?) AS c", rows.Limit(first, channels)), s.Terms))
}

// lookUp finds channels by the indexes of names and of words. They are asked for one term; the others are looked for in
// what is found.
func (q inboxQuery) lookUp(s search.Query, rarest int) rows.Query {
	t := s.Terms[rarest]
	// the inbox's staff member, not the channel's own: by that the planner would hash the matches of every inbox there is
	names := rows.Select[rows.Channel]().ColumnExpr("c.id, NULL").
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(q.organisation), rows.V(q.staff)).
		WhereGroup(" AND ", named(t))
	matches := rows.Raw(`select channel_id, max(seq) as newest from (
			select w.channel_id, w.seq from messenger_messages w where w.staff_id = ?
				and messenger_inbox_words(w.staff_id, w.words) @@ messenger_inbox_query(?, ?)
			union all ?
		) m group by channel_id`, rows.V(q.staff), rows.V(q.staff), rows.V(t.TSQuery("/")), names)
	channels := rows.From("(?) AS m", matches).
		Join("JOIN messenger_channels AS c ON c.id = m.channel_id").
		ColumnExpr("c.*")
	others := slices.Delete(slices.Clone(s.Terms), rarest, rarest+1)
	if len(others) == 0 {
		channels.ColumnExpr("newest")
	} else {
		channels.ColumnExpr("c.last_seq AS newest") // the newest match may be another term's
	}
	return q.found(s, rows.From("(?) AS c", each(q.where(channels), others)))
}

// each has channels have every one of these terms, asked of one channel at a time.
func each(channels *rows.SelectQuery, terms []search.Term) *rows.SelectQuery {
	for _, t := range terms {
		// OFFSET keeps it a question about one channel's messages: by the index of words each would be answered from the
		// whole inbox
		channels.WhereGroup(" AND ", func(either *rows.SelectQuery) *rows.SelectQuery {
			return either.WhereGroup("", named(t)).WhereOr(`EXISTS (SELECT 1 FROM (SELECT w.words FROM messenger_messages AS w
				WHERE w.channel_id = c.id ORDER BY w.seq DESC OFFSET 0) AS w WHERE w.words @@ ?::tsquery)`, rows.V(t.TSQuery("")))
		})
	}
	return channels
}

// named is the condition that a channel's name has a term.
func named(t search.Term) func(*rows.SelectQuery) *rows.SelectQuery {
	return func(either *rows.SelectQuery) *rows.SelectQuery {
		for _, patterns := range t.Likes() {
			either.WhereGroup(" OR ", func(all *rows.SelectQuery) *rows.SelectQuery {
				for _, pattern := range patterns {
					all.Where("c.client_name_folded LIKE ?", rows.V(pattern))
				}
				return all
			})
		}
		return either
	}
}

// notNamed is the condition that a channel's name has not a term.
func notNamed(t search.Term) func(*rows.SelectQuery) *rows.SelectQuery {
	return func(all *rows.SelectQuery) *rows.SelectQuery {
		for _, patterns := range t.Likes() {
			all.WhereGroup(" AND ", func(either *rows.SelectQuery) *rows.SelectQuery {
				for _, pattern := range patterns {
					either.WhereOr("c.client_name_folded NOT LIKE ?", rows.V(pattern))
				}
				return either
			})
		}
		return all
	}
}

// found selects a page of some channels, each with its newest message, from the one that channels calls newest, that
// has a term which the name has not.
func (q inboxQuery) found(s search.Query, channels *rows.SelectQuery) rows.Query {
	// OFFSET: a row's own messages are looked through, the newest first, and never those of the words' index
	// a private message's words are looked through, and none of it is shown
	shown := rows.From(`(SELECT f.id, f.words, CASE WHEN f.private_body IS NULL THEN f.subject ELSE '' END AS subject,
		CASE WHEN f.private_body IS NULL THEN f.body ELSE '' END AS body FROM messenger_messages AS f
		WHERE f.channel_id = c.id AND f.seq <= c.newest ORDER BY f.seq DESC OFFSET 0) AS f`).
		ColumnExpr("f.id, f.subject, f.body")
	for _, t := range s.Terms {
		shown.WhereGroup(" OR ", func(all *rows.SelectQuery) *rows.SelectQuery {
			return notNamed(t)(all).Where("f.words @@ ?::tsquery", rows.V(t.TSQuery("")))
		})
	}
	page := rows.Page(q.ordered(channels.ColumnExpr("c.*")), q.limit)
	return q.ordered(rows.ListedFrom(page).Join("LEFT JOIN LATERAL (?) AS f ON TRUE", rows.Page(shown, 1)))
}

// match says why a row was found.
func match(wanted search.Query, r rows.Listed) *Match {
	if len(wanted.Terms) == 0 {
		return nil
	}
	words, inName := wanted.NotInName(r.ClientName)
	if inName || r.MatchID == uuid.Nil {
		return &Match{Field: "name", Excerpt: r.ClientName}
	}
	excerpt := search.Excerpt(words, MaxPreview, r.MatchBody, r.MatchSubject)
	return &Match{Field: "message", Message: r.MatchID, Excerpt: excerpt}
}
