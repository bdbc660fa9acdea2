package locales

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"creditrun/internal/fault"
)

func newCatalog(tb testing.TB) *Catalog {
	tb.Helper()
	c, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestTextNeverSpeaksAnotherLanguage(t *testing.T) {
	c := newCatalog(t)
	for _, test := range []struct {
		name, lang, key string
		args            map[string]any
		want            string
	}{
		{"an unknown language", "xx", "label_date", nil, `no messages in language "xx"`},
		{"a regional variant that has no file", "de-AT", "label_date", nil, `no messages in language "de-AT"`},
		{"a missing message", "fr", "no_such_message", nil, `is missing in language "fr"`},
		{"a missing argument", "it", "label_page", map[string]any{"Page": 1}, `"Pages"`},
		{"a missing count", "de", "note_held", map[string]any{"Energy": "3"}, "argument Count is missing"},
	} {
		t.Run(test.name+" is an error", func(t *testing.T) {
			text, err := c.Text(test.lang, test.key, test.args)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q and error %v, want an error with %q", text, err, test.want)
			}
		})
	}
}

func TestTheProductSpeaksFifteenLanguages(t *testing.T) {
	want := []string{"cs", "da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt", "ro", "sk", "sv"}
	if got := newCatalog(t).Languages(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The words are those of domain.md §7.3.
func TestStatutoryWordsAreExact(t *testing.T) {
	c := newCatalog(t)
	for lang, want := range map[string][2]string{
		"de": {"Gutschrift", "Steuerschuldnerschaft des Leistungsempfängers"},
		"en": {"Self-billing", "Reverse charge"},
		"fr": {"Autofacturation", "Autoliquidation"},
		"it": {"autofatturazione", "inversione contabile"},
		"nl": {"Factuur uitgereikt door afnemer", "Btw verlegd"},
		"es": {"facturación por el destinatario", "inversión del sujeto pasivo"},
		"pl": {"samofakturowanie", "odwrotne obciążenie"},
		"cs": {"vystaveno zákazníkem", "daň odvede zákazník"},
		"da": {"selvfakturering", "omvendt betalingspligt"},
		"sv": {"självfakturering", "omvänd betalningsskyldighet"},
		"hu": {"önszámlázás", "fordított adózás"},
		"pt": {"autofaturação", "Autoliquidação"},
		"ro": {"autofactură", "taxare inversă"},
		"sk": {"vyhotovenie faktúry odberateľom", "prenesenie daňovej povinnosti"},
		"fi": {"itselaskutus", "käännetty verovelvollisuus"},
	} {
		for i, key := range []string{"mention_self_billing", "mention_reverse_charge"} {
			if got, err := c.Text(lang, key, nil); err != nil || got != want[i] {
				t.Errorf("%s, %s: got %q (%v), want %q", lang, key, got, err, want[i])
			}
		}
	}
}

func TestCountMayBeAnArgumentOfAMessageWithoutPlural(t *testing.T) {
	got, err := newCatalog(t).Text("pl", "label_date", map[string]any{"Count": 2})
	if err != nil || got != "Data" {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestCountChoosesThePluralFormAndIsGrouped(t *testing.T) {
	c := newCatalog(t)
	for _, test := range []struct {
		lang  string
		count int
		want  string
	}{
		{"de", 1, "1 Ladevorgang (3 kWh) wird"},
		{"de", 0, "0 Ladevorgänge (3 kWh) werden"},
		{"de", 1234, "1.234 Ladevorgänge (3 kWh) werden"},
		{"en", 1, "1 charging session (3 kWh) is"},
		{"fr", 0, "0 recharge (3 kWh) est"},
		{"fr", 1234, "1\u202f234 recharges (3 kWh) sont"},
		{"fr", 1000000, "1\u202f000\u202f000 de recharges"},
		{"it", 12345, "12.345 ricariche (3 kWh) sono"},
		{"nl", 1234, "1.234 laadsessies (3 kWh) worden"},
		{"es", 1000000, "1.000.000 de recargas (3 kWh) siguen"},
		{"pl", 1, "1 sesja ładowania (3 kWh) jest"},
		{"pl", 22, "22 sesje ładowania (3 kWh) są"},
		{"pl", 12345, "12\u00a0345 sesji ładowania (3 kWh) jest"},
		{"cs", 3, "3 dobíjení (3 kWh) se ještě prověřují"},
		{"cs", 5, "5 dobíjení (3 kWh) se ještě prověřuje"},
		{"da", 2, "2 opladninger (3 kWh) er"},
		{"sv", 1234, "1\u00a0234 laddningar (3 kWh) granskas"},
		{"hu", 2, "2 töltés (3 kWh) ellenőrzése"},
		{"pt", 2, "2 carregamentos (3 kWh) ainda estão"},
		{"ro", 19, "19 sesiuni de încărcare (3 kWh) sunt"},
		{"ro", 20, "20 de sesiuni de încărcare (3 kWh) sunt"},
		{"sk", 4, "4 nabíjania (3 kWh) sa ešte preverujú"},
		{"sk", 5, "5 nabíjaní (3 kWh) sa ešte preveruje"},
		{"fi", 2, "2 lataustapahtumaa (3 kWh) on"},
	} {
		got, err := c.Text(test.lang, "note_held", map[string]any{"Count": test.count, "Energy": "3"})
		if err != nil || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s, %d: got %q (%v), want it to begin with %q", test.lang, test.count, got, err, test.want)
		}
	}
}

func TestFaultHidesNothing(t *testing.T) {
	c := newCatalog(t)
	for _, test := range []struct {
		name, lang string
		fault      *fault.Fault
		want       string
	}{
		{"in the language", "de", fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": "ac22"}), "Es gibt keinen Kostensatz ac22."},
		{"in English where the language is unknown", "xx", fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": "ac22"}), "There is no cost rate ac22."},
		{"as key and arguments where there is no sentence", "de", fault.New(fault.Invalid, "no_such_fault", fault.Args{"a": 1}), "no_such_fault a=1"},
		{"as key and arguments where an argument is missing", "de", fault.New(fault.NotFound, "rate_not_found", fault.Args{"kind": "x"}), "rate_not_found kind=x"},
		{"with a plural form by count", "fr", fault.New(fault.Invalid, "file_more", fault.Args{"file": "a.csv", "count": 1}), "a.csv\u00a0: 1 autre erreur a été trouvée."},
		{"with one sentence for two sets of arguments", "it", fault.New(fault.Invalid, "currency_unknown", fault.Args{"currency": "EURO"}), "«EURO» non è un codice di valuta ISO 4217. Usare un codice come EUR."},
		{"without arguments", "en", fault.New(fault.Invalid, "tree_no_root", nil), "No entity is the operator: every entity names a parent. Remove the parent of the operator."},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Fault(test.lang, test.fault); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	if got := c.Fault("de", nil); got != "" {
		t.Errorf("no fault: got %q", got)
	}
}

func TestCatalogMayBeUsedByManyAtOnce(t *testing.T) {
	c := newCatalog(t)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			lang := c.Languages()[i%len(c.Languages())]
			if _, err := c.Text(lang, "note_held", map[string]any{"Count": i, "Energy": "1"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestAFaultOnAPageNamesSettingsAndDocuments(t *testing.T) {
	c := newCatalog(t)
	value := fault.New(fault.Invalid, "setting_value", fault.Args{"key": "review_days", "value": "x", "expected": "0 … 31"})
	if got := c.PageFault("de", value); !strings.Contains(got, "Prüffrist in Tagen") || strings.Contains(got, "review_days") {
		t.Errorf("it says %q", got)
	}
	if got := c.Fault("de", value); !strings.Contains(got, "review_days") {
		t.Errorf("at the command line it says %q", got)
	}
	missing := fault.New(fault.NotReady, "range_missing", fault.Args{"type": "credit_note"})
	if got := c.PageFault("de", missing); !strings.Contains(got, "Gutschriften") || strings.Contains(got, "credit_note") {
		t.Errorf("it says %q", got)
	}
	if missing.Args["type"] != "credit_note" {
		t.Error("the fault itself is changed")
	}
}
