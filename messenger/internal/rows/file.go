package rows

import (
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/uptrace/bun/schema"
)

//go:embed sql/*.sql
var files embed.FS

// Args are the values of a statement's names.
type Args map[string]any

// File is the statement in sql/<name>.sql, in which each value stands as @its_name.
func File(name string, args Args) Query { return file{name, args} }

type file struct {
	name string
	args Args
}

// statement is a file as PostgreSQL gets it.
type statement struct {
	text  string
	names []string // of $1, $2, …
}

// statements are read once: their texts never change, and PostgreSQL keeps a plan a text.
//
//nolint:gochecknoglobals // what the program was built with
var statements = sync.OnceValue(func() map[string]statement {
	entries, err := files.ReadDir("sql")
	if err != nil {
		panic(err) // it is built in
	}
	found := map[string]statement{}
	for _, entry := range entries {
		raw, err := files.ReadFile(path.Join("sql", entry.Name()))
		if err != nil {
			panic(err) // it is built in
		}
		found[strings.TrimSuffix(entry.Name(), ".sql")] = parse(string(raw))
	}
	return found
})

// parse leaves out the lines of comment and puts places for the names. Texts in quotes stay as they are.
func parse(raw string) statement {
	var s statement
	var text strings.Builder
	places := map[string]int{}
	quoted := false
	for line := range strings.Lines(raw) {
		if !quoted && strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		for i := 0; i < len(line); {
			name := ""
			if line[i] == '\'' {
				quoted = !quoted
			} else if line[i] == '@' && !quoted {
				name = nameAt(line[i+1:])
			}
			if name == "" {
				text.WriteByte(line[i])
				i++
				continue
			}
			if places[name] == 0 {
				s.names = append(s.names, name)
				places[name] = len(s.names)
			}
			text.WriteString("$" + strconv.Itoa(places[name]))
			i += 1 + len(name)
		}
	}
	s.text = strings.TrimSpace(text.String())
	return s
}

// nameAt is the name that a text begins with.
func nameAt(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
	if end < 0 {
		return text
	}
	return text[:end]
}

func (f file) render() (string, []any, error) {
	s, ok := statements()[f.name]
	if !ok {
		return "", nil, fmt.Errorf("rows: there is no statement %q", f.name)
	}
	args := make([]any, len(s.names))
	for i, name := range s.names {
		if args[i], ok = f.args[name]; !ok {
			return "", nil, fmt.Errorf("rows: the statement %q lacks @%s", f.name, name)
		}
	}
	if len(f.args) > len(args) {
		return "", nil, fmt.Errorf("rows: the statement %q was given a name that it does not have", f.name)
	}
	return s.text, args, nil
}

// AppendQuery has a file be a part of another query.
func (f file) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return b, fmt.Errorf("rows: the statement %q stands alone", f.name)
}
