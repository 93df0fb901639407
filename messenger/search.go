package messenger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

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

// searchInbox reads the channels of q in which every term is found, in the name or in some message.
//
// 'In the name or in a message' leaves the planner nothing but a walk through the whole inbox, and what it knows of an inbox's words is
// too little to tell when a walk is best. Its statistics do know how often a word is written in all inboxes. Where that is rarely, the
// indexes of names and of words find the channels. Where it is often, the index would read much of what is other inboxes', and a walk
// through this one, the newest channels first, soon fills a page: where that promises to be cheaper it goes on for as long as the index
// would have taken, and then the index is asked after all.
func (m *Messenger) searchInbox(ctx context.Context, q *inboxQuery, s search.Query, limit int) ([]listRow, Counts, error) {
	statistics, err := m.words.current(ctx, m)
	if err != nil {
		return nil, Counts{}, err
	}
	word := statistics.Rarest(s)
	if word.Rare() {
		sql, args := q.lookUp(s, word.Term, limit)
		return m.readList(ctx, q, sql, args)
	}
	var counts Counts
	if err := counts.scan(m.config.Pool.QueryRow(ctx, selectCounts, q.args[:2]...)); err != nil {
		return nil, counts, err
	}
	channels := counts.Unread + counts.Open + counts.Done
	if channels == 0 {
		return nil, counts, nil
	}
	if walk := word.Walk(channels, limit); walk > 0 {
		sql, args := q.walk(s, walk, limit)
		list, err := collectList(m.config.Pool.Query(ctx, sql, args...))
		if err != nil || len(list) == limit || walk == channels {
			return list, counts, err
		}
	}
	sql, args := q.lookUp(s, word.Term, limit)
	list, err := collectList(m.config.Pool.Query(ctx, sql, args...))
	return list, counts, err
}

// walk looks through this many of q's channels, the first in its order.
func (q *inboxQuery) walk(s search.Query, channels, limit int) (sql string, args []any) {
	q = q.clone()
	from := fmt.Sprintf("(select c.*, c.last_seq as newest from messenger_channels c where %s%s limit %s) c where %s",
		strings.Join(q.conditions, " and "), inboxOrder, q.condition("%s", channels), q.each(s.Terms))
	sql = q.found(s, from, limit)
	return sql, q.args
}

// lookUp finds q's channels by the indexes of names and of words. They are asked for one term; the others are looked for in what is found.
func (q *inboxQuery) lookUp(s search.Query, rarest, limit int) (sql string, args []any) {
	q = q.clone()
	t := s.Terms[rarest]
	// $2 is the inbox's staff member: by the channel's own, the planner would hash the matches of every inbox there is
	matches := q.condition(`(select channel_id, max(seq) as newest from (
			select w.channel_id, w.seq from messenger_messages w where w.staff_id = $2
				and messenger_inbox_words(w.staff_id, w.words) @@ messenger_inbox_query($2, %s)
			union all select n.id, null from messenger_channels n
				where n.organisation_id = $1 and n.staff_id = $2 and `+q.named("n", t)+`
		) m group by channel_id) m`, t.TSQuery("/"))
	newest := "newest"
	if others := slices.Delete(slices.Clone(s.Terms), rarest, rarest+1); len(others) > 0 {
		q.conditions = append(q.conditions, q.each(others))
		newest = "c.last_seq as newest" // the newest match may be another term's
	}
	from := fmt.Sprintf("(select c.*, %s from %s join messenger_channels c on c.id = m.channel_id where %s) c", newest, matches, strings.Join(q.conditions, " and "))
	sql = q.found(s, from, limit)
	return sql, q.args
}

// each is the condition that a channel has every one of these terms, asked of one channel at a time.
func (q *inboxQuery) each(terms []search.Term) string {
	conditions := make([]string, len(terms))
	for i, t := range terms {
		// OFFSET keeps it a question about one channel's messages: by the index of words each would be answered from the whole inbox
		conditions[i] = q.condition(`(`+q.named("c", t)+` or exists (select 1 from (select w.words from messenger_messages w
			where w.channel_id = c.id order by w.seq desc offset 0) w where w.words @@ %s::tsquery))`, t.TSQuery(""))
	}
	return strings.Join(conditions, " and ")
}

// named is the condition that the name of a channel of this table has a term.
func (q *inboxQuery) named(table string, t search.Term) string {
	var either []string
	for _, patterns := range t.Likes() {
		var all []string
		for _, pattern := range patterns {
			all = append(all, q.condition(table+".client_name_folded like %s", pattern))
		}
		either = append(either, strings.Join(all, " and "))
	}
	return "(" + strings.Join(either, " or ") + ")"
}

// found selects a page of some channels, each with its newest message, from the one that channels calls newest, that has a term which
// the name has not.
func (q *inboxQuery) found(s search.Query, channels string, limit int) string {
	shown := make([]string, len(s.Terms))
	for i, t := range s.Terms {
		shown[i] = q.condition("(not "+q.named("c", t)+" and f.words @@ %s::tsquery)", t.TSQuery(""))
	}
	// OFFSET: a row's own messages are looked through, the newest first, and never those of the words' index
	return fmt.Sprintf(`select %s, coalesce(f.id, %s), coalesce(f.body, '') from (select c.* from %s%s limit %d) c
		left join lateral (select f.id, f.body from (select f.id, f.body, f.words from messenger_messages f
			where f.channel_id = c.id and f.seq <= c.newest order by f.seq desc offset 0) f where %s limit 1) f on true%s`,
		listColumns, noID, channels, inboxOrder, limit, strings.Join(shown, " or "), inboxOrder)
}

// match says why a row was found.
func match(wanted search.Query, r listRow) *Match {
	if len(wanted.Terms) == 0 {
		return nil
	}
	words, inName := wanted.NotInName(r.ClientName)
	if inName || r.MatchID == uuid.Nil {
		return &Match{Field: "name", Excerpt: r.ClientName}
	}
	return &Match{Field: "message", Message: r.MatchID, Excerpt: search.Excerpt(r.MatchBody, words, MaxPreview)}
}
