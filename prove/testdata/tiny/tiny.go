// Package tiny is a program small enough to be broken in every way.
package tiny

// Twice is n, twice.
func Twice(n int) int { return n + n }
