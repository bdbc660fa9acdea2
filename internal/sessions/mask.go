package sessions

import "strings"

// visibleOfMedium is how many characters of a medium uid may be shown.
const visibleOfMedium = 4

// MaskMedium hides all but the last four characters of a medium uid:
// 04A1B2C3D4 becomes ******C3D4. A uid of four characters or fewer is hidden
// whole, for it would otherwise be shown whole.
func MaskMedium(uid string) string {
	letters := []rune(uid)
	hidden := len(letters) - visibleOfMedium
	if hidden <= 0 {
		return strings.Repeat("*", len(letters))
	}
	return strings.Repeat("*", hidden) + string(letters[hidden:])
}
