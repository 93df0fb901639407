package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// environment is what -h says of the variables, and doc.go too.
const environment = `Environment:
  DATABASE_URL  the database to use instead of a private one
  LINK_KEY      the key of the reply links, base64 of 32 bytes or more; without it one is made and kept in the database
  OPERATOR_PASSWORD  River's own page at /operators/river, for the user "operator"; without it there is none

Senders, of Northgate's messages alone: the outbox carries Southbank's, and all where none is set. What one takes
stands in the outbox too. Several are tried in this order. Receipts and clients' texts come in at
PUBLIC-URL/m/hooks/nhsnotify, /govuknotify and /twilio, for Northgate; workers need -public-url for that too.
  NHS_NOTIFY_API_KEY    with NHS_NOTIFY_KEY_ID and NHS_NOTIFY_PRIVATE_KEY_FILE (PEM); NHS_NOTIFY_APPLICATION_ID
                        for receipts; NHS_NOTIFY_SMS_PLAN (default: the NHS App) and NHS_NOTIFY_EMAIL_PLAN (default:
                        none), ids of routing plans; NHS_NOTIFY_URL and NHS_NOTIFY_TOKEN_URL for another environment
  GOVUK_NOTIFY_API_KEY  with GOVUK_NOTIFY_SMS_TEMPLATE, GOVUK_NOTIFY_EMAIL_TEMPLATE or both;
                        GOVUK_NOTIFY_CALLBACK_TOKEN; GOVUK_NOTIFY_URL
  TWILIO_ACCOUNT_SID    with TWILIO_AUTH_TOKEN, and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID; TWILIO_URL
  SMTP_URL              smtp://user:password@host:port or smtps://…

Record and directory. An organisation's patients are those managed by Organization/north or Organization/south. The
CMS's own pages go on to show its own tables; a directory that does not have its clients, by their ids, is not seeded.
  FHIR_RECORD_URL       the base of an R4 server, with FHIR_RECORD_TOKEN, a bearer token, and FHIR_SYSTEM, the URI
                        of our identifiers
  FHIR_DIRECTORY_URL    with FHIR_DIRECTORY_TOKEN
`

// account is whose accounts with the providers are: they carry its messages alone, and every text they bring is its.
const account adapters.OrganisationID = "north"

// provider is a system outside that carries messages.
type provider struct {
	name     string
	variable string // switches it on
	media    func() []adapters.Medium
	open     func(h *host) (adapters.Sender, error)
}

// providers are tried in this order: the App before a text, a provider that tells what became of a message before a
// mail server.
func providers() []provider {
	return []provider{
		{"nhsnotify", "NHS_NOTIFY_API_KEY", nhsNotifyMedia, openNHSNotify},
		{"govuknotify", "GOVUK_NOTIFY_API_KEY", govukNotifyMedia, openGOVUKNotify},
		{"twilio", "TWILIO_ACCOUNT_SID", func() []adapters.Medium { return []adapters.Medium{adapters.SMS} }, openTwilio},
		{"smtp", "SMTP_URL", func() []adapters.Medium { return []adapters.Medium{adapters.Email} }, openSMTP},
	}
}

// connect puts into config what the environment names of the world outside, and the stand-ins for the rest.
func (h *host) connect(config *messenger.Config) error {
	config.Email, config.SMS, config.Hooks = h.outbox, h.outbox, map[string]messenger.Hook{}
	orders := map[adapters.Medium][]routing.Step{}
	for _, p := range providers() {
		if os.Getenv(p.variable) == "" {
			continue
		}
		sender, err := p.open(h)
		if err != nil {
			return fmt.Errorf("cms: %s…: %w", p.variable, err)
		}
		for _, medium := range p.media() {
			step := routing.Step{Name: p.name, Sender: sender, OnlyWithNHSNumber: p.name == "nhsnotify"}
			orders[medium] = append(orders[medium], step)
		}
		if callbacks, ok := sender.(adapters.Callbacks); ok {
			config.Hooks[p.name] = messenger.Hook{
				Callbacks: callbacks, Organisation: messenger.AllTextsFor(account),
				Organisations: []adapters.OrganisationID{account},
			}
		}
	}
	router := routing.New(func(
		_ context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
	) ([]routing.Step, error) {
		if organisation != account {
			return []routing.Step{{Name: "outbox", Sender: h.outbox}}, nil
		}
		return orders[medium], nil
	}, h.logger)
	if len(orders[adapters.Email]) > 0 {
		config.Email = copied{router, h.outbox, h.logger}
	}
	if len(orders[adapters.SMS]) > 0 {
		config.SMS = copied{router, h.outbox, h.logger}
	}
	return h.connectFHIR(config)
}

func nhsNotifyMedia() []adapters.Medium {
	if os.Getenv("NHS_NOTIFY_EMAIL_PLAN") != "" {
		return []adapters.Medium{adapters.SMS, adapters.Email}
	}
	return []adapters.Medium{adapters.SMS}
}

func openNHSNotify(*host) (adapters.Sender, error) {
	key, err := os.ReadFile(os.Getenv("NHS_NOTIFY_PRIVATE_KEY_FILE")) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return nhsnotify.New(nhsnotify.Config{ //nolint:wrapcheck // connect wraps
		APIKey: os.Getenv("NHS_NOTIFY_API_KEY"), KeyID: os.Getenv("NHS_NOTIFY_KEY_ID"), PrivateKey: key,
		ApplicationID: os.Getenv("NHS_NOTIFY_APPLICATION_ID"),
		SMS:           nhsnotify.Plan(cmp.Or(os.Getenv("NHS_NOTIFY_SMS_PLAN"), string(nhsnotify.App))),
		Email:         nhsnotify.Plan(os.Getenv("NHS_NOTIFY_EMAIL_PLAN")),
		BaseURL:       os.Getenv("NHS_NOTIFY_URL"), TokenURL: os.Getenv("NHS_NOTIFY_TOKEN_URL"),
	})
}

func govukNotifyMedia() (media []adapters.Medium) {
	if os.Getenv("GOVUK_NOTIFY_SMS_TEMPLATE") != "" {
		media = append(media, adapters.SMS)
	}
	if os.Getenv("GOVUK_NOTIFY_EMAIL_TEMPLATE") != "" {
		media = append(media, adapters.Email)
	}
	return media
}

func openGOVUKNotify(*host) (adapters.Sender, error) {
	return govuknotify.New(govuknotify.Config{ //nolint:wrapcheck // connect wraps
		APIKey: os.Getenv("GOVUK_NOTIFY_API_KEY"), SMSTemplate: os.Getenv("GOVUK_NOTIFY_SMS_TEMPLATE"),
		EmailTemplate: os.Getenv("GOVUK_NOTIFY_EMAIL_TEMPLATE"), CallbackToken: os.Getenv("GOVUK_NOTIFY_CALLBACK_TOKEN"),
		BaseURL: os.Getenv("GOVUK_NOTIFY_URL"),
	})
}

func openTwilio(h *host) (adapters.Sender, error) {
	return twilio.New(twilio.Config{ //nolint:wrapcheck // connect wraps
		AccountSID: os.Getenv("TWILIO_ACCOUNT_SID"), AuthToken: os.Getenv("TWILIO_AUTH_TOKEN"),
		From: os.Getenv("TWILIO_FROM"), MessagingServiceSID: os.Getenv("TWILIO_MESSAGING_SERVICE_SID"),
		CallbackURL: h.publicURL + "/m/hooks/twilio", BaseURL: os.Getenv("TWILIO_URL"),
	})
}

func openSMTP(*host) (adapters.Sender, error) { return newSMTP(os.Getenv("SMTP_URL")) }

// connectFHIR makes FHIR servers the record and the directory where the environment names them.
func (h *host) connectFHIR(config *messenger.Config) error {
	config.Clients, config.Record = h.directory, h.record
	if base := os.Getenv("FHIR_DIRECTORY_URL"); base != "" {
		_, clients, err := patientsAt(base, os.Getenv("FHIR_DIRECTORY_TOKEN"))
		if err != nil {
			return fmt.Errorf("cms: FHIR_DIRECTORY_URL: %w", err)
		}
		config.Clients = clients
	}
	if base := os.Getenv("FHIR_RECORD_URL"); base != "" {
		server, patients, err := patientsAt(base, os.Getenv("FHIR_RECORD_TOKEN"))
		if err != nil {
			return fmt.Errorf("cms: FHIR_RECORD_URL: %w", err)
		}
		system := cmp.Or(os.Getenv("FHIR_SYSTEM"), "https://"+mailDomain+"/id")
		record, err := fhir.NewRecord(fhir.RecordConfig{Server: server, System: system, Patients: patients})
		if err != nil {
			return fmt.Errorf("cms: FHIR_SYSTEM: %w", err)
		}
		config.Record = record
	}
	return nil
}

func patientsAt(base, token string) (*fhir.Server, *fhir.Clients, error) {
	settings := fhir.ServerConfig{BaseURL: base}
	if token != "" {
		settings.Token = fhir.Bearer(token)
	}
	server, err := fhir.NewServer(settings)
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // connectFHIR wraps
	}
	clients, err := fhir.NewClients(fhir.ClientsConfig{
		Server:        server,
		Organisations: map[adapters.OrganisationID]string{"north": "Organization/north", "south": "Organization/south"},
		ProfileURL:    func(client adapters.ClientID) string { return "/clients/" + string(client) },
		Complete:      addCard,
	})
	return server, clients, err //nolint:wrapcheck // connectFHIR wraps
}

// cardExtension is where this host's FHIR server has a patient's safe-contact card: FHIR has no form for one.
const cardExtension = "https://" + mailDomain + "/fhir/safe-contact"

// addCard reads a patient's safe-contact card. Of one that can't be read it is not known what is safe: no words go out,
// and nobody is named.
func addCard(patient json.RawMessage, client *adapters.Client) {
	var read struct {
		Extension []struct {
			URL   string `json:"url"`
			Value string `json:"valueString"`
		} `json:"extension"`
	}
	if json.Unmarshal(patient, &read) != nil {
		client.SafeContact = &adapters.SafeContact{NoWords: true, NeutralSender: true}
		return
	}
	for _, extension := range read.Extension {
		if extension.URL != cardExtension {
			continue
		}
		client.SafeContact = &adapters.SafeContact{}
		if json.Unmarshal([]byte(extension.Value), client.SafeContact) != nil {
			client.SafeContact = &adapters.SafeContact{NoWords: true, NeutralSender: true}
		}
	}
}
