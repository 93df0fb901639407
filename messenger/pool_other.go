//go:build !linux

package messenger

import "syscall"

// boundSilence is Linux's alone.
func boundSilence(string, string, syscall.RawConn) error { return nil }
