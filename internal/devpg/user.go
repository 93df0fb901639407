package devpg

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Folder names the folder of this user's data under the given name: below /var/lib for root, whose server runs as
// another user that root's home would lock out, and in the user's cache folder for everyone else.
func Folder(name string) (string, error) {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib", name), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("devpg: %w", err)
	}
	return filepath.Join(cache, name), nil
}

// serverUser tells as whom the server must run: nil for the user of this process, unless that is root.
func serverUser(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	// Data that are there already belong to the user who made them, even if another is preferred by now.
	if info, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("devpg: PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

// makeFolder makes the server's folder for its user, and checks that this user can get there.
func makeFolder(dir string, owner *syscall.Credential) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil { //nolint:gosec // the server's user must get through
		return fmt.Errorf("devpg: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("devpg: %w", err)
	}
	if owner == nil {
		return nil
	}
	if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("devpg: %w", err)
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return fmt.Errorf("devpg: %w", err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if info.Mode()&0o001 == 0 && ok && stat.Uid != owner.Uid {
			return fmt.Errorf("devpg: PostgreSQL refuses to run as root, and the user it runs as may not enter %s: "+
				"choose a folder elsewhere, such as one below /var/lib", parent)
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}
