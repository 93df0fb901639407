package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed ui/*.js ui/*.css ui/pages
var embedded embed.FS

// asset is one file of the browser part, as it is served.
type asset struct {
	path        string // below the public mount
	contentType string
	body        []byte
	etag        string // empty: the address itself names the content
}

// assets are what a browser needs of the files below ui/, each under an address with the hash of them all, and the
// entry that a host's script tag names. The modules travel as one, and so do the styles: over HTTP/1.1 and a slow
// network fifty files would come one after the other.
func assets() (hash string, all []asset) {
	sum := sha256.New()
	var files []asset
	for _, name := range []string{"messenger-elements.js", "messenger.css", "pages/reply.css"} {
		text := withoutComments(joined(name))
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		files = append(files, asset{path: name, contentType: contentType(name), body: text})
	}
	hash = hex.EncodeToString(sum.Sum(nil)[:8])
	for i := range files {
		files[i].path = "/ui/" + hash + "/" + files[i].path
	}
	entry := fmt.Sprintf("export * from './%s/messenger-elements.js';\n", hash)
	return hash, append(files, asset{"/ui/messenger.js", contentType(".js"), []byte(entry), `"` + hash + `"`})
}

// imported is a line, or several, by which a module or a style names another one beside it.
var imported = regexp.MustCompile(`(?m)^(?:import \{[^}]*\} from|@import) '\./([\w-]+\.\w+)';\n`)

// joined is a file with all that it imports, each before what needs it. Modules share one scope then: a test sees
// that no two declare the same name.
func joined(entry string) []byte {
	var all bytes.Buffer
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		text, _ := embedded.ReadFile("ui/" + name) // part of the program: a test reads them all
		for _, match := range imported.FindAllSubmatch(text, -1) {
			add(string(match[1]))
		}
		text = imported.ReplaceAll(text, nil)
		if name != entry {
			text = exported.ReplaceAll(text, nil)
		}
		all.Write(text)
	}
	add(entry)
	return all.Bytes()
}

// exported is how a declaration is offered to other modules.
var exported = regexp.MustCompile(`(?m)^export `)

// withoutComments leaves out the lines of a script or style that are empty or nothing but comment, a third of what
// would travel. No string of ours has a line that begins as a comment does.
func withoutComments(text []byte) []byte {
	var kept bytes.Buffer
	inside := false
	for line := range bytes.Lines(text) {
		words := bytes.TrimSpace(line)
		inside = inside || bytes.HasPrefix(words, []byte("/*"))
		_, after, ends := bytes.Cut(words, []byte("*/"))
		switch {
		case inside && len(after) == 0, bytes.HasPrefix(words, []byte("//")), len(words) == 0:
		default:
			kept.Write(line)
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
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write(file.body) // a reader that has gone is nobody's fault
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
