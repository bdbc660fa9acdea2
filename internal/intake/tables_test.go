package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/internal/fault"
	"creditrun/internal/intake"
)

// tell writes down what a table holds, and what is wrong with it.
func tell[T any](list func(yield func(T, error) bool)) string {
	var b strings.Builder
	for one, err := range list {
		for _, f := range fault.Of(err) {
			fmt.Fprintf(&b, "%v %v: %v, got %v\n", f.Args["line"], f.Args["field"], f.Args["expected"], f.Args["got"])
		}
		if err == nil {
			fmt.Fprintf(&b, "%+v\n", one)
		}
	}
	return b.String()
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("without %q:\n%s", w, text)
		}
	}
}

func TestCollectionsAreRead(t *testing.T) {
	got := tell(intake.ReadCollections("c.csv", strings.NewReader("\uFEFFid;collected_at;amount\n"+
		"S-1;2026-10-05T12:00:00+02:00;4.90\nS-2;2026-10-05T12:00:00Z;\nS-3;05.10.2026;-1\n;2026-10-05T12:00:00Z;x\n")))
	contains(t, got, "Source:csv ExternalID:S-1", "Line:2", "Record:S-2;2026-10-05T12:00:00Z;",
		"4 collected_at: a time with its offset", "4 amount: a decimal number that is not negative", "5 id: a value", "5 amount: a decimal number")
	got = tell(intake.ReadCollections("c.csv", strings.NewReader("id,source,collected_at,paid\nDE*ABC*1,ocpi,2026-10-05T12:00:00Z,1\n")))
	contains(t, got, "1 paid: one of the columns id, collected_at, source, amount")
}

func TestTopUpsAreRead(t *testing.T) {
	got := tell(intake.ReadTopUps("t.csv", strings.NewReader("id;entity;user;amount;currency;at\n"+
		"t1;a;u;50.00;EUR;2026-02-11T10:00:00+01:00\nt2;a;u;-500;JPY;2026-02-11T10:00:00+01:00\n"+
		"t3;a;u;0;EUR;2026-02-11T10:00:00+01:00\nt4;a;u;1.005;EUR;2026-02-11T10:00:00+01:00\nt5;a;u;1;euro;2026-02-11\n")))
	contains(t, got, "Key:t1 Entity:a User:u Amount:5000 Currency:EUR", "Amount:-500 Currency:JPY", "4 amount: an amount that is not 0",
		"5 amount: an amount with a point", "6 currency: a currency code", "6 at: a time")
}

func TestRecordsAreRead(t *testing.T) {
	currencyOf := func(owner string) string { return map[string]string{"a": "KWD"}[owner] }
	got := tell(intake.ReadRecords("r.csv", strings.NewReader("id;owner;month;date;text;net;currency;tax_account;direction\n"+
		"c1;a;2026-02;2026-02-14;Rent;12.345;;;credit\nc2;b;2026-02;2026-02-14;Repair;7.77;EUR;de-19;debit\n"+
		"c3;b;2026-13;14.2.;;0.00;EUR;;owed\n"), currencyOf))
	contains(t, got, "Text:Rent Net:12345 Currency:KWD", "Net:777 Currency:EUR TaxAccount:de-19 Direction:debit",
		"4 month: a month", "4 date: a date", "4 text: a value", "4 net: an amount above 0", "4 direction: credit or debit")
}

func TestTablesAreKnownByTheirColumns(t *testing.T) {
	for header, want := range map[string]intake.Kind{
		"id,evse_id,start,end,energy_kwh,collected_at": intake.KindCSV,
		"id;source;collected_at;amount":                intake.KindCollections,
		"sep=;\n\"id\";\"collected_at\"":               intake.KindCollections,
		"id;entity;user;amount;currency;at":            intake.KindTopUps,
		"id;owner;month;date;text;net;direction":       intake.KindRecords,
		"":                                             intake.KindCSV,
	} {
		if got := intake.Sniff("x.csv", []byte(header+"\n")); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if got := intake.Sniff("-", []byte("id;collected_at\n")); got != intake.KindCollections {
		t.Errorf("without a name: %s", got)
	}
}
