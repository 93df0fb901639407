package messenger

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63) + "."
	var manyHan strings.Builder
	for i := range 40 {
		manyHan.WriteRune('一' + rune(i*331))
	}
	for recorded, want := range map[string]string{
		"grace@example.org":                             "grace@example.org",
		" grace@example.org\r\n":                        "grace@example.org",
		"grace@example.org\u200b":                       "grace@example.org",
		"\u202agrace\u00ad@exa\u2060mple.org\u202c":     "grace@example.org",
		"grace @ example.org":                           "grace@example.org",
		"grace\u00a0@example.org\u3000":                 "grace@example.org",
		"MailTo: grace@example.org":                     "grace@example.org",
		"mailto:grace@example.org.":                     "grace@example.org",
		"mailto://grace@example.org":                    "grace@example.org",
		"mailto:grace%40example.org":                    "grace@example.org",
		"grace@example.org,":                            "grace@example.org",
		"grace@example.org .":                           "grace@example.org",
		"o'neil+nhs.uk@Example.ORG":                     "o'neil+nhs.uk@Example.ORG",
		"grace@bücher.example":                          "grace@bücher.example",
		"grace@उदाहरण.example":                          "grace@उदाहरण.example",
		"grace@exa\u0301mple.org":                       "grace@exa\u0301mple.org",
		"grace@r3---sn.example.org":                     "grace@r3---sn.example.org",
		"\ufeffgrace\u061c@ex\U000e0061ample.org\u180e": "grace@example.org",
		"grace\u2028@example.org\u0085":                 "grace@example.org",
		"MAILTO:%67race@example.org":                    "grace@example.org",
		"grace@xn--bcher-kva.example":                   "grace@xn--bcher-kva.example",
		"grâce@example.org":                             "grâce@example.org",
		strings.Repeat("a", 64) + "@example.org":        strings.Repeat("a", 64) + "@example.org",
	} {
		require.Equal(t, want, emailAddress(recorded), "%q", recorded)
		require.Equal(t, want, shownEmail(adapters.Client{Email: recorded}), "%q", recorded)
	}
	for _, recorded := range []string{
		"", "@", "grace@", "@example.org", "grace@example..org", "grace@.example.org", "grace@example.org..", "grace@example.org.,",
		".grace@example.org", "grace.@example.org", "gr..ace@example.org", "grace", "grace@example", "grace@localhost",
		"grace@@example.org", "grace@example@org", "grace@-example.org", "grace@example-.org", "grace@exa_mple.org",
		"grace@10.0.0.1", "grace@[10.0.0.1]", `"grace"@example.org`, `"a b"@example.org`, "<grace@example.org>",
		"mum grace@example.org", "Mrs. grace@example.org", "grace@example.org home", "grace@example.org\nmum@example.org",
		"grace@example.org,mum@example.org", "grace@example.org;", "mailto:", "mailto:mailto:grace@example.org",
		"grace@\u0301bc.example", "grace@אabc.example", "grace@١٢٣.example", "grace@😀.example", // none of RFC 5891
		"grace@" + manyHan.String() + ".example",        // over 63 octets once it is written as xn--…
		"grace@" + strings.Repeat("ü.", 40) + "example", // 127 octets, and 327 once its labels are
		"grace＠example.org", "grace@例え。example", "Grace Okafor <grace@example.org>", "email:grace@example.org",
		"mailto:grace@example.org?subject=x", "grace@example.org\x00", "grace\xff@example.org", "grace@exam\x07ple.org",
		strings.Repeat("a", 65) + "@example.org", "grace@" + strings.Repeat("a", 64) + ".org", "grace@" + strings.Repeat(long, 4) + "org",
	} {
		require.Empty(t, emailAddress(recorded), "%q", recorded)
		require.Equal(t, CodeNoAddress, obstacle(adapters.Client{Email: recorded}, adapters.Email), "%q", recorded)
	}
	require.Equal(t, "grace@", shownEmail(adapters.Client{Email: " grace@ "}), "staff read what is wrong")
}

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	for recorded, want := range map[string]string{
		"\u202a07700 900123\u202c": "+447700900123", "TEL:07700900123": "+447700900123", "07700 900123.": "+447700900123",
		"tel:%2B447700900123": "+447700900123", "tel://07700900123": "+447700900123",
		"tel:%E2%80%AA07700900123": "+447700900123", "tel:07700%20900123": "+447700900123",
		"\u061c07700\u2011900\u2011123": "+447700900123", "\u200e+44\u00a07700\u2009900123": "+447700900123",
		"TeL: 0044 7700 900123": "+447700900123", "tel:07700900123;ext=1": "", "07700900123/07700900456": "",
		"07700 900123 (mum)": "",
		"Mob: 07700 900123":  "", "020 7946 0018": "",
	} {
		require.Equal(t, want, address(adapters.Client{Phone: recorded}, adapters.SMS), "%q", recorded)
	}
	require.Equal(t, "+442079460018", shownPhone(adapters.Client{Phone: "tel:020 7946 0018"}))
	require.Equal(t, "Mob: 07700 900123", shownPhone(adapters.Client{Phone: "Mob: 07700 900123"}))
}

func TestFirstNames(t *testing.T) {
	t.Parallel()
	here := adapters.Organisation{Words: map[string]string{"first_name": "neighbour"}}
	for client, want := range map[[2]string]string{
		{"Grace", "Grace Okafor"}:     "Grace",
		{" Grace ", "Grace Okafor"}:   "Grace",
		{"", "OKAFOR, Grace (Mrs)"}:   "OKAFOR, Grace (Mrs)",
		{"", "Dr. O'Neil"}:            "Dr. O'Neil",
		{"\u200b", " Nguyen Van An "}: "Nguyen Van An",
		{".", "Grace Okafor"}:         "Grace Okafor",
		{"\u3164", "明"}:               "明",
		{"?", "-"}:                    "neighbour",
		{"\u2800", "\u0301"}:          "neighbour",
		{"", ""}:                      "neighbour",
		{" ", "\u00a0"}:               "neighbour",
	} {
		c := adapters.Client{FirstName: client[0], Name: client[1]}
		require.Equal(t, want, firstName(c, here))
		_, body, err := fillText("", "Hello {{first_name}},", c, "Amira Shah", here)
		require.NoError(t, err)
		require.Equal(t, "Hello "+want+",", body)
	}
	require.Equal(t, "client", firstName(adapters.Client{}, adapters.Organisation{}))
}

func FuzzEmailAddress(f *testing.F) {
	for _, s := range []string{"grace@example.org", "mailto:x@y.z.", "a@b.c\u200b", "@", "é@é.é", "a b@c.d", "a@b.c\r\nBcc: d@e.f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, recorded string) {
		email := emailAddress(recorded)
		if email == "" {
			return
		}
		require.Equal(t, email, emailAddress(email), "what is an address stays it")
		require.True(t, utf8.ValidString(email))
		require.Equal(t, 1, strings.Count(email, "@"))
		require.False(t, strings.ContainsFunc(email, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>()[],;:"\`, r)
		}))
		require.NotEmpty(t, mask(email))
	})
}
