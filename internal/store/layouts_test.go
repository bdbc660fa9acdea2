package store_test

import (
	"path/filepath"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// choose gives an entity a layout, or takes it away.
func (w *world) choose(key, layout string) error {
	config, err := w.s.Configuration(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	changed := &creditnotes.Configuration{}
	for _, e := range config.Entities {
		if e.Key == key {
			e.Layout = layout
			changed.Entities = append(changed.Entities, e)
		}
	}
	_, err = w.s.SaveConfiguration(w.T.Context(), "anna", changed, nil)
	return err
}

func TestADocumentKeepsTheLayoutThatItsRecipientChose(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		says(t, w.choose("a", "winter"), "entity_layout_unknown")
		footer := func(text string) []creditnotes.Setting {
			return []creditnotes.Setting{{Key: "layouts.winter.name", Value: text}, {Key: "layouts.winter.footer.de", Value: text}}
		}
		if _, err := w.s.SetSettings(t.Context(), "anna", footer("Winter")); err != nil {
			t.Fatal(err)
		}
		if err := w.choose("a", "winter"); err != nil {
			t.Fatal(err)
		}
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		if _, err := w.s.SetSettings(t.Context(), "anna", footer("Spring")); err != nil {
			t.Fatal(err)
		}
		_, err := w.s.SetSettings(t.Context(), "anna", footer(""))
		says(t, err, "entity_layout_unknown")
		if err := w.choose("a", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.SetSettings(t.Context(), "anna", footer("")); err != nil {
			t.Errorf("a layout that no entity chose stays: %v", err)
		}
		for _, n := range w.Issued() {
			switch {
			case n.Recipient != "a" && n.Document.Layout != nil:
				t.Errorf("%s has a layout that its recipient did not choose", n.Number)
			case n.Recipient == "a" && (n.Document.Layout == nil || n.Document.Layout.Footer != "Winter"):
				t.Errorf("%s lost its layout: %+v", n.Number, n.Document.Layout)
			}
		}
		w.Proven()
	})
}

// Layouts that listed their recipients are chosen by these, and frozen settings of
// runs can still be read.
func TestRecipientsOfLayoutsChooseThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	urls := []string{"sqlite:" + filepath.Join(t.TempDir(), "old.db")}
	if storetest.HasPostgres() {
		urls = append(urls, storetest.EmptyPostgres(t))
	}
	for _, url := range urls {
		s := storetest.Open(t, url, w.Clock)
		if err := s.MigrateTo(t.Context(), 79); err != nil {
			t.Fatal(err)
		}
		if err := s.LoadFrom(t.Context(), w.s); err != nil {
			t.Fatal(err)
		}
		for key, value := range map[string]string{"layouts.winter.recipients": "b, a", "layouts.autumn.recipients": "a", "layouts.winter.name": "", "layouts.winter.color": "#0b5563", "layouts.spring.recipients": ""} {
			run(t, s, "INSERT INTO settings (key, value, changed_at, changed_by) VALUES ('"+key+"', '"+value+"', '2026-10-31 19:00:00+00:00', 'anna')")
		}
		run(t, s, `UPDATE runs SET settings = replace(settings, '{', '{"layouts.winter.recipients":"b, a",')`)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		chooses(t, s)
	}
}

func chooses(t *testing.T, s *store.Store) {
	t.Helper()
	config, err := s.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "autumn", "b": "winter"}
	for i := range config.Entities {
		if e := &config.Entities[i]; e.Layout != want[e.Key] {
			t.Errorf("%s has the layout %q", e.Key, e.Layout)
		}
	}
	if found := config.Settings.CheckChosenLayouts(config.Entities); len(found) > 0 || len(config.Settings.LayoutKeys()) != 2 {
		t.Errorf("layouts: %v, %v", config.Settings.Layouts, found)
	}
	look := config.Settings.LookOf(&entities.Entity{Layout: "winter"}, "en")
	if look.Color != "#0b5563" || config.Settings.Layouts["winter"]["name"] != "winter" {
		t.Errorf("winter is %+v", look)
	}
	runs, err := s.Runs(t.Context())
	if err != nil || len(runs) != 1 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}
