package network

import "strings"

// ChoicesFor lists what a field offers that contains what was typed into it so far.
func (v *Visit) ChoicesFor() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	text := ""
	for _, typed := range v.R.URL.Query() { // the field is named as its form says
		text = strings.Join(typed, "")
	}
	return v.Part("entity_edit", "choices", choicesView{v.OfferFor(b, v.R.PathValue("what"), text)})
}
