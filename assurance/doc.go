// Package assurance has no code. It is the assurance file: hazards with the tests that control them (hazards.json),
// what each column of the database holds (data.json), the answers to OWASP ASVS 5.0.0 (asvs.json), the pages made of
// these and of go.mod, and pages written by hand. Its tests hold what they say to the code. Where only the pages are
// behind:
//
//	go test ./assurance -update
package assurance
