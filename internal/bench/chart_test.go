package bench

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown are the figures of the chart.
func shown() []string {
	return []string{"send/1", "inbox-page/8", "thread-page/8", "search/medium/500", "search/common/500"}
}

// cost is a second by the operations done in it, in milliseconds. With eight at a time the median says more of who
// waits for whom.
func (f figure) cost() float64 { return 1000 / f.Rate }

// drawCost draws the cost of each shown figure against the size, of every run in the folder.
func drawCost(b *testing.B, folder string) {
	b.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(b, err)
	var runs []run
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(b, err)
		var r run
		require.NoError(b, json.Unmarshal(raw, &r))
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b run) int { return a.Messages - b.Messages })
	require.NoError(b, os.WriteFile(filepath.Join(folder, "cost.svg"), []byte(chart(runs)), 0o600))
}

const (
	chartWidth, chartHeight    = 640, 360
	marginLeft, marginRight    = 60, 190
	marginTop, marginBottom    = 40, 50
	smallest, decades          = 10_000, 3 // to ten million
	cheapest, dearest, perStep = 0.01, 100.0, 10
)

// chart is an SVG with logarithmic axes: messages to the right, milliseconds upwards.
func chart(runs []run) string {
	x := func(messages int) float64 {
		return marginLeft + math.Log10(float64(messages)/smallest)/decades*(chartWidth-marginLeft-marginRight)
	}
	y := func(ms float64) float64 {
		share := math.Log10(min(max(ms, cheapest), dearest)/cheapest) / math.Log10(dearest/cheapest)
		return chartHeight - marginBottom - share*(chartHeight-marginTop-marginBottom)
	}
	var s strings.Builder
	put := func(format string, args ...any) { _, _ = fmt.Fprintf(&s, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`,
		chartWidth, chartHeight)
	put(`<title>What an operation takes, by the number of messages in the database</title>`)
	put(`<rect width="100%%" height="100%%" fill="#fff"/><text x="%d" y="20">ms an operation</text>`, marginLeft)
	for ms := cheapest; ms <= dearest; ms *= perStep {
		put(`<path d="M%d %.1fH%d" stroke="#ccc"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`,
			marginLeft, y(ms), chartWidth-marginRight, marginLeft-8, y(ms)+4, ms)
	}
	for i, label := range []string{"10 k", "100 k", "1 M", "10 M"} {
		at := x(smallest * int(math.Pow10(i)))
		put(`<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, at, chartHeight-marginBottom+20, label)
	}
	put(`<text x="%d" y="%d" text-anchor="middle">messages</text>`, (marginLeft+chartWidth-marginRight)/2, chartHeight-10)
	for i, name := range shown() {
		colour := []string{"#005eb8", "#d5281b", "#007f3b", "#330072", "#ae2573"}[i]
		var points []string
		for _, r := range runs {
			for _, f := range r.Figures {
				if f.Name == name {
					points = append(points, fmt.Sprintf("%.1f,%.1f", x(r.Messages), y(f.cost())))
					put(`<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`, x(r.Messages), y(f.cost()), colour)
				}
			}
		}
		put(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), colour)
		put(`<text x="%d" y="%d" fill="%s">%s</text>`, chartWidth-marginRight+15, marginTop+20+20*i, colour, name)
	}
	s.WriteString("</svg>\n")
	return s.String()
}
