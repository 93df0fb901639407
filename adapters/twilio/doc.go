// Package twilio sends text messages through Twilio's Messages API (2010-04-01), reads its status callbacks and takes
// in the texts that clients send back.
//
// # What it needs
//
// An account SID and its auth token; the token also signs what Twilio calls back with. An API key may stand for the
// token in requests. A sender: a number in E.164, an alphanumeric name (which can't be answered) or a messaging
// service. And the public address at which Messenger serves this sender's callbacks: the adapter gives it to Twilio
// with every message; for inbound texts set it (method POST) as the webhook of the number or of the messaging service:
//
//	sms, err := twilio.New(twilio.Config{
//		AccountSID:  os.Getenv("TWILIO_ACCOUNT_SID"),
//		AuthToken:   os.Getenv("TWILIO_AUTH_TOKEN"),
//		From:        "+447700900999",
//		CallbackURL: "https://nhs.example.org/m/hooks/twilio",
//	})
//	if err != nil {
//		return err
//	}
//	config.SMS = sms
//	config.Hooks = map[string]messenger.Hook{
//		"twilio": {Callbacks: sms, Organisation: messenger.AllTextsFor("riverside")},
//	}
//
// # What it promises
//
// Twilio neither drops repeats nor knows our references, so an attempt whose outcome was lost is never repeated by
// itself. Its status callbacks bring our reference back in their address, and clear such an attempt up when it did
// arrive. Find does too, when it sees exactly one message to that number with those words from those minutes. It never
// says that a message was not sent: an empty list is no proof of that. What stays unknown is for a person to decide.
//
// # What it can't do
//
//   - No email, no pictures: of a picture message only its words and a note are taken in.
//   - Twilio changes its error codes at times. One that is not known here is our configuration's fault when a message
//     is refused, and a failure that a person may repeat when it is not delivered.
//   - A callback with a JSON body, or by GET, is refused: Twilio sends form posts for messages.
//   - In a trial account Twilio puts words of its own before each text, by which Find does not know it again.
package twilio
