package arch

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notCalled are the words that domain.md §1 and settlement.md §1 keep from
// being used for one of their things.
var notCalled = map[string]string{
	"company": "entity", "tenant": "entity", "customer": "entity", "client": "operator",
	"partner": "Sub-CPO or owner", "payee": "recipient", "charger": "station, EVSE or connector",
	"transaction": "session, or record", "token": "medium", "price list": "cost rate", "sequence": "number range",
	"vat code": "tax account", "invoice": "credit note", "item": "position", "skipped": "held", "batch": "run",
	"job": "run", "revenue": "purchase price, or driver amount", "commission": "share", "debit note": "fee invoice", "wallet": "account",
}

// allowedNames are exported identifiers that contain such a word and mean
// something else.
var allowedNames = map[string]string{
	"SectionTransactions": "a section of the account statement (settlement.md §6.3)",
	"OpenItem":            "a term of the glossary (settlement.md §1)",
	"ReminderItem":        "an open item of which a reminder reminds (settlement.md §10.3)",
	"OpenItems":           "a term of the glossary (settlement.md §1)",
	"IsItem":              "an open item of an account",
	"MovedInvoice":        "a movement of a fee invoice (settlement.md §6.1)",
	"Item":                "an open item of an account",
	"Partner":             "a roaming partner, not a Sub-CPO",
	"Partners":            "roaming partners",
	"SectionPartners":     "the roaming partners of the network file",
	"CustomerRef":         "the buyer reference of an e-invoice (BT-10)",
	"OperatingCompany":    "the filter of a tariff condition as the trade calls it",
	"RevenueAccount":      "the ledger account, a term of the glossary",
	"Sequence":            "the value of a counter within a number range, or of the audit log",
	"Invoice":             "a document type that a number range can be valid for",
	"TryInvoice":          "an e-invoice",
	"InvoiceRange":        "the range of fee invoices (settlement.md §5)",
	"FeeRevenueAccount":   "the ledger account of fee invoices",
	"EInvoiceRequired":    "an e-invoice",
	"Items":               "the entries of a notice",
	"NoticeItem":          "an entry of a notice",
	"Skipped":             "mails that sending again leaves out",
	"Revenue":             "what an owner earned: revenue records (settlement.md §1)",
	"RevenueLate":         "what an owner earned in earlier months",
	"RecordRevenue":       "the direction of revenue records",
	"TypeFeeInvoice":      "the type of fee invoices in UNTDID 1001",
}

// allowedTexts are phrases of screen texts with such a word that mean something
// else.
var allowedTexts = map[string]string{
	"pen item":                  "a term of settlement.md §1",
	"of item":                   "an open item of an account",
	"Revenue":                   "records of docs/settlement.md §4",
	"API token":                 "a secret of a program",
	"a token instead of":        "a secret of a program",
	"A token may do":            "a secret of a program",
	"Make token":                "a secret of a program",
	"Company register":          "the register of companies",
	"Company reg":               "the register of companies",
	"operating company":         "the filter of a tariff condition as the trade calls it",
	"Customer reference":        "the buyer reference of an e-invoice (BT-10)",
	"Customer and issuer":       "the buyer, as the VAT directive calls it",
	"oaming partner":            "not a Sub-CPO",
	"evenue account":            "a term of the glossary",
	"bilateral partner":         "a roaming partner under contract",
	"oaming partners":           "not Sub-CPOs",
	"A partner may have limits": "a roaming partner",
	"Partners come with":        "roaming partners",
	"of this partner":           "a roaming partner",
	"Show partners":             "roaming partners",
	"-invoice":                  "an e-invoice",
	"ee invoice":                "the document of fees (settlement.md §5)",
	"valid for invoices are":    "a document type of number ranges",
	"An invoice is due":         "what the law says a credit note is",
	"is an invoice that":        "what the law says a credit note is",
	"effect as an invoice":      "what the law says a credit note is",
	"valid as an invoice":       "what the law says a credit note is",
	"corrected invoice":         "a document type of UNTDID 1001",
	"elf-billed invoice":        "a document type of UNTDID 1001, and the English title of a credit note",
	"fee invoice":               "the second kind of document (settlement.md §1)",
	"or invoice.":               "a document type of number ranges",
	"The sequence continues":    "the value of a counter within a number range",
	"recipient and sequence":    "the parts of a number's pattern",
}

// allowedKeys are whole messages that consist of such a word.
var allowedKeys = map[string]string{
	"head_partner":          "the heading of roaming partners in a list of sessions",
	"partners_title":        "the page of roaming partners",
	"partner_title":         "the page of roaming partners",
	"party_buyer":           "the buyer, as the VAT directive calls it",
	"total_invoice":         "what a fee invoice comes to",
	"document_type_invoice": "a document type of number ranges",
}

func TestThingsAreCalledByTheirNames(t *testing.T) {
	const page = "locales/pages/sessions.en.toml"
	hold(t, thingsHaveTheirNames,
		accepts("entities/a.go", "package entities\n\n// Medium is a card.\ntype Medium struct{ Partner string }\n"),
		refuses("entities/a.go", "package entities\n\n// Company is one.\ntype Company struct{}\n"),
		refuses("creditnotes/a.go", "package creditnotes\n\n// Line is one.\ntype Line struct {\n\tTransactionID int\n}\n"),
		accepts("internal/store/a.go", "package store\n\n// Transactions of a database.\ntype Transactions struct{}\n"),
		accepts(page, "a = \"An API token of the program\"\n"),
		refuses(page, "a = \"The transaction is held.\"\n"),
		refuses(page, "a = \"The session was skipped.\"\n"),
	)
}

// domain are the packages whose exported names are words of the trade.
var domain = []string{"entities", "tariffs", "creditnotes", "numbering", "internal/sessions", "settlement"}

// argument is what a message is given, or a name of a setting.
var argument = regexp.MustCompile(`\{\{[^}]*\}\}|\([a-z_]+\)`)

var anyNotCalled = regexp.MustCompile(`(?i)\b(compan(?:y|ies)|price lists?|vat codes?|debit notes?|skipped|` +
	`(?:tenant|customer|client|partner|payee|charger|transaction|token|sequence|invoice|item|batch|job|revenue|commission|wallet)(?:s|es)?)\b`)

func thingsHaveTheirNames(all repository) (complaints []string) {
	for _, f := range all {
		switch {
		case f.syntax != nil && !f.isTest() && slices.Contains(domain, f.folder()):
			complaints = append(complaints, wrongNames(f)...)
		case strings.HasPrefix(f.path, "locales/") && strings.HasSuffix(f.path, ".en.toml"):
			complaints = append(complaints, wrongTexts(f)...)
		}
	}
	return complaints
}

func wrongNames(f *file) (complaints []string) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		if !ok || name.Obj != nil || !name.IsExported() || allowedNames[name.Name] != "" || !declares(f, name) {
			return true
		}
		for _, word := range wordsOf(name.Name) {
			if thing := notCalled[singular(strings.ToLower(word))]; thing != "" {
				complaints = append(complaints, f.at(name.Pos(), "%s: use the word for %s (docs/glossary.md), or allow the name with a reason", name.Name, thing))
			}
		}
		return true
	})
	return complaints
}

// declares reports whether an identifier is declared where it stands: a type, a
// function, a constant, a variable or a field.
func declares(f *file, name *ast.Ident) bool {
	found := false
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			found = found || n.Name == name
		case *ast.FuncDecl:
			found = found || n.Name == name
		case *ast.ValueSpec:
			found = found || slices.Contains(n.Names, name)
		case *ast.Field:
			found = found || slices.Contains(n.Names, name)
		}
		return !found
	})
	return found
}

func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies"):
		return strings.TrimSuffix(word, "ies") + "y"
	case word == "batches":
		return "batch"
	}
	return strings.TrimSuffix(word, "s")
}

func wrongTexts(f *file) (complaints []string) {
	for number, line := range strings.Split(f.text, "\n") {
		key, text, found := strings.Cut(line, " = ")
		if !found || strings.HasPrefix(line, "#") || allowedKeys[key] != "" {
			continue
		}
		text = argument.ReplaceAllString(text, "")
		for allowed := range allowedTexts {
			text = strings.ReplaceAll(text, allowed, "")
		}
		for _, word := range anyNotCalled.FindAllString(text, -1) {
			complaints = append(complaints, place(f, number)+word+": say what docs/glossary.md says instead, or allow the text with a reason")
		}
	}
	return complaints
}
