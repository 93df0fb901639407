package main

import (
	"fmt"
	"net/http"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/riverqueue/river/rivertype"
	"github.com/riverqueue/rivercontrib/otelriver"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

// telemetry is OpenTelemetry's SDK with a page for Prometheus. A host that sends its traces somewhere sets the global
// TracerProvider: Messenger, pgx and River find it there.
type telemetry struct {
	meters *metric.MeterProvider
	page   http.Handler
}

func newTelemetry() (telemetry, error) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return telemetry{}, fmt.Errorf("cms: metrics: %w", err)
	}
	return telemetry{
		metric.NewMeterProvider(metric.WithReader(reader)), promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}, nil
}

// ofDatabase has the statements of a pool traced and timed: without their values, of which Messenger's texts hold none.
func (t telemetry) ofDatabase(config *pgxpool.Config) *pgxpool.Config {
	config.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithMeterProvider(t.meters))
	return config
}

// ofJobs has River's jobs traced and timed.
func (t telemetry) ofJobs() []rivertype.Middleware {
	return []rivertype.Middleware{otelriver.NewMiddleware(&otelriver.MiddlewareConfig{MeterProvider: t.meters})}
}
