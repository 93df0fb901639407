package database

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

// TestMain gives the tests a temporary folder of their own, since embedded-postgres leaves its logs in there.
func TestMain(m *testing.M) {
	os.Exit(inOwnFolder(m))
}

func inOwnFolder(m *testing.M) int {
	dir, err := os.MkdirTemp("", "database-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover in the temporary folder hurts nobody

	if err := errors.Join(os.Chmod(dir, 0o755), os.Setenv("TMPDIR", dir)); err != nil { // open to the server's user
		panic(err)
	}
	return m.Run()
}

func TestOpenUsesTheServerItIsToldOf(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	db, err := Open(t.Context(), "postgres://db.example.org/cms", dir)
	require.NoError(t, err)
	require.Equal(t, "postgres://db.example.org/cms", db.URL)
	require.NoError(t, db.Stop())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestOpenStartsThePostgreSQLOfThisMachine(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	repository := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("nothing is fetched")
	}))
	t.Cleanup(repository.Close)
	db := opened(t, source{repository: repository.URL}, dir)
	remember(t, db.URL)
	require.Equal(t, 1, remembered(t, db.URL))
}

// The archive is made of this machine's own binaries and served as the public repository would.
func TestOpenFetchesPostgreSQLWhereThereIsNone(t *testing.T) {
	t.Parallel()
	repository := serveArchive(t, binaries(t), "")
	none, dir := []string{}, folder(t)

	db := opened(t, source{folders: none, repository: repository.URL}, dir)
	remember(t, db.URL)
	require.EqualValues(t, 2, repository.requests.Load(), "the archive and its checksum")
	require.NoError(t, db.Stop())
	require.NoError(t, db.Stop(), "a second Stop does nothing")

	db = opened(t, source{folders: none, repository: repository.URL}, dir)
	require.Equal(t, 1, remembered(t, db.URL))
	kill(t, dir)
	db = opened(t, source{folders: none, repository: repository.URL}, dir)
	require.Equal(t, 1, remembered(t, db.URL), "after kill -9 of the server")
}

func TestFetchedBinariesAreKept(t *testing.T) {
	t.Parallel()
	repository := serveArchive(t, pack(t, "", "database.go"), "")
	dir := folder(t)
	first, err := fetch(t.Context(), repository.URL, dir)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(first, "..", "database.go"))
	repository.Close()
	second, err := fetch(t.Context(), repository.URL, dir)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestFetchRefusesAnArchiveThatDoesNotMatchItsChecksum(t *testing.T) {
	t.Parallel()
	repository := serveArchive(t, pack(t, "", "database.go"), strings.Repeat("0", 64))
	dir := folder(t)
	_, err := fetch(t.Context(), repository.URL, dir)
	require.ErrorContains(t, err, "checksums do not match")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestOpenSaysWhatToInstallWhenNothingCanBeFetched(t *testing.T) {
	t.Parallel()
	repository := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(repository.Close)
	_, err := source{folders: []string{}, repository: repository.URL}.open(t.Context(), "", folder(t))
	require.ErrorIs(t, err, devpg.ErrNoBinaries)
	require.ErrorContains(t, err, "no version found")
}

func TestFetchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	repository := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-gone
	}))
	t.Cleanup(repository.Close)
	t.Cleanup(func() { close(gone) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := fetch(ctx, repository.URL, folder(t))
	require.ErrorIs(t, err, context.Canceled)
}

func TestWantedIsTheVersionOfTheData(t *testing.T) {
	t.Parallel()
	for major, want := range map[string]string{"14": "14.", "16": "16.", "18": "18."} {
		version, err := wanted(dataOf(t, major))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(version), want), version)
	}
	_, err := wanted(dataOf(t, "1"))
	require.ErrorContains(t, err, "PostgreSQL 1,")
}

func dataOf(t *testing.T, major string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte(major+"\n"), 0o600))
	return dir
}

// folder is a temporary folder that the server's user may enter too, when root runs the tests.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	return dir
}

func opened(t *testing.T, s source, dir string) *Database {
	t.Helper()
	db, err := s.open(t.Context(), "", dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Stop()) })
	return db
}

func remember(t *testing.T, address string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer conn.Close(context.Background()) //nolint:errcheck // the test is over
	_, err = conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS number")
	require.NoError(t, err)
}

func remembered(t *testing.T, address string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer conn.Close(context.Background()) //nolint:errcheck // the test is over
	var number int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT number FROM kept").Scan(&number))
	return number
}

func kill(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

type repository struct {
	*httptest.Server
	requests atomic.Int64
}

// serveArchive serves a jar that holds the tar as a .txz, and its checksum beside it, under the names that
// embedded-postgres asks for whatever the platform and version. A checksum given is told instead of the true one.
func serveArchive(t *testing.T, tarred []byte, checksum string) *repository {
	t.Helper()
	jar := archive(t, tarred)
	if checksum == "" {
		sum := sha256.Sum256(jar)
		checksum = hex.EncodeToString(sum[:])
	}
	r := &repository{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.requests.Add(1)
		path := request.URL.Path
		switch {
		case !strings.HasPrefix(path, "/io/zonky/test/postgres/embedded-postgres-binaries-"):
			http.NotFound(w, request)
		case strings.HasSuffix(path, ".jar.sha256"):
			_, _ = w.Write([]byte(checksum))
		case strings.HasSuffix(path, ".jar"):
			_, _ = w.Write(jar)
		default:
			http.NotFound(w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func archive(t *testing.T, tarred []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	compress := exec.CommandContext(t.Context(), "xz", "-0", "--stdout")
	compress.Stdin = bytes.NewReader(tarred)
	compress.Stdout = &packed
	require.NoError(t, compress.Run(), "xz packs the archive: install xz-utils")

	var jar bytes.Buffer
	out := zip.NewWriter(&jar)
	file, err := out.Create("postgres-linux-x86_64.txz")
	require.NoError(t, err)
	_, err = file.Write(packed.Bytes())
	require.NoError(t, err)
	require.NoError(t, out.Close())
	return jar.Bytes()
}

// binaries is a tar of the programs and the libraries that a new cluster needs, as such an archive holds them.
// PostgreSQL looks for what is not beside it where it was built to be.
func binaries(t *testing.T) []byte {
	t.Helper()
	var root string
	for _, candidate := range devpg.BinFolders(t.Context()) {
		if _, err := os.Stat(filepath.Join(candidate, "initdb")); err == nil {
			root = filepath.Dir(candidate)
		}
	}
	require.NotEmpty(t, root, "%v", devpg.ErrNoBinaries)
	return pack(t, root, filepath.Join(root, "bin", "initdb"), filepath.Join(root, "bin", "pg_ctl"),
		filepath.Join(root, "bin", "postgres"),
		filepath.Join(root, "lib", "dict_snowball.so"), filepath.Join(root, "lib", "plpgsql.so"))
}

func pack(t *testing.T, root string, files ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	out := tar.NewWriter(&packed)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		require.NoError(t,
			out.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(content))}))
		_, err = out.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	return packed.Bytes()
}
