package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// details yields a list and then, if there is one, an error.
func details(list []creditnotes.Detail, err error) iter.Seq2[creditnotes.Detail, error] {
	return func(yield func(creditnotes.Detail, error) bool) {
		for _, d := range list {
			if !yield(d, nil) {
				return
			}
		}
		if err != nil {
			yield(creditnotes.Detail{}, err)
		}
	}
}

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// oneDetail is session S-2 of domain.md §6.7.
func oneDetail() creditnotes.Detail {
	return creditnotes.Detail{
		Session: sessions.Session{
			ExternalID: "S-2", EVSEID: "DE*VLT*E1001", Connector: 1, MediumUID: "04A1B2C3D4", Partner: "DE*ABC",
			Start: moment("2026-10-10T12:00:00+02:00"), End: moment("2026-10-10T13:30:00+02:00"), Duration: 5400, Energy: 12_345_000,
		},
		Owner: "a",
		Line:  creditnotes.Line{Kind: creditnotes.LineCredit, Energy: 12_345_000, Nets: creditnotes.Nets{NetEnergy: 3_888_675}},
		Path: creditnotes.PathInfo{
			Class: sessions.Community, EVSEID: "DE*VLT*E1001", Connector: 1, ConnectorType: "IEC_62196_T2", Station: "ST-1", Zone: "Europe/Berlin",
			Rule: "community_tariff", Tariff: "COM144", CostRate: "com144", Currency: "EUR", Discount: 1000,
		},
		Month: "2026-10", Tax: creditnotes.TaxTotal{Category: creditnotes.StandardRate, Rate: 1900},
	}
}

func someDetails() []creditnotes.Detail {
	acrossTheClockChange := oneDetail()
	acrossTheClockChange.Session.ExternalID = "S-3"
	acrossTheClockChange.Session.Start, acrossTheClockChange.Session.End = moment("2026-10-25T02:30:00+02:00"), moment("2026-10-25T02:30:00+01:00")
	acrossTheClockChange.Line.NetTime, acrossTheClockChange.Line.NetFee = 1_200_000, 350_000
	acrossTheClockChange.Late, acrossTheClockChange.Month = true, "2026-09"

	inPerth := oneDetail()
	inPerth.Session.ExternalID, inPerth.Session.MediumUID, inPerth.Session.Partner = "S-4", "", ""
	inPerth.Path.Zone, inPerth.Path.Station = "Australia/Perth", "Parkhaus; \"Süd\""

	reversal := oneDetail()
	reversal.Session.ExternalID = "S-5"
	reversal.Line = creditnotes.Line{Kind: creditnotes.LineReversal, Energy: -12_345_000, Nets: creditnotes.Nets{NetEnergy: -3_888_675, NetTime: -1, NetFee: 0}}
	reversal.CorrectionOf, reversal.CarriedFrom, reversal.CarriedNote = "GS-2026-00007", "2026-09", 17

	formula := oneDetail()
	formula.Session.ExternalID = `=HYPERLINK("http://example.com";"x")`
	formula.Session.Partner, formula.Path.Tariff, formula.Path.CostRate, formula.Owner = "@SUM(A1)", "+49", "-12.5", "\tx"
	return []creditnotes.Detail{oneDetail(), acrossTheClockChange, inPerth, reversal, formula}
}

func TestSessionFileIsAsPromised(t *testing.T) {
	var got bytes.Buffer
	if err := newRenderer(t).CSV(&got, shortNote(), details(someDetails(), nil)); err != nil {
		t.Fatal(err)
	}
	golden(t, "sessions.csv", got.Bytes())
}

func TestSessionFileReadsBack(t *testing.T) {
	var got bytes.Buffer
	if err := newRenderer(t).CSV(&got, shortNote(), details(someDetails(), nil)); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(got.String(), "\ufeff")
	if !marked || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("the file lacks the byte order mark or ends lines otherwise than with CR LF")
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 6 || len(rows[0]) != 39 {
		t.Fatalf("got %d rows of %d columns, want 6 of 39", len(rows), len(rows[0]))
	}
	for _, test := range []struct {
		row          int
		column, want string
	}{
		{1, "document_number", "GS-2026-00001"}, {1, "medium", "******C3D4"}, {1, "net_total", "3.888675"}, {1, "late", "false"},
		{1, "start", "2026-10-10T12:00:00+02:00"}, {1, "energy_kwh", "12.345"}, {1, "discount_percent", "10"},
		{1, "tax_category", "S"}, {1, "tax_rate", "19"},
		{2, "start", "2026-10-25T02:30:00+02:00"}, {2, "end", "2026-10-25T02:30:00+01:00"}, {2, "net_total", "5.438675"}, {2, "late", "true"}, {2, "month", "2026-09"},
		{3, "start", "2026-10-10T18:00:00+08:00"}, {3, "station", `Parkhaus; "Süd"`}, {3, "medium", ""},
		{4, "net_energy", "-3.888675"}, {4, "net_time", "-0.000001"}, {4, "energy_kwh", "-12.345"}, {4, "correction_of", "GS-2026-00007"}, {4, "carried_from", "2026-09"},
		{5, "session_id", `'=HYPERLINK("http://example.com";"x")`}, {5, "partner", "'@SUM(A1)"}, {5, "tariff", "'+49"}, {5, "cost_rate", "-12.5"}, {5, "owner", "'\tx"},
	} {
		if got := rows[test.row][slices.Index(rows[0], test.column)]; got != test.want {
			t.Errorf("row %d, %s: got %q, want %q", test.row, test.column, got, test.want)
		}
	}
}

func TestSessionFileWithoutSessionsHasItsHead(t *testing.T) {
	var got bytes.Buffer
	if err := newRenderer(t).CSV(&got, emptyNote(), details(nil, nil)); err != nil {
		t.Fatal(err)
	}
	if want := "\ufeffdocument_number;session_id;"; !strings.HasPrefix(got.String(), want) || strings.Count(got.String(), "\n") != 1 {
		t.Errorf("got %q", got.String())
	}
}

func TestAnErrorEndsTheSessionFile(t *testing.T) {
	r := newRenderer(t)
	lost := errors.New("connection lost")
	if err := r.CSV(io.Discard, shortNote(), details(someDetails(), lost)); !errors.Is(err, lost) {
		t.Errorf("reading: got error %v", err)
	}
	nowhere := oneDetail()
	nowhere.Path.Zone = "Mars/Olympus"
	if err := r.CSV(io.Discard, shortNote(), details([]creditnotes.Detail{nowhere}, nil)); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("time zone: got error %v", err)
	}
	if err := r.CSV(fullDisk{}, shortNote(), details(someDetails(), nil)); !errors.Is(err, errFull) {
		t.Errorf("writing: got error %v", err)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestSessionFileNeedsNoMoreMemoryForMoreSessions(t *testing.T) {
	r := newRenderer(t)
	many := func(yield func(creditnotes.Detail, error) bool) {
		d := oneDetail()
		for range 100_000 {
			if !yield(d, nil) {
				return
			}
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := r.CSV(io.Discard, shortNote(), many); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes are kept after 100,000 sessions", grown)
	}
}

func BenchmarkCSV(b *testing.B) {
	r := newRenderer(b)
	list := slices.Repeat([]creditnotes.Detail{oneDetail()}, 3000)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.CSV(io.Discard, shortNote(), details(list, nil)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*3000/b.Elapsed().Seconds(), "sessions/s")
}
