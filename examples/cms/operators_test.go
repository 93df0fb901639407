package main

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// River's own page is the operators' alone: no member of staff gets to it, nor another site's page by an operator's
// browser, and without a password there is none.
func TestRiversPageIsTheOperators(t *testing.T) {
	t.Parallel()
	const password = "operators-own"
	host := startHostIn(t, []string{"OPERATOR_PASSWORD=" + password}, []string{password})
	amira := newBrowser(t, host.URL)
	amira.form("/sign-in", url.Values{"staff": {"amira"}})
	amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1001/messages",
		map[string]string{"medium": "email", "subject": "Hello", "body": "How are you?"}, nil, "Idempotency-Key", "river-ui")
	for _, path := range []string{riverPath, riverPath + "/", riverPath + "/api/jobs?state=completed"} {
		status, _ := amira.page(path)
		require.Equal(t, http.StatusUnauthorized, status, path)
	}
	signIn := []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("operator:"+password))}
	operator := newBrowser(t, host.URL)
	status, _, page := operator.request(http.MethodGet, riverPath+"/", "", "", signIn...)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, riverPath+"/assets/")
	status, _, queues := operator.request(http.MethodGet, riverPath+"/api/queues?limit=100", "", "", signIn...)
	require.Equal(t, http.StatusOK, status, queues)
	require.Contains(t, queues, "messenger")
	status, _, _ = operator.request(http.MethodPost, riverPath+"/api/jobs/cancel", "application/json", `{"ids":["1"]}`,
		append(signIn, "Sec-Fetch-Site", "cross-site")...)
	require.Equal(t, http.StatusForbidden, status)

	plain := newBrowser(t, startHost(t, migrationtest.Migrated(t), "").URL)
	status, _, _ = plain.request(http.MethodGet, riverPath+"/", "", "", signIn...)
	require.Equal(t, http.StatusNotFound, status)
}
