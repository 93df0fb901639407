package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed ui/*.js ui/*.css ui/pages
var embedded embed.FS

// asset is one file of the browser part, as it is served.
type asset struct {
	path        string // below the public mount
	contentType string
	body        []byte
	packed      []byte // body in gzip; nil where that is no shorter
	etag        string // empty: the address itself names the content
}

// The modules travel as six, and the styles as one: over a slow network fifty files would come one after the other.
// The first is small, and asks for what the page shows first while the second, with the list, is on its way; the third
// has a conversation, and the fourth what nobody sees before they press something: each comes after the one before. The
// last two are fetched when they are opened.
const (
	firstModule        = "begin.js"
	rowsModule         = "messenger-elements.js"
	conversationModule = "conversation.js"
	lastModule         = "dialogs.js"
	welshModule        = "welsh.js"  // by itself: for hosts whose pages are Welsh
	seldomModule       = "seldom.js" // once texts are to be sorted, or what went to several is looked at
	deskModule         = "desk.js"   // once templates are to be written
	styles             = "messenger.css"
	pageStyles         = "pages/reply.css"
)

// assets are what a browser needs of the files below ui/, each under an address with the hash of them all, and what a
// host's pages name: the entry, and the words in Welsh.
//
//nolint:gochecknoglobals // made once a process: packing takes its time
var assets = sync.OnceValues(makeAssets)

func makeAssets() (hash string, all []asset) {
	sum := sha256.New()
	texts := modules()
	texts[styles], texts[pageStyles] = joined(styles, map[string]bool{}), joined(pageStyles, map[string]bool{})
	for name, text := range texts {
		all = append(all, newAsset(name, bare(text)))
	}
	slices.SortFunc(all, func(a, b asset) int { return strings.Compare(a.path, b.path) })
	for _, file := range all {
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", file.path, len(file.body), file.body)
	}
	welsh, _ := embedded.ReadFile("ui/" + welshModule) // part of the program
	_, _ = sum.Write(welsh)
	hash = hex.EncodeToString(sum.Sum(nil)[:8])
	for i := range all {
		all[i].path = "/ui/" + hash + "/" + all[i].path
	}
	for name, text := range map[string][]byte{"/ui/messenger.js": entryOf(hash), "/ui/" + welshModule: bare(welsh)} {
		named := newAsset(name, text)
		named.etag = `"` + hash + `"`
		all = append(all, named)
	}
	return hash, all
}

// entryOf has two modules fetched at once, what the first one asks begun before the second is there, and offers what
// the second and the third do.
func entryOf(hash string) []byte {
	return fmt.Appendf(nil, `const rows = import('./%[1]s/%[2]s');
import('./%[1]s/%[3]s');
const { MessengerInbox, MessengerUnread, conversation, english, setStrings } = await rows;
export { MessengerInbox, MessengerUnread, english, setStrings };
export const { MessengerCompose, MessengerNotifications } = await conversation;
`, hash, rowsModule, firstModule)
}

func newAsset(name string, body []byte) asset {
	var packed bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // a level that there is
	_, _ = writer.Write(body)                                       // a buffer takes all
	_ = writer.Close()
	file := asset{path: name, contentType: contentType(name), body: body}
	if packed.Len() < len(body) {
		file.packed = packed.Bytes()
	}
	return file
}

// imported is a line, or several, by which a module or a style names another one beside it.
var imported = regexp.MustCompile(`(?m)^(?:import \{([^}]*)\} from|@import) '\./([\w-]+\.\w+)';\n`)

func orderOfModules() []string {
	return []string{firstModule, rowsModule, conversationModule, lastModule, seldomModule, deskModule}
}

// modules are what travels, by name: each with all that it imports and that no earlier one has, and with what it needs
// of an earlier one imported from there.
func modules() map[string][]byte {
	made, home := map[string][]byte{}, map[string]string{}
	for _, module := range orderOfModules() {
		seen := map[string]bool{}
		for file := range home {
			seen[file] = true
		}
		text := joined(module, seen)
		needed := map[string][]string{} // names by the module that has them
		for file := range seen {
			if home[file] != "" {
				continue
			}
			home[file] = module
			for from, names := range importsOf(file) {
				if at := home[from]; at != "" && at != module {
					needed[at] = append(needed[at], names...)
				}
			}
		}
		var imports bytes.Buffer
		for _, at := range slices.Sorted(maps.Keys(needed)) {
			slices.Sort(needed[at])
			_, _ = fmt.Fprintf(&imports, "import { %s } from './%s';\n", strings.Join(slices.Compact(needed[at]), ", "), at)
		}
		made[module] = append(imports.Bytes(), text...)
	}
	return made
}

// reexported is a line by which a module offers what it imports: it stands beside that then, which is offered itself.
var reexported = regexp.MustCompile(`(?m)^export \{[^}]*\};\n`)

// importsOf are the names that a file imports, by the file that they are in.
func importsOf(file string) map[string][]string {
	names := map[string][]string{}
	text, _ := embedded.ReadFile("ui/" + file) // part of the program
	for _, match := range imported.FindAllSubmatch(text, -1) {
		list := strings.FieldsFunc(string(match[1]), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
		names[string(match[2])] = list
	}
	return names
}

// joined is a file with all that it imports and that is not in seen, each before what needs it. Modules share one
// scope then: a test sees that no two declare the same name.
func joined(entry string, seen map[string]bool) []byte {
	var all bytes.Buffer
	var add func(name string)
	add = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		text, _ := embedded.ReadFile("ui/" + name) // part of the program: a test reads them all
		for _, match := range imported.FindAllSubmatch(text, -1) {
			add(string(match[2]))
		}
		all.Write(reexported.ReplaceAll(imported.ReplaceAll(text, nil), nil))
	}
	add(entry)
	return all.Bytes()
}

// typeWithin is a type that stands within a line of a script.
var typeWithin = regexp.MustCompile(`/\*\* @type [^*]*\*/ ?`)

// bare leaves out the lines of a script or style that are empty or nothing but comment, the types within lines, and
// what lines begin with: a third of what would travel. No string of ours has a line that begins as a comment does, or
// where spaces count.
func bare(text []byte) []byte {
	var kept bytes.Buffer
	inside := false
	for line := range bytes.Lines(typeWithin.ReplaceAll(text, nil)) {
		words := bytes.TrimSpace(line)
		inside = inside || bytes.HasPrefix(words, []byte("/*"))
		_, after, ends := bytes.Cut(words, []byte("*/"))
		switch {
		case inside && len(after) == 0, bytes.HasPrefix(words, []byte("//")), len(words) == 0:
		default:
			kept.Write(bytes.TrimLeft(line, " \t"))
		}
		inside = inside && !ends
	}
	return kept.Bytes()
}

// contentType goes by the extension: browsers refuse a module whose type was guessed.
func contentType(name string) string {
	if path.Ext(name) == ".js" {
		return "text/javascript; charset=utf-8"
	}
	return "text/css; charset=utf-8"
}

func serve(ctx huma.Context, file asset) {
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	// The host's pages may stand under another address than the public part.
	ctx.SetHeader("Access-Control-Allow-Origin", "*")
	ctx.SetHeader("Cross-Origin-Resource-Policy", "cross-origin")
	if file.etag == "" {
		ctx.SetHeader("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		ctx.SetHeader("Cache-Control", "no-cache, must-revalidate")
		ctx.SetHeader("ETag", file.etag)
		if matches(ctx.Header("If-None-Match"), file.etag) {
			ctx.SetStatus(http.StatusNotModified)
			return
		}
	}
	ctx.SetHeader("Content-Type", file.contentType)
	body := file.body
	if file.packed != nil {
		ctx.SetHeader("Vary", "Accept-Encoding")
		if takesGzip(ctx.Header("Accept-Encoding")) {
			ctx.SetHeader("Content-Encoding", "gzip")
			body = file.packed
		}
	}
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write(body) // a reader that has gone is nobody's fault
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3): a weight of nothing refuses.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(strings.ToLower(header), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if coding = strings.TrimSpace(coding); coding != "gzip" && coding != "x-gzip" {
			continue
		}
		weight = strings.TrimSpace(weight)
		return !strings.HasPrefix(weight, "q=0") || strings.ContainsAny(weight[len("q=0"):], "123456789")
	}
	return false
}

// Head is what a host's pages with elements have in their <head>, where the public part is mounted under prefix ("/m"):
// the one script, and what it is going to ask for first, so that a browser on a slow line asks for it at once; the
// first module does not wait for the styles. The script alone does as well, only later:
//
//	template.FuncMap{"messenger": func() template.HTML { return web.Head("/m") }}
func Head(prefix string) template.HTML {
	hash, _ := assets()
	ui := template.HTMLEscapeString(strings.TrimSuffix(prefix, "/")) + "/ui/"
	//nolint:gosec // escaped just above
	return template.HTML(fmt.Sprintf(`<link rel="stylesheet" href="%[1]s%[2]s/%[3]s">
<link rel="modulepreload" href="%[1]s%[2]s/%[5]s">
<script type="module" async src="%[1]s%[2]s/%[4]s"></script>
<script type="module" src="%[1]smessenger.js"></script>
`, ui, hash, styles, firstModule, rowsModule))
}

// matches compares weakly, as RFC 9110 section 13.1.2 wants: a proxy that compresses makes a weak tag of ours.
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// InboxShell is what a host's page may have inside <messenger-inbox>, so that the shape of the page is there before the
// element is: four tabs and five rows, in grey. The element puts what there is in its place.
func InboxShell() template.HTML {
	const row = `<div class="messenger-shell-row"></div>`
	return `<div class="messenger-shell" aria-hidden="true"><div class="messenger-shell-tabs">` +
		`<span></span><span></span><span></span><span></span></div>` + row + row + row + row + row + `</div>`
}
