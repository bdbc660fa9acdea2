package page

import "creditrun/numbering"

// NumbersOf are the number that a range gave last and the one that comes next
// for a document of today. Both are empty where each recipient has numbers of
// its own, and the last one is where none was given.
func (v *Visit) NumbersOf(r *numbering.Range) (last, next string, err error) {
	if r.Scope == numbering.ScopeRecipient || r.Key == "" {
		return "", "", nil
	}
	if last, err = v.store.LastNumber(v.R.Context(), r.Counter(v.Today(), "")); err != nil {
		return "", "", err
	}
	next, err = v.NextNumber(r, "")
	return last, next, err
}

// NextNumber is the number that a document for a recipient would get today;
// empty where the pattern of the range cannot be written.
func (v *Visit) NextNumber(r *numbering.Range, recipient string) (string, error) {
	sequence, err := v.store.NextNumber(v.R.Context(), r, r.Counter(v.Today(), recipient))
	if err != nil {
		return "", err
	}
	number, err := r.Format(v.Today(), recipient, sequence)
	if err != nil {
		return "", nil // the form says what is wrong with the pattern
	}
	return number, nil
}
