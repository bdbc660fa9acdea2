package network

import (
	"strings"

	"creditrun/entities"
)

// deliveryIn reads how documents reach the entity: the channels, one a line, and
// what it can receive, each with one day or two.
func (f *entityForm) deliveryIn(e *entities.Entity) {
	e.Delivery, e.Capabilities = nil, nil
	for _, line := range f.Lines("delivery") {
		e.Delivery = append(e.Delivery, entities.Channel(strings.ToLower(line)))
	}
	for _, line := range f.Lines("capabilities") {
		words := strings.Fields(line)
		if len(words) < 2 || len(words) > 3 {
			f.Say("capabilities", "entity_capabilities_malformed")
			return
		}
		able := entities.Capability{Channel: entities.Channel(strings.ToLower(words[0]))}
		for i, to := range []*entities.Date{&able.From, &able.Until}[:len(words)-1] {
			day, err := entities.ParseDate(words[i+1])
			if err != nil {
				f.Say("capabilities", "entity_capabilities_malformed")
				return
			}
			*to = day
		}
		e.Capabilities = append(e.Capabilities, able)
	}
}

// deliveryFields are the fields of how documents reach the entity.
func (f *entityForm) deliveryFields(e *entities.Entity) []formField {
	var channels, able []string
	for _, c := range e.Delivery {
		channels = append(channels, string(c))
	}
	for _, c := range e.Capabilities {
		able = append(able, strings.TrimSpace(string(c.Channel)+" "+string(c.From)+" "+string(c.Until)))
	}
	return []formField{
		f.field("delivery", "area", strings.Join(channels, "\n"), true),
		f.field("capabilities", "area", strings.Join(able, "\n"), true),
	}
}
