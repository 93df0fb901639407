package messenger

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Unmatched is an inbound text that waits for a person to say whose it is, as far as the asker may see it. Families
// share phones: a number is never proof.
type Unmatched struct {
	ID         uuid.UUID
	From       string // empty, or masked, where it may be a restricted client's
	To         string
	Body       string // empty for who may not read it
	At         time.Time
	Candidates []Candidate // of whose client the number may be, the newest first, ten at most
	// MayAssign says that the asker may read it, and say whose it is.
	MayAssign bool
}

// Candidate is a channel that an inbound text may belong to.
type Candidate struct {
	Channel    uuid.UUID
	Staff      adapters.StaffID
	Client     adapters.ClientID
	ClientName string
}

// keepUnmatched takes a text in. Refused, it would be lost: providers don't send it again. So one that no organisation
// is known for is kept too, for an operator. What it changes is added to came.
func (m *Messenger) keepUnmatched(
	ctx context.Context, t tx, name string, hook Hook, text adapters.InboundText, came *arrived,
) error {
	row := rows.Unmatched{
		ID: m.newID(), Hook: name, ProviderID: keepable(text.ProviderID),
		FromNumber: numberOf(keepable(text.From)), ToNumber: numberOf(keepable(text.To)),
		Body: strings.ReplaceAll(keepable(text.Text), "\r\n", "\n"),
		At:   between(time.Time{}, text.At, t.now), ReceivedAt: t.now, Asks: asks(text),
	}
	if row.ProviderID == "" { // rather twice than lost
		row.ProviderID = row.ID.String()
	}
	if organisation, known := hook.Organisation(text); known && wellFormed(organisation) {
		row.OrganisationID = &organisation
	} else {
		m.config.Logger.ErrorContext(ctx, "messenger: a text is for no known organisation and held", "name", name)
	}
	n, err := rows.Exec(ctx, t, rows.Insert(&row).On("CONFLICT (hook, provider_id) DO NOTHING"))
	if err != nil || n == 0 || row.OrganisationID == nil {
		return err
	}
	if err := m.tellOfText(ctx, t, row.ID); err != nil {
		return err
	}
	return m.arrives(ctx, t, row, came)
}

// arrived is what texts that came in change, for who is told of it once that is committed.
type arrived struct {
	channels []rows.Channel                                 // that a STOP or START changes
	owners   map[adapters.OrganisationID][]adapters.StaffID // of the channels that claim them
}

// arrives heeds a text of a known organisation, and says whom it concerns.
func (m *Messenger) arrives(ctx context.Context, t tx, text rows.Unmatched, came *arrived) error {
	channels, err := m.heedText(ctx, t, text)
	if err != nil {
		return err
	}
	owners, err := claimants(ctx, t, text)
	if came.owners == nil {
		came.owners = map[adapters.OrganisationID][]adapters.StaffID{}
	}
	came.channels = append(came.channels, channels...)
	came.owners[*text.OrganisationID] = append(came.owners[*text.OrganisationID], owners...)
	return err
}

// arrived tells of texts that came in.
func (c changes) arrived(came arrived) {
	for organisation, owners := range came.owners {
		c.texts(organisation, owners...)
	}
	c.addAll(came.channels)
}

// candidate is a channel that claims what comes from a number.
type candidate struct {
	Number     string
	Channel    uuid.UUID
	Staff      adapters.StaffID
	Client     adapters.ClientID
	ClientName string
}

// claimants are the owners of the channels that claim a text of a known organisation.
func claimants(ctx context.Context, q rows.Querier, text rows.Unmatched) ([]adapters.StaffID, error) {
	found, err := rows.List[candidate](ctx, q, rows.File("candidates", rows.Args{
		"organisation": *text.OrganisationID, "numbers": []string{text.FromNumber},
	}))
	return column(found, func(c candidate) adapters.StaffID { return c.Staff }), err
}

// unmatchedCount counts the texts that wait: all of an organisation's, or those that some inboxes' channels claim.
func unmatchedCount(organisation adapters.OrganisationID, all bool, staff ...adapters.StaffID) rows.Query {
	return rows.File("unmatched_count", rows.Args{"organisation": organisation, "staff": textsOf(staff), "all": all})
}

// Unmatched returns a page of the inbound texts of the asker's organisation that nobody has assigned, newest first. All
// staff see that there are such texts, each as far as they may: a text that channels claim is for who may act in one of
// those, any other for who sorts texts (Member.SortsTexts). A number that may be a restricted client's is masked, and
// the rest of such a text is for who may act in that client's channel. Errors: CodeInvalid, CodeUnavailable.
func (m *Messenger) Unmatched(ctx context.Context, p PageParams) (Page[Unmatched], error) {
	member, err := m.current(ctx)
	if err != nil {
		return Page[Unmatched]{}, err
	}
	from, limit, err := p.fromNewest("unmatched")
	if err != nil {
		return Page[Unmatched]{}, err
	}
	found, err := rows.List[rows.Unmatched](ctx, m.db(), rows.Limit(rows.All[rows.Unmatched]().
		Where("u.organisation_id = ? AND u.assigned_at IS NULL", rows.V(member.Organisation)).
		Where("u.id < ?", rows.V(from.ID)).OrderExpr("u.id DESC"), limit+1))
	if err != nil {
		return Page[Unmatched]{}, err
	}
	cut := page(found, limit, func(u rows.Unmatched) cursor { return cursor{List: "unmatched", ID: u.ID} })
	list, err := m.unmatchedAsSeen(ctx, member, cut.Items)
	return Page[Unmatched]{list, cut.Next}, err
}

// unmatchedAsSeen is texts as far as a member may see them.
func (m *Messenger) unmatchedAsSeen(
	ctx context.Context, member adapters.Member, texts []rows.Unmatched,
) ([]Unmatched, error) {
	sorts, err := m.sortsTexts(ctx, member)
	if err != nil || len(texts) == 0 {
		return []Unmatched{}, err
	}
	claims, err := m.claims(ctx, member, texts)
	if err != nil {
		return nil, err
	}
	list := make([]Unmatched, len(texts))
	for i, text := range texts {
		list[i] = textAsSeen(text, claims[text.FromNumber], sorts)
	}
	return list, nil
}

// claim is a channel that texts went to a number from, or that one from there was put into, and what may be shown of
// its client to the asker.
type claim struct {
	Candidate
	shown
}

// mostCandidates is how many channels a text is proposed to.
const mostCandidates = 10

// textAsSeen is a text as its claims let it be seen. One client who is restricted decides for all who share the number:
// the words may be theirs. One who is gone decides of the number alone: else nobody could read what they write.
func textAsSeen(text rows.Unmatched, claims []claim, sorts bool) Unmatched {
	u := Unmatched{ID: text.ID, From: text.FromNumber, To: text.ToNumber, At: text.At}
	u.MayAssign = sorts
	var masked, guarded bool
	for _, c := range claims {
		u.MayAssign = u.MayAssign && c.gone
		masked = masked || !c.contact
		guarded = guarded || !c.contact && !c.gone
	}
	for _, c := range claims {
		if c.paired && len(u.Candidates) < mostCandidates {
			u.Candidates = append(u.Candidates, c.Candidate)
		}
		u.MayAssign = u.MayAssign || c.words && (!guarded || !c.contact)
	}
	if u.MayAssign {
		u.Body = text.Body
	}
	if masked {
		u.From = ""
		if u.MayAssign {
			u.From = mask(text.FromNumber)
		}
	}
	return u
}

// claims finds, by number, the channels that claim what the senders of these texts write.
func (m *Messenger) claims(
	ctx context.Context, member adapters.Member, texts []rows.Unmatched,
) (map[string][]claim, error) {
	numbers := make([]string, len(texts))
	for i, text := range texts {
		numbers[i] = text.FromNumber
	}
	found, err := rows.List[candidate](ctx, m.db(), rows.File("candidates", rows.Args{
		"organisation": member.Organisation, "numbers": numbers,
	}))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var clients []adapters.ClientID
	var owners []adapters.StaffID
	for _, c := range found {
		clients, owners = append(clients, c.Client), append(owners, c.Staff)
	}
	// a care home's number may have more channels than are proposed: each of their clients may be restricted
	known := map[adapters.ClientID]adapters.Client{}
	for some := range slices.Chunk(distinct(clients), directoryPage) {
		found, err := m.directory(ctx, member.Organisation, some...)
		if err != nil {
			return nil, m.unavailable(ctx, "clients", err)
		}
		maps.Copy(known, found)
	}
	gone, err := m.goneOf(ctx, member.Organisation, known, distinct(clients))
	if err != nil {
		return nil, err
	}
	allowed, err := m.accesses(ctx, member, distinct(owners))
	if err != nil {
		return nil, err
	}
	claims := map[string][]claim{}
	for _, c := range found {
		client, ok := known[c.Client]
		may := shownOf(client, ok, allowed[c.Staff])
		may.gone = gone[c.Client]
		claims[c.Number] = append(claims[c.Number], claim{Candidate{c.Channel, c.Staff, c.Client, c.ClientName}, may})
	}
	return claims, nil
}

// goneOf is which of some clients the directory has no more, and not only not for the asker, to whom it named those
// who are known: it is asked again, by nobody.
func (m *Messenger) goneOf(
	ctx context.Context, organisation adapters.OrganisationID, known map[adapters.ClientID]adapters.Client,
	clients []adapters.ClientID,
) (map[adapters.ClientID]bool, error) {
	missing := slices.DeleteFunc(clients, func(id adapters.ClientID) bool { _, ok := known[id]; return ok })
	if len(missing) == 0 {
		return nil, nil
	}
	alone, cancel := context.WithCancel(context.Background()) // nobody is signed in there
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	gone := map[adapters.ClientID]bool{}
	for some := range slices.Chunk(missing, directoryPage) {
		found, err := m.directory(alone, organisation, some...)
		if err != nil {
			return nil, m.unavailable(ctx, "clients", err)
		}
		for _, id := range some {
			_, there := found[id]
			gone[id] = !there
		}
	}
	return gone, nil
}

// accesses is what a member may do in each of some inboxes: access for many, asked at once.
func (m *Messenger) accesses(
	ctx context.Context, member adapters.Member, owners []adapters.StaffID,
) (map[adapters.StaffID]access, error) {
	allowed := map[adapters.StaffID]access{member.ID: isOwner}
	colleagues := slices.DeleteFunc(owners, func(id adapters.StaffID) bool { return id == member.ID || !wellFormed(id) })
	if len(colleagues) == 0 {
		return allowed, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	inboxes, err := m.config.Staff.Inboxes(ctx, member, colleagues...)
	if err != nil {
		return nil, m.unavailable(ctx, "staff", err)
	}
	for _, inbox := range inboxes {
		if slices.Contains(colleagues, inbox.Staff) {
			allowed[inbox.Staff] = mayLook
			if inbox.MayAct {
				allowed[inbox.Staff] = mayAct
			}
		}
	}
	return allowed, nil
}
