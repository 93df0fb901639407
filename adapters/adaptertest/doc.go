// Package adaptertest tells whether an adapter keeps what its port promises: one conformance suite for each port of
// package adapters. A host calls them from its own tests, and so does every adapter of this module.
//
//	func TestClients(t *testing.T) {
//		t.Parallel()
//		adaptertest.Clients(t, func(t *testing.T) adaptertest.ClientsHarness {
//			db := newDatabase(t)
//			return adaptertest.ClientsHarness{
//				Clients: host.NewClients(db), Organisation: "org-1", Other: "org-2",
//				Put: …, Queries: db.Queries,
//			}
//		})
//	}
//
// The function that is handed over, the harness, makes a fresh adapter and says what the suite has to know of the
// system behind it. It is called once for each subtest, and cleans up by t.Cleanup. Fields that may be nil say so. A
// function of it that does not return within ten seconds fails the subtest by its name. The example of package
// messengertest has one over a table.
//
// The subtests of one suite run one after another; their names and failures say what the port asks.
//
// The people in the suites are synthetic.
package adaptertest
