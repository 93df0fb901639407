// Package seen holds what Messenger tells OpenTelemetry, by its SDK, against what is promised of it. Its tests are all
// there is: the library itself knows the API alone.
package seen
