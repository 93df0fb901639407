package messenger_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Welsh has every word that English has, each another one with the same places.
func TestWelshIsComplete(t *testing.T) {
	t.Parallel()
	english, welsh := messenger.Words(adapters.Organisation{}), messenger.WordsIn(adapters.Organisation{}, "cy-GB")
	require.ElementsMatch(t, slices.Collect(maps.Keys(english)), slices.Collect(maps.Keys(welsh)))
	for key, word := range english {
		if key != "dir" && key != "exit_url" {
			require.NotEqual(t, word, welsh[key], key)
		}
		for place := range strings.SplitSeq(word, "{") {
			if name, _, ok := strings.Cut(place, "}"); ok {
				require.Contains(t, welsh[key], "{"+name+"}", key)
			}
		}
	}
}

// `go doc messenger.Words` lists every key.
func TestGoDocListsTheWords(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("wording.go")
	require.NoError(t, err)
	doc, _, _ := strings.Cut(string(source), "\nfunc Words(")
	listed := regexp.MustCompile(`\w+`).FindAllString(doc[strings.Index(doc, "// The keys"):], -1)
	row := regexp.MustCompile(`^(month|weekday)_\d+$`)
	for key := range messenger.Words(adapters.Organisation{}) {
		require.True(t, slices.Contains(listed, key) || row.MatchString(key), key)
	}
}

// A client's language picks the words of what goes out, the notice being one text, and of their page; the host may
// replace them, and an organisation whose own language is another keeps its own for everybody else.
func TestAClientsLanguagePicksTheWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name := strings.Repeat("Ñ", 40)
	b.orgs.Put(adapters.Organisation{
		ID: north, Name: name, PublicURL: "https://messages.north-practice.example.org/m",
		Words: map[string]string{"sms_reply": "Answer:", "cy.sms_reply": "Atebwch:"},
	})
	b.clients.Put(north, adapters.Client{
		ID: "gwenllian", Name: "Gwenllian Prosser", DateOfBirth: "1951-03-01", Language: "cy",
		Email: "gwenllian@example.org", Phone: "07700 900404",
	})
	sent := b.send(t, "amira", private("gwenllian", adapters.SMS))
	b.deliver(t, sent.Message.ID, 1)
	notice := b.sms.Outbox()[0].Text
	require.Contains(t, notice, "Neges breifat gan "+name+". Darllenwch hi yma: https://")
	require.Equal(t, 1, messenger.CountTexts(notice), notice)
	for client, reply := range map[adapters.ClientID]string{"gwenllian": "Atebwch: ", "grace": "Answer: "} {
		plain := b.send(t, "amira", sms(client, "Hello"))
		b.deliver(t, plain.Message.ID, 1)
		out := b.sms.Outbox()[len(b.sms.Outbox())-1]
		got := out.Text
		require.Contains(t, got, reply)
		require.Equal(t, map[adapters.ClientID]string{"gwenllian": "cy", "grace": "en"}[client], out.Language)
		checked, err := b.Check(as(t, "amira"), sms(client, "Hello"))
		require.NoError(t, err)
		require.Equal(t, got, checked.Text, "what staff are shown is what goes out")
	}
	mail := b.send(t, "amira", private("gwenllian", adapters.Email))
	b.deliver(t, mail.Message.ID, 1)
	require.Equal(t, "Mae gennych neges breifat", b.email.Outbox()[0].Subject)
	require.Equal(t, "cy", b.email.Outbox()[0].Language)
	page, err := b.ReplyPage(t.Context(), b.token(t, sent.Channel), "")
	require.NoError(t, err)
	require.Equal(t, "Anfon yr ateb", messenger.Words(page.Organisation)["reply_send"])
	require.NotEmpty(t, b.prove(t, sent.Channel, "1", "Mawrth", "1951"))

	polish := adapters.Organisation{Words: map[string]string{"lang": "pl", "reply_send": "Wyślij"}}
	require.Equal(t, "Wyślij", messenger.WordsIn(polish, "pl")["reply_send"])
	require.Equal(t, "Wyślij", messenger.WordsIn(polish, "fr")["reply_send"], "nobody has it")
	require.Equal(t, "Anfon yr ateb", messenger.WordsIn(polish, "cy")["reply_send"])
	require.Equal(t, "Send reply", messenger.WordsIn(polish, "en-GB")["reply_send"])
	own := adapters.Organisation{Words: map[string]string{"lang": "cy", "reply_send": "Ateb"}}
	require.Equal(t, "Ateb", messenger.Words(own)["reply_send"])
	require.Equal(t, "Eich ateb", messenger.Words(own)["reply_label"])
	require.Equal(t, "Send reply", messenger.WordsIn(own, "en")["reply_send"])
}
