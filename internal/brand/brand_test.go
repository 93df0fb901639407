package brand_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/brand"
)

// The bounds are those that WCAG's own examples and the usual checkers give: #767676 is the lightest grey that passes.
func TestColours(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"#005eb8", "#767676", "#000000", "#1D5F5A", "#b3261e", "#d5281b"} {
		colour, err := brand.ParseColour(text)
		require.NoError(t, err, text)
		require.Equal(t, strings.ToLower(text[1:]), colour.Hex())
	}
	for text, why := range map[string]string{
		"#777777": "contrast of 4.48", "#ffffff": "contrast of 1.00", "#ffd44d": "contrast", "#00a499": "contrast",
		"": "six", "005eb8": "six", "#fff": "six", "#005eb8ff": "six", "#005eb8;": "six", "red": "six", "#00５eb8": "six",
		"#005eb8\n": "six", "url(x)": "six",
	} {
		_, err := brand.ParseColour(text)
		require.ErrorContains(t, err, why, text)
	}
	colour, err := brand.ParseColour("#1d5f5a")
	require.NoError(t, err)
	require.Equal(t, "113936", colour.Darker().Hex())
}

func TestLogos(t *testing.T) {
	t.Parallel()
	svg, png := `<svg xmlns="http://www.w3.org/2000/svg"/>`, "\x89PNG\r\n\x1a\n0"
	for logo, begins := range map[string]string{
		svg: "data:image/svg+xml;base64,PHN2",
		" \n<?xml version=\"1.0\"?>\n<!-- ours -->" + svg: "data:image/svg+xml;base64,",
		png: "data:image/png;base64,iVBORw0KGgow",
		svg + strings.Repeat(" ", brand.MaxLogo-len(svg)): "data:image/svg+xml;base64,",
	} {
		url, err := brand.LogoURL([]byte(logo))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(url, begins), url)
	}
	for _, logo := range []string{
		"", "https://example.org/logo.svg", "<html>", "GIF89a", "not <svg", "<svg>\xff</svg>",
		png + strings.Repeat("0", brand.MaxLogo),
	} {
		_, err := brand.LogoURL([]byte(logo))
		require.Error(t, err, logo)
	}
}
