package rows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Parallel()
	s := parse("-- why: @nothing\nselect @second_one, '@quoted ''@too''', a @> b, @first\n  -- @no\nwhere c @@ d and @second_one::text[] -- @last\n")
	require.Equal(t, "select $1, '@quoted ''@too''', a @> b, $2\nwhere c @@ d and $1::text[] -- $3", s.text)
	require.Equal(t, []string{"second_one", "first", "last"}, s.names)
}
