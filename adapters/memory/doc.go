// Package memory has a working set of adapters that keep everything in the memory of one process: for tests, examples
// and a first start. They pass the same suites of package adaptertest as every other adapter, and nothing survives a
// restart.
//
//	staff := memory.NewStaff()
//	staff.Add(adapters.Member{
//		ID: "s-1", Name: "Ada Bello", Organisation: "org-1", Media: []adapters.Medium{adapters.Email},
//	})
//	clients := memory.NewClients()
//	clients.Put("org-1", adapters.Client{ID: "c-1", Name: "Grace Okafor", Email: "grace@example.org"})
//	outbox := memory.NewSender("memory")
//
//	ctx := memory.SignIn(ctx, "s-1") // or memory.SignedIn as the middleware of a server
//
// Every adapter has a Script, with which a test makes it fail or wait. All methods are safe for concurrent use.
package memory
