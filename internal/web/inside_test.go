package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// How many of a kind the pages show or take, and for how long.
const (
	mostChildren   = 50
	mostFound      = 50
	mostForm       = 1 << 20
	mostPicture    = 4 << 20
	rowsPerPage    = 50
	historyPerPage = 20
	usersPerPage   = 100
	previewLasts   = 10 * time.Minute

	firstFindings = 3
	moreFindings  = 100

	providerPatience = 3 * time.Second
	sessionIdle      = 2 * time.Hour
	sessionLifetime  = 12 * time.Hour
)

func decimal(n int64) string      { return strconv.FormatInt(n, 10) }
func formatID(id int64) string    { return strconv.FormatInt(id, 10) }
func webhookPath(id int64) string { return "/webhooks/" + decimal(id) }
func byCode(name string) string   { return store.GuessedCode + name }
func changedMeanwhile(e error) bool {
	return len(fault.Of(e)) > 0 && fault.Of(e)[0].Key == "record_changed"
}

// noteFields are the parameters of the filter of credit notes.
var noteFields = []string{"from", "until", "owner", "recipient", "standing", "delivery", "range", "currency", "text", "run"}

func previewedNotes(notes []*creditnotes.Note) []*creditnotes.Note { return notes }

// totalsOf adds up notes by currency.
func totalsOf(notes []*creditnotes.Note) (totals []creditnotes.NoteTotal) {
	for _, n := range notes {
		i := slices.IndexFunc(totals, func(t creditnotes.NoteTotal) bool { return t.Currency == n.Currency })
		if i < 0 {
			i, totals = len(totals), append(totals, creditnotes.NoteTotal{Currency: n.Currency})
		}
		totals[i].Net, totals[i].Gross = totals[i].Net+n.Net, totals[i].Gross+n.Gross
	}
	slices.SortFunc(totals, func(x, y creditnotes.NoteTotal) int { return cmp.Compare(x.Currency, y.Currency) })
	return totals
}
