package web

import (
	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/web/account"
	"creditrun/internal/web/admin"
	"creditrun/internal/web/month"
	"creditrun/internal/web/network"
	"creditrun/internal/web/notes"
	"creditrun/internal/web/page"
	"creditrun/internal/web/upload"
)

// line is a route on the site map.
type line struct {
	pattern  string       // method and path
	right    access.Right // what the visitor needs
	operator bool         // only for users of the operator, not of Sub-CPOs
	serve    func(*page.Visit) error
}

// in lets an area serve a visit.
func in[V any](area interface{ Visit(v *page.Visit) *V }, serve func(*V) error) func(*page.Visit) error {
	return func(v *page.Visit) error { return serve(area.Visit(v)) }
}

// mostOf is how many bytes the forms have at most that have a file in them.
var mostOf = map[string]int64{"POST /settings": page.MostPicture, "POST /bank/files": page.MostFile, "POST /uploads": page.MostFile, "POST /entities/{key}/documents": creditnotes.MostOfEntityDocument + page.MostForm}

// siteMap is every page and form, with the right it needs. Who may read
// sees only what is in the scope of the own entity; the handlers see to that.
func (s *Server) siteMap() []page.Route {
	const operator, scoped = true, false
	lines := []line{
		// Logging in and out, and the own account.
		{"GET /login", page.Anyone, scoped, in(s.account, (*account.Visit).LoginPage)},
		{"POST /login", page.Anyone, scoped, in(s.account, (*account.Visit).Login)},
		{"GET /login/code", page.Anyone, scoped, in(s.account, (*account.Visit).CodePage)},
		{"POST /login/code", page.Anyone, scoped, in(s.account, (*account.Visit).Code)},
		{"GET /login/oidc", page.Anyone, scoped, in(s.account, (*account.Visit).OIDCLogin)},
		{"GET /login/oidc/callback", page.Anyone, scoped, in(s.account, (*account.Visit).OIDCCallback)},
		{"POST /logout", page.Anyone, scoped, in(s.account, (*account.Visit).Logout)},
		{"GET /invite/{secret}", page.Anyone, scoped, in(s.account, (*account.Visit).InvitePage)},
		{"POST /invite/{secret}", page.Anyone, scoped, in(s.account, (*account.Visit).AcceptInvite)},
		{"GET /proof", page.Anyone, scoped, s.proofPage},
		{"GET /proof/heads", page.Anyone, scoped, s.proofHeads},
		{"POST /preferences", page.Anyone, scoped, in(s.account, (*account.Visit).SavePreferences)},
		{"POST /filters", page.Everyone, scoped, in(s.account, (*account.Visit).SaveFilter)},
		{"POST /filters/{id}/delete", page.Everyone, scoped, in(s.account, (*account.Visit).DeleteFilter)},
		{"GET /account", page.Everyone, scoped, in(s.account, (*account.Visit).AccountPage)},
		{"POST /account/logins/end", page.Everyone, scoped, in(s.account, (*account.Visit).LogOutElsewhere)},
		{"GET /colleagues", access.InviteColleagues, scoped, in(s.account, (*account.Visit).Colleagues)},
		{"POST /colleagues", access.InviteColleagues, scoped, in(s.account, (*account.Visit).InviteColleague)},
		{"POST /colleagues/{name}/activate", access.InviteColleagues, scoped, in(s.account, (*account.Visit).LetInColleague)},
		{"POST /colleagues/{name}/deactivate", access.InviteColleagues, scoped, in(s.account, (*account.Visit).KeepOutColleague)},
		{"POST /account/look", page.Everyone, scoped, in(s.account, (*account.Visit).SaveLook)},
		{"POST /account/digest", page.Everyone, scoped, in(s.account, (*account.Visit).SaveDigest)},
		{"POST /account/password", page.Everyone, scoped, in(s.account, (*account.Visit).ChangePassword)},
		{"GET /account/totp", page.Everyone, scoped, in(s.account, (*account.Visit).TOTPPage)},
		{"POST /account/totp", page.Everyone, scoped, in(s.account, (*account.Visit).AddTOTP)},
		{"POST /account/totp/remove", page.Everyone, scoped, in(s.account, (*account.Visit).RemoveTOTP)},
		{"POST /account/tokens", page.Everyone, scoped, in(s.account, (*account.Visit).AddToken)},
		{"POST /account/tokens/{id}/revoke", page.Everyone, scoped, in(s.account, (*account.Visit).RevokeToken)},

		// Home, and what is found everywhere.
		{"GET /search", access.Read, scoped, in(s.notes, (*notes.Visit).Search)},
		{"GET /{$}", access.Read, scoped, in(s.month, (*month.Visit).Home)},
		{"GET /overview/{part}", access.Read, scoped, in(s.month, (*month.Visit).HomePart)},
		{"GET /ending", access.ChangeEntities, operator, in(s.month, (*month.Visit).Ending)},

		// What the operator and Sub-CPOs write to each other.
		{"GET /questions", access.Read, scoped, in(s.notes, (*notes.Visit).Threads)},
		{"GET /questions/new", access.Object, scoped, in(s.notes, (*notes.Visit).NewThreadPage)},
		{"POST /questions/new", access.Object, scoped, in(s.notes, (*notes.Visit).AddThread)},
		{"GET /questions/{id}", access.Read, scoped, in(s.notes, (*notes.Visit).ThreadPage)},
		{"POST /questions/{id}/reply", access.Object, scoped, in(s.notes, (*notes.Visit).ReplyToThread)},
		{"POST /questions/{id}/answer", access.SettleObjections, operator, in(s.notes, (*notes.Visit).AnswerThread)},
		{"POST /questions/{id}/close", access.Object, scoped, in(s.notes, (*notes.Visit).CloseThread)},
		{"GET /announcements", access.Read, scoped, in(s.notes, (*notes.Visit).Announcements)},
		{"POST /announcements", access.SettleObjections, operator, in(s.notes, (*notes.Visit).Announce)},
		{"POST /announcements/{id}/withdraw", access.SettleObjections, operator, in(s.notes, (*notes.Visit).WithdrawAnnouncement)},
		{"GET /restore", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).RestorePage)},
		{"POST /restore", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).ConfirmRestore)},

		// Credit notes to Sub-CPOs: the settings.
		{"GET /settings", access.Read, operator, in(s.admin, (*admin.Visit).Settings)},
		{"POST /settings", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).SaveSettings)},
		{"GET /layouts", access.Read, operator, in(s.admin, (*admin.Visit).Layouts)},
		{"POST /layouts", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).AddLayout)},
		{"GET /layouts/{key}", access.Read, operator, in(s.admin, (*admin.Visit).LayoutPage)},
		{"POST /layouts/{key}", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).SaveLayout)},
		{"GET /layouts/{key}/preview", access.Read, operator, in(s.admin, (*admin.Visit).PreviewLayout)},
		{"POST /layouts/{key}/preview", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).PreviewLayout)},
		{"GET /settings/logo/{sha256}", access.Read, operator, in(s.admin, (*admin.Visit).Logo)},
		{"GET /partners", access.Read, operator, in(s.network, (*network.Visit).Partners)},
		{"GET /partners/{id}", access.ChangeSettings, operator, in(s.network, (*network.Visit).PartnerPage)},
		{"POST /partners/{id}", access.ChangeSettings, operator, in(s.network, (*network.Visit).SavePartner)},
		{"POST /partners/{id}/delete", access.ChangeSettings, operator, in(s.network, (*network.Visit).DeletePartner)},
		{"GET /settings/activate", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).ActivatePage)},
		{"POST /settings/activate", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).Activate)},
		{"GET /settings/switch/{key}", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).SwitchPage)},
		{"POST /settings/switch/{key}", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).SwitchSetting)},

		{"GET /choices/{what}", access.Read, scoped, in(s.network, (*network.Visit).ChoicesFor)},

		// Entities: the tree, one of them, its master and bank data, its account.
		{"GET /entities", access.Read, scoped, in(s.network, (*network.Visit).Entities)},
		{"GET /entities/new", access.ChangeEntities, operator, in(s.network, (*network.Visit).EntityNewPage)},
		{"POST /entities/new", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveEntity)},
		{"GET /entities/{key}", access.Read, scoped, in(s.network, (*network.Visit).EntityPage)},
		{"GET /entities/{key}/edit", access.ChangeEntities, operator, in(s.network, (*network.Visit).EntityEditPage)},
		{"POST /entities/{key}/edit", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveEntity)},
		{"POST /entities/{key}/delete", access.ChangeEntities, operator, in(s.network, (*network.Visit).DeleteEntity)},
		{"GET /entities/{key}/choices", access.ChangeEntities, operator, in(s.network, (*network.Visit).EntityChoices)},
		{"POST /entities/{key}/bank", access.ChangeEntities, operator, in(s.network, (*network.Visit).ProposeBank)},
		{"POST /entities/{key}/documents", access.ChangeEntities, operator, in(s.network, (*network.Visit).StoreDocument)},
		{"GET /entities/{key}/documents/{id}", access.Read, scoped, in(s.network, (*network.Visit).EntityDocument)},
		{"POST /entities/{key}/documents/{id}/withdraw", access.ChangeEntities, operator, in(s.network, (*network.Visit).WithdrawDocument)},
		{"POST /entities/{key}/addresses/lift", access.ChangeEntities, operator, in(s.network, (*network.Visit).LiftAddress)},
		{"GET /changes", access.ChangeEntities, operator, in(s.network, (*network.Visit).Proposals)},
		{"POST /changes/{id}/approve", access.ChangeEntities, operator, in(s.network, (*network.Visit).ApproveProposal)},
		{"POST /changes/{id}/reject", access.ChangeEntities, operator, in(s.network, (*network.Visit).RejectProposal)},
		{"GET /entities/{key}/statement", access.Read, scoped, in(s.notes, (*notes.Visit).StatementPage)},
		{"GET /entities/{key}/statement.csv", access.Export, scoped, in(s.notes, (*notes.Visit).StatementCSV)},
		{"GET /entities/{key}/statement.pdf", access.Export, scoped, in(s.notes, (*notes.Visit).StatementPDF)},
		{"GET /entities/{key}/statement.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).StatementXLSX)},
		{"GET /entities/{key}/statement.json", access.Export, scoped, in(s.notes, (*notes.Visit).StatementJSON)},
		{"GET /entities/{key}/adjust", access.Draft, operator, in(s.notes, (*notes.Visit).AdjustPage)},
		{"POST /entities/{key}/adjust", access.Draft, operator, in(s.notes, (*notes.Visit).Adjust)},
		{"GET /bank", access.Read, operator, in(s.notes, (*notes.Visit).Bank)},
		{"POST /bank/files", access.Draft, operator, in(s.notes, (*notes.Visit).UploadBank)},
		{"GET /bank/files/{id}", access.Draft, operator, in(s.notes, (*notes.Visit).BankUpload)},
		{"POST /bank/files/{id}/check", access.Draft, operator, in(s.notes, (*notes.Visit).CheckBank)},
		{"POST /bank/files/{id}/apply", access.Draft, operator, in(s.notes, (*notes.Visit).ApplyBank)},
		{"GET /bank/{id}", access.Read, operator, in(s.notes, (*notes.Visit).BankEntry)},
		{"POST /bank/{id}/assign", access.Draft, operator, in(s.notes, (*notes.Visit).AssignBank)},
		{"POST /bank/{id}/foreign", access.Draft, operator, in(s.notes, (*notes.Visit).MarkBankForeign)},
		{"POST /bank/{id}/undo", access.Draft, operator, in(s.notes, (*notes.Visit).UndoBank)},
		{"GET /accounts", access.Read, scoped, in(s.notes, (*notes.Visit).Accounts)},
		{"GET /accounts.csv", access.Export, scoped, in(s.notes, (*notes.Visit).AccountsCSV)},
		{"GET /accounts.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).AccountsXLSX)},

		// Payouts; users of a Sub-CPO see those of its entities.
		{"GET /payouts", access.Read, scoped, in(s.notes, (*notes.Visit).Payouts)},
		{"GET /payouts/all", access.Read, scoped, in(s.notes, (*notes.Visit).PayoutList)},
		{"POST /payouts/prepare", access.Draft, operator, in(s.notes, (*notes.Visit).PreparePayouts)},
		{"GET /payout-batches/{id}", access.Read, operator, in(s.notes, (*notes.Visit).PayoutBatch)},
		{"POST /payout-batches/{id}/approve", access.Approve, operator, in(s.notes, (*notes.Visit).ApprovePayouts)},
		{"POST /payout-batches/{id}/discard", access.Draft, operator, in(s.notes, (*notes.Visit).DiscardPayouts)},
		{"POST /payout-batches/{id}/export", access.Approve, operator, in(s.notes, (*notes.Visit).ExportPayouts)},
		{"GET /payouts/{number}", access.Read, scoped, in(s.notes, (*notes.Visit).PayoutPage)},
		{"POST /payouts/{number}/external-id", access.Draft, operator, in(s.notes, (*notes.Visit).SetPayoutExternalID)},
		{"GET /payouts/{number}/advice.pdf", access.Read, scoped, in(s.notes, (*notes.Visit).AdvicePDF)},
		{"POST /payouts/{number}/resend", access.Send, operator, in(s.notes, (*notes.Visit).ResendAdvice)},
		{"POST /payouts/{number}/settle-mail", access.Send, operator, in(s.notes, (*notes.Visit).SettleAdviceMail)},

		// What is open by age, what is to be paid, and what is owed and on no document.
		{"GET /ageing", access.Read, scoped, in(s.notes, (*notes.Visit).Ageing)},
		{"GET /ageing.csv", access.Export, scoped, in(s.notes, (*notes.Visit).AgeingCSV)},
		{"GET /ageing.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).AgeingXLSX)},
		{"GET /cash", access.Read, operator, in(s.notes, (*notes.Visit).Cash)},
		{"GET /cash.csv", access.Export, operator, in(s.notes, (*notes.Visit).CashCSV)},
		{"GET /cash.xlsx", access.Export, operator, in(s.notes, (*notes.Visit).CashXLSX)},
		{"GET /accruals", access.Read, operator, in(s.month, (*month.Visit).Accruals)},
		{"GET /accruals.csv", access.Export, operator, in(s.month, (*month.Visit).AccrualsCSV)},
		{"GET /accruals.xlsx", access.Export, operator, in(s.month, (*month.Visit).AccrualsXLSX)},

		// Reminders; users of a Sub-CPO see those to its entities.
		{"GET /reminders", access.Read, scoped, in(s.notes, (*notes.Visit).Reminders)},
		{"GET /reminders.csv", access.Export, scoped, in(s.notes, (*notes.Visit).RemindersCSV)},
		{"GET /reminders.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).RemindersXLSX)},
		{"GET /reminders/preview.pdf", access.Read, operator, in(s.notes, (*notes.Visit).PreviewReminder)},
		{"POST /reminders/send", access.Send, operator, in(s.notes, (*notes.Visit).SendReminders)},
		{"GET /reminders-work/{id}", access.Send, operator, in(s.notes, (*notes.Visit).RemindersWork)},
		{"GET /reminders/{number}", access.Read, scoped, in(s.notes, (*notes.Visit).ReminderPage)},
		{"GET /reminders/{number}/letter.pdf", access.Read, scoped, in(s.notes, (*notes.Visit).ReminderPDF)},
		{"POST /reminders/{number}/resend", access.Send, operator, in(s.notes, (*notes.Visit).ResendReminder)},
		{"POST /reminders/{number}/settle-mail", access.Send, operator, in(s.notes, (*notes.Visit).SettleReminderMail)},
		// Accounting: months, their journals and files, exchange rates.
		{"GET /accounting", access.Read, operator, in(s.notes, (*notes.Visit).Accounting)},
		{"POST /accounting/rates", access.Draft, operator, in(s.notes, (*notes.Visit).SetRate)},
		{"GET /accounting/{month}", access.Read, operator, in(s.notes, (*notes.Visit).AccountingMonth)},
		{"POST /accounting/{month}/export", access.Approve, operator, in(s.notes, (*notes.Visit).ExportMonth)},
		{"GET /accounting-work/{id}", access.Approve, operator, in(s.notes, (*notes.Visit).AccountingWork)},
		{"GET /accounting/{month}/files/{name}", access.Export, operator, in(s.notes, (*notes.Visit).AccountingFile)},

		// Number ranges and tax accounts.
		{"GET /ranges", access.Read, operator, in(s.network, (*network.Visit).Ranges)},
		{"POST /ranges/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteRange)},
		{"GET /ranges/{key}", access.ChangeTariffs, operator, in(s.network, (*network.Visit).RangePage)},
		{"POST /ranges/{key}", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveRange)},

		// Runs.
		{"GET /runs", access.Read, operator, in(s.month, (*month.Visit).RunsPage)},
		{"GET /runs/preview", access.Preview, operator, in(s.month, (*month.Visit).PreviewPage)},
		{"POST /runs/preview", access.Preview, operator, in(s.month, (*month.Visit).RefreshPreview)},
		{"GET /runs/new", access.Draft, operator, in(s.month, (*month.Visit).NewRunPage)},
		{"POST /runs/clock", access.Draft, operator, in(s.month, (*month.Visit).ConfirmClock)},
		{"POST /runs/new", access.Draft, operator, in(s.month, (*month.Visit).StartRun)},
		{"GET /runs/{name}", access.Read, operator, in(s.month, (*month.Visit).RunPage)},
		{"GET /runs/{name}/progress", access.Read, operator, in(s.month, (*month.Visit).FollowRun)},
		{"GET /runs/{name}/drafts/{id}", access.Read, operator, in(s.month, (*month.Visit).DraftPage)},
		{"GET /runs/{name}/drafts/{id}/draft.pdf", access.Read, operator, in(s.month, (*month.Visit).DraftPDF)},
		{"GET /runs/{name}/drafts/{id}/positions/{ordinal}", access.Read, operator, in(s.month, (*month.Visit).DraftPositionPage)},
		{"GET /runs/{name}/report.json", access.Export, operator, in(s.month, (*month.Visit).RunJSON)},
		{"GET /runs/{name}/control.csv", access.Export, operator, in(s.month, (*month.Visit).RunCSV)},
		{"GET /runs/compare", access.Read, operator, in(s.month, (*month.Visit).ComparePage)},
		{"POST /runs/{name}/left-out", access.Draft, operator, in(s.month, (*month.Visit).LeaveOut)},
		{"POST /runs/{name}/take-back", access.Draft, operator, in(s.month, (*month.Visit).TakeBackIn)},
		{"POST /runs/{name}/remarks", access.Preview, operator, in(s.month, (*month.Visit).AddRemark)},
		{"POST /runs/{name}/continue", access.Draft, operator, in(s.month, (*month.Visit).ContinueRun)},
		{"POST /runs/{name}/discard", access.Draft, operator, in(s.month, (*month.Visit).DiscardRun)},
		{"GET /runs/{name}/approve", access.Approve, operator, in(s.month, (*month.Visit).ApprovePage)},
		{"POST /runs/{name}/approve", access.Approve, operator, in(s.month, (*month.Visit).Approve)},
		{"POST /runs/{name}/resend", access.Send, operator, in(s.month, (*month.Visit).ResendOfRun)},

		// Users.
		{"GET /users", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).Users)},
		{"POST /users", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).AddUser)},
		{"GET /users/{name}", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).UserPage)},
		{"POST /users/{name}", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).ChangeUser)},
		{"POST /users/{name}/activate", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).ActivateUser)},
		{"POST /users/{name}/deactivate", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).DeactivateUser)},
		{"POST /users/{name}/invite", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).InviteUser)},
		{"POST /users/{name}/totp", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).ResetTOTP)},
		{"POST /users/{name}/oidc", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).UnlinkOIDC)},
		{"POST /users/{name}/tokens/{id}/revoke", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).RevokeUserToken)},

		// Roles made of rights.
		{"GET /roles", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).Roles)},
		{"POST /roles", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).AddRole)},
		{"GET /roles/{role}", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).RolePage)},
		{"POST /roles/{role}", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).SaveRole)},
		{"POST /roles/{role}/delete", access.ChangeUsers, operator, in(s.admin, (*admin.Visit).DeleteRole)},

		// The audit log.
		{"GET /audit", access.ReadAudit, operator, in(s.admin, (*admin.Visit).Audit)},
		{"GET /audit.csv", access.ReadAudit, operator, in(s.admin, (*admin.Visit).AuditCSV)},
		{"GET /audit/{id}", access.ReadAudit, operator, in(s.admin, (*admin.Visit).AuditEntry)},
		{"POST /audit/checks", access.ReadAudit, operator, in(s.admin, (*admin.Visit).CheckAudit)},
		{"GET /audit/checks/{id}", access.ReadAudit, operator, in(s.admin, (*admin.Visit).AuditChecked)},

		// What an auditor is given.
		{"GET /archive", access.ReadAudit, operator, in(s.admin, (*admin.Visit).ArchiveList)},
		{"POST /archive", access.ReadAudit, operator, in(s.admin, (*admin.Visit).MakeArchive)},
		{"GET /archive-work/{id}", access.ReadAudit, operator, in(s.admin, (*admin.Visit).ArchiveWork)},
		{"GET /archive/{id}/archive.zip", access.ReadAudit, operator, in(s.admin, (*admin.Visit).ArchiveZIP)},
		{"POST /archive/{id}/delete", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).DeleteArchive)},
		{"GET /procedure", access.Read, operator, in(s.admin, (*admin.Visit).Procedure)},
		{"GET /procedure.txt", access.Export, operator, in(s.admin, (*admin.Visit).ProcedureText)},
		{"GET /quota", access.Read, operator, in(s.admin, (*admin.Visit).Quota)},
		{"GET /quota.csv", access.Export, operator, in(s.admin, (*admin.Visit).QuotaCSV)},
		{"GET /quota.xlsx", access.Export, operator, in(s.admin, (*admin.Visit).QuotaXLSX)},

		// Webhooks.
		{"GET /webhooks", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).Webhooks)},
		{"POST /webhooks", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).AddWebhook)},
		{"GET /webhooks/{id}", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).WebhookPage)},
		{"POST /webhooks/{id}", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).ChangeWebhook)},
		{"POST /webhooks/{id}/pause", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).PauseWebhook)},
		{"POST /webhooks/{id}/resume", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).ResumeWebhook)},
		{"POST /webhooks/{id}/secret", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).RotateWebhook)},
		{"POST /webhooks/{id}/delete", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).DeleteWebhook)},
		{"POST /webhooks/{id}/events/{event}/retry", access.ChangeSettings, operator, in(s.admin, (*admin.Visit).RetryEvent)},
		{"GET /taxes", access.Read, operator, in(s.network, (*network.Visit).Taxes)},
		{"GET /taxes/{key}", access.ChangeTariffs, operator, in(s.network, (*network.Visit).TaxPage)},
		{"POST /taxes/{key}", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveTax)},
		{"POST /taxes/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteTax)},

		// Stations; users of a Sub-CPO see those of its entities.
		{"GET /stations", access.Read, scoped, in(s.network, (*network.Visit).Stations)},
		{"GET /stations/new", access.ChangeEntities, operator, in(s.network, (*network.Visit).StationNewPage)},
		{"POST /stations/new", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveStation)},
		{"GET /stations/{key}/edit", access.ChangeEntities, operator, in(s.network, (*network.Visit).StationEditPage)},
		{"POST /stations/{key}/edit", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveStation)},
		{"GET /stations/{key}/connectors", access.ChangeEntities, operator, in(s.network, (*network.Visit).ConnectorsPage)},
		{"POST /stations/{key}/connectors", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveConnectors)},
		{"POST /stations/{key}/delete", access.ChangeEntities, operator, in(s.network, (*network.Visit).DeleteStation)},
		{"GET /media", access.ChangeEntities, operator, in(s.network, (*network.Visit).Media)},
		{"GET /media/{uid}", access.ChangeEntities, operator, in(s.network, (*network.Visit).MediumPage)},
		{"POST /media/{uid}/delete", access.ChangeEntities, operator, in(s.network, (*network.Visit).DeleteMedium)},
		{"POST /media/{uid}", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveMedium)},
		{"GET /stations/{key}", access.Read, scoped, in(s.network, (*network.Visit).StationPage)},
		{"POST /stations/{key}/owners", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveOwner)},
		{"POST /stations/{key}/community", access.ChooseCommunity, scoped, in(s.network, (*network.Visit).ChooseCommunity)},
		{"POST /stations/{key}/kind", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveKind)},
		{"POST /stations/{key}/meter-keys", access.ChangeEntities, operator, in(s.network, (*network.Visit).SaveMeterKey)},
		{"POST /stations/{key}/meters/check", access.JudgeSessions, operator, in(s.network, (*network.Visit).CheckMeters)},
		{"POST /stations/{key}/tariffs", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveAssigned)},

		{"GET /stations/{key}/control", access.Read, operator, in(s.network, (*network.Visit).StationControl)},
		{"GET /stations/{key}/control.xlsx", access.Export, operator, in(s.network, (*network.Visit).StationControlXLSX)},
		{"GET /control", access.Read, operator, in(s.network, (*network.Visit).Control)},
		{"GET /control.xlsx", access.Export, operator, in(s.network, (*network.Visit).ControlXLSX)},

		// Issuers of media, on both sides; users of a Sub-CPO see its entities as issuers.
		{"GET /issuers", access.Read, scoped, in(s.network, (*network.Visit).Issuers)},
		{"GET /issuers/{key}", access.Read, scoped, in(s.network, (*network.Visit).Issuer)},
		{"GET /issuers/{key}/control.xlsx", access.Export, scoped, in(s.network, (*network.Visit).IssuerXLSX)},

		// Tariffs and cost rates; users of a Sub-CPO see what it is paid by.
		{"GET /tariffs", access.Read, operator, in(s.network, (*network.Visit).Tariffs)},
		{"GET /tariffs/charge-point/{key}", access.Read, scoped, in(s.network, (*network.Visit).ChargePointPage)},
		{"GET /tariffs/charge-point/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).ChargePointFormPage)},
		{"POST /tariffs/charge-point/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveChargePoint)},
		{"POST /tariffs/charge-point/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteChargePoint)},
		{"GET /tariffs/community/{key}", access.Read, scoped, in(s.network, (*network.Visit).CommunityPage)},
		{"POST /tariffs/community/{key}", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveCommunity)},
		{"POST /tariffs/community/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteCommunity)},
		{"POST /tariffs/sales/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteSales)},
		{"POST /tariffs/rates/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteRate)},
		{"GET /tariffs/sales/{key}", access.Read, operator, in(s.network, (*network.Visit).SalesPage)},
		{"GET /tariffs/sales/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SalesFormPage)},
		{"POST /tariffs/sales/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveSales)},
		{"GET /tariffs/rates/{key}", access.Read, scoped, in(s.network, (*network.Visit).RatePage)},
		{"GET /tariffs/rates/new", access.ChangeTariffs, operator, in(s.network, (*network.Visit).NewRatePage)},
		{"POST /tariffs/rates/new", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveRate)},
		{"GET /tariffs/rates/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).EditRatePage)},
		{"POST /tariffs/rates/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveRate)},
		{"POST /tariffs/rates/curve", access.Read, operator, in(s.network, (*network.Visit).CurvePart)},
		{"GET /tariffs/what-if", access.Preview, operator, in(s.network, (*network.Visit).WhatIfPage)},
		{"POST /tariffs/what-if", access.Preview, operator, in(s.network, (*network.Visit).AskWhatIf)},
		{"GET /tariffs/what-if/{id}", access.Preview, operator, in(s.network, (*network.Visit).WhatIfResult)},

		// Reprices.
		{"GET /reprices", access.Read, operator, in(s.network, (*network.Visit).Reprices)},
		{"POST /reprices/preview", access.Preview, operator, in(s.network, (*network.Visit).PreviewReprice)},
		{"GET /reprices/preview/{id}", access.Preview, operator, in(s.network, (*network.Visit).PreviewedReprice)},
		{"POST /reprices/preview/{id}/apply", access.Draft, operator, in(s.network, (*network.Visit).ApplyReprice)},
		{"POST /reprices/preview/{id}/discard", access.Preview, operator, in(s.network, (*network.Visit).DiscardPreview)},
		{"GET /reprices/work/{id}", access.Read, operator, in(s.network, (*network.Visit).RepriceWork)},

		// Contracts; users of a Sub-CPO see those of its entities.
		{"GET /contracts", access.Read, scoped, in(s.network, (*network.Visit).Contracts)},
		{"GET /contracts.csv", access.Export, scoped, in(s.network, (*network.Visit).ContractsCSV)},
		{"GET /contracts.xlsx", access.Export, scoped, in(s.network, (*network.Visit).ContractsXLSX)},
		{"GET /contracts/new", access.ChangeTariffs, operator, in(s.network, (*network.Visit).ContractNewPage)},
		{"POST /contracts/new", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveContract)},
		{"GET /contracts/{key}", access.Read, scoped, in(s.network, (*network.Visit).ContractPage)},
		{"GET /contracts/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).ContractEditPage)},
		{"POST /contracts/{key}/edit", access.ChangeTariffs, operator, in(s.network, (*network.Visit).SaveContract)},
		{"POST /contracts/{key}/delete", access.ChangeTariffs, operator, in(s.network, (*network.Visit).DeleteContract)},
		{"POST /contracts/{key}/what-if", access.Preview, operator, in(s.network, (*network.Visit).AskContractWhatIf)},

		// Credit notes.
		{"GET /notes", access.Read, scoped, in(s.notes, (*notes.Visit).NoteList)},
		{"GET /notes.csv", access.Export, scoped, in(s.notes, (*notes.Visit).NotesCSV)},
		{"GET /notes.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).NotesXLSX)},
		{"GET /notes.zip", access.Export, scoped, in(s.notes, (*notes.Visit).NotesZIP)},
		{"GET /notes/{number}", access.Read, scoped, in(s.notes, (*notes.Visit).NotePage)},
		{"POST /notes/{number}/external-id", access.Draft, operator, in(s.notes, (*notes.Visit).SetNoteExternalID)},
		{"GET /notes/{number}/files/{kind}", access.Read, scoped, in(s.notes, (*notes.Visit).NoteFile)},
		{"POST /notes/{number}/validations", access.Draft, operator, in(s.notes, (*notes.Visit).AttachValidation)},
		{"GET /notes/{number}/validations/{id}", access.Read, scoped, in(s.notes, (*notes.Visit).ValidationReport)},
		{"GET /notes/{number}/positions/{ordinal}", access.Read, scoped, in(s.notes, (*notes.Visit).PositionPage)},
		{"POST /notes/{number}/resend", access.Send, operator, in(s.notes, (*notes.Visit).ResendNote)},
		{"POST /notes/{number}/settle-mail", access.Send, operator, in(s.notes, (*notes.Visit).SettleMail)},
		{"GET /mails/open", access.Read, operator, in(s.notes, (*notes.Visit).MailsOpen)},
		{"GET /notes/{number}/cancel", access.Cancel, operator, in(s.notes, (*notes.Visit).CancelPage)},
		{"POST /notes/{number}/cancel", access.Cancel, operator, in(s.notes, (*notes.Visit).CancelNote)},
		{"POST /notes/{number}/objections", access.Object, scoped, in(s.notes, (*notes.Visit).ObjectTo)},
		{"POST /notes/{number}/objections/withdraw", access.SettleObjections, operator, in(s.notes, (*notes.Visit).WithdrawObjection)},

		// Revenue and expense records.
		{"GET /records", access.Read, scoped, in(s.notes, (*notes.Visit).RecordList)},
		{"GET /records.csv", access.Export, scoped, in(s.notes, (*notes.Visit).RecordsCSV)},
		{"GET /records.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).RecordsXLSX)},
		{"GET /records/totals", access.Read, scoped, in(s.notes, (*notes.Visit).RecordTotals)},
		// Custom records and top-ups.
		{"GET /custom-records", access.Read, scoped, in(s.notes, (*notes.Visit).CustomRecords)},
		{"GET /custom-records/new", access.Draft, operator, in(s.notes, (*notes.Visit).NewRecordPage)},
		{"POST /custom-records/new", access.Draft, operator, in(s.notes, (*notes.Visit).AddRecord)},
		{"GET /custom-records/{key}", access.Draft, operator, in(s.notes, (*notes.Visit).RecordPage)},
		{"POST /custom-records/{key}", access.Draft, operator, in(s.notes, (*notes.Visit).ChangeRecord)},
		{"POST /custom-records/{key}/delete", access.Draft, operator, in(s.notes, (*notes.Visit).DeleteRecord)},
		{"GET /top-ups", access.Read, scoped, in(s.notes, (*notes.Visit).TopUps)},

		// What was settled, added up; users of a Sub-CPO see its entities.
		{"GET /analysis", access.Read, scoped, in(s.month, (*month.Visit).Analysis)},
		{"GET /analysis/held", access.Read, scoped, in(s.month, (*month.Visit).HeldOverTime)},
		{"GET /analysis.csv", access.Export, scoped, in(s.month, (*month.Visit).AnalysisCSV)},
		{"GET /analysis.xlsx", access.Export, scoped, in(s.month, (*month.Visit).AnalysisXLSX)},

		// Settlement reports; users of a Sub-CPO see those of its entities.
		{"GET /reports", access.Read, scoped, in(s.notes, (*notes.Visit).ReportList)},
		{"GET /reports/{name}", access.Read, scoped, in(s.notes, (*notes.Visit).ReportPage)},
		{"POST /reports/{name}/resend", access.Send, operator, in(s.notes, (*notes.Visit).ResendReport)},
		{"POST /reports/{name}/settle-mail", access.Send, operator, in(s.notes, (*notes.Visit).SettleReportMail)},
		{"GET /reports/{name}/report.pdf", access.Export, scoped, in(s.notes, (*notes.Visit).ReportPDF)},
		{"GET /reports/{name}/report.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).ReportXLSX)},
		{"GET /reports/{name}/report.json", access.Export, scoped, in(s.notes, (*notes.Visit).ReportJSON)},

		// Files that are looked at and taken in.
		{"GET /uploads", access.ImportSessions, operator, in(s.upload, (*upload.Visit).Uploads)},
		{"POST /uploads", access.ImportSessions, operator, in(s.upload, (*upload.Visit).Upload)},
		{"GET /uploads/{id}", access.ImportSessions, operator, in(s.upload, (*upload.Visit).UploadPage)},
		{"POST /uploads/{id}/check", access.ImportSessions, operator, in(s.upload, (*upload.Visit).Check)},
		{"POST /uploads/{id}/apply", access.ImportSessions, operator, in(s.upload, (*upload.Visit).Apply)},
		{"GET /uploads/{id}/rejected", access.ImportSessions, operator, in(s.upload, (*upload.Visit).RejectedFile)},
		{"GET /formats", access.Read, operator, in(s.upload, (*upload.Visit).FormatsPage)},
		{"GET /formats/{file}", access.Read, operator, in(s.upload, (*upload.Visit).FormatExample)},

		// Sessions.
		{"GET /sessions", access.Read, scoped, in(s.notes, (*notes.Visit).SessionList)},
		{"GET /sessions.csv", access.Export, scoped, in(s.notes, (*notes.Visit).SessionsCSV)},
		{"GET /sessions.xlsx", access.Export, scoped, in(s.notes, (*notes.Visit).SessionsXLSX)},
		{"GET /sessions/counts", access.Read, scoped, in(s.notes, (*notes.Visit).SessionCounts)},
		{"GET /sessions/find", access.Read, scoped, in(s.notes, (*notes.Visit).FindSession)},
		{"GET /sessions/held", access.Read, operator, in(s.network, (*network.Visit).HeldPage)},
		{"POST /sessions/held/tariffs", access.ChangeTariffs, operator, in(s.network, (*network.Visit).AssignHeld)},
		{"POST /sessions/judge", access.JudgeSessions, operator, in(s.notes, (*notes.Visit).JudgeSessions)},
		{"GET /sessions/{id}", access.Read, scoped, in(s.notes, (*notes.Visit).SessionPage)},
		{"POST /sessions/{id}/correct", access.JudgeSessions, operator, in(s.notes, (*notes.Visit).CorrectSession)},
		{"POST /sessions/{id}/blocked", access.JudgeSessions, operator, in(s.notes, (*notes.Visit).ReleaseBlocked)},
		{"GET /sessions/{id}/signed.xml", access.Read, scoped, in(s.notes, (*notes.Visit).SessionSigned)},
		{"GET /sessions/{id}/why", access.Read, scoped, in(s.notes, (*notes.Visit).WhyPage)},
		{"POST /sessions/{id}/questions", access.Read, scoped, in(s.notes, (*notes.Visit).AskAboutSession)},
		{"POST /sessions/{id}/questions/{question}", access.SettleObjections, operator, in(s.notes, (*notes.Visit).AnswerQuestion)},
	}
	routes := make([]page.Route, len(lines))
	for i, l := range lines {
		routes[i] = page.Route{Pattern: l.pattern, Right: l.right, Operator: l.operator, Serve: l.serve, Most: mostOf[l.pattern]}
	}
	return routes
}
