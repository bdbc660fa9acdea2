package ocmf

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/money"
)

// expectation is what two independent checkers found in a record of a meter.
type expectation struct {
	File        string   `json:"file"`
	Version     string   `json:"format_version"`
	Gateway     string   `json:"gateway"`
	MeterSerial *string  `json:"meter_serial"`
	Pagination  string   `json:"pagination"`
	ID          string   `json:"id"`
	Algorithm   *string  `json:"signature_algorithm_declared"`
	Key         string   `json:"public_key"`
	KeyForm     string   `json:"public_key_form"`
	Curve       string   `json:"curve"`
	Valid       *bool    `json:"signature_valid"`
	Readings    []expect `json:"readings"`
}

type expect struct {
	Transaction string  `json:"tx"`
	Time        string  `json:"time"`
	Clock       string  `json:"time_sync"`
	OBIS        string  `json:"obis"`
	Value       string  `json:"value_raw"`
	Unit        string  `json:"unit"`
	KWh         *string `json:"kwh"`
	Status      string  `json:"status"`
	Errors      *string `json:"error_flags"`
}

type caseFile struct {
	Slug    string        `json:"slug"`
	Records []expectation `json:"records"`
	Session struct {
		Begin  *string  `json:"begin"`
		End    *string  `json:"end"`
		Energy *string  `json:"energy_kwh"`
		From   *string  `json:"begin_kwh"`
		To     *string  `json:"end_kwh"`
		Flags  []string `json:"flags"`
	} `json:"session"`
}

// The records of thirteen meters, tampered ones among them, have the verdicts
// and the values that OpenSSL and another checker gave them (see
// testdata/README.md).
func TestRecordsOfMetersHaveTheVerdictsOfOtherCheckers(t *testing.T) {
	cases := readCases(t)
	if len(cases) != 13 {
		t.Fatalf("%d cases", len(cases))
	}
	curvesSeen := map[string]bool{}
	for _, c := range cases {
		t.Run(c.Slug, func(t *testing.T) {
			var all []*Record
			for i, want := range c.Records {
				records, err := Parse(read(t, c.Slug, want.File))
				if err != nil || len(records) != 1 {
					t.Fatal(err)
				}
				key, err := ParseKey(read(t, c.Slug, strings.NewReplacer("record", "public-key", ".ocmf", ".txt").Replace(want.File)))
				if err != nil {
					t.Fatal(err)
				}
				if key.Curve() != "" && key.Curve() != want.Curve {
					t.Errorf("record %d: curve %s, want %s", i, key.Curve(), want.Curve)
				}
				if !strings.EqualFold(key.Hex(), want.Key) && key.Curve() != "" {
					t.Errorf("record %d: key %s, want %s", i, key.Hex(), want.Key)
				}
				curvesSeen[want.Curve] = true
				verdict := Invalid
				if *want.Valid {
					verdict = Valid
				}
				if got := records[0].Verify(key); got != verdict {
					t.Errorf("record %d: %s, want %s", i, got, verdict)
				}
				want.compare(t, records[0])
				all = append(all, records[0])
			}
			c.compareSession(t, all)
		})
	}
	for _, c := range []string{"secp192r1", "secp256k1", "brainpoolP256r1", "secp256r1", "secp384r1"} {
		if !curvesSeen[c] {
			t.Errorf("no case with %s", c)
		}
	}
}

func (want *expectation) compare(t *testing.T, got *Record) {
	t.Helper()
	head := []string{got.Version, got.Gateway, got.MeterSerial, got.Pagination, got.ID, got.Algorithm}
	if diff := cmp.Diff([]string{want.Version, want.Gateway, text(want.MeterSerial), want.Pagination, want.ID, text(want.Algorithm)}, head); diff != "" {
		t.Error(diff)
	}
	if len(got.Readings) != len(want.Readings) {
		t.Fatalf("%d readings, want %d", len(got.Readings), len(want.Readings))
	}
	for i, w := range want.Readings {
		r := got.Readings[i]
		values := []string{r.Transaction, r.At.Format("2006-01-02T15:04:05.000-07:00"), r.Clock, r.OBIS, r.Value, r.Unit, energyText(r.Energy), r.Status, r.Errors}
		wanted := []string{w.Transaction, w.Time, w.Clock, w.OBIS, strings.TrimSpace(w.Value), w.Unit, trimmed(w.KWh), w.Status, text(w.Errors)}
		if diff := cmp.Diff(wanted, values); diff != "" {
			t.Errorf("reading %d: %s", i, diff)
		}
	}
}

func (c *caseFile) compareSession(t *testing.T, all []*Record) {
	t.Helper()
	charge, ok := ChargeOf(all)
	if ok != (c.Session.Energy != nil) {
		t.Fatalf("a charge: %v, want %v", ok, c.Session.Energy)
	}
	if ok {
		got := []string{energyText(new(charge.Energy())), energyText(&charge.From), energyText(&charge.To)}
		if diff := cmp.Diff([]string{trimmed(c.Session.Energy), trimmed(c.Session.From), trimmed(c.Session.To)}, got); diff != "" {
			t.Error(diff)
		}
		if charge.Begin.Format("2006-01-02T15:04:05.000-07:00") != *c.Session.Begin || charge.End.Format("2006-01-02T15:04:05.000-07:00") != *c.Session.End {
			t.Errorf("from %v to %v, want %s to %s", charge.Begin, charge.End, *c.Session.Begin, *c.Session.End)
		}
	}
	doubts := Doubts(all)
	for flag, doubt := range map[string]Doubt{"reading_status_not_good": NotGood, "error_flags_set": HasErrors,
		"clock_unsynchronised": ClockUnset, "no_import_pair": NoPair} {
		if slices.Contains(c.Session.Flags, flag) != slices.Contains(doubts, doubt) {
			t.Errorf("doubts %v, want %v", doubts, c.Session.Flags)
		}
	}
}

// The transparency software's own files are read, and what is written from them
// is read again without a byte of the signed data lost.
func TestFilesOfTheTransparencySoftwareAreReadAndWritten(t *testing.T) {
	for _, c := range readCases(t) {
		content, err := os.ReadFile(filepath.Join("testdata", c.Slug, "input.xml"))
		if err != nil {
			continue // two cases come from a file of many
		}
		list, err := ReadContainer(content)
		if err != nil || len(list) != len(c.Records) {
			t.Fatalf("%s: %d values, %v", c.Slug, len(list), err)
		}
		written, err := WriteContainer(4711, list)
		if err != nil {
			t.Fatal(c.Slug, err)
		}
		again, err := ReadContainer(written)
		if err != nil {
			t.Fatal(c.Slug, err)
		}
		for i, want := range c.Records {
			if list[i].Data != read(t, c.Slug, want.File) || again[i].Data != list[i].Data || again[i].Key != list[i].Key {
				t.Errorf("%s: value %d is not the record", c.Slug, i)
			}
		}
		for i, one := range ValuesOf(string(content)) {
			if one != list[i] {
				t.Errorf("%s: %v", c.Slug, one)
			}
		}
	}
}

func readCases(t *testing.T) []caseFile {
	t.Helper()
	names, err := filepath.Glob("testdata/*/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	list := make([]caseFile, len(names))
	for i, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &list[i]); err != nil {
			t.Fatal(name, err)
		}
	}
	return list
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func trimmed(s *string) string {
	if s == nil {
		return ""
	}
	q, err := money.ParseQuantity(*s)
	if err != nil {
		panic(err)
	}
	return q.String()
}

func energyText(q *money.Quantity) string {
	if q == nil {
		return ""
	}
	return q.String()
}
