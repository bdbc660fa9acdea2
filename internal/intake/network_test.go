package intake

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
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

// TestEveryFieldIsWrittenAsItWasRead reads a file in which every field of every
// record occurs, and writes it again.
func TestEveryFieldIsWrittenAsItWasRead(t *testing.T) {
	const path = "testdata/golden/every_field.yaml"
	text := sample(t, path)
	network := readNetwork(t, text)
	var again bytes.Buffer
	if err := WriteNetwork(&again, network); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, again.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(text, again.String()); diff != "" {
		t.Error(diff)
	}
	set := map[string]bool{}
	fieldsSet(reflect.ValueOf(fileOf(network)).Elem(), set)
	for record, fields := range descriptions {
		for _, f := range fields {
			if name := record.Name() + "." + f.name; !set[name] {
				t.Errorf("%s does not occur in %s", name, path)
			}
		}
	}
}

// TestRecordsHaveTheFieldsOfTheDomain compares records with what the domain has
// for them: a field of the one that the other does not have is named here.
func TestRecordsHaveTheFieldsOfTheDomain(t *testing.T) {
	for _, c := range []struct {
		record, domain reflect.Type
		only           string // in the domain, or in parts of the record
	}{
		{reflect.TypeFor[Entity](), reflect.TypeFor[entities.Entity](), "ID"},
		{reflect.TypeFor[Bank](), reflect.TypeFor[entities.Bank](), ""},
		{reflect.TypeFor[TaxTreatment](), reflect.TypeFor[entities.TaxTreatment](), ""},
		{reflect.TypeFor[Agreement](), reflect.TypeFor[entities.Agreement](), ""},
		{reflect.TypeFor[TaxAccount](), reflect.TypeFor[creditnotes.TaxAccount](), ""},
		{reflect.TypeFor[TaxRate](), reflect.TypeFor[creditnotes.TaxRate](), ""},
		{reflect.TypeFor[NumberRange](), reflect.TypeFor[numbering.Range](), ""},
		{reflect.TypeFor[Station](), reflect.TypeFor[entities.Station](), "Address Street Postcode City Country Connectors"},
		{reflect.TypeFor[Ownership](), reflect.TypeFor[entities.Ownership](), ""},
		{reflect.TypeFor[Connector](), reflect.TypeFor[entities.Connector](), "ID Station"},
		{reflect.TypeFor[ConnectorTariff](), reflect.TypeFor[entities.ConnectorTariff](), ""},
		{reflect.TypeFor[Partner](), reflect.TypeFor[entities.Partner](), ""},
		{reflect.TypeFor[Medium](), reflect.TypeFor[entities.Medium](), ""},
		{reflect.TypeFor[CostRate](), reflect.TypeFor[tariffs.CostRate](), "Version"},
		{reflect.TypeFor[EnergyBand](), reflect.TypeFor[tariffs.EnergyBand](), ""},
		{reflect.TypeFor[TimeBand](), reflect.TypeFor[tariffs.TimeBand](), ""},
		{reflect.TypeFor[SessionFee](), reflect.TypeFor[tariffs.SessionFee](), ""},
		{reflect.TypeFor[ScheduleEntry](), reflect.TypeFor[tariffs.ScheduleEntry](), ""},
		{reflect.TypeFor[CommunityTariff](), reflect.TypeFor[tariffs.CommunityTariff](), ""},
		{reflect.TypeFor[CommunityVersion](), reflect.TypeFor[tariffs.CommunityVersion](), ""},
		{reflect.TypeFor[ChargePointTariff](), reflect.TypeFor[tariffs.ChargePointTariff](), ""},
		{reflect.TypeFor[SalesTariff](), reflect.TypeFor[tariffs.SalesTariff](), ""},
		{reflect.TypeFor[Condition](), reflect.TypeFor[tariffs.Condition](), ""},
		{reflect.TypeFor[Filter](), reflect.TypeFor[tariffs.Filter](), ""},
		{reflect.TypeFor[PaymentTerms](), reflect.TypeFor[entities.PaymentTerms](), ""},
		{reflect.TypeFor[Capability](), reflect.TypeFor[entities.Capability](), ""},
		{reflect.TypeFor[PayoutHold](), reflect.TypeFor[entities.PayoutHold](), ""},
		{reflect.TypeFor[ReminderStop](), reflect.TypeFor[entities.ReminderStop](), ""},
		{reflect.TypeFor[BonusBand](), reflect.TypeFor[settlement.BonusBand](), ""},
		{reflect.TypeFor[Contract](), reflect.TypeFor[settlement.Contract](), "Unread"},
	} {
		one, other := fieldNames(c.record), fieldNames(c.domain)
		for _, name := range append(slices.Clone(one), other...) {
			if slices.Contains(one, name) != slices.Contains(other, name) && !slices.Contains(strings.Fields(c.only), name) {
				t.Errorf("%v and %v: %s is in one of them", c.record, c.domain, name)
			}
		}
	}
}

func fieldNames(t reflect.Type) (names []string) {
	for _, f := range reflect.VisibleFields(t) {
		if !f.Anonymous {
			names = append(names, f.Name)
		}
	}
	return names
}

// fieldsSet notes the fields of a record that have a value, and those of the
// records within it.
func fieldsSet(v reflect.Value, set map[string]bool) {
	for _, f := range descriptions[v.Type()] {
		in := v.FieldByIndex(f.index)
		if in.IsZero() {
			continue
		}
		set[v.Type().Name()+"."+f.name] = true
		switch {
		case !f.nested || descriptions[in.Type().Elem()] == nil:
		case in.Kind() == reflect.Pointer:
			fieldsSet(in.Elem(), set)
		default:
			for i := range in.Len() {
				fieldsSet(in.Index(i), set)
			}
		}
	}
}

// TestEveryKindIsKnown finds names in the tag "file" that say nothing.
func TestEveryKindIsKnown(t *testing.T) {
	for record := range descriptions {
		for _, f := range reflect.VisibleFields(record) {
			name, options, _ := strings.Cut(f.Tag.Get("file"), ",")
			if _, known := kinds[name]; !known {
				t.Errorf("%s.%s: there is no kind %q", record.Name(), f.Name, name)
			}
			for option := range strings.SplitSeq(options, ",") {
				option, _, _ = strings.Cut(option, "=")
				if !slices.Contains([]string{"", "key", "required", "only", "unless", "absent", "unset", "quoted", "block", "early"}, option) {
					t.Errorf("%s.%s: there is no option %q", record.Name(), f.Name, option)
				}
			}
		}
	}
}

// A fault of a contract that is found when all is seen together names the line of
// the field.
func TestFaultsOfContractsAreOnTheLineOfTheField(t *testing.T) {
	n := readNetwork(t, "contracts:\n  - key: c\n    owner: a\n    from: 2026-01\n    share_percent_ac: \"80\"\n")
	for _, f := range n.Contracts[0].Check() {
		if line := n.Line(f); line != 2 { // the field is missing: the line of the contract
			t.Errorf("%s: line %d", f, line)
		}
	}
	f := fault.New(fault.Invalid, "contract_reference_unknown", fault.Args{"contract": "c", "value": "a"}).At("owner")
	if line := n.Line(f); line != 3 {
		t.Errorf("%s: line %d", f, line)
	}
}
