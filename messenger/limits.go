package messenger

import "time"

// The limits of what people write and ask for, as the HTTP contract and the elements have them. Characters are Unicode
// code points where nothing else is said.
const (
	MaxSubject    = 200     // characters of an email's subject
	MaxEmail      = 50_000  // characters of an email's body
	MaxSMS        = 918     // UTF-16 units of a text message's body: GOV.UK Notify's limit, six texts of 153
	MaxReply      = 5_000   // characters of a client's reply
	MaxNote       = 1_000   // characters of an override's reason or a resolve's note
	MaxTitle      = 100     // characters of a template's title
	MaxLanguage   = 35      // bytes of a template's language (RFC 5646, 4.4.1)
	MaxLongNote   = 5_000   // characters of a note in a thread, of an absence or a handover
	MaxKey        = 255     // characters of an idempotency key
	MaxQuery      = 200     // characters of a search
	MaxWords      = 10      // different words of a search of an inbox
	MaxHostID     = 200     // characters of an id of the host's
	MaxPageLimit  = 100     // items of a page
	PageLimit     = 50      // items of a page where nobody says how many
	MaxPreview    = 140     // characters of a message in a list
	MaxLists      = 50      // saved lists of a broadcast
	MaxRecipients = 100_000 // people of a broadcast, each counted once
)

// ProofLasts is how long somebody who knew the date of birth may read behind a link.
const ProofLasts = 30 * time.Minute
