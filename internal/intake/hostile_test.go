package intake

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files of faults anew")

// hostile is a file that must be refused, by what is wrong with it.
type hostile struct{ name, text string }

// golden compares the faults of all cases with a file that reads as a list of
// messages.
func golden(t *testing.T, file string, cases []hostile, faults func(text string) string) {
	t.Helper()
	var b strings.Builder
	for _, c := range cases {
		got := faults(c.text)
		if got == "" {
			t.Errorf("%s: accepted", c.name)
		}
		fmt.Fprintf(&b, "-- %s --\n%s\n", c.name, got)
	}
	path := filepath.Join("testdata", "golden", file)
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("run with -update if this is meant:\n%s", diff)
	}
}

const goodRow = "a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"

func TestHostileCSVIsRefusedWithAReason(t *testing.T) {
	head := csvHeader + "\n"
	golden(t, "csv.txt", []hostile{
		{"nothing", ""},
		{"only a byte order mark", "\uFEFF"},
		{"blank lines", "\n\r\n\n"},
		{"UTF-16", "\xff\xfei\x00d\x00"},
		{"header in Latin-1", "id,evse_id,start,end,energy_kwh,stra\xdfe\n"},
		{"unknown column", csvHeader + ",colour\n"},
		{"column twice", csvHeader + ",id\n"},
		{"columns without a name", "id,,evse_id,start,end,energy_kwh,\n"},
		{"content in a column without a name", csvHeader + ",\n" + strings.TrimSpace(goodRow) + ",x\n"},
		{"lines that end in CR", csvHeader + "\r" + strings.TrimSpace(goodRow) + "\r"},
		{"required columns missing", "id,start,status\n"},
		{"no header", goodRow},
		{"header with a broken quote", "id,\"evse_id\"x,start\n"},
		{"header never closed", "\"id,evse_id\n"},
		{"tabs", "id\tevse_id\tstart\tend\tenergy_kwh\n"},
		{"endless header", strings.Repeat("x", 200_000) + "\n"},
		{"blank values", head + " ,,,,1 \n"},
		{"decimal comma", "id;evse_id;start;end;energy_kwh\na;E1;2026-10-01T06:00:00Z;2026-10-01T07:00:00Z;12,345\n"},
		{"decimal comma between commas", head + "a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,12,345\n"},
		{"Windows-1252 further down", head + goodRow + "b\xfc,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"UTF-16 without a mark", "i\x00d\x00,\x00"},
		{"ids that Excel shortened", head + "2.02610E+14,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n\"2,02610E+14\",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n2E+5,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"another separator", "sep=|\nid|evse_id|start|end|energy_kwh\n"},
		{"one id for two sessions", head + goodRow + "b" + goodRow[1:] + "a,E2,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"no end", head + "a,E1,2026-10-01T06:00:00Z,,1\n"},
		{"time without offset", head + "a,E1,2026-10-01T06:00:00,2026-10-01 07:00:00,1\n"},
		{"impossible times", head + "a,E1,2026-02-30T06:00:00Z,0001-01-01T00:00:00Z,1\na,E1,2026-10-01T06:00:00Z,2026-10-01T25:00:00+01:00,1\n"},
		{"decimal comma", strings.ReplaceAll(head, ",", ";") + "a;E1;2026-10-01T06:00:00Z;2026-10-01T07:00:00Z;12,5\n"},
		{"thousands", head + "a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,\"1,234.5\"\n"},
		{"seven decimals", head + "a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1.0000000\n"},
		{"no number", head + "a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,NaN\nb,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1e3\nc,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,9999999999999999\n"},
		{"too few and too many fields", head + "a,E1\n" + goodRow + "b,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1,2\n"},
		{"words", csvHeader + ",class,status,partner,connector,duration_s\n" +
			"a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1,public,ok,DE-ABC,0,1.5\n"},
		{"money", csvHeader + ",driver_amount,currency,collected_at\n" +
			"a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1,1.5,,yesterday\na,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1,€5,ZZZ,\n"},
		{"invalid UTF-8", head + "a\xff,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"NUL", head + "a\x00,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"line break in an id", head + goodRow + "\"a\nb\",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"quote inside a field", head + "a,E\"1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n" + goodRow},
		{"quote never closed", head + "\"a,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n" + goodRow + "x\n" + goodRow},
		{"long id", head + strings.Repeat("x", 300) + ",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n"},
		{"endless line", head + goodRow + strings.Repeat("y", 300_000) + "\nz\n"},
	}, func(text string) string {
		_, faults := collect(ReadCSV("s.csv", strings.NewReader(text)))
		return cut(faults)
	})
}

// cut keeps golden files readable where a record is endless.
func cut(faults string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(faults, "\n") {
		if len(line) > 1000 {
			line = line[:300] + "… (cut)\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestACSVRecordAfterABrokenOneIsStillRead(t *testing.T) {
	for name, broken := range map[string]string{
		"too few fields":   "x\n",
		"a stray quote":    "x,5\" cable\n",
		"an open quote":    "\"x,y\n",
		"two open quotes":  "\"x,y\n\"z\n",
		"a closed quote":   "\"x\ny\",1\n",
		"an endless line":  strings.Repeat("y", 300_000) + "\n",
		"an endless quote": "\"x" + strings.Repeat("y", 300_000) + "\n",
		"invalid UTF-8":    "\xff\xfe,E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n",
	} {
		t.Run(name, func(t *testing.T) {
			list, faults := collect(ReadCSV("s.csv", strings.NewReader(csvHeader+"\n"+goodRow+broken+goodRow+goodRow)))
			if len(list) != 3 || faults == "" {
				t.Errorf("%d sessions, faults %.300q", len(list), faults)
			}
		})
	}
}

func TestARejectedRecordCarriesItsLineAndText(t *testing.T) {
	text := csvHeader + "\r\n\r\n" + goodRow + "\"x\ny\",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1\n" + "b,E1\n"
	var got []string
	for _, err := range ReadCSV("s.csv", strings.NewReader(text)) {
		if line, record, ok := Rejected(err); ok {
			got = append(got, fmt.Sprintf("%d %q", line, record))
		}
	}
	want := []string{`4 "\"x\ny\",E1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,1"`, `6 "b,E1"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHostileCDRsAreRefusedWithAReason(t *testing.T) {
	golden(t, "ocpi.txt", []hostile{
		{"nothing", ""},
		{"blank", " \n\t"},
		{"no JSON", "hello"},
		{"a number", "5"},
		{"an empty object", "{}"},
		{"an error response", `{"status_code":2001,"status_message":"no"}`},
		{"data of another kind", `{"data":"x"}`},
		{"elements of other kinds", `[1,"a",null,[],{}]`},
		{"array that ends early", "[" + cdrWith() + ","},
		{"array without comma", "[" + cdrWith() + " " + cdrWith() + "]"},
		{"something after the array", "[]x"},
		{"response that ends early", `{"data":[` + cdrWith() + `],"x":`},
		{"brackets that do not match", "[{]}"},
		{"blank identifiers", cdrWith(`"c-1"`, `" "`, `"de"`, `""`, `"VLT"`, `""`, "04A1", "", "DE*VLT*E1", "")},
		{"wrong parties", cdrWith(`"de"`, `"ZZ"`, `"VLT"`, `"VOLT"`, "TNM", "T")},
		{"no start, no end, no energy", cdrWith("start_date_time", "s", "end_date_time", "e", "total_energy", "t")},
		{"other times", cdrWith("2026-10-01T06:00:00", "01.10.2026 06:00", "2026-10-01T07:30:00Z", "1790838000")},
		{"kinds of values", cdrWith(`"c-1"`, "5")},
		{"kinds of values in objects", cdrWith(`{"excl_vat":4.0025,"incl_vat":4.763}`, "4.0025")},
		{"kinds of numbers", cdrWith("12.345678", `"12,5"`)},
		{"one id for two CDRs on one line", cdrWith() + " " + cdrWith("12.345678", "12")},
		{"OCPI 2.1.1", `{"id":"c-1","start_date_time":"2026-10-01T06:00:00Z","stop_date_time":"2026-10-01T07:00:00Z","auth_id":"04A1","auth_method":"WHITELIST","location":{"id":"L1"},"currency":"EUR","charging_periods":[],"total_cost":4.2,"total_energy":12.3,"total_time":1,"last_updated":"2026-10-01T07:00:00Z"}`},
		{"huge numbers", cdrWith("12.345678", "1e999999999", "1.5001", "1e300")},
		{"negative time", cdrWith("1.5001", "-1")},
		{"connector of 37 characters", cdrWith(`"2"`, `"`+strings.Repeat("x", 37)+`"`)},
		{"connector without a text", cdrWith(`"2"`, `{}`)},
		{"no connector", cdrWith(`"connector_id":"2"`, `"c":"2"`)},
		{"unknown currency", cdrWith("EUR", "Euro")},
		{"no currency", cdrWith(`"currency":"EUR",`, "")},
		{"credit without reference", cdrWith(`"id"`, `"credit":true,"id"`)},
		{"invalid UTF-8", cdrWith("c-1", "c\xff1")},
		{"NUL", cdrWith("c-1", `c\u0000`)},
		{"a broken line", cdrWith() + "\n" + cdrWith()[:200] + "\n" + cdrWith() + "\n{\"open\n" + cdrWith()},
		{"a broken first line", cdrWith()[:200] + "\n" + cdrWith()},
		{"a broken object over lines", "{\n  \"id\": \"x\",\n  \"y\"\n}\n" + cdrWith()},
		{"deep", strings.Repeat("[", 100_000)},
		{"deep within", "[" + strings.Repeat(`{"data":`, 100_000) + "]"},
		{"endless text", `{"id":"` + strings.Repeat("x", 5<<20)},
	}, func(text string) string {
		_, faults := collect(ReadOCPI("cdrs.json", strings.NewReader(text)))
		return cut(faults)
	})
}

func TestACDRAfterABrokenLineIsStillRead(t *testing.T) {
	for name, text := range map[string]string{
		"in the middle":       cdrWith() + "\n" + cdrWith()[:100] + "\n" + cdrWith() + "\n" + cdrWith(),
		"at the beginning":    cdrWith()[:100] + "\n" + cdrWith() + "\n" + cdrWith() + "\n" + cdrWith(),
		"at the end":          cdrWith() + "\n" + cdrWith() + "\n" + cdrWith() + "\n" + cdrWith()[:100],
		"an endless line":     cdrWith() + "\n" + strings.Repeat("{", 5<<20) + "\n" + cdrWith() + "\n" + cdrWith(),
		"a wrong element":     "[" + cdrWith() + ",5," + cdrWith() + "," + cdrWith() + "]",
		"an open object":      `{"id":"x"` + "\n" + cdrWith() + "\n" + cdrWith() + "\n" + cdrWith() + "\n",
		"an object over many": cdrWith() + "\n{\n\"id\":\n\"x\"\n" + cdrWith() + "\n" + cdrWith(),
	} {
		t.Run(name, func(t *testing.T) {
			list, faults := collect(ReadOCPI("cdrs.json", strings.NewReader(text)))
			if len(list) != 3 || strings.Count(faults, "\n") == 0 {
				t.Errorf("%d sessions, faults %.300q", len(list), faults)
			}
		})
	}
}

func TestHostileNetworksAreRefusedWithAReason(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		p := string(c - 1)
		bomb += fmt.Sprintf("%c: &%c [*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s]\n", c, c, p, p, p, p, p, p, p, p, p, p)
	}
	op := "operator: {key: o, name: O, country: DE, time_zone: Europe/Berlin}\n"
	golden(t, "network.txt", []hostile{
		{"nothing", ""},
		{"only a comment", "# nothing here\n"},
		{"null", "~\n"},
		{"a list", "- a\n"},
		{"text", "hello\n"},
		{"two documents", op + "---\n" + op},
		{"not YAML", "operator: [\n"},
		{"not YAML later", op + "---\n]\n"},
		{"tabs", "operator:\n\tkey: a\n"},
		{"bytes", "\xff\xfe\x00"},
		{"invalid UTF-8", "operator: {key: \"\xff\"}\n"},
		{"unknown anchor", "operator: *nobody\n"},
		{"deep", strings.Repeat("[", 50_000)},
		{"bomb in an unknown section", bomb},
		{"bomb in a known section", bomb + "media: *i\n"},
		{"bomb of records", "x: &x [" + strings.TrimSuffix(strings.Repeat("{uid: a, issuer: b},", 1000), ",") + "]\n" +
			"stations: [" + strings.TrimSuffix(strings.Repeat("{key: s, connectors: *x},", 1000), ",") + "]\n"},
		{"alias within itself", "media: &m [*m]\n"},
		{"unknown section and field", op + "colours: [red]\nmedia:\n  - {uid: a, issuer: b, colour: red}\n"},
		{"merge key", "media:\n  - &a {uid: a, issuer: b}\n  - {<<: *a, uid: c}\n"},
		{"field twice", "operator: {key: o, name: O, country: DE, time_zone: Europe/Berlin, name: P}\n"},
		{"section twice", op + "media: []\nmedia: []\n"},
		{"names that are no names", "operator: {[a]: b, ? {c: d} : e}\n"},
		{"key twice", "number_ranges:\n  - {key: a, name: A, pattern: a, valid_for: [invoice]}\n  - {key: a, name: A, pattern: b, valid_for: [invoice]}\n"},
		{"connector twice", op + "stations:\n  - {key: a, name: A, connectors: [{evse_id: E}]}\n  - {key: b, name: B, connectors: [{evse_id: E, connector: 1}]}\n"},
		{"partner and medium twice", "bilateral_partners:\n  - &p {country_code: DE, party_id: ABC}\n  - *p\nmedia:\n  - &m {uid: a, issuer: b}\n  - *m\n"},
		{"rate twice", "cost_rates:\n  - {key: a, currency: EUR}\n  - {key: a, currency: EUR}\n  - {key: a, currency: EUR, valid_from: 2026-01-01T00:00:00Z}\n"},
		{"entity with the operator's key", op + "entities: [{key: o, parent: o, name: X, country: DE}]\n"},
		{"nothing required is there", "operator: {}\nentities: [{}]\ntax_accounts: [{}]\nnumber_ranges: [{}]\ncost_rates: [{}]\ncommunity_tariffs: [{}]\n" +
			"charge_point_tariffs: [{}]\nsales_tariffs: [{}]\nbilateral_partners: [{}]\nstations: [{connectors: [{tariffs: [{}]}], owners: [{}]}]\nmedia: [{}]\ncontracts: [{}]\n"},
		{"empty values", "operator: {key: '', name: ' ', country: ~, time_zone:}\n"},
		{"wrong kinds", "operator: 5\nentities: {a: b}\nmedia: [5, [a], ~]\nsettings: [a]\nstations: [{key: [a], name: {b: c}, connectors: x}]\n"},
		{"entity fields", op + "entities:\n  - {key: a, parent: o, name: A, country: UK, email: a@b.de, language: german, currency: EURO, session_detail: xls, active: yes}\n" +
			"  - {key: b, parent: o, name: B, country: de, email: [nobody, a@b@c, 5], reply_to: 'a b@c.de', bank: {iban: 'DE!', swift: x}, tax: [{from: 01.01.2026, account: a}], time_zone: Europe/Berlin}\n" +
			"  - {key: ' c', parent: o, name: \"C\\0\", country: DE, agreement: {signed_on: 2026-02-30, valid_from: 2026-05-01, valid_until: 2026-04-01}}\n" +
			"  - {key: d, parent: o, name: D, country: DE, creditor_account: K70001}\n  - {key: e, parent: o, name: E, country: DE, creditor_account: 1234567890123456}\n"},
		{"time zones", "operator: {key: o, name: O, country: DE, time_zone: Local}\nstations:\n  - {key: a, name: A, time_zone: ../../etc/passwd}\n  - {key: b, name: B, time_zone: CEST}\n"},
		{"taxes and ranges", "tax_accounts:\n  - {key: a, name: {german: x}, category: X, rates: [{percent: 19}, {percent: '7.777'}, {percent: '101'}, {from: x, percent: ''}]}\n" +
			"number_ranges:\n  - {key: a, name: A, pattern: p, next: 0, reset: daily, valid_for: [credit, invoice], scope: x}\n  - {key: b, name: B, pattern: p, next: '1', valid_for: []}\n  - {key: c, name: C, pattern: p, next: 1.5, valid_for: invoice}\n"},
		{"prices", "cost_rates:\n  - {key: a, currency: XYZ, energy: [{up_to_wh: 1, per_kwh: 0.35}, {up_to_wh: -1, per_kwh: '-0.1'}, {up_to_wh: 0x10, per_kwh: '0,35'}]}\n" +
			"  - {key: b, currency: EUR, valid_from: 2026-01-01, energy: [{up_to_wh: 010, per_kwh: '0.1234567'}], time: [{up_to_min: 1}], session_fee: {amount: 1, grace_s: 1.5}}\n"},
		{"schedules", "cost_rates:\n  - key: a\n    currency: EUR\n    schedule:\n      - {weekdays: [0, 8, mo, 1, 1], from: '22:00'}\n      - {from: '25:00', to: '24:01'}\n" +
			"      - {starting: 2026-12-24, energy: []}\n      - {starting: '2026-12-24T00:00:00Z', from: '22:00', to: '24:00'}\n      - {energy: []}\n"},
		{"conditions", "charge_point_tariffs:\n  - {key: a, name: A, purchase: [{rate: r, from: 2026-02-01, to: 2026-01-01, position: -1, when: {power_type: ac, connector_type: type2, weekdays: [7.0], country: DE}}, {from: soon}]}\n"},
		{"stations", op + "stations:\n  - key: a\n    name: A\n    address: {country: Germany}\n    owners: [{from: 2026-01-01T00:00:00, entity: a}]\n" +
			"    connectors: [{evse_id: E, connector: 0, max_power_kw: 22, tariffs: [{from: 2026-01-01, to: 2026-01-01, community: C}]}, {evse_id: F, max_power_kw: '22.1234567'}]\n"},
		{"contracts", "contracts:\n  - {key: a, owner: o, from: 2026-13, to: 2026-01-01, share_percent_ac: 80, share_percent_dc: '100.01', minimum_guarantee: '-1', auto_renew: 'true'}\n  - {key: b, owner: o, from: 2026-05, to: 2026-04}\n"},
		{"settings", "settings: {active: yes, community_discount_percent: 10, start_date: 1.1.2026, run_time: '25:00', release: later, review_days: x, colour: red, payment_terms: {net_days: -1, text: {x: y}, days: 3}, language: [de]}\n"},
		{"tags", "operator: {key: !key o, name: !!binary aGVsbG8=, country: DE, time_zone: Europe/Berlin}\n"},
		{"sixty faults", op + "media: [" + strings.TrimSuffix(strings.Repeat("{uid: a},", 60), ",") + "]\n"},
	}, func(text string) string {
		n, err := ReadNetwork("n.yaml", strings.NewReader(text))
		if err != nil && n != nil {
			t.Error("a network in spite of faults")
		}
		return cut(lines(err))
	})
}

func TestReadingStopsWhenNobodyWantsMore(t *testing.T) {
	for _, text := range []string{csvHeader + "\n" + goodRow + "x\n" + goodRow, cdrWith() + "\n{\n" + cdrWith(), "[" + cdrWith() + ",1]", cdrWith() + "x"} {
		for most := range 3 {
			seq, _, err := OpenSessions("s", strings.NewReader(text), false)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range seq {
				if n++; n > most {
					break
				}
			}
		}
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func TestSessionsAreOpenedByWhatTheyAre(t *testing.T) {
	csv := "\uFEFF" + csvHeader + "\n" + goodRow
	for name, c := range map[string]struct {
		text string
		kind Kind
	}{
		"CSV":             {csv, KindCSV},
		"CSV compressed":  {zipped(csv), KindCSV},
		"OCPI":            {"\n " + cdrWith(), KindOCPI},
		"OCPI compressed": {zipped("\uFEFF[" + cdrWith() + "]"), KindOCPI},
	} {
		t.Run(name, func(t *testing.T) {
			seq, kind, err := OpenSessions("x", strings.NewReader(c.text), false)
			if err != nil || kind != c.kind {
				t.Fatal(kind, err)
			}
			if list, faults := collect(seq); len(list) != 1 || faults != "" {
				t.Error(len(list), faults)
			}
		})
	}
}

func TestBrokenCompressionIsAFault(t *testing.T) {
	long := zipped(csvHeader + "\n" + strings.Repeat(goodRow, 5000))
	for name, text := range map[string]string{"header": "\x1f\x8bxx", "short": long[:12], "cut off": long[:len(long)-20], "no data": zipped("")} {
		seq, _, err := OpenSessions("x", strings.NewReader(text), false)
		if err == nil {
			_, faults := collect(seq)
			if faults == "" || strings.Contains(faults, "not a fault") {
				t.Errorf("%s: accepted %q", name, faults)
			}
		} else if strings.Contains(lines(err), "not a fault") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSniffGoesByNameAndThenByContent(t *testing.T) {
	for _, c := range []struct {
		name, first string
		want        Kind
	}{
		{"a.yaml", "", KindNetwork}, {"a.YML", "", KindNetwork}, {"a.csv", "", KindCSV}, {"a.json", "", KindOCPI},
		{"a.ndjson", "", KindOCPI}, {"a.jsonl", "", KindOCPI}, {"sessions.csv.gz", "", KindCompressed},
		{"-", "\uFEFFid;evse_id;start\n", KindCSV}, {"-", " [{", KindOCPI}, {"-", "\x1f\x8b\x08", KindCompressed},
		{"-", "# network\noperator: {key: a}\n", KindNetwork}, {"-", "", KindUnknown}, {"x.txt", "hello\n", KindUnknown},
	} {
		if got := Sniff(c.name, []byte(c.first)); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.name, c.first, got, c.want)
		}
	}
}
