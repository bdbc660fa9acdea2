package page

// MostSaved is how many filters of one list a user saves.
const MostSaved = 20

// AddSaved adds the filters of a list that the visitor saved.
func (v *Visit) AddSaved(l *List) (err error) {
	l.Saved, err = v.store.SavedFilters(v.R.Context(), v.Who.User.ID, l.options.Path)
	return err
}

// Path is the address of the list without a filter.
func (l *List) Path() string { return l.options.Path }

// Keep is the filter as it would be saved; empty: nothing is filtered.
func (l *List) Keep() string { return l.filter().Encode() }
