package docs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/messenger/command"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// shell are the lines that pages say a person types, without their comments, by page: those of fences, and what stands
// between backticks. Those of command.md's table begin with what the command is to do, and its flags stand beside.
func shell(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	fence, comment := regexp.MustCompile("(?s)```sh\n(.*?)```"), regexp.MustCompile(` +#.*| > \S+`)
	typed := regexp.MustCompile("`((?:cd|go|make|messenger) [^`\n]+)`")
	for path, text := range pages(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
				found[path] = append(found[path], comment.ReplaceAllString(line, ""))
			}
		}
		for _, line := range typed.FindAllStringSubmatch(text, -1) {
			found[path] = append(found[path], line[1])
		}
	}
	cell := regexp.MustCompile("(?m)^\\| (`[^|]*) \\|")
	for _, row := range cell.FindAllStringSubmatch(pages(t)["command.md"], -1) {
		first := ""
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			if strings.HasPrefix(code[1], "-") {
				code[1] = first + " " + code[1]
			} else if first == "" {
				first = code[1]
			}
			found["command.md"] = append(found["command.md"], "messenger "+code[1])
		}
	}
	return found
}

// What pages say to type is there: the command understands it, a folder that is run or tested stands, and 'make' knows
// its word.
func TestShell(t *testing.T) {
	typed := shell(t)
	makefile, err := os.ReadFile(filepath.Join("..", "Makefile"))
	require.NoError(t, err)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	t.Chdir(t.TempDir()) // where print writes its folder
	n := map[string]int{}
	for path, lines := range typed {
		for _, line := range lines {
			words := strings.Fields(line)
			if words[0] == "cd" {
				require.DirExists(t, filepath.Join(root, words[1]), "%s: %s", path, line)
				words = words[3:]
			}
			for strings.Contains(words[0], "=") {
				words = words[1:]
			}
			n[words[0]]++
			switch words[0] {
			case "messenger":
				if words[1] == "send" { // a span
					continue
				}
				requireUnderstood(t, path, strings.NewReplacer("[", "", "]", "").Replace(strings.Join(words[1:], " ")))
			case "make":
				require.Regexp(t, `(?m)^`+words[1]+`:`, string(makefile), "%s: %s", path, line)
			case "go":
				for _, word := range words[2:] {
					if of, ours := strings.CutPrefix(word, "github.com/cmsmessenger/cmsmessenger/"); ours {
						word = "./" + of
					}
					if of, folder := strings.CutPrefix(word, "./"); folder {
						require.True(t, isThere(root, of) || isThere(root, "examples", of), "%s: %s", path, line)
					}
				}
			}
		}
	}
	require.Greater(t, n["messenger"], 20)
	require.Greater(t, n["make"], 10)
	require.Greater(t, n["go"], 5)
}

func isThere(path ...string) bool {
	_, err := os.Stat(filepath.Join(path...))
	return err == nil
}

// requireUnderstood has the command do something over a database that does not answer.
func requireUnderstood(t *testing.T, path, line string) {
	t.Helper()
	for place, value := range map[string]string{"FILE": os.DevNull, " TIME": " 2026-11-29T14:00:00Z"} {
		line = strings.ReplaceAll(line, place, value)
	}
	arguments := strings.Fields(line)
	for missing, given := range map[string][]string{ // a page may name the flag that it is about, alone
		"export": {"-organisation", "ID", "-client", "ID"}, "reconcile": {"-organisation", "ID"},
		"client-channels": {"-organisation", "ID", "-client", "ID"}, "verify": {"-keys", os.DevNull},
		"grant": {"-role", "NAME"},
	} {
		if arguments[0] == missing {
			arguments = append(append([]string{missing}, given...), arguments[1:]...)
		}
	}
	var said bytes.Buffer
	code := command.Command{Out: &said, Err: &said}.Run(t.Context(),
		append(arguments, "-database", "postgres://127.0.0.1:1/none?connect_timeout=1"))
	require.NotEqual(t, 2, code, "%s: messenger %s: %s", path, line, &said)
}

// What upgrade.md says to type for psql makes the tables.
func TestShellOfAnUpgrade(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", folder, "../cmd/messenger")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	typed := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(pages(t)["upgrade.md"])[1]
	database := migrationtest.Database(t)
	run := exec.CommandContext(t.Context(), "sh", "-e", "-c", typed)
	run.Dir = folder
	run.Env = append(os.Environ(), "DATABASE_URL="+database, "PATH="+strings.Join(
		append([]string{folder}, append(devpg.BinFolders(t.Context()), os.Getenv("PATH"))...), string(os.PathListSeparator)))
	said, err = run.CombinedOutput()
	require.NoError(t, err, string(said))
	pool, err := pgxpool.New(t.Context(), database)
	require.NoError(t, err)
	defer pool.Close()
	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, pending)
}
