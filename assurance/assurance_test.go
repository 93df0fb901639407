package assurance_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// update is asked for by hand alone.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the pages anew")
	flag.Parse()
	os.Exit(m.Run())
}

// read reads one of the data files. A field that it does not know is a slip of the hand.
func read[T any](t *testing.T, file string) (data T) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&data), file)
	return data
}

// tests are all tests of the repository, as the data name them: folder/TestName.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	found := map[string]bool{}
	require.NoError(t, filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && file != ".." && (entry.Name() == "node_modules" || entry.Name()[0] == '.') {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(file)
		for _, name := range declared.FindAllSubmatch(text, -1) {
			found[path.Join(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../"), string(name[1]))] = true
		}
		return err
	}))
	require.NotEmpty(t, found)
	return found
}

// requireTests says which of the tests that something names are not there.
func requireTests(t *testing.T, all map[string]bool, where string, named []string) {
	t.Helper()
	for _, name := range named {
		require.True(t, all[name], "%s names %s, and there is no such test: name another, as folder/TestName", where, name)
	}
}

func TestControlsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	all := tests(t)
	var ids []string
	for _, h := range read[[]hazard](t, "hazards.json") {
		require.NotContains(t, ids, h.ID, "each hazard has an id of its own, for ever")
		ids = append(ids, h.ID)
		require.NotEmpty(t, h.Controls, h.ID)
		for _, control := range h.Controls {
			require.NotEmpty(t, control.Tests, "%s: '%s' is held by no test", h.ID, control.What)
			requireTests(t, all, h.ID, control.Tests)
		}
		require.NotEmpty(t, h.Host, "%s says nothing of what the host must do", h.ID)
		require.LessOrEqual(t, risk(t, h.Residual), risk(t, h.Initial), h.ID)
		require.Equal(t, h.Initial[0], h.Residual[0], "%s: controls make harm less likely, not less severe", h.ID)
	}
	require.True(t, slices.IsSorted(ids))
}

// A promise that no hazard rests on would be one that nobody needs, or a hazard that nobody thought of.
func TestEveryPromiseIsAControl(t *testing.T) {
	t.Parallel()
	promises, err := os.ReadFile("../docs/promises.md")
	require.NoError(t, err)
	var named []string
	for _, h := range read[[]hazard](t, "hazards.json") {
		for _, control := range h.Controls {
			named = append(named, control.Tests...)
		}
	}
	for _, name := range regexp.MustCompile(`TestPromise\w+`).FindAllString(string(promises), -1) {
		require.True(t, slices.Contains(named, "messenger/"+name),
			"%s is a promise: add it to the hazard that it controls in assurance/hazards.json", name)
	}
}

// What the written pages say is tested is a test's name between backticks.
func TestPagesNameTestsThatExist(t *testing.T) {
	t.Parallel()
	short := map[string]bool{}
	for name := range tests(t) {
		short[path.Base(name)] = true
	}
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "../SECURITY.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(text), -1) {
			require.True(t, short[name[1]], "%s names %s, and there is no such test", page, name[1])
		}
	}
}

// The data map has every column that the migrations make, and no other.
func TestEveryColumnIsInTheDataMap(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	found, err := pool.Query(t.Context(), `select table_name || '.' || column_name from information_schema.columns
		where table_schema = current_schema() and table_name like 'messenger\_%' and table_name not like 'messenger\_migration%'`)
	require.NoError(t, err)
	made, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	var mapped []string
	for _, table := range read[[]table](t, "data.json") {
		for _, column := range table.Columns {
			name := table.Table + "." + column[0]
			require.Contains(t, classes(), column[1], "%s: its class is one of classes in render_test.go", name)
			require.NotEmpty(t, column[2], "%s: say what it holds", name)
			mapped = append(mapped, name)
		}
	}
	for _, column := range made {
		require.True(t, slices.Contains(mapped, column), "a new column, %s: add [\"name\", \"class\", \"what it holds\"] "+
			"to its table in assurance/data.json, class being one of %q, then go test ./assurance -update", column, classNames())
	}
	for _, column := range mapped {
		require.True(t, slices.Contains(made, column),
			"the migrations make no column %s: take it out of assurance/data.json", column)
	}
}

// Who updates reads first what the new version means for safety.
func TestEveryVersionSaysWhatItMeansForSafety(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../CHANGELOG.md")
	require.NoError(t, err)
	versions := strings.Split(string(text), "\n## ")[1:]
	require.NotEmpty(t, versions)
	var ids []string
	for _, h := range read[[]hazard](t, "hazards.json") {
		ids = append(ids, h.ID)
	}
	for _, version := range versions {
		name, rest, _ := strings.Cut(version, "\n\n")
		require.True(t, strings.HasPrefix(rest, "Safety: "), "%s: begin it with a line 'Safety:', as the head says", name)
		safety, _, _ := strings.Cut(rest, "\n\n")
		for _, id := range regexp.MustCompile(`\bH\d+\b`).FindAllString(safety, -1) {
			require.Contains(t, ids, id, name)
		}
	}
}

func TestPagesAreWhatTheDataRenderTo(t *testing.T) {
	t.Parallel()
	hazards := read[[]hazard](t, "hazards.json")
	for page, text := range map[string]string{
		"hazard-log.md":   hazardLog(t, hazards),
		"host-starter.md": hostStarter(t, hazards),
		"data-map.md":     dataMap(read[[]table](t, "data.json")),
	} {
		requirePage(t, page, text)
	}
}

// requirePage holds a page to what it has to be, or writes it.
func requirePage(t *testing.T, page, text string) {
	t.Helper()
	if update() {
		require.NoError(t, os.WriteFile(page, []byte(text), 0o644))
	}
	stands, err := os.ReadFile(page)
	require.NoError(t, err)
	if text != string(stands) {
		require.Fail(t, "behind: go test ./assurance -update", page)
	}
}
