package main

import (
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

func (s *story) colleagues() {
	_, _ = s.client.reply(s.link, "A reply for whoever is there.")
	reply := s.newest(s.channel)
	require.Equal(s, "unread", s.opened(s.chloe, s.channel).Status)
	s.chloe.api(http.StatusNoContent, http.MethodPost, "/channels/"+s.channel+"/read", object{"up_to": reply.ID}, nil)
	require.Equal(s, "unread", s.opened(s.amira, s.channel).Status, "the owner has not seen it")
	require.Equal(s, "forbidden", s.chloe.refused(http.StatusForbidden, http.MethodPost, "/channels/"+s.channel+"/read",
		object{"up_to": reply.ID, "on_behalf": true}))
	require.Empty(s, s.opened(s.chloe, s.channel).ReplyLink, "who may look but not act gets no link")
	require.Equal(s, "not_found", s.dev.refused(http.StatusNotFound, http.MethodGet, "/channels/"+s.channel, nil))
	require.Equal(s, "not_found", s.dev.refused(http.StatusNotFound, http.MethodGet, "/inboxes/amira/channels", nil))

	s.ben.api(http.StatusNoContent, http.MethodPost, "/channels/"+s.channel+"/read",
		object{"up_to": reply.ID, "on_behalf": true}, nil)
	require.Equal(s, "open", s.opened(s.amira, s.channel).Status)
	require.Equal(s, "ben", s.newest(s.channel).Read.By)
	var sent apiMessage
	s.ben.api(http.StatusAccepted, http.MethodPost, "/channels/"+s.channel+"/messages",
		object{"medium": "email", "subject": "From Ben", "body": "Amira is away today, so I answer."}, &sent)
	require.Equal(s, "ben", sent.Author.ID)
	require.Equal(s, "amira", s.opened(s.amira, s.channel).StaffID, "the channel stays its owner's")
	var inbox apiPage[apiChannel]
	s.ben.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?show=open&limit=100", nil, &inbox)
	require.True(s, slices.ContainsFunc(inbox.Items, func(c apiChannel) bool { return c.ID == s.channel }),
		"amira's inbox, as ben sees it")
	var inboxes apiPage[object]
	s.ben.api(http.StatusOK, http.MethodGet, "/inboxes", nil, &inboxes)
	require.Equal(s, "ben", inboxes.Items[0]["staff_id"], "own inbox first")
	require.Len(s, inboxes.Items, 7, "with hers who left")
}

func (s *story) replyLink() {
	s.amira.api(http.StatusOK, http.MethodPut, "/channels/"+s.channel+"/replies", object{"allowed": false}, nil)
	off := s.opened(s.amira, s.channel)
	require.False(s, off.RepliesAllowed)
	require.Empty(s, off.ReplyLink)
	require.Equal(s, "staff", off.RepliesOff.Why)
	status, gone := s.client.page(s.link)
	require.Equal(s, http.StatusNotFound, status)
	status, unknown := s.client.page(s.host.URL + "/m/r/AAAAAAAAAAAAAAAAAAAAAA")
	require.Equal(s, http.StatusNotFound, status)
	require.Equal(s, unknown, gone, "off and unknown are the same page")

	s.amira.api(http.StatusOK, http.MethodPut, "/channels/"+s.channel+"/replies", object{"allowed": true}, nil)
	require.Equal(s, s.link, s.opened(s.amira, s.channel).ReplyLink, "off-then-on keeps the same link")
	status, _ = s.client.page(s.link)
	require.Equal(s, http.StatusOK, status)

	var renewed apiChannel
	s.amira.api(http.StatusOK, http.MethodPost, "/channels/"+s.channel+"/reply-link", nil, &renewed)
	require.NotEqual(s, s.link, renewed.ReplyLink)
	status, _ = s.client.page(s.link)
	require.Equal(s, http.StatusNotFound, status, "the old link stops at once")
	s.link = renewed.ReplyLink
	status, _ = s.client.reply(s.link, "By the new link.")
	require.Equal(s, http.StatusOK, status)
	require.Equal(s, "By the new link.", s.newest(s.channel).Body)
}

func (s *story) history() {
	var page apiPage[apiHistory]
	s.amira.api(http.StatusOK, http.MethodGet, "/channels/"+s.channel+"/history?limit=100", nil, &page)
	actions := map[string]int{}
	for _, entry := range page.Items {
		actions[entry.Action+" "+entry.Actor.ID]++
	}
	for _, want := range []string{
		"created amira", "sent amira", "sent ben", "looked chloe", "read amira", "read ben", "done amira", "opened amira",
		"replies_off amira", "replies_on amira", "link_renewed amira",
	} {
		require.Contains(s, actions, want)
	}
	require.Equal(s, 1, actions["looked chloe"], "one look an hour")
	for _, entry := range page.Items {
		if entry.Actor.ID == "ben" {
			require.Equal(s, "amira", entry.OnBehalfOf)
		}
	}
}

func (s *story) otherOrganisation() {
	require.Equal(s, "not_found", s.esther.refused(http.StatusNotFound, http.MethodGet, "/channels/"+s.channel, nil))
	require.Equal(s, "not_found", s.esther.refused(http.StatusNotFound, http.MethodGet, "/clients/"+s.person.ID, nil))
	status, _ := s.esther.page("/clients/" + s.person.ID)
	require.Equal(s, http.StatusNotFound, status)
	for _, path := range []string{"/outbox.json", "/record.json"} {
		status, body := s.esther.page(path)
		require.Equal(s, http.StatusOK, status)
		require.NotContains(s, body, s.first.ID)
	}
}
