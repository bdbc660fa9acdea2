package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
	"creditrun/tariffs"
)

func TestSessionsOfANoteAreReadInPages(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-3", "ST-1", "2026-10-03 10:00", "10"), charge("S-1", "ST-1", "2026-10-04 10:00", "11"), charge("S-2", "ST-1", "2026-10-05 10:00", "12"),
			charge("S-5", "ST-1", "2026-10-06 10:00", "13"), charge("S-4", "ST-1", "2026-10-07 10:00", "14"),
		)
		w.Month("2026-10")
		run, err := w.s.RunByName(t.Context(), "2026-10")
		check(t, err)
		notes, err := w.s.RunNotes(t.Context(), run.ID)
		check(t, err)
		most := 0
		for _, note := range notes {
			var want []string
			for _, atOnce := range []int{5000, 1, 2} {
				w.s.ReadDetails(atOnce)
				var got []string
				for d, err := range w.s.Details(t.Context(), note) {
					check(t, err)
					got = append(got, fmt.Sprint(d))
					if open := w.s.ReadDB().Stats().InUse; open != 0 {
						t.Fatalf("%d connections are held while a session is yielded", open)
					}
				}
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %d at once: %s", note.Number, atOnce, diff)
				}
			}
			most = max(most, len(want))
		}
		if most != 5 {
			t.Errorf("no note has more than %d sessions", most)
		}
	})
}

func TestKeysOfNewThingsAreCheckedWhereverTheyComeFrom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		try := func(c creditnotes.Configuration, keys ...string) {
			t.Helper()
			_, err := s.SaveConfiguration(t.Context(), "root", &c, nil)
			says(t, err, keys...)
		}
		try(creditnotes.Configuration{Entities: []entities.Entity{{Key: "a b", Parent: "op", Name: "A"}}}, "entity_key_invalid")
		try(creditnotes.Configuration{Entities: []entities.Entity{{Key: "new", Parent: "op", Name: "A"}}}, "entity_key_invalid")
		try(creditnotes.Configuration{Stations: []entities.Station{{Key: "a/b"}, {Key: "new"}}}, "key_invalid", "key_invalid")
		try(creditnotes.Configuration{Tariffs: tariffs.Config{
			CostRates: []tariffs.CostRate{{Key: "a/b", Currency: "EUR"}}, Community: []tariffs.CommunityTariff{{Key: `a\b`}},
			ChargePoint: []tariffs.ChargePointTariff{{Key: "new"}}, Sales: []tariffs.SalesTariff{{Key: ".."}},
		}}, "key_invalid", "key_invalid", "key_invalid", "key_invalid")
		try(creditnotes.Configuration{
			NumberRanges: []numbering.Range{{Key: "a/b"}}, TaxAccounts: []creditnotes.TaxAccount{{Key: "a/b"}},
		}, "key_invalid", "key_invalid")
	})
}

// What has an odd key from an earlier version is still read, changed and written
// into a network file and back.
func TestOddKeysOfBeforeStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		check(t, s.InTx(t.Context(), func(tx *store.TestTx) error {
			_, err := tx.Exec("UPDATE entities SET key = 'a 2/x' WHERE key = 'a1'")
			return err
		}))
		config := configuration(t, s)
		i := -1
		for j, e := range config.Entities {
			if e.Key == "a 2/x" {
				i = j
			}
		}
		if i < 0 {
			t.Fatalf("%+v", config.Entities)
		}
		config.Entities[i].City = "Hamburg"
		save(t, s, &creditnotes.Configuration{Entities: config.Entities})
		if got := configuration(t, s).Entities[i]; got.City != "Hamburg" || got.Key != "a 2/x" {
			t.Errorf("%+v", got)
		}
	})
}

func TestUsersWithReservedNamesOfBeforeStay(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		u := hire(t, s, "anna", "op", access.Viewer)
		check(t, s.InTx(t.Context(), func(tx *store.TestTx) error {
			_, err := tx.Exec("UPDATE users SET name = 'schedule' WHERE id = $1", u.ID)
			return err
		}))
		u.FullName = "Anna"
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u))
		if got := user(t, s, u.ID); got.Name != "schedule" || got.FullName != "Anna" {
			t.Errorf("%+v", got)
		}
	})
}

func TestWebhooksToInnerAddressesAreRefusedWhenTheyAreEntered(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		inner := func(host string) bool { return strings.HasPrefix(host, "10.") }
		lenient := storetest.Open(t, url, storetest.Now)
		s, err := store.Open(t.Context(), url, store.Options{Now: storetest.Now, RefusesWebhook: inner})
		check(t, err)
		defer s.Close()
		hook := store.Webhook{URL: "https://10.0.0.1/in", Events: []store.HookEvent{store.RunDrafted}, Active: true}
		_, err = s.AddWebhook(t.Context(), "root", hook)
		says(t, err, "webhook_address_inner")
		old, err := lenient.AddWebhook(t.Context(), "root", hook)
		check(t, err)
		old.Active = false // one of before can be turned off, not be sent elsewhere inside
		check(t, s.ChangeWebhook(t.Context(), "root", old))
		old.URL = "https://10.0.0.2/in"
		says(t, s.ChangeWebhook(t.Context(), "root", old), "webhook_address_inner")
		old.URL = "https://erp.example/in"
		check(t, s.ChangeWebhook(t.Context(), "root", old))
	})
}

func TestADatabaseFileIsForOneUserAlone(t *testing.T) {
	folder := t.TempDir()
	s := storetest.Open(t, "sqlite:"+filepath.Join(folder, "new.db"), storetest.Now)
	check(t, s.Migrate(t.Context()))
	_, err := s.SetSettings(t.Context(), "root", []creditnotes.Setting{{Key: "review_days", Value: "1"}})
	check(t, err)
	files, err := os.ReadDir(folder)
	check(t, err)
	if len(files) != 4 { // with what SQLite writes beside it, and who writes
		t.Errorf("%v", files)
	}
	for _, f := range files {
		info, err := f.Info()
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %s", f.Name(), info.Mode())
		}
	}
}
