// Package api answers programs: JSON over HTTP beneath /api/v1, for bearer
// tokens. It asks and answers: the rules are in the packages it calls, the same
// that pages and commands call.
package api
