package creditnotes_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// tamperings are changes behind the back of the program, and what the proof of
// the books says to them.
var tamperings = []struct {
	name   string
	change func(d *memory.Data)
	want   string
}{
	{"a changed total", func(d *memory.Data) { d.Notes[0].Net++; d.Notes[0].Gross++ }, "verify_seal verify_total"},
	{"a changed recipient", func(d *memory.Data) { d.Notes[0].Recipient = "b" }, "verify_seal"},
	{"a changed position", func(d *memory.Data) { d.Notes[0].Positions[0].Net++ }, "verify_seal verify_position verify_tax verify_total"},
	{"a changed tax", func(d *memory.Data) { d.Notes[0].Taxes[0].Tax++ }, "verify_seal verify_tax verify_total"},
	{"a changed note with a new seal", func(d *memory.Data) {
		d.Notes[0].Document.Recipient.Name = "Another"
		d.Notes[0].Hash, _ = d.Notes[0].Seal()
	}, "verify_seal_recorded"},
	{"another unit price, with a new seal", func(d *memory.Data) {
		d.Notes[0].Positions[0].Prices[0].Price++
		d.Notes[0].Hash, _ = d.Notes[0].Seal()
	}, "verify_prices verify_seal_recorded"},
	{"a changed line", func(d *memory.Data) { d.Lines[1].NetEnergy++ }, "verify_lines verify_sessions"},
	{"a line of another owner", func(d *memory.Data) { d.Lines[1].OwnerID = 3 }, "verify_sessions"},
	{"a line that is open again", func(d *memory.Data) { d.Lines[1].Live = false }, "verify_undone"},
	{"a session that changed", func(d *memory.Data) { d.Sessions[0].Energy++ }, "verify_sessions verify_lifetime"},
	{"a session paid twice", func(d *memory.Data) { d.Lines = append(d.Lines, d.Lines[1]) }, "verify_lines verify_sessions verify_control verify_paid_twice"},
	{"a note that is gone", func(d *memory.Data) {
		d.Notes[0].Number, d.Notes[0].State, d.Notes[0].Sequence = "", creditnotes.Draft, 0
	}, "verify_numbers verify_note_gone verify_file_recorded"},
	{"a note that was never issued", func(d *memory.Data) {
		n := d.Notes[0]
		n.ID, n.Number, n.Sequence = 99, "GS-2026-00009", 9
		d.Notes = append(d.Notes, n)
	}, "verify_numbers verify_seal verify_lines verify_unrecorded verify_unrendered verify_run_notes"},
	{"a counter that was set back", func(d *memory.Data) {
		d.Counters[numbering.Counter{Range: "gs", Period: "2026"}] = memory.Range{First: 1, Next: 1}
	}, "verify_numbers"},
	{"a changed file", func(d *memory.Data) { d.Files[0].Content = []byte("x") }, "verify_file"},
	{"a changed file with its hash", func(d *memory.Data) { d.Files[0].SHA256 = strings.Repeat("0", 64) }, "verify_file verify_file_recorded"},
	{"files that are gone", func(d *memory.Data) { d.Files = nil }, "verify_file_recorded"},
	{"a changed mail", func(d *memory.Data) { d.Deliveries[0].To = []string{"x@x.example"} }, "verify_mailing"},
	{"a changed price path", func(d *memory.Data) {
		for id := range d.Paths {
			d.Paths[id] = []byte("{}")
			return
		}
	}, "verify_paths"},
	{"price paths that are gone", func(d *memory.Data) { clear(d.Paths) }, "verify_path_gone verify_path_gone"},
	{"a changed entry of the audit log", func(d *memory.Data) { d.Audit[3].Who = "another" }, "verify_audit"},
	{"an audit log without its end", func(d *memory.Data) { d.Audit = d.Audit[:len(d.Audit)-1] }, "verify_audit"},
	{"another person who began the run", func(d *memory.Data) { d.Runs[0].CreatedBy = "bob" }, "verify_run_people"},
	{"another stage of the run", func(d *memory.Data) { d.Runs[0].Stage = creditnotes.StageIssued }, "verify_run_stage"},
	{"another month of the run", func(d *memory.Data) { d.Runs[0].Month = "2026-09" }, "verify_run_dates"},
	{"another place of a note", func(d *memory.Data) { d.Notes[0].Ordinal = 9 }, "verify_run_notes"},
	{"another reason of a held session", func(d *memory.Data) { d.Holds[0].Reason = sessions.Overlap }, "verify_run_held"},
	{"a held session that is gone", func(d *memory.Data) {
		d.Sessions = slices.DeleteFunc(d.Sessions, func(s memory.Session) bool { return s.ID == d.Holds[0].SessionID })
	}, "verify_held_gone"},
	{"a control sheet without a session", func(d *memory.Data) { d.Owners[1].Control.Credited.Sessions-- }, "verify_control"},
	{"another reason of an excluded session", func(d *memory.Data) {
		for i := range d.Lines {
			if d.Lines[i].Kind == creditnotes.LineExcluded {
				d.Lines[i].Reason = sessions.OperatorOwned
			}
		}
	}, "verify_excluded"},
	{"a line that is gone", func(d *memory.Data) {
		d.Lines = slices.DeleteFunc(d.Lines, func(l memory.Line) bool { return l.Kind == creditnotes.LineExcluded })
	}, "verify_control verify_excluded verify_forgotten"},
}

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	for _, one := range tamperings {
		t.Run(one.name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Set("start_date", "2026-10-02")
				w.Charged(append(workedExample(), charge("S-0", "ST-1", "2026-10-01 10:00", "1"))...)
				w.Month("2026-10")
				w.s.Tamper(one.change)
				got := strings.Join(w.Problems(), " ")
				for want := range strings.FieldsSeq(one.want) {
					if !strings.Contains(" "+got+" ", " "+want+" ") {
						t.Errorf("verify finds %q, want %q", got, one.want)
					}
				}
			})
		})
	}
}

func TestVerifyComparesWithAnEntryThatWasKept(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		v, err := creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{})
		if err != nil || !v.Clean() || v.Notes != 1 || v.Files != 1 || v.Runs != 1 || v.Counters != 1 || v.Audit == 0 {
			t.Fatalf("%+v, %v", v, err)
		}
		if v, err = creditnotes.Verify(t.Context(), w.s, v.Head); err != nil || !v.Clean() {
			t.Errorf("%+v, %v", v, err)
		}
		v, err = creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{ID: v.Head.ID, Hash: "other"})
		if err != nil || v.Clean() || v.Problems[0].Key != "verify_audit_head" || v.Head.String() == "" {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestVerifySinceLeavesOutWhatIsEarlier(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		since := w.Now
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"), charge("S-3", "ST-9", "2026-11-03 10:00", "20"))
		w.Month("2026-11")
		look := func() (v *creditnotes.Verification, keys []string) {
			v, err := creditnotes.VerifySince(t.Context(), w.s, creditnotes.AuditHead{}, since)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range v.Problems {
				keys = append(keys, p.Key)
			}
			return v, keys
		}
		w.s.Tamper(func(d *memory.Data) { d.Lines[0].NetEnergy++; d.Notes[0].Net++ })
		if v, keys := look(); v.Notes != 2 || v.Files != 2 || v.Runs != 1 || len(keys) != 0 {
			t.Errorf("%d notes, %d files, %d runs, problems %v", v.Notes, v.Files, v.Runs, keys)
		}
		w.s.Tamper(func(d *memory.Data) { d.Lines[1].NetEnergy++; d.Notes[0].Number = "" })
		if _, keys := look(); !slices.Contains(keys, "verify_lines") || !slices.Contains(keys, "verify_note_gone") {
			t.Errorf("it finds %v", keys)
		}
	})
}

func TestFilesThatAreBeingMadeAreNoFault(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		if _, err := w.Runner.Run(t.Context(), byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		v, err := creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{})
		if err != nil || !v.Clean() || !slices.Equal(v.Rendering, []string{"GS-2026-00001"}) {
			t.Errorf("%v %v, %v", v.Problems, v.Rendering, err)
		}
		w.Now = w.Now.Add(time.Hour)
		if got := w.Problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("verify finds %v", got)
		}
	})
}
