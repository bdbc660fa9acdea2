package web

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

// cancelPaid cancels a credit note of each of these payouts.
func (w *world) cancelPaid(payouts map[bool]string) {
	w.t.Helper()
	for _, number := range payouts {
		p, err := w.store.Payout(w.t.Context(), number, nil)
		must(w.t, err)
		for _, item := range p.Items {
			if item.Kind == creditnotes.MovedCreditNote {
				_, err = w.server.Runner.Cancel(w.t.Context(), creditnotes.CancelRequest{Number: item.Reference, Reason: "test", Who: "test"})
				must(w.t, err)
				break
			}
		}
	}
}

// remindersSent sends reminders of notes that are cancelled after they were paid,
// and returns the number of one to the Sub-CPO of the tests, and of one to another.
func remindersSent(t testing.TB, w *world, paid map[bool]string) map[bool]string {
	t.Helper()
	w.cancelPaid(paid)
	maker, err := store.MakerOfReminders(w.server.Runner, w.server.Texts.Supports)
	must(t, err)
	sent, err := w.store.SendReminders(t.Context(), "test", entities.DateOf(w.now, time.UTC).AddDays(30), nil, maker)
	must(t, err)
	numbers := map[bool]string{}
	for _, r := range sent {
		numbers[r.Recipient == subCPO] = r.Number
	}
	if len(numbers) != 2 {
		t.Fatalf("reminders: %+v", sent)
	}
	return numbers
}

var (
	letterBox   = regexp.MustCompile(`name="letter" value="([0-9a-f]+)"`)
	previewLink = regexp.MustCompile(`href="(/reminders/preview\.pdf\?[^"]+)"`)
)

// look writes a file into the folder that CREDITRUN_LOOK names, to be looked at.
func look(t *testing.T, name, content string) {
	t.Helper()
	if dir := os.Getenv("CREDITRUN_LOOK"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
}

func TestRemindersAreSentOnThePages(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	w.cancelPaid(payoutsPaid(t, w))
	felix.get("/reminders").shows(t, "No reminders have been sent.")
	w.later(30 * 24 * time.Hour) // 14 days until it is due, and 7
	felix, paul := w.as("felix"), w.as("paul")
	shown := felix.get("/reminders")
	shown.shows(t, "Stadtwerke", "First", "See the letter", "Send the chosen reminders")
	boxes, link := letterBox.FindAllStringSubmatch(shown.body, -1), previewLink.FindStringSubmatch(shown.body)
	if len(boxes) != 3 || link == nil {
		t.Fatalf("%v %v", boxes, link)
	}
	preview := felix.get(strings.ReplaceAll(link[1], "&amp;", "&"))
	if !strings.HasPrefix(preview.body, "%PDF-") {
		t.Errorf("the preview: %d %.60q", preview.status, preview.body)
	}
	look(t, "preview.pdf", preview.body)
	felix.get("/reminders/preview.pdf?entity=x&currency=EUR").refuses(t, http.StatusConflict, "No reminder to x in EUR is due")
	felix.post("/reminders/send", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "Choose at least one reminder.")
	felix.post("/reminders/send", "letter", boxes[0][1], "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
	if list, _, _, err := w.store.Reminders(t.Context(), store.ReminderFilter{}, creditnotes.Page{}); err != nil || len(list) != 0 {
		t.Fatalf("sent: %+v, %v", list, err)
	}
	felix.post("/reminders/send", "letter", boxes[0][1], "letter", boxes[2][1], "letter", "0123", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "1 reminder was not sent")
	felix.post("/reminders/send", "letter", boxes[1][1], "confirm_password", password).shows(t, "1 reminder was sent.", "No reminders are due.", "MA-000001", "MA-000002")
	remindersAreSeen(t, w, felix, paul)
}

// remindersAreSeen reads the reminders that were sent as the operator and as a
// Sub-CPO.
func remindersAreSeen(t *testing.T, w *world, felix, paul *browser) {
	t.Helper()
	list, _, _, err := w.store.Reminders(t.Context(), store.ReminderFilter{}, creditnotes.Page{})
	must(t, err)
	at := slices.IndexFunc(list, func(r creditnotes.Reminder) bool { return r.Recipient == subCPO })
	own, other := list[at], list[(at+1)%len(list)]
	paul.get("/").shows(t, "1 payment reminder")
	seen := paul.get("/reminders")
	seen.shows(t, own.Number)
	if strings.Contains(seen.body, other.Number) || strings.Contains(seen.body, "/reminders/send") {
		t.Error("a Sub-CPO sees what is not its own")
	}
	paul.get("/reminders/"+other.Number).refuses(t, http.StatusNotFound, other.Number)
	paul.get("/reminders/"+other.Number+"/letter.pdf").refuses(t, http.StatusNotFound, other.Number)
	page := paul.get("/reminders/" + own.Number)
	page.shows(t, own.Items[0].Document, "Letter (PDF)", "Original")
	if strings.Contains(page.body, "felix") {
		t.Error("a Sub-CPO sees who sent its reminder")
	}
	letter := paul.get("/reminders/" + own.Number + "/letter.pdf")
	if !strings.HasPrefix(letter.body, "%PDF-") {
		t.Errorf("the letter: %d", letter.status)
	}
	look(t, "reminder.pdf", letter.body)
	csv := paul.get("/reminders.csv")
	if !strings.Contains(csv.body, own.Number) || strings.Contains(csv.body, other.Number) {
		t.Errorf("the file of a Sub-CPO: %s", csv.body)
	}
	if all := felix.get("/reminders.csv"); !strings.Contains(all.body, other.Number) || !strings.HasPrefix(felix.get("/reminders.xlsx?level=1").body, "PK") {
		t.Errorf("the file: %s", all.body)
	}
	felix.get("/reminders?level=2").shows(t, "No reminders have been sent.")
	felix.get("/reminders?level=7").refuses(t, http.StatusUnprocessableEntity, "7")
	felix.get("/reminders?entity="+subCPO+"&sort=number").shows(t, own.Number)
	felix.post("/reminders/"+own.Number+"/resend", "to", "new@example.com", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
	felix.post("/reminders/"+own.Number+"/resend", "to", "new@example.com", "confirm_password", password).shows(t, "new@example.com", "Copy 1")
	felix.post("/reminders/"+own.Number+"/settle-mail", "outcome", "arrived").refuses(t, http.StatusConflict, own.Number)
	felix.get("/mails/open").shows(t, "/reminders/"+own.Number+"#mail")
}

func TestWhatIsOwedIsListedOnThePages(t *testing.T) {
	w := newWorld(t)
	felix, paul := w.as("felix"), w.as("paul")
	felix.get("/ageing").shows(t, "Stadtwerke", "Not due", "over 90 days", "/cash", "/accruals", "Total in EUR")
	felix.get("/ageing?day=2026-01-31").shows(t, "Nothing was open.")
	felix.get("/ageing?day=x").refuses(t, http.StatusUnprocessableEntity, "x")
	own := paul.get("/ageing?day=" + payoutDay)
	own.shows(t, "Stadtwerke")
	if strings.Contains(own.body, "gemeinde") || strings.Contains(own.body, "/cash") {
		t.Error("a Sub-CPO sees what is not its own")
	}
	paul.get("/ageing?entity=gemeinde").refuses(t, http.StatusNotFound, "gemeinde")
	if csv := paul.get("/ageing.csv"); !strings.Contains(csv.body, subCPO+";Stadtwerke") || !strings.Contains(csv.body, ";EUR;owed") || strings.Contains(csv.body, "gemeinde") {
		t.Errorf("the file of a Sub-CPO: %s", csv.body)
	}
	felix.get("/cash").shows(t, "Cash to be paid", "Running total", "Planned payouts", "Stadtwerke")
	felix.get("/cash?day=2026-12-25&entity="+subCPO).shows(t, "28 Dec 2026")
	if csv := felix.get("/cash.csv"); !strings.Contains(csv.body, subCPO+";") {
		t.Errorf("the file: %s", csv.body)
	}
	csv := felix.get("/accruals.csv")
	csv.shows(t, "owner;owner_name;kind;state")
	felix.get("/accruals").shows(t, "Accrued", "Held")
	felix.get("/accruals?day=2026-10-15&owner="+subCPO).shows(t, "On a later document")
	felix.get("/accruals?owner=x").refuses(t, http.StatusNotFound, "x")
	for _, path := range []string{"/ageing.xlsx", "/cash.xlsx", "/accruals.xlsx", "/reminders.xlsx"} {
		if file := felix.get(path); !strings.HasPrefix(file.body, "PK") {
			t.Errorf("%s: %d", path, file.status)
		}
	}
}
