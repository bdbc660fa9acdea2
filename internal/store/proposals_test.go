package store_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

var newBank = entities.Bank{Holder: "Hotel A GmbH", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"}

// configured is the configuration as it is now.
func (w *world) configured() *creditnotes.Configuration {
	w.T.Helper()
	c, err := w.s.Configuration(w.T.Context())
	w.ok(err)
	return c
}

// bankOf is the bank account that an entity has now.
func (w *world) bankOf(key string) entities.Bank {
	w.T.Helper()
	return entityIn(w.configured(), key).Bank
}

func (w *world) proposeBank(bank entities.Bank) int64 {
	w.T.Helper()
	waiting, _, err := w.s.ProposeBank(w.T.Context(), "anna", "a", bank)
	w.ok(err)
	if len(waiting) == 0 {
		return 0
	}
	return waiting[0].ID
}

func (w *world) proposals(f creditnotes.ProposalFilter) []creditnotes.Proposal {
	w.T.Helper()
	list, err := w.s.Proposals(w.T.Context(), f)
	w.ok(err)
	return list
}

// edits has anna change an entity on the pages, and returns what waits.
func (w *world) edits(key string, confirmed bool, change func(e *entities.Entity)) ([]creditnotes.Proposal, error) {
	w.T.Helper()
	version, err := w.s.ConfigurationVersion(w.T.Context())
	w.ok(err)
	e := *entityIn(w.configured(), key)
	change(&e)
	_, waiting, err := w.s.ChangeConfiguration(w.T.Context(), "anna", confirmed, version, &creditnotes.Configuration{Entities: []entities.Entity{e}}, nil)
	return waiting, err
}

// owns has anna give a station other owners on the pages.
func (w *world) owns(station string, owners ...entities.Ownership) ([]creditnotes.Proposal, error) {
	w.T.Helper()
	version, err := w.s.ConfigurationVersion(w.T.Context())
	w.ok(err)
	for _, s := range w.configured().Stations {
		if s.Key == station {
			s.Owners = owners
			_, waiting, err := w.s.ChangeConfiguration(w.T.Context(), "anna", true, version, &creditnotes.Configuration{Stations: []entities.Station{s}}, nil)
			return waiting, err
		}
	}
	w.T.Fatalf("no station %s", station)
	return nil, nil
}

func TestBankDataNeedASecondPerson(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		typed := newBank
		typed.IBAN = "de02 1203 0000 0000 2020 51"
		id := w.proposeBank(typed)
		if got := w.bankOf("a"); got != (entities.Bank{}) {
			t.Errorf("before the approval it is %+v", got)
		}
		err := w.s.Approve(t.Context(), "anna", id)
		says(t, err, "proposal_same_person")
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%v", err)
		}
		if got := w.proposals(creditnotes.ProposalFilter{Waiting: true}); len(got) != 1 || w.bankOf("a") != (entities.Bank{}) {
			t.Fatalf("what anna did is kept: %+v", got)
		}
		check(t, w.s.Approve(t.Context(), "max", id))
		if diff := cmp.Diff(newBank, w.bankOf("a")); diff != "" {
			t.Error(diff)
		}
		want := []creditnotes.Proposal{{
			ID: id, Matter: creditnotes.MatterBank, Subject: "a", Before: "{}", After: `{"holder":"Hotel A GmbH","iban":"DE02120300000000202051","bic":"BYLADEM1001"}`,
			AskedAt: w.Now, AskedBy: "anna", State: creditnotes.ProposalApproved, DecidedAt: w.Now, DecidedBy: "max",
		}}
		if diff := cmp.Diff(want, w.proposals(creditnotes.ProposalFilter{Subject: "a"})); diff != "" {
			t.Error(diff)
		}
		says(t, w.s.Approve(t.Context(), "max", id), "proposal_decided")
		for action, who := range map[string]string{"change.proposed": "anna", "change.approved": "max", "entity.updated": "max"} {
			entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: action, Subject: "a"})
			if err != nil || len(entries) != 1 || entries[0].Who != who || !strings.Contains(entries[0].After, newBank.IBAN) {
				t.Errorf("%s: %+v, %v", action, entries, err)
			}
		}
	})
}

func TestLaterBankDataReplaceWhatWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		first := w.proposeBank(newBank)
		if again := w.proposeBank(newBank); again != first {
			t.Errorf("asked for again it is change %d, first %d", again, first)
		}
		other := newBank
		other.Holder = "Somebody else"
		second := w.proposeBank(other)
		says(t, w.s.Approve(t.Context(), "max", first), "proposal_decided")
		if waiting := w.proposals(creditnotes.ProposalFilter{Waiting: true}); len(waiting) != 1 || waiting[0].ID != second {
			t.Errorf("%+v", waiting)
		}
		check(t, w.s.Reject(t.Context(), "anna", second))
		var states []creditnotes.ProposalState
		for _, c := range w.proposals(creditnotes.ProposalFilter{}) {
			states = append(states, c.State)
		}
		if !cmp.Equal(states, []creditnotes.ProposalState{creditnotes.ProposalRejected, creditnotes.ProposalReplaced}) || w.bankOf("a") != (entities.Bank{}) {
			t.Errorf("%v, %+v", states, w.bankOf("a"))
		}
	})
}

func TestBankDataThatAreTheSameOrWrongAreNotProposed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Entity("a").Bank = newBank
		w.Save()
		if id := w.proposeBank(newBank); id != 0 {
			t.Errorf("change %d of nothing", id)
		}
		for bank, key := range map[entities.Bank]string{
			{IBAN: "DE03120300000000202051"}:                     "iban_check_digits",
			{IBAN: "DE0212030000000020205"}:                      "iban_length",
			{IBAN: newBank.IBAN, BIC: "X"}:                       "bic_malformed",
			{IBAN: "something", Holder: newBank.Holder, BIC: ""}: "iban_malformed",
		} {
			_, _, err := w.s.ProposeBank(t.Context(), "anna", "a", bank)
			says(t, err, key)
		}
		_, _, err := w.s.ProposeBank(t.Context(), "anna", "nobody", newBank)
		says(t, err, "entity_unknown")
		says(t, w.s.Approve(t.Context(), "max", 7), "proposal_unknown")
		says(t, w.s.Reject(t.Context(), "max", 7), "proposal_unknown")
		if n := w.rows("proposals"); n != 0 {
			t.Errorf("%d changes", n)
		}
	})
}

func TestWhatMovesMoneyNeedsThePassword(t *testing.T) {
	for claim, change := range map[string]func(e *entities.Entity){
		"bank data":                func(e *entities.Entity) { e.Bank = newBank },
		"alternate credit address": func(e *entities.Entity) { e.AlternateCredit = "b" },
		"billing e-mail":           func(e *entities.Entity) { e.Emails = []string{"thief@example.com"} },
		"reply-to":                 func(e *entities.Entity) { e.ReplyTo = "thief@example.com" },
	} {
		t.Run(claim, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.withOthers()
				before := w.configured()
				_, err := w.edits("a", false, change)
				says(t, err, "matter_unconfirmed")
				if diff := cmp.Diff(before, w.configured()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// withOthers gives the two Sub-CPOs addresses.
func (w *world) withOthers() {
	w.T.Helper()
	w.Entity("a").Emails, w.Entity("b").Emails = []string{"billing@a.example"}, []string{"office@b.example"}
	w.Save()
}

func TestAlternateAddressWaitsForASecondPersonAndTheRestDoesNot(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		waiting, err := w.edits("a", true, func(e *entities.Entity) {
			e.AlternateCredit, e.Phone, e.Emails = "b", "4711", []string{"new@a.example"}
		})
		check(t, err)
		if len(waiting) != 1 || waiting[0].Matter != creditnotes.MatterAlternate || waiting[0].After != `"b"` {
			t.Fatalf("%+v", waiting)
		}
		if a := entityIn(w.configured(), "a"); a.AlternateCredit != "" || a.Phone != "4711" || a.Emails[0] != "new@a.example" {
			t.Errorf("%+v", a)
		}
		check(t, w.s.Approve(t.Context(), "max", waiting[0].ID))
		if a := entityIn(w.configured(), "a"); a.AlternateCredit != "b" || a.Phone != "4711" {
			t.Errorf("%+v", a)
		}
	})
}

func TestMattersOfTheSettingWait(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		w.Set("second_person", "billing_email,reply_to,station_owner")
		waiting, err := w.edits("a", true, func(e *entities.Entity) {
			e.Emails, e.ReplyTo, e.Bank = []string{"thief@example.com"}, "thief@example.com", newBank
		})
		check(t, err)
		var matters []creditnotes.Matter
		for _, p := range waiting {
			matters = append(matters, p.Matter)
		}
		if !slices.Equal(matters, []creditnotes.Matter{creditnotes.MatterEmail, creditnotes.MatterReplyTo}) {
			t.Errorf("%v wait", matters)
		}
		if a := entityIn(w.configured(), "a"); a.Emails[0] != "billing@a.example" || a.ReplyTo != "" || a.Bank != newBank {
			t.Errorf("%+v", a)
		}
		for _, p := range waiting {
			check(t, w.s.Approve(t.Context(), "max", p.ID))
		}
		if a := entityIn(w.configured(), "a"); a.Emails[0] != "thief@example.com" || a.ReplyTo != "thief@example.com" {
			t.Errorf("%+v", a)
		}
		waiting, err = w.owns("ST-1", entities.Ownership{From: "2026-12-01", Entity: "b"})
		check(t, err)
		if len(waiting) != 1 || waiting[0].Matter != creditnotes.MatterOwner {
			t.Fatalf("%+v", waiting)
		}
		check(t, w.s.Approve(t.Context(), "max", waiting[0].ID))
		for _, s := range w.configured().Stations {
			if s.Key == "ST-1" && (len(s.Owners) != 1 || s.Owners[0].Entity != "b") {
				t.Errorf("%+v", s.Owners)
			}
		}
	})
}

func TestOwnersOfThePastMayNeedASecondPersonAlone(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		w.Set("second_person", "backdated_owner")
		var owners []entities.Ownership
		for _, s := range w.configured().Stations {
			if s.Key == "ST-1" {
				owners = s.Owners
			}
		}
		waiting, err := w.owns("ST-1", append(slices.Clone(owners), entities.Ownership{From: "2027-01-01", Entity: "b"})...)
		if err != nil || len(waiting) != 0 {
			t.Errorf("from next year: %+v, %v", waiting, err)
		}
		waiting, err = w.owns("ST-1", append(slices.Clone(owners), entities.Ownership{From: "2026-10-01", Entity: "b"})...)
		if err != nil || len(waiting) != 1 {
			t.Errorf("from last month: %+v, %v", waiting, err)
		}
	})
}

func TestConnectorDoesNotChangeHandsUnnoticed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		w.Set("second_person", "station_owner")
		c := w.configured().Connectors[0]
		from, to := c.Station, "ST-2"
		if from == to {
			to = "ST-1"
		}
		c.Station = to
		version, err := w.s.ConfigurationVersion(t.Context())
		check(t, err)
		_, waiting, err := w.s.ChangeConfiguration(t.Context(), "anna", true, version, &creditnotes.Configuration{Connectors: []entities.Connector{c}}, nil)
		check(t, err)
		if len(waiting) != 1 || waiting[0].Matter != creditnotes.MatterConnector || w.configured().Connectors[0].Station != from {
			t.Fatalf("%+v", waiting)
		}
		check(t, w.s.Approve(t.Context(), "max", waiting[0].ID))
		if now := w.configured().Connectors[0].Station; now != to {
			t.Errorf("it is at %s", now)
		}
	})
}

func TestWhoTakesTheSecondPersonAwayNeedsOne(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		for key, value := range map[string]string{"second_person": "alternate_address", "release": "automatic"} {
			changed, waiting, err := w.s.ChangeSettings(t.Context(), "anna", []creditnotes.Setting{{Key: key, Value: value}, {Key: "revenue_account", Value: key}})
			check(t, err)
			if changed != 1 || len(waiting) != 1 || waiting[0].Subject != key {
				t.Fatalf("%s: %d changed, %+v wait", key, changed, waiting)
			}
			settings, err := w.s.Settings(t.Context())
			check(t, err)
			if settings.Values()[key] == value || settings.RevenueAccount != key {
				t.Errorf("%s is %s at once", key, value)
			}
			says(t, w.s.Approve(t.Context(), "anna", waiting[0].ID), "proposal_same_person")
			check(t, w.s.Approve(t.Context(), "max", waiting[0].ID))
			if settings, err = w.s.Settings(t.Context()); err != nil || settings.Values()[key] != value {
				t.Errorf("%s is %s, %v", key, settings.Values()[key], err)
			}
		}
		changed, waiting, err := w.s.ChangeSettings(t.Context(), "anna", []creditnotes.Setting{{Key: "second_person", Value: "bank,reply_to,alternate_address"}})
		if err != nil || changed != 1 || len(waiting) != 0 {
			t.Errorf("more matters: %d changed, %+v wait, %v", changed, waiting, err)
		}
	})
}

func TestAChangeThatIsWrongDoesNotWait(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, err := w.edits("a", true, func(e *entities.Entity) { e.AlternateCredit = "nobody" })
		says(t, err, "alternate_address_unknown")
		if n := w.rows("proposals"); n != 0 {
			t.Errorf("%d changes wait", n)
		}
	})
}

func TestAChangeIsApprovedAsItIsShown(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		id := w.proposeBank(newBank)
		w.Entity("a").Bank = entities.Bank{Holder: "Other", IBAN: "DE02300209000106531065"}
		w.Save() // on the command line, meanwhile
		says(t, w.s.Approve(t.Context(), "max", id), "proposal_outdated")
		if got := w.proposals(creditnotes.ProposalFilter{Waiting: true}); len(got) != 1 || w.bankOf("a").Holder != "Other" {
			t.Errorf("%+v, %+v", got, w.bankOf("a"))
		}
	})
}

func TestAChangeIsNotApprovedByOneWhoCountsAsTheSame(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin)
		w.member(page("anna"), "max", access.Admin)
		w.member(shell("root"), "berta", access.Admin)
		id := w.proposeBank(newBank)
		says(t, w.s.Approve(t.Context(), "max", id), "persons_are_tied")
		if w.bankOf("a") != (entities.Bank{}) {
			t.Error("it applies")
		}
		check(t, w.s.Approve(t.Context(), "berta", id))
	})
}

func TestFormerAddressesAreToldOfWhatMovesMoney(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		w.member(shell("root"), "berta", access.Admin)
		w.noticesUntilNow()
		_, err := w.edits("a", true, func(e *entities.Entity) {
			e.Emails, e.AlternateCredit = []string{"thief@example.com"}, "b"
		})
		check(t, err)
		waiting := w.proposals(creditnotes.ProposalFilter{Waiting: true})
		check(t, w.s.Approve(t.Context(), "max", waiting[0].ID))
		_, err = w.owns("ST-1", entities.Ownership{From: "2026-10-01", Entity: "b"})
		check(t, err)
		want := []string{
			"billing@a.example: entity_asked alternate_address:", // the former address, although it is replaced
			"billing@a.example: entity_done billing_email:billing@a.example",
			"berta@example.com: asked alternate_address:",
			"thief@example.com: entity_done alternate_address:",
			"berta@example.com: changed alternate_address:",
			"thief@example.com: entity_done station_owner:",
		}
		got := w.noticesUntilNow()
		for i := range got { // owners are told in full
			if before, _, found := strings.Cut(got[i], "station_owner:"); found {
				got[i] = before + "station_owner:"
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// noticesUntilNow lists the notices that were not listed before, with what each
// says that was.
func (w *world) noticesUntilNow() (list []string) {
	w.T.Helper()
	for ; ; w.notices++ {
		n, _, _, err := w.s.Notice(w.T.Context(), w.notices+1)
		if fault.Is(err, fault.NotFound) {
			return list
		}
		w.ok(err)
		line := n.To + ": " + string(n.Kind)
		for _, item := range n.Facts.Items {
			line += " " + item.Matter + ":" + item.Before
		}
		list = append(list, line)
	}
}

func TestNetworkFileOnTheServerIsToldToAdministrators(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withOthers()
		w.member(shell("root"), "berta", access.Admin)
		w.noticesUntilNow()
		w.Entity("a").Bank, w.Entity("a").Emails = newBank, []string{"other@a.example"}
		w.Save()
		if a := entityIn(w.configured(), "a"); a.Bank != newBank || a.Emails[0] != "other@a.example" {
			t.Errorf("it does not apply: %+v", a)
		}
		want := []string{"berta@example.com: changed bank: billing_email:billing@a.example"}
		if diff := cmp.Diff(want, w.noticesUntilNow()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReadinessListsWhatWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.proposeBank(newBank)
		readiness, err := w.Runner.Readiness(t.Context(), "2026-10")
		check(t, err)
		found := slices.ContainsFunc(readiness.Findings, func(f creditnotes.Finding) bool {
			return f.Fault.Key == "proposal_waits" && f.Fault.Args["subject"] == "a" && f.Fault.Args["who"] == "anna"
		})
		if !found {
			t.Errorf("%+v", readiness.Findings)
		}
	})
}

func TestIBANIsNotLogged(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var log bytes.Buffer
		s, err := store.Open(t.Context(), url, store.Options{Now: w.Clock, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		waiting, _, err := s.ProposeBank(t.Context(), "anna", "a", newBank)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Approve(t.Context(), "max", waiting[0].ID); err != nil {
			t.Fatal(err)
		}
		if log.Len() == 0 || strings.Contains(log.String(), newBank.IBAN) {
			t.Errorf("the log says %s", log.String())
		}
	})
}
