package devpg

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oldestMajor = 14

// BinFolders lists the folders of this machine that may hold PostgreSQL's binaries: the one on the PATH, what pg_config
// says, and where the distributions put them (Debian, Red Hat, SUSE, Alpine, Homebrew, Postgres.app, a build of one's
// own).
func BinFolders(ctx context.Context) []string {
	var folders []string
	if found, err := exec.LookPath("postgres"); err == nil {
		if found, err = filepath.EvalSymlinks(found); err == nil {
			folders = append(folders, filepath.Dir(found))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/lib/postgresql*/bin",
		"/usr/lib64/postgresql-*/bin",
		"/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/usr/local/pgsql/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails on a malformed pattern alone
		folders = append(folders, found...)
	}
	return folders
}

// binaries is one installation of PostgreSQL.
type binaries struct {
	folder       string
	major, minor int
}

// newest returns the newest installation in the folders, of the given major version unless that is 0.
func newest(ctx context.Context, folders []string, major int) (binaries, error) {
	var found []binaries
	for _, folder := range folders {
		b, ok := inspect(ctx, folder)
		if ok && b.major >= oldestMajor && (major == 0 || b.major == major) {
			found = append(found, b)
		}
	}
	if len(found) == 0 && major != 0 {
		return binaries{}, fmt.Errorf("the folder was made by PostgreSQL %d: %w", major, ErrNoBinaries)
	}
	if len(found) == 0 {
		return binaries{}, ErrNoBinaries
	}
	return slices.MaxFunc(found, func(a, b binaries) int {
		return cmp.Or(cmp.Compare(a.major, b.major), cmp.Compare(a.minor, b.minor))
	}), nil
}

// inspect asks the server in folder for its version. Both the server and initdb must be there: a client package alone
// brings neither.
func inspect(ctx context.Context, folder string) (binaries, bool) {
	if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
		return binaries{}, false
	}
	//nolint:gosec // a folder of the machine's own, or the host's
	out, err := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, false
	}
	match := regexp.MustCompile(`(\d+)(?:\.(\d+))?`).FindStringSubmatch(string(out))
	if match == nil {
		return binaries{}, false
	}
	major, _ := strconv.Atoi(match[1]) // digits by the pattern
	minor, _ := strconv.Atoi(match[2]) // 0 for a beta, which has none
	return binaries{folder: folder, major: major, minor: minor}, true
}
