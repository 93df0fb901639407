package fhir_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
)

// A server without Patients: entries name the client by NHS number.
func ExampleNewRecord() {
	server, err := fhir.NewServer(fhir.ServerConfig{
		BaseURL: os.Getenv("MESSENGER_TEST_FHIR") + "/example", // "https://fhir.example.org/R4"
		Token:   fhir.Bearer(os.Getenv("FHIR_TOKEN")),
	})
	if err != nil {
		panic(err)
	}
	record, err := fhir.NewRecord(fhir.RecordConfig{
		Server: server, System: "https://messenger.example.org/id", Profiles: []string{fhir.UKCoreCommunication},
	})
	if err != nil {
		panic(err)
	}
	entry := adapters.Entry{
		Key: uuid.New(), Channel: uuid.New(), Organisation: "org-1", Client: "c-1", NHSNumber: "9990000018",
		Direction: adapters.Outbound, Medium: adapters.SMS, Text: "Hello Grace, the group meets at 10.",
		Status: adapters.Sent,
		Author: adapters.Author{Kind: "staff", ID: "s-1", Name: "Ada Bello"}, OnlineViewing: true, At: time.Now(),
	}
	first, err := record.Write(context.Background(), entry)
	if err != nil {
		panic(err)
	}
	again, err := record.Write(context.Background(), entry)
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.HasPrefix(first.Reference, "Communication/"), first == again)
	// Output: true true
}
