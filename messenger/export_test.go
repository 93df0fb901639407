package messenger

import "time"

// RecheckEvery sets how often a stream's permission is asked for again.
func (m *Messenger) RecheckEvery(d time.Duration) { m.hub.recheck = d }
