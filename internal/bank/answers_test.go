package bank_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/bank"
	"creditrun/internal/money"
)

// answers is a folder with a folder for each file of a bank, and what it means.
var answers = flag.String("answers", "testdata/answers", "folder with files of banks and expected.json")

// object is JSON as encoding/json decodes it.
type object = map[string]any

// said is all that a file says.
type said struct {
	message      bank.Message
	statements   []*bank.Statement
	transactions []*bank.Transaction
	statuses     []*bank.Status
	findings     []string
}

func readAll(t *testing.T, name string) said {
	t.Helper()
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := bank.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	var all said
	for item, err := range f.Items() {
		switch {
		case err != nil:
			t.Fatal(err)
		case item.Statement != nil:
			all.statements = append(all.statements, item.Statement)
		case item.Transaction != nil:
			all.transactions = append(all.transactions, item.Transaction)
		case item.Status != nil:
			all.statuses = append(all.statuses, item.Status)
		default:
			all.findings = append(all.findings, item.Finding.Error())
		}
	}
	all.message = f.Message()
	return all
}

func TestBanksAreReadAsExpected(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(*answers, "*", "expected.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no answers in %s: %v", *answers, err)
	}
	for _, name := range names {
		folder := filepath.Dir(name)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want object
			if err := json.Unmarshal(content, &want); err != nil {
				t.Fatal(err)
			}
			all := readAll(t, filepath.Join(folder, "file.xml"))
			got := messageJSON(all)
			if diff := cmp.Diff(normal(want), normal(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// normal writes what is null, empty or missing alike, amounts with two decimals,
// and leaves out how the other reader came to a value.
func normal(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for key, value := range v {
			value = normal(value)
			switch key {
			case "namespace", "counterparty_rule", "details_sum_equals_amount", "booked_currencies", "opening_type":
				continue
			case "instructed_amount", "total", "original_sum":
				if text, ok := value.(string); ok {
					value = twoDecimals(text)
				}
			}
			if value != nil {
				out[key] = value
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = normal(value)
		}
		return out
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	case int:
		return float64(v)
	}
	return v
}

func twoDecimals(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	fraction = strings.TrimRight(fraction, "0")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return whole + "." + fraction
}

// amountOf is an amount as expected.json has it.
func amountOf(m bank.Money) any {
	if !m.Known() {
		return nil
	}
	text, _, _ := strings.Cut(m.String(), " ")
	return text
}

func messageJSON(all said) object {
	m := all.message
	out := object{"kind": string(m.Kind), "message": m.Name, "message_id": m.ID, "created": m.Created}
	if m.Kind == bank.StatusReport {
		statusJSON(out, all)
		return out
	}
	var statements []any
	for _, s := range all.statements {
		statements = append(statements, statementJSON(s, all.transactions))
	}
	out["statements"] = statements
	return out
}

func accountJSON(a bank.Account) object {
	if a.ID == "" {
		return nil
	}
	return object{"id": a.ID, "scheme": scheme(a), "currency": a.Currency}
}

func scheme(a bank.Account) string {
	switch {
	case a.ID == "":
		return ""
	case a.IBAN:
		return "IBAN"
	}
	return "other"
}

func statementJSON(s *bank.Statement, transactions []*bank.Transaction) object {
	var balances []any
	for _, b := range s.Balances {
		balances = append(balances, object{
			"type": b.Type, "amount": amountOf(b.Money), "currency": b.Currency, "date": string(b.Date), "indicator_missing": b.IndicatorMissing,
		})
	}
	var entries []any
	for i, t := range transactions {
		if t.Entry.Statement == s && (i == 0 || transactions[i-1].Entry != t.Entry) {
			entries = append(entries, entryJSON(t.Entry, transactions[i:]))
		}
	}
	adds, known := s.AddsUp()
	out := object{
		"statement_id": s.ID, "electronic_sequence": s.Electronic, "legal_sequence": s.Legal, "created": s.Created, "account": accountJSON(s.Account),
		"balances": balances, "opening_balance": amountOf(s.Opening), "closing_balance": amountOf(s.Closing), "booked_sum": amountOf(s.Booked),
		"entry_count": s.Entries, "entries": entries,
	}
	if known {
		out["adds_up"] = adds
	}
	return out
}

func entryJSON(e *bank.Entry, transactions []*bank.Transaction) object {
	out := object{
		"reference": e.Reference, "account_servicer_ref": e.BankReference, "amount": amountOf(e.Amount), "currency": e.Amount.Currency,
		"direction": string(e.Direction), "booking_date": string(e.Booking), "value_date": string(e.Value), "status": string(e.State),
		"reversal": e.Reversal, "additional_text": e.Text, "charges": chargesJSON(e.Charges), "exchange": exchangesJSON(e.Exchanges),
		"bank_transaction_code": object{"domain": e.Code.Domain, "proprietary": e.Code.Proprietary, "issuer": e.Code.Issuer},
	}
	var batches, details []any
	for _, b := range e.Batches {
		batches = append(batches, object{
			"message_id": b.MessageID, "payment_information_id": b.PaymentInformationID, "count": b.Count, "total": amountOf(b.Total),
		})
	}
	for _, t := range transactions {
		if t.Entry == e && t.Number > 0 {
			details = append(details, detailJSON(t))
		}
	}
	out["batch"], out["details"], out["detail_count"] = batches, details, len(details)
	return out
}

func detailJSON(t *bank.Transaction) object {
	out := object{
		"end_to_end_id": t.EndToEndID, "instruction_id": t.InstructionID, "message_id": t.MessageID, "payment_information_id": t.PaymentInformationID,
		"account_servicer_ref": t.BankReference, "mandate_id": t.Mandate, "own_direction": string(t.Own),
		"instructed_amount": amountOf(t.Instructed), "instructed_currency": t.Instructed.Currency,
		"counterparty_name": t.Counterparty.Name, "counterparty_account": t.Counterparty.Account.ID,
		"debtor": sideJSON(t.Debtor), "creditor": sideJSON(t.Creditor), "remittance_text": list(t.Texts), "structured_reference": list(t.References),
		"additional_text": t.Info, "charges": chargesJSON(t.Charges), "exchange": exchangesJSON(t.Exchanges),
	}
	if t.Return != nil {
		out["return_reason"] = reasonJSON(*t.Return)
	}
	if t.AmountFrom != bank.FromEntry {
		out["amount"], out["currency"], out["amount_from"] = amountOf(t.Amount), t.Amount.Currency, string(t.AmountFrom)
	}
	return out
}

func sideJSON(c bank.Counterparty) object {
	return object{"name": c.Name, "account": c.Account.ID, "account_scheme": scheme(c.Account)}
}

func reasonJSON(r bank.Reason) object {
	return object{"code": r.Code, "proprietary": r.Proprietary, "text": list(r.Texts)}
}

func list(texts []string) []any {
	var out []any
	for _, text := range texts {
		out = append(out, text)
	}
	return out
}

func chargesJSON(charges []bank.Charge) []any {
	var out []any
	for _, c := range charges {
		out = append(out, object{"amount": amountOf(c.Money), "currency": c.Currency, "direction": string(c.Direction)})
	}
	return out
}

func exchangesJSON(exchanges []bank.Exchange) []any {
	var out []any
	for _, x := range exchanges {
		out = append(out, object{"source": x.Source, "target": x.Target, "unit": x.Unit, "rate": x.Rate})
	}
	return out
}

func statusJSON(out object, all said) {
	var informations []any
	for _, s := range all.statuses {
		switch s.Level {
		case bank.OfFile:
			out["original_message_id"], out["original_message_name"] = s.File.ID, s.File.Name
			out["original_count"], out["original_sum"] = s.File.Count, s.File.Sum
			out["group_status"], out["group_reasons"], out["counts"] = s.Stated, reasonsJSON(s.Reasons), countsJSON(s.Counts)
		case bank.OfInformation:
			informations = append(informations, object{
				"original_payment_information_id": s.Information.ID, "original_count": s.Information.Count, "original_sum": s.Information.Sum,
				"status": s.Stated, "reasons": reasonsJSON(s.Reasons), "counts": countsJSON(s.Counts), "transactions": []any(nil),
			})
		case bank.OfTransaction:
			info := informations[len(informations)-1].(object)
			info["transactions"] = append(info["transactions"].([]any), paymentJSON(s))
		}
	}
	out["payment_informations"] = informations
}

func paymentJSON(s *bank.Status) object {
	return object{
		"original_instruction_id": s.InstructionID, "original_end_to_end_id": s.EndToEndID, "status": s.Stated, "effective_status": s.Code,
		"reasons": reasonsJSON(s.Reasons), "account_servicer_ref": s.BankReference, "amount": amountOf(s.Amount), "currency": s.Amount.Currency,
		"creditor_name": s.Creditor.Name, "creditor_account": s.Creditor.Account.ID, "debtor_name": s.Debtor.Name, "debtor_account": s.Debtor.Account.ID,
	}
}

func reasonsJSON(reasons []bank.Reason) []any {
	var out []any
	for _, r := range reasons {
		out = append(out, reasonJSON(r))
	}
	return out
}

func countsJSON(counts []bank.StatusCount) object {
	out := object{}
	for _, c := range counts {
		out[c.Code] = c.Count
	}
	return out
}

func TestAmountsAreExact(t *testing.T) {
	for _, m := range []struct {
		value money.Micros
		code  string
		want  money.Amount
		exact bool
	}{
		{12_500_000, "EUR", 1250, true}, {-12_345_000, "EUR", -1235, false}, {1_000_000, "JPY", 1, true}, {1_234_000, "KWD", 1234, true}, {1, "???", 0, false},
	} {
		got, exact := bank.Money{Value: m.value, Currency: m.code}.Amount()
		if got != m.want || exact != m.exact {
			t.Errorf("%d %s: got %d, %v", m.value, m.code, got, exact)
		}
	}
}
