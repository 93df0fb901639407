package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cmsmessenger/cmsmessenger/migrations"
)

func (c Command) migrate(ctx context.Context, arguments []string) error {
	name, rest := first(arguments)
	switch name {
	case "up":
		return c.up(ctx, rest)
	case "down":
		return c.down(ctx, rest)
	case "pending":
		return c.pending(ctx, rest)
	case "print":
		return c.print(ctx, rest)
	default:
		return fmt.Errorf("%w: migrate up, down, pending or print", errUsage)
	}
}

func (c Command) up(ctx context.Context, arguments []string) error {
	f := c.flags("up")
	if err := f.parse(arguments); err != nil {
		return err
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	pending, err := migrations.Pending(ctx, c.Direct)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, c.Direct); err != nil {
		return fmt.Errorf("%w\nwhat has run stands; a second 'migrate up' goes on from there", err)
	}
	for _, name := range pending {
		c.say("%s\n", name)
	}
	c.say("All %s.\n", map[bool]string{true: "had run", false: "have run"}[len(pending) == 0])
	return nil
}

func (c Command) down(ctx context.Context, arguments []string) error {
	f := c.flags("down")
	sure := f.Bool("remove-all", false, "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	if !*sure {
		return errors.New("migrate down removes every table of Messenger's with all messages, histories and links, " +
			"for good. Have a backup, and say -remove-all")
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	if err := migrations.Down(ctx, c.Direct); err != nil {
		return err
	}
	c.say("Nothing of Messenger's is left but the extensions; River's tables stand.\n")
	return nil
}

func (c Command) pending(ctx context.Context, arguments []string) error {
	f := c.flags("pending")
	if err := f.parse(arguments); err != nil {
		return err
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	names, err := migrations.Pending(ctx, c.Direct)
	for _, name := range names {
		c.say("%s\n", name)
	}
	return err
}

func (c Command) print(ctx context.Context, arguments []string) error {
	f := c.flags("print")
	tool, folder := f.String("for", "psql", ""), f.String("dir", "", "")
	all := f.Bool("all", false, "")
	if err := f.parse(arguments); err != nil {
		return err
	}
	switch *tool {
	case "psql":
		return c.script(ctx, f, *all)
	case "goose":
		return c.write(*folder, migrations.Goose)
	case "golang-migrate":
		return c.write(*folder, migrations.GolangMigrate)
	default:
		return fmt.Errorf("%w: -for psql, goose or golang-migrate", errUsage)
	}
}

func (c Command) script(ctx context.Context, f *flags, all bool) error {
	if all {
		text, err := migrations.Script(ctx, nil)
		c.say("%s", text)
		return err
	}
	c, closeAll, err := c.open(ctx, f)
	defer closeAll()
	if err != nil {
		return err
	}
	text, err := migrations.Script(ctx, c.Direct)
	c.say("%s", text)
	return err
}

// write puts a tool's files into a folder, and leaves those alone that are there. One that is there with another text
// is nobody's to overwrite.
func (c Command) write(folder string, of func() (fs.FS, error)) error {
	if folder == "" {
		return fmt.Errorf("%w: -dir names the folder for the files", errUsage)
	}
	files, err := of()
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, name)
		there, err := os.ReadFile(path)
		switch {
		case err == nil && string(there) == string(text):
			continue
		case err == nil:
			return fmt.Errorf("%s is there with another text: a released file never changes", path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // no secret: it goes into a repository
			return err
		}
		c.say("%s\n", path)
	}
	return nil
}

func (c Command) say(format string, values ...any) { _, _ = fmt.Fprintf(c.Out, format, values...) }
