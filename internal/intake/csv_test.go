package intake

import (
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

const csvHeader = "id,evse_id,start,end,energy_kwh"

// collect reads everything: the sessions, and the faults as text.
func collect(seq iter.Seq2[sessions.Session, error]) (list []sessions.Session, faults string) {
	var b strings.Builder
	for s, err := range seq {
		if err != nil {
			b.WriteString(lines(err))
			continue
		}
		list = append(list, s)
	}
	return list, b.String()
}

func unzipped(t testing.TB, path string) io.Reader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestCSVKeepsEveryColumn(t *testing.T) {
	text := "\uFEFF" + strings.Join(columns, ";") + "\r\n" +
		`s-1;DE*VLT*E1;2026-10-01T08:00:00+02:00;2026-10-01T08:10:00.5+02:00;"12.345678";2;04A1;bilateral;DE*ABC;invalid;600;1.5;2.5;3.10;EUR;2026-10-02T00:00:00Z;"WHITE""LIST";0.5;2026-10-03T00:00:00Z;"OCMF|{""FV"":""1.0""}|{""SD"":""00""}"` + "\r\n"
	list, faults := collect(ReadCSV("s.csv", strings.NewReader(text)))
	if faults != "" {
		t.Fatal(faults)
	}
	want := []sessions.Session{{
		Source: "csv", ExternalID: "s-1", EVSEID: "DE*VLT*E1", Connector: 2, MediumUID: "04A1", Class: sessions.Bilateral,
		Partner: "DE*ABC", Status: sessions.Invalid, AuthMethod: `WHITE"LIST`, Duration: 600, Energy: 12_345_678,
		Start: utc(t, "2026-10-01T06:00:00Z"), End: utc(t, "2026-10-01T06:10:00.5Z"),
		MeterStart: new(money.Quantity(1_500_000)), MeterStop: new(money.Quantity(2_500_000)),
		DriverAmount: new(money.Micros(3_100_000)), Currency: "EUR", CollectedAt: utc(t, "2026-10-02T00:00:00Z"),
		DriverFee: new(money.Micros(500_000)), UpdatedAt: utc(t, "2026-10-03T00:00:00Z"),
		Signed: &sessions.Signed{Values: []ocmf.Value{{Data: `OCMF|{"FV":"1.0"}|{"SD":"00"}`}}},
	}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

func TestCSVDefaultsAreConnector1ValidAndTheTimeBetween(t *testing.T) {
	list, faults := collect(ReadCSV("s.csv", strings.NewReader(
		"energy_kwh,end,start,evse_id,id\n-0.5,2026-10-01T08:00:00.2Z,2026-10-01T07:00:00Z,E1,a\n1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,E1,b\n")))
	if faults != "" || len(list) != 2 {
		t.Fatal(list, faults)
	}
	if s := list[0]; s.Connector != 1 || s.Status != sessions.Valid || s.Class != "" || s.Duration != 3601 || s.Energy != -500_000 {
		t.Errorf("%+v", s)
	}
	if s := list[1]; !s.End.Before(s.Start) || s.Duration != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCSVOfPerthIsReadWhole(t *testing.T) {
	list, faults := collect(ReadCSV("sessions.csv", unzipped(t, "testdata/perth/sessions.csv.gz")))
	if faults != "" {
		t.Fatal(faults)
	}
	var energy money.Quantity
	classes := map[sessions.Class]int{}
	for _, s := range list {
		energy += s.Energy
		classes[s.Class]++
	}
	got := fmt.Sprintf("%d sessions, %s kWh, %d internal, %d bilateral, %d community",
		len(list), energy, classes[sessions.Internal], classes[sessions.Bilateral], classes[sessions.Community])
	if want := "9262 sessions, 98680.353 kWh, 1703 internal, 1127 bilateral, 6432 community"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkCSV(b *testing.B) {
	text, err := io.ReadAll(unzipped(b, "testdata/perth/sessions.csv.gz"))
	if err != nil {
		b.Fatal(err)
	}
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range ReadCSV("s.csv", strings.NewReader(string(text))) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func TestCSVFromExcelIsRead(t *testing.T) {
	row := "A1;DE*VLT*E1;2026-10-05T10:00:00+02:00;2026-10-05T11:00:00+02:00;12.345\r\n"
	head := "id;evse_id;start;end;energy_kwh\r\n"
	for claim, text := range map[string]string{
		"rows of separators":         head + row + ";;;;\r\n\r\n;\r\n\"\";\"\"; ;;\r\n",
		"a first line with sep":      "sep=;\r\n" + head + row,
		"a first line with quotes":   "\uFEFF\"sep=;\"\r\n" + head + row,
		"columns without a name":     strings.ReplaceAll(head+row, "\r\n", ";;\r\n"),
		"a header in other case":     "ID;EVSE_ID;Start;End;Energy_kWh\r\n" + row,
		"sep that a count would not": "sep=,\r\nid,evse_id,start,end,energy_kwh,auth_method\r\n" + strings.ReplaceAll(strings.TrimSpace(row), ";", ",") + ",a;b;c;d;e;f;g\r\n",
	} {
		list, faults := collect(ReadCSV("s.csv", strings.NewReader(text)))
		if faults != "" || len(list) != 1 || list[0].ExternalID != "A1" || list[0].Energy != 12_345_000 {
			t.Errorf("%s: %+v %s", claim, list, faults)
		}
	}
}

// changes writes records of an id, an energy and the time of the last change.
func changes(list ...[3]string) string {
	text := csvHeader + ",updated_at\n"
	for _, r := range list {
		text += r[0] + ",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z," + r[1] + "," + r[2] + "\n"
	}
	return text
}

func TestOneIDForDifferentContentIsAnErrorOfTheFile(t *testing.T) {
	const early, late = "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z"
	for claim, c := range map[string]struct {
		text string
		bad  string // lines that are rejected when the rest is kept
	}{
		"other content":                           {changes([3]string{"a", "1"}, [3]string{"b", "1"}, [3]string{"a", "2"}), "[2 4]"},
		"the same content":                        {changes([3]string{"a", "1"}, [3]string{"a", "1"}), "[]"},
		"the same content, changed again":         {changes([3]string{"a", "1", early}, [3]string{"a", "1", late}), "[]"},
		"the source says which is later":          {changes([3]string{"a", "2", late}, [3]string{"a", "1", early}), "[]"},
		"it says so of one of them":               {changes([3]string{"a", "2", late}, [3]string{"a", "1"}), "[2 3]"},
		"both were changed at the same time":      {changes([3]string{"a", "2", late}, [3]string{"a", "1", late}), "[2 3]"},
		"three of one id, two of them alike":      {changes([3]string{"a", "1"}, [3]string{"a", "1"}, [3]string{"a", "2"}), "[2 3 4]"},
		"a record that cannot be read in between": {changes([3]string{"a", "1"}, [3]string{"c", "x"}, [3]string{"a", "2"}), "[2 3 4]"},
	} {
		strict, _, err := OpenSessions("s.csv", strings.NewReader(c.text), false)
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := collect(strict); (faults != "") != (c.bad != "[]") {
			t.Errorf("%s: %s", claim, faults)
		}
		for _, source := range []io.Reader{strings.NewReader(c.text), io.MultiReader(strings.NewReader(c.text))} {
			good, _, err := OpenSessions("s.csv", source, true)
			if err != nil {
				t.Fatal(err)
			}
			bad := []int{}
			for _, err := range good {
				if line, record, ok := Rejected(err); ok {
					bad = append(bad, line)
					if record == "" {
						t.Errorf("%s: line %d without its text", claim, line)
					}
				}
			}
			if fmt.Sprint(bad) != c.bad {
				t.Errorf("%s: %v, want %v", claim, bad, c.bad)
			}
		}
	}
}

// A file larger than what is kept in memory is sorted in parts.
func TestSharedIDsAreFoundInAFileOfAnySize(t *testing.T) {
	const most = 100
	const n = 3*most + 17
	var list records = func(yield func(record, error) bool) {
		for i := range n {
			s := sessions.Session{ExternalID: fmt.Sprint("S", i), Energy: 1}
			switch i {
			case n - 1:
				s.ExternalID, s.Energy = "S5", 2
			case most + 1:
				s.ExternalID, s.Energy = "S7", 1 // the same content
			case 2 * most:
				s.ExternalID, s.Energy = "S9", 3
			}
			if !yield(record{session: s, line: i + 2}, nil) {
				return
			}
		}
	}
	ids := newIDCheck()
	ids.most = most
	twice, err := ids.shared(list)
	if err != nil || len(twice) != 4 {
		t.Fatalf("%d records, %v", len(twice), err)
	}
	for place, other := range map[int64]int64{5: n - 1, n - 1: 5, 9: 2 * most, 2 * most: 9} {
		if twice[place].other.place != other {
			t.Errorf("record %d: %+v", place, twice[place])
		}
	}
}
