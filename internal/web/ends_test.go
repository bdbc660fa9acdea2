package web

import (
	"net/http"
	"testing"
)

// A station goes out of service: it is no longer offered, takes no new tariff, and
// keeps what it had. A tariff that has ended is not assigned anew.
func TestStationsAndTariffsEnd(t *testing.T) {
	w := newWorld(t)
	olga := w.as("olga")
	used := w.configured().Stations[0].Key
	path := "/stations/" + used + "/edit"
	olga.submit(path, olga.get(path).form(), "until", "2026-10-31").shows(t, "Last day", "31 Oct 2026")
	olga.get("/stations").lacks(t, ">"+used+"</a>")
	olga.get("/stations?q="+used).shows(t, ">"+used+"</a>", "ended")
	olga.post("/stations/"+used+"/tariffs", append(olga.hidden("/stations/"+used, "/stations/"+used+"/tariffs"), "from", "2026-11-20", "community", "com-ac", "connector", "", "charge_point", "")...).
		refuses(t, http.StatusUnprocessableEntity, "is in service until")

	olga.fills(t, "/tariffs/sales/new/edit", "/tariffs/sales/new/edit", "key", "STAFF", "name", "Staff", "sales_0_rate", "com-ac")
	olga.submit("/tariffs/sales/STAFF/edit", olga.get("/tariffs/sales/STAFF/edit").form(), "until", "2026-10-31")
	olga.get("/media/new").lacks(t, `value="STAFF"`)
	olga.submit("/media/new", olga.get("/media/new").form(), "uid", "04FFEE01", "issuer", "stadtwerke", "sales_tariff", "STAFF", "billing_from", "2026-11-01").
		refuses(t, http.StatusUnprocessableEntity, "is assigned until")
	olga.fills(t, "/media/new", "/media/new", "uid", "04FFEE01", "issuer", "stadtwerke")
	olga.submit("/media/04FFEE01", olga.get("/media/04FFEE01").form(), "until", "2026-10-31").shows(t, "04FFEE01")
	olga.get("/media").lacks(t, ">04FFEE01</a>")
	olga.get("/media?q=04FFEE").shows(t, ">04FFEE01</a>", "ended")
	olga.get("/audit").shows(t, "2026-10-31")
	community := w.configured().Tariffs.Community[0]
	c := "/tariffs/community/" + community.Key
	olga.submit(c, olga.get(c).form(), "rate", "", "until", "2027-12-31").shows(t, "is saved")
	if now := w.configured().Tariffs.Community[0]; now.Until != "2027-12-31" || len(now.Versions) != len(community.Versions) {
		t.Errorf("the tariff is %+v", now)
	}
}
