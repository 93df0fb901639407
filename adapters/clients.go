package adapters

import (
	"context"
	"time"
)

// ClientID is the host's own id of a client, passed through unread. At most 200 characters of UTF-8 without NUL.
type ClientID string

// Client is a person the staff write to, as the host's directory knows them now. Messenger keeps only the id and the
// name (for searching), and with each message the address it went to.
type Client struct {
	ID        ClientID
	Name      string // as staff read it: "Grace Okafor"
	FirstName string // for {{first_name}}; empty: Name as a whole, since its first word may be a title or a surname
	// ten digits, without spaces; empty when not known. One with a wrong check digit is treated as not known
	NHSNumber string
	// DateOfBirth is a calendar day, "2006-01-02"; empty when not known.
	DateOfBirth string
	GP          GP
	Email       string // empty when not recorded
	Phone       string // as recorded, in any usual notation; empty when not recorded
	Restricted  bool   // sensitive in PDS's sense: confidentiality other than unrestricted
	Deceased    bool
	// Objects lists the media by which the client does not want to be written to.
	Objects []Medium
	// TextsAgreed is when the client last told somebody that they want text messages; zero: not known. A STOP that they
	// sent before it holds no longer.
	TextsAgreed time.Time
	// SafeContact is how it is safe to write to this client; nil: nothing is said of it. Optional for a directory.
	SafeContact *SafeContact
	// Needs are what the client needs to read or to speak, in words for staff: "large print", "a British Sign Language
	// interpreter" (the Accessible Information Standard's, DCB1605). Optional for a directory.
	Needs []string
	// Language is the one that the client wants to read, as a BCP 47 tag ("cy"); empty: not known. It picks the words of
	// notices, closing lines and the reply page: see messenger.WordsIn. Optional for a directory.
	Language string
	// ProfileURL is where the host shows this client, relative to the host's own pages: "/clients/c-1001".
	ProfileURL string
}

// GP is the surgery a client is registered with. Both are empty when not known.
type GP struct{ Name, ODSCode string }

// Clients is the host's client directory. Required.
type Clients interface {
	// Get returns those of the given clients of this organisation that exist and that the asker may see, keyed by id.
	// One that does not exist, belongs to another organisation or may not be seen is left out: that is not an error.
	// It asks the store once for all ids (up to 1,000), never once an id.
	//
	// Of two clients who turned out to be one, the former id is left out, or answered as who stays, keyed by the id that
	// was asked for. Either way the host calls ClientMerged once: until then the former id's thread is one of its own.
	//
	// Contact details of a restricted client are returned when the directory has them: Messenger shows them to nobody
	// and uses them only for a single send that a person confirmed with a reason.
	Get(ctx context.Context, organisation OrganisationID, ids []ClientID) (map[ClientID]Client, error)

	// Search returns at most limit (1 to 100) clients of this organisation that the asker may see and whose name contains
	// every word of query, or whose NHS number starts with its digits, case ignored (and accents, where the store can:
	// staff type Wojcik for Wójcik), in an order that is the same each time. Query is literal text of at least one letter;
	// % and _ mean themselves. A store that can only look up whole NHS numbers, as FHIR servers, finds nobody by the
	// beginning of one.
	Search(ctx context.Context, organisation OrganisationID, query string, limit int) ([]Client, error)
}

// ListID is the host's own id of a saved client list, passed through unread.
type ListID string

// List is a saved client list of the host's.
type List struct {
	ID   ListID
	Name string
	Size int // how many clients are on it
}

// Lists is the host's saved client lists. Optional: without it there are none.
type Lists interface {
	// All returns the lists of this organisation that the asker may use, in the order a person would want them.
	All(ctx context.Context, organisation OrganisationID) ([]List, error)

	// Members returns the ids of everybody on a list, each once, in a stable order. A list that does not exist, belongs
	// to another organisation or may not be used is ErrNotFound.
	Members(ctx context.Context, organisation OrganisationID, list ListID) ([]ClientID, error)
}
