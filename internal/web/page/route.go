package page

import (
	"creditrun/internal/access"
)

// Route is one line of the site map.
type Route struct {
	Pattern  string       // method and path
	Right    access.Right // what the visitor needs
	Operator bool         // only for users of the operator, not of Sub-CPOs
	Serve    func(*Visit) error
	Most     int64 // bytes that the form may have; 0: MostForm
}

// Pages that ask for no right.
const (
	Anyone   access.Right = ""         // also visitors who have not logged in
	Everyone access.Right = "loggedin" // any user who has logged in
)

// How many bytes a form may have: any, one with a picture, and one with a file of
// data. A form above MostPicture needs a place at the gate.
const (
	MostForm    = 1 << 20
	MostPicture = 4 << 20
	MostFile    = 64 << 20
)
