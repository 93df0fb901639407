// Package govuknotify sends texts and emails through GOV.UK Notify (its REST API, version 2), reads its delivery
// receipts and takes in the texts that clients send back.
//
// # What it needs
//
// A Notify service and an API key of it; "live" for real clients, "test" for a demonstration. Two templates in that
// service, whose names and wording around the placeholders are yours, but not the placeholders:
//
//	text message   ((body))
//	email          subject  ((subject))
//	               body     ((body))((reply_link))((after))
//
// The reply link has a placeholder of its own because Notify takes web addresses out of what it sanitises (below). For
// receipts and inbound texts, give Notify the callback address https://YOUR-HOST/m/hooks/govuknotify and a bearer token
// of your choice for both, and give the same token as Config.CallbackToken (to change it, put the old
// one into EarlierCallbackTokens first):
//
//	notify, err := govuknotify.New(govuknotify.Config{
//		APIKey:        os.Getenv("NOTIFY_API_KEY"),
//		SMSTemplate:   "f33517ff-2a88-4f6e-b855-c550268ce08a",
//		EmailTemplate: "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
//		CallbackToken: os.Getenv("NOTIFY_CALLBACK_TOKEN"),
//	})
//	if err != nil {
//		return err
//	}
//	config.SMS, config.Email = notify, notify
//	config.Hooks = map[string]messenger.Hook{
//		"govuknotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
//	}
//
// # What it promises
//
// Notify does not drop repeats, but it can be asked by reference: an attempt whose outcome was lost is looked up, and
// the message goes out again only when Notify surely does not have it. Find serves as well to fetch a receipt that a
// callback missed. When Notify sends other words than it was given (it replaces curly quotes, drops accents and turns
// an emoji in a text message into "?"), the Receipt says which.
//
// # What it can't do
//
//   - An email's body is Markdown to Notify. Unless Config.AllowMarkdown is set, it is asked to escape that, and then
//     it also removes every web address but the reply link; the Receipt's Text shows what is left.
//   - The name that a client sees, and whether a text can be answered, are settings of the Notify service: SenderName
//     is not passed on.
//   - Notify keeps messages for as long as the service says, three days at least. After three days Find says no longer
//     that a message was not sent.
//   - A text that reaches a number does not say that a person read it, and Notify gives up after 72 hours.
package govuknotify
