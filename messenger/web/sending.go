package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerNewMessage is a message to send. The service checks its text: nothing of it may come back in an error.
type messengerNewMessage struct {
	Medium    string             `json:"medium" enum:"email,sms"`
	Subject   string             `json:"subject,omitempty"`
	Body      string             `json:"body"`
	ReplyLink *bool              `json:"reply_link,omitempty" default:"true"`
	SendAfter *time.Time         `json:"send_after,omitempty"`
	SendLocal *messengerLocal    `json:"send_local,omitempty"`
	Unless    string             `json:"unless,omitempty" enum:"replied"`
	Then      string             `json:"then,omitempty" enum:"open,done"`
	Private   bool               `json:"private,omitempty" doc:"The words stay behind the link; a notice goes out."`
	Expects   string             `json:"expects,omitempty" enum:"acknowledgement,reply" doc:"Asked of the client."`
	ExpectBy  string             `json:"expect_by,omitempty" doc:"The day it is expected by, with expects."`
	SeenUpTo  *string            `json:"seen_up_to,omitempty"`
	Override  *messengerOverride `json:"override,omitempty" doc:"A restricted client is written to only with a reason."`
	Template  *string            `json:"template_id,omitempty"`
}

type messengerOverride struct {
	Reason string `json:"reason" doc:"Why; it stands in the history."`
}

type sendInput struct {
	ID   string `path:"id"`
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerNewMessage
}

type sendToClientInput struct {
	ClientID string `path:"client_id"`
	Key      string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body     messengerNewMessage
}

// messengerSent is a message and the channel that it stands in.
type messengerSent struct {
	Channel messengerChannel `json:"channel"`
	Message messengerMessage `json:"message"`
}

func sendParams(in messengerNewMessage, key string) (messenger.SendParams, error) {
	template, err := parseOptionalID(in.Template)
	params := messenger.SendParams{
		Medium: adapters.Medium(in.Medium), Subject: in.Subject, Body: in.Body, Then: messenger.Status(in.Then), Key: key,
		Private: in.Private, NoReplyLink: in.ReplyLink != nil && !*in.ReplyLink, SendLocal: localTime(in.SendLocal),
		Unless: messenger.Unless(in.Unless), Template: template,
		Expects: messenger.Expectation(in.Expects), ExpectBy: in.ExpectBy,
	}
	if in.SendAfter != nil {
		params.SendAfter = *in.SendAfter
	}
	if in.Override != nil {
		params.Override = in.Override.Reason
	}
	if err == nil {
		params.SeenUpTo, err = parseOptionalID(in.SeenUpTo)
	}
	return params, err
}

// POST /channels/{id}/messages
func (a *staffAPI) send(ctx context.Context, in *sendInput) (*body[messengerMessage], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	params, err := sendParams(in.Body, in.Key)
	if err != nil {
		return nil, err
	}
	params.Channel = id
	sent, err := a.m.Send(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(wireMessage(sent.Message)), nil
}

// POST /clients/{client_id}/messages
func (a *staffAPI) sendToClient(ctx context.Context, in *sendToClientInput) (*body[messengerSent], error) {
	params, err := sendParams(in.Body, in.Key)
	if err != nil {
		return nil, err
	}
	params.Client = adapters.ClientID(in.ClientID)
	sent, err := a.m.Send(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(messengerSent{wireChannel(sent.Channel), wireMessage(sent.Message)}), nil
}

// messengerChecked is a message as the client would get it.
type messengerChecked struct {
	Subject    string            `json:"subject" doc:"An email's; empty for a text message."`
	Text       string            `json:"text" doc:"As the carrier sends it, with closing lines and reply link."`
	Characters int               `json:"characters" doc:"Of text, in UTF-16 units."`
	Texts      int               `json:"texts" doc:"How many text messages it is sent as; 0 for an email."`
	Limit      int               `json:"limit" doc:"The carrier's, in characters; 0 where it has none."`
	TooLong    bool              `json:"too_long" doc:"Whether a send is refused for its length."`
	Dear       []string          `json:"dear" nullable:"false" doc:"A text message's characters that make it dearer."`
	Advice     []messengerAdvice `json:"advice" nullable:"false" doc:"What to know before; it refuses nothing."`
}

// messengerAdvice is what somebody who writes may want to know.
type messengerAdvice struct {
	Rule   string `json:"rule"`
	Text   string `json:"text" doc:"For who writes."`
	Source string `json:"source" doc:"Where the rule is from."`
}

func wireAdvice(a messenger.Advice) messengerAdvice { return messengerAdvice(a) }

func wireChecked(c messenger.Checked) *body[messengerChecked] {
	return answer(messengerChecked{
		c.Subject, c.Text, c.Characters, c.Texts, c.Limit, c.TooLong, append([]string{}, c.Dear...),
		each(c.Advice, wireAdvice),
	})
}

type checkInput struct {
	ID   string `path:"id"`
	Body messengerNewMessage
}

type checkForClientInput struct {
	ClientID string `path:"client_id"`
	Body     messengerNewMessage
}

// POST /channels/{id}/messages/check
func (a *staffAPI) check(ctx context.Context, in *checkInput) (*body[messengerChecked], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	params, err := sendParams(in.Body, "")
	if err != nil {
		return nil, err
	}
	params.Channel = id
	checked, err := a.m.Check(ctx, params)
	if err != nil {
		return nil, err
	}
	return wireChecked(checked), nil
}

// POST /clients/{client_id}/messages/check
func (a *staffAPI) checkForClient(ctx context.Context, in *checkForClientInput) (*body[messengerChecked], error) {
	params, err := sendParams(in.Body, "")
	if err != nil {
		return nil, err
	}
	params.Client = adapters.ClientID(in.ClientID)
	checked, err := a.m.Check(ctx, params)
	if err != nil {
		return nil, err
	}
	return wireChecked(checked), nil
}
