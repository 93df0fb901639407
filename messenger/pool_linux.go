package messenger

import (
	"strings"
	"syscall"
)

// boundSilence has a socket fail once what it sent has not been taken for mostSilence.
func boundSilence(network, _ string, socket syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	const userTimeout = 0x12 // TCP_USER_TIMEOUT, in milliseconds: linux/tcp.h, tcp(7)
	var set error
	err := socket.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, userTimeout, int(mostSilence.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return set
}
