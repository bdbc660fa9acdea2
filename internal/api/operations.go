package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/internal/access"
)

// operation is one line of the table of operations.
type operation struct {
	method, path string
	id           string         // unique; programs name their functions after it
	needs        []access.Right // every one of them, as a right of the user and as a scope of the token
	operator     bool           // only for users of the operator, not of Sub-CPOs
	status       int            // when it went well
	tag          string
	summary      string
	register     func(*API, huma.Operation)
}

// files are the operations whose body is a file, with the most bytes it may
// have; any other body has at most mostJSON.
var files = map[string]int64{"import-sessions": mostSessions, "import-network": mostNetwork,
	"import-collections": mostSessions, "import-top-ups": mostSessions, "import-custom-records": mostNetwork, "import-bank-file": mostSessions,
	"store-entity-document": creditnotes.MostOfEntityDocument}

// streams are the operations whose answer may take as long as it is being read.
var streams = map[string]bool{"list-credit-note-sessions": true, "list-draft-sessions": true}

// mostBody is how many bytes the body of an operation may have.
func (op operation) mostBody() int64 {
	if most := files[op.id]; most > 0 {
		return most
	}
	return mostJSON
}

// rights is what an operation needs.
func rights(list ...access.Right) []access.Right { return list }

// operations is everything the API does, with the rights it needs. Anyone who may
// read sees only what is in the scope of the own entity; the handlers see to
// that.
func operations() []operation {
	const (
		get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
		operator, scoped           = true, false
		ok, created, accepted, no  = http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent
	)
	var (
		anything       = rights()
		read           = rights(access.Read)
		export         = rights(access.Export)
		preview        = rights(access.Preview)
		draft          = rights(access.Draft)
		changeSettings = rights(access.ChangeSettings)
		changeTariffs  = rights(access.ChangeTariffs)
		changeEntities = rights(access.ChangeEntities)
		changeStations = rights(access.ChangeEntities, access.ChangeTariffs)
		changeAll      = rights(access.ChangeEntities, access.ChangeTariffs, access.ChangeSettings)
		judge          = rights(access.JudgeSessions)
		readAudit      = rights(access.ReadAudit)
	)
	return []operation{
		{get, "/me", "get-me", anything, scoped, ok, "Access", "Who the token is for and what it may do", on((*call).me)},

		{get, "/settings", "get-settings", read, operator, ok, "Settings", "All settings", on((*call).settings)},
		{patch, "/settings", "change-settings", changeSettings, operator, ok, "Settings", "Change some settings, all or none", on((*call).changeSettings)},

		{get, "/entities", "list-entities", read, scoped, ok, "Entities", "The operator and the Sub-CPOs", on((*call).entities)},
		{get, "/entities/{key}", "get-entity", read, scoped, ok, "Entities", "One entity", on((*call).entity)},
		{put, "/entities/{key}", "put-entity", changeEntities, operator, ok, "Entities", "Create or replace an entity; what decides where money goes may wait for a second person", on((*call).putEntity)},
		{del, "/entities/{key}", "delete-entity", changeEntities, operator, no, "Entities", "Delete an entity that nothing refers to", on(allEntities.remove)},
		{get, "/entities/{key}/documents", "list-entity-documents", read, scoped, ok, "Entities", "Documents about an entity, such as certificates, the latest first", on((*call).entityDocuments)},
		{get, "/entities/{key}/tax-proposals", "list-tax-proposals", read, scoped, ok, "Entities", "The tax that is proposed for the days of supply, with the reason, and where the tax of the entity differs", on((*call).taxProposals)},
		{post, "/entities/{key}/documents", "store-entity-document", changeEntities, operator, created, "Entities", "Store a document about an entity; it never changes", on((*call).storeDocument)},
		{get, "/entities/{key}/documents/{id}", "get-entity-document", read, scoped, ok, "Entities", "A document about an entity as it was stored, byte for byte", on((*call).entityDocument)},
		{post, "/entities/{key}/documents/{id}/withdraw", "withdraw-entity-document", changeEntities, operator, no, "Entities", "Withdraw a document that was stored by mistake; it stays readable", on((*call).withdrawDocument)},
		{get, "/bank-changes", "list-bank-changes", changeEntities, operator, ok, "Entities", "Changes of bank data", on((*call).bankChanges)},
		{get, "/bank-changes/{id}", "get-bank-change", changeEntities, operator, ok, "Entities", "One change of bank data", on((*call).bankChange)},
		{post, "/bank-changes/{id}/approve", "approve-bank-change", changeEntities, operator, ok, "Entities", "Let new bank data apply; not by who asked for them, nor by who counts as the same person", on((*call).approveBank)},
		{post, "/bank-changes/{id}/reject", "reject-bank-change", changeEntities, operator, ok, "Entities", "Throw new bank data away", on((*call).rejectBank)},
		{get, "/changes", "list-changes", changeEntities, operator, ok, "Entities", "Changes that decide where money goes and wait for a second person, the latest first", on((*call).changes)},
		{get, "/changes/{id}", "get-change", changeEntities, operator, ok, "Entities", "A change that waits or waited for a second person", on((*call).change)},
		{post, "/changes/{id}/approve", "approve-change", changeEntities, operator, ok, "Entities", "Let a change apply; not by who asked for it, nor by who counts as the same person", on((*call).approveChange)},
		{post, "/changes/{id}/reject", "reject-change", changeEntities, operator, ok, "Entities", "Throw a change away", on((*call).rejectChange)},
		{get, "/marked-addresses", "list-marked-addresses", changeEntities, operator, ok, "Entities", "E-mail addresses that get no more mails, and why", on((*call).markedAddresses)},
		{post, "/marked-addresses/lift", "lift-marked-address", changeEntities, operator, no, "Entities", "Send mails to an address again", on((*call).liftAddress)},

		{get, "/stations", "list-stations", read, scoped, ok, "Stations", "Stations with their connectors", on((*call).stations)},
		{get, "/stations/{key}", "get-station", read, scoped, ok, "Stations", "One station", on((*call).station)},
		{put, "/stations/{key}", "put-station", changeStations, operator, ok, "Stations", "Create or replace a station with its connectors and their tariffs", on(allStations.put)},
		{del, "/stations/{key}", "delete-station", changeEntities, operator, no, "Stations", "Delete a station with its connectors that nothing refers to", on(allStations.remove)},

		{get, "/media", "list-media", changeEntities, operator, ok, "Media", "Identification media that entities of the network issued", on(allMedia.list)},
		{get, "/media/{key}", "get-medium", changeEntities, operator, ok, "Media", "One medium, by its uid", on(allMedia.get)},
		{put, "/media/{key}", "put-medium", changeEntities, operator, ok, "Media", "Create or replace a medium", on(allMedia.put)},
		{del, "/media/{key}", "delete-medium", changeEntities, operator, no, "Media", "Delete a medium that no session names", on(allMedia.remove)},
		{get, "/partners", "list-partners", read, operator, ok, "Partners", "Roaming partners with whom the operator settles bilaterally", on(allPartners.list)},
		{get, "/partners/{key}", "get-partner", read, operator, ok, "Partners", "One roaming partner, such as DE*ABC", on(allPartners.get)},
		{put, "/partners/{key}", "put-partner", changeSettings, operator, ok, "Partners", "Create or replace a roaming partner", on(putPartner)},
		{del, "/partners/{key}", "delete-partner", changeSettings, operator, no, "Partners", "Delete a roaming partner that no session names", on(allPartners.remove)},

		{get, "/cost-rates", "list-cost-rates", read, operator, ok, "Tariffs", "Cost rates in all versions", on(costRates.list)},
		{get, "/cost-rates/{key}", "get-cost-rate", read, operator, ok, "Tariffs", "All versions of a cost rate", on(rateVersions)},
		{put, "/cost-rates/{key}", "put-cost-rate", changeTariffs, operator, ok, "Tariffs", "Create a cost rate, or a version of one; without valid_from it is priced so from now on", on(putRate)},
		{del, "/cost-rates/{key}", "delete-cost-rate", changeTariffs, operator, no, "Tariffs", "Delete a cost rate in all versions that nothing refers to", on(costRates.remove)},
		{get, "/charge-point-tariffs", "list-charge-point-tariffs", read, operator, ok, "Tariffs", "Charge-point tariffs", on(chargePointTariffs.list)},
		{get, "/charge-point-tariffs/{key}", "get-charge-point-tariff", read, operator, ok, "Tariffs", "One charge-point tariff", on(chargePointTariffs.get)},
		{put, "/charge-point-tariffs/{key}", "put-charge-point-tariff", changeTariffs, operator, ok, "Tariffs", "Create or replace a charge-point tariff", on(chargePointTariffs.put)},
		{del, "/charge-point-tariffs/{key}", "delete-charge-point-tariff", changeTariffs, operator, no, "Tariffs", "Delete a charge-point tariff that nothing refers to", on(chargePointTariffs.remove)},
		{get, "/community-tariffs", "list-community-tariffs", read, operator, ok, "Tariffs", "COMMUNITY tariffs", on(communityTariffs.list)},
		{get, "/community-tariffs/{key}", "get-community-tariff", read, operator, ok, "Tariffs", "One COMMUNITY tariff", on(communityTariffs.get)},
		{put, "/community-tariffs/{key}", "put-community-tariff", changeTariffs, operator, ok, "Tariffs", "Create or replace a COMMUNITY tariff", on(communityTariffs.put)},
		{del, "/community-tariffs/{key}", "delete-community-tariff", changeTariffs, operator, no, "Tariffs", "Delete a COMMUNITY tariff that nothing refers to", on(communityTariffs.remove)},
		{get, "/sales-tariffs", "list-sales-tariffs", read, operator, ok, "Tariffs", "EMP sales tariffs", on(salesTariffs.list)},
		{get, "/sales-tariffs/{key}", "get-sales-tariff", read, operator, ok, "Tariffs", "One EMP sales tariff", on(salesTariffs.get)},
		{put, "/sales-tariffs/{key}", "put-sales-tariff", changeTariffs, operator, ok, "Tariffs", "Create or replace an EMP sales tariff", on(salesTariffs.put)},
		{del, "/sales-tariffs/{key}", "delete-sales-tariff", changeTariffs, operator, no, "Tariffs", "Delete an EMP sales tariff that nothing refers to", on(salesTariffs.remove)},
		{get, "/contracts", "list-contracts", read, scoped, ok, "Contracts", "Contracts of owners", on((*call).contracts)},
		{get, "/contracts/{key}", "get-contract", read, scoped, ok, "Contracts", "One contract", on((*call).contract)},
		{put, "/contracts/{key}", "put-contract", changeTariffs, operator, ok, "Contracts", "Create or replace a contract; what it says counts from the next run on", on(allContracts.put)},
		{del, "/contracts/{key}", "delete-contract", changeTariffs, operator, no, "Contracts", "Delete a contract that nothing refers to", on(allContracts.remove)},
		{get, "/reprices", "list-reprices", read, operator, ok, "Tariffs", "What was priced anew, the latest first", on((*call).reprices)},
		{post, "/reprices/preview", "preview-reprice", preview, operator, ok, "Tariffs", "What credited sessions at a cost rate or contract that was wrong would come to; changes nothing", on((*call).previewReprice)},
		{post, "/reprices", "reprice-sessions", draft, operator, ok, "Tariffs", "Price credited sessions anew: the next run corrects them; where runs wait for a second person, this does, too", on((*call).reprice)},
		{get, "/number-ranges", "list-number-ranges", read, operator, ok, "Numbers and taxes", "Number ranges", on(numberRanges.list)},
		{get, "/number-ranges/{key}", "get-number-range", read, operator, ok, "Numbers and taxes", "One number range", on(numberRanges.get)},
		{put, "/number-ranges/{key}", "put-number-range", changeTariffs, operator, ok, "Numbers and taxes", "Create or replace a number range", on(numberRanges.put)},
		{del, "/number-ranges/{key}", "delete-number-range", changeTariffs, operator, no, "Numbers and taxes", "Delete a number range that nothing refers to", on(numberRanges.remove)},
		{get, "/tax-accounts", "list-tax-accounts", read, operator, ok, "Numbers and taxes", "Tax accounts", on(taxAccounts.list)},
		{get, "/tax-accounts/{key}", "get-tax-account", read, operator, ok, "Numbers and taxes", "One tax account", on(taxAccounts.get)},
		{put, "/tax-accounts/{key}", "put-tax-account", changeTariffs, operator, ok, "Numbers and taxes", "Create or replace a tax account", on(taxAccounts.put)},
		{del, "/tax-accounts/{key}", "delete-tax-account", changeTariffs, operator, no, "Numbers and taxes", "Delete a tax account that nothing refers to", on(taxAccounts.remove)},
		{get, "/network", "export-network", export, operator, ok, "Network", "The whole configuration as a network file in JSON", on((*call).network)},
		{post, "/network", "import-network", changeAll, operator, ok, "Network", "Import a network file, YAML or JSON, all or nothing", on((*call).importNetwork)},

		{get, "/sessions", "list-sessions", read, scoped, ok, "Sessions", "Sessions and what became of them, the latest first", on((*call).sessions)},
		{post, "/sessions", "import-sessions", rights(access.ImportSessions), operator, ok, "Sessions", "Import sessions, CSV or OCPI CDRs", on((*call).importSessions)},
		{get, "/sessions/{id}", "get-session", read, scoped, ok, "Sessions", "One session with its history", on((*call).session)},
		{get, "/sessions/{id}/signed-data", "get-session-signed-data", read, scoped, ok, "Sessions", "Signed meter data in the file of the transparency software", on((*call).signedData)},
		{post, "/stations/{key}/check-signatures", "check-station-signatures", judge, operator, ok, "Sessions", "Check the signed meter data of a station's sessions of the last three months again, with the keys that are entered now", on((*call).checkSignatures)},
		{get, "/sessions/{id}/explanation", "explain-session", read, scoped, ok, "Sessions", "Why this amount: the price path", on((*call).explanation)},
		{post, "/sessions/{id}/release", "release-session", judge, operator, ok, "Sessions", "Credit a held session all the same in the next run", on((*call).releaseSession)},
		{post, "/sessions/{id}/invalidate", "invalidate-session", judge, operator, ok, "Sessions", "Mark a session as invalid; it is held from now on", on((*call).invalidateSession)},
		{post, "/sessions/{id}/correct", "correct-session", judge, operator, ok, "Sessions", "Correct a session, credited or not; the next run takes back and pays the difference", on((*call).correctSession)},
		{post, "/sessions/{id}/release-blocked", "release-blocked-sessions", judge, operator, ok, "Sessions", "Release all sessions that are held because they overlap this one", on((*call).releaseBlocked)},
		{post, "/sessions/{id}/separate", "separate-session", judge, operator, ok, "Sessions", "Say that a record held as id_reused is a session of its own", on((*call).separateSession)},
		{post, "/sessions/{id}/merge", "merge-session", judge, operator, ok, "Sessions", "Say that a record held as id_reused corrects the session that has its id", on((*call).takeAsCorrection)},
		{post, "/sessions/{id}/collect", "collect-session", rights(access.ImportSessions), operator, ok, "Sessions", "Say that the money of the driver arrived; it is never taken back", on((*call).collectSession)},
		{post, "/collections", "import-collections", rights(access.ImportSessions), operator, ok, "Sessions", "Import when the money of drivers arrived, CSV", on((*call).importCollections)},

		{get, "/records", "list-records", read, scoped, ok, "Accounts", "Revenue and expense records, the latest first", on((*call).settlementRecords)},
		{get, "/accounts", "list-accounts", read, scoped, ok, "Accounts", "Accounts with their balances and open items", on((*call).accounts)},
		{get, "/entities/{key}/open-items", "list-open-items", read, scoped, ok, "Accounts", "What is open of the accounts of an entity, and payments that settle nothing yet; together the balance", on((*call).openItems)},
		{get, "/entities/{key}/statement", "get-account-statement", read, scoped, ok, "Accounts", "The account of an entity over some days, and what was charged", on((*call).statement)},
		{post, "/entities/{key}/adjustments", "adjust-account", draft, operator, accepted, "Accounts", "Ask for a change of an account by hand; a second person approves it", on((*call).adjust)},
		{get, "/open-items", "list-all-open-items", read, scoped, ok, "Payouts", "Open items of all accounts, with their due dates and ages", on((*call).openAccounts)},
		{get, "/payouts", "list-payouts", read, scoped, ok, "Payouts", "Payouts, the latest first; a Sub-CPO sees those of its entities that were approved", on((*call).payouts)},
		{get, "/payouts/{number}", "get-payout", read, scoped, ok, "Payouts", "One payout with what it pays and what was set off", on((*call).payout)},
		{post, "/payouts/{number}/external-id", "set-payout-external-id", draft, operator, no, "Payouts", "Keep the key that another system has for a payout", on((*call).setPayoutExternalID)},
		{post, "/payouts/{number}/resend", "resend-remittance-advice", rights(access.Send), operator, accepted, "Payouts", "Mail the remittance advice of a payout once more", on((*call).resendAdvice)},
		{get, "/payout-batches", "list-payout-batches", read, operator, ok, "Payouts", "Batches of payouts with what was left out, the latest first", on((*call).payoutBatches)},
		{get, "/payout-batches/preview", "preview-payouts", read, operator, ok, "Payouts", "What a preparation would pay on a day, and what it would leave out", on((*call).duePayouts)},
		{get, "/payout-batches/{id}", "get-payout-batch", read, operator, ok, "Payouts", "One batch", on((*call).payoutBatch)},
		{post, "/payout-batches", "prepare-payouts", draft, operator, created, "Payouts", "Prepare a payout for each recipient of what is due on a day; batch is 0 where nothing is to be paid", on((*call).preparePayouts)},
		{post, "/payout-batches/{id}/approve", "approve-payouts", rights(access.Approve), operator, ok, "Payouts", "Release a batch; not by who prepared it, nor by who counts as the same person", on((*call).approvePayouts)},
		{post, "/payout-batches/{id}/discard", "discard-payouts", draft, operator, ok, "Payouts", "Give up a batch that was not exported, or one payout of it; the items are open again", on((*call).discardPayouts)},
		{post, "/payout-batches/{id}/export", "export-payouts", rights(access.Approve), operator, ok, "Payouts", "Make the bank files of an approved batch (pain.001.001.09); once more they are the same files", on((*call).exportPayouts)},
		{get, "/ageing", "get-ageing", read, scoped, ok, "Payouts", "What was open at the end of a day by age, by recipient, currency and side", on((*call).ageing)},
		{get, "/cash-forecast", "get-cash-forecast", read, operator, ok, "Payouts", "Cash to be paid by date, and what is not paid and why", on((*call).cash)},
		{get, "/accruals", "get-accruals", read, operator, ok, "Payouts", "What was owed at the end of a day and on no document, valued, with what is held", on((*call).accruals)},
		{get, "/reminders", "list-reminders", read, scoped, ok, "Reminders", "Reminders that were sent, the latest first", on((*call).reminders)},
		{get, "/reminders/due", "list-due-reminders", read, operator, ok, "Reminders", "What would be sent today, and what is due and not sent, with the reason", on((*call).dueReminders)},
		{post, "/reminders/send", "send-reminders", rights(access.Send), operator, ok, "Reminders", "Send the reminders that are due today; none is sent twice for a level", on((*call).sendReminders)},
		{get, "/reminders/{number}", "get-reminder", read, scoped, ok, "Reminders", "One reminder with its deliveries", on((*call).reminder)},
		{get, "/reminders/{number}/file", "get-reminder-file", export, scoped, ok, "Reminders", "The letter (PDF) as it was sent, byte for byte", on((*call).reminderFile)},
		{post, "/reminders/{number}/resend", "resend-reminder", rights(access.Send), operator, accepted, "Reminders", "Mail the same letter once more, to the addresses of today or others", on((*call).resendReminder)},
		{post, "/entities/{key}/reminders/stop", "stop-reminders", changeEntities, operator, no, "Reminders", "Send a recipient no more reminders", on((*call).stopReminders)},
		{post, "/entities/{key}/reminders/resume", "resume-reminders", changeEntities, operator, no, "Reminders", "Send a recipient reminders again", on((*call).resumeReminders)},
		{get, "/settlement-reports", "list-settlement-reports", read, scoped, ok, "Settlement reports", "Settlement reports, the latest first", on((*call).settlementReports)},
		{get, "/settlement-reports/{name}", "get-settlement-report", export, scoped, ok, "Settlement reports", "One report as it was frozen, with its records", on((*call).settlementReport)},
		{get, "/settlement-reports/{name}/live", "get-live-settlement-report", read, scoped, ok, "Settlement reports", "The totals of a report with today's data", on((*call).liveReport)},
		{get, "/settlement-reports/{name}/difference", "compare-settlement-report", read, scoped, ok, "Settlement reports", "What differs between a report and today's data, line by line", on((*call).reportDifference)},
		{get, "/settlement-reports/{name}/files/{kind}", "get-settlement-report-file", export, scoped, ok, "Settlement reports", "Its document or its workbook, as it was mailed", on((*call).reportFile)},
		{post, "/settlement-reports/{name}/resend", "resend-settlement-report", rights(access.Send), operator, accepted, "Settlement reports", "Mail a report alone, to the addresses of today or others", on((*call).resendReport)},
		{get, "/analysis", "get-analysis", read, scoped, ok, "Accounts", "What was settled by owner, station, tariff or month, with a trend of 24 months and the value of what is held", on((*call).analysis)},
		{get, "/issuers/{key}/control", "get-issuer-control", read, scoped, ok, "Accounts", "What an issuer of media was billed or paid in a month, compared with what the owners of stations were credited, session by session", on((*call).issuerControl)},
		{get, "/accounting/months", "list-accounting-months", read, operator, ok, "Accounting", "Months with something in no journal, and those that were closed", on((*call).accountingMonths)},
		{get, "/accounting/months/{month}", "get-accounting-month", read, operator, ok, "Accounting", "What the journal of a month holds, or would hold, and what is missing for it", on((*call).accountingMonth)},
		{post, "/accounting/months/{month}/export", "export-accounting-month", rights(access.Approve), operator, ok, "Accounting", "Export a month for accounting; the first export closes it, and a format exported once more is the same files", on((*call).exportMonth)},
		{get, "/accounting/months/{month}/files/{name}", "get-journal-file", export, operator, ok, "Accounting", "One exported file, byte for byte", on((*call).journalFile)},
		{get, "/work/{id}", "get-work", read, operator, ok, "Accounting", "What became of background work of the user: an export, an archive, reminders or a reprice that was answered with 202", on((*call).work)},
		{get, "/archives", "list-archives", readAudit, operator, ok, "Accounting", "Archives of years that can be downloaded, the latest first", on((*call).archives)},
		{post, "/archives", "make-archive", readAudit, operator, created, "Accounting", "Make the archive of a year, in the background", on((*call).makeArchive)},
		{get, "/archives/{id}/{name}", "get-archive", readAudit, operator, ok, "Accounting", "An archive, as a ZIP", on((*call).archiveFile)},
		{get, "/quota", "list-quota", read, operator, ok, "Accounting", "Energy per public charge point in a year, for the greenhouse-gas quota", on((*call).quota)},
		{get, "/accounting/exchange-rates", "list-exchange-rates", read, operator, ok, "Accounting", "Exchange rates of months, the latest first", on((*call).exchangeRates)},
		{put, "/accounting/exchange-rates", "put-exchange-rate", draft, operator, ok, "Accounting", "Set the exchange rate of a currency in a month; journals that were closed keep theirs", on((*call).setExchangeRate)},

		{get, "/bank-entries", "list-bank-entries", read, operator, ok, "Bank", "What banks said of payouts and payments, the latest first, with suggestions for what waits for a person", on((*call).bankEntries)},
		{post, "/bank-entries", "import-bank-file", draft, operator, ok, "Bank", "Import an answer of a bank: camt.053, camt.054 or pain.002", on((*call).importBankFile)},
		{get, "/bank-entries/{id}", "get-bank-entry", read, operator, ok, "Bank", "One bank entry", on((*call).bankEntry)},
		{post, "/bank-entries/{id}/assign", "assign-bank-entry", draft, operator, ok, "Bank", "Book an entry that waits on the payout, document or account that it is about", on((*call).assignBankEntry)},
		{post, "/bank-entries/{id}/foreign", "mark-bank-entry", draft, operator, ok, "Bank", "Say that an entry that waits is about no account, and why", on((*call).markBankEntry)},
		{post, "/bank-entries/{id}/undo", "undo-bank-entry", draft, operator, ok, "Bank", "Take back what a person decided about an entry; another one waits in its place", on((*call).undoBankEntry)},
		{get, "/top-ups", "list-top-ups", read, scoped, ok, "Accounts", "Balance that Sub-CPOs granted drivers, the latest first", on((*call).topUps)},
		{post, "/top-ups", "import-top-ups", draft, operator, ok, "Accounts", "Import top-ups, CSV", on((*call).importTopUps)},
		{get, "/custom-records", "list-custom-records", read, scoped, ok, "Accounts", "Amounts beside sessions and contracts", on((*call).customRecords)},
		{post, "/custom-records", "import-custom-records", draft, operator, ok, "Accounts", "Import custom records, CSV", on((*call).importRecords)},
		{get, "/custom-records/{key}", "get-custom-record", read, scoped, ok, "Accounts", "One custom record", on((*call).customRecord)},
		{put, "/custom-records/{key}", "put-custom-record", draft, operator, ok, "Accounts", "Create a custom record, or change it while it is on no document", on((*call).putRecord)},
		{del, "/custom-records/{key}", "delete-custom-record", draft, operator, no, "Accounts", "Delete a custom record that is on no document", on((*call).deleteRecord)},

		{get, "/readiness", "get-readiness", read, operator, ok, "Runs", "What would go wrong in a run", on((*call).readiness)},
		{get, "/preview", "preview-run", preview, operator, ok, "Runs", "What a run would credit, without keeping it", on((*call).preview)},
		{get, "/runs", "list-runs", read, operator, ok, "Runs", "Runs, the latest first", on((*call).listRuns)},
		{post, "/runs", "start-run", draft, operator, accepted, "Runs", "Start the run of a month, or go on with it; it is carried out in the background", on((*call).startRun)},
		{get, "/runs/{name}", "get-run", read, operator, ok, "Runs", "What a run did", on((*call).run)},
		{get, "/runs/{name}/progress", "get-run-progress", read, operator, ok, "Runs", "How far a run has come", on((*call).runProgress)},
		{get, "/runs/{name}/drafts", "list-drafts", read, operator, ok, "Runs", "The documents of a run that have no number yet", on((*call).drafts)},
		{get, "/runs/{name}/drafts/{id}", "get-draft", read, operator, ok, "Runs", "One draft with its positions", on((*call).draft)},
		{get, "/runs/{name}/drafts/{id}/document", "get-draft-document", read, operator, ok, "Runs", "The PDF of a draft as it would be issued today, without a number and marked as a draft; it is not kept", on((*call).draftDocument)},
		{get, "/runs/{name}/drafts/{id}/sessions", "list-draft-sessions", export, operator, ok, "Runs", "The sessions of a draft or of one position of it, one JSON object a line", on((*call).draftSessions)},
		{get, "/runs/{name}/left-out", "list-left-out-owners", read, operator, ok, "Runs", "Owners that were left out of a run, also those taken back in", on((*call).leftOut)},
		{post, "/runs/{name}/left-out", "leave-owner-out", draft, operator, accepted, "Runs", "Leave an owner out of a draft that waits for release; it is drafted again in the background, and another person has to release it", on((*call).leaveOut)},
		{post, "/runs/{name}/take-back", "take-owner-back", draft, operator, accepted, "Runs", "Take an owner back into a draft; it is drafted again in the background", on((*call).takeBack)},
		{get, "/runs/{name}/remarks", "list-run-remarks", read, operator, ok, "Runs", "What colleagues wrote about a run, in order", on((*call).remarks)},
		{post, "/runs/{name}/remarks", "add-run-remark", preview, operator, created, "Runs", "Write something about a run for the person who releases it; it stays", on((*call).addRemark)},
		{get, "/run-comparison", "compare-runs", read, operator, ok, "Runs", "Any two runs side by side: net by owner before and now", on((*call).compareRuns)},
		{get, "/runs/{name}/review", "review-run", read, operator, ok, "Runs", "What is other about each owner than on its last document, the largest change of amount first", on((*call).reviewRun)},
		{post, "/runs/{name}/approve", "approve-run", rights(access.Approve), operator, ok, "Runs", "Release a drafted run and issue it; not by who drafted it, nor by who counts as the same person", on((*call).approveRun)},
		{post, "/runs/{name}/resend", "resend-run", rights(access.Send), operator, accepted, "Runs", "Mail the notes again that did not reach all recipients", on((*call).resendRun)},
		{post, "/runs/{name}/discard", "discard-run", draft, operator, no, "Runs", "Throw a drafted run away; its sessions are open again", on((*call).discardRun)},

		{get, "/credit-notes", "list-credit-notes", read, scoped, ok, "Credit notes", "Credit notes and cancellations, the latest first, with totals", on((*call).notes)},
		{get, "/credit-notes/{number}", "get-credit-note", read, scoped, ok, "Credit notes", "One note with its deliveries and objections", on((*call).showNote)},
		{post, "/credit-notes/{number}/external-id", "set-credit-note-external-id", draft, operator, no, "Credit notes", "Keep the key that another system has for a note; the note itself never changes", on((*call).setNoteExternalID)},
		{get, "/credit-notes/{number}/files", "list-credit-note-files", read, scoped, ok, "Credit notes", "The stored files of a note", on((*call).files)},
		{get, "/credit-notes/{number}/files/{kind}", "get-credit-note-file", export, scoped, ok, "Credit notes", "One stored file, byte for byte", on((*call).file)},
		{get, "/credit-notes/{number}/validations", "list-credit-note-validations", read, scoped, ok, "Credit notes", "How the files of a note were checked, and reports of validators", on((*call).validations)},
		{post, "/credit-notes/{number}/validations", "attach-credit-note-validation", draft, operator, ok, "Credit notes", "Attach the report of a validator to a stored file of a note", on((*call).attachValidation)},
		{get, "/credit-notes/{number}/sessions", "list-credit-note-sessions", export, scoped, ok, "Credit notes", "The sessions of a note, one JSON object a line", on((*call).noteSessions)},
		{post, "/credit-notes/{number}/cancel", "cancel-credit-note", rights(access.Cancel), operator, created, "Credit notes", "Cancel a note by a document of its own", on((*call).cancel)},
		{post, "/credit-notes/{number}/resend", "resend-credit-note", rights(access.Send), operator, accepted, "Credit notes", "Mail the identical documents once more, to the addresses of today or others; marked as a copy where a server took them before", on((*call).resend)},
		{post, "/credit-notes/{number}/objections", "object-to-credit-note", rights(access.Object), scoped, created, "Credit notes", "Object to a note", on((*call).object)},
		{post, "/credit-notes/{number}/objections/withdraw", "withdraw-objection", rights(access.SettleObjections), operator, ok, "Credit notes", "Settle the open objection: the note stands", on((*call).withdraw)},
		{get, "/deliveries", "list-deliveries", read, operator, ok, "Credit notes", "Mailings, the latest first", on((*call).deliveries)},
		{get, "/open-deliveries", "list-open-deliveries", read, operator, ok, "Credit notes", "Recipients of all runs that have not got their mail, with the reasons and what to do", on((*call).openDeliveries)},
		{post, "/credit-notes/{number}/settle-mail", "settle-mail", rights(access.Send), operator, no, "Credit notes", "Say of a parked mail that it arrived, or have it sent again; also of payouts, reminders and settlement reports, by their numbers", on((*call).settleMail)},

		{get, "/inbox", "get-inbox", read, scoped, ok, "Messages", "What waits for the person of the token", on((*call).inbox)},
		{get, "/threads", "list-threads", read, scoped, ok, "Messages", "Questions, objections and conversations, the latest first", on((*call).threads)},
		{post, "/threads", "begin-conversation", rights(access.Object), scoped, created, "Messages", "Begin a conversation with a Sub-CPO, or as one with the operator", on((*call).converse)},
		{get, "/threads/{id}", "get-thread", read, scoped, ok, "Messages", "A thread with its messages", on((*call).thread)},
		{post, "/threads/{id}/messages", "write-message", rights(access.Object), scoped, created, "Messages", "Write a message in a thread", on((*call).reply)},
		{post, "/threads/{id}/answer", "answer-thread", rights(access.SettleObjections), operator, ok, "Messages", "Answer a question, or settle an objection: the note stands", on((*call).answer)},
		{post, "/threads/{id}/close", "close-conversation", rights(access.Object), scoped, ok, "Messages", "End a conversation", on((*call).closeThread)},
		{post, "/sessions/{id}/questions", "ask-about-session", rights(access.Object), scoped, created, "Messages", "Ask about a session", on((*call).ask)},
		{get, "/announcements", "list-announcements", read, scoped, ok, "Messages", "What the operator announces in the portal, the latest first", on((*call).announcements)},
		{post, "/announcements", "announce", rights(access.SettleObjections), operator, created, "Messages", "Announce something to one Sub-CPO or to all", on((*call).announce)},
		{post, "/announcements/{id}/withdraw", "withdraw-announcement", rights(access.SettleObjections), operator, no, "Messages", "End an announcement", on((*call).withdrawAnnouncement)},

		{get, "/audit", "list-audit", readAudit, operator, ok, "Audit", "The audit log, the latest first", on((*call).audit)},
		{post, "/audit/verify", "verify-audit", readAudit, operator, ok, "Audit", "Prove that the audit log is what it was", on((*call).verifyAudit)},

		{get, "/webhooks", "list-webhooks", changeSettings, operator, ok, "Webhooks", "Addresses that are told of events", on((*call).webhooks)},
		{post, "/webhooks", "add-webhook", changeSettings, operator, created, "Webhooks", "Add an address; the secret is told once", on((*call).addWebhook)},
		{get, "/webhooks/{id}", "get-webhook", changeSettings, operator, ok, "Webhooks", "One webhook", on((*call).webhook)},
		{put, "/webhooks/{id}", "put-webhook", changeSettings, operator, ok, "Webhooks", "Change a webhook", on((*call).putWebhook)},
		{del, "/webhooks/{id}", "delete-webhook", changeSettings, operator, no, "Webhooks", "Delete a webhook with all its events", on((*call).deleteWebhook)},
		{post, "/webhooks/{id}/secret", "rotate-webhook-secret", changeSettings, operator, ok, "Webhooks", "Give a webhook another secret, which is told once", on((*call).rotateWebhook)},
		{post, "/webhooks/{id}/events/{event}/retry", "retry-webhook-event", changeSettings, operator, no, "Webhooks", "Post an event again that failed", on((*call).retryEvent)},
	}
}

// on makes an operation of a method: its input and output are read off it.
func on[I, O any](do func(*call, *I) (*O, error)) func(*API, huma.Operation) {
	return func(a *API, op huma.Operation) {
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
			c := callOf(ctx)
			out, err := do(c, in)
			if err != nil {
				return nil, c.problem(err)
			}
			return out, nil
		})
	}
}

// none is the input or output of an operation that has none.
type none struct{}

const metadataKey = "operation"

// described is the operation as the description of the API has it.
func (op operation) described() huma.Operation {
	d := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag}, Summary: op.summary, Description: op.who(),
		DefaultStatus: op.status, MaxBodyBytes: op.mostBody(), RejectUnknownQueryParameters: true,
		BodyReadTimeout: -1, // it has arrived before: see takeIn
		Metadata:        map[string]any{metadataKey: op},
		Security:        []map[string][]string{{bearerScheme: op.scopes()}},
		Responses:       map[string]*huma.Response{},
	}
	if changes(op.method) {
		longest := mostKey
		d.Parameters = append(d.Parameters, &huma.Param{
			Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest},
			Description: "repeats of a request with the same key are answered like the first for a day",
		})
	}
	describeAnswers(&d)
	for _, status := range op.problems() {
		d.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + problemName(status)}
	}
	return d
}

// scopes are the needed rights as words.
func (op operation) scopes() []string {
	words := []string{}
	for _, right := range op.needs {
		words = append(words, string(right))
	}
	return words
}

// who says in words whom an operation is for.
func (op operation) who() string {
	text := "For every token."
	if len(op.needs) > 0 {
		text = "Needs " + joined(op.scopes()) + "."
	}
	if op.operator {
		text += " Only for users of the operator."
	}
	return text
}

// problems are the statuses with which an operation may refuse.
func (op operation) problems() []int {
	list := []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
	if op.conditional() {
		list = append(list, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	if op.method == http.MethodDelete {
		list = append(list, http.StatusPreconditionFailed)
	}
	if changes(op.method) {
		list = append(list, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return list
}

// conditional reports whether an operation replaces what a GET with an ETag
// answers.
func (op operation) conditional() bool {
	return op.method == http.MethodPut || op.method == http.MethodPatch
}
