// Package nhsnotify sends messages through NHS Notify (version 3.0 of its API): to the NHS App, by email or by text, by
// its free-text plans, and reads its status callbacks.
//
// # What it needs
//
// An application on the NHS England API platform that NHS Notify has onboarded for free text: its API key, the private
// key (RSA, registered with the platform under a key id) and, for callbacks, its application id. Ask the onboarding
// team for MessageStatus callbacks, "delivered" and "failed" at least, to https://YOUR-HOST/m/hooks/nhsnotify, and for
// ChannelStatus callbacks if the history is to say which contact detail was used. Then choose a plan for each medium
// that Messenger offers:
//
//	notify, err := nhsnotify.New(nhsnotify.Config{
//		APIKey:        os.Getenv("NHS_API_KEY"),
//		KeyID:         "live-1",
//		PrivateKey:    privateKeyPEM,
//		ApplicationID: os.Getenv("NHS_APPLICATION_ID"),
//		SMS:           nhsnotify.AppThenSMSAfter4Hours,
//		Email:         nhsnotify.Email,
//	})
//	if err != nil {
//		return err
//	}
//	config.SMS, config.Email = notify, notify
//	config.Hooks = map[string]messenger.Hook{
//		"nhsnotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
//	}
//
// # What it promises
//
// NHS Notify takes a reference once in nine months, so an attempt whose outcome was lost is simply repeated: a repeat
// that it drops counts as accepted. What a callback says of the contact detail that was used stands in the channel's
// history: the id that PDS has for it, and the version of the person's record there (PDS's change number) and when it
// was asked; never the detail.
//
// # What it can't do
//
//   - Messages go to the contact details in the Personal Demographics Service, found by the NHS number, and not to the
//     address that the client directory has: say so to staff. A client without an NHS number is ErrWrongContact, and a
//     message to one who has a safe-contact card or is restricted ErrGuarded: it could reach another telephone, or come
//     hours later. Have another sender after it (package routing), or those clients can't be written to.
//   - The App's text and an email's are Markdown to NHS Notify: "#" or "*" at the start of a line take effect.
//   - It can't be asked about a message by our reference, and does not say the id of one that it took when the answer
//     was lost; the callback brings it.
//   - It takes in no texts from clients, and its emails can't be answered.
//   - At most 918 characters by text, 5,000 in the App and 100,000 by email.
package nhsnotify
