package messenger

import "github.com/cmsmessenger/cmsmessenger/adapters"

// shown is how much of a client an answer may have for one asker.
type shown struct {
	contact bool // their address and number as they are; else masked or left out
	paired  bool // that a number, or words that came from one, may be theirs
	words   bool // what came from a number that may be theirs
}

// shownOf says what may be shown of a client who has a channel in which the asker may do so much. Known is false for a
// client whom the directory has not, or not for the asker: they are treated as restricted, since nobody can tell. A
// restricted client's address and number are nobody's to read, and what would lead to them is not for who may only
// look.
func shownOf(client adapters.Client, known bool, allowed access) shown {
	restricted := !known || client.Restricted
	acts := allowed == isOwner || known && allowed == mayAct // an owner has their own thread whatever the directory says
	return shown{contact: !restricted, paired: acts || allowed == mayLook && !restricted, words: acts}
}
