package messenger

import (
	"regexp"
)

var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// replyLinkMark is where the reply link goes. It stays in a stored body: the link itself is never stored.
const replyLinkMark = "{{reply_link}}"

// fill puts values into a text's placeholders in one pass. Unknown ones are CodeUnknownPlaceholder.
func fill(text string, values map[string]string) (string, error) {
	unknown := false
	filled := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name := placeName(match[2 : len(match)-2])
		if name == "reply_link" {
			return replyLinkMark
		}
		value, known := values[name]
		unknown = unknown || !known
		return value
	})
	if unknown {
		return "", fail(CodeUnknownPlaceholder,
			"The text has a {{placeholder}} that does not exist. There are first_name, staff_name, organisation and reply_link.")
	}
	return filled, nil
}
