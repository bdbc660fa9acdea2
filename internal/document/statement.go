package document

import (
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// StatementPDF sets an account statement (settlement.md §6.3) on paper that
// looks like a credit note. The note has what is printed around it: the parties,
// the language, the date, logo and color; its number names the account. The same
// statement always gives the same bytes.
func (r *Renderer) StatementPDF(n *creditnotes.Note, a *creditnotes.AccountStatement) ([]byte, error) {
	l := &statementLetter{letter: r.newLetter(n), statement: a}
	colors, err := l.dress(r)
	if err != nil {
		return nil, fmt.Errorf("statement of %s: %w", a.Entity, err)
	}
	if l.zone, err = time.LoadLocation(n.Document.TimeZone); err != nil {
		return nil, fmt.Errorf("statement of %s: %w", a.Entity, err)
	}
	l.set()
	if l.err != nil {
		return nil, fmt.Errorf("statement of %s: %w", a.Entity, l.err)
	}
	return pdf.Write(r.face, &pdf.Document{Properties: l.properties(), Pages: l.pages, Structure: l.root, Recolor: colors})
}

// statementLetter sets one account statement.
type statementLetter struct {
	*letter
	statement *creditnotes.AccountStatement
	zone      *time.Location
}

func (l *statementLetter) set() {
	l.newPage()
	l.letterhead()
	y := boxTop
	for _, line := range [][2]string{
		{"label_date", l.date(l.note.Date)},
		{"label_range", l.period()},
		{"label_customer_ref", l.recipient.CustomerRef},
		{"label_our_vat_id", l.issuer.VATID},
		{"label_email", l.issuer.Email},
		{"label_phone", l.issuer.Phone},
	} {
		if line[1] != "" {
			y = l.boxed(y, l.say(line[0]), line[1])
		}
	}
	l.bar(boxLeft-3.5, boxTop, 0.6, y-boxTop, accent)
	l.y = max(y+7, 101)
	l.mainHeading(l.title())
	l.space(2)
	a := l.statement
	l.paragraph(left, right-left, l.say("accounting_intro", "From", l.date(a.From), "To", l.date(a.Until)), plain)
	l.paragraph(left, right-left, l.say("accounting_known", "Time", l.moment(a.AsOf)), small)
	l.space(3)
	if len(a.Statements) == 0 {
		l.paragraph(left, right-left, l.say("accounting_none"), plain)
	}
	for i := range a.Statements {
		l.account(&a.Statements[i])
	}
	for i := range a.Charges {
		l.charges(l.say("section_"+string(a.Charges[i].Section)), &a.Charges[i])
	}
	if !a.Since.IsZero() {
		l.news()
	}
	l.finishPages()
}

// moment is a time in the zone of the operator, to the minute.
func (l *statementLetter) moment(t time.Time) string {
	t = t.In(l.zone)
	return l.date(entities.Date(t.Format(time.DateOnly))) + "\u00a0" + t.Format("15:04")
}

// account sets the movements in one currency.
func (l *statementLetter) account(s *creditnotes.Statement) {
	digits, _ := money.Digits(s.Currency)
	amount := func(a money.Amount) string { return l.texts.AmountPlain(l.note.Language, digits, a) }
	l.need(30)
	l.partHeading(s.Currency)
	l.space(1.5)
	rows := []row{{l.date(l.statement.From), l.say("accounting_opening"), "", "", amount(s.Opening)}}
	for i := range s.Movements {
		m := &s.Movements[i]
		rows = append(rows, row{l.date(m.Value), l.movement(m.Kind), field(m.Reference), amount(m.Amount), amount(m.Balance)})
	}
	last := row{l.date(l.statement.Until), l.say("accounting_closing"), "", "", amount(s.Closing)}
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, bold: true, columns: []column{
		{head: l.say("label_date")}, {head: l.say("column_entry")}, {head: l.say("column_reference"), flex: true},
		{head: l.say("column_amount") + "\u00a0" + s.Currency, right: true}, {head: l.say("column_balance"), right: true},
	}}
	t.fitColumns(append(rows[1:len(rows):len(rows)], row{last[0], "", "", last[4], last[4]}), 30)
	for _, r := range rows {
		t.row(r, plain)
	}
	t.line()
	t.row(last, strong)
	l.space(5)
}

// movement is what moved the account, in the words of the documents.
func (l *letter) movement(kind creditnotes.MovementKind) string {
	switch kind {
	case creditnotes.MovedCreditNote, creditnotes.MovedCancellation:
		return l.say("title_" + string(kind))
	}
	return l.say("movement_" + string(kind))
}

// news sets what became known since a time.
func (l *statementLetter) news() {
	a := l.statement
	heading := l.say("accounting_news", "Time", l.moment(a.Since))
	l.need(25)
	l.partHeading(heading)
	l.space(1.5)
	if len(a.News) == 0 {
		l.paragraph(left, right-left, l.say("accounting_none"), small)
	} else {
		l.newMovements()
	}
	l.space(4)
	if len(a.NewSessions) > 0 {
		c := creditnotes.ChargesOf(a.NewSessions)
		l.charges(heading, &c)
	}
}

func (l *statementLetter) newMovements() {
	var rows []row
	for i := range l.statement.News {
		m := &l.statement.News[i]
		digits, _ := money.Digits(m.Currency)
		rows = append(rows, row{l.date(m.Value), l.movement(m.Kind), field(m.Reference), l.texts.AmountPlain(l.note.Language, digits, m.Amount) + "\u00a0" + m.Currency})
	}
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, columns: []column{
		{head: l.say("label_date")}, {head: l.say("column_entry")}, {head: l.say("column_reference"), flex: true}, {head: l.say("column_amount"), right: true},
	}}
	t.fitColumns(rows, 30)
	for _, r := range rows {
		t.row(r, plain)
	}
	t.line()
}

// charges sets sessions below a heading in small type.
func (l *statementLetter) charges(heading string, c *creditnotes.Charges) {
	l.need(25)
	l.partHeading(heading)
	l.space(1.5)
	figures := func(head, widest string) column {
		return column{head: head, right: true, width: max(l.Width(widest, annexStyle), l.Width(head, dense.head)) + 0.5}
	}
	stamp := l.widestDay(annexStyle) + l.Width("\u00a000:00", annexStyle) + 0.5
	t := &table{setter: l.setter, density: dense, x: left, across: right - left, columns: []column{
		{head: l.say("label_date"), width: stamp}, {head: "ID"}, {head: l.say("column_station")},
		figures("kWh", "000.000,000"), figures(l.say("column_driver_amount"), "0.000,000000 EUR"),
		{head: l.say("column_collected"), width: max(stamp, l.Width(l.say("column_collected"), dense.head)+0.5)}, {head: l.say("column_reference"), width: 24},
	}}
	rest := t.across - dense.gap*float64(len(t.columns)-1)
	for _, one := range t.columns {
		rest -= one.width
	}
	t.columns[1].width, t.columns[2].width = rest/2, rest/2
	for i := range c.Sessions {
		s := &c.Sessions[i]
		cells := row{l.moment(s.End), field(s.ExternalID), field(s.Station), l.texts.Quantity(l.note.Language, s.Energy), "", "", field(s.Number)}
		if s.DriverAmount != nil {
			cells[4] = l.texts.Number(l.note.Language, int64(*s.DriverAmount), money.MicroDecimals) + "\u00a0" + s.Currency
		}
		if !s.CollectedAt.IsZero() {
			cells[5] = l.moment(s.CollectedAt)
		}
		t.row(cells, annexStyle)
	}
	for i, sum := range c.Amounts {
		energy := ""
		if i == 0 {
			energy = l.texts.Quantity(l.note.Language, c.Energy)
		}
		bold := annexStyle
		bold.Bold = true
		t.line()
		t.row(row{l.say("column_sessions"), fmt.Sprint(len(c.Sessions)), "", energy,
			l.texts.Number(l.note.Language, int64(sum.Amount), money.MicroDecimals) + "\u00a0" + sum.Currency, "", ""}, bold)
	}
	if len(c.Sessions) == 0 {
		l.paragraph(left, right-left, l.say("accounting_none"), small)
	}
	l.space(4)
}
