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
	Picture  bool // the form may have a picture in it
}

// Pages that ask for no right.
const (
	Anyone   access.Right = ""         // also visitors who have not logged in
	Everyone access.Right = "loggedin" // any user who has logged in
)
