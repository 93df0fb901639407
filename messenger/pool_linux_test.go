package messenger_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A connection to the database fails once what it sent has not been taken for five seconds, and asks after eleven
// seconds of silence whether anybody is there.
func TestASocketNoticesThatNobodyIsThere(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(devpgtest.URL(t))
	require.NoError(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), messenger.ConfigurePool(config))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	conn, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	raw, err := conn.Conn().PgConn().Conn().(*net.TCPConn).SyscallConn()
	require.NoError(t, err)
	const userTimeout = 0x12 // TCP_USER_TIMEOUT: linux/tcp.h
	for option, want := range map[[2]int]int{
		{syscall.IPPROTO_TCP, userTimeout}:           5000,
		{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE}:   1,
		{syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE}:  5,
		{syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL}: 2,
		{syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT}:   3,
	} {
		got := 0
		require.NoError(t, raw.Control(func(fd uintptr) {
			got, err = syscall.GetsockoptInt(int(fd), option[0], option[1])
		}))
		require.NoError(t, err)
		require.Equal(t, want, got, "%v", option)
	}
}
