package scale

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
)

// pgBouncer starts a PgBouncer in transaction mode before the database at address, and returns the address to reach it
// at. It has twelve connections for everybody.
func pgBouncer(t *testing.T, address string) string {
	t.Helper()
	binary, err := exec.LookPath("pgbouncer")
	if err != nil {
		binary = "/usr/sbin/pgbouncer" // Debian's, where an ordinary user's PATH does not lead
	}
	to, err := url.Parse(address)
	require.NoError(t, err)
	password, _ := to.User.Password()
	port := devpgtest.FreePort(t)
	settings := fmt.Sprintf(`[databases]
%s = host=%s port=%s user=%s password='%s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 200
default_pool_size = 12
`, to.Path[1:], to.Hostname(), to.Port(), to.User.Username(), password, port)
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	require.NoError(t, os.WriteFile(file, []byte(settings), 0o600))
	arguments := []string{"-q", file}
	if os.Geteuid() == 0 {
		arguments = append([]string{"-u", "nobody"}, arguments...) // it refuses to run as root
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), binary, arguments...)
	command.Stderr = os.Stderr
	require.NoError(t, command.Start(), "install pgbouncer")
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	here := url.URL{
		Scheme: "postgres", User: to.User, Host: fmt.Sprintf("127.0.0.1:%d", port), Path: to.Path,
		RawQuery: "sslmode=disable",
	}
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(t.Context(), here.String())
		if err == nil {
			err = conn.Close(t.Context())
		}
		return err == nil
	}, time.Minute, 20*time.Millisecond, "pgbouncer does not answer")
	return here.String()
}
