package bank_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/bank"
	"creditrun/internal/money"
)

func bal(kind, amount string) string {
	return `<Bal><Tp><CdOrPrtry><Cd>` + kind + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-05</Dt></Dt></Bal>`
}

func detail(amount string) string {
	return `<TxDtls><Refs><EndToEndId>E</EndToEndId></Refs><Amt Ccy="EUR">` + amount + `</Amt></TxDtls>`
}

func details(content ...string) string {
	return "<NtryDtls>" + strings.Join(content, "") + "</NtryDtls>"
}

func TestContradictionsAreFound(t *testing.T) {
	twice := entry("") + entry("")
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"all adds up": {bal("OPBD", "5.00") + bal("CLBD", "25.00") + twice, nil},
		"the previous closing counts as opening": {bal("PRCD", "5.00") + bal("CLBD", "25.01") + twice,
			[]string{"bank_balance_differs booked=20.00 EUR closing=25.01 EUR line=3 opening=5.00 EUR statement=S1"}},
		"pending entries move nothing": {bal("OPBD", "0.00") + bal("CLBD", "10.00") + entry("") + strings.Replace(entry(""), "BOOK", "PDNG", 1), nil},
		"nothing was booked":           {bal("OPBD", "1.00") + bal("CLBD", "2.00"), []string{"bank_balance_differs booked=0.00 EUR closing=2.00 EUR line=3 opening=1.00 EUR statement=S1"}},
		"another currency":             {bal("OPBD", "0.00") + bal("CLBD", "99.00") + strings.Replace(entry(""), "EUR", "SEK", 1), nil},
		"the summary is met": {`<TxsSummry><TtlNtries><NbOfNtries>02</NbOfNtries><Sum>20</Sum><TtlNetNtry><Amt>20.0</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries>
<TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>20.00</Sum></TtlCdtNtries></TxsSummry>` + twice, nil},
		"the summary is not met": {`<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><TtlNetNtryAmt>20.00</TtlNetNtryAmt><CdtDbtInd>DBIT</CdtDbtInd></TtlNtries>
<TtlDbtNtries><Sum>1.00</Sum></TtlDbtNtries></TxsSummry>` + twice, []string{
			"bank_sum_differs element=TtlNtries/NbOfNtries found=2 line=3 stated=3", "bank_sum_differs element=TtlDbtNtries/Sum found=0.00 line=4 stated=1.00",
			"bank_sum_differs element=TtlNtries/TtlNetNtryAmt found=-20.00 line=3 stated=20.00"}},
		"details come to the entry":     {entry(details(detail("4.00"), detail("6.00"))), nil},
		"details do not":                {entry(details(detail("4.00"), detail("6.01"))), []string{"bank_sum_differs element=Ntry/Amt found=10.01 line=3 stated=10.00"}},
		"details without amount":        {entry(details("<TxDtls/>", detail("1.00"))), nil},
		"details in the other currency": {entry(details(strings.Replace(detail("9.50"), "EUR", "CHF", 1))), nil},
		"a batch without details":       {entry(details("<Btch><NbOfTxs>4</NbOfTxs></Btch>")), nil},
		"a batch with fewer details": {entry(details(`<Btch><NbOfTxs>2</NbOfTxs><TtlAmt Ccy="EUR">11.00</TtlAmt></Btch>`, detail("10.00"))), []string{
			"bank_sum_differs element=Btch/NbOfTxs found=1 line=3 stated=2", "bank_sum_differs element=Btch/TtlAmt found=10.00 line=3 stated=11.00"}},
		"a direction of its own": {entry(details(strings.Replace(detail("10.00"), "</TxDtls>", "<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>", 1))),
			[]string{"bank_direction_differs entry=CRDT line=3 stated=DBIT"}},
		"a batch that is netted": {entry(details(detail("12.00"), strings.Replace(detail("2.00"), "</TxDtls>", "<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>", 1))),
			[]string{"bank_direction_differs entry=CRDT line=3 stated=DBIT"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings, err := read(strings.NewReader(statement(c.content)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALaterVersionIsReadWithAFinding(t *testing.T) {
	got, findings, err := read(strings.NewReader(strings.Replace(statement(entry("")), "053.001.08", "053.001.11", 1)))
	if err != nil || len(got) != 1 || len(findings) != 1 || findings[0].Error() != "bank_version_unlisted version=camt.053.001.11" {
		t.Errorf("got %v, %v, %v", got, findings, err)
	}
}

// keys are those of the transactions of a file.
func keys(t *testing.T, file string) []string {
	t.Helper()
	got, _, err := read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, one := range got {
		list = append(list, one.Key)
	}
	return list
}

func TestABookingHasOneKeyForEver(t *testing.T) {
	ref := "<AcctSvcrRef>REF1</AcctSvcrRef>"
	alone := keys(t, statement(entry(ref)))[0]
	notification := strings.NewReplacer("camt.053", "camt.054", "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "Stmt>", "Ntfctn>", "S1", "N7").Replace(statement(entry(ref)))
	if got := keys(t, notification); got[0] != alone {
		t.Errorf("the notification has the key %s, the statement %s", got[0], alone)
	}
	detailed := keys(t, statement(entry("<ValDt><Dt>2026-10-06</Dt></ValDt>"+ref+details(detail("4.00"), detail("6.00")))))
	if diff := cmp.Diff([]string{alone + ".1", alone + ".2"}, detailed); diff != "" {
		t.Error(diff)
	}
	different := map[string]bool{alone: true}
	for name, file := range map[string]string{
		"another reference": statement(entry("<AcctSvcrRef>REF2</AcctSvcrRef>")),
		"no reference":      statement(entry("")),
		"another amount":    statement(strings.Replace(entry(ref), "10.00", "11.00", 1)),
		"pending":           statement(strings.Replace(entry(ref), "BOOK", "PDNG", 1)),
		"another day":       statement(strings.Replace(entry(ref), "2026-10-05", "2026-10-06", 1)),
		"other direction":   statement(strings.Replace(entry(ref), "CRDT", "DBIT", 1)),
		"another account":   strings.Replace(statement(entry(ref)), "DE52500106758935672160", "DE17500107333953393861", 1),
		"another text":      statement(entry("<AddtlNtryInf>fee</AddtlNtryInf>")),
		"another payment":   statement(entry(details(detail("10.00")))),
	} {
		key, _, _ := strings.Cut(keys(t, file)[0], ".")
		if different[key] {
			t.Errorf("%s: the key %s was there before", name, key)
		}
		different[key] = true
	}
}

func TestEntriesOfAStatementThatAreAlikeAreSeveral(t *testing.T) {
	for _, more := range []string{"", "<AcctSvcrRef>REF1</AcctSvcrRef>"} {
		file := statement(entry(more) + entry(more) + entry(more))
		got := keys(t, file)
		if diff := cmp.Diff([]string{got[0], got[0] + "-2", got[0] + "-3"}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(got, keys(t, file)); diff != "" {
			t.Errorf("the file again: %s", diff)
		}
	}
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString(entry(fmt.Sprintf("<NtryRef>%d</NtryRef>", i)))
	}
	got := keys(t, statement(b.String()+entry("")+entry("")))
	if last, before := got[len(got)-1], got[len(got)-2]; last == before || !strings.HasSuffix(last, "-n20002") {
		t.Errorf("got %s and %s", before, last)
	}
}

func TestLargeBatchesAreHandedOutWhileTheyAreRead(t *testing.T) {
	one := detail("0.01")
	got, findings, err := read(strings.NewReader(statement(entry(details(strings.Repeat(one, 1000)) + "<AddtlNtryInf>batch</AddtlNtryInf>"))))
	if err != nil || len(findings) > 0 || len(got) != 1000 {
		t.Fatalf("got %d transactions, %v, %v", len(got), findings, err)
	}
	last := got[999]
	if last.Number != 1000 || last.Amount != (bank.Money{Value: 10_000, Currency: "EUR"}) || last.Entry.Text != "batch" || last.Entry != got[0].Entry {
		t.Errorf("got %+v", last)
	}
}

func TestAnEntryWithoutDetailsIsOneTransaction(t *testing.T) {
	got, _, err := read(strings.NewReader(statement(entry("") + entry(details("<TxDtls/>")))))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for i, one := range got {
		if one.Amount.Value != money.Micros(10_000_000) || one.AmountFrom != bank.FromEntry || one.Number != i {
			t.Errorf("got %+v", one)
		}
	}
}
