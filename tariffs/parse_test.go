package tariffs

import (
	"reflect"
	"strings"
	"testing"

	"creditrun/entities"
)

func TestAConditionIsReadBackAsItWasWritten(t *testing.T) {
	for _, c := range []Condition{
		{},
		{When: Filter{EVSEID: "de*abc*e1"}, From: "2026-01-01"},
		{When: Filter{Station: "Nord  Süd "}, To: "2026-10-01T12:00:00Z"},
		{When: Filter{Station: "a=b", OperatingCompany: "x"}},
		{When: Filter{Station: "St 1", ConnectorType: "Type 2", PowerType: entities.DC, OperatingCompany: "sub-1"}},
		{When: Filter{Station: "=x operating_company", OperatingCompany: "a position"}, Position: 3},
		{When: Filter{OperatingCompany: "operating_company=x", Window: Window{Weekdays: []int{1, 7}, From: "22:00", To: "24:00"}}, Position: 12},
		{When: Filter{EVSEID: "evse_id=evse_id=1", Station: "station="}, From: "2026-01-01"},
	} {
		read, ok := ParseCondition(c.String())
		if !ok || !reflect.DeepEqual(*read, c) {
			t.Errorf("%q is read as %+v, %t", c.String(), read, ok)
		}
	}
}

// hostile are values made to look like other filters.
var hostile = []string{
	"", "a", "a b", "a  b", "x station=y", "x operating_company=y", "station=y", "y evse_id=z", "=", "a=", "x position=3", "x from=2026-01-01", "x to=", " ",
	"x weekdays=1", `"`, `"x" station=y`, `a "b"`, "x hours=00:00-24:00", "ä operating_company=ö",
}

func TestAConditionIsNeverReadAsAnother(t *testing.T) {
	for _, evse := range hostile {
		for _, station := range hostile {
			for _, company := range hostile {
				c := Condition{When: Filter{EVSEID: evse, Station: station, OperatingCompany: company}, From: "2026-01-01"}
				if read, ok := ParseCondition(c.String()); !ok || !reflect.DeepEqual(*read, c) {
					t.Fatalf("%q is read as %+v instead of %+v", c.String(), read, c)
				}
			}
		}
	}
	for _, text := range []string{"x", "station", "station=", "unknown=1", "position=x", "weekdays=1;2", "hours=1", "operating_company=a station=b =", " station=x"} {
		if read, ok := ParseCondition(text); ok && read.String() != text {
			t.Errorf("%q is read as %+v", text, *read)
		}
	}
	if _, ok := ParseCondition("weekdays=x" + strings.Repeat(" station=1 connector_type=2 operating_company=3 position=4", 60)); ok {
		t.Error("what no condition writes is read")
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, value := range hostile {
		f.Add(value, value, value)
	}
	f.Fuzz(func(t *testing.T, evse, station, company string) {
		c := Condition{When: Filter{EVSEID: evse, Station: station, OperatingCompany: company}}
		if read, ok := ParseCondition(c.String()); !ok || !reflect.DeepEqual(*read, c) {
			t.Errorf("%q is read as %+v", c.String(), read)
		}
	})
}
