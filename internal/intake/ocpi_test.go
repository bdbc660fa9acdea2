package intake

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// cdrWith is a CDR with some of its text replaced.
func cdrWith(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`{"country_code":"de","party_id":"VLT","id":"c-1","start_date_time":"2026-10-01T06:00:00",` +
		`"end_date_time":"2026-10-01T07:30:00Z","cdr_token":{"country_code":"NL","party_id":"TNM","uid":"04A1","type":"RFID"},` +
		`"auth_method":"WHITELIST","cdr_location":{"id":"x","evse_id":"DE*VLT*E1","connector_id":"2"},"currency":"EUR",` +
		`"total_cost":{"excl_vat":4.0025,"incl_vat":4.763},"total_energy":12.345678,"total_time":1.5001,"whatever":[{"a":"}]"}]}`)
}

func wantCDR(t *testing.T) sessions.Session {
	return sessions.Session{
		Source: "ocpi", ExternalID: "DE*VLT*c-1", EVSEID: "DE*VLT*E1", Connector: 2, OCPIConnector: "2", MediumUID: "04A1", Partner: "NL*TNM",
		AuthMethod: "WHITELIST", Status: sessions.Valid, Start: utc(t, "2026-10-01T06:00:00Z"), End: utc(t, "2026-10-01T07:30:00Z"),
		Duration: 5400, Energy: 12_345_678, DriverAmount: new(money.Micros(4_002_500)), Currency: "EUR",
	}
}

func TestCDRsAreReadInEveryWrapping(t *testing.T) {
	one, two := cdrWith(), cdrWith("c-1", "c-2")
	pretty := strings.ReplaceAll(two, ",", ",\n  ")
	for name, text := range map[string]string{
		"an array":                      "\uFEFF[" + one + ",\n" + two + "]\n",
		"a response":                    `{"status_code":1000,"data":[` + one + "," + two + `],"timestamp":"2026-11-01T00:00:00Z"}`,
		"a response, data last":         `{"status_code":1000, "data" : [ ` + one + " , " + two + " ] }\n",
		"one a line":                    one + "\n\n" + two,
		"one a line with CRLF":          one + "\r\n" + two + "\r\n",
		"one after the other, indented": pretty[:0] + strings.ReplaceAll(one, ",", ",\n  ") + "\n" + pretty,
		"both on one line":              one + " " + two,
		"responses after each other":    `{"data":[` + one + `]}` + "\n" + `{"data":[` + two + `]}`,
		"responses with one each":       `{"status_code":1000,"data":` + one + "}\n" + `{"data":` + two + "}",
	} {
		t.Run(name, func(t *testing.T) {
			list, faults := collect(ReadOCPI("cdrs.json", strings.NewReader(text)))
			first := wantCDR(t)
			second := first
			second.ExternalID = "DE*VLT*c-2"
			if diff := cmp.Diff([]sessions.Session{first, second}, list); diff != "" || faults != "" {
				t.Error(diff, faults)
			}
		})
	}
}

func TestAnEmptyResponseHasNoSessionsAndNoFault(t *testing.T) {
	for _, text := range []string{"[]", `{"data":[]}`, `{"data":null,"status_code":1000}`, "{\"data\":[]}\n{\"data\":[]}\n"} {
		if list, faults := collect(ReadOCPI("cdrs.json", strings.NewReader(text))); len(list) > 0 || faults != "" {
			t.Errorf("%s: %d sessions, %s", text, len(list), faults)
		}
	}
}

func TestAResponseThatReportsAnErrorIsNoEmptyFile(t *testing.T) {
	for _, text := range []string{
		`{"data":null,"status_code":3001,"status_message":"Unable to use the client's API"}`, `{"data":[],"status_code":3000}`,
		`{"status_code":2001,"timestamp":"2026-11-01T00:00:00Z"}`, `{"status_code":"2001","data":[]}`, "{\n\"data\": [],\n\"status_code\": 2003\n}\n",
	} {
		if list, faults := collect(ReadOCPI("cdrs.json", strings.NewReader(text))); len(list) > 0 || !strings.Contains(faults, "field=status_code") {
			t.Errorf("%s: %d sessions, %q", text, len(list), faults)
		}
	}
}

func TestACreditCDRReversesTheSessionItNames(t *testing.T) {
	s, err := ParseCDR("push", []byte(cdrWith(`"id":"c-1"`, `"id":"k-9","credit":true,"credit_reference_id":"c-1"`, "4.0025", "-4.0025")))
	if err != nil {
		t.Fatal(err)
	}
	want := wantCDR(t)
	want.Reversed, want.DriverAmount = true, new(money.Micros(-4_002_500))
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyACreditCDRGivesBack(t *testing.T) {
	for field, change := range map[string][]string{
		"total_cost":       {"4.0025", "-4.0025"},
		"total_fixed_cost": {`"total_cost"`, `"total_fixed_cost":{"before_taxes":-0.5},"total_cost"`},
	} {
		_, err := ParseCDR("push", []byte(cdrWith(change...)))
		if list := fault.Of(err); len(list) != 1 || list[0].Args["field"] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestCDRFieldsMayBeWrittenInOtherWays(t *testing.T) {
	for name, c := range map[string]struct {
		replace []string
		check   func(s sessions.Session) bool
	}{
		"no total time": {[]string{`"total_time":1.5001,`, ""}, func(s sessions.Session) bool { return s.Duration == 5400 }},
		"many decimals": {[]string{"1.5001", "0.33333333333333333333"}, func(s sessions.Session) bool { return s.Duration == 1200 }},
		"exponent":      {[]string{"12.345678", "1.50E-3"}, func(s sessions.Session) bool { return s.Energy == 1500 }},
		"2.3.0 price":   {[]string{`"excl_vat"`, `"before_taxes"`}, func(s sessions.Session) bool { return *s.DriverAmount == 4_002_500 }},
		"no cost":       {[]string{`"total_cost"`, `"total_x"`}, func(s sessions.Session) bool { return s.DriverAmount == nil && s.Currency == "" }},
		"a stated 0": {[]string{"4.0025", "0"}, func(s sessions.Session) bool {
			return s.DriverAmount != nil && *s.DriverAmount == 0 && s.Currency == "EUR"
		}},
		"own token":                {[]string{"NL", "DE", "TNM", "vlt"}, func(s sessions.Session) bool { return s.Partner == "" }},
		"any connector id":         {[]string{`"connector_id":"2"`, `"connector_id":"DE*VLT*E1*A"`}, func(s sessions.Session) bool { return s.Connector == 0 && s.OCPIConnector == "DE*VLT*E1*A" }},
		"connector 01 is number 1": {[]string{`"connector_id":"2"`, `"connector_id":"01"`}, func(s sessions.Session) bool { return s.Connector == 1 && s.OCPIConnector == "01" }},
		"connector 0 is a name":    {[]string{`"connector_id":"2"`, `"connector_id":"0"`}, func(s sessions.Session) bool { return s.Connector == 0 && s.OCPIConnector == "0" }},
		"noise below":              {[]string{"12.345678", "6.5659999999998035"}, func(s sessions.Session) bool { return s.Energy == 6_566_000 && !s.Rounded }},
		"noise above":              {[]string{"4.0025", "0.30000000000000004"}, func(s sessions.Session) bool { return *s.DriverAmount == 300_000 && !s.Rounded }},
		"decimals that are lost":   {[]string{"4.0025", "3.3333333333333335"}, func(s sessions.Session) bool { return *s.DriverAmount == 3_333_333 && s.Rounded }},
		"half away from zero":      {[]string{"12.345678", "0.0000005", "4.0025", "0.0000005"}, func(s sessions.Session) bool { return s.Energy == 1 && *s.DriverAmount == 1 && s.Rounded }},
		"an exponent of noise":     {[]string{"4.0025", "5e-324"}, func(s sessions.Session) bool { return *s.DriverAmount == 0 }},
		"a fixed fee":              {[]string{`"total_cost"`, `"total_fixed_cost":{"excl_vat":0.5},"total_cost"`}, func(s sessions.Session) bool { return *s.DriverFee == 500_000 && *s.DriverAmount == 4_002_500 }},
		"a fixed fee of 2.3.0":     {[]string{`"total_cost"`, `"total_fixed_cost":{"before_taxes":0.5},"total_x"`}, func(s sessions.Session) bool { return *s.DriverFee == 500_000 && s.Currency == "EUR" }},
		"the last change":          {[]string{`"whatever"`, `"last_updated":"2026-10-02T00:00:00Z","whatever"`}, func(s sessions.Session) bool { return s.UpdatedAt.Day() == 2 }},
		"connector as number":      {[]string{`"connector_id":"2"`, `"connector_id":3`}, func(s sessions.Session) bool { return s.Connector == 3 }},
		"end before start":         {[]string{"T07:30:00Z", "T05:30:00Z", "1.5001", "-0.5"}, func(s sessions.Session) bool { return s.Duration == 0 && s.End.Before(s.Start) }},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ParseCDR("push", []byte(cdrWith(c.replace...)))
			if err != nil || !c.check(s) {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
}

func TestCDRsOfPerthAgreeWithTheCSV(t *testing.T) {
	byID := map[string]sessions.Session{}
	for s, err := range ReadCSV("sessions.csv", unzipped(t, "testdata/perth/sessions.csv.gz")) {
		if err != nil {
			t.Fatal(err)
		}
		byID["GB*PKC*"+s.ExternalID] = s
	}
	list, faults := collect(ReadOCPI("cdrs.ndjson", unzipped(t, "testdata/perth/cdrs-2019-08.ndjson.gz")))
	if faults != "" || len(list) != 3370 {
		t.Fatal(len(list), faults)
	}
	for _, cdr := range list {
		row := byID[cdr.ExternalID]
		if got, want := brief(cdr), brief(row); got != want {
			t.Errorf("%s: %s, want %s", cdr.ExternalID, got, want)
		}
	}
}

func brief(s sessions.Session) string {
	return fmt.Sprint(s.EVSEID, s.Connector, s.MediumUID, s.Partner, s.Start, s.End, s.Energy, s.Duration)
}

func BenchmarkOCPI(b *testing.B) {
	text, err := io.ReadAll(unzipped(b, "testdata/perth/cdrs-2019-08.ndjson.gz"))
	if err != nil {
		b.Fatal(err)
	}
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range ReadOCPI("s", strings.NewReader(string(text))) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
