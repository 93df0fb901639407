package advice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/advice"
)

const ordinaryWords = "Please bring your tablets when you come to see us. We will talk about how you feel. You can " +
	"bring a friend if you like. Tell us if you can not come, and we will find a new day for you."

const hardWords = "Following multidisciplinary consideration of your circumstances, additional investigations have been " +
	"recommended by the coordinating practitioner, who requests confirmation of your availability for an extended " +
	"assessment appointment incorporating physiotherapy, occupational therapy and pharmaceutical consultation."

// firstWords are so many of hardWords.
func firstWords(n int) string { return strings.Join(strings.Fields(hardWords)[:n], " ") + "." }

// noon is a Tuesday of work.
func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

func text(body string) advice.Message {
	return advice.Message{SMS: true, Body: body, Text: body, Now: noon(), Goes: noon(), Opens: noon()}
}

func email(body string) advice.Message {
	m := text(body)
	m.SMS, m.Subject = false, "Your visit"
	return m
}

// as is a message with something else about it.
func as(m advice.Message, change func(*advice.Message)) advice.Message {
	change(&m)
	return m
}

func later(m advice.Message) advice.Message {
	m.Goes = m.Now.AddDate(0, 0, 1)
	m.Opens = m.Goes
	return m
}

func named(m advice.Message) advice.Message {
	m.Service = "Northgate Link Workers"
	return m
}

func private(m advice.Message) advice.Message {
	m.Private, m.Text = true, "You have a private message."
	return m
}

func born(m advice.Message) advice.Message {
	m.DateOfBirth = "1980-05-03"
	return m
}

// Each rule speaks where it should, alone, and keeps silent where it should.
func TestRules(t *testing.T) {
	t.Parallel()
	for rule, is := range map[string]struct{ told, not []advice.Message }{
		"": {not: []advice.Message{
			text(""), text(" \n"), text("👍"), text("Hello"), text(ordinaryWords), email(""), email("Dear Grace Okafor"),
			named(text("")), later(text(" ")), as(text(""), func(m *advice.Message) { m.Opens = m.Goes.Add(time.Hour) }),
		}},
		"service_name": {
			told: []advice.Message{named(text("See you soon")), named(email("See you soon"))},
			not: []advice.Message{
				named(text("NORTHGATE LINK  WORKERS: see you soon")), named(text("See you soon, from Northgate Link\nWorkers.")),
				as(named(text("See you soon")), func(m *advice.Message) { m.Text += "\nNorthgate Link Workers" }),
				private(named(text("See you soon"))),
				as(named(email("See you soon")), func(m *advice.Message) { m.Subject = "Northgate Link Workers" }),
			},
		},
		"today_later": {
			told: []advice.Message{
				later(text("Come today.")), later(text("‘TONIGHT’")), later(email("See you this  Morning")), later(text("Dewch yfory")),
				private(later(text("Come today"))),
				as(text("Come today"), func(m *advice.Message) { m.Now = m.Now.AddDate(-1, 0, 0) }),
			},
			not: []advice.Message{
				text("Come today."), later(text("Come on Tuesday 1 December.")), later(text("Sometoday")),
				as(text("Come today"), func(m *advice.Message) { m.Goes = m.Now.Add(time.Hour); m.Opens = m.Goes }),
			},
		},
		"link": {
			told: []advice.Message{
				text("See https://bit.ly/3xYz"), text("See (bit.ly/3xYz)"), text("HTTP://www.example.org"), email("<http://example.org/a>"),
				text("www.tinyurl.com/abc"), text("See:http://example.org/a"), text("Here→HTTPS://bit.ly/x"),
				text("See (here:http://example.org)"),
			},
			not: []advice.Message{
				text("See https://www.nhs.uk/flu"), text("See www.nhs.uk"), text("Write to bit.ly/"), text("A bit.lyrical/one"),
				text("{{reply_link}}"), text("https://example.org/?to=bit.ly/x"), text("example.org/http://x"),
				text("https://example.org/?to=http://example.org"), text("See:https://www.nhs.uk/flu"), text("http:// is not private"),
			},
		},
		"personal_number": {
			told: []advice.Message{
				text("Your number is 999 000 0018."), text("9990000018"), text("999-000-0018"), email("NHS: 999\u00a0000\u00a00018"),
				born(text("You were born 3/5/1980")), born(text("03.05.80")), born(text("3 May 1980")), born(text("on the 3rd May 1980")),
				born(text("May 3, 1980")), born(text("1980-05-03")), text("Date of birth: 4/6/1971"), text("your DOB is 4 June 1971"),
				text("Say your date of birth. Date of birth 1.1.70"),
				text("999 000 0018 2pm"), text("9990000018 29 February"), text("Room 3 999 000 0018"), text("3 9990000018 4"),
			},
			not: []advice.Message{
				text("999 000 0019"), text("Ring 07700 900123"), text("07700 900 123"), text("1999 000 0018"), text("99 900 00018"),
				born(text("Come on 3 May 2027")), text("Come on 3 May 1980"), text("Say your date of birth"), text("Born on Sunday"),
				text("999 00000 18"), text("9990 000 018"), text("99900 0 0018"),
				text("999  000 0018"), born(text("13/5/1980")), private(text("9990000018")),
			},
		},
		"greeting": {
			told: []advice.Message{email("Hi Grace,"), email("\n hi"), email("HEY Grace"), email("Hiya!")},
			not:  []advice.Message{text("Hi Grace"), email("Dear Grace Okafor, hi"), email("History"), email("Hello Grace"), email("…"), private(email("Hi"))},
		},
		"dear_character": {
			told: []advice.Message{
				text(strings.Repeat("Sut dach chi ", 8) + "ŷ"), text(strings.Repeat("Go on. ", 12) + "😀"), text(strings.Repeat("Go on. ", 18) + "“quoted”"),
			},
			not: []advice.Message{
				text("Sut dŷch chi?"), text(strings.Repeat("a ", 90)), text(strings.Repeat("€", 70)), private(text(strings.Repeat("Go on. ", 18) + "ŷ")), email(strings.Repeat("a ", 60) + "ŷ"),
			},
		},
		"capitals": {
			told: []advice.Message{
				text("STOP CALLS"), text("PLEASE CALL"), text("You MUST NOT DRIVE."), text("DON’T FORGET"),
				email("SHALL I COME BACK"),
			},
			not: []advice.Message{
				text("URGENT: call us"), text("NHS GP BMI HIV"), text("Please Call Us"), text("I A B C D E F G H I"), text("NHS number"),
				text("SW1A 1AA, LS1 4AP"), text("PLEASE call TODAY"), text("APPOINTMENT today"), text("STOP CALL"),
			},
		},
		"reading_age": {
			told: []advice.Message{
				text(hardWords), email(hardWords), text(firstWords(30)), text("Hello\n\n" + firstWords(30)),
				text(firstWords(26) + "\nOccupational therapists participate additionally."),
			},
			not: []advice.Message{
				text(firstWords(29)), text(firstWords(29) + "\nDr Ada Bello"),
				text(ordinaryWords), text(hardWords[:120]), text(strings.Repeat("Πολυσύνθετες διατυπώσεις δυσκολεύουν. ", 20)),
				text(strings.Repeat("Gwahoddir cleifion i gysylltu gyda chydlynwyr presgripsiynu cymdeithasol ynglyn ag apwyntiadau. ", 5)),
				text(strings.Repeat("https://www.example.org/incomprehensibilities ", 40)),
			},
		},
		"out_of_hours": {
			told: []advice.Message{
				as(text("Hello"), func(m *advice.Message) { m.Opens = m.Goes.Add(time.Minute) }),
				as(email("Dear Grace"), func(m *advice.Message) { m.Opens = m.Goes.AddDate(0, 0, 3) }),
			},
			not: []advice.Message{text("Hello"), as(text("Hello"), func(m *advice.Message) { m.Opens = time.Time{} })},
		},
		"bad_news": {
			told: []advice.Message{
				text("Your father died."), text("It is cancer."), text("The biopsy is back"), text("You tested positive."), text("Your test came back positive."),
				text("The swab we took on Friday was positive"), text("Your results have come BACK: positive"), text("Alzheimer’s"),
				text("Cancer screening found cancer"),
			},
			not: []advice.Message{
				text("Your cancer screening is due"), text("A positive step"), text("Come to the cancer support group"), email("Your father died."),
				text("Be positive"), text("Come for your test and stay positive"), text("Bring the result to our Positive Steps group"),
				text("Your test was a positive step"), text("The result was not positive"), text("Thank you for coming back positive"), private(text("Your father died.")),
				text("You are immune to hepatitises"),
			},
		},
	} {
		for _, m := range is.told {
			require.Equal(t, []string{rule}, rulesOf(m), m.Body)
		}
		for _, m := range is.not {
			require.NotContains(t, rulesOf(m), rule, m.Body)
			if rule == "" {
				require.Equal(t, m.Service != "" && len(m.Body) > 0, len(rulesOf(m)) > 0, m.Body)
			}
		}
	}
}

func rulesOf(m advice.Message) (rules []string) {
	for _, a := range advice.On(m) {
		rules = append(rules, a.Rule)
	}
	return rules
}

// What is told says what to do, where it is from, and nothing that the client's record has.
func TestWords(t *testing.T) {
	t.Parallel()
	m := later(named(text("hi GRACE OKAFOR, it is cancer, come today: http://bit.ly/x, " + hardWords + "😀 999 000 0018")))
	m.Opens = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)
	list := advice.On(m)
	require.Equal(t, []string{
		"service_name", "today_later", "link", "personal_number", "dear_character", "capitals", "reading_age", "out_of_hours",
		"bad_news",
	}, rulesOf(m))
	for _, a := range list {
		require.NotEmpty(t, a.Source, a.Rule)
		require.NotContains(t, a.Text, "999")
		require.NotContains(t, a.Text, "OKAFOR")
	}
	require.Equal(t, "Nothing says who this is from. Name your service: Northgate Link Workers.", list[0].Text)
	require.Equal(t, "This goes out on Wednesday 2 December. Write the date instead of ‘today’.", list[1].Text)
	require.Equal(t, "‘😀’ makes this 6 text messages instead of 3.", list[4].Text)
	require.Equal(t, "This goes out outside your working hours. They begin on Thursday 3 December at 09:00.", list[7].Text)
}

// longest is as long as an email may be.
func longest() advice.Message {
	m := born(named(email(strings.Repeat(hardWords+" "+ordinaryWords+"\n", 50000/(len(hardWords)+len(ordinaryWords)+2)))))
	m.Text = m.Body
	return m
}

func BenchmarkOn(b *testing.B) {
	m := longest()
	for b.Loop() {
		if len(advice.On(m)) != 2 {
			b.Fatal(rulesOf(m))
		}
	}
}
