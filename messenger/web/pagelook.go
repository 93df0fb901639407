package web

import (
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/brand"
)

// ownColour is the page's where the organisation has none that white words can be read on.
const ownColour = "005eb8"

// pageLooks are the looks of organisations' reply pages. What can't be shown is left out, and logged once: a client's
// page does not fail for its host's colour.
type pageLooks struct {
	style  string // of the page's own look, below /ui/
	logger func() *slog.Logger
	logged sync.Map // of organisation and fault
}

// of is where an organisation's styles are, below /ui/, the colour in them, and its logo.
func (l *pageLooks) of(o adapters.Organisation) (style, colour string, logo template.URL) {
	style, colour = l.style+"/reply.css", "#"+ownColour
	if o.Colour != "" {
		if own, err := brand.ParseColour(o.Colour); err == nil {
			style, colour = l.style+"/"+own.Hex()+"/reply.css", "#"+own.Hex()
		} else {
			l.log(o.ID, "colour", err)
		}
	}
	if len(o.Logo) > 0 {
		address, err := brand.LogoURL(o.Logo)
		if err != nil {
			l.log(o.ID, "logo", err)
		}
		logo = template.URL(address) //nolint:gosec // ours, of base64
	}
	return style, colour, logo
}

func (l *pageLooks) log(organisation adapters.OrganisationID, what string, err error) {
	if _, known := l.logged.LoadOrStore(fmt.Sprint(organisation, what, err), true); known {
		return
	}
	l.logger().Warn("messenger: the reply page can't have its organisation's look",
		"organisation", string(organisation), "what", what, "error", err)
}

// serveInColour serves the reply page's stylesheet with another colour in the band at its top.
func serveInColour(ctx huma.Context, sheet asset) {
	colour, err := brand.ParseColour("#" + ctx.Param("colour"))
	if err != nil {
		ctx.SetStatus(http.StatusNotFound)
		return
	}
	serve(ctx, newAsset(pageStyles, fmt.Appendf(sheet.body[:len(sheet.body):len(sheet.body)],
		":root {\n  --band: #%s;\n  --band-edge: #%s;\n}\n", colour.Hex(), colour.Darker().Hex())))
}
