package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func TestEntityShowsAllThatIsKnownOfIt(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.Postcode, e.Street = "123", "" }, "stadtwerke-wohnen")
	anna := w.as("anna")
	anna.get("/entities/stadtwerke").shows(t,
		"Stadtwerke Beispielstadt GmbH", "Werkstraße 1", "DE200000013", "gutschriften@stadtwerke.example", "K-1001",
		"DE59 1234 5678 0000 0000 21", "made out to the entity itself", "applies today", "in force", "SBA-1001",
		"Stations over time", "today", "Account statement", "this entity", "GS-2026-")
	anna.get("/entities/stadtwerke-parken").shows(t,
		"made out and mailed to the alternate credit address", `href="/entities/stadtwerke"`, "buchhaltung@stadtwerke.example")
	anna.get("/entities/stadtwerke-wohnen").shows(t, "The postcode 123 does not look like one of Germany", "address of “stadtwerke-wohnen” is not complete")
	anna.get("/entities/nobody").refuses(t, http.StatusNotFound)
	anna.get("/entities/musterstrom").shows(t, "operator", "27/000/00001")
}

func TestEntityWarnsOfAnUnusualRecipient(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.AlternateCredit = "hotelgruppe" }, "stadtwerke-wohnen")
	w.as("anna").get("/entities/stadtwerke-wohnen").shows(t, "is not an ancestor of “stadtwerke-wohnen”", "finance@hotelgruppe.example")
	paul := w.as("paul").get("/entities/stadtwerke-wohnen")
	paul.shows(t, "Hotelgruppe Muster AG")
	paul.lacks(t, "/entities/hotelgruppe", "finance@hotelgruppe.example", "Elbweg")
	w.change(func(e *entities.Entity) { e.Active = false }, "hotelgruppe")
	w.as("anna").get("/entities/stadtwerke-wohnen").shows(t, "is inactive. Activate it or choose another entity.")
}

func TestEntityShowsTheStationsOfThePast(t *testing.T) {
	w := newWorld(t)
	config, err := w.store.Configuration(t.Context())
	must(t, err)
	var station entities.Station
	for _, s := range config.Stations {
		if len(s.Owners) == 1 && s.Owners[0].Entity == "stadtwerke-wohnen" {
			station = s
		}
	}
	station.Owners = append(station.Owners,
		entities.Ownership{From: "2027-01-01", Entity: "hotelgruppe"}, entities.Ownership{From: "2027-02-01T10:00:00+01:00", Entity: "stadtwerke-wohnen"})
	_, err = w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Stations: []entities.Station{station}}, nil)
	must(t, err)
	anna := w.as("anna")
	anna.get("/entities/stadtwerke-wohnen").shows(t, station.Key, "31 Dec 2026", "1 Feb 2027 10:00")
	anna.get("/entities/hotelgruppe").shows(t, station.Key, "1 Jan 2027")
	w.as("paul").get("/entities/stadtwerke-wohnen").lacks(t, "hotelgruppe", "Hotelgruppe")
}

func TestEntityRemembersItsEarlierAgreements(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.City = "Kiel" }, "stadtwerke")
	w.as("vera").get("/entities/stadtwerke").lacks(t, "earlier agreement")
	w.change(func(e *entities.Entity) {
		e.Agreement = entities.Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-11-30", Reference: "SBA-9"}
	}, "stadtwerke")
	w.as("vera").get("/entities/stadtwerke").shows(t, "1 earlier agreement", "SBA-1001", "SBA-9", "runs out")
	w.change(func(e *entities.Entity) { e.Agreement.ValidUntil = "2026-10-31" }, "stadtwerke")
	w.as("vera").get("/entities/stadtwerke").shows(t, "2 earlier agreements", "has ended")
}

func TestEntityShowsItsOpenObjections(t *testing.T) {
	w := newWorld(t)
	list, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Recipient: "stadtwerke"}, creditnotes.Page{})
	must(t, err)
	must(t, w.store.RaiseObjection(t.Context(), "paul", list.Notes[0].Number, "Too little."))
	owner := list.Notes[0].Owners[0]
	w.as("felix").get("/entities/"+owner).shows(t, "Too little.", "wait until it is settled")
	w.as("felix").get("/entities/hotelgruppe").lacks(t, "Too little.")
}

func TestStatementAddsUpWhatIsMadeOutToTheEntity(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var sum int64
		var numbers []string
		for n, err := range w.store.EachNote(ctx, creditnotes.NoteFilter{Recipient: "stadtwerke"}) {
			must(t, err)
			sum += int64(n.Gross)
			numbers = append(numbers, n.Number)
		}
		if len(numbers) < 3 {
			t.Fatalf("too few notes: %v", numbers)
		}
		paul := w.as("paul")
		p := paul.get("/entities/stadtwerke/statement?from=2026-01-01&to=2026-12-31")
		p.shows(t, append(numbers, "Opening balance", "Closing balance on 31 Dec 2026")...)
		file := paul.get("/entities/stadtwerke/statement.csv?from=2026-09-01&to=2026-12-31")
		if got := file.header.Get("Content-Disposition"); !strings.Contains(got, "statement-stadtwerke-2026-09-01-2026-12-31.csv") {
			t.Errorf("file is %q", got)
		}
		want := fmt.Sprintf(";%d.%02d;;;;;;;;\r\n", sum/100, sum%100)
		if !strings.HasSuffix(file.body, want) {
			t.Errorf("the statement does not end with %q:\n%s", want, file.body)
		}
		if strings.Contains(strings.SplitN(file.body, "\r\n", 3)[1], ";0.00") {
			t.Errorf("the months before are not in the opening balance:\n%s", file.body)
		}
		book := paul.get("/entities/stadtwerke/statement.xlsx?from=2026-09-01&to=2026-12-31")
		if !strings.HasPrefix(book.body, "PK") {
			t.Errorf("the workbook is none: %d %.20q", book.status, book.body)
		}
	})
}

func TestStatementOfDaysThatAreNoneIsRefused(t *testing.T) {
	anna := newWorld(t).as("anna")
	for _, days := range []string{"from=yesterday", "from=2026-12-31&to=2026-01-01", "to=2026-02-30"} {
		anna.get("/entities/stadtwerke/statement?"+days).refuses(t, http.StatusUnprocessableEntity, "These days cannot be shown")
		anna.get("/entities/stadtwerke/statement.csv?"+days).refuses(t, http.StatusUnprocessableEntity, "These days cannot be shown")
	}
	anna.get("/entities/stadtwerke/statement?from=2020-01-01&to=2020-12-31").shows(t, "No movement and no balance")
}

func TestStatementOfADayHasItsDocuments(t *testing.T) {
	p := newWorld(t).as("anna").get("/entities/stadtwerke/statement?from=2026-10-31&to=2026-10-31")
	p.shows(t, "Closing balance on 31 Oct 2026", ">GS-2026-")
}
