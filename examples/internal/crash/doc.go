// Package crash kills a host at the worst moments and counts what a provider and a clinical record were handed. Its
// tests are all there is: a host under test is this package's test binary in a process of its own, and the provider and
// the record live in the test, keep every call they get and drop nothing.
package crash
