package network

import "creditrun/internal/web/page"

// ChoicesFor lists what fields offer that contains what was typed into one of them
// so far.
func (v *Visit) ChoicesFor() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	var view choicesView
	for _, field := range page.SortedKeys(v.R.URL.Query()) { // named as its form says
		for _, text := range v.R.URL.Query()[field] {
			if text != "" && len(view.Choices) < page.MaxOffered {
				view.Choices = append(view.Choices, v.OfferFor(b, v.R.PathValue("what"), text)...)
			}
		}
	}
	return v.Part("entity_edit", "choices", view)
}
