package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerNewBroadcast is one message to many. As with a single message the service checks its text.
type messengerNewBroadcast struct {
	Medium    string          `json:"medium" enum:"email,sms"`
	Subject   string          `json:"subject,omitempty" doc:"As a message's."`
	Body      string          `json:"body" doc:"As a message's; the placeholders are filled in for each person."`
	Clients   []string        `json:"client_ids,omitempty" doc:"Clients, by the host's ids."`
	Lists     []string        `json:"list_ids,omitempty"`
	ReplyLink *bool           `json:"reply_link,omitempty"`
	Then      string          `json:"then,omitempty" enum:"open,done" default:"done" doc:"The status of channels made."`
	SendAfter *time.Time      `json:"send_after,omitempty" doc:"Not before then, within a year; past or absent: at once."`
	SendLocal *messengerLocal `json:"send_local,omitempty" doc:"As a message's."`
	Expects   string          `json:"expects,omitempty" enum:"acknowledgement,reply" doc:"As a message's."`
	ExpectBy  string          `json:"expect_by,omitempty" doc:"As a message's."`
	Private   bool            `json:"private,omitempty" doc:"As a message's; it needs reply_link."`
	Template  *string         `json:"template_id,omitempty"`
}

func broadcastParams(in messengerNewBroadcast, key string) (messenger.BroadcastParams, error) {
	template, err := parseOptionalID(in.Template)
	params := messenger.BroadcastParams{
		Medium: adapters.Medium(
			in.Medium,
		), Subject: in.Subject, Body: in.Body, Then: messenger.Status(in.Then), Key: key,
		Private: in.Private, Template: template, SendLocal: localTime(in.SendLocal),
		Expects: messenger.Expectation(in.Expects), ExpectBy: in.ExpectBy,
		Clients: each(in.Clients, func(id string) adapters.ClientID { return adapters.ClientID(id) }),
		Lists:   each(in.Lists, func(id string) adapters.ListID { return adapters.ListID(id) }),
	}
	params.ReplyLink = in.Expects != ""
	if in.ReplyLink != nil {
		params.ReplyLink = *in.ReplyLink
	}
	if in.SendAfter != nil {
		params.SendAfter = *in.SendAfter
	}
	return params, err
}

type broadcastInput struct {
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerNewBroadcast
}

type previewInput struct{ Body messengerNewBroadcast }

// messengerBroadcast is how far a broadcast has come.
type messengerBroadcast struct {
	ID           string             `json:"id" format:"uuid"`
	Medium       adapters.Medium    `json:"medium" doc:"email or sms."`
	Subject      string             `json:"subject,omitempty"`
	Body         string             `json:"body" doc:"With the places as they were written; the notice of private ones."`
	Private      bool               `json:"private"`
	SendAfter    *time.Time         `json:"send_after,omitempty"`
	State        string             `json:"state" doc:"queued, sending, sent or cancelled."`
	Total        int                `json:"total" doc:"Distinct recipients: the sum of the counts below."`
	SkippedCount int                `json:"skipped_count"`
	Skipped      []messengerSkipped `json:"skipped" nullable:"false" doc:"The first 100."`
	Queued       int                `json:"queued"`
	Sent         int                `json:"sent" doc:"Delivered ones too."`
	Failed       int                `json:"failed" doc:"Unknown ones too."`
	Cancelled    int                `json:"cancelled"`
	CreatedAt    time.Time          `json:"created_at"`
}

type messengerSkipped struct {
	Client string `json:"client_id"`
	Why    string `json:"why"`
}

func wireSkipped(s messenger.Skipped) messengerSkipped {
	return messengerSkipped{string(s.Client), string(s.Why)}
}

func wireBroadcast(b messenger.Broadcast) messengerBroadcast {
	return messengerBroadcast{
		ID: b.ID.String(), Medium: b.Medium, Subject: b.Subject, Body: b.Body, SendAfter: optionalTime(b.SendAfter),
		Private: b.Private,
		State:   string(b.State), Total: b.Total,
		SkippedCount: b.SkippedCount, Skipped: each(b.Skipped, wireSkipped),
		Queued: b.Queued, Sent: b.Sent, Failed: b.Failed, Cancelled: b.Cancelled, CreatedAt: b.CreatedAt.UTC(),
	}
}

// messengerBroadcastPreview is what a broadcast would do.
type messengerBroadcastPreview struct {
	Total        int                `json:"total"`
	SkippedCount int                `json:"skipped_count"`
	Skipped      []messengerSkipped `json:"skipped" nullable:"false" doc:"The first 100."`
	Texts        int                `json:"texts" doc:"How many text messages it would be charged as; 0 for email."`
	FewestTexts  int                `json:"fewest_texts" doc:"To one client, the least of any; 0 for email."`
	MostTexts    int                `json:"most_texts" doc:"To one client, the most of any; 0 for email."`
	Examples     []messengerExample `json:"examples" nullable:"false"`
}

type messengerExample struct {
	Client  string `json:"client_id"`
	Name    string `json:"client_name"`
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body"`
}

func wireExample(e messenger.Example) messengerExample {
	return messengerExample{string(e.Client), e.Name, e.Subject, e.Text}
}

// POST /broadcasts
func (a *staffAPI) broadcast(ctx context.Context, in *broadcastInput) (*body[messengerBroadcast], error) {
	params, err := broadcastParams(in.Body, in.Key)
	if err != nil {
		return nil, err
	}
	sent, err := a.m.SendBroadcast(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(wireBroadcast(sent)), nil
}

// POST /broadcasts/preview
func (a *staffAPI) previewBroadcast(ctx context.Context, in *previewInput) (*body[messengerBroadcastPreview], error) {
	params, err := broadcastParams(in.Body, "")
	if err != nil {
		return nil, err
	}
	p, err := a.m.PreviewBroadcast(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(
		messengerBroadcastPreview{
			p.Total,
			p.SkippedCount,
			each(p.Skipped, wireSkipped),
			p.Texts,
			p.FewestTexts,
			p.MostTexts,
			each(p.Examples, wireExample),
		},
	), nil
}

// GET /broadcasts
func (a *staffAPI) broadcasts(ctx context.Context, in *pageInput) (*body[messengerPage[messengerBroadcast]], error) {
	found, err := a.m.Broadcasts(ctx, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireBroadcast), nil
}

// GET /broadcasts/{id}
func (a *staffAPI) getBroadcast(ctx context.Context, in *byID) (*body[messengerBroadcast], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.m.Broadcast(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(wireBroadcast(found)), nil
}

// GET /broadcasts/{id}/skipped
func (a *staffAPI) skipped(ctx context.Context, in *pageByID) (*body[messengerPage[messengerSkipped]], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.m.BroadcastSkipped(ctx, id, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireSkipped), nil
}

// POST /broadcasts/{id}/cancel
func (a *staffAPI) cancelBroadcast(ctx context.Context, in *byID) (*body[messengerBroadcast], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	cancelled, err := a.m.CancelBroadcast(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(wireBroadcast(cancelled)), nil
}

// GET /broadcasts/{id}/failed
func (a *staffAPI) failedBroadcast(ctx context.Context, in *pageByID) (*body[messengerPage[messengerNeeded]], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.m.BroadcastFailed(ctx, id, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireNeeded), nil
}

type retryBroadcastInput struct {
	ID     string `path:"id"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former call gave as next; the first 500 without."`
}

// messengerRetried is what became of each, the one that failed last first.
type messengerRetried struct {
	Results []messengerActResult `json:"results" nullable:"false"`
	Next    string               `json:"next,omitempty" doc:"The cursor to go on with; absent when there are no more."`
}

// POST /broadcasts/{id}/retry
func (a *staffAPI) retryBroadcast(ctx context.Context, in *retryBroadcastInput) (*body[messengerRetried], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	tried, err := a.m.RetryBroadcast(ctx, id, in.Cursor)
	if err != nil {
		return nil, err
	}
	return answer(messengerRetried{each(tried.Items, wireActResult), tried.Next}), nil
}
