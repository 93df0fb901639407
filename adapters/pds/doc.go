// Package pds asks the Personal Demographics Service of NHS England (the PDS FHIR API, application-restricted) what it
// has under an NHS number, so that a host can keep its own client directory right: whether the number is the client's,
// the GP practice, contact details, and whether the person is restricted or has died.
//
// It is for background work and is no adapters.Clients. Staff who look somebody up must be signed in to NHS Care
// Identity themselves (healthcare worker access), which this package does not do, and an application may ask five times
// a second.
//
// # What it needs
//
// An application on the API platform with access to the PDS FHIR API, whose public key is registered there under a key
// id, and approval for application-restricted access. The platform's token service is asked for a token some six times
// an hour.
//
// # A whole example
//
//	service, err := pds.New(pds.Config{
//		APIKey: os.Getenv("PDS_API_KEY"), KeyID: "live-1", PrivateKey: pem, // an RSA key in PEM
//		ODSCodes: map[adapters.OrganisationID]string{"org-1": "Y12345"},
//	})
//	…
//	// each night, client after client
//	answer, err := service.Verify(ctx, "org-1", client.NHSNumber, client.DateOfBirth)
//	switch {
//	case errors.Is(err, pds.ErrInvalidated), errors.Is(err, adapters.ErrNotFound):
//		// not this person's number: take it out of your directory and have a person look
//	case err != nil:
//		// trouble, or a setting: leave what you have
//	case answer.Superseded:
//		// the number was replaced: store answer.Client.NHSNumber, after making sure that no other client has it
//	default:
//		// store restricted, deceased, GP, and what you take from PDS of names and contact details
//	}
//
// For a restricted person PDS gives no phone, email or GP. Do not keep showing older ones: the label is there because
// somebody must not find out where that person is.
//
// # What it can't do
//
//   - Search by name, or change anything in PDS.
//   - Name the practice: PDS gives its ODS code.
//   - Pace several processes together: give each its share in Config.PerSecond.
//   - Prove who somebody is: a number and a date of birth are known to families.
package pds
