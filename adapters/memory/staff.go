package memory

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

type signedInKey struct{}

// SignIn returns a context in which this staff member is signed in, for every Staff of this package that knows the id.
// An empty id signs nobody in.
func SignIn(ctx context.Context, id adapters.StaffID) context.Context {
	return context.WithValue(ctx, signedInKey{}, id)
}

// SignedIn is SignIn as a server's middleware: who says who makes the request, empty for nobody. It believes what it
// is told, so it is for tests and examples.
func SignedIn(who func(*http.Request) adapters.StaffID) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(SignIn(r.Context(), who(r))))
		})
	}
}

// Staff knows the staff members and whose inboxes they may open. Make one with NewStaff.
type Staff struct {
	Script

	mu      sync.RWMutex
	members map[adapters.StaffID]adapters.Member
	inboxes map[adapters.StaffID][]adapters.Inbox
	left    map[adapters.StaffID]bool
}

// NewStaff returns Staff that knows nobody.
func NewStaff() *Staff {
	return &Staff{
		members: map[adapters.StaffID]adapters.Member{}, inboxes: map[adapters.StaffID][]adapters.Inbox{},
		left: map[adapters.StaffID]bool{},
	}
}

// Add adds members; one with a known id is replaced. Ids are unique across organisations.
func (s *Staff) Add(members ...adapters.Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, member := range members {
		member.Media = slices.Clone(member.Media)
		s.members[member.ID] = member
		delete(s.left, member.ID)
	}
}

// Remove forgets a member: requests signed in as them are nobody's from now on, and their inbox can't be opened.
func (s *Staff) Remove(id adapters.StaffID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.members, id)
	delete(s.inboxes, id)
}

// Leave has a member be one no more, as Remove does, but for their inbox: it goes on standing for those who may open
// it, until somebody takes what is in it. Add has them back.
func (s *Staff) Leave(id adapters.StaffID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inboxes, id)
	s.left[id] = true
}

// Share lets the member id open these inboxes, and no others, in this order. Of each, Staff and MayAct are used: the
// name is the colleague's own, and one who is unknown, of another organisation or the member is left out when asked.
func (s *Staff) Share(id adapters.StaffID, inboxes ...adapters.Inbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inboxes[id] = slices.Clone(inboxes)
}

// Current is adapters.Staff: the member whom SignIn put into the context, as it is now.
func (s *Staff) Current(ctx context.Context) (adapters.Member, error) {
	if err := s.step(ctx); err != nil {
		return adapters.Member{}, err
	}
	id, _ := ctx.Value(signedInKey{}).(adapters.StaffID)
	s.mu.RLock()
	defer s.mu.RUnlock()
	member, ok := s.members[id]
	if id == "" || !ok || s.left[id] {
		return adapters.Member{}, adapters.ErrNotSignedIn
	}
	member.Media = slices.Clone(member.Media)
	return member, nil
}

// Inboxes is adapters.Staff.
func (s *Staff) Inboxes(
	ctx context.Context, member adapters.Member, only ...adapters.StaffID,
) ([]adapters.Inbox, error) {
	if err := s.step(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	open := []adapters.Inbox{}
	for _, inbox := range s.inboxes[member.ID] {
		colleague, ok := s.members[inbox.Staff]
		if !ok || inbox.Staff == member.ID || colleague.Organisation != member.Organisation ||
			len(only) > 0 && !slices.Contains(only, inbox.Staff) {
			continue
		}
		inbox.Name = colleague.Name
		open = append(open, inbox)
	}
	return open, nil
}

// Members is adapters.Colleagues.
func (s *Staff) Members(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.StaffID,
) ([]adapters.Member, error) {
	return s.colleagues(ctx, organisation, func(member adapters.Member) bool { return slices.Contains(ids, member.ID) })
}

// WhoMayAct is adapters.Colleagues.
func (s *Staff) WhoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, inbox adapters.StaffID,
) ([]adapters.Member, error) {
	return s.colleagues(ctx, organisation, func(member adapters.Member) bool {
		owner, ok := s.members[inbox]
		return ok && owner.Organisation == organisation && member.ID != inbox &&
			slices.ContainsFunc(s.inboxes[member.ID], func(i adapters.Inbox) bool { return i.Staff == inbox && i.MayAct })
	})
}

// Managers is adapters.Colleagues.
func (s *Staff) Managers(
	ctx context.Context, organisation adapters.OrganisationID,
) ([]adapters.Member, error) {
	return s.colleagues(ctx, organisation, func(member adapters.Member) bool { return member.Manages })
}

// colleagues are the members of an organisation whom wanted, called under the lock, wants.
func (s *Staff) colleagues(
	ctx context.Context, organisation adapters.OrganisationID, wanted func(adapters.Member) bool,
) ([]adapters.Member, error) {
	if err := s.step(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []adapters.Member
	for _, member := range s.members {
		if member.Organisation == organisation && !s.left[member.ID] && wanted(member) {
			member.Media = slices.Clone(member.Media)
			found = append(found, member)
		}
	}
	return found, nil
}

// Organisations holds what each organisation chose. Make one with NewOrganisations.
type Organisations struct {
	Script

	mu   sync.RWMutex
	byID map[adapters.OrganisationID]adapters.Organisation
}

// NewOrganisations returns these organisations.
func NewOrganisations(organisations ...adapters.Organisation) *Organisations {
	o := &Organisations{byID: map[adapters.OrganisationID]adapters.Organisation{}}
	o.Put(organisations...)
	return o
}

// Put adds organisations; one with a known id is replaced. Their maps and lists must not be changed afterwards.
func (o *Organisations) Put(organisations ...adapters.Organisation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, organisation := range organisations {
		o.byID[organisation.ID] = organisation
	}
}

// Get is adapters.Organisations.
func (o *Organisations) Get(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	if err := o.step(ctx); err != nil {
		return adapters.Organisation{}, err
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	organisation, ok := o.byID[id]
	if !ok {
		return adapters.Organisation{}, adapters.ErrNotFound
	}
	return organisation, nil
}
