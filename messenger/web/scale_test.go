package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Text has one of five sizes, and what stands apart does so by one of seven: scale.css has them, the other sheets no
// size of their own.
func TestTheLookIsFromOneScale(t *testing.T) {
	t.Parallel()
	sheets, err := filepath.Glob("ui/*.css")
	require.NoError(t, err)
	require.Greater(t, len(sheets), 6)
	text := regexp.MustCompile(`^(var\(--_size-[1-5]\)|inherit)$`)
	declared := regexp.MustCompile(`(?m)^\s*(font-size|font|padding[a-z-]*|margin[a-z-]*|(?:row-|column-)?gap):\s*([^;]+);`)
	// what room something needs is counted from its size: a calc() of steps, a share, or nothing
	step := regexp.MustCompile(`(calc\([^;]*var\(--_gap-[1-7]\)[^;]*\)|var\(--_gap-[1-7]\)|\bauto\b|\b\d+(%|vh)|-1px|\b0\b)`)
	counted := 0
	for _, sheet := range sheets {
		css, err := os.ReadFile(sheet)
		require.NoError(t, err)
		for _, found := range declared.FindAllStringSubmatch(string(css), -1) {
			property, value := found[1], found[2]
			counted++
			switch property {
			case "font-size":
				require.Regexp(t, text, value, "%s: %s", sheet, found[0])
			case "font":
				require.Equal(t, "inherit", value, "%s: %s", sheet, found[0])
			default:
				require.Regexp(t, `^\s*$`, step.ReplaceAllString(value, ""), "%s: %s", sheet, found[0])
			}
		}
	}
	require.Greater(t, counted, 150)
}
