package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerNeeded is something that needs a person.
type messengerNeeded struct {
	ID        string              `json:"id" format:"uuid" doc:"The message's, the channel's or the text's."`
	Reason    messenger.Attention `json:"reason"`
	Since     time.Time           `json:"since" doc:"When it came to need a person."`
	Channel   *messengerChannel   `json:"channel,omitempty" doc:"Absent for a text that no channel claims and a pause."`
	Message   *messengerMessage   `json:"message,omitempty"`
	Unmatched *messengerUnmatched `json:"unmatched,omitempty"`
	Pause     *messengerPause     `json:"pause,omitempty"`
	Can       []messenger.Act     `json:"can" nullable:"false" doc:"What the asker may do; empty for who may only look."`
}

// messengerPause is a whole account, endpoint or directory that everything waits for.
type messengerPause struct {
	Of    string               `json:"of" enum:"sender,record,directory"`
	Via   string               `json:"via" doc:"Of a sender: the systems that may be meant; else empty."`
	Why   messenger.WaitingWhy `json:"why"`
	Until time.Time            `json:"until" doc:"When it is asked again."`
	Count int                  `json:"count" doc:"Messages that have waited for more than ten minutes, up to 1,000."`
}

func wireNeeded(n messenger.Needed) messengerNeeded {
	needed := messengerNeeded{
		ID: n.ID.String(), Reason: n.Reason, Since: n.Since.UTC(), Can: append([]messenger.Act{}, n.Can...),
	}
	if n.Channel != nil {
		needed.Channel = new(wireChannel(*n.Channel))
	}
	if n.Message != nil {
		needed.Message = new(wireMessage(*n.Message))
	}
	if n.Unmatched != nil {
		needed.Unmatched = new(wireUnmatched(*n.Unmatched))
	}
	if p := n.Pause; p != nil {
		needed.Pause = &messengerPause{p.Of, p.Via, p.Why, p.Until.UTC(), p.Count}
	}
	return needed
}

// messengerAttentionPage is a page of what needs a person.
type messengerAttentionPage struct {
	Items  []messengerNeeded           `json:"items" nullable:"false"`
	Next   string                      `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
	Counts map[messenger.Attention]int `json:"counts,omitzero" doc:"By reason, on the first page."`
}

type attentionInput struct {
	Reason    string `query:"reason" maxLength:"100" doc:"One reason alone; an unknown one is invalid."`
	Inbox     string `query:"inbox" maxLength:"200" doc:"One inbox alone: a staff id."`
	Broadcast string `query:"broadcast" maxLength:"100" doc:"The messages of one broadcast alone: its id."`
	Cursor    string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit     int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// GET /attention
func (a *staffAPI) attention(ctx context.Context, in *attentionInput) (*body[messengerAttentionPage], error) {
	params := messenger.AttentionParams{
		Reason: messenger.Attention(in.Reason), Inbox: adapters.StaffID(in.Inbox), PageParams: paging(in.Cursor, in.Limit),
	}
	if in.Broadcast != "" {
		id, err := parseID(in.Broadcast)
		if err != nil {
			return nil, err
		}
		params.Broadcast = id
	}
	found, err := a.m.Attention(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(messengerAttentionPage{each(found.Items, wireNeeded), found.Next, found.Counts}), nil
}

// messengerActs is what is done about things that need a person.
type messengerActs struct {
	IDs  []string      `json:"ids" minItems:"1" maxItems:"100" nullable:"false" doc:"As in attention, 1 to 100."`
	Do   messenger.Act `json:"do" enum:"retry,file,resolve"`
	Note string        `json:"note,omitempty" doc:"How it was dealt with, 1,000 characters at most: for resolve."`
}

type actInput struct{ Body messengerActs }

// messengerActed is what became of each, in the order asked.
type messengerActed struct {
	Results []messengerActResult `json:"results" nullable:"false"`
}

type messengerActResult struct {
	ID   string         `json:"id"`
	OK   bool           `json:"ok"`
	Code messenger.Code `json:"code,omitempty" doc:"Why not, as the codes of problem documents."`
}

func wireActResult(r messenger.ActResult) messengerActResult {
	return messengerActResult{r.ID.String(), r.Code == "", r.Code}
}

// POST /attention/act
func (a *staffAPI) act(ctx context.Context, in *actInput) (*body[messengerActed], error) {
	ids := each(in.Body.IDs, func(text string) uuid.UUID {
		id, _ := parseID(text) // a malformed one is zero, which is nobody's
		return id
	})
	results, err := a.m.Act(ctx, messenger.ActParams{IDs: ids, Do: in.Body.Do, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	acted := messengerActed{Results: make([]messengerActResult, len(results))}
	for i, r := range results {
		acted.Results[i] = wireActResult(r)
		acted.Results[i].ID = in.Body.IDs[i] // as it was asked, a malformed one too
	}
	return answer(acted), nil
}
