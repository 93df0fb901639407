// Package fhir makes a FHIR R4 server Messenger's clinical record, as Communication resources, and its client
// directory, as Patient resources. The two work alone or together.
//
// # What it needs
//
// A server that speaks R4 (4.0.1) and JSON, and an account on it:
//
//   - for Clients: search of Patient by POST (_search) with _id or identifier, organization, name:contains, _count and
//     _sort; of Organization, Practitioner and PractitionerRole by _id, where patients refer to their surgery so.
//     Searches go by POST because addresses are logged and would hold names and NHS numbers;
//   - for Record: create of Communication with If-None-Exist, or else search of it by identifier
//     (RecordConfig.SearchFirst); read and update with If-Match, without which nothing is amended. Patients, unless
//     RecordConfig.Patients is nil. For the nightly comparison a search of Communication by up to fifty identifiers at
//     once, with _elements.
//
// # A whole example
//
//	server, err := fhir.NewServer(fhir.ServerConfig{
//		BaseURL: "https://fhir.example.org/R4",
//		Token:   fhir.Bearer(os.Getenv("FHIR_TOKEN")), // or a function that gets and keeps tokens
//	})
//	…
//	clients, err := fhir.NewClients(fhir.ClientsConfig{
//		Server:        server,
//		Organisations: map[adapters.OrganisationID]string{"org-1": "Organization/riverside"},
//	})
//	…
//	record, err := fhir.NewRecord(fhir.RecordConfig{
//		Server:   server,
//		System:   "https://messenger.example.org/id", // yours; never change it
//		Patients: clients,
//		Profiles: []string{
//			"https://example.org/fhir/StructureDefinition/Messenger-Communication", fhir.UKCoreCommunication,
//		},
//		ODSCodes: map[adapters.OrganisationID]string{"org-1": "Y12345"},
//	})
//	…
//	config.Clients, config.Record = clients, record
//
// # What is written
//
// One Communication a message, as testdata/StructureDefinition-Messenger-Communication.json describes it (valid R4, and
// so valid UK Core): identifier is the message, partOf its channel and inResponseTo the message that a reply answers,
// all under RecordConfig.System; status is completed, or not-done with a reason; sent and received are UTC; payload is
// the text as it was sent or received, with a space for each control character that FHIR forbids. An entry that the
// client may not see online carries the label NOPAT. How a reply's writer was checked, and who released a held one,
// stand in notes.
//
// Nothing is written about a patient the record does not have in use, or has under another NHS number. A merged
// patient's entries go to the one that replaced it.
//
// # What it can't do
//
//   - Tell one server's tenants apart other than by Patient.managingOrganization, or say what a person may see: give a
//     Token that depends on the context where the server decides that.
//   - Find clients by the beginning of an NHS number: a search of FHIR's takes whole ones.
//   - Rule out duplicates on servers that ignore If-None-Exist when two processes write one message at the same moment;
//     Messenger does not, unless a job outlives its lease.
//   - Withdraw an entry, send documents to a practice (GP Connect), or speak STU3, DSTU2 or XML.
//   - Hold back contact details of restricted clients: it marks them Restricted, and Messenger does the rest.
package fhir
