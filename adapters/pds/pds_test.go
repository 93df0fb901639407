package pds_test

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/pds"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// TestAgainstTheOpenAPIDocument: Prism refuses a request that the official document does not allow.
func TestAgainstTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	prism, err := url.Parse(testpeer.Start(t, "prism.mjs", "testdata/openapi.read.json", "errors"))
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(prism)
		r.Out.URL.Path = r.In.URL.Path[len(path):]
	}}
	p := newPlatform(t, proxy.ServeHTTP)
	answer, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "900 000 0009")
	require.NoError(t, err)
	requireJane(t, answer)

	asked := p.asked()
	require.Len(t, asked, 1)
	require.Equal(t, http.MethodGet, asked[0].Method)
	require.Equal(t, path+"/Patient/9000000009", asked[0].RequestURI)
	require.Equal(t, "Bearer token-1", asked[0].Header.Get("Authorization"))
	require.Equal(t, "application/fhir+json", asked[0].Header.Get("Accept"))
	require.Equal(t, "Y12345", asked[0].Header.Get("NHSD-End-User-Organisation-ODS"))
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, asked[0].Header.Get("X-Request-ID"))

	// The mock is worth something: without the header it refuses.
	response, err := http.Get(prism.String() + "/Patient/9000000009")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
}

func requireJane(t *testing.T, answer pds.Answer) {
	t.Helper()
	require.Equal(t, pds.Answer{
		Client: adapters.Client{
			Name: "Jane Smith", FirstName: "Jane", NHSNumber: "9000000009", DateOfBirth: "2010-10-22", Phone: "01632960587",
			GP: adapters.GP{ODSCode: "Y12345"}, Deceased: true,
			Needs: []string{"braille", "an interpreter (French)"}, Language: "fr",
		},
		Version: "2", At: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC),
	}, answer)
}

func TestOfficialExamples(t *testing.T) {
	t.Parallel()
	answer, err := newPlatform(t, file(t, "Patient.json")).pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	requireJane(t, answer)

	later := func(c *pds.Config) { c.Now = func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) } }
	answer, err = newPlatform(t, file(t, "Patient.json")).pds(t, later).Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	require.Empty(t, answer.Client.Phone, "its time is over")
	require.Empty(t, answer.Client.GP)

	answer, err = newPlatform(t, file(t, "Sensitive_Patient.json")).pds(t, nil).Refresh(t.Context(), "org-1", "9000000025")
	require.NoError(t, err)
	require.True(t, answer.Client.Restricted)
	require.Equal(t, "Janet Smythe", answer.Client.Name)
	require.Empty(t, answer.Client.Phone+answer.Client.Email+answer.Client.GP.ODSCode)

	answer, err = newPlatform(t, file(t, "Minimal_Patient.json")).pds(t, nil).Refresh(t.Context(), "org-1", "9000000033")
	require.NoError(t, err)
	require.Equal(t, adapters.Client{NHSNumber: "9000000033"}, answer.Client)
}

func TestSuperseded(t *testing.T) {
	t.Parallel()
	answer, err := newPlatform(t, file(t, "Patient.json")).pds(t, nil).Refresh(t.Context(), "org-1", "9000000025")
	require.NoError(t, err)
	require.True(t, answer.Superseded)
	require.Equal(t, "9000000009", answer.Client.NHSNumber)
}

func TestWithoutALabelIsRestricted(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, text(http.StatusOK, `{"resourceType":"Patient","id":"9000000009"}`))
	answer, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	require.True(t, answer.Client.Restricted)
	require.Empty(t, answer.Client.NHSNumber, "PDS does not call it verified")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	service := newPlatform(t, file(t, "Patient.json")).pds(t, nil)
	_, err := service.Verify(t.Context(), "org-1", "9000000009", "2010-10-22")
	require.NoError(t, err)
	for _, day := range []string{"2010-10-23", "", "2010"} {
		_, err := service.Verify(t.Context(), "org-1", "9000000009", day)
		require.ErrorIs(t, err, adapters.ErrNotFound, day)
	}
	minimal := newPlatform(t, file(t, "Minimal_Patient.json")).pds(t, nil)
	_, err = minimal.Verify(t.Context(), "org-1", "9000000033", "")
	require.ErrorIs(t, err, adapters.ErrNotFound, "no date verifies nothing")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer http.HandlerFunc
		want   error
		asked  int
	}{
		{outcome(400, "INVALID_RESOURCE_ID"), adapters.ErrNotFound, 1},
		{outcome(400, "MISSING_VALUE"), adapters.ErrConfiguration, 1},
		{outcome(400, "UNSUPPORTED_SERVICE"), adapters.ErrConfiguration, 1},
		{outcome(401, "ACCESS_DENIED"), adapters.ErrConfiguration, 2},
		{outcome(403, "ACCESS_DENIED"), adapters.ErrConfiguration, 1},
		{outcome(404, "RESOURCE_NOT_FOUND"), adapters.ErrNotFound, 1},
		{outcome(404, "INVALIDATED_RESOURCE"), pds.ErrInvalidated, 1},
		{outcome(404, "Jane Smith"), adapters.ErrConfiguration, 1},
		{text(404, "no such page"), adapters.ErrConfiguration, 1},
		{text(302, ""), adapters.ErrConfiguration, 1},
		{outcome(408, "UNABLE_TO_CALL_SERVICE"), nil, 3},
		{outcome(400, "UNABLE_TO_CALL_SERVICE"), nil, 1},
		{text(500, ""), nil, 3},
		{text(503, ""), nil, 3},
		{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, 0}, // the transport asks again too
		{text(200, "<html>"), nil, 1},
		{text(200, `{"resourceType":"Bundle"}`), nil, 1},
		{text(200,
			`{"resourceType":"Patient","id":"9000000009","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000025"}]}`), nil, 1},
	} {
		p := newPlatform(t, test.answer)
		_, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
		require.Error(t, err)
		if test.asked > 0 {
			require.Len(t, p.asked(), test.asked, "%v", err)
		}
		for _, unsaid := range []string{"Jane", "9000000009", "hunter2", "token-1"} {
			require.NotContains(t, err.Error(), unsaid)
		}
		if test.want != nil {
			require.ErrorIs(t, err, test.want)
			continue
		}
		for _, one := range []error{adapters.ErrConfiguration, adapters.ErrNotFound, adapters.ErrWrongContent} {
			require.NotErrorIs(t, err, one)
		}
	}
	require.ErrorIs(t, pds.ErrInvalidated, adapters.ErrNotFound)
}

func TestAskedAgainWithTheSameRequestID(t *testing.T) {
	t.Parallel()
	patient, calls := file(t, "Patient.json"), 0
	p := newPlatform(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls < 3 {
			text(http.StatusServiceUnavailable, "")(w, r)
			return
		}
		patient(w, r)
	})
	service := p.pds(t, nil)
	_, err := service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	_, err = service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	asked := p.asked()
	require.Len(t, asked, 4)
	first := asked[0].Header.Get("X-Request-ID")
	require.Equal(t, first, asked[1].Header.Get("X-Request-ID"))
	require.Equal(t, first, asked[2].Header.Get("X-Request-ID"))
	require.NotEqual(t, first, asked[3].Header.Get("X-Request-ID"), "another question is another request")
}

func TestAWithdrawnTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	patient := file(t, "Patient.json")
	p := newPlatform(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			outcome(http.StatusUnauthorized, "ACCESS_DENIED")(w, r)
			return
		}
		patient(w, r)
	})
	_, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	require.Len(t, p.asked(), 2)
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	_, err := p.pds(t, nil).Refresh(t.Context(), "org-2", "9000000009")
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Empty(t, p.asked())
	_, err = p.pds(t, func(c *pds.Config) { c.ODSCodes = nil }).Refresh(t.Context(), "org-2", "9000000009")
	require.NoError(t, err)
	require.NotContains(t, p.asked()[0].Header, http.CanonicalHeaderKey("NHSD-End-User-Organisation-ODS"))
}

func TestNumbersThatCannotBeAreNotAskedFor(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	for _, number := range []string{"", "9000000000", "0000000000", "../Patient", "9000000009/x"} {
		_, err := p.pds(t, nil).Refresh(t.Context(), "org-1", number)
		require.ErrorIs(t, err, adapters.ErrNotFound)
	}
	require.Empty(t, p.asked())
}

func TestRedirectsGetNoCredentials(t *testing.T) {
	t.Parallel()
	elsewhere := newPlatform(t, file(t, "Patient.json"))
	p := newPlatform(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Empty(t, elsewhere.asked())
}

func TestCredentialsAreNeverShown(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	service := p.pds(t, nil)
	_, err := service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	config := p.config()
	printed := fmt.Sprintf("%+v %#v %v %+v %+v", config, config, &config, service, *service)
	require.NotContains(t, printed, "hunter2")
	require.NotContains(t, printed, "PRIVATE KEY")
	require.NotContains(t, printed, "token-1")
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	for name, change := range map[string]func(*pds.Config){
		"address":       func(c *pds.Config) { c.BaseURL = "http://api.example.org" },
		"token address": func(c *pds.Config) { c.TokenURL = "x" },
		"API key":       func(c *pds.Config) { c.APIKey = "" }, "key id": func(c *pds.Config) { c.KeyID = "" },
		"key": func(c *pds.Config) { c.PrivateKey = []byte("hunter2") },
	} {
		config := p.config()
		change(&config)
		_, err := pds.New(config)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2")
	}
	config := p.config()
	config.BaseURL = ""
	_, err := pds.New(config)
	require.NoError(t, err, "production's addresses are the default")
}
