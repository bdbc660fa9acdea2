// Package arch tests the repository itself: what may import what, which
// technology is used where, and the habits that keep the code readable. It
// contains tests only and nothing of the product depends on it.
//
// Every rule is a function from the files of a repository to complaints. Each
// is tried on small examples first, some of which it must refuse: a rule that
// finds nothing anywhere would otherwise look like a repository in order.
package arch
