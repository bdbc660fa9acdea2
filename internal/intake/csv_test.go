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
		`s-1;DE*VLT*E1;2026-10-01T08:00:00+02:00;2026-10-01T08:10:00.5+02:00;"12.345678";2;04A1;bilateral;DE*ABC;invalid;600;1.5;2.5;-3.10;EUR;2026-10-02T00:00:00Z;"WHITE` + "\"\"LIST\"\r\n"
	list, faults := collect(ReadCSV("s.csv", strings.NewReader(text)))
	if faults != "" {
		t.Fatal(faults)
	}
	want := []sessions.Session{{
		Source: "csv", ExternalID: "s-1", EVSEID: "DE*VLT*E1", Connector: 2, MediumUID: "04A1", Class: sessions.Bilateral,
		Partner: "DE*ABC", Status: sessions.Invalid, AuthMethod: `WHITE"LIST`, Duration: 600, Energy: 12_345_678,
		Start: utc(t, "2026-10-01T06:00:00Z"), End: utc(t, "2026-10-01T06:10:00.5Z"),
		MeterStart: new(money.Quantity(1_500_000)), MeterStop: new(money.Quantity(2_500_000)),
		DriverAmount: new(money.Micros(-3_100_000)), Currency: "EUR", CollectedAt: utc(t, "2026-10-02T00:00:00Z"),
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
