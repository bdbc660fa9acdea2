package creditnotes_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// ofIssuer compares b as an issuer of media in October, of which five sessions
// were charged with its card at the stations of a.
func (w *world) ofIssuer() creditnotes.IssuerQuery {
	w.T.Helper()
	w.Config.Contracts = []settlement.Contract{{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true, OwnChargingDiscount: 1000}}
	w.Config.NumberRanges = append(w.Config.NumberRanges, numberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Config.Media = []entities.Medium{{UID: "MB", Issuer: "b"}}
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s19")
	for i := range 5 {
		changes := []func(*sessions.Session){creditnotestest.WithMedium("mb"), creditnotestest.Driven(4_900_000)}
		if i == 2 { // not billed: the driver amount is unknown
			changes = changes[:1]
		}
		w.Charged(charge(fmt.Sprintf("S%d", i+1), "ST-1", fmt.Sprintf("2026-10-%02d 10:00", i+3), "10", changes...))
	}
	w.Month("2026-10")
	plan, err := creditnotes.NewPlan(w.Config, "")
	if err != nil {
		w.T.Fatal(err)
	}
	return creditnotes.NewIssuerQuery(w.Config, plan.Network, "b", "2026-10")
}

// names are the sessions of a page and the pages beside it.
func names(list creditnotes.IssuerList) string {
	var sessions []string
	for i := range list.Rows {
		sessions = append(sessions, list.Rows[i].Session)
	}
	return fmt.Sprintf("%s before %t after %t", strings.Join(sessions, " "), list.Previous != "", list.Next != "")
}

func TestBothSidesOfAnIssuerPageByPage(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		q := w.ofIssuer()
		look := func(p creditnotes.Page, findings ...creditnotes.IssuerFinding) creditnotes.IssuerList {
			p.Limit = 2
			list, err := creditnotes.ListIssuer(t.Context(), w.s, q, findings, p)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first := look(creditnotes.Page{})
		second := look(creditnotes.Page{After: first.Next})
		third := look(creditnotes.Page{After: second.Next})
		back := look(creditnotes.Page{Before: third.Previous})
		one := look(creditnotes.Page{}, creditnotes.OwnerOnly)
		got := []string{names(first), names(second), names(third), names(back), names(one), names(look(creditnotes.Page{}, creditnotes.IssuerDiffers))}
		want := []string{"S1 S2 before false after true", "S3 S4 before true after true", "S5 before true after false", "S3 S4 before true after true",
			"S3 before false after false", " before false after false"}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		_, err := creditnotes.ListIssuer(t.Context(), w.s, q, nil, creditnotes.Page{After: "?"})
		says(t, err, "cursor_invalid")
	})
}

func TestRowsOfAnIssuerAsProgramsReadThem(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		q := w.ofIssuer()
		var totals creditnotes.IssuerTotals
		var rows []creditnotes.IssuerRowJSON
		for row, err := range creditnotes.IssuerRows(t.Context(), w.s, q, nil, &totals) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row.JSON(time.UTC))
		}
		content, err := json.Marshal(map[string]any{"rows": rows, "totals": totals.JSON()})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`"session":"S1"`, `"billed_net":"4.410000"`, `"medium":"`, `"owned_by":"a"`, `"owner_share":"3.150000"`, `"finding":"owner_only"`,
			`"billed_sessions":4`, `"credited_sessions":5`, `"credited_unknown":1`, `{"finding":"agrees","sessions":4,"energy_kwh":"40"}`,
		} {
			if !strings.Contains(string(content), want) {
				t.Errorf("%s is missing in\n%s", want, content)
			}
		}
		for range creditnotes.IssuerRows(t.Context(), w.s, q, nil, &totals) {
			break // the rest is not wanted
		}
		if n := creditnotes.IssuersOf(w.Config)["b"]; n != 1 {
			t.Errorf("b issues %d media", n)
		}
	})
}

func TestAnAnalysisAsProgramsReadIt(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.ofIssuer()
		w.Charged(charge("S6", "ST-1", "2026-10-20 10:00", "10", invalid))
		w.Month("2026-10")
		for by, want := range map[creditnotes.AnalysisBy]string{
			creditnotes.ByOwner:   `{"key":"a","currency":"EUR","sessions":5,"energy_kwh":"50","driver_amount":"19.600000"`,
			creditnotes.ByStation: `{"key":"ST-1","currency":"EUR","sessions":5`,
			creditnotes.ByMonth:   `{"key":"2026-10","currency":"EUR","sessions":5`,
		} {
			a, err := creditnotes.Analyze(t.Context(), w.s, creditnotes.AnalysisQuery{By: by, From: "2026-10", Until: "2026-10"})
			if err != nil {
				t.Fatal(err)
			}
			content, err := json.Marshal(a.JSON(func(at time.Time) time.Time { return at }))
			if err != nil || !strings.Contains(string(content), want) {
				t.Errorf("%s: %s is missing in %s, %v", by, want, content, err)
			}
		}
	})
}

func TestRecordsAsProgramsReadThem(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.ofIssuer()
		var all []creditnotes.RecordJSON
		for r, err := range w.s.EachRecord(t.Context(), creditnotes.SettlementFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r.JSON(time.UTC))
		}
		content, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"origin":"own_charging"`, `"kind":"expense"`, `"driver_amount":"4.900000"`, `"owner_share":"3.150000","operator_share":"1.750000"`,
			`"operator_share":null`, `"document":"GS-2026-00001"`} {
			if !strings.Contains(string(content), want) {
				t.Errorf("%s is missing in\n%s", want, content)
			}
		}
	})
}

func TestAccountsAreNarrowedAndAddedUp(t *testing.T) {
	list := []creditnotes.AccountState{
		{Account: creditnotes.Account{Entity: "a", Currency: "EUR"}, Movements: 3, Balance: 80_00, OpenItems: 2, Open: 100_00, Oldest: "2026-10-31"},
		{Account: creditnotes.Account{Entity: "b", Currency: "EUR"}, Movements: 1, Balance: -30_00, OpenItems: 1, Open: -30_00, Oldest: "2026-11-01"},
		{Account: creditnotes.Account{Entity: "b", Currency: "CHF"}, Movements: 2},
	}
	for _, c := range []struct {
		filter creditnotes.AccountFilter
		want   string
	}{
		{creditnotes.AccountFilter{}, "a EUR, b EUR, b CHF"}, {creditnotes.AccountFilter{Entity: "b"}, "b EUR, b CHF"}, {creditnotes.AccountFilter{Currency: "CHF"}, "b CHF"},
		{creditnotes.AccountFilter{Standing: creditnotes.AccountOwed}, "a EUR"}, {creditnotes.AccountFilter{Standing: creditnotes.AccountOwing}, "b EUR"},
		{creditnotes.AccountFilter{Standing: creditnotes.AccountEven}, "b CHF"}, {creditnotes.AccountFilter{Standing: creditnotes.AccountHasOpen}, "a EUR, b EUR"},
		{creditnotes.AccountFilter{Scope: []string{"a"}}, "a EUR"}, {creditnotes.AccountFilter{Scope: []string{}}, ""},
	} {
		var got []string
		for i := range list {
			if c.filter.Fits(&list[i]) {
				got = append(got, list[i].Entity+" "+list[i].Currency)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%+v: %v, want %s", c.filter, got, c.want)
		}
	}
	totals := creditnotes.TotalsOfAccounts(list)
	if len(totals) != 2 || totals[0].Currency != "CHF" || totals[1].Balance() != 50_00 || totals[1].Owed != 80_00 || totals[1].Unallocated() != -20_00 || totals[1].OpenItems != 3 {
		t.Errorf("%+v", totals)
	}
	if j := list[0].JSON(); j.Balance != "80.00" || j.OpenAmount != "100.00" || j.Unallocated != "-20.00" {
		t.Errorf("%+v", j)
	}
	if len(creditnotes.AccountStandings()) != 4 {
		t.Error("a standing is not listed")
	}
}

func TestContractsNameWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		change func(one *settlement.Contract)
		want   []string
	}{
		"right":         {func(*settlement.Contract) {}, nil},
		"no such owner": {func(one *settlement.Contract) { one.Owner = "nobody" }, []string{"contract_reference_unknown owner"}},
		"the operator":  {func(one *settlement.Contract) { one.Owner = "op" }, []string{"contract_owner_operator owner"}},
		"stations": {func(one *settlement.Contract) { one.Stations = []string{"ST-1", "ST-77", "ST-78"} },
			[]string{"contract_reference_unknown stations", "contract_reference_unknown stations"}},
		"tax account": {func(one *settlement.Contract) { one.FeeTaxAccount = "s21" }, []string{"contract_reference_unknown fee_tax_account"}},
		"overlap":     {func(one *settlement.Contract) { one.From = "2026-01" }, []string{"contracts_overlap from"}},
	} {
		config := smallNetwork()
		one := settlement.Contract{Key: "new", Owner: "a", From: "2027-01", Active: true}
		c.change(&one)
		config.Contracts = []settlement.Contract{{Key: "old", Owner: "a", From: "2026-01", To: "2026-12", Active: true}, one}
		var got []string
		for _, f := range config.CheckContracts(func(key string) bool { return key == "new" }) {
			got = append(got, f.Key+" "+f.Field)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
