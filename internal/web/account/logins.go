package account

import (
	"strings"
	"time"

	"creditrun/internal/access"
)

// loginLine is one of the visitor's logins that go on.
type loginLine struct {
	Browser     string // and system, as far as known
	Began, Seen time.Time
	This        bool // the one of this request
}

func (v *Visit) logins(u *access.User) (lines []loginLine, err error) {
	list, err := v.LoginsOf(u)
	for _, l := range list {
		lines = append(lines, loginLine{Browser: browserOf(l.Agent), Began: l.Began, Seen: l.Seen, This: l.ID == v.Visit.Login()})
	}
	return lines, err
}

// LogOutElsewhere ends all logins of the visitor but this one.
func (v *Visit) LogOutElsewhere() error {
	ended, err := v.Store.LogOutElsewhere(v.R.Context(), &v.Who.User, v.Visit.Login())
	if err != nil {
		return err
	}
	return v.Done("/account", "logins_ended", "Count", ended)
}

// browsers and systems by what the User-Agent of a browser says, the special ones
// before those that they claim to be.
var (
	browsers = [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems  = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// browserOf names the browser and the system of a User-Agent; "" where neither is
// known.
func browserOf(agent string) string {
	var names []string
	for _, known := range [][][2]string{browsers, systems} {
		for _, one := range known {
			if strings.Contains(agent, one[0]) {
				names = append(names, one[1])
				break
			}
		}
	}
	return strings.Join(names, ", ")
}
