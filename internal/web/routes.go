package web

import "creditrun/internal/access"

// route is one line of the site map.
type route struct {
	pattern  string       // method and path
	right    access.Right // what the visitor needs
	operator bool         // only for users of the operator, not of Sub-CPOs
	serve    func(*visit) error
}

// withPicture reports whether the form of a route may have a picture in it.
func (rt route) withPicture() bool { return rt.pattern == "POST /settings" }

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
		{"POST /account/language", everyone, scoped, (*visit).saveLanguage},
		{"POST /account/password", everyone, scoped, (*visit).changePassword},
		{"GET /account/totp", everyone, scoped, (*visit).totpPage},
		{"POST /account/totp", everyone, scoped, (*visit).addTOTP},
		{"POST /account/totp/remove", everyone, scoped, (*visit).removeTOTP},
		{"POST /account/tokens", everyone, scoped, (*visit).addToken},
		{"POST /account/tokens/{id}/revoke", everyone, scoped, (*visit).revokeToken},

		// Home.
		{"GET /{$}", access.Read, scoped, (*visit).home},
		{"GET /overview/{part}", access.Read, scoped, (*visit).homePart},
		{"GET /restore", access.ChangeSettings, operator, (*visit).restorePage},
		{"POST /restore", access.ChangeSettings, operator, (*visit).confirmRestore},

		// Credit notes to Sub-CPOs: the settings.
		{"GET /settings", access.Read, operator, (*visit).settings},
		{"POST /settings", access.ChangeSettings, operator, (*visit).saveSettings},
		{"GET /settings/logo/{sha256}", access.Read, operator, (*visit).logo},
		{"GET /partners", access.Read, operator, (*visit).partners},
		{"GET /partners/{id}", access.ChangeSettings, operator, (*visit).partnerPage},
		{"POST /partners/{id}", access.ChangeSettings, operator, (*visit).savePartner},
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
		{"POST /entities/{key}/addresses/lift", access.ChangeEntities, operator, (*visit).liftAddress},
		{"GET /changes", access.ChangeEntities, operator, (*visit).proposals},
		{"POST /changes/{id}/approve", access.ChangeEntities, operator, (*visit).approveProposal},
		{"POST /changes/{id}/reject", access.ChangeEntities, operator, (*visit).rejectProposal},
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
		{"POST /runs/clock", access.Draft, operator, (*visit).confirmClock},
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

		// Users.
		{"GET /users", access.ChangeUsers, operator, (*visit).users},
		{"POST /users", access.ChangeUsers, operator, (*visit).addUser},
		{"GET /users/{name}", access.ChangeUsers, operator, (*visit).userPage},
		{"POST /users/{name}", access.ChangeUsers, operator, (*visit).changeUser},
		{"POST /users/{name}/activate", access.ChangeUsers, operator, (*visit).activateUser},
		{"POST /users/{name}/deactivate", access.ChangeUsers, operator, (*visit).deactivateUser},
		{"POST /users/{name}/invite", access.ChangeUsers, operator, (*visit).inviteUser},
		{"POST /users/{name}/totp", access.ChangeUsers, operator, (*visit).resetTOTP},
		{"POST /users/{name}/oidc", access.ChangeUsers, operator, (*visit).unlinkOIDC},
		{"POST /users/{name}/tokens/{id}/revoke", access.ChangeUsers, operator, (*visit).revokeUserToken},

		// The audit log.
		{"GET /audit", access.ReadAudit, operator, (*visit).audit},
		{"GET /audit.csv", access.ReadAudit, operator, (*visit).auditCSV},
		{"GET /audit/{id}", access.ReadAudit, operator, (*visit).auditEntry},
		{"POST /audit/checks", access.ReadAudit, operator, (*visit).checkAudit},
		{"GET /audit/checks/{id}", access.ReadAudit, operator, (*visit).auditChecked},

		// Webhooks.
		{"GET /webhooks", access.ChangeSettings, operator, (*visit).webhooks},
		{"POST /webhooks", access.ChangeSettings, operator, (*visit).addWebhook},
		{"GET /webhooks/{id}", access.ChangeSettings, operator, (*visit).webhookPage},
		{"POST /webhooks/{id}", access.ChangeSettings, operator, (*visit).changeWebhook},
		{"POST /webhooks/{id}/pause", access.ChangeSettings, operator, (*visit).pauseWebhook},
		{"POST /webhooks/{id}/resume", access.ChangeSettings, operator, (*visit).resumeWebhook},
		{"POST /webhooks/{id}/secret", access.ChangeSettings, operator, (*visit).rotateWebhook},
		{"POST /webhooks/{id}/delete", access.ChangeSettings, operator, (*visit).deleteWebhook},
		{"POST /webhooks/{id}/events/{event}/retry", access.ChangeSettings, operator, (*visit).retryEvent},
		{"GET /taxes", access.Read, operator, (*visit).taxes},
		{"GET /taxes/{key}", access.ChangeTariffs, operator, (*visit).taxPage},
		{"POST /taxes/{key}", access.ChangeTariffs, operator, (*visit).saveTax},

		// Stations; users of a Sub-CPO see those of its entities.
		{"GET /stations", access.Read, scoped, (*visit).stations},
		{"GET /stations/{key}", access.Read, scoped, (*visit).stationPage},
		{"POST /stations/{key}/owners", access.ChangeEntities, operator, (*visit).saveOwner},
		{"POST /stations/{key}/tariffs", access.ChangeTariffs, operator, (*visit).saveAssigned},

		// Tariffs and cost rates; users of a Sub-CPO see what it is paid by.
		{"GET /tariffs", access.Read, operator, (*visit).tariffs},
		{"GET /tariffs/charge-point/{key}", access.Read, scoped, (*visit).chargePointPage},
		{"GET /tariffs/charge-point/{key}/edit", access.ChangeTariffs, operator, (*visit).chargePointFormPage},
		{"POST /tariffs/charge-point/{key}/edit", access.ChangeTariffs, operator, (*visit).saveChargePoint},
		{"GET /tariffs/community/{key}", access.Read, scoped, (*visit).communityPage},
		{"POST /tariffs/community/{key}", access.ChangeTariffs, operator, (*visit).saveCommunity},
		{"GET /tariffs/sales/{key}", access.Read, operator, (*visit).salesPage},
		{"GET /tariffs/rates/{key}", access.Read, scoped, (*visit).ratePage},
		{"GET /tariffs/rates/new", access.ChangeTariffs, operator, (*visit).newRatePage},
		{"POST /tariffs/rates/new", access.ChangeTariffs, operator, (*visit).saveRate},
		{"GET /tariffs/rates/{key}/edit", access.ChangeTariffs, operator, (*visit).editRatePage},
		{"POST /tariffs/rates/{key}/edit", access.ChangeTariffs, operator, (*visit).saveRate},
		{"POST /tariffs/rates/curve", access.Read, operator, (*visit).curvePart},
		{"GET /tariffs/what-if", access.Preview, operator, (*visit).whatIfPage},
		{"POST /tariffs/what-if", access.Preview, operator, (*visit).askWhatIf},
		{"GET /tariffs/what-if/{id}", access.Preview, operator, (*visit).whatIfResult},
		// Credit notes.
		{"GET /notes", access.Read, scoped, (*visit).noteList},
		{"GET /notes.csv", access.Export, scoped, (*visit).notesCSV},
		{"GET /notes.xlsx", access.Export, scoped, (*visit).notesXLSX},
		{"GET /notes.zip", access.Export, scoped, (*visit).notesZIP},
		{"GET /notes/{number}", access.Read, scoped, (*visit).notePage},
		{"GET /notes/{number}/files/{kind}", access.Read, scoped, (*visit).noteFile},
		{"GET /notes/{number}/positions/{ordinal}", access.Read, scoped, (*visit).positionPage},
		{"POST /notes/{number}/resend", access.Send, operator, (*visit).resendNote},
		{"POST /notes/{number}/settle-mail", access.Send, operator, (*visit).settleMail},
		{"GET /mails/open", access.Read, operator, (*visit).mailsOpen},
		{"GET /notes/{number}/cancel", access.Cancel, operator, (*visit).cancelPage},
		{"POST /notes/{number}/cancel", access.Cancel, operator, (*visit).cancelNote},
		{"POST /notes/{number}/objections", access.Object, scoped, (*visit).objectTo},
		{"POST /notes/{number}/objections/withdraw", access.SettleObjections, operator, (*visit).withdrawObjection},

		// Sessions.
		{"GET /sessions", access.Read, scoped, (*visit).sessionList},
		{"GET /sessions.csv", access.Export, scoped, (*visit).sessionsCSV},
		{"GET /sessions.xlsx", access.Export, scoped, (*visit).sessionsXLSX},
		{"GET /sessions/counts", access.Read, scoped, (*visit).sessionCounts},
		{"GET /sessions/find", access.Read, scoped, (*visit).findSession},
		{"POST /sessions/judge", access.JudgeSessions, operator, (*visit).judgeSessions},
		{"GET /sessions/{id}", access.Read, scoped, (*visit).sessionPage},
		{"POST /sessions/{id}/correct", access.JudgeSessions, operator, (*visit).correctSession},
		{"POST /sessions/{id}/blocked", access.JudgeSessions, operator, (*visit).releaseBlocked},
		{"GET /sessions/{id}/why", access.Read, scoped, (*visit).whyPage},
		{"POST /sessions/{id}/questions", access.Read, scoped, (*visit).askAboutSession},
		{"POST /sessions/{id}/questions/{question}", access.SettleObjections, operator, (*visit).answerQuestion},
	}
}
