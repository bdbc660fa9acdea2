package creditnotestest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

func filesAreStoredOnce(t *testing.T, w *World) {
	ctx := t.Context()
	w.Charged(append(WorkedExample(), Charge("S-7", "ST-9", "2026-10-03 10:00", "1"))...)
	run, err := w.Runner.Run(ctx, ByAnna("2026-10"))
	w.must(err)
	left, err := w.Store.Unrendered(ctx, run.ID)
	if err != nil || len(left) != 2 || left[0].Number != "GS-2026-00001" {
		t.Fatalf("%+v, %v", left, err)
	}
	content := []byte("one")
	files := []creditnotes.File{{Kind: creditnotes.FileCSV, Name: "x.csv", MediaType: "text/csv", Content: content},
		{Kind: creditnotes.FilePDF, Name: "x.pdf", MediaType: "application/pdf", Content: []byte("two")}}
	w.must(w.Store.SaveFiles(ctx, left[0].ID, files))
	content[0] = 'X' // what is stored is a copy
	w.must(w.Store.SaveFiles(ctx, left[0].ID, []creditnotes.File{{Kind: creditnotes.FileCSV, Name: "x.csv", Content: []byte("three")}}))
	infos, err := w.Store.FileInfos(ctx, left[0].ID)
	w.must(err)
	want := []creditnotes.FileInfo{
		{Kind: creditnotes.FilePDF, Name: "GS-2026-00001.pdf", MediaType: "application/pdf", SHA256: "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3", Bytes: 3},
		{Kind: creditnotes.FileCSV, Name: "GS-2026-00001.csv", MediaType: "text/csv", SHA256: "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", Bytes: 3},
	}
	if diff := gocmp.Diff(want, infos); diff != "" {
		t.Error(diff)
	}
	stored, err := w.Store.StoredFiles(ctx, left[0].ID)
	if err != nil || len(stored) != 2 || !bytes.Equal(stored[1].Content, []byte("one")) {
		t.Errorf("%+v, %v", stored, err)
	}
	if stage := w.Run("2026-10").Stage; stage != creditnotes.StageIssued {
		t.Errorf("the run is %s", stage)
	}
	w.must(w.Store.SaveFiles(ctx, left[1].ID, files))
	if left, err := w.Store.Unrendered(ctx, run.ID); err != nil || len(left) != 0 || w.Run("2026-10").Stage != creditnotes.StageCompleted {
		t.Errorf("%+v, %v, the run is %s", left, err, w.Run("2026-10").Stage)
	}
	w.Proven()
}

func discardLeavesNothing(t *testing.T, w *World) {
	w.Owing()
	w.Set("release", "approve")
	w.Charged(WorkedExample()...)
	before := w.counts()
	carried, err := w.Store.CarriedForward(t.Context())
	w.must(err)
	w.Month("2026-11")
	run := w.Run("2026-11-2")
	w.must(w.Store.DiscardRun(t.Context(), run, "berta"))
	after := w.counts()
	before["runs"]++
	before["audit entries"], after["audit entries"] = 0, 0
	if diff := gocmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	again, err := w.Store.CarriedForward(t.Context())
	if diff := gocmp.Diff(carried, again); err != nil || diff != "" {
		t.Error(diff, err)
	}
	owners, err := w.Store.OwnerResults(t.Context(), run.ID)
	holds, holdsErr := w.Store.Holds(t.Context(), run.ID)
	if err := errors.Join(err, holdsErr); err != nil || len(owners)+len(holds) != 0 {
		t.Errorf("%+v %+v, %v", owners, holds, err)
	}
}

func sumIsBroughtAlongOnce(t *testing.T, w *World) {
	ctx := t.Context()
	w.Owing()
	carried, err := w.Store.CarriedForward(ctx)
	if err != nil || len(carried) != 1 || len(carried[0].Owners) != 1 || carried[0].Owners[0] != "a" || carried[0].Note.Net != -315 {
		t.Fatalf("%+v, %v", carried, err)
	}
	run, _, err := w.Store.BeginRun(ctx, w.wanted())
	w.must(err)
	first, err := w.Store.NoteIDs(ctx, 2)
	w.must(err)
	bring := func(id int64) error {
		n := *carried[0].Note
		n.ID, n.RunID, n.State = id, run.ID, creditnotes.Draft
		n.Positions = []creditnotes.Position{{Ordinal: 1, Owner: "a", Component: creditnotes.CarriedForward, Month: "2026-11",
			Net: -315, CarriedFrom: carried[0].Note.ID, TaxAccount: "s19"}}
		return w.Store.WriteDraft(ctx, run, func(d creditnotes.DraftWriter) error { return d.SaveDrafts([]*creditnotes.Note{&n}) })
	}
	w.must(bring(first))
	if err := bring(first + 1); err == nil {
		t.Error("two notes bring one sum along")
	}
	if again, err := w.Store.CarriedForward(ctx); err != nil || len(again) != 0 {
		t.Errorf("it still waits: %+v, %v", again, err)
	}
	dependents, err := w.Store.Dependents(ctx, carried[0].Note.ID)
	if err != nil || len(dependents) != 1 || dependents[0] != (creditnotes.Correction{NoteID: first, State: creditnotes.Draft}) {
		t.Errorf("%+v, %v", dependents, err)
	}
	if next, err := w.Store.NoteIDs(ctx, 1); err != nil || next != first+2 {
		t.Errorf("the next id is %d, %v", next, err)
	}
}

func handedOutIsACopy(t *testing.T, w *World) {
	ctx := t.Context()
	w.Charged(WorkedExample()...)
	w.Month("2026-10")
	spoil := func(n *creditnotes.Note) {
		n.Net++
		n.Owners[0], n.Positions[0].Station, n.Taxes[0].Name = "x", "x", "x"
		n.Document.MailTo[0], n.Document.OwnerNames["a"], n.Document.Mentions[0] = "x", "x", "x"
	}
	before := w.Everything()
	config, err := w.Store.Configuration(ctx)
	w.must(err)
	config.Entities[0].Name, config.Entities[1].Emails[0], config.Stations[0].Owners[0].Entity = "x", "x", "x"
	config.Connectors[0].Tariffs[0].Community, config.Tariffs.CostRates[0].Energy[0].PerKWh = "x", 1
	config.TaxAccounts[0].Rates[0].Percent, config.NumberRanges[0].ValidFor[0] = 1, "x"
	for _, n := range w.Issued() {
		spoil(n)
	}
	spoil(w.Note("GS-2026-00001"))
	notes, err := w.Store.RunNotes(ctx, w.Run("2026-10").ID)
	w.must(err)
	spoil(notes[0])
	if diff := gocmp.Diff(before, w.Everything()); diff != "" {
		t.Error(diff)
	}
	again, err := w.Store.Configuration(ctx)
	if err != nil || again.Entities[0].Name == "x" || again.Entities[1].Emails[0] == "x" || again.Stations[0].Owners[0].Entity == "x" ||
		again.Connectors[0].Tariffs[0].Community == "x" || again.Tariffs.CostRates[0].Energy[0].PerKWh == 1 || again.TaxAccounts[0].Rates[0].Percent == 1 {
		t.Errorf("%+v, %v", again, err)
	}
	w.Config.Entities[1].Emails[0] = "later@a.example" // what was handed in
	if e, err := w.Store.Entity(ctx, "a"); err != nil || e.Emails[0] != "a@a.example" {
		t.Errorf("%+v, %v", e, err)
	}
	w.Proven()
}

func notesAreFound(t *testing.T, w *World) {
	ctx := t.Context()
	w.Charged(append(WorkedExample(), Charge("S-7", "ST-9", "2026-10-03 10:00", "1"))...)
	w.Month("2026-10")
	w.Now = Evening("2026-11-30")
	w.Charged(Charge("S-8", "ST-9", "2026-11-03 10:00", "1"))
	w.Month("2026-11")
	w.Now = w.Now.Add(time.Minute)
	w.Cancel("GS-2026-00001")
	for _, c := range []struct {
		f    creditnotes.NoteFilter
		want string
	}{
		{creditnotes.NoteFilter{}, "GS-2026-00001 GS-2026-00002 GS-2026-00003 ST-2026-00001"},
		{creditnotes.NoteFilter{Month: "2026-11"}, "GS-2026-00003"},
		{creditnotes.NoteFilter{FromMonth: "2026-11", UntilMonth: "2026-12"}, "GS-2026-00003"},
		{creditnotes.NoteFilter{Owner: "b", Run: "2026-10"}, "GS-2026-00002"},
		{creditnotes.NoteFilter{Recipient: "a", Kind: numbering.CreditNote}, "GS-2026-00001"},
		{creditnotes.NoteFilter{Standing: creditnotes.StandsIssued}, "GS-2026-00002 GS-2026-00003"},
		{creditnotes.NoteFilter{Standing: creditnotes.StandsCancelled}, "GS-2026-00001"},
		{creditnotes.NoteFilter{Standing: creditnotes.StandsAgainst}, "ST-2026-00001"},
		{creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}, ""},
		{creditnotes.NoteFilter{Number: "GS-2026-00002", Range: "gs", Currency: "EUR"}, "GS-2026-00002"},
		{creditnotes.NoteFilter{Text: "st-2026"}, "ST-2026-00001"},
		{creditnotes.NoteFilter{Delivery: creditnotes.NeverMailed}, ""},
		{creditnotes.NoteFilter{Delivery: creditnotes.DeliveryQueued, Scope: []string{"b"}}, "GS-2026-00002 GS-2026-00003"},
	} {
		if got := w.numbersOf(c.f); got != c.want {
			t.Errorf("%+v: %s, want %s", c.f, got, c.want)
		}
	}
	nets, err := w.Store.MonthNets(ctx, "2026-10")
	if err != nil || len(nets) != 1 || nets[0] != (creditnotes.OwnerNet{Owner: "b", Currency: "EUR", Net: 32}) {
		t.Errorf("%+v, %v", nets, err)
	}
	last, err := w.Store.LastDocument(ctx, "gs")
	if err != nil || last != (creditnotes.LastDocument{Number: "GS-2026-00003", Date: "2026-11-30"}) {
		t.Errorf("%+v, %v", last, err)
	}
	by, err := w.Store.CancelledBy(ctx, w.Note("GS-2026-00001").ID)
	if err != nil || by != "ST-2026-00001" {
		t.Errorf("%q, %v", by, err)
	}
	noted, err := w.Store.NotedOwners(ctx, &creditnotes.Run{Month: "2026-10"})
	b, bErr := w.Store.Entity(ctx, "b")
	if err := errors.Join(err, bErr); err != nil || len(noted) != 1 || !noted[b.ID] {
		t.Errorf("%v, %v", noted, err)
	}
}

func trimmed(text string) string {
	if text == "" {
		return ""
	}
	return text[1:]
}

func mailingsAreNumbered(t *testing.T, w *World) {
	ctx := t.Context()
	w.Charged(WorkedExample()...)
	w.Month("2026-10")
	note := w.Note("GS-2026-00001")
	for copy := 1; copy <= 2; copy++ {
		d, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: note.Number, Who: "anna"})
		if err != nil || d.Copy != copy || d.ID == 0 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	list, err := w.Store.Mailings(ctx, note.ID)
	if err != nil || len(list) != 3 || list[2].MessageID != "<GS-2026-00001.2@op.example>" || list[0].State != creditnotes.DeliveryQueued ||
		len(list[0].Recipients) != 1 || list[0].Recipients[0].State != creditnotes.RecipientQueued {
		t.Errorf("%+v, %v", list, err)
	}
	if open, err := w.Store.Undelivered(ctx, note.RunID); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
	w.Proven()
}

func assetsAreKept(t *testing.T, w *World) {
	ctx, content := t.Context(), []byte("<svg/>")
	name, err := w.Store.SaveAsset(ctx, content)
	w.must(err)
	content[0] = 'x'
	got, err := w.Store.Asset(ctx, name)
	if err != nil || string(got) != "<svg/>" || len(name) != 64 {
		t.Errorf("%q %q, %v", name, got, err)
	}
	marked, err := w.Store.MarkedAddresses(ctx)
	proposals, proposalsErr := w.Store.Proposals(ctx, creditnotes.ProposalFilter{})
	if err := errors.Join(err, proposalsErr, w.Store.SecondPerson(ctx, "anna", "berta")); err != nil || len(marked)+len(proposals) != 0 {
		t.Errorf("%+v %+v, %v", marked, proposals, err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := w.Store.AdvanceRun(stopped, &creditnotes.Run{}, "", "", ""); err == nil || fault.Is(err, fault.Conflict) {
		t.Errorf("a process that was stopped writes: %v", err)
	}
}
