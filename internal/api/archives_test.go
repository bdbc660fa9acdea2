package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
)

func TestTheArchiveOfAYearIsMadeByPrograms(t *testing.T) {
	w := newWorld(t)
	anna, felix := w.as("anna"), w.as("felix")
	if list := all[Archive](anna, "/archives"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	made := read[Archive](anna.post("/archives", object{"year": 2026}).is(http.StatusCreated))
	if made.State != "kept" || made.Year != 2026 || made.MadeBy != "anna" || made.Path == "" {
		t.Fatalf("%+v", made)
	}
	file := anna.get(made.Path[len(Base):]).is(http.StatusOK)
	if sum := sha256.Sum256(file.body); hex.EncodeToString(sum[:]) != made.SHA256 || int64(len(file.body)) != made.Bytes {
		t.Errorf("%d bytes, not %d", len(file.body), made.Bytes)
	}
	if list := all[Archive](anna, "/archives"); len(list) != 1 || list[0].SHA256 != made.SHA256 {
		t.Errorf("%+v", list)
	}
	anna.get("/archives/1/x.zip").problem(http.StatusNotFound, "archive_unknown")
	anna.get("/archives/99/archive-2026.zip").problem(http.StatusNotFound, "archive_unknown")
	anna.post("/archives", object{"year": 26}).is(http.StatusUnprocessableEntity)
	felix.get("/archives").is(http.StatusForbidden)
	quota := all[QuotaRow](felix, "/quota?year=2026")
	if len(quota) == 0 || quota[0].EVSEID == "" || quota[0].Sessions == 0 || quota[0].MWh == "" {
		t.Errorf("%+v", quota)
	}
	if none := all[QuotaRow](felix, "/quota?year=2019"); len(none) != 0 {
		t.Errorf("%+v", none)
	}
	felix.get("/quota").is(http.StatusUnprocessableEntity)
}
