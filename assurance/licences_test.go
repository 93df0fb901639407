package assurance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a host links in has a licence that is known here, by the text that the module comes with.
func TestLicences(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	fmt.Fprintf(&b, generated, "go.mod")
	b.WriteString(`# Licences of what is linked in

Each module that go.mod names, read from the licence in its folder. Those of tests alone are among them. MPL-2.0 is
River's: whoever changes its files has to offer those files' source; a program that links it unchanged need not.

| module | version | licence |
|---|---|---|
`)
	for _, m := range modules(t) {
		found := licences(t, m.Dir)
		require.NotEmpty(t, found, "%s: its licence is none of those known: read it, decide, and say so here", m.Path)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.Path, m.Version, strings.Join(found, ", "))
	}
	requirePage(t, "licences.md", b.String())
}

type module struct{ Path, Version, Dir string }

// modules are those of go.mod, those of the modules behind it included.
func modules(t *testing.T) (list []module) {
	t.Helper()
	var file struct{ Require []module }
	require.NoError(t, json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &file))
	require.NotEmpty(t, file.Require)
	paths := make([]string, len(file.Require))
	for i, m := range file.Require {
		paths[i] = m.Path
	}
	goCommand(t, append([]string{"mod", "download"}, paths...)...) // a build needs not all of them
	args := append([]string{"list", "-mod=readonly", "-m", "-json=Path,Version,Dir"}, paths...)
	decoder := json.NewDecoder(strings.NewReader(string(goCommand(t, args...))))
	for decoder.More() {
		var m module
		require.NoError(t, decoder.Decode(&m))
		require.NotEmpty(t, m.Dir, m.Path)
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir, command.Env = "..", append(os.Environ(), "GOWORK=off")
	out, err := command.Output()
	require.NoError(t, err, args)
	return out
}

// licences are those that the texts in a module's folder are of.
func licences(t *testing.T, folder string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	for _, file := range files {
		if !regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.\w+)?$`).MatchString(filepath.Base(file)) {
			continue
		}
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		text := strings.Join(strings.Fields(string(raw)), " ")
		bsd := "BSD-2-Clause"
		if strings.Contains(text, "Neither the name") {
			bsd = "BSD-3-Clause"
		}
		for _, known := range [][2]string{
			{"Apache License, Version 2.0", "Apache-2.0"},
			{"Apache License Version 2.0, January 2004", "Apache-2.0"},
			{"Redistribution and use in source and binary forms", bsd},
			{"Permission is hereby granted, free of charge", "MIT"},
			{"Mozilla Public License Version 2.0", "MPL-2.0"},
		} {
			if strings.Contains(text, known[0]) && !slices.Contains(found, known[1]) {
				found = append(found, known[1])
			}
		}
	}
	return found
}
