package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"riverqueue.com/riverui"
)

const riverPath = "/operators/river"

// startRiverUI makes River's own page, for operators alone: it shows the jobs of all organisations, which hold ids, and
// lets whoever opens it cancel them. Without OPERATOR_PASSWORD there is none.
func (h *host) startRiverUI(ctx context.Context) error {
	if os.Getenv("OPERATOR_PASSWORD") == "" {
		return nil
	}
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Logger: h.logger}) // works no jobs
	if err != nil {
		return fmt.Errorf("cms: river: %w", err)
	}
	page, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(client, nil), Logger: h.logger, Prefix: riverPath,
	})
	if err != nil {
		return fmt.Errorf("cms: river's page: %w", err)
	}
	if err := page.Start(ctx); err != nil {
		return fmt.Errorf("cms: river's page: %w", err)
	}
	h.riverUI = page
	return nil
}

// mountOperators has what operators see, who are no staff of an organisation: a sign-in of their own is in front of it.
func (h *host) mountOperators(r chi.Router) {
	if h.riverUI == nil {
		return
	}
	operators := middleware.BasicAuth("operators", map[string]string{"operator": os.Getenv("OPERATOR_PASSWORD")})
	r.With(operators, http.NewCrossOriginProtection().Handler).Mount(riverPath, h.riverUI)
}
