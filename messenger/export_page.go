package messenger

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"time"
)

//go:embed export.html
var exportHTML string

//nolint:gochecknoglobals // what the program was built with
var exportPage = template.Must(template.New("export").Funcs(template.FuncMap{
	"when":   exportedAt,
	"whenAt": func(at *time.Time) string { return exportedAt(*at) },
	"person": func(p ExportedPerson) string {
		switch {
		case p.Kind == "client":
			return "the client"
		case p.Kind == "system":
			return "the system"
		case p.Name == "":
			return p.ID
		default:
			return p.Name + " (" + p.ID + ")"
		}
	},
}).Parse(exportHTML))

func exportedAt(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04:05") }

// HTML is the export as a page that prints: one file, without script and without anything from elsewhere.
func (e ClientExport) HTML() ([]byte, error) {
	var page bytes.Buffer
	if err := exportPage.Execute(&page, e); err != nil {
		return nil, fmt.Errorf("messenger: write an export: %w", err)
	}
	return page.Bytes(), nil
}
