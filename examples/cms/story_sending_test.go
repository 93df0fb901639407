package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *story) texts() {
	person := s.withoutChannel("sms")
	var sent apiSent
	s.amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+person.ID+"/messages",
		object{"medium": "sms", "body": "Hello {{first_name}}, see you at ten."}, &sent)
	got := inOutbox(s.T, s.amira, sent.Message.ID)
	require.Equal(s, "sms", got.Medium)
	require.True(s, strings.HasPrefix(got.To, "+447700900"))
	require.Contains(s, got.Text, "see you at ten.")
	linkIn(s.T, got.Text)
	require.Equal(s, "forbidden", s.chloe.refused(http.StatusForbidden, http.MethodPost, "/clients/"+person.ID+"/messages",
		object{"medium": "sms", "body": "Hello"}), "chloe has no text messaging")
}

func (s *story) cancel() {
	person := s.withoutChannel("email")
	var sent apiSent
	s.amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+person.ID+"/messages", object{
		"medium": "email", "subject": "Later", "body": "Not yet.",
		"send_after": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}, &sent)
	require.Equal(s, "scheduled", sent.Message.Delivery.Status)
	var cancelled apiMessage
	s.amira.api(http.StatusOK, http.MethodPost, "/messages/"+sent.Message.ID+"/cancel", nil, &cancelled)
	require.Equal(s, "cancelled", cancelled.Delivery.Status)
	require.Equal(s, "already_sent",
		s.amira.refused(http.StatusConflict, http.MethodPost, "/messages/"+s.first.ID+"/cancel", nil))
}

// failures goes through what the seed left in need of a person.
func (s *story) failures() {
	var page apiPage[apiChannel]
	s.amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?show=attention", nil, &page)
	byWhy := map[string]apiChannel{}
	for _, item := range page.Items {
		for _, why := range item.Attention {
			byWhy[why] = item
		}
	}
	require.Contains(s, byWhy, "delivery_failed")
	require.Contains(s, byWhy, "record_failed")

	failed := byWhy["delivery_failed"]
	message := s.newest(failed.ID)
	require.Equal(s, "wrong_contact", message.Delivery.Reason)
	const email, phone = "client.corrected@example.org", "07700 900321"
	if s.corrected != nil {
		s.corrected(s.T, failed.ClientID, email, phone)
	}
	status, _ := s.amira.form("/clients/"+failed.ClientID+"/contact", url.Values{"email": {email}, "phone": {phone}})
	require.Equal(s, http.StatusSeeOther, status)
	s.amira.api(http.StatusOK, http.MethodPost, "/messages/"+message.ID+"/retry", nil, nil)
	s.until(failed.ID, message.ID, func(m apiMessage) bool { return m.Delivery.Status == "sent" })
	require.Equal(s, email, s.emailed(s.T, message.ID).To, "to the address as it is now")
	require.Eventually(s, func() bool { return len(s.opened(s.amira, failed.ID).Attention) == 0 }, patience,
		30*time.Millisecond)
	require.Equal(s, "nothing_to_do",
		s.amira.refused(http.StatusConflict, http.MethodPost, "/messages/"+message.ID+"/retry", nil))

	unfiled := byWhy["record_failed"]
	message = s.newest(unfiled.ID)
	require.Equal(s, "failed", message.Record.Status)
	s.amira.api(http.StatusOK, http.MethodPost, "/messages/"+message.ID+"/resolve",
		object{"of": "record", "note": "Written into the record by hand."}, nil)
	require.Empty(s, s.opened(s.amira, unfiled.ID).Attention)
	require.Equal(s, "failed", s.newest(unfiled.ID).Record.Status, "the failure stays to be seen")

	var sent apiMessage
	s.amira.api(http.StatusAccepted, http.MethodPost, "/channels/"+unfiled.ID+"/messages",
		object{"medium": "email", "subject": "Again", "body": "Hello again."}, &sent)
	s.until(unfiled.ID, sent.ID, func(m apiMessage) bool { return m.Record.Status == "failed" })
	if s.registered != nil {
		s.registered(s.T, unfiled.ClientID)
	}
	status, _ = s.amira.form("/clients/"+unfiled.ClientID+"/register", nil)
	require.Equal(s, http.StatusSeeOther, status)
	s.amira.api(http.StatusOK, http.MethodPost, "/messages/"+sent.ID+"/record", nil, nil)
	s.until(unfiled.ID, sent.ID, func(m apiMessage) bool { return m.Record.Status == "saved" })
	require.Len(s, s.entries(sent.ID), 1)
}
