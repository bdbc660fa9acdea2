package web

import (
	"creditrun/internal/web/page"
)

// moneySection is the section of accounts, payouts and banks.
const moneySection = "menu_money"

// menu lists what can be opened, in the order of a month's work.
var menu = []page.MenuItem{
	{Path: "/", Key: "menu_home"},
	{Path: "/questions", Key: "menu_questions", Beside: []string{"/announcements", "/ending"}},
	{Path: "/runs", Key: "menu_runs"},
	{Path: "/notes", Key: "menu_notes"},
	{Path: "/records", Key: "menu_settled"},
	{Path: "/reports", Key: "menu_reports"},
	{Path: "/accounts", Key: "menu_accounts", Section: moneySection},
	{Path: "/payouts", Key: "menu_payouts", Beside: []string{"/payout-batches"}, Section: moneySection},
	{Path: "/bank", Key: "menu_bank", Section: moneySection},
	{Path: "/reminders", Key: "menu_reminders", Section: moneySection},
	{Path: "/ageing", Key: "menu_ageing", Beside: []string{"/cash", "/accruals"}, Section: moneySection},
	{Path: "/accounting", Key: "menu_accounting", Section: moneySection},
	{Path: "/analysis", Key: "menu_analysis"},
	{Path: "/custom-records", Key: "menu_records", Beside: []string{"/top-ups"}},
	{Path: "/sessions", Key: "menu_sessions"},
	{Path: "/entities", Key: "menu_entities", Beside: []string{"/changes"}},
	{Path: "/stations", Key: "menu_stations", Beside: []string{"/control", "/issuers", "/media"}},
	{Path: "/tariffs", Key: "menu_tariffs", Beside: []string{"/reprices"}},
	{Path: "/contracts", Key: "menu_contracts"},
	{Path: "/uploads", Key: "menu_uploads", Beside: []string{"/formats"}},
	{Path: "/settings", Key: "menu_settings", Beside: []string{"/partners", "/webhooks", "/layouts"}},
	{Path: "/ranges", Key: "menu_ranges"},
	{Path: "/taxes", Key: "menu_taxes"},
	{Path: "/users", Key: "menu_users", Beside: []string{"/roles"}},
	{Path: "/colleagues", Key: "menu_colleagues"},
	{Path: "/audit", Key: "menu_audit"},
	{Path: "/archive", Key: "menu_archive", Beside: []string{"/procedure", "/archive-work"}},
	{Path: "/quota", Key: "menu_quota"},
}
