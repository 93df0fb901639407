package faults

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// smallDisk is a folder on a disk of a few hundred megabytes. It takes the right to mount one.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755))
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=300m"), "a disk of its own takes root")
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return filepath.Join(dir, "pg")
}

// diskFull takes what room there is, and gives it back.
func diskFull(s *system) {
	s.t.Helper()
	filler := filepath.Join(s.server.Dir(), "filler")
	file, err := os.Create(filler)
	require.NoError(s.t, err)
	block := make([]byte, 4096)
	for until := time.Now().Add(lasts); time.Now().Before(until); {
		for err = nil; err == nil; {
			_, err = file.Write(block)
		}
		require.ErrorIs(s.t, err, syscall.ENOSPC)
		<-time.After(10 * time.Millisecond)
	}
	require.NoError(s.t, file.Close())
	require.NoError(s.t, os.Remove(filler))
	s.server.Start()
	s.moved()
}

// restoredElsewhere dumps and restores twice: under load, to see that what was acknowledged before is there and whole;
// and with the host stopped, which then goes on in the other database and the other schema.
func restoredElsewhere(s *system) {
	s.t.Helper()
	before := s.query("select count(*) from messenger_messages")
	moved := s.restore("under_load", "elsewhere", s.dump())
	moved.whole()
	require.GreaterOrEqual(s.t, moved.query("select count(*) from messenger_messages"), before)

	s.stop()
	moved = s.restore("restored", "elsewhere", s.dump())
	moved.whole()
	require.Equal(s.t, s.query("select count(*) from messenger_messages"),
		moved.query("select count(*) from messenger_messages"))
	s.address = moved.address
	s.start()
}

// dump is the database as SQL.
func (s *system) dump() string {
	s.t.Helper()
	return s.tool("", "pg_dump", "--no-owner", "--dbname", s.address)
}

// restore puts a dump into a new database and another schema, and returns what a host over that would be.
func (s *system) restore(database, schema, dump string) *system {
	s.t.Helper()
	s.run("create database " + database)
	to, err := url.Parse(s.address)
	require.NoError(s.t, err)
	to.Path = "/" + database
	dump = "create schema " + schema + ";\n" + regexp.MustCompile(`\bpublic\b`).ReplaceAllString(dump, schema)
	s.tool(dump, "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", to.String())
	to.RawQuery += "&search_path=" + schema
	return &system{t: s.t, address: to.String(), sealedSince: s.sealedSince}
}

// whole says whether all tables are there, and the histories as they were written.
func (s *system) whole() {
	s.t.Helper()
	pool, err := pgxpool.New(s.t.Context(), s.address)
	require.NoError(s.t, err)
	defer pool.Close()
	faults, err := migrations.Faults(s.t.Context(), pool)
	require.NoError(s.t, err)
	require.Empty(s.t, faults)
	s.verifyHistory()
}

// tool gives one of PostgreSQL's programs, of the server's own version, its input and returns its output.
func (s *system) tool(input, name string, arguments ...string) string {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.address)
	require.NoError(s.t, err)
	defer func() { _ = conn.Close(s.t.Context()) }()
	var bin string
	require.NoError(s.t, conn.QueryRow(s.t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&bin))
	command := exec.CommandContext(s.t.Context(), filepath.Join(bin, name), arguments...)
	var said strings.Builder
	command.Stdin, command.Stderr = strings.NewReader(input), &said
	out, err := command.Output()
	require.NoError(s.t, err, said.String())
	return string(out)
}
