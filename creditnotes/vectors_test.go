package creditnotes_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
	"creditrun/internal/intake"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// workedMonth is a story of runs with every figure that is expected of them.
type workedMonth struct {
	ID          string            `json:"id"`
	About       string            `json:"about"`
	Network     json.RawMessage   `json:"network"`
	Sessions    []workedSession   `json:"sessions"`
	Steps       []string          `json:"steps"`
	Received    []workedReceipt   `json:"received"`
	Collections []workedCollected `json:"collections"`
	TopUps      []workedTopUp     `json:"topups"`
	Records     struct {
		Custom []map[string]string `json:"custom"`
	} `json:"records"`
	Expect struct {
		Runs     []workedRun      `json:"runs"`
		Lifetime []workedLifetime `json:"lifetime"`
	} `json:"expect"`
}

type workedSession struct {
	ID        string          `json:"id"`
	EVSEID    string          `json:"evse_id"`
	Connector string          `json:"connector"`
	Start     time.Time       `json:"start"`
	End       time.Time       `json:"end"`
	Energy    string          `json:"energy_kwh"`
	Amount    string          `json:"driver_amount"`
	Fee       string          `json:"driver_fee"`
	Currency  string          `json:"currency"`
	Collected time.Time       `json:"collected_at"`
	Medium    string          `json:"medium_uid"`
	Class     sessions.Class  `json:"class"`
	Status    sessions.Status `json:"status"`
	Credit    string          `json:"credit"`
}

type workedReceipt struct {
	ID string    `json:"id"`
	At time.Time `json:"received_at"`
}

type workedCollected struct {
	ID        string    `json:"id"`
	Collected time.Time `json:"collected_at"`
	Received  time.Time `json:"received_at"`
}

type workedRun struct {
	Month    entities.Month                `json:"month"`
	Notes    []workedNote                  `json:"notes"`
	Invoices []workedNote                  `json:"invoices"`
	Held     []map[string]string           `json:"held"`
	Failed   map[string]string             `json:"failed"`
	Waits    []map[string]string           `json:"own_charging_waits"`
	Control  map[string]creditnotesCounted `json:"control"`
	Reports  []workedReport                `json:"reports"`
}

type creditnotesCounted struct {
	Sessions int64  `json:"sessions"`
	Energy   string `json:"energy_kwh"`
}

type workedNote struct {
	Owner     string           `json:"owner"`
	Recipient string           `json:"recipient"`
	Currency  string           `json:"currency"`
	State     string           `json:"state"`
	Date      string           `json:"date"`
	Positions []workedPosition `json:"positions"`
	Net       string           `json:"net"`
	Gross     *string          `json:"gross"`
	Taxes     []struct {
		Category string `json:"category"`
		Rate     string `json:"rate"`
		Base     string `json:"base"`
		Tax      string `json:"tax"`
	} `json:"taxes"`
}

type workedPosition struct {
	Owner      string `json:"owner"`
	Station    string `json:"station"`
	Component  string `json:"component"`
	Month      string `json:"month"`
	Late       bool   `json:"late"`
	Correction bool   `json:"correction"`
	Net        string `json:"net"`
	Tax        string `json:"tax"`
	Contract   string `json:"contract"`
	Record     string `json:"record"`
	Sessions   int    `json:"sessions"`
	Energy     string `json:"energy_kwh"`
	Quantity   int64  `json:"quantity"`
	UnitPrice  string `json:"unit_price"`
}

func TestWorkedMonthsComeToTheirFigures(t *testing.T) {
	content, err := os.ReadFile("../internal/settlement/testdata/settlement.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Months []workedMonth `json:"months"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Months) < 15 {
		t.Fatalf("only %d worked months", len(file.Months))
	}
	for _, month := range file.Months {
		t.Run(month.ID, func(t *testing.T) {
			t.Parallel()
			newWorked(t, &month).tell()
		})
	}
}

// worked is a world in which a worked month happens.
type worked struct {
	*creditnotestest.World
	s     *memory.Store
	month *workedMonth
	runs  int // so far
}

func newWorked(t *testing.T, month *workedMonth) *worked {
	t.Helper()
	network, err := intake.ReadNetwork("network.yaml", bytes.NewReader(month.Network))
	if err != nil {
		t.Fatal(err)
	}
	config, settings, err := network.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	w := &worked{World: &creditnotestest.World{T: t, Now: time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC), Config: config}, month: month}
	w.s = memory.New(w.Clock)
	w.Store = w.s
	w.Runner = w.NewRunner(w.s)
	// Contracts that conflict are not saved; a database may have them all the same.
	contracts := config.Contracts
	config.Contracts = nil
	w.Save()
	w.s.Tamper(func(d *memory.Data) { d.Configuration.Contracts = contracts })
	w.customRecords()
	for _, one := range settings {
		w.Set(one.Key, one.Value)
	}
	return w
}

// customRecords types in the custom records.
func (w *worked) customRecords() {
	w.s.Tamper(func(d *memory.Data) {
		for _, r := range w.month.Records.Custom {
			digits, _ := money.Digits("EUR")
			d.Records = append(d.Records, creditnotes.CustomRecord{
				Key: r["id"], Owner: r["owner"], Month: entities.Month(r["month"]), Date: entities.Date(r["date"]), Text: r["text"],
				Net: money.Amount(must(money.Parse(r["net"], digits))), Currency: "EUR", Direction: creditnotes.Direction(r["direction"]),
			})
		}
	})
}

// event is something that happens at a time.
type event struct {
	at   time.Time
	what func()
}

// tell lets everything happen in the order of time.
func (w *worked) tell() {
	var events []event
	seen := map[string]int{}
	for i := range w.month.Sessions {
		one := &w.month.Sessions[i]
		at := one.End
		nth := 0
		for _, r := range w.month.Received {
			if r.ID == one.ID {
				if nth == seen[one.ID] {
					at = r.At
				}
				nth++
			}
		}
		seen[one.ID]++
		events = append(events, event{at, func() { w.charged(one) }})
	}
	for _, c := range w.month.Collections {
		at := c.Received
		if at.IsZero() {
			at = c.Collected
		}
		events = append(events, event{at, func() { w.collected(c) }})
	}
	for _, one := range w.month.TopUps {
		events = append(events, event{one.At, func() { w.toppedUp(one) }})
	}
	for _, step := range w.month.Steps {
		what, when, _ := strings.Cut(step, "@")
		at, err := time.Parse(time.RFC3339, when)
		if err != nil {
			w.T.Fatal(err)
		}
		events = append(events, event{at, func() { w.step(what) }})
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range events {
		w.Now = e.at
		e.what()
	}
	if w.runs != len(w.month.Expect.Runs) {
		w.T.Errorf("%d runs, want %d", w.runs, len(w.month.Expect.Runs))
	}
	w.lived()
	w.Proven()
}

func (w *worked) charged(one *workedSession) {
	s := sessions.Session{
		Source: "csv", ExternalID: one.ID, EVSEID: one.EVSEID, Connector: 1, Start: one.Start, End: one.End,
		Duration: int64(one.End.Sub(one.Start) / time.Second), Energy: must(money.ParseQuantity(one.Energy)),
		MediumUID: one.Medium, Class: cmp.Or(one.Class, sessions.Community), Status: cmp.Or(one.Status, sessions.Valid), Currency: one.Currency,
		CollectedAt: one.Collected, Reversed: one.Credit == "true",
	}
	fmt.Sscan(one.Connector, &s.Connector)
	if one.Amount != "" {
		s.DriverAmount = new(must(money.ParseMicros(one.Amount)))
	}
	if one.Fee != "" {
		s.DriverFee = new(must(money.ParseMicros(one.Fee)))
	}
	if err := w.s.TakeSessions(w.T.Context(), []sessions.Session{s}, false); err != nil {
		w.T.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (w *worked) collected(c workedCollected) {
	list := []sessions.Collection{{Source: "csv", ExternalID: c.ID, At: c.Collected}}
	if err := w.s.TakeCollections(w.T.Context(), list); err != nil {
		w.T.Fatal(err)
	}
}

// step is a run, 2026-03, or a cancellation, cancel:note:a:2026-02.
func (w *worked) step(what string) {
	if rest, cancels := strings.CutPrefix(what, "cancel:"); cancels {
		part := strings.Split(rest, ":")
		kind := map[string]numbering.DocumentType{"note": numbering.CreditNote, "invoice": numbering.Invoice}[part[0]]
		w.Cancel(w.numberOf(kind, part[1], entities.Month(part[2])))
		return
	}
	month := entities.Month(what)
	report, err := w.TryAs(creditnotes.Request{Month: month, DocumentDate: month.LastDay(), Trigger: creditnotes.Manual, Who: "anna", Confirmed: true})
	if err != nil {
		w.T.Fatalf("run %s: %v", month, err)
	}
	want := &w.month.Expect.Runs[w.runs]
	w.runs++
	w.T.Run(fmt.Sprint("run ", w.runs, " of ", month), func(t *testing.T) {
		same(t, w.toldBy(report), want.told())
	})
	w.reported(report.Name, want.Reports)
}

// numberOf is the number of the document of an owner and a month that stands.
func (w *worked) numberOf(kind numbering.DocumentType, owner string, month entities.Month) string {
	for _, n := range w.Issued() {
		if n.Kind == kind && n.Owners[0] == owner && n.Document.Month == month {
			return n.Number
		}
	}
	w.T.Fatalf("no %s of %s for %s", kind, owner, month)
	return ""
}

// toldBy writes down what a run did, as told writes down what is expected.
func (w *worked) toldBy(r *creditnotes.Report) string {
	out := &workedRun{Failed: map[string]string{}, Control: map[string]creditnotesCounted{}}
	run, err := w.s.RunByName(w.T.Context(), r.Name)
	if err != nil {
		w.T.Fatal(err)
	}
	notes, err := w.s.RunNotes(w.T.Context(), run.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, n := range notes {
		switch n.Kind {
		case numbering.CreditNote:
			out.Notes = append(out.Notes, noteOf(n))
		case numbering.Invoice:
			out.Invoices = append(out.Invoices, noteOf(n))
		}
	}
	for _, h := range r.Held {
		out.Held = append(out.Held, map[string]string{"session": h.Session, "owner": h.Owner, "reason": string(h.Reason), "energy_kwh": h.Energy.String()})
	}
	for _, h := range r.OwnWaits {
		out.Waits = append(out.Waits, map[string]string{"session": h.Session, "owner": h.Owner, "reason": string(h.Reason)})
	}
	for _, o := range r.Failed {
		out.Failed[o.Owner] = o.Failed.Key
	}
	for name, c := range map[string]creditnotes.Count{
		"received": r.Total.Received, "credited": r.Total.Credited, "held": r.Total.Held, "zero": r.Total.Zero,
		"excluded": r.Total.Excluded, "withdrawn": r.Total.Withdrawn,
	} {
		if c.Sessions != 0 {
			out.Control[name] = creditnotesCounted{c.Sessions, c.Energy.String()}
		}
	}
	return out.told()
}

func noteOf(n *creditnotes.Note) workedNote {
	digits := n.Document.CurrencyDigits
	gross := n.Gross.Format(digits)
	out := workedNote{Owner: n.Owners[0], Recipient: n.Recipient, Currency: n.Currency, State: string(n.State), Date: string(n.Date),
		Net: n.Net.Format(digits), Gross: &gross}
	for _, p := range n.Positions {
		one := workedPosition{Owner: p.Owner, Station: p.Station, Component: string(p.Component), Month: string(p.Month), Late: p.Late,
			Correction: p.Correction, Net: p.Net.Format(digits), Tax: n.TaxLabel(p), Contract: p.Contract, Record: p.Record,
			Sessions: p.Sessions, Energy: p.Energy.String(), Quantity: p.Quantity}
		if p.UnitPrice != 0 {
			one.UnitPrice = money.FormatTrimmed(int64(p.UnitPrice), money.MicroDecimals)
		}
		out.Positions = append(out.Positions, one)
	}
	for _, t := range n.Taxes {
		out.Taxes = append(out.Taxes, struct {
			Category string `json:"category"`
			Rate     string `json:"rate"`
			Base     string `json:"base"`
			Tax      string `json:"tax"`
		}{string(t.Category), t.Rate.String(), t.Base.Format(digits), t.Tax.Format(digits)})
	}
	return out
}

// told writes down a run, so that two can be compared.
func (r *workedRun) told() string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for kind, list := range map[string][]workedNote{"note": r.Notes, "invoice": r.Invoices} {
		for _, n := range list {
			add("%s", n.told(kind))
		}
	}
	for _, h := range r.Held {
		add("held %s %s %s %s", h["session"], h["owner"], h["reason"], h["energy_kwh"])
	}
	for _, h := range r.Waits {
		add("waits %s %s %s", h["session"], h["owner"], h["reason"])
	}
	for owner, key := range r.Failed {
		add("failed %s %s", owner, key)
	}
	slices.Sort(lines)
	for _, name := range slices.Sorted(maps.Keys(r.Control)) {
		if c := r.Control[name]; c.Sessions != 0 {
			add("%s %d %s", name, c.Sessions, c.Energy)
		}
	}
	return strings.Join(lines, "\n")
}

// told writes down a note; what was settled without a document has no tax yet.
func (n *workedNote) told(kind string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s→%s %s %s %s net %s", kind, n.Owner, n.Recipient, n.Currency, n.State, n.Date, n.Net)
	if n.State == "issued" && n.Gross != nil {
		for _, t := range n.Taxes {
			fmt.Fprintf(&b, " [%s %s: %s %s]", t.Category, t.Rate, t.Base, t.Tax)
		}
		fmt.Fprintf(&b, " gross %s", *n.Gross)
	}
	for _, p := range n.Positions {
		fmt.Fprintf(&b, "\n  %s %s %s %s %s %s", kind, n.Owner, n.Currency, p.Station, p.Component, p.Month)
		if p.Late {
			b.WriteString(" late")
		}
		if p.Correction {
			b.WriteString(" correction")
		}
		fmt.Fprintf(&b, " net %s [%s] %s%s %d× %s kWh", p.Net, p.Tax, p.Contract, p.Record, p.Sessions, cmp.Or(p.Energy, "0"))
		if p.Quantity != 0 {
			fmt.Fprintf(&b, " %d à %s", p.Quantity, p.UnitPrice)
		}
	}
	return b.String()
}
