package store_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

var newBank = entities.Bank{Holder: "Hotel A GmbH", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"}

// bankOf is the bank account that an entity has now.
func (w *world) bankOf(key string) entities.Bank {
	w.t.Helper()
	c, err := w.s.Configuration(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return entityIn(c, key).Bank
}

func (w *world) propose(bank entities.Bank) int64 {
	w.t.Helper()
	id, err := w.s.ProposeBank(w.t.Context(), "anna", "a", bank)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) bankChanges(f store.BankChangeFilter) []store.BankChange {
	w.t.Helper()
	list, err := w.s.BankChanges(w.t.Context(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestBankDataNeedASecondPerson(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		typed := newBank
		typed.IBAN = "de02 1203 0000 0000 2020 51"
		id := w.propose(typed)
		if got := w.bankOf("a"); got != (entities.Bank{}) {
			t.Errorf("before the approval it is %+v", got)
		}
		err := w.s.ApproveBank(t.Context(), "anna", id)
		says(t, err, "bank_same_person")
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%v", err)
		}
		if got := w.bankChanges(store.BankChangeFilter{Waiting: true}); len(got) != 1 || w.bankOf("a") != (entities.Bank{}) {
			t.Fatalf("what anna did is kept: %+v", got)
		}
		if err := w.s.ApproveBank(t.Context(), "max", id); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(newBank, w.bankOf("a")); diff != "" {
			t.Error(diff)
		}
		want := []store.BankChange{{ID: id, Entity: "a", Bank: newBank, AskedAt: w.now, AskedBy: "anna", State: store.BankApproved, DecidedAt: w.now, DecidedBy: "max"}}
		if diff := gocmp.Diff(want, w.bankChanges(store.BankChangeFilter{Entity: "a"})); diff != "" {
			t.Error(diff)
		}
		says(t, w.s.ApproveBank(t.Context(), "max", id), "bank_change_decided")
		for action, who := range map[string]string{"bank.proposed": "anna", "bank.approved": "max", "entity.updated": "max"} {
			entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: action, Subject: "a"})
			if err != nil || len(entries) != 1 || entries[0].Who != who || !strings.Contains(entries[0].After, newBank.IBAN) {
				t.Errorf("%s: %+v, %v", action, entries, err)
			}
		}
	})
}

func TestLaterBankDataReplaceWhatWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		first := w.propose(newBank)
		other := newBank
		other.Holder = "Somebody else"
		second := w.propose(other)
		says(t, w.s.ApproveBank(t.Context(), "max", first), "bank_change_decided")
		if waiting := w.bankChanges(store.BankChangeFilter{Waiting: true}); len(waiting) != 1 || waiting[0].ID != second {
			t.Errorf("%+v", waiting)
		}
		if err := w.s.RejectBank(t.Context(), "anna", second); err != nil {
			t.Fatal(err)
		}
		var states []store.BankChangeState
		for _, c := range w.bankChanges(store.BankChangeFilter{}) {
			states = append(states, c.State)
		}
		if !gocmp.Equal(states, []store.BankChangeState{store.BankRejected, store.BankReplaced}) || w.bankOf("a") != (entities.Bank{}) {
			t.Errorf("%v, %+v", states, w.bankOf("a"))
		}
	})
}

func TestBankDataThatAreTheSameOrWrongAreNotProposed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.entity("a").Bank = newBank
		w.save()
		if id := w.propose(newBank); id != 0 {
			t.Errorf("change %d of nothing", id)
		}
		for bank, key := range map[entities.Bank]string{
			{IBAN: "DE03120300000000202051"}:                     "iban_check_digits",
			{IBAN: "DE0212030000000020205"}:                      "iban_length",
			{IBAN: newBank.IBAN, BIC: "X"}:                       "bic_malformed",
			{IBAN: "something", Holder: newBank.Holder, BIC: ""}: "iban_malformed",
		} {
			_, err := w.s.ProposeBank(t.Context(), "anna", "a", bank)
			says(t, err, key)
		}
		_, err := w.s.ProposeBank(t.Context(), "anna", "nobody", newBank)
		says(t, err, "entity_unknown")
		says(t, w.s.ApproveBank(t.Context(), "max", 7), "bank_change_unknown")
		says(t, w.s.RejectBank(t.Context(), "max", 7), "bank_change_unknown")
		if n := w.rows("bank_changes"); n != 0 {
			t.Errorf("%d changes", n)
		}
	})
}

func TestIBANIsNotLogged(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var log bytes.Buffer
		s, err := store.Open(t.Context(), url, store.Options{Now: w.clock, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		id, err := s.ProposeBank(t.Context(), "anna", "a", newBank)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ApproveBank(t.Context(), "max", id); err != nil {
			t.Fatal(err)
		}
		if log.Len() == 0 || strings.Contains(log.String(), newBank.IBAN) {
			t.Errorf("the log says %s", log.String())
		}
	})
}
