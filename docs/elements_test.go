package docs_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

const ui = "../messenger/web/ui/"

// sources are those of the elements: modules or styles.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(ui + pattern)
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// fences are the snippets of the pages in some languages, by page.
func fences(t *testing.T, languages string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for path, text := range pages(t) {
		for _, block := range regexp.MustCompile("(?s)```(?:"+languages+")\n(.*?)```").FindAllStringSubmatch(text, -1) {
			found[path] += block[1]
		}
	}
	require.Greater(t, len(found), 1)
	return found
}

// each asks about every match of a pattern in what pages say, and holds that there are some.
func each(t *testing.T, text, pattern string, about func(match []string)) {
	t.Helper()
	matches := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, matches, pattern)
	for _, match := range matches {
		about(match)
	}
}

func joined(texts map[string]string) string {
	var all strings.Builder
	for _, text := range texts {
		all.WriteString(text)
	}
	return all.String()
}

// What pages say to write in HTML is there: the elements with their attributes, the modules with what is taken from
// them, and the keys of words.
func TestHTML(t *testing.T) {
	t.Parallel()
	modules, snippets := sources(t, "*.js"), joined(fences(t, "html"))
	attributes := regexp.MustCompile(`observedAttributes = \[.*|getAttribute\('\w+'\)`).FindAllString(modules, -1)
	each(t, snippets, `<(messenger-[a-z-]+)([^>]*)>`, func(element []string) {
		require.Contains(t, modules, ".define('"+element[1]+"')")
		for _, attribute := range regexp.MustCompile(`([a-z-]+)="`).FindAllStringSubmatch(element[2], -1) {
			require.Contains(t, strings.Join(attributes, "\n"), "'"+attribute[1]+"'", element[0])
		}
	})
	public := http.StripPrefix("/m", web.PublicHandler(withNobody(t)))
	served := func(path string) string {
		w := httptest.NewRecorder()
		public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		require.Equal(t, http.StatusOK, w.Code, path)
		return w.Body.String()
	}
	each(t, snippets, `src="(/m/[^"]+)"`, func(script []string) { served(script[1]) })
	each(t, snippets, `import \{([^}]*)\} from '([^']+)'`, func(taken []string) {
		module := served(taken[2])
		for _, name := range strings.Split(taken[1], ",") {
			require.Regexp(t, `export (const |function |)\{?[^}=;(]*\b`+strings.TrimSpace(name)+`\b`, module, taken[0])
		}
	})
	each(t, snippets, `[{,] (\w+): '`, func(key []string) {
		require.Regexp(t, `(?m)^  `+key[1]+`:`, sources(t, "strings*.js"))
	})
}

// withNobody is a Messenger that only serves files.
func withNobody(t *testing.T) *messenger.Messenger {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/none")
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: memory.NewClients(), Staff: memory.NewStaff(), Email: memory.NewSender("memory"),
		PublicURL: "https://nhs.example.org/m",
		LinkKeys:  []messenger.LinkKey{{ID: "2026", Key: []byte(strings.Repeat("k", 32))}},
	})
	require.NoError(t, err)
	return m
}

// What pages say to style by is there: every custom property is one that the styles go by, every class and every value
// is drawn.
func TestCSS(t *testing.T) {
	t.Parallel()
	styles, modules := sources(t, "*.css"), sources(t, "*.js")
	each(t, joined(pages(t)), `--messenger-[a-z-]+`, func(property []string) {
		require.Contains(t, styles+modules, "var("+property[0])
	})
	snippets := joined(fences(t, "css"))
	each(t, snippets, `\.(messenger-[a-z-]+)`, func(class []string) { require.Contains(t, modules, class[1]) })
	each(t, snippets, `\[(data-[a-z]+)='(\w+)'\]`, func(value []string) {
		require.Contains(t, modules, value[1]+"=")
		require.Contains(t, modules, "'"+value[2]+"'")
	})
}

// What the elements' guide says of attributes, properties, methods and events is so.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, modules := pages(t)["../messenger/web/ui/README.md"], sources(t, "*.js")
	guide, _, _ = strings.Cut(guide, "## Where a line goes")
	common, elements, _ := strings.Cut(guide, "## `<")
	each(t, common, "(?m)^\\| `([a-z]+)` \\|", func(row []string) { // attributes, and the property strings
		require.Regexp(t, `observedAttributes = \[.*'`+row[1]+`'|set `+row[1]+`\(`, modules)
	})
	each(t, common, "(?m)^\\| `(messenger-[a-z-]+)`", func(event []string) {
		require.Regexp(t, `(emit|[eE]vent\w*)\(\s*'`+event[1]+`'`, modules)
	})
	for _, section := range strings.Split(elements, "\n## `<") {
		name := regexp.MustCompile(`^messenger-\w+`).FindString(section)
		module := sources(t, name+".js")
		for _, row := range regexp.MustCompile("(attribute|property|method) `(\\w+)").FindAllStringSubmatch(section, -1) {
			require.Regexp(t, map[string]string{
				"attribute": `ttribute\('` + row[2] + `'`, "property": `(?m)^  (get|set) ` + row[2] + `\(`,
				"method": `(?m)^  (async )?` + row[2] + `\(`,
			}[row[1]], module, "%s of %s", row[0], name)
		}
	}
}
