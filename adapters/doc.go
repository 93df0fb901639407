// Package adapters holds the ports: what Messenger asks of the case-management system that embeds it. It has
// interfaces, the plain types that cross them, and a closed set of errors, and nothing else. A host's developer reads
// this package; everybody else wants package messenger.
//
//	Clients        required   who is this client, and which clients match these letters?
//	Staff          required   who is asking, and whose inboxes may they open and act in?
//	Sender         required   carry this email or text message; one for email, one for SMS, or both
//	Organisations  optional   an organisation's name, address and choices; see OneOrganisation
//	Record         optional   file this entry in the clinical record, once
//	Colleagues     optional   who else works here, and who may act in an inbox?
//	Lists          optional   the saved client lists, and who is on them
//	Events         optional   something happened that the host's own notification centre may want
//
// # What all ports share
//
// The first parameter is always a context. Requests by a signed-in person carry the context of their HTTP request, with
// whatever the host's own sign-in put there; jobs and the public reply page carry one without a person, and ask as the
// system. Every call names its organisation, and an answer never holds anything of another one. A call returns when
// its context ends. All methods may be called from many goroutines and many processes at once.
//
// An error that a port does not list is taken as passing trouble, and the call is repeated; for a Sender, and only
// there, it is an unknown outcome (see Sender). Errors never hold a name, a number, an address, a token or any text
// that a person wrote: Messenger logs them. A panic in a job's call is such an error too, and one in a request breaks
// its connection off; of either the type and the place are logged, never the value.
//
// # How to test yours
//
// Package adaptertest has a conformance suite for each port. One call in a test of yours runs it:
//
//	func TestClients(t *testing.T) { adaptertest.Clients(t, newHarness) }
//
// Package memory has a working set for tests and first steps; it passes the same suites.
package adapters
