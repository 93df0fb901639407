package messenger_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// away has amira be away from an hour ago on, and ben cover.
func (b *bundle) away(t *testing.T) messenger.Absence {
	t.Helper()
	absence, err := b.SetAbsence(as(t, "amira"), "amira", messenger.AbsenceParams{
		From: b.Now(t.Context()).Add(-time.Hour), Cover: "ben",
	})
	require.NoError(t, err)
	return absence
}

// manager is somebody who manages, and may open nobody's inbox.
func (b *bundle) manager(t *testing.T) context.Context {
	t.Helper()
	b.staff.Add(adapters.Member{
		ID: "fay", Name: "Fay Okonkwo", Organisation: north, Media: []adapters.Medium{adapters.Email}, Manages: true,
	})
	return as(t, "fay")
}

// lines are the actions of the history of amira's inbox, oldest first, with who did each.
func (b *bundle) lines(t *testing.T) (lines []string) {
	t.Helper()
	for cursor := ""; ; {
		page, err := b.InboxHistory(as(t, "amira"), "amira", messenger.PageParams{Cursor: cursor, Limit: 2})
		require.NoError(t, err)
		for _, entry := range page.Items {
			line := string(entry.Action) + " " + entry.Actor.Kind + " " + entry.Actor.ID
			lines = append([]string{strings.TrimSpace(line)}, lines...)
		}
		if cursor = page.Next; cursor == "" {
			return lines
		}
	}
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, now := as(t, "amira"), b.Now(t.Context())
	_, err := b.Absence(ctx, "amira")
	requireCode(t, messenger.CodeNotFound, err)
	requireCode(t, messenger.CodeNotFound, b.EndAbsence(ctx, "amira"))

	want := messenger.Absence{
		Staff: "amira", From: now.Add(-time.Hour), Until: now.Add(48 * time.Hour), Cover: "ben", CoverName: "Ben Hughes", Note: "On leave",
	}
	set, err := b.SetAbsence(ctx, "amira", messenger.AbsenceParams{From: want.From, Until: want.Until, Cover: "ben", Note: " On leave "})
	require.NoError(t, err)
	require.Equal(t, want, set)
	for _, who := range []context.Context{ctx, as(t, "ben"), b.manager(t)} { // the owner, who may act there, who manages
		got, err := b.Absence(who, "amira")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err = b.Absence(as(t, "chloe"), "amira")
	requireCode(t, messenger.CodeForbidden, err)
	for _, who := range []adapters.StaffID{"dev", "esther"} {
		_, err = b.SetAbsence(as(t, who), "amira", messenger.AbsenceParams{From: now, Cover: "ben"})
		requireCode(t, messenger.CodeNotFound, err)
		requireCode(t, messenger.CodeNotFound, b.EndAbsence(as(t, who), "amira"))
	}
	for _, inbox := range []adapters.StaffID{"esther", "nobody", ""} { // not of who manages elsewhere
		_, err = b.SetAbsence(b.manager(t), inbox, messenger.AbsenceParams{From: now, Cover: "ben"})
		requireCode(t, messenger.CodeNotFound, err)
	}
	require.NoError(t, b.EndAbsence(as(t, "ben"), "amira"))
	_, err = b.Absence(ctx, "amira")
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.SetAbsence(b.manager(t), "amira", messenger.AbsenceParams{From: now, Cover: "ben"})
	require.NoError(t, err)
	require.Equal(t, []string{"away staff amira", "back staff ben", "away staff fay"}, b.lines(t))
}

// What can't be is refused with what to do, and changes nothing.
func TestAbsencesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, now := as(t, "amira"), b.Now(t.Context())
	stands := b.away(t)
	for field, p := range map[string]messenger.AbsenceParams{
		"from":                               {Cover: "ben"},
		"from, too far away":                 {Cover: "ben", From: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))},
		"until, not after from":              {Cover: "ben", From: now, Until: now},
		"until, before":                      {Cover: "ben", From: now, Until: now.Add(-time.Hour)},
		"until, the same microsecond":        {Cover: "ben", From: now, Until: now.Add(999 * time.Nanosecond)},
		"until, over":                        {Cover: "ben", From: now.Add(-2 * time.Hour), Until: now.Add(-time.Hour)},
		"note, too long":                     {Cover: "ben", From: now, Note: strings.Repeat("ö", 5001)},
		"note, no text":                      {Cover: "ben", From: now, Note: "a\x00b"},
		"cover_staff_id":                     {From: now},
		"cover_staff_id, the owner":          {From: now, Cover: "amira"},
		"cover_staff_id, may only look":      {From: now, Cover: "chloe"},
		"cover_staff_id, may neither":        {From: now, Cover: "dev"},
		"cover_staff_id, elsewhere":          {From: now, Cover: "esther"},
		"cover_staff_id, nobody":             {From: now, Cover: "nobody"},
		"cover_staff_id, no id of anybody's": {From: now, Cover: "\xff\x00"},
	} {
		_, err := b.SetAbsence(ctx, "amira", p)
		requireCode(t, messenger.CodeInvalid, err)
		var failure *messenger.Error
		require.ErrorAs(t, err, &failure)
		require.Equal(t, strings.Split(field, ",")[0], failure.Field)
	}
	b.staff.Remove("ben")
	_, err := b.SetAbsence(ctx, "amira", messenger.AbsenceParams{From: now, Cover: "ben"})
	requireCode(t, messenger.CodeInvalid, err)
	got, err := b.Absence(ctx, "amira")
	require.NoError(t, err)
	require.Equal(t, stands, got)
	require.Equal(t, []string{"away staff amira"}, b.lines(t))
	_, err = b.SetAbsence(as(t, "amira"), "amira", messenger.AbsenceParams{From: now, Cover: "ben", Note: strings.Repeat("ö", 5000)})
	requireCode(t, messenger.CodeInvalid, err) // ben has left: the note is not what is wrong
}

// An absence takes the place of those that it overlaps, and of no other.
func TestAbsencesReplaceOneAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, now := as(t, "amira"), b.Now(t.Context())
	day := func(n int) time.Time { return now.Add(time.Duration(n) * 24 * time.Hour) }
	set := func(from, until int, note string) {
		p := messenger.AbsenceParams{From: day(from), Cover: "ben", Note: note}
		if until != 0 {
			p.Until = day(until)
		}
		_, err := b.SetAbsence(ctx, "amira", p)
		require.NoError(t, err)
	}
	stand := func() (notes []string) {
		rows, err := b.pool.Query(t.Context(), `select note from messenger_absences where ended_at is null order by starts_at`)
		require.NoError(t, err)
		for rows.Next() {
			var note string
			require.NoError(t, rows.Scan(&note))
			notes = append(notes, note)
		}
		require.NoError(t, rows.Err())
		return notes
	}
	set(30, 40, "December")
	set(10, 20, "November")
	set(20, 30, "between, touching both")
	require.Equal(t, []string{"November", "between, touching both", "December"}, stand())
	next, err := b.Absence(ctx, "amira")
	require.NoError(t, err)
	require.Equal(t, "November", next.Note)
	set(15, 25, "over two")
	require.Equal(t, []string{"over two", "December"}, stand())
	set(-1, 0, "from yesterday on, without an end")
	require.Equal(t, []string{"from yesterday on, without an end"}, stand())
	set(-1, 1, "until tomorrow")
	require.Equal(t, []string{"until tomorrow"}, stand())

	var together sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		together.Go(func() {
			_, errs[i] = b.SetAbsence(memory.SignIn(context.Background(), "amira"), "amira", messenger.AbsenceParams{From: day(-1), Cover: "ben", Note: "at once"})
		})
	}
	together.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, []string{"at once"}, stand())
}

// An absence is over once its end has passed, by the database's clock: no job has run. History says so, in its place.
func TestAnAbsenceEndsByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, now := as(t, "amira"), b.Now(t.Context())
	until := now.Add(2 * time.Second)
	_, err := b.SetAbsence(ctx, "amira", messenger.AbsenceParams{From: now.Add(-time.Hour), Until: until, Cover: "ben"})
	require.NoError(t, err)
	eventually(t, func() bool {
		_, err := b.Absence(ctx, "amira")
		return messenger.CodeOf(err) == messenger.CodeNotFound
	}, "it does not end")
	requireCode(t, messenger.CodeNotFound, b.EndAbsence(ctx, "amira"))
	page, err := b.InboxHistory(ctx, "amira", messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.ActionBack, page.Items[0].Action)
	require.Equal(t, until, page.Items[0].At)
	b.away(t)
	require.NoError(t, b.EndAbsence(ctx, "amira"))
	require.Equal(t, []string{"away staff amira", "back system", "away staff amira", "back staff amira"}, b.lines(t))
}

// A host that does not say who works there has no absences; a directory that does not answer is told as that.
func TestAbsenceNeedsColleagues(t *testing.T) {
	t.Parallel()
	b := setup(t)
	alone := b.with(t, func(c *messenger.Config) { c.Colleagues = nil })
	ctx, p := as(t, "amira"), messenger.AbsenceParams{From: b.Now(t.Context()), Cover: "ben"}
	_, err := alone.Absence(ctx, "amira")
	requireCode(t, messenger.CodeNotConfigured, err)
	_, err = alone.SetAbsence(ctx, "amira", p)
	requireCode(t, messenger.CodeNotConfigured, err)
	requireCode(t, messenger.CodeNotConfigured, alone.EndAbsence(ctx, "amira"))

	hangs := memory.NewStaff()
	t.Cleanup(hangs.Hold())
	hung := b.with(t, func(c *messenger.Config) { c.Colleagues = hangs })
	_, err = hung.SetAbsence(ctx, "amira", p)
	requireCode(t, messenger.CodeUnavailable, err)
	_, err = hung.Absence(b.manager(t), "amira")
	requireCode(t, messenger.CodeUnavailable, err)
}
