package search

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func TestASearchIsOfWords(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][][]string{
		"":                  nil,
		" \n":               nil,
		"\u200b \u00ad":     nil,
		"Tea & cake":        {{"tea"}, {"cake"}},
		"& + &":             {{}, {}},
		"O’Neil":            {{"o", "neil"}},
		"José ŁUKASZ":       {{"jose"}, {"lukasz"}},
		"12:30 12:30 12":    {{"12", "30"}, {"12"}},
		"a, (A) a.":         {{"a"}},
		"appoint\u00adment": {{"appointment"}},
		"ΠΑΠΑΔΟΠΟΥΛΟΣ Παπαδόπουλος": {{"παπαδοπουλοσ"}},
		"OKAFOR, Grace (Mrs)":       {{"okafor"}, {"grace"}},
		"(Dr.) &":                   {{"dr"}},
		"Mrs Okafor":                {{"mrs"}, {"okafor"}},
		"काम":                       {{"काम"}},
		"明天":                        {{"明天"}},
		"LINEもらえますか":                {{"line", "もらえます", "らえますか"}},
	} {
		var got [][]string
		for _, term := range Parse(typed).Terms {
			got = append(got, append([]string{}, term.words...))
		}
		require.Equal(t, want, got, "%q", typed)
	}
	require.True(t, Parse("tea &").InMessages())
	require.True(t, Parse("& (Mrs)").InMessages())
	require.False(t, Parse("&").InMessages())
	require.False(t, Parse("").InMessages())
	require.Equal(t, "'/o':* & '/neil':*", Parse("O'Neil").Terms[0].TSQuery("/"))
	require.Equal(t, [][]string{{`%\\%`}}, Parse(`\`).Terms[0].Likes())
}

func TestWordsAreCountedOnce(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int{
		"": 0, "a A á a.": 1, "o'neil": 2, "& | &": 2, "明天我不能来因为我要去医院看病": 1, "明天 天": 2,
		strings.Repeat("x ", 100): 1, strings.Repeat("\ufdfa", 50): 5, "a b c d e f g h i j k": 11, "a & b": 2, "१२ काम": 2,
	} {
		require.Equal(t, want, Parse(typed).Words, "%q", typed)
	}
}

// finds says what PostgreSQL would: that the words of one of the rules begin words of the message.
func finds(t *testing.T, query string, words []string) bool {
	t.Helper()
	terms := Parse(query).Terms
	require.NotEmpty(t, terms)
	for _, term := range terms {
		before := len(term.wordsBefore) > 0 && !slices.Contains(words, byTheseRules) && beginAll(words, term.wordsBefore)
		since := len(term.wordsSince) > 0 && beginAll(words, term.wordsSince)
		if !before && !since && !beginAll(words, term.words) {
			return false
		}
	}
	return true
}

func beginAll(words, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !beginsAny(words, []string{w}) })
}

func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, query string
		found       bool
	}{
		{"Your appoint\u00adment", "appointment", true}, // format characters
		{"Your appointment", "appoint\u00adment", true},
		{"the leisure\u200bcentre", "leisurecentre", true},
		{"the \u2066leisure\u2069 centre", "leisure", true},
		{"می\u200cخواهم", "میخواهم", true},
		{"میخواهم", "می\u200cخواهم", true},
		{"x\ufe0fy", "xy", true},
		{"Your appoint\u061cment", "appointment", true},
		{"leisure\u2028centre", "leisurecentre", false},
		{"我明天不能来", "明天", true}, // scripts without spaces
		{"我明天不能来", "来", true},
		{"我明天不能来", "我", true},
		{"我明天不能来", "我明天不能来", true},
		{"我明天不能来", "天明", false},
		{"我明天不能来", "我不能来", false},
		{"明日は行けません", "行けません", true},
		{"明日は行けません", "けませ", true},
		{"ノートを持って", "ト", true},
		{"私は𠮷野家に行く", "𠮷野家", true},
		{"人々が来る", "々が", true},
		{"กําลังจะไป", "กำลัง", true},
		{"ﾉｰﾄを持って", "ノート", true},
		{"かき", "がき", false},
		{"ฉันไม่สามารถไปได้พรุ่งนี้", "พรุ่งนี้", true},
		{"ฉันไม่สามารถไปได้พรุ่งนี้", "สามารถไปได้", true},
		{"ฉันไม่สามารถไปได้", "ไม้", false},
		{"ຂ້ອຍບໍ່ສາມາດມາໄດ້", "ສາມາດ", true},
		{"ខ្ញុំមិនអាចមកបានទេ", "អាចមក", true},
		{"ကျွန်တော်မနက်ဖြန်မလာနိုင်ပါ", "မနက်ဖြန်", true},
		{"see 12月3日 please", "月3", true},
		{"あAB水", "AB", true},
		{"內科appointment", "appointment", true},
		{"ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλος", true}, // case
		{"Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ", true},
		{"Straße", "STRASSE", true},
		{"ﬁle", "FILE", true},
		{"ᏣᎳᎩ", "ꮳꮃꭹ", true},
		{"თბილისი", "ᲗᲑᲘᲚᲘᲡᲘ", true},
		{"İSTANBUL", "istanbul", true},
		{"Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ", true},
		{"काम हो गया", "काम", true}, // marks
		{"काम हो गया", "किम", false},
		{"काम हो गया", "कम", false},
		{"कमल मेरा", "काम", false}, // found by the rules of before
		{"வருகிறேன்", "வருகிறேன்", true},
		{"வருகிறேன்", "வருகறன", false},
		{"বাংলা", "বিংলা", false},
		{"ଓଡ଼ିଆ", "ଓଡିଆ", false},
		{"क़लम", "क\u093cलम", true},
		{"José", "Jose", true},
		{"Jose", "José", true},
		{"שָׁלוֹם", "שלום", true},
		{"مُحَمَّد", "محمد", true},
		{"ёлка", "елка", true},
		{"1\u20e3 one", "1", true},
		{"محـــمد", "محمد", true}, // one letter in several forms
		{"محمد", "مـحـمـد", true},
		{"\u07ca\u07fa\u07cb", "\u07ca\u07cb", true},
		{"على", "علي", true},
		{"علي الحسن", "على", true},
		{"فاطمة", "فاطمه", true},
		{"کریم", "كريم", true},
		{"شہزاد", "شهزاد", true},
		{"على", "عل", true},
		{"على", "علا", false},
		{"الساعة ١٢:٣٠", "12:30", true}, // digits
		{"at 12:30", "١٢:٣٠", true},
		{"۱۲ فروردین", "12", true},
		{"कमरा ०१२", "012", true},
		{"เวลา ๙ โมง", "9", true},
		{"room １２", "१२", true},
		{"कमरा ०१२", "013", false},
	} {
		require.Equal(t, c.found, finds(t, c.query, Words(c.text)), "%q by %q", c.text, c.query)
	}
}

// What earlier builds wrote is found by all that it was found by.
func TestWhatWasWrittenBefore(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"काम हो गया", "appoint\u00adment", "می\u200cخواهم", "明日は行けません", "12月3日", "Παπαδόπουλος", "がき", "ไม่ได้", "LINEで送って",
		"محـمد", "على", "٠١٢", "कमरा ०१२", "๙",
	} {
		folded, since := foldBefore(text), foldSince(text)
		require.True(t, finds(t, text, wordsBefore(folded)), "%q", text)
		require.True(t, named(Parse(text).Terms[0], folded), "%q", text)
		require.True(t, finds(t, text, append(wanted(since), byTheseRules)), "%q", text)
		require.True(t, named(Parse(text).Terms[0], since), "%q", text)
	}
	require.True(t, finds(t, "明日は", wordsBefore(foldBefore("明日は行けません"))))
	require.Equal(t, "'/काम':* | '/क':* & '/म':* & !'/.'", Parse("काम").Terms[0].TSQuery("/"))
}

// named says what PostgreSQL would of a folded name.
func named(t Term, folded string) bool {
	for _, patterns := range t.Likes() {
		if !slices.ContainsFunc(patterns, func(p string) bool { return !strings.Contains(folded, strings.Trim(p, "%")) }) {
			return true
		}
	}
	return false
}

func TestANameIsFoundByItsWordsInAnyOrder(t *testing.T) {
	t.Parallel()
	for query, names := range map[string][]string{
		"Mahmood, Tariq":          {"Tariq Mahmood", "MAHMOOD, Tariq (Mr)"},
		"Mahmood,Tariq":           {"Tariq Mahmood"},
		"Mahmood.":                {"Tariq Mahmood"},
		"MAHMOOD, Tariq (Mr.)":    {"Tariq Mahmood"},
		"Mahmood (Mr), Tariq":     {"Tariq Mahmood"},
		"MAHMOOD,Tariq(Mr)":       {"Tariq Mahmood"},
		"MAHMOOD, Tariq [Mr]":     {"Tariq Mahmood"},
		"MAHMOOD, Tariq ( mr )":   {"Tariq Mahmood"},
		"MAHMOOD, Tariq （Mr）":     {"Tariq Mahmood"},
		"MAHMOOD, Tariq (Cllr.)":  {"Tariq Mahmood"},
		"MAHMOOD, Tariq (Imam);":  {"Tariq Mahmood"},
		"محمود، طارق":             {"طارق محمود"},
		"\"Tariq Mahmood\"":       {"Tariq Mahmood"},
		"‘Mahmood’":               {"Tariq Mahmood"},
		"Tariq/Mahmood;":          {"Tariq Mahmood"},
		"O'NEIL, Seán":            {"Sean O’Neil", "Sean O`Neil", "Sean O´Neil", "Sean O′Neil"},
		"O`Neil":                  {"Sean O’Neil"},
		"ג'ורג'":                  {"ג׳ורג׳ כהן"},
		"MAHMOOD, Tariq (he/him)": {"Tariq Mahmood"},
		"Smith-Jones":             {"Anna Smith Jones", "Jones-Smith, Anna"},
		"Jones Smith":             {"Anna Smith-Jones"},
		"Παπαδόπουλος":            {"ΠΑΠΑΔΟΠΟΥΛΟΣ Νίκος"},
		"सुनीता":                  {"सुनीता शर्मा"},
		"小明":                      {"王小明"},
		"علي, محمد":               {"محـمد على"},
		"کریم":                    {"كريم"},
		"Ward ٧":                  {"Ward 7"},
		"& Sons":                  {"Sons & Daughters"},
		"Gra\u200bce":             {"Grace"},
	} {
		for _, name := range names {
			words, all := Parse(query).NotInName(name)
			require.True(t, all, "%q by %q", name, query)
			require.Empty(t, words)
		}
	}
	for query, name := range map[string]string{
		"Tariq (Imam)":   "Tariq Mahmood",
		"Mahmood, Grace": "Tariq Mahmood", "O'Neil": "Olivia Neilson", "सीनीता": "सुनीता",
	} {
		_, all := Parse(query).NotInName(name)
		require.False(t, all, "%q by %q", name, query)
	}
	words, _ := Parse("josé river").NotInName("José Álvarez")
	require.Equal(t, []string{"river"}, words, "is looked for in messages")
}

func TestADirectoryIsAskedForWords(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Mahmood, Tariq":       "Mahmood Tariq",
		"OKAFOR, Grace (Mrs)":  "OKAFOR Grace",
		"Mahmood.":             "Mahmood",
		" Mahmood,Tariq ":      "Mahmood Tariq",
		"“O’Neil”":             "O’Neil",
		"O`Neil":               "O'Neil",
		"Smith-Jones; J.R.":    "Smith-Jones J.R",
		"Wójcik":               "Wójcik",
		"Gra\u200bce\u00a0O":   "Grace O",
		"काम":                  "काम",
		"OKAFOR,Grace(Mrs)":    "OKAFOR Grace",
		"OKAFOR, Grace （Mrs）":  "OKAFOR Grace",
		"OKAFOR, Grace (Revd)": "OKAFOR Grace",
		"OKAFOR (Revd)":        "OKAFOR Revd",
		"(Mrs)":                "(Mrs)",
		"%":                    "%",
		"_ & _":                "_ & _",
		"999 000":              "999 000",
		" \u200b ":             "",
	} {
		require.Equal(t, want, Name(typed), "%q", typed)
	}
}

func TestTheLongestTextsFitATSVector(t *testing.T) {
	t.Parallel()
	var han, signs strings.Builder
	for i := range 50_200 {
		han.WriteRune('\U00020000' + rune(i))             // four bytes each
		signs.WriteRune('\u3300' + rune(i*i%0x58+i/0x58)) // a square that stands for several kana
	}
	for _, text := range []string{han.String(), signs.String()} {
		words := Words(text)
		require.LessOrEqual(t, len(strings.Join(words, "?"))+1, 1_000_000, "with the digit that the index puts before each")
		require.Greater(t, len(words), 20_000)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	text := "one two three four five six seven eight nine ten\neleven twelve"
	require.Equal(t, "one two three four…", Excerpt([]string{"two"}, 18, text))
	require.Equal(t, "…nine ten eleven twelve", Excerpt([]string{"elev"}, 140, text))
	require.Equal(t, strings.ReplaceAll(text, "\n", " "), Excerpt([]string{"thr"}, 140, text))
	require.Equal(t, "one…", Excerpt(nil, 3, text), "found by none of these words: from the start")
	require.Equal(t, "See you…", Excerpt(nil, 9, "See you👩\u200d👧 soon"), "no half an emoji")
	run := strings.Repeat("我", 300) + "明天不能来" + strings.Repeat("你", 300)
	require.Contains(t, Excerpt(Parse("明天").Terms[0].words, 140, run), "我明天不能来你", "in a run without spaces, too")
	require.Contains(t, Excerpt(Parse("我明天不能来你你").Terms[0].words, 60, "Dear\n"+run), "我明天不能来你")
	subject := "About your housing form"
	require.Equal(t, subject, Excerpt([]string{"hous"}, 140, "Dear Grace,", subject), "only the second has it")
	require.Equal(t, "…of the housing form", Excerpt([]string{"hous"}, 140, "A copy of the housing form", subject), "both have it")
	require.Equal(t, "Dear Grace,", Excerpt([]string{"knee"}, 140, "Dear Grace,", subject), "neither has it")
	require.Empty(t, Excerpt([]string{"hous"}, 140, "", ""))
}

func FuzzSearch(f *testing.F) {
	for _, s := range nastyQueries(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if len(typed) > 1000 || !utf8.ValidString(typed) {
			return // nobody can ask for it
		}
		q := Parse(typed)
		require.Equal(t, Fold(typed), Fold(Fold(typed)), "%q", typed)
		for _, term := range q.Terms {
			require.NotEmpty(t, term.Likes())
			for _, word := range slices.Concat(term.words, term.wordsBefore, term.wordsSince) {
				requireWord(t, word)
			}
		}
		words := Words(typed)
		for _, word := range words {
			if word != byTheseRules {
				requireWord(t, word)
			}
		}
		if q.InMessages() {
			require.True(t, finds(t, typed, words), "a text is found by itself: %q", typed)
			_, all := q.NotInName(typed)
			require.True(t, all, "and so is a name: %q", typed)
		}
		Excerpt(words, 3, typed)
	})
}

func requireWord(t *testing.T, word string) {
	t.Helper()
	require.NotEmpty(t, word)
	require.LessOrEqual(t, len(word), maxWord)
	require.True(t, utf8.ValidString(word))
	for _, r := range word {
		require.True(t, unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r), "%q is an operator or a quote", r)
	}
}

// Two letters that Unicode's case folding makes one are one.
func TestCaseIsFoldedAsUnicodeDoes(t *testing.T) {
	t.Parallel()
	fold := cases.Fold()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) || !norm.NFKD.IsNormalString(string(r)) {
			continue // it is folded as what it is decomposed to
		}
		require.Equal(t, Fold(fold.String(string(r))), Fold(string(r)), "%q", r)
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if unicode.IsLetter(other) {
				require.Equal(t, Fold(string(r)), Fold(string(other)), "%q and %q", r, other)
			}
		}
	}
}

func nastyQueries(tb testing.TB) []string {
	tb.Helper()
	data, err := os.ReadFile("testdata/nasty-queries.json")
	require.NoError(tb, err)
	var queries []string
	require.NoError(tb, json.Unmarshal(data, &queries))
	require.NotEmpty(tb, queries)
	return queries
}
