package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// staffLeft writes that somebody works here no more, ends their sessions, and tells Messenger. A second call tells it
// again: so whoever was killed between the two is gone on with.
func (h *host) staffLeft(
	ctx context.Context, organisation adapters.OrganisationID, id, to adapters.StaffID,
) error {
	err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update cms_staff set left_at = coalesce(left_at, now())
			where id = $1 and organisation_id = $2`, id, organisation)
		if err != nil {
			return err //nolint:wrapcheck // below
		}
		if tag.RowsAffected() == 0 {
			return adapters.ErrNotFound
		}
		_, err = tx.Exec(ctx, `delete from cms_sessions where staff_id = $1`, id)
		return err //nolint:wrapcheck // below
	})
	if err != nil {
		return fmt.Errorf("cms: a colleague left: %w", err)
	}
	return h.messenger.StaffLeft(ctx, organisation, id, to) //nolint:wrapcheck // its errors are for people
}

// staffPage lists who works here, for who manages.
func (h *host) staffPage(w http.ResponseWriter, r *http.Request) {
	h.showStaff(w, r, http.StatusOK, "")
}

func (h *host) showStaff(w http.ResponseWriter, r *http.Request, status int, fault string) {
	asker := member(r.Context())
	if !asker.Manages {
		h.refuse(w, r, http.StatusForbidden, "Only who manages sees this.")
		return
	}
	colleagues, err := h.staff.members(r.Context(), `s.organisation_id = $1 order by s.name`, asker.Organisation)
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, status, "staff.html", page{Title: "Staff", Here: "staff", Error: fault, Colleagues: colleagues})
}

// leave is what who manages does when a colleague works here no more.
func (h *host) leave(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	asker := member(r.Context())
	id, to := adapters.StaffID(chi.URLParam(r, "id")), adapters.StaffID(clean(r.PostFormValue("to")))
	if !asker.Manages {
		h.refuse(w, r, http.StatusForbidden, "Only who manages says that somebody has left.")
		return
	}
	named := []adapters.StaffID{id}
	if to != "" {
		named = append(named, to)
	}
	found, err := h.staff.Members(r.Context(), asker.Organisation, named...)
	switch {
	case err != nil:
		h.problem(w, r, err)
	case id == asker.ID || id == to || len(found) != len(named):
		h.showStaff(w, r, http.StatusUnprocessableEntity,
			"Name a colleague who works here, not yourself, and another one for their conversations, or nobody.")
	default:
		if err := h.staffLeft(r.Context(), asker.Organisation, id, to); err != nil {
			h.problem(w, r, err)
			return
		}
		http.Redirect(w, r, "/staff", http.StatusSeeOther)
	}
}

// discharge writes that a client has left the service, after a last message where there is one, and tells Messenger.
func (h *host) discharge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	id, organisation := adapters.ClientID(chi.URLParam(r, "id")), member(r.Context()).Organisation
	client, err := h.directory.profile(r.Context(), organisation, id)
	if err != nil {
		h.problem(w, r, err)
		return
	}
	closing := strings.TrimSpace(strings.ToValidUTF8(r.PostFormValue("closing"), ""))
	if closing != "" && client.DischargedOn == "" {
		why, err := h.sendClosing(r.Context(), client.Client, closing)
		if why != "" {
			h.refuse(w, r, http.StatusUnprocessableEntity, why)
			return
		}
		if err != nil {
			h.notDone(w, r, err)
			return
		}
	}
	err = h.directory.change(r.Context(), `update cms_clients set discharged_on = coalesce(discharged_on, current_date)
		where organisation_id = $1 and id = $2`, organisation, id)
	if err == nil {
		err = h.messenger.ClientDischarged(r.Context(), organisation, id)
	}
	h.backToClient(w, r, id, err)
}

// errWaits takes back a last message that would not go out at once.
var errWaits = errors.New("cms: the message waits")

// sendClosing sends a last message, by email where there is an address and it is safe, which the discharge does not
// take back. It asks for no reply: the link goes off. Why there can't be one is for people to read: what is only
// private stands behind the link, and what waits would be cancelled by the discharge.
func (h *host) sendClosing(ctx context.Context, client adapters.Client, text string) (why string, err error) {
	const without = "Ring them, or discharge without a closing message."
	card := client.SafeContact
	if client.Restricted || card != nil && card.NoWords {
		return "What is written to this client stands behind the link, which goes off. " + without, nil
	}
	by := closingBy(client)
	if by == "" {
		return "There is no way to write to this client. " + without, nil
	}
	last := messenger.SendParams{
		Client: client.ID, Medium: by, Subject: "The end of your time with {{organisation}}", Body: text,
		Key: "closing-" + string(client.ID), NoReplyLink: true,
	}
	if by == adapters.SMS {
		last.Subject = ""
	}
	prepared, err := h.messenger.Prepare(ctx, last)
	if err != nil {
		return "", err //nolint:wrapcheck // its errors are for people
	}
	err = pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		message, err := prepared.SendTx(ctx, tx)
		if err == nil && message.Delivery.Status == messenger.DeliveryScheduled {
			safe := message.SendAfter.In(messenger.Zone(adapters.Organisation{}))
			why = "It is not safe to write to this client before " + safe.Format("Monday 2 January, 15:04") +
				". Discharge them then. " + without
			return errWaits
		}
		return err //nolint:wrapcheck // its errors are for people
	})
	if errors.Is(err, errWaits) {
		return why, nil
	}
	return "", err //nolint:wrapcheck // its errors are for people
}

// closingBy is the way of a last message: email where that may be, or else a text; empty where none may be written.
func closingBy(c adapters.Client) adapters.Medium {
	card := c.SafeContact
	if c.Deceased || c.Restricted || card != nil && card.NoWords {
		return ""
	}
	may := func(medium adapters.Medium, address string) bool {
		safe := card == nil || len(card.Media) == 0 || slices.Contains(card.Media, medium)
		return address != "" && safe && !slices.Contains(c.Objects, medium)
	}
	switch {
	case may(adapters.Email, c.Email):
		return adapters.Email
	case may(adapters.SMS, c.Phone):
		return adapters.SMS
	}
	return ""
}

// merge writes that a client is one person with another, who goes on, and tells Messenger. A second time tells it
// again.
func (h *host) merge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	from, organisation := adapters.ClientID(chi.URLParam(r, "id")), member(r.Context()).Organisation
	into := adapters.ClientID(clean(r.PostFormValue("into")))
	found, err := h.directory.Get(r.Context(), organisation, []adapters.ClientID{into})
	if err != nil {
		h.problem(w, r, err)
		return
	}
	if _, known := found[into]; !known || from == into {
		h.refuse(w, r, http.StatusUnprocessableEntity,
			"Name another client of this organisation, by the id in their profile's address.")
		return
	}
	err = h.directory.change(r.Context(), `update cms_clients set merged_into = $3
		where organisation_id = $1 and id = $2 and coalesce(merged_into, $3) = $3`, organisation, from, into)
	if err == nil {
		err = h.messenger.ClientMerged(r.Context(), organisation, from, into)
	}
	h.backToClient(w, r, into, err)
}

// refuse says to a person why something is not done.
func (h *host) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	h.show(w, r, status, "problem.html", page{Title: "Not done", Error: why})
}

// notDone tells a person what Messenger refused.
func (h *host) notDone(w http.ResponseWriter, r *http.Request, err error) {
	var refused *messenger.Error
	if errors.As(err, &refused) && refused.Code != messenger.CodeInternal && refused.Code != messenger.CodeUnavailable {
		h.refuse(w, r, http.StatusUnprocessableEntity, refused.Message)
		return
	}
	h.problem(w, r, err)
}
