package store_test

import (
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// tooLate reports whether an error says that another person was faster.
func tooLate(t *testing.T, err error, who string) {
	t.Helper()
	list := fault.Of(err)
	if len(list) != 1 || list[0].Key != "record_changed" || list[0].Args["who"] != who {
		t.Errorf("%v, %v", err, list)
	}
}

func TestOfTwoPeopleOnlyTheFirstDecides(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()

		// One releases the session that the other one sees as not released.
		someCharging(w)
		held := w.ID("S-6")
		if err := w.s.ReleaseSession(ctx, "olga", held, "is right"); err != nil {
			t.Fatal(err)
		}
		done, refused, err := w.s.InvalidateSessions(ctx, "anna", []int64{held}, "is wrong", []int64{})
		if err != nil || done != 0 {
			t.Fatalf("%d, %v", done, err)
		}
		tooLate(t, refused[held], "olga")
		tooLate(t, w.s.CorrectSession(ctx, "anna", held, creditnotes.SessionChange{Invalid: true}, "is wrong", []int64{}), "olga")
		if done, _, err = w.s.InvalidateSessions(ctx, "anna", []int64{held}, "is wrong", []int64{held}); err != nil || done != 1 {
			t.Errorf("with the release in sight: %d, %v", done, err)
		}

		// One answers an objection that is not the one of the page any more.
		for _, text := range []string{"first", "second"} {
			if err := w.s.RaiseObjection(ctx, "hotel", "GS-2026-00001", text); err != nil {
				t.Fatal(err)
			}
			if text == "first" {
				if err := w.s.WithdrawObjection(ctx, "olga", "GS-2026-00001", "settled", "1"); err != nil {
					t.Fatal(err)
				}
			}
		}
		tooLate(t, w.s.WithdrawObjection(ctx, "anna", "GS-2026-00001", "settled", "1"), "hotel")
		if err := w.s.WithdrawObjection(ctx, "anna", "GS-2026-00001", "settled", "2"); err != nil {
			t.Error(err)
		}

		// Two want a new secret: the first one's is in use by now.
		h := w.hooked(store.RunDrafted)
		seen, err := w.s.Webhook(ctx, h.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.RotateWebhookSecret(ctx, "olga", h.ID, seen.Whole); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.RotateWebhookSecret(ctx, "anna", h.ID, seen.Whole)
		tooLate(t, err, "olga")
		tooLate(t, w.s.DeleteWebhook(ctx, "anna", h.ID, seen.Whole), "olga")

		// Two ask for other bank data.
		a := *entityIn(w.configured(), "a")
		bank, err := w.s.BankFingerprint(ctx, &a)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.s.ProposeBank(ctx, "olga", "a", entities.Bank{Holder: "A", IBAN: "DE02120300000000202051"}, bank); err != nil {
			t.Fatal(err)
		}
		_, _, err = w.s.ProposeBank(ctx, "anna", "a", entities.Bank{Holder: "A", IBAN: "DE02100100100006820101"}, bank)
		tooLate(t, err, "olga")
		if fields := fault.Of(err)[0].Args["fields"]; fields != "bank" {
			t.Errorf("fields %q", fields)
		}
	})
}

func TestAnImportNamesWhatItDoes(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		before := w.allRows()
		w.Entity("a").Phone, w.Entity("a").Bank.Holder = "+49 1", "Other"
		subCPO(w.Config, "z")
		w.Config.Stations[0].City = "Kiel"
		settings := []creditnotes.Setting{{Key: "language", Value: "de"}, {Key: "community_discount_percent", Value: "11"}}
		checked, err := w.s.CheckConfiguration(t.Context(), "anna", w.Config, settings)
		if err != nil {
			t.Fatal(err)
		}
		after := w.allRows()
		for table, n := range before {
			if after[table] != n {
				t.Errorf("checking changed %s", table)
			}
		}
		saved, err := w.s.SaveConfiguration(t.Context(), "anna", w.Config, settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range [][]creditnotes.Changes{checked, saved} {
			var told []string
			for _, section := range list {
				if len(section.Records) != section.Created+section.Updated+section.Unchanged {
					t.Errorf("%+v", section)
				}
				for _, r := range section.Records {
					if r.Change != creditnotes.Unchanged {
						told = append(told, strings.TrimSpace(section.Section+" "+r.Key+" "+string(r.Change)+" "+strings.Join(r.Fields, ",")))
					}
				}
			}
			want := []string{
				"entities a updated bank,phone", "entities z created", "stations ST-1 updated address", "settings community_discount_percent updated value",
			}
			if !slices.Equal(told, want) {
				t.Errorf("%q", told)
			}
		}
	})
}
