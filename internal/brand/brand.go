// Package brand tells whether a host's colour and logo can stand at the top of the reply page.
package brand

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"
)

const (
	// LeastContrast is of small text and what is behind it: WCAG 2.2, 1.4.3, level AA.
	LeastContrast = 4.5
	// MaxLogo is in bytes: the page, its styles and the logo are under 20 kB together.
	MaxLogo = 6000
)

var colourForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// Colour is a colour that white words can be read on.
type Colour struct{ red, green, blue uint8 }

// ParseColour reads "#1d5f5a". The error says what is wrong with it: another form, or too little contrast with white.
func ParseColour(text string) (Colour, error) {
	if !colourForm.MatchString(text) {
		return Colour{}, errors.New("a colour is # and six hexadecimal digits")
	}
	parts, _ := hex.DecodeString(text[1:]) // of that form
	c := Colour{parts[0], parts[1], parts[2]}
	if contrast := c.contrastWithWhite(); contrast < LeastContrast {
		return Colour{}, fmt.Errorf("white words on the colour have a contrast of %.2f to 1, and need 4.5", contrast)
	}
	return c, nil
}

// Hex is the colour as a path or a stylesheet has it, without the sign: "1d5f5a".
func (c Colour) Hex() string { return fmt.Sprintf("%02x%02x%02x", c.red, c.green, c.blue) }

// Darker is the colour's shade for an edge.
func (c Colour) Darker() Colour {
	shade := func(part uint8) uint8 { return uint8(uint16(part) * 6 / 10) } //nolint:gosec // less than it was
	return Colour{shade(c.red), shade(c.green), shade(c.blue)}
}

// contrastWithWhite follows WCAG 2.2's definitions of contrast ratio and relative luminance.
func (c Colour) contrastWithWhite() float64 {
	linear := func(part uint8) float64 {
		v := float64(part) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(c.red) + 0.7152*linear(c.green) + 0.0722*linear(c.blue) + 0.05)
}

// LogoURL is an SVG or a PNG as an address that holds it, so that showing it asks nobody for anything. The error says
// what is wrong with it.
func LogoURL(logo []byte) (string, error) {
	kind := ""
	switch {
	case len(logo) > MaxLogo:
		return "", fmt.Errorf("a logo has %d bytes at most, this one has %d", MaxLogo, len(logo))
	case bytes.HasPrefix(logo, []byte("\x89PNG\r\n\x1a\n")):
		kind = "image/png"
	case bytes.HasPrefix(bytes.TrimSpace(logo), []byte("<")) && bytes.Contains(logo, []byte("<svg")) && utf8.Valid(logo):
		kind = "image/svg+xml"
	default:
		return "", errors.New("a logo is an SVG or a PNG")
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(logo), nil
}
