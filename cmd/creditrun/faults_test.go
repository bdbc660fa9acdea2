package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

// ran is the small network after the run of October.
func (w *world) ran() *world {
	w.Helper()
	w.small().do("run", "--month", "2026-10")
	return w
}

// deliveries are the states of the mails by note.
func (w *world) deliveries() map[string]creditnotes.DeliveryState {
	w.Helper()
	states := map[string]creditnotes.DeliveryState{}
	for _, note := range w.notes() {
		states[*note.Number] = note.Delivery
	}
	return states
}

func TestMailWaitsForAServerThatIsDown(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().mail = "smtp://127.0.0.1:1?tls=none"
		for range 3 { // each time it is tried once more
			said := w.fails(exitFailed, "deliver")
			for _, want := range []string{"127.0.0.1:1", "connection refused", "Mails that wait: 2", "creditrun deliver"} {
				if !strings.Contains(said, want) {
					t.Errorf("it says %q, without %q", said, want)
				}
			}
		}
		if out := w.do("notes", "show", "GS-2026-00001"); !strings.Contains(out, "queued after 0 attempts") {
			t.Errorf("the note shows %s", out)
		}
		if n := w.waitingJobs(); n != 2 {
			t.Errorf("%d jobs wait for 2 mails", n)
		}
		server := (&mailServer{}).start(t)
		w.mail = server.url()
		if out := w.do("deliver"); out != "sent 2\n" || len(w.arrived(server)) != 2 {
			t.Errorf("deliver prints %q, %v arrived", out, w.arrived(server))
		}
		w.clean()
	})
}

// waitingJobs counts the jobs that will try to send a mail.
func (w *world) waitingJobs() (n int) {
	w.Helper()
	driver, source := "pgx", w.db
	if path, ok := strings.CutPrefix(w.db, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRowContext(w.Context(), "SELECT count(*) FROM river_job WHERE kind = 'deliver_note' AND state IN ('available', 'pending', 'retryable', 'scheduled')").Scan(&n)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func TestMailIsQueuedWhenTheServerPutsItOff(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().mail = (&mailServer{addressed: refusal(451, "greylisted, come back later")}).start(t).url()
		if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "greylisted, come back later") || !strings.Contains(said, "still queued") {
			t.Errorf("it says %q", said)
		}
		for number, state := range w.deliveries() {
			if state != creditnotes.DeliveryQueued {
				t.Errorf("the mail of %s is %s", number, state)
			}
		}
	})
}

func TestARefusedMailIsToldAndCanBeSentAgain(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().mail = (&mailServer{addressed: refusal(550, "no such user here")}).start(t).url()
		if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "2 mails were refused for good") || !strings.Contains(said, "resend NUMBER") {
			t.Errorf("it says %q", said)
		}
		if out := w.do("notes", "show", "GS-2026-00001"); !strings.Contains(out, "failed") || !strings.Contains(out, "no such user here") {
			t.Errorf("the note shows %s", out)
		}
		var shown shownNoteJSON
		w.read(&shown, "notes", "show", "GS-2026-00001")
		if len(shown.Deliveries) != 1 || len(shown.Deliveries[0].Recipients) != 2 || shown.Deliveries[0].Recipients[0].State != creditnotes.RecipientRefused {
			t.Errorf("%+v", shown.Deliveries)
		}
		server := (&mailServer{}).start(t)
		w.mail = server.url()
		if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "2 notes have not reached all") || len(server.inbox()) != 0 {
			t.Errorf("refused mails are sent again without being asked: %q", said)
		}
		var open []openJSON
		if r := w.try("deliver", "--json"); r.status != exitFailed || !strings.Contains(r.stdout, `"incomplete"`) && !strings.Contains(r.stdout, `"failed"`) {
			t.Errorf("deliver --json ends with %d and prints %q", r.status, r.stdout)
		}
		r := w.try("deliveries", "--open", "--json")
		if err := json.Unmarshal([]byte(r.stdout), &open); err != nil || r.status != exitFailed || len(open) != 3 {
			t.Fatalf("%d %v: %s", r.status, err, r.stdout)
		}
		if o := open[0]; o.Number != "GS-2026-00001" || o.Run != "2026-10" || o.State != creditnotes.RecipientRefused || o.Todo != creditnotes.TodoCorrect ||
			!strings.Contains(o.Reason, "no such user here") || o.Address == "" || o.What == "" {
			t.Errorf("%+v", o)
		}
		if out := w.do("runs", "show", "2026-10"); !strings.Contains(out, "recipients without their mail: 3") {
			t.Errorf("the run shows %s", out)
		}
		w.do("resend", "GS-2026-00001")
		w.fails(exitFailed, "deliver")
		if arrived := w.arrived(server); len(arrived) != 1 || arrived["GS-2026-00001"] != 1 {
			t.Errorf("%v arrived", arrived)
		}
		w.clean()
	})
}

// A server that refuses every mail has something against the sender: all mails
// wait. One that refuses a single mail means that one.
func TestWhetherARefusalMeansOneMailOrAll(t *testing.T) {
	t.Parallel()
	t.Run("all", func(t *testing.T) {
		eachWorld(t, func(t *testing.T, w *world) {
			w.ran().mail = (&mailServer{read: refusal(554, "you are on a list")}).start(t).url()
			for range 2 {
				if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "you are on a list") || !strings.Contains(said, "Mails that wait: 2") {
					t.Errorf("it says %q", said)
				}
			}
			server := (&mailServer{}).start(t)
			w.mail = server.url()
			if out := w.do("deliver"); out != "sent 2\n" || len(w.arrived(server)) != 2 {
				t.Errorf("deliver prints %q, %v arrived", out, w.arrived(server))
			}
			w.clean()
		})
	})
	t.Run("one", func(t *testing.T) {
		eachWorld(t, func(t *testing.T, w *world) {
			spam := func(n int) error {
				if n == 1 {
					return refusal(554, "spam")(n)
				}
				return nil
			}
			server := (&mailServer{read: spam}).start(t)
			w.ran().mail = server.url() + "&connections=1"
			if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "1 mails were refused for good") || strings.Contains(said, "No mail has been sent") {
				t.Errorf("it says %q", said)
			}
			if len(w.arrived(server)) != 1 {
				t.Errorf("%v arrived", w.arrived(server))
			}
		})
	})
}

func TestMailWaitsForAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		good := w.mail
		w.mail = "folder:" + w.file("occupied", "") + "/outbox"
		if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "occupied/outbox") || !strings.Contains(said, "not a directory") || !strings.Contains(said, "Mails that wait: 2") {
			t.Errorf("it says %q", said)
		}
		w.mail = good
		if out := w.do("deliver"); out != "sent 2\n" || len(w.outbox()) != 2 {
			t.Errorf("deliver prints %q", out)
		}
	})
}

func TestACopyIsMarkedAndCarriesTheIdenticalFiles(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().do("deliver")
		w.do("resend", "GS-2026-00001")
		w.do("deliver")
		mails := w.outbox()
		original, again := mails["GS-2026-00001"], mails["GS-2026-00001.copy1"]
		if len(mails) != 3 || again.ID == original.ID || again.Subject == original.Subject || !strings.Contains(again.Subject, "Kopie") {
			t.Fatalf("%d mails; %q and %q", len(mails), original.Subject, again.Subject)
		}
		for name, content := range original.Files {
			if string(again.Files[name]) != string(content) || len(content) == 0 {
				t.Errorf("%s is another one in the copy", name)
			}
		}
		if len(original.To) != 2 || original.To[0] != "hotel@alster.example" || original.To[1] != "office@alster.example" {
			t.Errorf("to %v", original.To)
		}
	})
}

func TestAnOldSchemaIsRefusedWithTheWayToMendIt(t *testing.T) {
	t.Parallel()
	if !storetest.HasPostgres() {
		return
	}
	w := newWorld(t, storetest.EmptyPostgres(t))
	for _, line := range []string{"notes", "run --month 2026-10", "serve", "import testdata/network.yaml", "verify"} {
		if said := w.fails(exitFailed, strings.Fields(line)...); !strings.Contains(said, "creditrun migrate") {
			t.Errorf("creditrun %s says %q", line, said)
		}
	}
	w.do("migrate")
	w.do("migrate")
	w.ran().clean()
}

func TestSQLiteBringsItsSchemaUpToDateByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "new.db"))
	w.ran().do("migrate")
	w.clean()
}

func TestNoteFilesAreWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).ran()
	folder := filepath.Join(w.dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := w.fails(exitFailed, "notes", "show", "GS-2026-00001", "--pdf", folder); !strings.Contains(said, folder) {
		t.Errorf("it says %q", said)
	}
	left, err := filepath.Glob(filepath.Join(w.dir, ".creditrun-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it leaves %v behind: %v", left, err)
	}
}
