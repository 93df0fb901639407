package messenger

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// linkForm finds what may be a reply link by its end, in a text as it reads: the public URL may have been another, or
// be written in another way.
var linkForm = regexp.MustCompile(`/[rR]/([A-Za-z0-9_-]{22})`)

// urlSigns are what the beginning of a link is made of.
const urlSigns = `:/.-_~%@?=&#+;\` +
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// kept is a text fit to be kept and sent: with stands where it had a link that opens a channel, whosever. Nothing else
// is taken out: each token is looked up.
func (m *Messenger) kept(ctx context.Context, q rows.Querier, text, with string) (string, error) {
	reads := readAs(text)
	found := linkForm.FindAllStringSubmatchIndex(reads.text, -1)
	if len(found) == 0 {
		return text, nil
	}
	var lookups [][]byte
	for _, at := range found {
		lookups = append(lookups, m.links.Lookups(reads.text[at[2]:at[3]])...)
	}
	type link struct {
		ID         uuid.UUID
		LinkLookup []byte
	}
	links, err := rows.List[link](ctx, q, rows.Select[rows.Channel]().Column("id", "link_lookup").
		Where("c.link_lookup = any(?)", rows.V(lookups)))
	if err != nil {
		return "", err
	}
	live := func(token string) bool {
		return slices.ContainsFunc(m.links.Lookups(token), func(lookup []byte) bool {
			return slices.ContainsFunc(links, func(l link) bool { return string(l.LinkLookup) == string(lookup) })
		})
	}
	var out strings.Builder
	from := 0
	for _, at := range found {
		if !live(reads.text[at[2]:at[3]]) {
			continue
		}
		before := text[from:reads.from[at[0]]]
		out.WriteString(strings.TrimRight(before, urlSigns) + with)
		from = reads.to[at[1]-1]
	}
	out.WriteString(text[from:])
	return out.String(), nil
}
