package store_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// withManyPayouts adds five batches with a payout in euros to a and one in francs to
// b each, and a reminder to a.
func (w *world) withManyPayouts() {
	w.T.Helper()
	for i := 1; i <= 5; i++ {
		for _, statement := range []string{
			`INSERT INTO payout_batches (id, requested_date, state, prepared_at, prepared_by, approved_by, exported_by) VALUES (%d, '2026-12-30', 'exported', '2026-12-01', 'anna', 'otto', 'otto')`,
			`INSERT INTO payouts (id, batch_id, number, entity_key, currency, amount, payee, state, executed_on, changed_at, changed_by, reason)
				VALUES (%[1]d * 2 - 1, %[1]d, 'PO-%[1]d', 'a', 'EUR', %[1]d, '{}', 'exported', '', '2026-12-01', 'anna', '')`,
			`INSERT INTO payouts (id, batch_id, number, entity_key, currency, amount, payee, state, executed_on, changed_at, changed_by, reason)
				VALUES (%[1]d * 2, %[1]d, 'CHF-%[1]d', 'b', 'CHF', %[1]d, '{}', 'prepared', '', '2026-12-01', 'anna', '')`,
			`INSERT INTO payout_left_out (batch_id, place, entity_key, currency, amount, reason, detail) VALUES (%d, 0, 'a', 'EUR', 1, 'on_hold', '')`,
			`INSERT INTO reminders (id, number, entity_key, currency, level, day, amount, content, file, sha256, created_at, created_by)
				VALUES (%[1]d, 'MA-%[1]d', 'a', 'EUR', %[1]d %% 2 + 1, '2026-12-01', 1, '{"number": "MA-%[1]d", "recipient": "a"}', '', '', '2026-12-01', 'anna')`,
		} {
			_, err := w.sql(fmt.Sprintf(statement, i))
			w.ok(err)
		}
	}
}

func TestPayoutsAndRemindersAreReadPageByPage(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withManyPayouts()
		payoutsOf := func(f store.PayoutFilter) func(creditnotes.Page) (string, string, string, error) {
			return func(p creditnotes.Page) (told, next, previous string, err error) {
				list, next, previous, err := w.s.Payouts(t.Context(), f, p)
				for _, one := range list {
					told += " " + one.Number
				}
				return told, next, previous, err
			}
		}
		remindersOf := func(f store.ReminderFilter) func(creditnotes.Page) (string, string, string, error) {
			return func(p creditnotes.Page) (told, next, previous string, err error) {
				list, next, previous, err := w.s.Reminders(t.Context(), f, p)
				for _, one := range list {
					told += " " + one.Number
				}
				return told, next, previous, err
			}
		}
		batches := func(p creditnotes.Page) (told, next, previous string, err error) {
			list, next, previous, err := w.s.ListPayoutBatches(t.Context(), p)
			for _, b := range list {
				told += fmt.Sprint(" ", b.ID, b.State, b.Sums, b.LeftOut)
			}
			whole, _, _, _ := w.s.PayoutBatches(t.Context(), p)
			for i := range whole {
				if whole[i].ID != list[i].ID || len(whole[i].Payouts) != 2 || len(whole[i].LeftOut) != 1 {
					t.Errorf("the whole batch %+v of %+v", whole[i], list[i])
				}
			}
			return told, next, previous, err
		}
		for _, c := range []struct {
			name, want string
			read       func(creditnotes.Page) (string, string, string, error)
		}{
			{"all", " CHF-5 PO-5 | CHF-4 PO-4 | CHF-3 PO-3 | CHF-2 PO-2 | CHF-1 PO-1", payoutsOf(store.PayoutFilter{})},
			{"told", " PO-5 PO-4 | PO-3 PO-2 | PO-1", payoutsOf(store.PayoutFilter{Told: true})},
			{"of an entity", " PO-5 PO-4 | PO-3 PO-2 | PO-1", payoutsOf(store.PayoutFilter{Entity: "a"})},
			{"of a scope", " CHF-5 CHF-4 | CHF-3 CHF-2 | CHF-1", payoutsOf(store.PayoutFilter{Scope: []string{"b", "x"}})},
			{"of no scope", "", payoutsOf(store.PayoutFilter{Scope: []string{}})},
			{"in a state by hand", " CHF-5 CHF-4 | CHF-3 CHF-2 | CHF-1", payoutsOf(store.PayoutFilter{State: payouts.Prepared, ByHand: true})},
			{"in another state by hand", "", payoutsOf(store.PayoutFilter{State: payouts.Exported, ByHand: true})},
			{"reminders", " MA-5 MA-4 | MA-3 MA-2 | MA-1", remindersOf(store.ReminderFilter{Entity: "a", Scope: []string{"a"}})},
			{"reminders of a level", " MA-5 MA-3 | MA-1", remindersOf(store.ReminderFilter{Level: 2})},
			{"reminders of others", "", remindersOf(store.ReminderFilter{Scope: []string{"b"}})},
			{"batches", " 5exported[{CHF 1 5} {EUR 1 5}] 1 4exported[{CHF 1 4} {EUR 1 4}] 1 | 3exported[{CHF 1 3} {EUR 1 3}] 1 2exported[{CHF 1 2} {EUR 1 2}] 1 | 1exported[{CHF 1 1} {EUR 1 1}] 1",
				batches},
		} {
			if got := pages(t, c.read); got != c.want {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			_, _, _, err := c.read(creditnotes.Page{After: "x"})
			says(t, err, "cursor_invalid")
		}
		var all []string
		for one, err := range w.s.EachReminder(t.Context(), store.ReminderFilter{}) {
			w.ok(err)
			all = append(all, one.Number)
		}
		n, err := w.s.CountReminders(t.Context(), store.ReminderFilter{Scope: []string{"a"}})
		w.ok(err)
		same(t, fmt.Sprint(all, n), "[MA-1 MA-2 MA-3 MA-4 MA-5] 5")
	})
}

// pages reads a list to its end, and back again: the pages must be the same.
func pages(t *testing.T, read func(creditnotes.Page) (string, string, string, error)) string {
	t.Helper()
	var forth, back []string
	page := creditnotes.Page{Limit: 2}
	for {
		told, next, previous, err := read(page)
		if err != nil {
			t.Fatal(err)
		}
		forth = append(forth, told)
		if next == "" {
			for back = []string{told}; previous != ""; back = append([]string{told}, back...) {
				if told, _, previous, err = read(creditnotes.Page{Limit: 2, Before: previous}); err != nil {
					t.Fatal(err)
				}
			}
			break
		}
		page.After = next
	}
	if strings.Join(back, "|") != strings.Join(forth, "|") {
		t.Errorf("back %q, forth %q", back, forth)
	}
	return strings.Join(forth, " |")
}

// What a page costs must not grow with the rows there ever were: each is found in the
// order of an index.
func TestPagesOfPayoutsAreReadByAnIndex(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		index := map[string]string{"payouts of entity": "payouts_entity", "payouts in state": "payouts_state", "payouts by hand": "payouts_by_hand",
			"payouts by hand in state": "payouts_by_hand_state", "reminders of entity": "reminders_entity", "reminders of level": "reminders_level"}
		for name, plan := range w.s.PagePlans(t) {
			for _, slow := range []string{"TEMP B-TREE", "AUTOMATIC", "Sort", "Seq Scan", "Bitmap"} {
				if strings.Contains(plan, slow) {
					t.Errorf("%s:\n%s", name, plan)
				}
			}
			if !strings.Contains(plan, index[name]) {
				t.Errorf("%s is not read by %s:\n%s", name, index[name], plan)
			}
		}
	})
}
