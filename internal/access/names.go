package access

import (
	"regexp"
	"strings"

	"creditrun/internal/fault"
)

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// actors are the names under which the program itself, or a person at the
// command line of the server, enters the audit log.
var actors = []string{
	"schedule", "scheduler", "system", "cli", "creditrun", "demo", "root", "render", "deliver", "delivery", "webhook", "webhooks",
	"login", "start", "import", "migrate", "verify", "serve", "api", "ocpi", "bounces",
}

// CheckName reports what is wrong with the login name of a new user as an
// Invalid fault, or nil: no one has the name of an actor, or one that looks
// like it.
func CheckName(name string) *fault.Fault {
	if !userName.MatchString(name) {
		return fault.New(fault.Invalid, "user_name_invalid", fault.Args{"user": name}).At("name")
	}
	for _, actor := range actors {
		if look(name) == look(actor) {
			return fault.New(fault.Invalid, "user_name_reserved", fault.Args{"user": name}).At("name")
		}
	}
	return nil
}

// lookalikes replaces the letters of login names that are easily taken for another
// one, and leaves out what stands between them.
var lookalikes = strings.NewReplacer(
	"0", "o", "1", "i", "l", "i", "3", "e", "4", "a", "5", "s", "7", "t", "vv", "w", "rn", "m", ".", "", "_", "", "-", "", "@", "",
)

// look is what a name looks like at a glance.
func look(name string) string { return lookalikes.Replace(name) }
