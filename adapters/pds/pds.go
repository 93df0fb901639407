package pds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/nhsauth"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
)

// attempts is how often one question is put: the first time, and again with the same X-Request-ID when no answer came.
const attempts = 3

// ErrInvalidated says that the number was taken out of use: nobody may be written to, or filed, under it. It is an
// adapters.ErrNotFound.
var ErrInvalidated = fmt.Errorf("pds: the NHS number was invalidated: %w", adapters.ErrNotFound)

// Config is what the API platform gave the application. It prints as nothing.
type Config struct {
	// BaseURL is the API's, "https://int.api.service.nhs.uk/personal-demographics/FHIR/R4" for integration tests; empty:
	// production's.
	BaseURL string
	// TokenURL issues tokens, and is their audience to the letter; empty: /oauth2/token on BaseURL's host.
	TokenURL string
	APIKey   string `json:"-"` // of the application
	KeyID    string // under which its public key is registered: "live-1"
	// PrivateKey is the key in PEM, PKCS #1 or PKCS #8.
	PrivateKey []byte `json:"-"`
	// ODSCodes are the codes of the organisations on whose behalf is asked. The API wants them of software that serves
	// several. Nil: none is named; otherwise one that is not here is ErrConfiguration.
	ODSCodes map[adapters.OrganisationID]string
	// PerSecond is how many requests this process may make a second; 0: 5, which is what an application is given, all its
	// processes together.
	PerSecond int
	Client    *http.Client     // the host's own; nil: one with a limit of 10 seconds a call
	Now       func() time.Time // nil: time.Now
}

// Format prints a fixed word in place of everything, under every verb.
func (Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("pds.Config{…}")) }

// PDS is the Personal Demographics Service. Make one with New; it may be used by many goroutines.
type PDS struct {
	base     string
	odsCodes map[adapters.OrganisationID]string
	client   *http.Client
	tokens   *nhsauth.Tokens
	pace     *pace
	now      func() time.Time
}

// New checks the settings; it calls nobody.
func New(config Config) (*PDS, error) {
	if config.BaseURL == "" {
		config.BaseURL = "https://api.service.nhs.uk/personal-demographics/FHIR/R4"
	}
	base, err := httpcall.SecureBaseURL(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("pds: base address: %w", err)
	}
	if config.TokenURL == "" {
		scheme, rest, _ := strings.Cut(base, "://")
		host, _, _ := strings.Cut(rest, "/")
		config.TokenURL = scheme + "://" + host + "/oauth2/token"
	}
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // the default of the setting
	}
	if config.PerSecond <= 0 {
		config.PerSecond = 5
	}
	key, err := nhsauth.ParsePrivateKey(config.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	client := httpcall.Client(config.Client, 10*time.Second)
	tokens, err := nhsauth.New(nhsauth.Config{
		TokenURL: config.TokenURL, APIKey: config.APIKey, KeyID: config.KeyID, PrivateKey: key, Client: client,
		Now: config.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	return &PDS{
		base: base, odsCodes: config.ODSCodes, client: client, tokens: tokens, now: config.Now,
		pace: newPace(time.Second/time.Duration(config.PerSecond), config.Now),
	}, nil
}

// Answer is what PDS has of a person.
type Answer struct {
	// Client has no ID: that is the host's. Its NHSNumber is the one in use now, empty when PDS does not call it verified.
	// Its GP has a code and no name: names come from ODS. Details whose time is over are left out, and PDS leaves out the
	// address, phone, email and GP of a restricted person.
	Client adapters.Client
	// Superseded says that the number asked for was replaced by Client.NHSNumber: store that, and make sure first that no
	// other client has it.
	Superseded bool
	Version    string    // PDS's version of the record
	At         time.Time // when PDS said so (UTC)
}

// Refresh asks what PDS has under an NHS number. It waits its turn, and asks up to three times when no answer comes.
//
// Errors: adapters.ErrNotFound (no NHS number, or nobody's), ErrInvalidated, adapters.ErrConfiguration (key,
// application or organisation refused) and *adapters.RateLimitError. Anything else is passing.
func (p *PDS) Refresh(ctx context.Context, organisation adapters.OrganisationID, nhsNumber string) (Answer, error) {
	number, ok := nhsnumber.Parse(nhsNumber)
	if !ok {
		return Answer{}, fmt.Errorf("pds: refresh: not an NHS number: %w", adapters.ErrNotFound)
	}
	answer, err := p.person(ctx, organisation, number)
	if err != nil {
		return Answer{}, fmt.Errorf("pds: refresh: %w", err)
	}
	return answer, nil
}

// Verify is Refresh for a person said to be born on a day, "2006-01-02"; somebody born on another, or whose birth date
// PDS does not have in full, is ErrNotFound.
func (p *PDS) Verify(
	ctx context.Context, organisation adapters.OrganisationID, nhsNumber, dateOfBirth string,
) (Answer, error) {
	answer, err := p.Refresh(ctx, organisation, nhsNumber)
	if err != nil {
		return Answer{}, err
	}
	if dateOfBirth == "" || answer.Client.DateOfBirth != dateOfBirth {
		return Answer{}, fmt.Errorf("pds: verify: another date of birth: %w", adapters.ErrNotFound)
	}
	return answer, nil
}

func (p *PDS) person(ctx context.Context, organisation adapters.OrganisationID, number string) (Answer, error) {
	header := http.Header{"Accept": {"application/fhir+json"}, "X-Request-Id": {uuid.NewString()}}
	if p.odsCodes != nil {
		code := p.odsCodes[organisation]
		if code == "" {
			return Answer{}, fmt.Errorf("%w: an organisation without an ODS code", adapters.ErrConfiguration)
		}
		header.Set("NHSD-End-User-Organisation-ODS", code)
	}
	said, err := p.ask(ctx, p.base+"/Patient/"+number, header)
	if err != nil {
		return Answer{}, err
	}
	if said.status != http.StatusOK {
		return Answer{}, p.refused(said)
	}
	return p.read(number, said)
}

// reply is what the service said.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask puts the question until there is an answer, the same question each time.
func (p *PDS) ask(ctx context.Context, address string, header http.Header) (said reply, err error) {
	refused := false
	for range attempts {
		if err := p.pace.wait(ctx); err != nil {
			return reply{}, err
		}
		token, tokenErr := p.tokens.Token(ctx)
		if tokenErr != nil {
			return reply{}, tokenErr
		}
		request, requestErr := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if requestErr != nil {
			return reply{}, fmt.Errorf("%w: address of the service", adapters.ErrConfiguration)
		}
		request.Header = header.Clone()
		request.Header.Set("Authorization", "Bearer "+token)
		response, body, doErr := httpcall.Do(p.client, request, 1<<20)
		said, err = reply{}, doErr
		if err == nil {
			said = reply{response.StatusCode, response.Header, body}
		}
		switch {
		case err != nil:
		case said.status == http.StatusUnauthorized && !refused: // the token may have been withdrawn
			refused = true
			p.tokens.Forget(token)
		case said.status == http.StatusRequestTimeout || said.status >= 500:
		default:
			return said, nil
		}
	}
	return said, err
}

func (p *PDS) refused(answer reply) error {
	status, said := answer.status, codeOf(answer.body)
	switch {
	case status == http.StatusNotFound && said == "INVALIDATED_RESOURCE":
		return ErrInvalidated
	case status == http.StatusNotFound && said == "RESOURCE_NOT_FOUND", said == "INVALID_RESOURCE_ID":
		return fmt.Errorf("%w: %s", adapters.ErrNotFound, said)
	case status == http.StatusTooManyRequests, said == "TOO_MANY_REQUESTS":
		return &adapters.RateLimitError{Until: httpcall.RetryAfter(answer.header, p.now())}
	case status == http.StatusRequestTimeout, status >= 500, said == "UNABLE_TO_CALL_SERVICE":
		return fmt.Errorf("the service answers %d %s", status, said)
	default:
		return fmt.Errorf("%w: the service answers %d %s", adapters.ErrConfiguration, status, said)
	}
}

// codeOf is the first Spine code of an OperationOutcome that we know; any other word may be anything, and is not
// logged.
func codeOf(body []byte) string {
	var outcome struct {
		Issue []struct {
			Details struct{ Coding []fhirpatient.Coding }
		}
	}
	if err := json.Unmarshal(body, &outcome); err != nil {
		return ""
	}
	for _, issue := range outcome.Issue {
		for _, coding := range issue.Details.Coding {
			switch coding.Code {
			case "INVALID_RESOURCE_ID", "MISSING_VALUE", "INVALID_VALUE", "UNSUPPORTED_SERVICE", "INVALID_SEARCH_DATA",
				"ADDITIONAL_PROPERTIES", "ACCESS_DENIED", "RESOURCE_NOT_FOUND", "INVALIDATED_RESOURCE", "UNABLE_TO_CALL_SERVICE",
				"TOO_MANY_REQUESTS":
				return coding.Code
			}
		}
	}
	return ""
}

func (p *PDS) read(asked string, said reply) (Answer, error) {
	var patient fhirpatient.Patient
	if err := json.Unmarshal(said.body, &patient); err != nil || patient.ResourceType != "Patient" {
		return Answer{}, errors.New("the service's answer is no patient")
	}
	number, ok := nhsnumber.Parse(patient.ID)
	now := p.now().UTC()
	// PDS labels every record, so that one without a label is taken as restricted.
	client := patient.Client(fhirpatient.Reading{Now: now, Unrestricted: []string{"U"}, LabelsAlways: true})
	if !ok || client.NHSNumber != "" && client.NHSNumber != number {
		return Answer{}, errors.New("the service's answer contradicts itself about the NHS number")
	}
	version := strings.Trim(strings.TrimPrefix(said.header.Get("ETag"), "W/"), `"`)
	return Answer{Client: client, Superseded: number != asked, Version: version, At: now}, nil
}
