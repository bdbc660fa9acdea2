package tariffs

import (
	"strconv"
	"strings"

	"creditrun/entities"
)

// conditionNames are the names that Condition.String writes, in its order.
var conditionNames = []string{
	"evse_id", "station", "connector_type", "power_type", "operating_company", "weekdays", "hours", "from", "to", "position",
}

// ParseCondition reads back what Condition.String has written, all but the rate.
// It reports false where the text is none that String writes, and where more
// than one condition is written that way: a key may hold a space and an equals
// sign.
func ParseCondition(text string) (*Condition, bool) {
	p := conditionParser{text: text}
	if text == "" {
		return &Condition{}, true
	}
	p.read(text, 0, nil)
	if len(p.found) != 1 || p.tries > maxTries {
		return nil, false
	}
	return p.found[0], true
}

// conditionParser collects the conditions that are written in a way, two at most.
type conditionParser struct {
	text  string
	found []*Condition
	tries int
}

// maxTries bounds how many ways to read a text are tried.
const maxTries = 1000

// namedValue is a value under one of conditionNames.
type namedValue struct {
	name  int
	value string
}

// read takes one value from the front of what is left, each way it can end, and
// goes on behind it.
func (p *conditionParser) read(rest string, first int, words []namedValue) {
	for name := first; name < len(conditionNames); name++ {
		value, ok := strings.CutPrefix(rest, conditionNames[name]+"=")
		if !ok {
			continue
		}
		p.add(append(words[:len(words):len(words)], namedValue{name, value}))
		for at := range value {
			if value[at] != ' ' || !beginsLater(value[at+1:], name) {
				continue
			}
			if p.tries++; len(p.found) > 1 || p.tries > maxTries {
				return
			}
			p.read(value[at+1:], name+1, append(words[:len(words):len(words)], namedValue{name, value[:at]}))
		}
	}
}

// beginsLater reports whether a text begins with a name that follows another.
func beginsLater(text string, name int) bool {
	for _, later := range conditionNames[name+1:] {
		if strings.HasPrefix(text, later+"=") {
			return true
		}
	}
	return false
}

// add keeps a condition if it is written that way.
func (p *conditionParser) add(words []namedValue) {
	c := &Condition{}
	for _, w := range words {
		if !c.set(conditionNames[w.name], w.value) {
			return
		}
	}
	if c.String() == p.text {
		p.found = append(p.found, c)
	}
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
