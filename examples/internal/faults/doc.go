// Package faults lays faults at a host under load and counts both sides: what was acknowledged to people, and what the
// tables hold, the carriers were given and the record was given. Its tests are all there is: the host is this package's
// test binary in processes of its own, over a PostgreSQL of each test's own, the adapters of GOV.UK Notify, SMTP and
// FHIR, and peers that are reached through a way that the test makes slow, silent or mad.
//
// 'make test-faults' runs them all and writes docs/faults.md; 'go test' runs the choice that every run has.
package faults
