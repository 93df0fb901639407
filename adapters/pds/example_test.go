package pds_test

import (
	"context"
	"errors"
	"os"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/pds"
)

func ExampleNew() {
	service, err := pds.New(pds.Config{
		BaseURL: "https://int.api.service.nhs.uk/personal-demographics/FHIR/R4",
		APIKey:  os.Getenv("PDS_API_KEY"), KeyID: "int-1", PrivateKey: []byte(os.Getenv("PDS_PRIVATE_KEY")),
		ODSCodes: map[adapters.OrganisationID]string{"org-1": "Y12345"},
	})
	if err != nil {
		return // no credentials here
	}
	answer, err := service.Refresh(context.Background(), "org-1", "9000000009")
	switch {
	case errors.Is(err, pds.ErrInvalidated):
		// stop writing to the client, and have a person look
	case err == nil && answer.Superseded:
		// store answer.Client.NHSNumber, once no other client has it
	}
}
