package creditnotes_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// printer cannot print notes with a word in them, and replaces that word.
type printer string

func (p printer) Try(n *creditnotes.Note) error {
	if strings.Contains(n.Document.Recipient.Name+n.Document.CancelReason, string(p)) {
		return errors.New("no ink")
	}
	return nil
}

func (p printer) TryInvoice(*creditnotes.Note) error { return nil }

func (p printer) TryFile(*creditnotes.Note, creditnotes.FileKind) error { return nil }

func (p printer) Replaced(text string) (list []creditnotes.Replacement) {
	if strings.Contains(text, string(p)) {
		list = append(list, creditnotes.Replacement{Character: '🔌', By: "□"})
	}
	return list
}

func TestOwnerWhoseNoteCannotBePrintedFailsBeforeANumberIsTaken(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Runner.Printer = printer("Plug")
		w.Entity("a").LegalName = "Plug & Co"
		w.Save()
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-a a owner_failed
			failed a note_unprintable
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Proven()
		w.Entity("a").LegalName = "Hotel"
		w.Save()
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

// brokenPrinter is a printer with a fault of its own.
type brokenPrinter struct{ printer }

func (p brokenPrinter) Try(n *creditnotes.Note) error {
	if p.printer.Try(n) != nil {
		panic("slice bounds out of range")
	}
	return nil
}

func TestAPanicOfThePrinterFailsOneOwner(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Runner.Printer = brokenPrinter{"Plug"}
		w.Entity("a").LegalName = "Plug & Co"
		w.Save()
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-a a owner_failed
			failed a note_unprintable
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}

// A panic anywhere in a shard stops the run, with the reason kept, and not the
// process; the next attempt goes on.
func TestAPanicWhileDraftingIsKeptWithTheRun(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Runner = w.NewRunner(panickingDraft{w.s})
		if _, err := w.Try("2026-10"); err == nil || !strings.Contains(err.Error(), "index out of range") {
			t.Fatalf("the run ends with %v", err)
		}
		if f := w.Failure("2026-10"); f == nil || f.Reference == "" {
			t.Errorf("kept is %+v", f)
		}
		w.Runner = w.NewRunner(w.s)
		w.Month("2026-10")
		w.Proven()
	})
}

// panickingDraft breaks in a worker that drafts a shard.
type panickingDraft struct{ creditnotes.Store }

func (panickingDraft) WriteDraft(context.Context, *creditnotes.Run, func(creditnotes.DraftWriter) error) error {
	panic("index out of range")
}

func TestCancellationThatCannotBePrintedTakesNoNumber(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Runner.Printer = printer("Plug")
		w.Charged(workedExample()...)
		w.Month("2026-10")
		_, err := w.Runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "Plug broken", Who: "anna"})
		says(t, err, "note_unprintable")
		if n := w.Count("notes"); n != 1 {
			t.Errorf("%d documents", n)
		}
		if note := w.Cancel("GS-2026-00001"); note.Number != "ST-2026-00001" {
			t.Errorf("the next cancellation is %s", note.Number)
		}
		w.Proven()
	})
}

func TestReadinessNamesWhatIsPrintedOtherwise(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Runner.Printer = printer("Plug")
		w.Entity("a").Street, w.Entity("a").SessionDetail = "Plug Street 1", entities.DetailPDF
		w.Config.Stations[0].Name = "Plug station"
		w.Save()
		w.Charged(charge("Plug-1", "ST-1", "2026-10-03 10:00", "10"), charge("Plug-2", "ST-1", "2026-10-04 10:00", "10"),
			charge("Plug-3", "ST-1", "2026-10-05 10:00", "10"), charge("Plug-4", "ST-1", "2026-10-06 10:00", "10"), charge("S-5", "ST-1", "2026-10-07 10:00", "1"))
		ready, err := w.Runner.Readiness(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range ready.Findings {
			if f.Fault.Key == "text_replaced" {
				if f.Severity != creditnotes.Warns || f.Fault.Args["owner"] != "a" || f.Fault.Args["signs"] != `U+1F50C → "□"` {
					t.Errorf("%s %v", f.Severity, f.Fault)
				}
				got = append(got, f.Fault.Args["where"].(string))
			}
		}
		want := []string{"entities/a/street", "sessions/Plug-1", "sessions/Plug-2", "sessions/Plug-3", "stations/ST-1/name"}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("named are %v, want %v", got, want)
		}
	})
}

// lacking is a printer that writes no Peppol file.
type lacking struct{ printer }

func (lacking) TryFile(_ *creditnotes.Note, kind creditnotes.FileKind) error {
	if kind == creditnotes.FilePeppol {
		return fault.New(fault.NotReady, "einvoice_tax_id_missing", fault.Args{"party": "Hotel"})
	}
	return nil
}

func TestReadinessNamesAChannelThatIsLostWhileDrafting(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		a := w.Entity("a")
		a.ElectronicAddress, a.Delivery = "9930:DE987654321", []entities.Channel{entities.ChannelPeppol}
		a.Capabilities = []entities.Capability{{Channel: entities.ChannelPeppol, From: "2026-01-01"}}
		w.Entity("op").ElectronicAddress = "9930:DE123456788"
		w.Save()
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"))
		for _, lost := range []bool{true, false} {
			w.Runner.Printer = printer("Plug")
			if lost {
				w.Runner.Printer = lacking{"Plug"}
			}
			ready, err := w.Runner.Readiness(t.Context(), "2026-10")
			if err != nil {
				t.Fatal(err)
			}
			var named []string
			for _, f := range ready.Findings {
				if f.Severity == creditnotes.Warns && f.Fault.Key == "delivery_fallback" {
					named = append(named, f.Fault.Error())
				}
			}
			if (len(named) == 1) != lost || len(named) > 1 {
				t.Errorf("with the file lost (%t), readiness says %q", lost, named)
			}
		}
	})
}
