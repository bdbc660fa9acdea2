package web

import "creditrun/internal/access"

// route is one line of the site map.
type route struct {
	pattern  string       // method and path
	right    access.Right // what the visitor needs
	operator bool         // only for users of the operator, not of Sub-CPOs
	serve    func(*visit) error
}

// Pages that ask for no right.
const (
	anyone   access.Right = ""         // also who has not logged in
	everyone access.Right = "loggedin" // whoever has logged in
)

// siteMap is every page and form, with the right it needs. Whoever may read
// sees only what is in the scope of the own entity; the handlers see to that.
func (s *Server) siteMap() []route {
	const operator, scoped = true, false
	return []route{
		// Logging in and out, and the own account.
		{"GET /login", anyone, scoped, (*visit).loginPage},
		{"POST /login", anyone, scoped, (*visit).login},
		{"GET /login/code", anyone, scoped, (*visit).codePage},
		{"POST /login/code", anyone, scoped, (*visit).code},
		{"GET /login/oidc", anyone, scoped, (*visit).oidcLogin},
		{"GET /login/oidc/callback", anyone, scoped, (*visit).oidcCallback},
		{"POST /logout", anyone, scoped, (*visit).logout},
		{"GET /invite/{secret}", anyone, scoped, (*visit).invitePage},
		{"POST /invite/{secret}", anyone, scoped, (*visit).acceptInvite},
		{"POST /preferences", anyone, scoped, (*visit).savePreferences},
		{"GET /account", everyone, scoped, (*visit).accountPage},

		// Home.
		{"GET /{$}", access.Read, scoped, (*visit).home},
		{"GET /overview/{part}", access.Read, scoped, (*visit).homePart},

		// Credit notes to Sub-CPOs: the settings.
		{"GET /settings", access.Read, operator, (*visit).settings},
		{"POST /settings", access.ChangeSettings, operator, (*visit).saveSettings},
		{"GET /settings/logo/{sha256}", access.Read, operator, (*visit).logo},
		{"GET /settings/activate", access.ChangeSettings, operator, (*visit).activatePage},
		{"POST /settings/activate", access.ChangeSettings, operator, (*visit).activate},
		{"GET /settings/switch/{key}", access.ChangeSettings, operator, (*visit).switchPage},
		{"POST /settings/switch/{key}", access.ChangeSettings, operator, (*visit).switchSetting},

		// Entities: the tree, one of them, its master and bank data, its account.
		{"GET /entities", access.Read, scoped, (*visit).entities},
		{"GET /entities/new", access.ChangeEntities, operator, (*visit).entityNewPage},
		{"POST /entities/new", access.ChangeEntities, operator, (*visit).saveEntity},
		{"GET /entities/{key}", access.Read, scoped, (*visit).entityPage},
		{"GET /entities/{key}/edit", access.ChangeEntities, operator, (*visit).entityEditPage},
		{"POST /entities/{key}/edit", access.ChangeEntities, operator, (*visit).saveEntity},
		{"GET /entities/{key}/choices", access.ChangeEntities, operator, (*visit).entityChoices},
		{"POST /entities/{key}/bank", access.ChangeEntities, operator, (*visit).proposeBank},
		{"POST /entities/{key}/bank/{id}/approve", access.ChangeEntities, operator, (*visit).approveBank},
		{"POST /entities/{key}/bank/{id}/reject", access.ChangeEntities, operator, (*visit).rejectBank},
		{"GET /entities/{key}/statement", access.Read, scoped, (*visit).statementPage},
		{"GET /entities/{key}/statement.csv", access.Export, scoped, (*visit).statementCSV},
		{"GET /entities/{key}/statement.xlsx", access.Export, scoped, (*visit).statementXLSX},

		// Number ranges and tax accounts.
		{"GET /ranges", access.Read, operator, (*visit).ranges},
		{"GET /ranges/{key}", access.ChangeTariffs, operator, (*visit).rangePage},
		{"POST /ranges/{key}", access.ChangeTariffs, operator, (*visit).saveRange},

		// Runs.
		{"GET /runs", access.Read, operator, (*visit).runsPage},
		{"GET /runs/preview", access.Preview, operator, (*visit).previewPage},
		{"POST /runs/preview", access.Preview, operator, (*visit).refreshPreview},
		{"GET /runs/new", access.Draft, operator, (*visit).newRunPage},
		{"POST /runs/new", access.Draft, operator, (*visit).startRun},
		{"GET /runs/{name}", access.Read, operator, (*visit).runPage},
		{"GET /runs/{name}/progress", access.Read, operator, (*visit).followRun},
		{"GET /runs/{name}/drafts/{id}", access.Read, operator, (*visit).draftPage},
		{"GET /runs/{name}/report.json", access.Export, operator, (*visit).runJSON},
		{"GET /runs/{name}/control.csv", access.Export, operator, (*visit).runCSV},
		{"POST /runs/{name}/continue", access.Draft, operator, (*visit).continueRun},
		{"POST /runs/{name}/discard", access.Draft, operator, (*visit).discardRun},
		{"GET /runs/{name}/approve", access.Approve, operator, (*visit).approvePage},
		{"POST /runs/{name}/approve", access.Approve, operator, (*visit).approve},
		{"POST /runs/{name}/resend", access.Send, operator, (*visit).resendOfRun},
	}
}
