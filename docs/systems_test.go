package docs_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/pds"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What systems.md tells to write, over credentials of nobody's.
func TestSystems(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	privateKeyPEM := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	for name, value := range map[string]string{
		"NOTIFY_API_KEY":        "demo-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0",
		"NOTIFY_CALLBACK_TOKEN": "a token of your choice", "NHS_API_KEY": "key", "NHS_APPLICATION_ID": "application",
		"TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001", "TWILIO_AUTH_TOKEN": "the account's token",
		"SMTP_URL": "smtp://user:password@smtp.example.org:587", "FHIR_TOKEN": "token",
	} {
		t.Setenv(name, value)
	}
	var config messenger.Config
	require.NoError(t, govukNotify(&config))
	require.NoError(t, nhsNotify(&config, privateKeyPEM))
	require.NoError(t, twilioTexts(&config))
	require.NoError(t, smtpMail(&config))
	inOrder(&config, config.SMS, config.SMS, config.Email)
	require.NoError(t, fhirServer(&config))
	require.NotNil(t, config.Clients)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nobody is asked
	_, err = asPDS(ctx, privateKeyPEM)
	require.ErrorIs(t, err, context.Canceled)
}

func govukNotify(config *messenger.Config) error {
	notify, err := govuknotify.New(govuknotify.Config{
		APIKey:        os.Getenv("NOTIFY_API_KEY"),
		SMSTemplate:   "f33517ff-2a88-4f6e-b855-c550268ce08a",
		EmailTemplate: "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
		CallbackToken: os.Getenv("NOTIFY_CALLBACK_TOKEN"),
	})
	if err != nil {
		return err
	}
	config.SMS, config.Email = notify, notify
	config.Hooks = map[string]messenger.Hook{
		"govuknotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
	}
	return nil
}

func nhsNotify(config *messenger.Config, privateKeyPEM []byte) error {
	notify, err := nhsnotify.New(nhsnotify.Config{
		APIKey: os.Getenv("NHS_API_KEY"), KeyID: "live-1", PrivateKey: privateKeyPEM,
		ApplicationID: os.Getenv("NHS_APPLICATION_ID"),
		SMS:           nhsnotify.AppThenSMSAfter4Hours,
		Email:         nhsnotify.Email,
	})
	if err != nil {
		return err
	}
	config.SMS, config.Email = notify, notify
	config.Hooks = map[string]messenger.Hook{
		"nhsnotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
	}
	return nil
}

func twilioTexts(config *messenger.Config) error {
	sms, err := twilio.New(twilio.Config{
		AccountSID:  os.Getenv("TWILIO_ACCOUNT_SID"),
		AuthToken:   os.Getenv("TWILIO_AUTH_TOKEN"),
		From:        "+447700900999",
		CallbackURL: "https://nhs.example.org/m/hooks/twilio",
	})
	if err != nil {
		return err
	}
	config.SMS = sms
	config.Hooks = map[string]messenger.Hook{
		"twilio": {Callbacks: sms, Organisation: messenger.AllTextsFor("riverside")},
	}
	return nil
}

func smtpMail(config *messenger.Config) error {
	server, err := smtp.ParseURL(os.Getenv("SMTP_URL")) // smtp://user:password@smtp.example.org:587
	if err != nil {
		return err
	}
	server.Domain = "riverside.example.org"
	server.From = smtp.Everyone(smtp.From{Address: "link-workers@riverside.example.org"})
	email, err := smtp.New(server)
	if err != nil {
		return err
	}
	config.Email = email
	return nil
}

func inOrder(config *messenger.Config, app, notify, email adapters.Sender) {
	logger := slog.New(slog.DiscardHandler)
	router := routing.New(func(
		_ context.Context, _ adapters.OrganisationID, medium adapters.Medium,
	) ([]routing.Step, error) {
		if medium == adapters.Email {
			return []routing.Step{{Name: "govuknotify", Sender: notify}, {Name: "smtp", Sender: email}}, nil
		}
		return []routing.Step{
			{Name: "nhsnotify", Sender: app, OnlyWithNHSNumber: true}, {Name: "govuknotify", Sender: notify},
		}, nil
	}, logger)
	config.SMS, config.Email = router, router
}

func fhirServer(config *messenger.Config) error {
	server, err := fhir.NewServer(fhir.ServerConfig{
		BaseURL: "https://fhir.example.org/R4", Token: fhir.Bearer(os.Getenv("FHIR_TOKEN")),
	})
	if err != nil {
		return err
	}
	clients, err := fhir.NewClients(fhir.ClientsConfig{
		Server:        server,
		Organisations: map[adapters.OrganisationID]string{"riverside": "Organization/riverside"},
	})
	if err != nil {
		return err
	}
	record, err := fhir.NewRecord(fhir.RecordConfig{
		Server: server, Patients: clients, System: "https://messenger.example.org/id", // never change it
	})
	if err != nil {
		return err
	}
	config.Clients, config.Record = clients, record
	return nil
}

func asPDS(ctx context.Context, privateKeyPEM []byte) (pds.Answer, error) {
	service, err := pds.New(pds.Config{
		APIKey: os.Getenv("NHS_API_KEY"), KeyID: "live-1", PrivateKey: privateKeyPEM,
		ODSCodes: map[adapters.OrganisationID]string{"riverside": "Y12345"},
	})
	if err != nil {
		return pds.Answer{}, err
	}
	return service.Refresh(ctx, "riverside", "9990000018") // in a job of the host's
}
