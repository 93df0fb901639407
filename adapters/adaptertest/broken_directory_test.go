package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

type (
	getClients = func(
		context.Context, adapters.OrganisationID, []adapters.ClientID,
	) (map[adapters.ClientID]adapters.Client, error)
	searchClients = func(context.Context, adapters.OrganisationID, string, int) ([]adapters.Client, error)
)

// clientsBut is a directory with a method replaced.
type clientsBut struct {
	*memory.Clients
	get    getClients
	search searchClients
}

func (c clientsBut) Get(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	if c.get == nil {
		return c.Clients.Get(ctx, organisation, ids)
	}
	return c.get(ctx, organisation, ids)
}

func (c clientsBut) Search(
	ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
) ([]adapters.Client, error) {
	if c.search == nil {
		return c.Clients.Search(ctx, organisation, query, limit)
	}
	return c.search(ctx, organisation, query, limit)
}

func brokenGet(name, says string, get func(m *memory.Clients) getClients) broken {
	return broken{"Clients " + name, says, func(t *testing.T) {
		adaptertest.Clients(t,
			clientsOf(func(m *memory.Clients) adapters.Clients { return clientsBut{Clients: m, get: get(m)} }))
	}}
}

// asKnown is what a suite says of a client who is not as they were put.
const asKnown = "a client as the directory knows them now"

// brokenClient is a directory with something of each client changed.
func brokenClient(name, says string, change func(*adapters.Client)) broken {
	return brokenGet(name, says, func(m *memory.Clients) getClients {
		return func(
			ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
		) (map[adapters.ClientID]adapters.Client, error) {
			found, err := m.Get(ctx, organisation, ids)
			for id, client := range found {
				change(&client)
				found[id] = client
			}
			return found, err
		}
	})
}

func brokenSearch(name, says string, search func(m *memory.Clients) searchClients) broken {
	return broken{"Clients " + name, says, func(t *testing.T) {
		adaptertest.Clients(t,
			clientsOf(func(m *memory.Clients) adapters.Clients { return clientsBut{Clients: m, search: search(m)} }))
	}}
}

func brokenClients() []broken {
	return []broken{
		brokenGet("leaves a goroutine behind", "Clients.Get left a goroutine each time", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				return leaky(ctx, func(ctx context.Context) (map[adapters.ClientID]adapters.Client, error) {
					return m.Get(ctx, organisation, ids)
				})
			}
		}),
		brokenGet("one query a row", "never once an id", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				found := map[adapters.ClientID]adapters.Client{}
				for _, id := range ids {
					one, err := m.Get(ctx, organisation, []adapters.ClientID{id})
					if err != nil {
						return nil, err
					}
					if client, ok := one[id]; ok {
						found[id] = client
					}
				}
				return found, nil
			}
		}),
		brokenClient("takes the first word for the first name", "no word of the name", func(client *adapters.Client) {
			client.FirstName, _, _ = strings.Cut(client.Name, " ")
		}),
		brokenClient("drops the safe-contact card", asKnown, func(client *adapters.Client) { client.SafeContact = nil }),
		brokenClient("drops the hours of the card", asKnown, func(client *adapters.Client) {
			if client.SafeContact != nil {
				card := *client.SafeContact
				card.Hours, client.SafeContact = nil, &card
			}
		}),
		brokenClient("drops the needs", asKnown, func(client *adapters.Client) { client.Needs = nil }),
		brokenClient("drops the language", asKnown, func(client *adapters.Client) { client.Language = "" }),
		brokenGet("leaks another organisation by id",
			"never holds anything of another organisation", func(m *memory.Clients) getClients {
				return func(
					ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
				) (map[adapters.ClientID]adapters.Client, error) {
					found, err := m.Get(ctx, organisation, ids)
					if err == nil && len(found) < len(ids) {
						return m.Get(ctx, "org-2", ids)
					}
					return found, err
				}
			}),
		brokenGet("not found is an error", "left out, that is not an error", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				found, err := m.Get(ctx, organisation, ids)
				if err == nil && len(found) < len(slices.Compact(ids)) {
					return nil, adapters.ErrNotFound
				}
				return found, err
			}
		}),
		brokenGet("leaves out the restricted", "restricted and deceased ones too", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				found, err := m.Get(ctx, organisation, ids)
				for id, client := range found {
					if client.Restricted {
						delete(found, id)
					}
				}
				return found, err
			}
		}),
		brokenGet("ignores its context", "a call returns when its context ends", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				return m.Get(context.WithoutCancel(ctx), organisation, ids)
			}
		}),
		brokenGet("is not safe for concurrent use",
			"all methods may be called from many goroutines at once", func(m *memory.Clients) getClients {
				var last shared[[]adapters.ClientID]
				return func(
					ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
				) (map[adapters.ClientID]adapters.Client, error) {
					return m.Get(ctx, organisation, last.mixUp(ids))
				}
			}),
		brokenGet("shows the hidden", "may not be seen by the asker is left out", func(m *memory.Clients) getClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
			) (map[adapters.ClientID]adapters.Client, error) {
				return m.Get(context.WithValue(ctx, seesAll{}, true), organisation, ids)
			}
		}),
		brokenSearch("reads % as a pattern", "mean themselves", func(m *memory.Clients) searchClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
			) ([]adapters.Client, error) {
				return m.Search(ctx, organisation, strings.ReplaceAll(query, "%", ""), limit)
			}
		}),
		brokenSearch("minds the case", "case ignored", func(m *memory.Clients) searchClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
			) ([]adapters.Client, error) {
				found, err := m.Search(ctx, organisation, query, limit)
				return slices.DeleteFunc(found, func(c adapters.Client) bool {
					return query == strings.ToUpper(query) && !strings.Contains(c.Name, query) && !strings.HasPrefix(query, "9")
				}), err
			}
		}),
		brokenSearch("ignores its limit", "at most limit clients", func(m *memory.Clients) searchClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, query string, _ int,
			) ([]adapters.Client, error) {
				return m.Search(ctx, organisation, query, 100)
			}
		}),
		brokenSearch("has no order", "an order that is the same each time", func(m *memory.Clients) searchClients {
			var mu sync.Mutex
			turn := 0
			return func(
				ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
			) ([]adapters.Client, error) {
				mu.Lock()
				defer mu.Unlock()
				turn++
				found, err := m.Search(ctx, organisation, query, limit)
				if n := len(found); n > 1 {
					found = append(found[turn%n:], found[:turn%n]...)
				}
				return found, err
			}
		}),
		brokenSearch("leaks another organisation",
			"never holds anything of another organisation", func(m *memory.Clients) searchClients {
				return func(
					ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
				) ([]adapters.Client, error) {
					found, err := m.Search(ctx, organisation, query, limit)
					if err == nil && len(found) == 0 {
						return m.Search(ctx, "org-2", query, limit)
					}
					return found, err
				}
			}),
		brokenSearch("echoes the query in an error", "errors never hold a name", func(m *memory.Clients) searchClients {
			return func(
				ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
			) ([]adapters.Client, error) {
				found, err := m.Search(ctx, organisation, query, limit)
				if err != nil {
					err = fmt.Errorf("searching %q: %w", query, err)
				}
				return found, err
			}
		}),
	}
}

// shared is a value that calls put down and pick up again: another's, when several call at once.
type shared[T any] struct {
	mu    sync.Mutex
	value T
	calls meeting
}

func (s *shared[T]) mixUp(value T) T {
	s.mu.Lock()
	s.value = value
	s.mu.Unlock()
	s.calls.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// meeting has calls made at once meet, on a machine that would run them one after the other too.
type meeting struct {
	mu      sync.Mutex
	waiting chan struct{}
}

// wait returns once another call has come, or after a while for a call that is alone.
func (m *meeting) wait() {
	m.mu.Lock()
	if m.waiting != nil {
		close(m.waiting)
		m.waiting = nil
		m.mu.Unlock()
		return
	}
	mine := make(chan struct{})
	m.waiting = mine
	m.mu.Unlock()
	select {
	case <-mine:
	case <-time.After(200 * time.Millisecond):
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.waiting == mine {
			m.waiting = nil
		}
	}
}

// listsBut is Lists with a method replaced.
type listsBut struct {
	*memory.Lists
	all     func(context.Context, adapters.OrganisationID) ([]adapters.List, error)
	members func(context.Context, adapters.OrganisationID, adapters.ListID) ([]adapters.ClientID, error)
}

func (l listsBut) All(ctx context.Context, organisation adapters.OrganisationID) ([]adapters.List, error) {
	if l.all == nil {
		return l.Lists.All(ctx, organisation)
	}
	return l.all(ctx, organisation)
}

func (l listsBut) Members(
	ctx context.Context, organisation adapters.OrganisationID, list adapters.ListID,
) ([]adapters.ClientID, error) {
	if l.members == nil {
		return l.Lists.Members(ctx, organisation, list)
	}
	return l.members(ctx, organisation, list)
}

func brokenLists() []broken {
	all := func(name, says string, all func(
		context.Context, *memory.Lists, adapters.OrganisationID,
	) ([]adapters.List, error),
	) broken {
		return broken{"Lists " + name, says, func(t *testing.T) {
			adaptertest.Lists(t, listsOf(func(m *memory.Lists) adapters.Lists {
				return listsBut{
					Lists: m,
					all:   func(ctx context.Context, o adapters.OrganisationID) ([]adapters.List, error) { return all(ctx, m, o) },
				}
			}))
		}}
	}
	members := func(name, says string, members func(
		context.Context, *memory.Lists, adapters.OrganisationID, adapters.ListID,
	) ([]adapters.ClientID, error),
	) broken {
		return broken{"Lists " + name, says, func(t *testing.T) {
			adaptertest.Lists(t, listsOf(func(m *memory.Lists) adapters.Lists {
				return listsBut{Lists: m, members: func(
					ctx context.Context, o adapters.OrganisationID, l adapters.ListID,
				) ([]adapters.ClientID, error) {
					return members(ctx, m, o, l)
				}}
			}))
		}}
	}
	var last shared[adapters.ListID]
	return []broken{
		all("one query a row", "never one query a row", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID,
		) ([]adapters.List, error) {
			lists, err := m.All(ctx, o)
			for i := range lists {
				ids, _ := m.Members(ctx, o, lists[i].ID)
				lists[i].Size = len(ids)
			}
			return lists, err
		}),
		all("leaks another organisation", "never holds anything of another organisation", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID,
		) ([]adapters.List, error) {
			ours, err := m.All(ctx, o)
			theirs, _ := m.All(ctx, "org-2")
			return append(ours, theirs...), err
		}),
		all("leaves out empty lists", "empty ones too", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID,
		) ([]adapters.List, error) {
			lists, err := m.All(ctx, o)
			return slices.DeleteFunc(lists, func(l adapters.List) bool { return l.Size == 0 }), err
		}),
		all("ignores its context", "a call returns when its context ends", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID,
		) ([]adapters.List, error) {
			return m.All(context.WithoutCancel(ctx), o)
		}),
		members("empty for not found", "is ErrNotFound, not an empty list", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID, l adapters.ListID,
		) ([]adapters.ClientID, error) {
			ids, err := m.Members(ctx, o, l)
			if errors.Is(err, adapters.ErrNotFound) {
				return nil, nil
			}
			return ids, err
		}),
		members("found for not found", "of another organisation is ErrNotFound", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID, l adapters.ListID,
		) ([]adapters.ClientID, error) {
			ids, err := m.Members(ctx, o, l)
			if errors.Is(err, adapters.ErrNotFound) {
				return m.Members(ctx, "org-2", l)
			}
			return ids, err
		}),
		members("returns members twice", "each once", func(
			ctx context.Context, m *memory.Lists, o adapters.OrganisationID, l adapters.ListID,
		) ([]adapters.ClientID, error) {
			ids, err := m.Members(ctx, o, l)
			return append(ids, ids...), err
		}),
		members("is not safe for concurrent use", "all methods may be called from many goroutines at once",
			func(
				ctx context.Context, m *memory.Lists, o adapters.OrganisationID, l adapters.ListID,
			) ([]adapters.ClientID, error) {
				return m.Members(ctx, o, last.mixUp(l))
			}),
	}
}
