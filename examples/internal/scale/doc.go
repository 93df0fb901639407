// Package scale runs Messenger as several web and worker processes over one database behind PgBouncer in transaction
// mode. Its tests are all there is: a host under test is this package's test binary in a process of its own, and the
// provider lives in the test, keeps every call it gets and drops nothing.
package scale
