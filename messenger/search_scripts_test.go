package messenger_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// In whatever script and with whatever unseen signs a text is written, the database finds it by its words; what an
// earlier build wrote, by the words that it kept.
func TestSearchFindsEveryScript(t *testing.T) {
	t.Parallel()
	b := setup(t)
	put := func(id adapters.ClientID, name string) {
		b.clients.Put(north, adapters.Client{ID: id, Name: name, Email: string(id) + "@example.org"})
	}
	put("grace", "Grace Okafor")
	put("tariq", "MAHMOOD, Tariq (Mr)")
	put("nikos", "ΠΑΠΑΔΟΠΟΥΛΟΣ Νίκος")
	put("sunita", "सुनीता")
	chinese := b.send(t, "amira", email("grace", "我明天不能来。")).Channel.ID
	tariq := b.send(t, "amira", email("tariq", "Your appoint\u00adment at the leisure\u200bcentre")).Channel.ID
	hindi := b.send(t, "amira", email("sunita", "काम हो गया")).Channel.ID
	greek := b.send(t, "amira", email("nikos", "Greetings. محـمد على ٠١٢")).Channel.ID
	for query, want := range map[string][]uuid.UUID{
		"明天": {chinese}, "不能来": {chinese}, "天明": nil, "我不能": nil,
		"appointment": {tariq}, "leisurecentre appoint\u00adment": {tariq},
		"काम": {hindi}, "किम": nil,
		"Mahmood, Tariq": {tariq}, "TARIQ MAHMOOD.": {tariq}, "OKAFOR, Grace (Mrs)": {chinese}, "okafor,grace 明天": {chinese},
		"Παπαδόπουλος": {greek}, "सुनीता": {hindi}, "(Mr)": {tariq},
		"محمد علي": {greek}, "012 على": {greek}, "०१२": {greek},
	} {
		require.Equal(t, want, b.find(t, query, 50), "%q", query)
	}

	// An earlier build left vowel signs out, or parted words at them.
	rewrite := func(channel uuid.UUID, words string) {
		exec(t, b, "update messenger_messages set words = array_to_tsvector('"+words+"') where channel_id = '"+channel.String()+"'")
	}
	rewrite(hindi, "{क,म,ह,गय}")
	rewrite(chinese, "{我明天不能来}")
	rewrite(greek, "{greetings,محـمد,على,٠١٢,.}") // each digit and form of a letter by itself
	exec(t, b, "update messenger_channels set client_name_folded = 'सनीता' where id = '"+hindi.String()+"'")
	for query, want := range map[string][]uuid.UUID{
		"काम": {hindi}, "सुनीता": {hindi}, "我明天不能来": {chinese}, "我明天": {chinese}, "明天": nil,
		"محـمد ٠١٢": {greek},
	} {
		require.Equal(t, want, b.find(t, query, 50), "%q", query)
	}
}

func TestTheLongestMessageWithoutSpacesIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var body strings.Builder
	for i := range messenger.MaxEmail {
		body.WriteRune('\U00020000' + rune(i*7%42_711)) // four bytes each
	}
	sent := b.send(t, "amira", email("grace", body.String()))
	require.Equal(t, []uuid.UUID{sent.Channel.ID}, b.find(t, body.String()[:40], 50))
}

func TestASearchIsOfTenWordsAtMost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	search := func(query string) error {
		_, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: query})
		return err
	}
	require.NoError(t, search("a b c d e f g h i j"))
	require.NoError(t, search(strings.Repeat("A á a. ", 28)), "one word")
	require.NoError(t, search("明天我不能来因为我要去医院看病"), "one word")
	signs := strings.Repeat("! ? ", 10) + "% & * ( ) _ + = [ ]"
	for _, query := range []string{"a b c d e f g h i j k", "a-b-c-d-e-f o'n g/h/i/j", signs, "ab\ufdfa c d e f g h i"} {
		err := search(query)
		require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err), "%q", query)
		require.ErrorContains(t, err, "ten different words")
	}
}
