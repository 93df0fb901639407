package messenger_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func mayExport(t *testing.T, b *bundle) {
	t.Helper()
	b.staff.Add(adapters.Member{
		ID: "fay", Name: "Fay Carter", Organisation: north, Media: []adapters.Medium{adapters.Email}, Exports: true,
	})
}

// What numbers tell of: those that texts went to, that one came from, and the directory's. Whose words an unsorted text
// has nobody knows.
func TestAnExportGoesByEachNumber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	unsorted := func(from string) {
		exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body,
				at, received_at)
			values (gen_random_uuid(), 'north', 'texts', $1, $1, '', 'Whose words', now(), now())`, from)
		exec(t, b, `insert into messenger_objections (organisation_id, number, objects, at)
			values ('north', $1, true, now())`, from)
	}
	sent := b.send(t, "amira", sms("grace", "Hello"))
	other := b.send(t, "ben", email("grace", "Hello"))
	exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at,
			received_at, assigned_at, assigned_by, message_id)
		values (gen_random_uuid(), 'north', 'texts', 'p1', '+447700900201', '', 'Hello', now(), now(), now(), 'amira', $1)`,
		other.Message.ID)
	exec(t, b, "update messenger_messages set to_address = '+447700900202' where id = $1", sent.Message.ID)
	for _, number := range []string{"+447700900123", "+447700900201", "+447700900202", "+447700900999", ""} {
		unsorted(number)
	}
	made, err := b.ExportClient(as(t, "fay"), "grace", messenger.ExportForStaff)
	require.NoError(t, err)
	var from, objects []string
	for _, text := range made.Internal.Unsorted {
		from = append(from, text.From)
	}
	for _, o := range made.Objections {
		objects = append(objects, o.Number)
	}
	require.ElementsMatch(t, []string{"+447700900123", "+447700900201", "+447700900202"}, from)
	require.ElementsMatch(t, from, objects)
	text, err := made.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(text), "Whose words")
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Phone: "07700 900123", Restricted: true})
	made, err = b.ExportClientOf(t.Context(), north, "grace", messenger.ExportForStaff, "op-1")
	require.NoError(t, err)
	require.Len(t, made.Internal.Unsorted, 3)
	require.Empty(t, made.Internal.Unsorted[0].From)
	made, err = b.ExportClient(as(t, "fay"), "phone", messenger.ExportForStaff)
	require.NoError(t, err)
	require.Empty(t, made.Internal.Unsorted)
}

// The page has every field of an export: it is another where the field is.
func TestThePageHasEveryField(t *testing.T) {
	t.Parallel()
	without := []string{ // whom it is for, the internal part says
		".Format", ".For", ".Channels.History.ID",
	}
	var made messenger.ClientExport
	fill(reflect.ValueOf(&made).Elem())
	page, err := made.HTML()
	require.NoError(t, err)
	var same []string
	leaves := 0
	eachLeaf(reflect.ValueOf(&made).Elem(), "", func(path string, leaf reflect.Value) {
		leaves++
		before := reflect.New(leaf.Type()).Elem()
		before.Set(leaf)
		leaf.Set(anotherOf(leaf))
		changed, err := made.HTML()
		require.NoError(t, err)
		if string(changed) == string(page) {
			same = append(same, path)
		}
		leaf.Set(before)
	})
	require.Greater(t, leaves, 100)
	require.Equal(t, without, same, "the page has none of these")
}

// fill sets every field of a value, and has one in every list.
func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(0, 0)))
		return
	case uuid.UUID:
		v.Set(reflect.ValueOf(uuid.Max))
		return
	case adapters.Direction:
		v.SetString("inbound")
		return
	}
	switch v.Kind() { //nolint:exhaustive // what an export has
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("staff")
	case reflect.Int, reflect.Int64:
		v.SetInt(17)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(v.Type())
	}
}

func eachLeaf(v reflect.Value, path string, do func(path string, leaf reflect.Value)) {
	switch v.Interface().(type) {
	case time.Time, uuid.UUID:
		do(path, v)
		return
	}
	switch v.Kind() { //nolint:exhaustive // what an export has
	case reflect.Struct:
		for i := range v.NumField() {
			eachLeaf(v.Field(i), path+"."+v.Type().Field(i).Name, do)
		}
	case reflect.Pointer:
		eachLeaf(v.Elem(), path, do)
	case reflect.Slice:
		eachLeaf(v.Index(0), path, do)
	default:
		do(path, v)
	}
}

// anotherOf is another value of a leaf's type. What a person's kind is shows where it is the client.
func anotherOf(leaf reflect.Value) reflect.Value {
	another := reflect.New(leaf.Type()).Elem()
	switch {
	case leaf.Type() == reflect.TypeFor[time.Time]():
		another.Set(reflect.ValueOf(time.Unix(1000000, 0)))
	case leaf.Kind() == reflect.String:
		another.SetString("client")
	case leaf.Kind() == reflect.Int, leaf.Kind() == reflect.Int64:
		another.SetInt(23)
	}
	return another
}
