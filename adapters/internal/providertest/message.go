package providertest

import (
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// The client of every [Message].
const (
	Phone     = "+447700900123"
	NHSNumber = "9990000018"
)

// Message is a message of these words to the client by SMS, in a conversation of its own, tried for the first time then.
func Message(words string, firstTried time.Time) adapters.Outgoing {
	id := uuid.New()
	return adapters.Outgoing{
		MessageID: id, Reference: id.String(), Organisation: "riverside", Medium: adapters.SMS, To: Phone,
		NHSNumber: NHSNumber, Text: words, FirstTried: firstTried,
	}
}
