// Package routing makes one Sender of several: each organisation names its senders, each with its own credentials, and
// the order to try them in.
//
// # What it needs
//
// Senders made once, at start, and a function that says which an organisation has, here for two organisations of which
// one has a fall-back for each medium:
//
//	orders := map[adapters.OrganisationID]map[adapters.Medium][]routing.Step{
//		"riverside": {
//			adapters.SMS: {
//				{Name: "nhsnotify", Sender: nhsApp, OnlyWithNHSNumber: true},
//				{Name: "govuknotify", Sender: riversideNotify},
//			},
//			adapters.Email: {
//				{Name: "govuknotify", Sender: riversideNotify},
//				{Name: "smtp", Sender: smtp},
//			},
//		},
//		"hillside": {adapters.SMS: {{Name: "twilio", Sender: hillsideTwilio}}},
//	}
//	sender := routing.New(func(
//		_ context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
//	) ([]routing.Step, error) {
//		return orders[organisation][medium], nil
//	}, nil)
//	config.SMS, config.Email = sender, sender
//	config.Hooks = map[string]messenger.Hook{
//		"nhsnotify":        {Callbacks: nhsApp, Organisation: messenger.AllTextsFor("riverside")},
//		"riverside-notify": {Callbacks: riversideNotify, Organisation: messenger.AllTextsFor("riverside")},
//		"hillside-twilio":  {Callbacks: hillsideTwilio, Organisation: messenger.AllTextsFor("hillside")},
//	}
//
// # What it promises
//
// A message moves on to the next sender only when the one before surely did not take it. An unknown outcome ends the
// attempt; it is cleared up by asking every sender of the order, and only when none of them has the message is it sent
// again. A sender that drops repeats instead of answering (NHS Notify) gets the message again before and instead of all
// others.
//
// All of an order that can be asked for a list are ([Sender.List]); what the others carried is compared with nothing.
//
// A sender that refuses a guarded message (adapters.ErrGuarded), as nhsnotify does, is passed over for it.
//
// # What it can't do
//
//   - It looks at whether a message was taken, not at whether it arrived: a message that NHS Notify takes and can't
//     deliver fails, and a person sends it again. NHS Notify has plans of its own that go from the App to a text.
//   - With a sender in the order that can't be asked (smtp) or never knows that it did not send (twilio), an unknown
//     outcome stays unknown unless another has the message: nothing says which one was tried. A person may
//     send it again.
//   - A wrong number or text ends the attempt: the next sender would be told the same.
//   - An order holds one sender that drops repeats at most.
package routing
