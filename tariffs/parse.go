package tariffs

import (
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
)

// conditionNames are the names that Condition.String writes, in its order.
var conditionNames = []string{
	"evse_id", "station", "connector_type", "power_type", "operating_company", "weekdays", "hours", "from", "to", "position",
}

// ParseCondition reads back what Condition.String has written, all but the rate.
// It reports false where the text is none that String writes.
func ParseCondition(text string) (*Condition, bool) {
	c := &Condition{}
	for rest := text; rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, false
		}
		value, next, ok := cutValue(after)
		if !ok || !c.set(name, value) {
			return nil, false
		}
		rest = next
	}
	return c, c.String() == text
}

// cutValue takes the value from the front of a text: a quoted one, or what is
// there before the next name.
func cutValue(text string) (value, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", "", false
		}
		value, err = strconv.Unquote(quoted)
		rest, found := strings.CutPrefix(text[len(quoted):], " ")
		return value, rest, err == nil && (found || rest == "")
	}
	if at := nextName(text); at >= 0 {
		return text[:at], text[at+1:], true
	}
	return text, "", true
}

// nextName is where a text has a space before one of conditionNames and an
// equals sign; negative: nowhere.
func nextName(text string) int {
	for at := range text {
		if text[at] == ' ' && slices.ContainsFunc(conditionNames, func(name string) bool { return strings.HasPrefix(text[at+1:], name+"=") }) {
			return at
		}
	}
	return -1
}

// written is a value as a condition writes it: quoted where it could be taken
// for more than one.
func written(value string) string {
	if strings.HasPrefix(value, `"`) || nextName(value) >= 0 {
		return strconv.Quote(value)
	}
	return value
}

// set reads a value as String writes it.
func (c *Condition) set(name, value string) bool {
	if value == "" {
		return false
	}
	switch name {
	case "evse_id":
		c.When.EVSEID = value
	case "station":
		c.When.Station = value
	case "connector_type":
		c.When.ConnectorType = value
	case "power_type":
		c.When.PowerType = entities.PowerType(value)
	case "operating_company":
		c.When.OperatingCompany = value
	case "weekdays":
		for day := range strings.SplitSeq(value, ",") {
			n, err := strconv.Atoi(day)
			if err != nil {
				return false
			}
			c.When.Weekdays = append(c.When.Weekdays, n)
		}
	case "hours":
		from, to, ok := strings.Cut(value, "-")
		c.When.From, c.When.To = ClockTime(from), ClockTime(to)
		return ok
	case "from":
		c.From = entities.Moment(value)
	case "to":
		c.To = entities.Moment(value)
	case "position":
		n, err := strconv.Atoi(value)
		c.Position = n
		return err == nil
	}
	return true
}
