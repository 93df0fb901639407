package messenger_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A client's link is kept nowhere and goes to nobody else, whoever quotes it, wherever, and however it is written.
func TestPromise18NoLinkIsKept(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(token string) string{
		"as it was sent":     func(token string) string { return "https://north.example.org/m/r/" + token },
		"another host":       func(token string) string { return "http://127.0.0.1:8080/messages/r/" + token },
		"in capitals":        func(token string) string { return "HTTPS://NORTH.EXAMPLE.ORG/M/R/" + token },
		"without a scheme":   func(token string) string { return "old.example.org/r/" + token },
		"in another's query": func(token string) string { return "https://safe.example.com/?url=https%3A%2F%2Fx%2Fm%2fr%2F" + token },
		"glued to a word":    func(token string) string { return "(https://north.example.org/m/r/" + token + "Thanks" },
		"per cent":           func(token string) string { return "x.example.org%2Fr%2F" + perCent(token) },
		"over again": func(token string) string {
			return "x.example.org%252Fr%252F" + strings.ReplaceAll(perCent(token), "%", "%25")
		},
		"entities":           func(token string) string { return "x.example.org&#47;r&sol;" + entities(token) },
		"quoted-printable":   func(token string) string { return "https://x.example.org/m=2Fr/" + token[:9] + "=\r\n" + token[9:] },
		"broken over lines":  func(token string) string { return "https://x.example.org/r/" + token[:9] + "\n" + token[9:] },
		"with a soft hyphen": func(token string) string { return "https://x.example.org/r/" + token[:9] + "\u00ad" + token[9:] },
		"with a zero width":  func(token string) string { return "https://x.example.org/\u200br/" + token[:3] + "\u200b" + token[3:] },
		"escaped":            func(token string) string { return `https:\/\/x.example.org\/r\/` + token },
		"escaped as in C":    func(token string) string { return `x.example.org\x2fr\x2f` + token[:9] + hexed(`\x`, token[9:]) },
		"by hyphens":         func(token string) string { return "https-3A__x.example.org_r_" + hyphens(token) + "&d=x" },
		"by hyphens, all of it": func(token string) string {
			return "x.example.org_r_" + hexed("-", token) + "&d=x"
		},
		"by hyphens within per cent": func(token string) string { return "u%3Dhttps-3A__x_r_" + perCent(hyphens(token)) },
		"an unseen entity":           func(token string) string { return "x.example.org/r/" + token[:9] + "&shy;" + token[9:] },
		"unseen per cent":            func(token string) string { return "x.example.org/r/" + token[:9] + "%E2%80%8B" + token[9:] },
		"HTML that breaks":           func(token string) string { return "x.example.org/r/" + token[:9] + "<wbr>" + token[9:] },
		"the token alone":            func(token string) string { return token },
		"the token in a word":        func(token string) string { return "x=" + token + "Thanks" },
		"in an HTML attribute":       func(token string) string { return `<a href='https://x.example.org/r/` + token + `'>Reply</a>` },
		"quoted over lines":          func(token string) string { return "https://x.example.org/r/" + token[:9] + "\r\n> > " + token[9:] },
		"entities without semicolons": func(token string) string {
			return "x.example.org/r/" + strings.ReplaceAll(entities(token), ";", "")
		},
		"escaped as in JavaScript": func(token string) string {
			var out strings.Builder
			for _, sign := range []byte(token) {
				fmt.Fprintf(&out, `\u{%x}`, sign)
			}
			return `x.example.org\u{2f}r\u{2f}` + out.String()
		},
		"escaped as in old JavaScript": func(token string) string {
			return "x.example.org%u002Fr%u002F" + hexed("%u00", token)
		},
		"escaped by eights": func(token string) string {
			var out strings.Builder
			for _, sign := range []byte(token) {
				fmt.Fprintf(&out, `\%03o`, sign)
			}
			return `x.example.org/r/` + out.String()
		},
		"escaped as in Markdown": func(token string) string {
			return "x.example.org/r/" + strings.NewReplacer("-", `\-`, "_", `\_`).Replace(token)
		},
		"a long entity that nobody sees": func(token string) string {
			return "x.example.org/r/" + token[:9] + "&NegativeVeryThinSpace;" + token[9:]
		},
		"as base64": func(token string) string { return "x.example.com/?u=" + packed("https://x.example.org/m/r/"+token) },
		"as base64 per cent": func(token string) string {
			return "x.example.com/?u=" + packed("https%3A%2F%2Fx%2Fr%2F"+perCent(token))
		},
		"base64 that goes on": func(token string) string {
			return "x/l/" + packed("https://x.example.org/r/"+token+"?from=mail&to=you")
		},
		"as base64 by two filters": func(token string) string {
			return "x.example.com/?u=" + packed("https://y.example.com/?d=1&u="+packed("https://x.example.org/m/r/"+token))
		},
		"as base64 of UTF-16": func(token string) string {
			return packed(strings.Join(strings.Split("https://x.example.org/m/r/"+token, ""), "\x00") + "\x00")
		},
		"as base64 over quoted lines": func(token string) string {
			said := packed("Reply at https://x.example.org/m/r/" + token + " please")
			return said[:30] + "\r\n> " + said[30:60] + "\r\n>\u00a0" + said[60:]
		},
		"as base16": func(token string) string { return "x/?u=" + hexed("", "https://x.example.org/r/"+token) },
		"per cent, seven times": func(token string) string {
			return "x.example.org/r/" + strings.ReplaceAll(perCent(token[:5]), "%", "%"+strings.Repeat("25", 6)) + token[5:]
		},
		"JSON within JSON": func(token string) string { return `x.example.org\\/r\\/` + hexed(`\\u00`, token) },
		"escaped as in Perl": func(token string) string {
			return "x/r/" + hexed(`\x{`, token[:1]) + "}" + token[1:]
		},
		"escaped at length": func(token string) string { return "x/r/" + hexed(`\U000000`, token[:5]) + token[5:] },
		"over a tab":        func(token string) string { return "x.example.org/r/" + token[:9] + "\t" + token[9:] },
		"behind a bar":      func(token string) string { return "x.example.org/r/" + token[:9] + "\n| " + token[9:] },
		"behind a backslash": func(token string) string {
			return "x.example.org/r/" + token[:9] + "\\\n" + token[9:]
		},
		"with HTML within": func(token string) string {
			return `<span>x.example.org/r/` + token[:9] + `</span><!-- --><b class="x y">` + token[9:] + "</b>"
		},
		"as a filter writes it that keeps it": func(token string) string {
			return "https://filter.example.com/v3/__https://x.example.org/m/r/" + token + "__;!!Abc123"
		},
		"the token in base64": func(token string) string { return base64.StdEncoding.EncodeToString([]byte(token)) },
		"flowed over lines": func(token string) string {
			return "https://x.example.org/r/" + token[:9] + " \r\n" + token[9:]
		},
		"over lines of Unicode": func(token string) string {
			return "https://x.example.org/r/" + token[:9] + "\u2028> " + token[9:]
		},
		"over a form feed": func(token string) string {
			return "https://x.example.org/r/" + token[:9] + "\f" + token[9:]
		},
		"twice": func(token string) string {
			return "x.example.org/r/" + token + ",y.example.org/r/" + token
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hook := memory.NewCallbacks("sms", "a key of the provider's")
			b := setup(t, withHook(hook))
			amira := as(t, "amira")
			sent := b.send(t, "amira", email("grace", "Hello"))
			token := b.token(t, sent.Channel)
			quote := "See " + write(token) + " please"

			b.reply(t, sent.Channel, quote)
			text := adapters.InboundText{ProviderID: "p-1", From: "+447700900123", To: "+447700900999", Text: quote}
			_, err := b.Callback(t.Context(), "texts", hook.Request(nil, text))
			require.NoError(t, err)
			_, err = b.SaveDraft(amira, "objects", messenger.Draft{Medium: adapters.Email, Subject: quote, Body: quote})
			require.NoError(t, err)
			restricted := email("secret", "Hello")
			restricted.Override = quote
			b.send(t, "amira", restricted)
			failed := b.failed(t, email("grace", "Hello"))
			_, err = b.Resolve(amira, failed.Message.ID, messenger.ResolveParams{Of: "delivery", Note: quote})
			require.NoError(t, err)
			other := b.send(t, "amira", email("sian", quote))
			b.deliver(t, other.Message.ID, 1)
			p := reminder()
			p.Medium, p.Subject, p.Body, p.Clients = adapters.Email, "Hello", quote, []adapters.ClientID{"sian", "grace"}
			broadcast, err := b.SendBroadcast(amira, p)
			require.NoError(t, err)
			require.NoError(t, b.fanOut(t, broadcast.ID))
			unmatched, err := b.Unmatched(amira, messenger.PageParams{})
			require.NoError(t, err)
			_, err = b.Assign(amira, unmatched.Items[0].ID, messenger.AssignParams{Client: "phone", Reason: quote})
			require.NoError(t, err)

			text = adapters.InboundText{ProviderID: quote, From: quote, To: quote, Text: quote}
			for range 2 {
				_, err = b.Callback(t.Context(), "texts", hook.Request([]adapters.Receipt{{
					Reference: other.Message.ID.String(), ProviderID: quote, Status: adapters.Delivered,
				}}, text))
				require.NoError(t, err)
			}
			require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_unmatched"), "a repeat is told by its id")
			kept := databaseText(t, b)
			require.NotContains(t, kept, token)
			written := write(token)[len(write(token))-12:]
			require.NotContains(t, backslashes.ReplaceAllString(kept, `\`),
				strings.TrimSpace(backslashes.ReplaceAllString(written, `\`)), "as it is written")
			for _, carried := range b.email.Outbox() {
				if carried.To != "grace@example.org" {
					require.NotContains(t, carried.Text, token)
				}
			}
			require.Contains(t, b.thread(t, sent.Channel)[1].Body, "See ", "what stands beside it is kept")
		})
	}
}

// backslashes stand twice in PostgreSQL's text of a row, and four times in that of an array in it.
var backslashes = regexp.MustCompile(`\\+`)

// A provider's ids that differ by a link alone are two texts': neither is taken for the other's repeat, which would lose it.
func TestIDsWithLinksAreToldApart(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook))
	one, two := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	for _, sent := range []messenger.Sent{one, two, one} {
		text := adapters.InboundText{
			ProviderID: "p-" + b.token(t, sent.Channel), From: "+447700900123", To: "+447700900999", Text: "I am not well",
		}
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, text))
		require.NoError(t, err)
	}
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_unmatched"))
}

// "=5B" may be an encoded sign, or a sign and what a token begins with: both are looked at.
func TestATokenThatReadsAsAnEncodedSign(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	sent := b.send(t, "amira", email("grace", "Hello"))
	hex := regexp.MustCompile(`^[0-9A-Fa-f]{2}`)
	token := b.token(t, sent.Channel)
	for range 1000 { // one in eight begins so
		if hex.MatchString(token) {
			break
		}
		_, err := b.RenewLink(amira, sent.Channel.ID)
		require.NoError(t, err)
		token = b.token(t, sent.Channel)
	}
	for _, quote := range []string{"x?t=" + token, "t=" + token + "Thanks", "%3D" + token, "=\n" + token, "a=" + token + "=20"} {
		b.reply(t, sent.Channel, "See "+quote+" please")
	}
	require.NotContains(t, databaseText(t, b), token)
}

// What looks like a link and opens no channel is a person's own words.
func TestOnlyLiveLinksAreTakenOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	words := "I read https://forum.example.com/r/" + strings.Repeat("a", 22) + " and /r/health"
	b.reply(t, sent.Channel, words)
	require.Equal(t, words, b.thread(t, sent.Channel)[1].Body)
}

func perCent(s string) (encoded string) {
	for _, sign := range []byte(s) {
		encoded += fmt.Sprintf("%%%02X", sign)
	}
	return encoded
}

// hexed writes each sign by its number.
func hexed(mark, s string) (encoded string) {
	for _, sign := range []byte(s) {
		encoded += fmt.Sprintf("%s%02X", mark, sign)
	}
	return encoded
}

func packed(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// hyphens writes a link's token as mail filters do.
func hyphens(s string) string { return strings.NewReplacer("-", "-2D", "_", "-5F").Replace(s) }

func entities(s string) (encoded string) {
	for _, sign := range []byte(s) {
		encoded += fmt.Sprintf("&#x%x;", sign)
	}
	return encoded
}

// An Idempotency-Key is a digest in the database, also where a process of an earlier version writes it as it is, and where it stood
// so before; what it names is found all the same.
func TestAKeyIsKeptAsADigest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	p := email("grace", "Hello")
	p.Key = "k-of-the-program@example.org"
	sent := b.send(t, "amira", p)
	requireDigest := func() {
		require.Equal(t, 1, count(t, b.pool, `select count(*) from messenger_messages where idempotency_key ~ '^ [0-9a-f]{64}$'`))
		again, err := b.Send(amira, p)
		require.NoError(t, err)
		require.Equal(t, sent.Message.ID, again.Message.ID)
	}
	requireDigest()
	exec(t, b, "update messenger_messages set idempotency_key = $1", p.Key) // as an earlier version does
	requireDigest()
	exec(t, b, "alter table messenger_messages disable trigger messenger_messages_key")
	exec(t, b, "update messenger_messages set idempotency_key = $1", p.Key) // as it stood before
	exec(t, b, "alter table messenger_messages enable trigger messenger_messages_key")
	files, err := filepath.Glob("../migrations/*_keys_digested_filled.up.sql")
	require.NoError(t, err)
	require.Len(t, files, 1)
	fill, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for range 2 {
		exec(t, b, string(fill))
		requireDigest()
	}
	other := reminder()
	other.Clients, other.Key = []adapters.ClientID{"sian"}, p.Key
	first, err := b.SendBroadcast(amira, other)
	require.NoError(t, err)
	second, err := b.SendBroadcast(amira, other)
	require.NoError(t, err)
	require.Equal(t, first.ID, second.ID)
	require.NotContains(t, databaseText(t, b), p.Key)
}

// Whom the host names as a cover or a receiver has a name of the host's: no link is kept in it either.
func TestAColleaguesNameKeepsNoLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	named := "Ben https://north.example.org/m/r/" + token
	b.staff.Add(adapters.Member{ID: "ben", Name: named, Organisation: north, Media: []adapters.Medium{adapters.Email}})
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", Name: named, MayAct: true})
	b.away(t)
	require.NotContains(t, databaseText(t, b), token)
	_, err := b.Handover(as(t, "amira"), sent.Channel.ID, to("ben"))
	require.NoError(t, err)
	_, err = b.HandoverInbox(as(t, "amira"), "amira", to("ben"))
	require.NoError(t, err)
	require.NotContains(t, databaseText(t, b), token)
}

// How a warning was dealt with is a person's words, whether it was a channel's or a message's.
func TestANoteOfWhatWasDealtWithKeepsNoLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.email.FailNext(adapters.ErrWrongContact)
	b.deliver(t, sent.Message.ID, 1)
	token := b.token(t, sent.Channel)
	exec(t, b, "update messenger_channels set reply_flood = true where id = $1", sent.Channel.ID)
	results, err := b.Act(as(t, "amira"), messenger.ActParams{
		IDs: []uuid.UUID{sent.Channel.ID, sent.Message.ID}, Do: messenger.ActResolve, Note: "Told her /r/" + token,
	})
	require.NoError(t, err)
	require.Equal(t, []messenger.ActResult{{ID: sent.Channel.ID}, {ID: sent.Message.ID}}, results)
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_history where action = 'resolved' and note <> ''"))
	require.NotContains(t, databaseText(t, b), token)
}
