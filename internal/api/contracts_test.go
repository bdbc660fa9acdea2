package api

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// share is a contract as a program writes it.
func share(owner string) object {
	return object{
		"title": "Share", "owner": owner, "from": "2026-01", "share_percent_ac": "80", "share_percent_dc": "70",
		"deduct_electricity_cost": true, "electricity_cost_per_kwh": "0.220000001", "monthly_fee": "3", "settle_on": "generated",
		"volume_bonus": []any{object{"from_kwh": "1000", "per_kwh": "0.01"}}, "active": true,
	}
}

func TestContractsAreWrittenAndRead(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		for _, owner := range []string{"cafe", "stadtwerke"} {
			want := share(owner)
			want["key"] = owner + "-2026"
			put := read[object](anna.put("/contracts/"+owner+"-2026", share(owner)).is(http.StatusOK))
			got := read[object](anna.get("/contracts/" + owner + "-2026").is(http.StatusOK))
			if diff := cmp.Diff(want, got) + cmp.Diff(put, got); diff != "" {
				t.Error(diff)
			}
			anna.put("/contracts/"+owner+"-2026", got).is(http.StatusOK)
		}
		seen := anna.get("/contracts/cafe-2026")
		other := read[object](seen)
		other["title"] = "Theirs"
		w.as("olga").put("/contracts/cafe-2026", other).problem(http.StatusPreconditionRequired, "record_unread")
		w.as("olga").with("If-Match", seen.header.Get("ETag")).put("/contracts/cafe-2026", other).is(http.StatusOK)
		anna.with("If-Match", seen.header.Get("ETag")).put("/contracts/cafe-2026", other).problem(http.StatusPreconditionFailed, "record_changed")
		if list := all[object](anna, "/contracts"); len(list) != 2+3 { // of the demo
			t.Errorf("%d contracts are listed", len(list))
		}
		mine := all[object](paul, "/contracts")
		if len(mine) != 1 || mine[0]["owner"] != "stadtwerke" {
			t.Errorf("a Sub-CPO sees %v", mine)
		}
		paul.get("/contracts/stadtwerke-2026").is(http.StatusOK)
		paul.get("/contracts/cafe-2026").problem(http.StatusNotFound, "key_unknown")
		paul.put("/contracts/stadtwerke-2026", share("stadtwerke")).is(http.StatusForbidden)
	})
}

func TestContractsAreJudgedLikeThoseOfFiles(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.put("/contracts/first", share("cafe")).is(http.StatusOK)
	for name, c := range map[string]struct {
		field string
		value any
		key   string
	}{
		"no such owner":        {"owner", "nobody", "contract_reference_unknown"},
		"no such station":      {"stations", []string{"nowhere"}, "contract_reference_unknown"},
		"one percentage":       {"share_percent_dc", nil, "contract_share_half"},
		"more than all":        {"share_percent_ac", "100.01", "file_record"},
		"a negative fee":       {"monthly_fee", "-1", "file_record"},
		"deduct nothing":       {"electricity_cost_per_kwh", nil, "contract_deduct_nothing"},
		"reimburse alone":      {"reimburse_electricity_cost", true, ""},
		"one beside the other": {"owner", "cafe", "contracts_overlap"},
	} {
		t.Run(name, func(t *testing.T) {
			body := share("stadtwerke")
			if body[c.field] = c.value; c.value == nil {
				delete(body, c.field)
			}
			answer := anna.put("/contracts/second", body)
			if c.key == "" {
				answer.is(http.StatusOK)
				return
			}
			answer.problem(http.StatusUnprocessableEntity, c.key)
		})
	}
}
