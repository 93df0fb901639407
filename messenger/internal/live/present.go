package live

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Present is somebody who has a channel open. It is told to who watches the inbox then, and to nobody who resumes: it
// has no place in the run of events.
type Present struct {
	Staff   adapters.StaffID `json:"s"`
	Name    string           `json:"n"`
	Writing bool             `json:"w,omitempty"`
}

// PresentFor is how long somebody counts as present who has not said so again.
const PresentFor = 30 * time.Second

// heard is a presence, and when it was heard.
type heard struct {
	Change
	at time.Time
}

// arrived remembers who has a channel open, and returns what is told of it: where they were not there before, also who
// else is, so that they learn it at once.
func (h *Hub[E]) arrived(c Change) []Change {
	now := h.config.Now()
	before := len(h.present[c.Channel])
	others := slices.DeleteFunc(h.present[c.Channel], func(one heard) bool { return one.Present.Staff == c.Present.Staff })
	known := len(others) < before
	others = slices.DeleteFunc(others, func(one heard) bool { return one.isOver(now) })
	h.present[c.Channel] = append(others, heard{c, now})
	told := []Change{c}
	if !known {
		for _, one := range others {
			told = append(told, one.Change)
		}
	}
	return told
}

func (one heard) isOver(now time.Time) bool { return now.Sub(one.at) > PresentFor }

// forget drops the channels that nobody has open any more.
func (h *Hub[E]) forget() {
	if len(h.present) == 0 {
		return
	}
	now := h.config.Now()
	maps.DeleteFunc(h.present, func(_ uuid.UUID, all []heard) bool {
		return !slices.ContainsFunc(all, func(one heard) bool { return !one.isOver(now) })
	})
}
