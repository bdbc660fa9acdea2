package web

// home is the first page after the login.
func (v *visit) home() error { return v.showAs("home", "menu_home", nil) }
