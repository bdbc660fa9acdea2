package tariffs

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
)

// A condition is stored as JSON; each filter by itself must survive that.
func TestEveryFilterSurvivesStorage(t *testing.T) {
	for name, filter := range map[string]Filter{
		"evse_id":           {EVSEID: "DE*VLT*E1"},
		"station":           {Station: "ST-1"},
		"connector_type":    {ConnectorType: "CHADEMO"},
		"power_type":        {PowerType: entities.DC},
		"operating_company": {OperatingCompany: "a"},
		"weekdays":          {Window: Window{Weekdays: []int{6, 7}}},
		"hours":             {Window: Window{From: "22:00", To: "06:00"}},
		"none":              {},
	} {
		t.Run(name, func(t *testing.T) {
			want := Condition{Rate: "r", When: filter}
			stored, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var got Condition
			if err := json.Unmarshal(stored, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
