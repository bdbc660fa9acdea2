package web

// accountPage is the own account.
func (v *visit) accountPage() error { return v.showAs("account", "account_title", nil) }
