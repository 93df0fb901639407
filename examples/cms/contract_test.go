package main

// The shapes of the HTTP contract, as far as the tests read them.
type (
	apiChannel struct {
		ID             string   `json:"id"`
		StaffID        string   `json:"staff_id"`
		ClientID       string   `json:"client_id"`
		ClientName     string   `json:"client_name"`
		Status         string   `json:"status"`
		UnreadCount    int      `json:"unread_count"`
		RepliesAllowed bool     `json:"replies_allowed"`
		Attention      []string `json:"attention"`
		ReplyLink      string   `json:"reply_link"`
		RepliesOff     *struct {
			Why string `json:"why"`
		} `json:"replies_off"`
		LastMessage struct {
			ID        string `json:"id"`
			Direction string `json:"direction"`
			Preview   string `json:"preview"`
		} `json:"last_message"`
		Match *struct {
			Field   string `json:"field"`
			Excerpt string `json:"excerpt"`
		} `json:"match"`
	}
	apiMessage struct {
		ID        string `json:"id"`
		ChannelID string `json:"channel_id"`
		Seq       int    `json:"seq"`
		Direction string `json:"direction"`
		Medium    string `json:"medium"`
		Subject   string `json:"subject"`
		Body      string `json:"body"`
		Author    struct {
			Kind string `json:"kind"`
			ID   string `json:"id"`
		} `json:"author"`
		Delivery struct {
			Status string `json:"status"`
			Reason string `json:"reason"`
		} `json:"delivery"`
		Record struct {
			Status    string `json:"status"`
			Reason    string `json:"reason"`
			Reference string `json:"reference"`
		} `json:"record"`
		Verified string `json:"verified"`
		Read     *struct {
			By string `json:"by"`
		} `json:"read"`
	}
	apiPage[T any] struct {
		Items  []T    `json:"items"`
		Next   string `json:"next"`
		Counts *struct {
			Unread    int `json:"unread"`
			Open      int `json:"open"`
			Done      int `json:"done"`
			Attention int `json:"attention"`
		} `json:"counts"`
	}
	apiSent struct {
		Channel apiChannel `json:"channel"`
		Message apiMessage `json:"message"`
	}
	apiHistory struct {
		Actor struct {
			ID string `json:"id"`
		} `json:"actor"`
		OnBehalfOf string `json:"on_behalf_of"`
		Action     string `json:"action"`
	}
	apiNotification struct {
		ChannelID   string `json:"channel_id"`
		Read        bool   `json:"read"`
		UnreadCount int    `json:"unread_count"`
		URL         string `json:"url"`
		LastMessage struct {
			ID string `json:"id"`
		} `json:"last_message"`
	}
	apiClientRow struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		ChannelID string `json:"channel_id"`
	}
	object map[string]any
)
