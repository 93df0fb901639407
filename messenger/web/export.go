package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const exportID = "export-client"

// exportPolicy is of the page that prints: it has its own few styles, and nothing else.
const exportPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox"

// exported documents what an export is.
func exported() *huma.Response {
	return &huma.Response{
		Description: "The export, as a file to be kept or as a page that prints.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{
				Type: "object", Description: "As docs/export.schema.json of the module has it.", AdditionalProperties: true,
			}},
			"text/html": {Schema: &huma.Schema{Type: "string"}},
		},
	}
}

type exportInput struct {
	Client string `path:"client_id"`
	Format string `query:"format" enum:"json,html" default:"json" doc:"A file, or a page that prints."`
	For    string `query:"for" pattern:"^(staff|client)$" default:"staff" doc:"client: without the internal part."`
}

type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

// GET /clients/{client_id}/export
func (a *staffAPI) exportClient(ctx context.Context, in *exportInput) (*exportOutput, error) {
	made, err := a.m.ExportClient(ctx, adapters.ClientID(in.Client), messenger.ExportFor(in.For))
	if err != nil {
		return nil, err
	}
	// no id in the name of a file, which stays in lists of what was opened
	output := &exportOutput{
		ContentType: "application/json", Disposition: `attachment; filename="messages.json"`, Policy: exportPolicy,
	}
	if in.Format == "html" {
		output.ContentType, output.Disposition = "text/html; charset=utf-8", `inline; filename="messages.html"`
		output.Body, err = made.HTML()
	} else {
		output.Body, err = made.JSON()
	}
	return output, err
}
