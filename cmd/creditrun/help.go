package main

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// examples shows every command at work, by its path below creditrun.
var examples = map[string][]string{
	"addresses":                 {"creditrun addresses", "creditrun addresses --json"},
	"addresses lift":            {"creditrun addresses lift billing@hotel.example"},
	"approve":                   {"creditrun approve 2026-10", "creditrun approve 2026-10 --out documents"},
	"backup":                    {"creditrun backup creditrun-2026-11-01.backup", "creditrun backup /mnt/backups/creditrun.backup --force"},
	"bounces":                   {"creditrun bounces", "creditrun bounces --show message.eml"},
	"cancel":                    {`creditrun cancel GS-2026-00007 --reason "wrong tariff at ST-2"`},
	"check":                     {"creditrun check GS-2026-00007.pdf --operator operator.json", "creditrun check a.pdf b.pdf --key operator.pub --json"},
	"keys":                      {"creditrun keys", "creditrun keys --json > operator.json"},
	"keys new":                  {"creditrun keys new /etc/creditrun/proof.pem"},
	"clock":                     {"creditrun clock"},
	"clock confirm":             {"creditrun clock confirm"},
	"deliver":                   {"creditrun deliver --mail smtp://billing@mail.example.com:587", "creditrun deliver --mail folder:outbox"},
	"deliveries":                {"creditrun deliveries --open", "creditrun deliveries --open --run 2026-10 --json"},
	"deliveries settle":         {"creditrun deliveries settle GS-2026-00007 arrived", "creditrun deliveries settle GS-2026-00007 again"},
	"demo":                      {"creditrun demo", "creditrun demo --out first-look", "creditrun demo --serve"},
	"discard":                   {"creditrun discard 2026-10"},
	"explain":                   {"creditrun explain S-1", "creditrun explain S-1 --json"},
	"export":                    {"creditrun export network --out network.yaml", "creditrun export notes --month 2026-10"},
	"export network":            {"creditrun export network > network.yaml", "creditrun export network --out network.yaml"},
	"export archive":            {"creditrun export archive --year 2026 archive-2026.zip", "creditrun export archive --year 2026 archive"},
	"export quota":              {"creditrun export quota --year 2026", "creditrun export quota --year 2026 --json"},
	"export notes":              {"creditrun export notes --month 2026-10 --out documents", "creditrun export notes --recipient hotel"},
	"export datev":              {"creditrun export datev --month 2026-10 --out datev"},
	"export journal":            {"creditrun export journal --month 2026-10 --format xlsx", "creditrun export journal --month 2026-10 --format json --json"},
	"help":                      {"creditrun help run"},
	"import":                    {"creditrun import network.yaml sessions.csv", "creditrun import --keep-going cdrs.json"},
	"migrate":                   {"creditrun migrate --db postgres://creditrun@db.example.com/creditrun"},
	"notes":                     {"creditrun notes --month 2026-10", "creditrun notes --recipient hotel --json"},
	"notes validation":          {"creditrun notes validation GS-2026-00007", "creditrun notes validation GS-2026-00007 --json"},
	"notes attach":              {"creditrun notes attach GS-2026-00007 report.xml --kind xrechnung --validator KoSIT --version 1.5.2 --result passed"},
	"notes show":                {"creditrun notes show GS-2026-00007", "creditrun notes show GS-2026-00007 --pdf note.pdf --csv sessions.csv", "creditrun notes show GS-2026-00007 --xlsx sessions.xlsx"},
	"object":                    {`creditrun object GS-2026-00007 --reason "two sessions are missing"`, `creditrun object GS-2026-00007 --withdraw --answer "they are on GS-2026-00012"`},
	"preview":                   {"creditrun preview --month 2026-10", "creditrun preview --month 2026-10 --json"},
	"price":                     {"creditrun price --rate dc --energy-kwh 12.345 --duration 1h30m", "creditrun price --rate dc --energy-kwh 5 --start 2026-10-31T22:00:00+01:00"},
	"readiness":                 {"creditrun readiness", "creditrun readiness --month 2026-10"},
	"restore":                   {"creditrun restore creditrun-2026-11-01.backup", "creditrun restore --confirm --mails park"},
	"control":                   {"creditrun control --station ST-1", "creditrun control --until 2026-10-31 --xlsx control.xlsx", "creditrun control --issuer stadtwerke --month 2026-10"},
	"records":                   {"creditrun records --month 2026-10 --owner hotel", "creditrun records --json"},
	"records add":               {`creditrun records add --owner hotel --date 2026-10-31 --text "Repair" --net 120.00 --direction debit`},
	"records custom":            {"creditrun records custom --open"},
	"records delete":            {"creditrun records delete R-7"},
	"reports":                   {"creditrun reports --month 2026-10", "creditrun reports --owner hotel --json"},
	"reports show":              {"creditrun reports show hotel 2026-10 --pdf report.pdf", "creditrun reports show hotel 2026-10 --live --diff"},
	"bank":                      {"creditrun bank", "creditrun bank --state all --json"},
	"exchange-rates":            {"creditrun exchange-rates", "creditrun exchange-rates --json"},
	"exchange-rates set":        {"creditrun exchange-rates set CHF 2026-10 0.9387"},
	"bank assign":               {"creditrun bank assign 12 --payout PO-00000001", `creditrun bank assign 13 --document RE-2026-00001 --reason "confirmed by telephone"`, "creditrun bank assign 14 --account hotel"},
	"bank foreign":              {`creditrun bank foreign 15 --reason "rent of the office"`},
	"bank undo":                 {`creditrun bank undo 13 --reason "it was the invoice of another recipient"`},
	"ageing":                    {"creditrun ageing", "creditrun ageing --day 2026-12-31 --xlsx ageing.xlsx"},
	"cash":                      {"creditrun cash", "creditrun cash --day 2026-12-01 --json"},
	"accruals":                  {"creditrun accruals", "creditrun accruals --day 2026-12-31 --csv accruals.csv"},
	"documents":                 {"creditrun documents", "creditrun documents --entity hotel --json"},
	"documents add":             {"creditrun documents add hotel certificate.pdf --kind reseller_certificate --valid-from 2026-01-01 --valid-until 2028-12-31"},
	"documents save":            {"creditrun documents save 7", "creditrun documents save 7 --out certificate.pdf"},
	"documents withdraw":        {`creditrun documents withdraw 7 --reason "of another company"`},
	"reminders":                 {"creditrun reminders", "creditrun reminders --date 2026-12-31 --json", "creditrun reminders --csv reminders.csv"},
	"reminders send":            {"creditrun reminders send", "creditrun reminders send --recipient hotel"},
	"reminders sent":            {"creditrun reminders sent --entity hotel", "creditrun reminders sent --number MA-000001 --pdf reminder.pdf"},
	"reminders stop":            {`creditrun reminders stop hotel --reason "to be clarified"`},
	"reminders resume":          {"creditrun reminders resume hotel"},
	"payouts":                   {"creditrun payouts", "creditrun payouts --json"},
	"payouts items":             {"creditrun payouts items", "creditrun payouts items --entity hotel --date 2026-12-31 --json"},
	"payouts prepare":           {"creditrun payouts prepare --date 2026-12-01", "creditrun payouts prepare --date 2026-12-01 --preview --json"},
	"payouts approve":           {"creditrun payouts approve 1"},
	"payouts export":            {"creditrun payouts export 1 --out bank", "creditrun payouts export 1 --out bank --single"},
	"payouts discard":           {`creditrun payouts discard 1 --reason "wrong day"`, `creditrun payouts discard 1 --payout PO-00000002 --reason "to be checked"`},
	"payouts advise":            {"creditrun payouts advise"},
	"payouts executed":          {"creditrun payouts executed PO-00000001 --date 2026-12-02"},
	"payouts returned":          {`creditrun payouts returned PO-00000001 --reason "AC04 closed account"`},
	"payouts rejected":          {`creditrun payouts rejected PO-00000001 --reason "AC01 wrong account"`},
	"statement":                 {"creditrun statement hotel --from 2026-01-01 --until 2026-12-31 --pdf statement.pdf", "creditrun statement hotel --sections transactions,rfid --json"},
	"resend":                    {"creditrun resend GS-2026-00007"},
	"run":                       {"creditrun run --month 2026-10", "creditrun run --month 2026-10 --date 2026-11-05 --out documents", "creditrun run --month 2026-10 --dry-run"},
	"runs":                      {"creditrun runs", "creditrun runs --json"},
	"runs compare":              {"creditrun runs compare 2026-09 2026-10", "creditrun runs compare 2026-10 2026-10-2 --json"},
	"runs draft":                {"creditrun runs draft 2026-10 hotel", "creditrun runs draft 2026-10 hotel --out drafts"},
	"runs leave-out":            {`creditrun runs leave-out 2026-10 hotel --reason "the bank account is being checked"`},
	"runs remark":               {`creditrun runs remark 2026-10 "I called the hotel: the amount is right"`},
	"runs remarks":              {"creditrun runs remarks 2026-10", "creditrun runs remarks 2026-10 --json"},
	"runs review":               {"creditrun runs review 2026-10", "creditrun runs review 2026-10 --json"},
	"runs show":                 {"creditrun runs show 2026-10"},
	"runs take-back":            {"creditrun runs take-back 2026-10 hotel"},
	"serve":                     {"creditrun serve", "creditrun serve --only scheduler", "creditrun serve --only web"},
	"sessions check-signatures": {"creditrun sessions check-signatures --month 2026-10"},
	"sessions signed":           {"creditrun sessions signed S-1 > S-1.xml"},
	"sessions":                  {"creditrun sessions --month 2026-10 --state held", "creditrun sessions --next held --json", "creditrun sessions --owner hotel --limit 20"},
	"sessions correct":          {`creditrun sessions correct S-1 --end 2026-10-02T11:00:00+02:00 --reason "never stopped"`},
	"sessions invalidate":       {`creditrun sessions invalidate S-1 --reason "meter broken"`},
	"accounts":                  {"creditrun accounts", "creditrun accounts --standing open --json"},
	"accounts adjust":           {`creditrun accounts adjust hotel --amount -120.00 --reason "Damage to the station"`},
	"accounts adjustments":      {"creditrun accounts adjustments"},
	"accounts approve":          {"creditrun accounts approve 7"},
	"accounts reject":           {"creditrun accounts reject 7"},
	"analysis":                  {"creditrun analysis --by station --owner stadtwerke", "creditrun analysis --by month --from 2025-01 --until 2026-10 --xlsx analysis.xlsx"},
	"sessions release": {
		`creditrun sessions release S-1 --reason "checked with the owner"`,
		`creditrun sessions release --blocked-by S-1 --reason "two cars at one plug"`,
	},
	"sessions separate": {`creditrun sessions separate S-1~2 --reason "the charger counts anew since its repair"`},
	"sessions merge":    {`creditrun sessions merge S-1~2 --reason "it was at the other plug"`},
	"roles":             {"creditrun roles", "creditrun roles --json"},
	"roles delete":      {"creditrun roles delete post-room"},
	"roles set":         {`creditrun roles set post-room --name "Post room" --right send --right export`},
	"settings":          {"creditrun settings", "creditrun settings --json"},
	"reprice":           {"creditrun reprice --rate fast --from 2026-10-01", `creditrun reprice --contract hotel-2026 --from 2026-10-01 --reason "share was 70 %" --yes`},
	"reprice approve":   {"creditrun reprice approve 1"},
	"reprice reject":    {"creditrun reprice reject 1"},
	"settings set":      {"creditrun settings set community_discount_percent 10", "creditrun settings set active true"},
	"users":             {"creditrun users", "creditrun users --json"},
	"users activate":    {"creditrun users activate anna"},
	"users add":         {`creditrun users add anna --role finance --role viewer --full-name "Anna Muster" --language de`, "creditrun users add hotel --role viewer --entity hotel", "creditrun users add ci --role viewer --password-stdin < password.txt"},
	"users deactivate":  {"creditrun users deactivate anna"},
	"users invite":      {"creditrun users invite anna"},
	"users reset-totp":  {"creditrun users reset-totp anna"},
	"users revoke":      {"creditrun users revoke anna 3"},
	"users set":         {"creditrun users set anna --role finance,admin --email anna@example.com"},
	"users token":       {"creditrun users token anna --name CI --scope read --scope export --days 90"},
	"users tokens":      {"creditrun users tokens anna", "creditrun users tokens anna --json"},
	"users unlock":      {"creditrun users unlock anna"},
	"verify":            {"creditrun verify", "creditrun verify --against /mnt/archive"},
}

// showExamples puts the examples into the help of the commands.
func showExamples(c *cobra.Command) {
	_, path, _ := strings.Cut(c.CommandPath(), " ")
	if lines := examples[path]; len(lines) > 0 {
		c.Example = "  " + strings.Join(lines, "\n  ")
	}
	for _, sub := range c.Commands() {
		showExamples(sub)
	}
}

// helpCommand is help that knows when it is asked about nothing.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil {
				return usageError{err}
			}
			if err := about.ValidateArgs(rest); err != nil && about.HasSubCommands() {
				return err
			}
			return about.Help()
		},
	}
}

// version names the state of the source this binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version, modified := info.Main.Version, ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision" && (version == "" || version == "(devel)"):
			version = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true" && !strings.Contains(version, "+dirty"):
			modified = " (modified)"
		}
	}
	return version + modified + " " + info.GoVersion
}
