package intake

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

func readNetwork(t *testing.T, text string) *Network {
	t.Helper()
	n, err := ReadNetwork("network.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sample(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// withoutLines forgets where settings stood, which writing does not keep.
func withoutLines(n *Network) *Network {
	for i := range n.Settings {
		n.Settings[i].Line = 0
	}
	n.Lines = nil
	return n
}

func TestNetworkSurvivesBeingWrittenAndReadAgain(t *testing.T) {
	for _, path := range []string{"../../docs/examples/network.yaml", "testdata/perth/network.yaml"} {
		t.Run(path, func(t *testing.T) {
			first := readNetwork(t, sample(t, path))
			var once, twice bytes.Buffer
			if err := WriteNetwork(&once, first); err != nil {
				t.Fatal(err)
			}
			second := readNetwork(t, once.String())
			if diff := cmp.Diff(withoutLines(first), withoutLines(second)); diff != "" {
				t.Errorf("read, written, read (-first +second):\n%s", diff)
			}
			if err := WriteNetwork(&twice, second); err != nil {
				t.Fatal(err)
			}
			if once.String() != twice.String() {
				t.Error("writing an equal network gave other bytes")
			}
			if os.Getenv("SHOW") != "" {
				t.Log(once.String())
			}
		})
	}
}

func TestAbsentFieldsHaveTheirDefaults(t *testing.T) {
	n := readNetwork(t, `
operator: {key: o, name: O, country: DE, time_zone: Europe/Berlin}
entities: [{key: a, parent: o, name: A, country: 'NO', postcode: 0123}]
number_ranges: [{key: r, name: R, pattern: "R-{SEQ:5}", valid_for: [invoice]}]
cost_rates:
  - {key: c, currency: EUR, valid_from: 2026-07-01, schedule: [{weekdays: [7]}]}
community_tariffs: [{key: t, name: T, versions: [{from: 2026-02-01, purchase: d}, {purchase: c}]}]
stations: [{key: s, name: S, owners: [{from: 2026-01-01T00:00:00+01:00, entity: o}, {entity: a}], connectors: [{evse_id: E}]}]
contracts: [{key: k, owner: a, from: 2026-01}]
`)
	e := n.Entities[0]
	if !e.Active || e.SessionDetail != entities.DetailCSV || e.Country != "NO" || e.Postcode != "0123" || e.TimeZone != "" {
		t.Errorf("entity %+v", e)
	}
	r := n.NumberRanges[0]
	if !r.Active || r.Next != 1 || r.Reset != numbering.ResetNever || r.Scope != numbering.ScopeIssuer {
		t.Errorf("number range %+v", r)
	}
	c := n.Tariffs.CostRates[0]
	if c.Version != 0 || c.ValidFrom.Format(time.RFC3339) != "2026-06-30T22:00:00Z" || c.Schedule[0].From != "" {
		t.Errorf("cost rate %+v", c)
	}
	if v := n.Tariffs.Community[0].Versions; v[0].From != "" || v[0].Purchase != "c" {
		t.Errorf("versions are not sorted: %+v", v)
	}
	if s := n.Stations[0]; s.TimeZone != "Europe/Berlin" || s.Owners[0].Entity != "a" {
		t.Errorf("station %+v", s)
	}
	if c := n.Connectors[0]; c.Number != 1 || c.Station != "s" || c.MaxPowerKW != 0 {
		t.Errorf("connector %+v", c)
	}
	if k := n.Contracts[0]; !k.Active || k.AutoRenew || k.To != "" {
		t.Errorf("contract %+v", k)
	}
}

func TestANetworkFileMayHoldPartsOnly(t *testing.T) {
	n := readNetwork(t, "settings: {release: approve, community_discount_percent: \"07.50\", payment_terms: {text: {de: \"a: b\\nc\"}, net_days: 7}, plausibility: {too_long: warn, overlap: off}}\n")
	want := []Setting{
		{Key: "release", Value: "approve"}, {Key: "community_discount_percent", Value: "7.5"},
		{Key: "payment_terms.net_days", Value: "7"}, {Key: "payment_terms.text.de", Value: "a: b\nc"},
		{Key: "plausibility.too_long", Value: "warn"}, {Key: "plausibility.overlap", Value: "off"},
	}
	if diff := cmp.Diff(want, withoutLines(n).Settings); diff != "" || n.Operator.Key != "" {
		t.Error(diff)
	}
	if n := readNetwork(t, sample(t, "testdata/perth/network.yaml")); len(n.Stations) != 35 || len(n.Settings) == 0 {
		t.Errorf("%d stations", len(n.Stations))
	}
}

// lines prints faults the way they are compared in tests.
func lines(err error) string {
	var b strings.Builder
	for _, f := range fault.Of(err) {
		b.WriteString(f.Error() + "\n")
	}
	if b.Len() == 0 && err != nil {
		b.WriteString("not a fault: " + err.Error())
	}
	return b.String()
}

// Faults that are found when the whole network is seen together still have a
// line: that of the element they are about.
func TestFaultsOfTheWholeNetworkHaveALine(t *testing.T) {
	text := "operator: {key: op, name: Op, country: DE, time_zone: Europe/Berlin}\n" +
		"cost_rates:\n" +
		"  - {key: flat, currency: EUR}\n" +
		"stations:\n" +
		"  - key: ST-1\n    name: One\n    connectors:\n      - {evse_id: DE*VLT*E1, type: CHADEMO}\n"
	n, err := ReadNetwork("n.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args fault.Args
		line int
	}{
		"a cost rate": {fault.Args{"rate": "flat", "field": "energy"}, 3},
		"a station":   {fault.Args{"station": "ST-1", "zone": "X"}, 5},
		"a connector": {fault.Args{"evse": "de*vlt*e1", "connector": 1, "station": "ST-1"}, 8},
		"nothing":     {fault.Args{"rate": "other"}, 0},
	} {
		if got := n.Line(fault.New(fault.Invalid, "x", c.args)); got != c.line {
			t.Errorf("%s: line %d, want %d", name, got, c.line)
		}
	}
}
