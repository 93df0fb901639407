package adaptertest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

// colleaguesBut is Colleagues whose answers are changed, or asked for otherwise.
type colleaguesBut struct {
	*memory.Staff
	ctx       func(context.Context) context.Context // under which the store is asked
	members   func(context.Context, *memory.Staff, []adapters.StaffID, []adapters.Member) ([]adapters.Member, error)
	whoMayAct func(context.Context, *memory.Staff, adapters.StaffID, []adapters.Member) ([]adapters.Member, error)
	managers  func(context.Context, *memory.Staff, []adapters.Member) ([]adapters.Member, error)
}

func (c colleaguesBut) Members(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.StaffID,
) ([]adapters.Member, error) {
	if c.ctx != nil {
		ctx = c.ctx(ctx)
	}
	found, err := c.Staff.Members(ctx, organisation, ids...)
	if err != nil || c.members == nil {
		return found, err
	}
	return c.members(ctx, c.Staff, ids, found)
}

func (c colleaguesBut) WhoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, inbox adapters.StaffID,
) ([]adapters.Member, error) {
	if c.ctx != nil {
		ctx = c.ctx(ctx)
	}
	found, err := c.Staff.WhoMayAct(ctx, organisation, inbox)
	if err != nil || c.whoMayAct == nil {
		return found, err
	}
	return c.whoMayAct(ctx, c.Staff, inbox, found)
}

func (c colleaguesBut) Managers(
	ctx context.Context, organisation adapters.OrganisationID,
) ([]adapters.Member, error) {
	if c.ctx != nil {
		ctx = c.ctx(ctx)
	}
	found, err := c.Staff.Managers(ctx, organisation)
	if err != nil || c.managers == nil {
		return found, err
	}
	return c.managers(ctx, c.Staff, found)
}

// everywhere are members of both organisations.
func everywhere(ctx context.Context, m *memory.Staff, ids []adapters.StaffID) (found []adapters.Member, err error) {
	for _, organisation := range []adapters.OrganisationID{"org-1", "org-2"} {
		some, err := m.Members(ctx, organisation, ids...)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

func brokenColleagues() []broken {
	with := func(name, says string, but colleaguesBut) broken {
		return broken{"Colleagues " + name, says, func(t *testing.T) {
			adaptertest.Colleagues(t, colleaguesOf(func(m *memory.Staff) adapters.Colleagues {
				replaced := but
				replaced.Staff = m
				return replaced
			}))
		}}
	}
	type list = []adapters.Member
	type ids = []adapters.StaffID
	var known sync.Map // who was seen, by id
	var managed sync.Map
	var last shared[adapters.StaffID]
	return []broken{
		with("needs somebody signed in", "nobody need be signed in", colleaguesBut{
			members: func(ctx context.Context, m *memory.Staff, _ ids, found list) (list, error) {
				if _, err := m.Current(ctx); err != nil {
					return nil, err
				}
				return found, nil
			},
		}),
		with("refuses a name that nobody has", "what is not there is left out", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, asked ids, found list) (list, error) {
				if len(found) < len(asked) {
					return nil, errors.New("no rows")
				}
				return found, nil
			},
		}),
		with("returns a member twice", "each member comes once", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, asked ids, found list) (list, error) {
				if len(asked) == 2 && asked[0] == asked[1] {
					found = append(found, found...)
				}
				return found, nil
			},
		}),
		with("takes no name for all", "without a name, nobody", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, asked ids, found list) (list, error) {
				for _, member := range found {
					known.Store(member.ID, member)
				}
				if len(asked) == 0 {
					known.Range(func(_, member any) bool { found = append(found, member.(adapters.Member)); return true })
				}
				return found, nil
			},
		}),
		with("knows names alone", "Members are the staff members who are named", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, _ ids, found list) (list, error) {
				for i := range found {
					found[i].Media = nil
				}
				return found, nil
			},
		}),
		with("forgets who manages", "a member as Staff.Current gives them", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, _ ids, found list) (list, error) {
				for i := range found {
					found[i].Manages = false
				}
				return found, nil
			},
		}),
		with("keeps who has left", "whoever has left is left out", colleaguesBut{
			members: func(_ context.Context, _ *memory.Staff, asked ids, found list) (list, error) {
				for _, member := range found {
					known.Store(member.ID, member)
				}
				for _, id := range asked {
					here := slices.ContainsFunc(found, func(m adapters.Member) bool { return m.ID == id })
					if left, ok := known.Load(id); ok && !here {
						found = append(found, left.(adapters.Member))
					}
				}
				return found, nil
			},
		}),
		with("has the owner act", "never its owner", colleaguesBut{
			whoMayAct: func(ctx context.Context, m *memory.Staff, inbox adapters.StaffID, found list) (list, error) {
				owner, err := m.Members(ctx, "org-1", inbox)
				return append(found, owner...), err
			},
		}),
		with("has act who may look", "who may only look may not act", colleaguesBut{
			whoMayAct: func(ctx context.Context, m *memory.Staff, inbox adapters.StaffID, found list) (list, error) {
				for _, actor := range found {
					known.Store(actor.ID, actor)
				}
				if len(found) > 0 {
					return found, nil
				}
				for _, actor := range known.Range {
					looks, err := m.Inboxes(ctx, actor.(adapters.Member), inbox)
					if err != nil {
						return nil, err
					}
					for range looks {
						found = append(found, actor.(adapters.Member))
					}
				}
				return found, nil
			},
		}),
		with("knows one who may act", "to whom Inboxes gives the inbox with MayAct", colleaguesBut{
			whoMayAct: func(_ context.Context, _ *memory.Staff, _ adapters.StaffID, found list) (list, error) {
				return found[:min(1, len(found))], nil
			},
		}),
		with("knows one manager", "Managers are all who manage", colleaguesBut{
			managers: func(_ context.Context, _ *memory.Staff, found list) (list, error) {
				return found[:min(1, len(found))], nil
			},
		}),
		with("remembers managers", "those who manage now", colleaguesBut{
			managers: func(_ context.Context, m *memory.Staff, found list) (list, error) {
				was, _ := managed.LoadOrStore(m, found)
				if before := was.(list); len(before) > 0 {
					return before, nil
				}
				managed.Delete(m)
				return found, nil
			},
		}),
		with("names another organisation's members", "never holds anything of another organisation", colleaguesBut{
			members: func(ctx context.Context, m *memory.Staff, asked ids, _ list) (list, error) {
				return everywhere(ctx, m, asked)
			},
		}),
		with("opens another organisation's inbox", "never holds anything of another organisation", colleaguesBut{
			whoMayAct: func(ctx context.Context, m *memory.Staff, inbox adapters.StaffID, found list) (list, error) {
				more, err := m.WhoMayAct(ctx, "org-2", inbox)
				return append(found, more...), err
			},
		}),
		with("has managers everywhere", "never holds anything of another organisation", colleaguesBut{
			managers: func(ctx context.Context, m *memory.Staff, found list) (list, error) {
				more, err := m.Managers(ctx, "org-2")
				return append(found, more...), err
			},
		}),
		with("asks for each name", "Members asks the store once", colleaguesBut{
			members: func(ctx context.Context, m *memory.Staff, asked ids, found list) (list, error) {
				for _, id := range asked[:max(0, len(asked)-1)] {
					if _, err := m.Members(ctx, "org-1", id); err != nil {
						return nil, err
					}
				}
				return found, nil
			},
		}),
		with("asks for each who acts", "WhoMayAct asks the store once", colleaguesBut{
			whoMayAct: func(ctx context.Context, m *memory.Staff, _ adapters.StaffID, found list) (list, error) {
				for _, member := range found {
					if _, err := m.Members(ctx, "org-1", member.ID); err != nil {
						return nil, err
					}
				}
				return found, nil
			},
		}),
		with("asks for each manager", "Managers asks the store once", colleaguesBut{
			managers: func(ctx context.Context, m *memory.Staff, found list) (list, error) {
				for _, member := range found {
					if _, err := m.Members(ctx, "org-1", member.ID); err != nil {
						return nil, err
					}
				}
				return found, nil
			},
		}),
		with("ignores its context", "a call returns when its context ends", colleaguesBut{ctx: context.WithoutCancel}),
		with("is not safe for concurrent use", "all methods may be called from many goroutines at once", colleaguesBut{
			members: func(ctx context.Context, m *memory.Staff, asked ids, found list) (list, error) {
				if len(asked) != 1 {
					return found, nil
				}
				return m.Members(ctx, "org-1", last.mixUp(asked[0]))
			},
		}),
	}
}
