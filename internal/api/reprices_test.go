package api

import (
	"net/http"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/tariffs"
)

func TestSessionsArePricedAnewByTheAPI(t *testing.T) {
	w := newWorld(t)
	felix, anna, paul := w.as("felix"), w.as("anna"), w.as("paul")
	ask := object{"rate": "com-ac", "from": "2026-10-01"}
	paul.get("/reprices").is(http.StatusForbidden)
	felix.post("/reprices/preview", object{"from": "2026-10-01"}).problem(http.StatusBadRequest, "reprice_incomplete")
	felix.post("/reprices/preview", object{"rate": "com-ac", "from": "soon"}).is(http.StatusUnprocessableEntity)
	if same := read[creditnotes.RepriceJSON](felix.post("/reprices/preview", ask).is(http.StatusOK)); same.Sessions != 0 || same.Unchanged == 0 || same.State != "preview" {
		t.Fatalf("%+v", same)
	}
	_, err := w.store.SaveConfiguration(t.Context(), "olga", &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{{
		Key: "com-ac", ValidFrom: time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), Currency: "EUR", Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 450_000}}},
	}}}}, nil)
	must(t, err)
	_, err = w.store.SetSettings(t.Context(), "olga", []creditnotes.Setting{{Key: "release", Value: "approve"}})
	must(t, err)
	preview := read[creditnotes.RepriceJSON](felix.post("/reprices/preview", ask).is(http.StatusOK))
	if preview.Sessions == 0 || len(preview.Owners) == 0 || preview.Owners[0].Difference == "0.000000" {
		t.Fatalf("%+v", preview)
	}
	felix.post("/reprices", ask).is(http.StatusUnprocessableEntity) // without a reason
	asked := read[creditnotes.RepriceJSON](felix.post("/reprices", object{"rate": "com-ac", "from": "2026-10-01", "reason": "late"}).is(http.StatusOK))
	if asked.State != "waiting" || asked.Change == 0 {
		t.Fatalf("%+v", asked)
	}
	felix.post(changePath(asked.Change)[len(Base):]+"/approve", nil).is(http.StatusForbidden)
	anna.post(changePath(asked.Change)[len(Base):]+"/approve", nil).is(http.StatusOK)
	if list := all[Reprice](felix, "/reprices"); len(list) != 1 || list[0].Sessions != preview.Sessions || list[0].AskedBy != "felix" || list[0].ApprovedBy != "anna" || list[0].Reason != "late" {
		t.Errorf("%+v", list)
	}
}
