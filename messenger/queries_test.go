package messenger_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// source is the service's Go code, and what its constants say.
type source struct {
	files     *token.FileSet
	constants map[string]ast.Expr
	makers    map[string]bool // functions that return a query
	calls     []queryCall
}

// queryCall is a call, and which names are queries in the function that it stands in.
type queryCall struct {
	*ast.CallExpr
	queries map[string]bool
}

func readSource(t *testing.T) *source {
	t.Helper()
	s := &source{files: token.NewFileSet(), constants: map[string]ast.Expr{}, makers: map[string]bool{}}
	entries, err := fs.Glob(os.DirFS("."), "*.go")
	require.NoError(t, err)
	for _, name := range entries {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, name, nil, 0)
		require.NoError(t, err)
		var queries map[string]bool
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				queries = map[string]bool{}
				if n.Type.Results != nil && len(n.Type.Results.List) == 1 && isQueryType(n.Type.Results.List[0].Type) {
					s.makers[n.Name.Name] = true
				}
			case *ast.AssignStmt:
				for i, name := range n.Lhs {
					if name, ok := name.(*ast.Ident); ok && len(n.Rhs) == len(n.Lhs) {
						queries[name.Name] = isQuery(n.Rhs[i])
					}
				}
			case *ast.GenDecl:
				if n.Tok != token.CONST {
					return true
				}
				for _, spec := range n.Specs {
					spec := spec.(*ast.ValueSpec)
					for i, name := range spec.Names {
						if i < len(spec.Values) {
							s.constants[name.Name] = spec.Values[i]
						}
					}
				}
			case *ast.CallExpr:
				s.calls = append(s.calls, queryCall{n, queries})
			}
			return true
		})
	}
	return s
}

// text is what a constant expression says.
func (s *source) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return s.text(e.X)
	case *ast.Ident:
		value, ok := s.constants[e.Name]
		if !ok {
			return "", false
		}
		return s.text(value)
	case *ast.BinaryExpr:
		a, ok := s.text(e.X)
		b, also := s.text(e.Y)
		return a + b, ok && also && e.Op == token.ADD
	default:
		return "", false
	}
}

// method is the name of what is called, and what it is called on.
func method(call *ast.CallExpr) (string, ast.Expr) {
	fun := call.Fun
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	if selector, ok := fun.(*ast.SelectorExpr); ok {
		return selector.Sel.Name, selector.X
	}
	return "", nil
}

// isBuilder says whether a call begins a builder.
func isBuilder(call *ast.CallExpr) bool {
	return isRows(call, "All", "Select", "From", "Insert", "Update", "Delete", "Messages", "ListedChannels", "ListedFrom")
}

func isRows(call *ast.CallExpr, names ...string) bool {
	name, on := method(call)
	ident, ok := on.(*ast.Ident)
	return ok && ident.Name == "rows" && slices.Contains(names, name)
}

// isQueryType says whether a type is rows' own.
func isQueryType(e ast.Expr) bool {
	if pointer, ok := e.(*ast.StarExpr); ok {
		e = pointer.X
	}
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "rows" && slices.Contains([]string{"Query", "SelectQuery"}, selector.Sel.Name)
}

// isQuery says whether e is a value with its place, or a query within a query.
func isQuery(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && isRows(call, "V", "Raw", "Limit", "Page") || isChain(e)
}

// isChain says whether e is a builder with what was called on it.
func isChain(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	_, on := method(call)
	return isBuilder(call) || isChain(on)
}

// isMade says whether e is what a function of ours returns, which is a query.
func (s *source) isMade(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	name, _ := method(call)
	if function, ok := call.Fun.(*ast.Ident); ok {
		name = function.Name
	}
	return s.makers[name]
}

// fault is what is wrong with a call that writes a query's text. Methods whose names other types have too are looked at in a builder's
// chain alone.
func (s *source) fault(call queryCall) string {
	always := []string{
		"Where", "WhereOr", "Having", "ColumnExpr", "OrderExpr", "GroupExpr", "TableExpr", "ModelTableExpr", "JoinOn", "JoinOnOr", "Returning",
		"SetColumn", "DistinctOn", "Raw", "From",
	}
	shared := []string{"Set", "On", "Join", "Value", "For"}
	names := []string{"Order", "Column", "Group"}
	name, on := method(call.CallExpr)
	package_, qualified := on.(*ast.Ident)
	chain := isChain(on)
	switch {
	case len(call.Args) == 0 || qualified && slices.Contains([]string{"strings", "path", "errors", "http", "slices"}, package_.Name):
		return ""
	case name == "Limit" && chain, name == "Offset" && chain:
		return "the number would stand in the text: use rows.Limit"
	case slices.Contains(names, name) && chain:
		for _, arg := range call.Args {
			if _, ok := s.text(arg); !ok {
				return "a name is not constant"
			}
		}
		return ""
	case slices.Contains(always, name), slices.Contains(shared, name) && chain:
	default:
		return ""
	}
	if columns, ok := call.Args[0].(*ast.CallExpr); ok && isRows(columns, "Columns") {
		return ""
	}
	text, ok := s.text(call.Args[0])
	if !ok {
		return "the text is not constant"
	}
	for _, arg := range call.Args[1:] {
		name, named := arg.(*ast.Ident)
		if !isQuery(arg) && !s.isMade(arg) && (!named || !call.queries[name.Name]) {
			return "a value stands without rows.V"
		}
	}
	if n := strings.Count(text, "?"); n != len(call.Args)-1 {
		return strconv.Itoa(n) + " places for " + strconv.Itoa(len(call.Args)-1) + " values"
	}
	return ""
}

// Whatever varies in a query is a value with a place of its own. So a text is the same for all values, and none is in it.
func TestQueriesHaveConstantTexts(t *testing.T) {
	t.Parallel()
	s := readSource(t)
	seen := 0
	for _, call := range s.calls {
		if isBuilder(call.CallExpr) || isRows(call.CallExpr, "Raw", "File") {
			seen++
		}
		require.Empty(t, s.fault(call), "%s", s.files.Position(call.Pos()))
	}
	require.Greater(t, seen, 5)
}

func TestQueriesHaveConstantTextsIsStrict(t *testing.T) {
	t.Parallel()
	s := &source{files: token.NewFileSet(), constants: map[string]ast.Expr{"own": &ast.BasicLit{Kind: token.STRING, Value: `"a = ?"`}}}
	for code, ok := range map[string]bool{
		`rows.All[rows.Draft]().Where("a = ?", rows.V(a))`:                    true,
		`rows.All[rows.Draft]().Where(own+" AND b", rows.V(a))`:               true,
		`q.Where("a = ?", rows.V(a))`:                                         true,
		`rows.Update[rows.Draft]().Set("a = ?", rows.V(a)).Where("b")`:        true,
		`rows.Raw("select ?", rows.V(a))`:                                     true,
		`q.ColumnExpr(rows.Columns[rows.Channel]("c", "c_"))`:                 true,
		`strings.Join(list, " ")`:                                             true,
		`settings.Set(a, b)`:                                                  true,
		`rows.All[rows.Draft]().Where("a = ?", a)`:                            false,
		`rows.All[rows.Draft]().Where("a = 'x' AND b = ?")`:                   false,
		`q.Where("a = ?", rows.V(a), rows.V(b))`:                              false,
		`q.Where("a = '" + a + "'")`:                                          false,
		`rows.Raw("select ?", subquery)`:                                      true,
		`rows.Raw("select ?", other)`:                                         false,
		`rows.From("(?) AS c", rows.Raw("select 1"))`:                         true,
		`rows.From("(" + a + ") AS c")`:                                       false,
		`q.Where(a)`:                                                          false,
		`q.WhereOr(fmt.Sprintf("a = %s", a))`:                                 false,
		`rows.Update[rows.Draft]().Set("a = " + a)`:                           false,
		`rows.Insert(&d).On("CONFLICT DO UPDATE").Set(a)`:                     false,
		`rows.Raw("select " + a)`:                                             false,
		`rows.All[rows.Draft]().Where("a").Limit(n)`:                          false,
		`rows.All[rows.Draft]().Order(a)`:                                     false,
		`rows.Limit(rows.All[rows.Draft]().Where("a = ?", n), 5)`:             false,
		`rows.All[rows.Draft]().WhereGroup(" AND ", f).Where("a = ?", 1)`:     false,
		`rows.Delete[rows.Draft]().Where("a = ?", rows.V(a)).Returning(text)`: false,
	} {
		e, err := parser.ParseExpr(code)
		require.NoError(t, err, code)
		faults := ""
		ast.Inspect(e, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				faults += s.fault(queryCall{call, map[string]bool{"subquery": true}})
			}
			return true
		})
		require.Equal(t, ok, faults == "", "%s: %s", code, faults)
	}
}

// Queries are carried out and their results read by package rows alone: no place is counted and no column scanned by
// hand. hosttx.go undoes what it did in a host's transaction.
func TestQueriesAreMadeByRows(t *testing.T) {
	t.Parallel()
	s := readSource(t)
	for _, call := range s.calls {
		at := s.files.Position(call.Pos())
		name, on := method(call.CallExpr)
		require.NotContains(t, []string{"Query", "QueryRow", "CollectRows", "CollectExactlyOneRow", "ForEachRow"}, name, "%s", at)
		if name == "Exec" && at.Filename != "hosttx.go" { // rows.Exec, or a batch's, which takes nothing but the query
			from, ok := on.(*ast.Ident)
			require.True(t, ok && from.Name == "rows" || len(call.Args) == 1, "%s", at)
		}
		for _, arg := range call.Args {
			if literal, ok := arg.(*ast.BasicLit); ok {
				require.NotRegexp(t, `\$\d`, literal.Value, "%s", at)
			}
		}
	}
}

// A row's preview is as long as the limit says, in every statement that writes one.
func TestPreviewsAreAsLongAsTheLimit(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("internal/rows"), "sql/*.sql")
	require.NoError(t, err)
	found := 0
	for _, name := range files {
		text, err := os.ReadFile("internal/rows/" + name)
		require.NoError(t, err)
		for _, cut := range regexp.MustCompile(`left\(@?(?:body|text), (\d+)\)`).FindAllStringSubmatch(string(text), -1) {
			require.Equal(t, strconv.Itoa(messenger.MaxPreview), cut[1], name)
			found++
		}
	}
	require.Positive(t, found)
}
