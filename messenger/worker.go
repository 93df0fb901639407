package messenger

import (
	"time"

	"github.com/cmsmessenger/cmsmessenger/jobs"
)

// Jobs is what the host's River workers call: jobs.AddWorkers(workers, m.Jobs()). Nobody else needs it.
func (m *Messenger) Jobs() jobs.Handler { return worker{m} }

// worker does the jobs, so that their methods stand apart from those that a host calls.
type worker struct{ *Messenger }

// jobShift is how long one run of a long job goes on: the rest is another run's, so that no job's time runs out.
const jobShift = 10 * time.Second

// RiverSchema is where River's tables are, as Config has it; "" for the search path.
func (m *Messenger) RiverSchema() string { return m.config.RiverSchema }
