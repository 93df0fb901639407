package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func TestAssets(t *testing.T) {
	t.Parallel()
	hash, files := assets()
	handler := PublicHandler(&messenger.Messenger{})
	get := func(path string, headers ...string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		for i := 0; i+1 < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, request)
		return got
	}
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
	for _, file := range files {
		got := get(file.path)
		require.Equal(t, 200, got.Code, file.path)
		require.Equal(t, kinds[file.path[strings.LastIndex(file.path, "."):]], got.Header().Get("Content-Type"), file.path)
		require.Equal(t, "nosniff", got.Header().Get("X-Content-Type-Options"))
		require.NotContains(t, file.path, "test")
		if file.etag == "" {
			require.True(t, strings.HasPrefix(file.path, "/ui/"+hash+"/"), file.path)
			require.Equal(t, "public, max-age=31536000, immutable", got.Header().Get("Cache-Control"))
		} else {
			require.Contains(t, []string{"/ui/messenger.js", "/ui/welsh.js"}, file.path)
		}
	}
	welsh := get("/ui/welsh.js")
	require.Equal(t, `"`+hash+`"`, welsh.Header().Get("ETag"))
	require.True(t, strings.HasPrefix(welsh.Body.String(), "export const welsh = {\n"))
	entry := get("/ui/messenger.js")
	require.Equal(t, `"`+hash+`"`, entry.Header().Get("ETag"))
	require.Contains(t, entry.Header().Get("Cache-Control"), "must-revalidate")
	target := regexp.MustCompile(`'\./([^']+)'`).FindStringSubmatch(entry.Body.String())[1]
	require.Equal(t, hash+"/messenger-elements.js", target)
	require.Equal(t, 200, get("/ui/"+target).Code)
	for _, tag := range []string{`"` + hash + `"`, `W/"` + hash + `"`, `"x", "` + hash + `"`, "*"} {
		got := get("/ui/messenger.js", "If-None-Match", tag)
		require.Equal(t, http.StatusNotModified, got.Code)
		require.Empty(t, got.Body.String())
	}
	require.Equal(t, 200, get("/ui/messenger.js", "If-None-Match", `"other"`).Code)
	for accepts, packed := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "deflate, x-gzip": true, "gzip;q=0.001": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "identity": false, "notgzip": false,
	} {
		plain := get("/ui/" + hash + "/messenger-elements.js")
		require.Equal(t, "Accept-Encoding", plain.Header().Get("Vary"))
		got := get("/ui/"+hash+"/messenger-elements.js", "Accept-Encoding", accepts)
		require.Equal(t, map[bool]string{true: "gzip"}[packed], got.Header().Get("Content-Encoding"), accepts)
		if !packed {
			require.Equal(t, plain.Body.String(), got.Body.String())
			continue
		}
		require.Less(t, got.Body.Len(), plain.Body.Len()/2)
		reader, err := gzip.NewReader(got.Body)
		require.NoError(t, err)
		unpacked, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, plain.Body.String(), string(unpacked))
	}
	for _, path := range []string{
		"/ui/", "/ui/" + hash + "/", "/ui/0000000000000000/pages/reply.css", "/ui/" + hash + "/pages/reply.html",
		"/ui/pages/reply.css",
	} {
		require.Equal(t, 404, get(path).Code, path)
	}
}

func TestCommentsStayAtHome(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"// why\nconst a = 1; // kept\n":                            "const a = 1; // kept\n",
		"/** A. */\nlet a;\n\n  /**\n   * @type {B}\n   */\nlet b;": "let a;\nlet b;",
		"/** @type {A} */ (a).b();\nc();\n":                         "(a).b();\nc();\n",
		"f(/** @type {A} */ (a), (/** @type {B|''} */ b) => b);\n":  "f((a), (b) => b);\n",
		"a { /* kept */ }\n/* gone\n   too */\nb {}\n":              "a { /* kept */ }\nb {}\n",
		"if (a) {\n\tb();\n  c();\n}\n":                             "if (a) {\nb();\nc();\n}\n",
		"const home = 'https://example.org';\n":                     "const home = 'https://example.org';\n",
	} {
		require.Equal(t, want, string(bare([]byte(source))))
	}
}

// The modules are served as one, in one scope: each is in it, no two declare the same name, and each comes after what
// it needs.
func TestTheModulesCanBeServedAsOne(t *testing.T) {
	t.Parallel()
	texts, all, entries := modules(), "", 0
	ofAnEarlierOne := regexp.MustCompile(`(?m)^import \{ ([\w, ]+) \} from '\./([\w-]+\.js)';\n`)
	for _, name := range orderOfModules() {
		text := string(texts[name])
		for _, match := range ofAnEarlierOne.FindAllStringSubmatch(text, -1) {
			for needed := range strings.SplitSeq(match[1], ", ") {
				require.Regexp(t, `(?m)^export (async )?(function|class|const|let) `+needed+`\b`, string(texts[match[2]]))
			}
		}
		all += ofAnEarlierOne.ReplaceAllString(text, "")
	}
	all += string(joined(styles, map[string]bool{}))
	require.NotRegexp(t, `(?m)^(import|@import|export \{)`+" ", all)
	declaring := regexp.MustCompile(`(?m)^(?:export )?(?:async )?(?:function|class|const|let) (\w+)`)
	declared := map[string]string{}
	files, err := embedded.ReadDir("ui")
	require.NoError(t, err)
	for _, file := range files {
		if file.IsDir() || file.Name() == welshModule {
			continue
		}
		text, err := embedded.ReadFile("ui/" + file.Name())
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(text), "\n")
		require.Equal(t, 1, strings.Count(all, first+"\n"), file.Name())
		entries++
		for _, match := range declaring.FindAllStringSubmatch(string(text), -1) {
			require.Empty(t, declared[match[1]], "%s is declared in %s too", match[1], file.Name())
			declared[match[1]] = file.Name()
		}
		at := strings.Index(all, first+"\n")
		for _, match := range imported.FindAllStringSubmatch(string(text), -1) {
			needed, err := embedded.ReadFile("ui/" + match[2])
			require.NoError(t, err)
			line, _, _ := strings.Cut(string(needed), "\n")
			require.Less(t, strings.Index(all, line+"\n"), at, "%s needs %s", file.Name(), match[2])
		}
	}
	require.Greater(t, entries, 20)
}

// Each module has the words that it shows, or one that has come before it.
func TestWordsComeWithWhatShowsThem(t *testing.T) {
	t.Parallel()
	texts, there, words := modules(), map[string]bool{}, map[string]bool{}
	said, shown := regexp.MustCompile(`(?m)^\s+([a-z_0-9]+):\s+['"]`), regexp.MustCompile(`\bt\('([a-z_0-9]+)'`)
	for _, name := range orderOfModules() {
		for _, match := range said.FindAllSubmatch(texts[name], -1) {
			there[string(match[1])] = true
		}
		for _, match := range shown.FindAllSubmatch(texts[name], -1) {
			words[string(match[1])] = true
		}
		if name == firstModule {
			continue // shows nothing by itself
		}
		require.Greater(t, len(words), 20, name)
		for word := range words {
			require.True(t, there[word] || there[word+"_other"], "%s shows %s", name, word)
		}
	}
}

// TestSize keeps what the first rows wait for over a slow line, each file compressed as it travels, under what they
// bear, with the page and its data (TestOnASlowLine); and what comes after them, as nobody sees it before they press
// something, within bounds.
func TestSize(t *testing.T) {
	t.Parallel()
	_, files := assets()
	first, packedOf := 0, map[string]int{}
	for _, file := range files {
		if strings.Contains(file.path, "/pages/") {
			continue
		}
		packedOf[path.Base(file.path)] = len(file.packed)
		first += len(file.packed)
	}
	first -= packedOf[conversationModule] + packedOf[lastModule] + packedOf[seldomModule] + packedOf[deskModule]
	first -= packedOf[welshModule]
	t.Logf("scripts and styles, compressed: %d bytes first, then %v", first, packedOf)
	require.Less(t, first, 50_000)
	require.Less(t, packedOf[conversationModule], 36_000)
	require.Less(t, packedOf[conversationModule]+packedOf[lastModule], 64_000)
	require.Less(t, packedOf[welshModule], 14_000)
	require.Less(t, packedOf[seldomModule], 5_000)
	require.Less(t, packedOf[deskModule], 4_000)
}

// replyWordsUsed are the keys that the templates ask for.
func replyWordsUsed(t *testing.T) (keys []string) {
	t.Helper()
	pages, err := embedded.ReadDir("ui/pages")
	require.NoError(t, err)
	for _, page := range pages {
		text, err := embedded.ReadFile("ui/pages/" + page.Name())
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?:Say|Plain) "([a-z_0-9]+)"`).FindAllStringSubmatch(string(text), -1) {
			keys = append(keys, match[1])
		}
	}
	return keys
}

func messengerWords() map[string]string { return messenger.Words(adapters.Organisation{}) }
