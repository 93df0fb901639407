package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Lists holds saved client lists. Make one with NewLists.
type Lists struct {
	Script

	mu    sync.RWMutex
	lists map[adapters.OrganisationID][]savedList
}

type savedList struct {
	adapters.List
	members []adapters.ClientID
}

// NewLists returns no lists.
func NewLists() *Lists {
	return &Lists{lists: map[adapters.OrganisationID][]savedList{}}
}

// Put adds a list at the end of its organisation's, or replaces the one with its id where it stands. Its size is the
// number of different members, whatever list says.
func (l *Lists) Put(organisation adapters.OrganisationID, list adapters.List, members ...adapters.ClientID) {
	saved := savedList{List: list}
	seen := make(map[adapters.ClientID]bool, len(members))
	for _, member := range members {
		if !seen[member] {
			seen[member] = true
			saved.members = append(saved.members, member)
		}
	}
	saved.Size = len(saved.members)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.index(organisation, list.ID); i >= 0 {
		l.lists[organisation][i] = saved
		return
	}
	l.lists[organisation] = append(l.lists[organisation], saved)
}

// All is adapters.Lists, in the order in which they were put.
func (l *Lists) All(ctx context.Context, organisation adapters.OrganisationID) ([]adapters.List, error) {
	if err := l.step(ctx); err != nil {
		return nil, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]adapters.List, 0, len(l.lists[organisation]))
	for _, saved := range l.lists[organisation] {
		all = append(all, saved.List)
	}
	return all, nil
}

// Members is adapters.Lists, in the order in which they were put.
func (l *Lists) Members(
	ctx context.Context, organisation adapters.OrganisationID, list adapters.ListID,
) ([]adapters.ClientID, error) {
	if err := l.step(ctx); err != nil {
		return nil, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	i := l.index(organisation, list)
	if i < 0 {
		return nil, adapters.ErrNotFound
	}
	return slices.Clone(l.lists[organisation][i].members), nil
}

func (l *Lists) index(organisation adapters.OrganisationID, list adapters.ListID) int {
	return slices.IndexFunc(l.lists[organisation], func(saved savedList) bool { return saved.ID == list })
}
