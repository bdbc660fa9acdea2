package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

func TestMailingsAreListedTheLatestFirst(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-10-05 10:00", "10"))...)
		w.Month("2026-10")
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		list := func(f store.DeliveryFilter) []store.DeliveryEntry {
			list, err := w.s.ListDeliveries(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		everything := list(store.DeliveryFilter{})
		var told []string
		for _, d := range everything {
			note, err := w.s.NoteByNumber(t.Context(), d.Number)
			if err != nil {
				t.Fatal(err)
			}
			mailings, err := w.s.Deliveries(t.Context(), note.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range mailings {
				if one.ID == d.ID {
					if diff := gocmp.Diff(one, d.Delivery); diff != "" {
						t.Error(diff)
					}
					told = append(told, d.Number+" "+d.Recipient)
				}
			}
		}
		if diff := gocmp.Diff([]string{"GS-2026-00001 a", "GS-2026-00002 b", "GS-2026-00001 a"}, told); diff != "" {
			t.Fatal(diff)
		}
		if diff := gocmp.Diff(everything[1:2], list(store.DeliveryFilter{Below: everything[0].ID, Limit: 1})); diff != "" {
			t.Error(diff)
		}
		if err := w.s.Finish(t.Context(), everything[1].ID, ended(everything[1].Delivery, creditnotes.RecipientRefused, "no", w.Now)); err != nil {
			t.Fatal(err)
		}
		if failed := list(store.DeliveryFilter{State: creditnotes.DeliveryFailed}); len(failed) != 1 || failed[0].Number != "GS-2026-00002" {
			t.Errorf("%+v", failed)
		}
	})
}
