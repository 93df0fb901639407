package messenger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// A date of birth is read however somebody writes it, as long as it can be read in one way only.
func TestADateIsReadInEveryUnambiguousWay(t *testing.T) {
	t.Parallel()
	welsh := map[string]string{
		"month_1": "Ionawr", "month_2": "Chwefror", "month_3": "Mawrth", "month_4": "Ebrill", "month_5": "Mai",
		"month_6": "Mehefin", "month_7": "Gorffennaf", "month_8": "Awst", "month_9": "Medi", "month_10": "Hydref",
		"month_11": "Tachwedd", "month_12": "Rhagfyr",
	}
	french := map[string]string{"month_2": "février", "month_6": "juin", "month_7": "juillet", "month_8": "août"}
	finnish := map[string]string{"month_3": "maaliskuu", "month_11": "marraskuu"}
	polish := map[string]string{"month_2": "lutego", "month_3": "marca", "month_5": "maja"}
	const leap = "1984-02-29"
	for _, row := range []struct {
		name             string
		words            map[string]string
		day, month, year string
		want             string // empty: it is refused
	}{
		{"digits", nil, "29", "2", "1984", leap},
		{"spaces and noughts", nil, " 29 ", "02", "\u00a01984", leap},
		{"full-width digits", nil, "２９", "２", "１９８４", leap},
		{"Arabic digits", nil, "٢٩", "٢", "١٩٨٤", leap},
		{"Persian digits and a mark", nil, "\u200f۲۹", "۰۲", "۱۹۸۴", leap},
		{"Devanagari digits", nil, "२९", "२", "१९८४", leap},
		{"Bengali digits", nil, "২৯", "২", "১৯৮৪", leap},
		{"a short name", nil, "29", "Feb", "1984", leap},
		{"a short name with a stop", nil, "29", "FEB.", "1984", leap},
		{"a long short name", nil, "1", "Sept", "1984", "1984-09-01"},
		{"a full name", nil, "29", "february", "1984", leap},
		{"an ordinal", nil, "29th", "February", "1984", leap},
		{"an ordinal in capitals", nil, "1ST", "May", "1984", "1984-05-01"},
		{"an ordinal apart", nil, "22 nd", "6", "1984", "1984-06-22"},
		{"an ordinal with a stop", nil, "29.", "2.", "1984", leap},
		{"commas", nil, "29th,", "Feb.,", "1984,", leap},
		{"a date's own slashes", nil, "29/", "02/", "1984", leap},
		{"a date's own dashes", nil, "29-", "Feb–", "1984", leap},
		{"brackets and an apostrophe", nil, "29th'", "(Feb)", "1984)", leap},
		{"a month by number and name", nil, "1", "8 (Aug)", "1984", "1984-08-01"},
		{"Tamil digits", nil, "௨௯", "௨", "௧௯௮௪", leap},
		{"Mongolian digits", nil, "᠒᠙", "᠒", "᠑᠙᠘᠔", leap},
		{"Adlam digits", nil, "𞥒𞥙", "2", "1984", leap},
		{"a number in a ring", nil, "㉙", "②", "1984", leap},
		{"a Hindi ordinal", nil, "२९वीं", "2", "1984", leap},
		{"unseen signs within", nil, "2\u200b9", "F\u00ade\u2060b", "19\ufeff84", leap},
		{"a raised ordinal", nil, "1º", "6", "1984", "1984-06-01"},
		{"signs before", nil, "(29)", "/2/", "'1984", leap},
		{"a letter left out", nil, "29", "Febuary", "1984", leap},                //nolint:misspell // a slip
		{"two letters the other way round", nil, "29", "Feburary", "1984", leap}, //nolint:misspell // a slip
		{"a letter put in, Welsh", welsh, "29", "Chwefrror", "1984", leap},
		{"a slip too many", nil, "29", "Febuery", "1984", ""},
		{"Chinese", nil, "29日", "2月", "1984年", leap},
		{"Welsh", welsh, "29ain", "Chwefror", "1984", leap},
		{"short Welsh", welsh, "3ydd", "Chwe", "1984", "1984-02-03"},
		{"Welsh for May and not for March", welsh, "1af", "Mai", "1984", "1984-05-01"},
		{"English on a Welsh page", welsh, "2", "March", "1984", "1984-03-02"},
		{"short English on a Welsh page", welsh, "2", "Mar", "1984", "1984-03-02"},
		{"French without its accent", french, "1er", "FEVR", "1984", "1984-02-01"},
		{"French that is two months", french, "1er", "jui", "1984", ""},
		{"French that is one", french, "1er", "juil.", "1984", "1984-07-01"},
		{"the page's language before English", finnish, "1", "mar", "1984", "1984-11-01"},
		{"another case of the name", polish, "29", "luty", "1984", leap},

		{"two months", nil, "1", "Ju", "1984", ""},
		{"another two", nil, "1", "Ma", "1984", ""},
		{"no month", nil, "1", "Smarch", "1984", ""},
		{"no letters", nil, "1", ".", "1984", ""},
		{"a day that is not", nil, "30", "Feb", "1984", ""},
		{"a year of two digits", nil, "29", "2", "84", ""},
		{"a year of five", nil, "29", "2", "19840", ""},
		{"a sign", nil, "-29", "2", "1984", ""},
		{"a fraction", nil, "½", "2", "1984", ""},
		{"an apostrophe for the century", nil, "29", "2", "'84", ""},
		{"a day beside the month", nil, "8", "8 Feb", "1984", ""},
		{"a year with a nought", nil, "29", "2", "0984", ""},
		{"a leap day of no leap year", nil, "29", "2", "1900", ""},
		{"two numbers", nil, "2 9", "2", "1984", ""},
		{"a whole date", nil, "29/2/1984", "2", "1984", ""},
		{"a word after the number", nil, "29 whatever", "2", "1984", ""},
		{"a name for a day", nil, "first", "2", "1984", ""},
		{"nothing", nil, "", "", "", ""},
		{"no month among words", map[string]string{"month_2": ""}, "1", "", "1984", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			words := Words(adapters.Organisation{Words: row.words})
			got, ok := DateOfBirth{row.day, row.month, row.year}.parse(words)
			require.Equal(t, row.want != "", ok)
			require.Equal(t, row.want, got)
		})
	}
}

// Every month of the page's English is read in full and by its first three letters.
func TestEveryMonthIsRead(t *testing.T) {
	t.Parallel()
	for n, name := range []string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
		"December",
	} {
		for end := 3; end <= len(name); end++ {
			month, ok := monthNumber(name[:end], nil)
			require.True(t, ok, name[:end])
			require.Equal(t, n+1, month, name[:end])
		}
	}
}
