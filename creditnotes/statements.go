package creditnotes

import "creditrun/entities"

// Statements are the stored statements of small businesses (§ 19 UStG, § 6 (1) no. 27
// UStG 1994 in Austria), by the key of the entity.
type Statements map[string][]EntityDocument

// StatementsIn are those among documents about entities that are not withdrawn.
func StatementsIn(list []EntityDocument) Statements {
	s := Statements{}
	for _, d := range list {
		if d.Kind == SmallBusinessLetter && d.WithdrawnAt.IsZero() {
			s[d.Entity] = append(s[d.Entity], d)
		}
	}
	return s
}

// validOn reports whether a statement of an entity is valid on a day. One without a
// first day is valid from the beginning.
func (s Statements) validOn(entity string, day entities.Date) bool {
	for i := range s[entity] {
		d := &s[entity][i]
		if !day.Before(d.ValidFrom) && (d.ValidUntil.IsZero() || !d.ValidUntil.Before(day)) {
			return true
		}
	}
	return false
}
