package main

import (
	"context"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// northTemplates are what Fay has written for everybody in the north.
func northTemplates() []messenger.TemplateParams {
	all := messenger.TemplateOfOrganisation
	return []messenger.TemplateParams{
		{
			Scope: all, Medium: adapters.Email, Title: "First appointment", Subject: "Your first appointment",
			Body: "Dear {{first_name}},\n\nYour first appointment is on ((date and time)) at ((place)). We will talk about " +
				"what matters to you. You can bring somebody with you.\n\nIf you cannot come, please reply to this message.\n\n" +
				"{{staff_name}}\n{{organisation}}",
			Expects: "reply",
		},
		{
			Scope: all, Medium: adapters.SMS, Title: "Please ring us",
			Body: "Hello {{first_name}}, this is {{staff_name}} from {{organisation}}. Please ring us when you have a moment.",
		},
		{
			Scope: all, Medium: adapters.Email, Title: "What we agreed", Subject: "What we agreed",
			Body: "Dear {{first_name}},\n\nThank you for seeing me. This is what we agreed:\n\n((what we agreed))\n\n" +
				"{{staff_name}}",
			// it may tell much of a person: for the page behind the link
			Private: true,
		},
		{
			Scope: all, Medium: adapters.SMS, Title: "Walking group",
			Body: "The walking group meets on ((day)) at ((time)) by the library. Bring a coat.",
		},
	}
}

// templates writes the templates, each once.
func (s *seeder) templates(ctx context.Context) error {
	ctx, err := s.as(ctx, "fay")
	if err != nil {
		return err
	}
	there, err := s.messenger.Templates(ctx, messenger.TemplatesParams{})
	if err != nil {
		return err //nolint:wrapcheck // seed wraps
	}
	written := map[string]bool{}
	for _, template := range there.Items {
		written[template.Title] = true
	}
	for _, template := range northTemplates() {
		if written[template.Title] {
			continue
		}
		if _, err := s.messenger.CreateTemplate(ctx, template); err != nil {
			return err //nolint:wrapcheck // seed wraps
		}
	}
	return nil
}
