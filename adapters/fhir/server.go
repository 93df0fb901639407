package fhir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// Bounds of an answer: one resource, and a bundle of a thousand patients, in however many pages.
const (
	resourceLimit = 2 << 20
	bundleLimit   = 32 << 20
)

// Token returns the bearer token for the next call. It gets the context of the call, with the signed-in person's
// session where there is one, and does its own keeping and renewing; an error may wrap those of package adapters.
type Token func(ctx context.Context) (string, error)

// Bearer is a Token that never changes.
func Bearer(token string) Token { return func(context.Context) (string, error) { return token, nil } }

// ServerConfig is how a FHIR server is reached. It holds no secret that could be printed.
type ServerConfig struct {
	// BaseURL is the server's base, "https://fhir.example.org/R4": https, or http to this machine.
	BaseURL string
	Token   Token            // nil: no Authorization header, as behind a gateway that adds one
	Client  *http.Client     // the host's own, for mutual TLS say; nil: one with a limit of a minute a call
	Now     func() time.Time // nil: time.Now
}

// Server is a FHIR R4 server, shared by a Record and a Clients. All its methods may be called from many goroutines.
type Server struct {
	base   string
	token  Token
	client *http.Client
	now    func() time.Time
}

// NewServer checks the settings; it calls nobody.
func NewServer(config ServerConfig) (*Server, error) {
	base, err := httpcall.SecureBaseURL(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("fhir: base address: %w", err)
	}
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // the default of the setting
	}
	return &Server{
		base: base, token: config.Token, client: httpcall.Client(config.Client, time.Minute), now: config.Now,
	}, nil
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (s *Server) call(
	ctx context.Context, method, address string, header http.Header, body []byte, limit int64,
) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("%w: address of the server", adapters.ErrConfiguration)
	}
	request.Header = header
	request.Header.Set("Accept", "application/fhir+json")
	if s.token != nil {
		token, err := s.token(ctx)
		if err != nil {
			return answer{}, fmt.Errorf("get a token: %w", err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, read, err := httpcall.Do(s.client, request, limit)
	if err != nil {
		return answer{}, err
	}
	read = bytes.TrimPrefix(read, []byte("\ufeff")) // some servers begin with a mark that JSON does not have
	return answer{status: response.StatusCode, header: response.Header, body: read}, nil
}

// search asks by POST, so that no name or number stands in an address, which servers and proxies log. It reads page
// after page until enough resources are there; 0 means all.
func (s *Server) search(
	ctx context.Context, resourceType string, query url.Values, enough int,
) ([]json.RawMessage, error) {
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		// A server may ignore a parameter that it does not know, and would then answer with everybody.
		"Prefer": {"handling=strict"},
	}
	got, err := s.call(ctx, http.MethodPost, s.base+"/"+resourceType+"/_search", header, []byte(query.Encode()),
		bundleLimit)
	var resources []json.RawMessage
	left := int64(bundleLimit)
	for page := 1; ; page++ {
		if err != nil {
			return nil, err
		}
		if badRequest(got) && meaningOf(got) == notFound {
			return resources, nil // some servers say so instead of answering with an empty bundle
		}
		if got.status != http.StatusOK {
			return nil, s.refusedQuestion(got)
		}
		entries, next, err := entries(got.body, resourceType)
		if err != nil {
			return nil, err
		}
		resources = append(resources, entries...)
		if next == "" || enough > 0 && len(resources) >= enough {
			return resources, nil
		}
		if page == 50 || !strings.HasPrefix(next, s.base+"/") && !strings.HasPrefix(next, s.base+"?") {
			return nil,
				fmt.Errorf("%w: the server's next page is elsewhere, or there are more than 50", adapters.ErrConfiguration)
		}
		left -= int64(len(got.body))
		got, err = s.call(ctx, http.MethodGet, next, http.Header{}, nil, left)
		if err != nil {
			return nil, err
		}
	}
}

// entries are the bundle's resources of the type that was asked for; a server may add an OperationOutcome.
func entries(body []byte, resourceType string) (resources []json.RawMessage, next string, err error) {
	var bundle struct {
		ResourceType string
		Link         []struct{ Relation, URL string }
		Entry        []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(body, &bundle); err != nil || bundle.ResourceType != "Bundle" {
		return nil, "", errors.New("the server's answer is no bundle")
	}
	for _, entry := range bundle.Entry {
		var kind struct{ ResourceType string }
		if err := json.Unmarshal(entry.Resource, &kind); err == nil && kind.ResourceType == resourceType {
			resources = append(resources, entry.Resource)
		}
	}
	for _, link := range bundle.Link {
		if link.Relation == "next" {
			next = link.URL
		}
	}
	return resources, next, nil
}

// refusedQuestion is the error for a search or read that was not answered with 200: none of it is the client's fault.
func (s *Server) refusedQuestion(got answer) error {
	meaning := meaningOf(got)
	switch {
	case got.status == http.StatusTooManyRequests || meaning == throttled:
		return &adapters.RateLimitError{Until: httpcall.RetryAfter(got.header, s.now())}
	case passing(got.status) || meaning == transient:
		return fmt.Errorf("the server answers %d%s", got.status, issues(got.body))
	default:
		return fmt.Errorf("%w: the server answers %d%s", adapters.ErrConfiguration, got.status, issues(got.body))
	}
}

// refusedWrite is the error for a create or update that was not taken.
func (s *Server) refusedWrite(got answer) error {
	if got.status == http.StatusPreconditionFailed && meaningOf(got) == unsaid || areSeveral(got) {
		return errSeveral
	}
	switch meaning := meaningOf(got); {
	case badRequest(got) && meaning == notFound:
		return fmt.Errorf("%w: the server answers %d%s", adapters.ErrNotFound, got.status, issues(got.body))
	case isGateway(got):
		return fmt.Errorf("the server answers %d without an outcome", got.status)
	case (badRequest(got) || got.status == http.StatusRequestEntityTooLarge) && meaning == unsaid:
		return fmt.Errorf("%w: the server answers %d%s", adapters.ErrWrongContent, got.status, issues(got.body))
	default:
		return s.refusedQuestion(got)
	}
}

// meaning is what an OperationOutcome says beyond the status, which often is 400 or 422 whatever the trouble.
type meaning int

const (
	unsaid        meaning = iota
	transient             // try again
	throttled             // try again later
	notFound              // something that the request refers to: the patient
	configuration         // who we are and what we may, or what the server can't do
)

// meaningOf reads the issues that refused the request by their types, as R4's IssueType groups them: security,
// transient (exception among them), and what of processing is not about the text. Where several speak, our
// configuration goes before what passes, and both before what is missing.
func meaningOf(got answer) meaning {
	said := unsaid
	for _, issue := range outcomeOf(got.body) {
		if slices.Contains([]string{"warning", "information", "success"}, issue.Severity) {
			continue
		}
		one := unsaid
		switch issue.Code {
		case "security", "login", "unknown", "expired", "forbidden", "suppressed", "not-supported":
			one = configuration
		case "throttled":
			one = throttled
		case "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "conflict",
			"too-costly":
			one = transient
		case "not-found", "deleted":
			one = notFound
		}
		if said == unsaid || one == configuration || said == notFound && one != unsaid {
			said = one
		}
	}
	return said
}

// errSeveral is one message's affair: repeating it changes nothing, and all others can be filed.
var errSeveral = fmt.Errorf("%w: the server holds several entries under this key", adapters.ErrWrongContent)

// areSeveral says whether a create was refused because several such resources are there.
func areSeveral(got answer) bool {
	return slices.ContainsFunc(outcomeOf(got.body), func(one issue) bool { return one.Code == "multiple-matches" })
}

// isDuplicate says whether a create was refused because such a resource is there.
func isDuplicate(got answer) bool {
	return slices.ContainsFunc(outcomeOf(got.body), func(one issue) bool { return one.Code == "duplicate" })
}

// badRequest says that the request was understood to be for this server, and was refused.
func badRequest(got answer) bool {
	return got.status == http.StatusBadRequest || got.status == http.StatusUnprocessableEntity
}

// isGateway says whether a refusal says something and is none of a FHIR server's: what stands before it answers 400 to
// a certificate that has run out, or to its own session's end. It says nothing of the one entry.
func isGateway(got answer) bool {
	outcome := bytes.Contains(got.body, []byte("OperationOutcome")) || len(outcomeOf(got.body)) > 0 // in XML too
	return badRequest(got) && !outcome && len(bytes.TrimSpace(got.body)) > 0
}

func passing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusConflict || status == http.StatusTooEarly ||
		status >= 500 && status != http.StatusNotImplemented
}

// issue is one of an OperationOutcome's.
type issue struct{ Severity, Code string }

// outcomeOf are the issues of an OperationOutcome, none of anything else: a gateway's page is no outcome. What refused
// a request may come behind many warnings.
func outcomeOf(body []byte) []issue {
	var outcome struct{ Issue []issue }
	if err := json.Unmarshal(body, &outcome); err != nil {
		return nil
	}
	return outcome.Issue
}

// mostIssues is how many of an outcome's codes are logged.
const mostIssues = 5

// issues is what may be logged of an OperationOutcome: its codes, from a fixed list. Its texts may repeat what was
// sent.
func issues(body []byte) string {
	codes := ""
	list := outcomeOf(body)
	for _, issue := range list[:min(len(list), mostIssues)] {
		if len(issue.Code) <= 20 && strings.Trim(issue.Code, "abcdefghijklmnopqrstuvwxyz-") == "" {
			codes += " " + issue.Code
		}
	}
	return codes
}

// idOf returns the id in a reference to a resource of this server, "Patient/p1" or absolute; empty for any other.
func (s *Server) idOf(resourceType, reference string) string {
	parts := strings.Split(strings.TrimPrefix(reference, s.base+"/"), "/")
	versioned := len(parts) == 4 && parts[2] == "_history"
	if len(parts) != 2 && !versioned || parts[0] != resourceType || !isID(parts[1]) {
		return ""
	}
	return parts[1]
}

// isID says whether a text can be a resource's id (R4, datatypes, id), those apart that would change a path.
func isID(text string) bool {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."
	return text != "" && text != "." && text != ".." && len(text) <= 64 && strings.Trim(text, signs) == ""
}

// literal keeps , | $ and \ from being read as a search's own signs (R4, search, escaping).
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(text)
}
