package live

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Present is somebody who has a channel open, or has it open no more. It is told to who watches the inbox then, and to
// nobody who resumes: it has no place in the run of events.
type Present struct {
	Staff   adapters.StaffID `json:"s"`
	Name    string           `json:"n"`
	Writing bool             `json:"w,omitempty"`
	Gone    bool             `json:"g,omitempty"`
}

const (
	// PresentFor is how long somebody counts as present who has not said so again.
	PresentFor = 30 * time.Second

	// returns is how long somebody may be without a stream and not be gone: a page connects again, perhaps elsewhere.
	returns = 2 * time.Second
)

// heard is a presence, and when it was heard.
type heard struct {
	Change
	at time.Time
}

// arrived remembers who has a channel open, or forgets them, and returns what is told of it: where they were not there
// before, also who else is, so that they learn it at once.
func (h *Hub[E]) arrived(c Change) []Change {
	now := h.config.Now()
	before := len(h.present[c.Channel])
	others := slices.DeleteFunc(h.present[c.Channel], func(one heard) bool { return one.Present.Staff == c.Present.Staff })
	known := len(others) < before
	others = slices.DeleteFunc(others, func(one heard) bool { return one.isOver(now) })
	if c.Present.Gone {
		h.present[c.Channel] = others
		return []Change{c}
	}
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

// left tells that somebody whose last stream here has ended has no channel open any more, unless they came back. A page
// of theirs that has a stream of another process hears it, and says that it is there.
func (h *Hub[E]) left(by Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[by] > 0 || h.stopped {
		return
	}
	for _, all := range h.present {
		for _, one := range all {
			if one.Organisation == by.Organisation && one.Present.Staff == by.Staff {
				c := one.Change
				c.Present = &Present{Staff: by.Staff, Name: one.Present.Name, Gone: true}
				h.pending.add(c) // as Changed does before Run has ended, with the lock held
			}
		}
	}
}

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
