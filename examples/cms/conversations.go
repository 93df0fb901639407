package main

import (
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// conversation is what one staff member and one client wrote to each other, and where the channel stands afterwards.
type conversation struct {
	staff  string
	client adapters.ClientID
	turns  []turn
	end    messenger.Status
}

type turn struct {
	fromClient    bool
	medium        adapters.Medium
	subject, text string
}

func email(subject, text string) turn {
	return turn{medium: adapters.Email, subject: subject, text: text}
}
func text(text string) turn  { return turn{medium: adapters.SMS, text: text} }
func reply(text string) turn { return turn{fromClient: true, text: text} }

// threadLength is how many messages stand in the long thread: enough to scroll through several pages.
const threadLength = 500

// longThread is amira's with Grace Okafor, two years of a walking group.
func longThread() conversation {
	ours := []string{
		"Good morning {{first_name}}, the walk is on this week. We meet at the library at ten.",
		"Hello {{first_name}}, how did you get on with the new shoes?",
		"A reminder that the group meets at the boathouse this time, not at the library.",
		"Well done on four walks in a row, {{first_name}}.",
	}
	theirs := []string{
		"Thank you, I will be there.",
		"My knee is a bit sore but I would like to come for the tea.",
		"Is there a bench on the way? I get out of breath on the hill.",
		"I brought my neighbour along, she would like to join as well.",
		"Sorry I missed it, I had the hospital. Next week for certain.",
	}
	c := conversation{staff: "amira", client: graceID, end: messenger.Open}
	for i := range threadLength {
		switch {
		case i%5 == 3:
			c.turns = append(c.turns, reply(fmt.Sprintf("%s (week %d)", theirs[i/5%len(theirs)], i/5+1)))
		case i%25 == 0:
			c.turns = append(c.turns, email(fmt.Sprintf("Walking group, plan %d", i/25+1),
				"Dear {{first_name}},\n\nhere is the plan for the next weeks: the river path, the park and the old railway line. "+
					"All are flat, and there is tea afterwards.\n\nWith best wishes\n{{staff_name}}"))
		default:
			c.turns = append(c.turns, text(ours[i%len(ours)]))
		}
	}
	return c
}

func conversations() []conversation {
	welcome := email("Welcome from {{organisation}}",
		"Dear {{first_name}},\n\nyour surgery asked me to get in touch. I can help you to find groups, advice and company "+
			"near you.\n\n"+
			"When would be a good time to talk?\n\n{{staff_name}}")
	return []conversation{
		{"amira", refusedID, []turn{email("Your benefits form", "Dear {{first_name}},\n\nI have looked at the form. Two "+
			"pages still need your signature.\n\n{{staff_name}}")}, messenger.Open},
		{"amira", unrecordedID, []turn{email("Garden club on Saturday", "Dear {{first_name}},\n\nthe garden club has a "+
			"place for you from Saturday, ten to twelve.\n\n{{staff_name}}")}, messenger.Open},
		{
			"amira", objectingID,
			[]turn{welcome, reply("Thank you. Please email me, I do not like texts. Tuesdays are good.")},
			messenger.Unread,
		},
		{"amira", "c-1007", []turn{
			text("Hello {{first_name}}, this is {{staff_name}} from {{organisation}}. Are you still looking for an English " +
				"class?"),
			reply("Yes please! Mornings, my children are at school then."),
			reply("And is it free? Diolch yn fawr – thank you 🙏"),
		}, messenger.Unread},
		{"amira", "c-1008", []turn{
			text("Hello {{first_name}}, the carers’ café meets on Thursday at two."),
			reply("I can come if my sister sits with Mum. I will ask her."),
		}, messenger.Unread},
		{
			"amira", "c-1011",
			[]turn{welcome, reply("Any afternoon this week."), text("Lovely, I will ring you on Thursday at two.")},
			messenger.Open,
		},
		{
			"amira", "c-1012",
			[]turn{text("{{first_name}}, the swimming lessons start on Monday. Shall I book you in?")},
			messenger.Open,
		},
		{"amira", "c-1013", []turn{welcome, reply("I found a group myself, but thank you for asking.")}, messenger.Done},
		{
			"amira", "c-1014",
			[]turn{text("A reminder of our talk tomorrow at eleven, {{first_name}}."), reply("See you then")},
			messenger.Done,
		},
		{"amira", "c-1015", []turn{email("Damp in your flat", "Dear {{first_name}},\n\nthe council will send somebody next "+
			"week. The letter with the date should reach you soon.\n\n{{staff_name}}")}, messenger.Done},
		{
			"ben", "c-1016", []turn{welcome, reply("Could it be a phone call in the evening? I work nights.")}, messenger.Unread,
		},
		{"ben", "c-1017", []turn{text("Hello {{first_name}}, did the food bank voucher arrive?")}, messenger.Open},
		{
			"ben", "c-1018",
			[]turn{text("Hello {{first_name}}, the men’s shed is open on Fridays."), reply("Been twice, enjoying it.")},
			messenger.Done,
		},
		{"chloe", "c-1021", []turn{welcome, reply("Yes, I would like to know about the choir.")}, messenger.Unread},
		{"chloe", "c-1022", []turn{email("Your care plan", "Dear {{first_name}},\n\nplease have a look at the plan we "+
			"made, and tell me what you would change.\n\n{{staff_name}}")}, messenger.Open},
		{
			"dev", "c-1023",
			[]turn{text("Hello {{first_name}}, how is the new medication?"), reply("Better now, less dizzy.")},
			messenger.Unread,
		},
		{"dev", "c-1024", []turn{text("Well done on the steps this week, {{first_name}}!")}, messenger.Done},
		{"gil", "c-1025", []turn{welcome, reply("I can't make Monday. Is Wednesday possible?")}, messenger.Unread},
		{"hana", "c-1026", []turn{welcome, reply("My blood pressure is high again, what should I do?")}, messenger.Unread},
		{
			"amira", doubleID,
			[]turn{text("Hello {{first_name}}, the sewing group starts on Friday."), reply("Lovely, thank you.")},
			messenger.Open,
		},
		{"amira", personID, []turn{email("Sewing group", "Dear {{first_name}},\n\nthe sewing group starts on Friday.\n\n"+
			"{{staff_name}}")}, messenger.Open},
		{"esther", "c-1121", []turn{welcome, reply("Please ring my daughter, my hearing is not good.")}, messenger.Unread},
		{
			"esther", "c-1122",
			[]turn{text("Hello {{first_name}}, the lunch club has moved to the church hall.")},
			messenger.Open,
		},
		{"esther", "c-1123", []turn{welcome, reply("All sorted, thank you.")}, messenger.Done},
	}
}
