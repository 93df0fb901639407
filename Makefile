.DEFAULT_GOAL := help
SHELL := /bin/bash

GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(CURDIR)/.cache/golangci-$(GOLANGCI_VERSION)/golangci-lint

GOVULNCHECK_VERSION := v1.9.0
GOVULNCHECK := $(CURDIR)/.cache/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck
CYCLONEDX_VERSION := v1.10.0
CYCLONEDX := $(CURDIR)/.cache/cyclonedx-gomod-$(CYCLONEDX_VERSION)/cyclonedx-gomod

.PHONY: help test test-faults test-postgres lint bench bench-scale prove sbom vulncheck licences demo gallery tidy

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

test: ## Run every test of both modules, the module's own with the race detector, after installing what they need
	@.ci/install
	go test -race -timeout 30m ./...
	go test ./messenger/internal/advice # how quick it is, which the race detector is not
	go test -timeout 30m -p 1 ./examples/... # hosts and browsers: one package at a time fills two cores

test-faults: ## Lay every fault at a host under load, and write docs/faults.md (FAULTS_SEED=number; Debian, and root)
	@.ci/install faults
	cd examples && FAULTS=all go test -v -count=1 -timeout 30m -run '^TestFaults$$' ./internal/faults

test-postgres: ## Run the migrations, the story, the plans and the promises on PostgreSQL 14 and 18 (x86-64 Linux)
	@.ci/install
	@for release in 14 18; do \
		echo "PostgreSQL $$release"; export TEST_POSTGRES=$$release; \
		go test ./internal/devpg/devpgtest ./migrations && \
		go test -run '^(TestStory|TestSearch|TestPlans|TestPromise.*)$$' ./messenger || exit 1; \
	done

lint: $(GOLANGCI) ## Check both modules with the linters of .golangci.yaml
	$(GOLANGCI) run ./...
	cd examples && $(GOLANGCI) run --config ../.golangci.yaml ./...

bench: ## Measure the main job on a real PostgreSQL, each figure beside its limit (SIZE=messages)
	@.ci/install
	go test -run '^$$' -bench '^BenchmarkMessenger$$' -timeout 0 ./internal/bench

bench-scale: ## Measure at SIZE messages (a million; 10000000 for the full size) in CHANNELS and draw the cost against it
	@.ci/install
	go test -run '^$$' -bench '^BenchmarkScale$$' -timeout 0 ./internal/bench

prove: ## Show that the test of each promise fails when the code behind it is broken
	@.ci/install
	go run ./prove $(sort $(wildcard prove/*.patch))

sbom: $(CYCLONEDX) ## Write what a host links in as CycloneDX JSON to bin/sbom.cdx.json
	@mkdir -p bin
	GOWORK=off $(CYCLONEDX) mod -type library -licenses -std -json -output bin/sbom.cdx.json

vulncheck: $(GOVULNCHECK) ## Ask the Go vulnerability database about what both modules call (needs vuln.go.dev)
	$(GOVULNCHECK) ./...
	cd examples && $(GOVULNCHECK) ./...

licences: ## List the licence of each module that is linked in, and fail on one that is not known
	@go test -run '^TestLicences$$' ./assurance
	@cat assurance/licences.md

demo: ## Start the demonstration host, with its own database unless DATABASE_URL names one
	go run ./examples/cms

gallery: ## Serve every element in every state, for a designer to open
	go run ./examples/internal/gallery

tidy: ## Format the code and tidy both go.mod files
	$(MAKE) --no-print-directory $(GOLANGCI)
	$(GOLANGCI) fmt ./... ./examples/...
	go mod tidy
	cd examples && go mod tidy

# Built once and kept: these are no dependencies of the module.
$(GOLANGCI):
	GOBIN=$(dir $@) GOWORK=off go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

$(GOVULNCHECK):
	GOBIN=$(dir $@) GOWORK=off go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)

$(CYCLONEDX):
	GOBIN=$(dir $@) GOWORK=off go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
