package sessions

import (
	"reflect"
	"testing"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
)

func full() Session {
	start, stop, amount, fee := money.Quantity(1000), money.Quantity(11_000), money.Micros(4_500_000), money.Micros(500_000)
	return Session{
		ID: 7, Source: "ocpi", ExternalID: "DE*ABC*1", Version: 2, ConnectorID: 9, EVSEID: "DE*VLT*E1", OCPIConnector: "A",
		MediumUID: "04A1B2C3D4", Class: Internal, Partner: "DE*ABC", AuthMethod: "AUTH_REQUEST",
		Start: noon, End: noon.Add(time.Hour), Duration: 3600, Energy: 10_000_000, MeterStart: &start, MeterStop: &stop,
		Status: Valid, DriverAmount: &amount, DriverFee: &fee, Currency: "EUR", CollectedAt: noon.Add(2 * time.Hour), UpdatedAt: noon.Add(2 * time.Hour), ReceivedAt: noon.Add(3 * time.Hour),
		Signed: &Signed{Values: []ocmf.Value{{Format: "OCMF", Data: "OCMF|{}|{}", Key: "04"}}},
	}
}

// ours are the fields that no source states.
var ours = map[string]bool{
	"ID": true, "Version": true, "ConnectorID": true, "ReceivedAt": true, "Released": true, "UpdatedAt": true, "CollectedAt": true, "CollectionKnownAt": true, "SameAs": true,
	"ReusedID": true, "IDReused": true, "Rounded": true,
}

func TestTheFingerprintCoversEveryFieldOfTheSourceAndNoOther(t *testing.T) {
	before := Fingerprint(new(full()))
	for i := range reflect.TypeFor[Session]().NumField() {
		name := reflect.TypeFor[Session]().Field(i).Name
		s := full()
		change(t, reflect.ValueOf(&s).Elem().Field(i))
		if changed := Fingerprint(&s) != before; changed == ours[name] {
			t.Errorf("%s: the fingerprint changes: %v", name, changed)
		}
	}
}

func change(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Pointer:
		v.SetZero()
	case reflect.Struct:
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Microsecond)))
	default:
		t.Fatalf("a field of kind %s", v.Kind())
	}
}

func TestTheFingerprintCoversSignedData(t *testing.T) {
	before := Fingerprint(new(full()))
	for _, name := range []string{"Format", "Context", "Data", "Key"} {
		s := full()
		change(t, reflect.ValueOf(&s.Signed.Values[0]).Elem().FieldByName(name))
		if Fingerprint(&s) == before {
			t.Errorf("%s: the fingerprint stays", name)
		}
	}
	s := full()
	s.Signed.Verdict, s.Signed.Energy = ocmf.Invalid, &s.Energy
	if Fingerprint(&s) != before {
		t.Error("what the check found changes the fingerprint")
	}
}

func TestTheSpellingOfAnInstantIsNoDifference(t *testing.T) {
	a, b := full(), full()
	b.Start = b.Start.In(time.FixedZone("", 7200)).Add(999) // below a microsecond
	if Fingerprint(&a) != Fingerprint(&b) {
		t.Error("the same session in another zone is taken for a correction")
	}
}

func TestWhatIsMissingIsNotZeroAndFieldsDoNotRunTogether(t *testing.T) {
	zero, a, b := money.Quantity(0), full(), full()
	a.MeterStart, b.MeterStart = nil, &zero
	if Fingerprint(&a) == Fingerprint(&b) {
		t.Error("no meter reading is taken for zero")
	}
	a, b = full(), full()
	a.Source, a.ExternalID, b.Source, b.ExternalID = "a", "bc", "ab", "c"
	if Fingerprint(&a) == Fingerprint(&b) {
		t.Error("fields run together")
	}
	c, d := full(), full()
	c.MeterStart, c.MeterStop = nil, c.MeterStart
	d.MeterStop = nil
	if Fingerprint(&c) == Fingerprint(&d) {
		t.Error("start and stop of the meter are confused")
	}
}

func TestTheFingerprintStaysWhatStoresHold(t *testing.T) {
	if got := Fingerprint(&Session{}); got != "6d7a9337f9642fc4ca8ba2ffe8ea4201a65c60fa73f6e72050aaf8b024342245" {
		t.Errorf("the fingerprint of an empty session is now %s: stored sessions would all look corrected", got)
	}
}

func TestOnlyTheLastFourCharactersOfAMediumAreShown(t *testing.T) {
	for uid, want := range map[string]string{
		"04A1B2C3D4": "******C3D4", "12345": "*2345", "1234": "****", "": "", "ÄÖÜäöü": "**Üäöü",
	} {
		if got := MaskMedium(uid); got != want {
			t.Errorf("%q: got %q, want %q", uid, got, want)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	s := full()
	for b.Loop() {
		Fingerprint(&s)
	}
}
