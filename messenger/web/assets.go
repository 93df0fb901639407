package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
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

// assets are the files below ui/ that a browser needs, each under an address with the hash of them all, and the entry that a
// host's script tag names.
func assets() (hash string, all []asset) {
	sum := sha256.New()
	var files []asset
	// The file system is part of the program: reading it never fails.
	_ = fs.WalkDir(embedded, "ui", func(name string, entry fs.DirEntry, err error) error {
		kind := contentType(name)
		if err != nil || entry.IsDir() || kind == "" {
			return err
		}
		text, err := embedded.ReadFile(name)
		text = withoutComments(text)
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		files = append(files, asset{path: strings.TrimPrefix(name, "ui/"), contentType: kind, body: text})
		return err
	})
	hash = hex.EncodeToString(sum.Sum(nil)[:8])
	for i := range files {
		files[i].path = "/ui/" + hash + "/" + files[i].path
	}
	entry := fmt.Sprintf("export * from './%s/messenger-elements.js';\n", hash)
	return hash, append(files, asset{"/ui/messenger.js", contentType(".js"), []byte(entry), `"` + hash + `"`})
}

// withoutComments leaves out the lines of a script or style that are nothing but comment, a fifth of what would travel, and keeps
// their ends, so that an error names the line of the source. No string of ours has a line that begins as a comment does.
func withoutComments(text []byte) []byte {
	var kept bytes.Buffer
	inside := false
	for line := range bytes.Lines(text) {
		words := bytes.TrimSpace(line)
		inside = inside || bytes.HasPrefix(words, []byte("/*"))
		_, after, ends := bytes.Cut(words, []byte("*/"))
		switch {
		case inside && len(after) == 0, bytes.HasPrefix(words, []byte("//")):
			kept.WriteByte('\n')
		default:
			kept.Write(line)
		}
		inside = inside && !ends
	}
	return kept.Bytes()
}

// contentType goes by the extension: browsers refuse a module whose type was guessed. Empty: not served.
func contentType(name string) string {
	if strings.Contains(path.Base(name), "_test.") || strings.Contains(name, "/tests/") {
		return ""
	}
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
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
