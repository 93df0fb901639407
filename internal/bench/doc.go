// Package bench measures Messenger on a real PostgreSQL, each figure beside its own limit in the same run. It has tests
// only: see 'make bench' and 'make bench-scale'.
//
// The server is one of the package's own with PostgreSQL's default settings: it flushes to disk at each commit, as the
// tests' server does not. The limit of most figures is pgbench running the very statements that the service was seen to
// send, on the same tables. Ours and the limit take turns, three times each, after a checkpoint; a figure is the
// median.
package bench
