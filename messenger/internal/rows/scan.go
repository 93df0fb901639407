package rows

import (
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
)

// collect reads all rows. Where a row's values go is found once: each row is read into the same place and copied from
// there.
func collect[T any](found pgx.Rows) ([]T, error) {
	defer found.Close()
	list := []T{}
	var row T
	var targets []any
	for found.Next() {
		if targets == nil {
			var err error
			if targets, err = targetsOf(reflect.ValueOf(&row).Elem(), found); err != nil {
				return nil, err
			}
		}
		if err := found.Scan(targets...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, found.Err()
}

// targetsOf is where the columns of a row go, by their names.
func targetsOf(row reflect.Value, found pgx.Rows) ([]any, error) {
	columns := found.FieldDescriptions()
	if row.Kind() != reflect.Struct || row.Type() == reflect.TypeFor[time.Time]() {
		if len(columns) != 1 {
			return nil, fmt.Errorf("rows: %d columns for one %s", len(columns), row.Type())
		}
		return []any{target(row)}, nil
	}
	fields := db.Dialect().Tables().Get(row.Type()).FieldMap
	targets := make([]any, len(columns))
	taken := make(map[string]bool, len(columns))
	for i, column := range columns {
		field := fields[column.Name]
		if field == nil || taken[column.Name] {
			return nil, fmt.Errorf("rows: the column %q is not in %s, or there twice", column.Name, row.Type())
		}
		taken[column.Name] = true
		targets[i] = target(row.FieldByIndex(field.Index))
	}
	if len(columns) < len(fields) {
		for name := range fields {
			if !taken[name] {
				return nil, fmt.Errorf("rows: %s lacks the column %q", row.Type(), name)
			}
		}
	}
	return targets, nil
}

// target is a pointer to v, of a type that pgx need not look at again for each value: a text is a string, an id 16
// bytes.
func target(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.String:
		return v.Addr().Convert(reflect.TypeFor[*string]()).Interface()
	case v.Kind() == reflect.Array && v.Type().ConvertibleTo(reflect.TypeFor[[16]byte]()):
		return v.Addr().Convert(reflect.TypeFor[*[16]byte]()).Interface()
	default:
		return v.Addr().Interface()
	}
}
