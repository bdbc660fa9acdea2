package document

import "creditrun/internal/pdf"

// tableTags are the elements of a table.
type tableTags struct {
	table, headRow, body *pdf.Element
	drawn                bool // the head was drawn once
}

// maxBody is how many rows a body has at most: there are readers that limit the
// length of a list (ISO 32000-1 Annex C).
const maxBody = 4000

// begun makes sure that the elements of the table and its head are there.
func (t *table) begun() {
	if t.tags.table != nil || t.element() == nil {
		return
	}
	t.tags.table = t.element().Add(pdf.Table)
	t.tags.headRow = t.tags.table.Add(pdf.TableHead).Add(pdf.TableRow)
	for _, c := range t.columns {
		role := pdf.ColumnHead
		if c.head == "" {
			role = pdf.Cell
		}
		t.tags.headRow.Add(role)
	}
}

// head is the head of a column.
func (t *tableTags) head(i int) *pdf.Element {
	if t.headRow == nil {
		return nil
	}
	return t.headRow.Kids[i]
}

// newRow makes the elements of a row, one for each column. The words of a row in
// bold, a sum, are its head.
func (t *table) newRow(cells row, st pdf.Style) []*pdf.Element {
	t.begun()
	if t.tags.table == nil {
		return make([]*pdf.Element, len(t.columns))
	}
	if t.tags.body == nil || len(t.tags.body.Kids) >= maxBody {
		t.tags.body = t.tags.table.Add(pdf.TableBody)
	}
	tr := t.tags.body.Add(pdf.TableRow)
	named := false
	for i, c := range t.columns {
		role := pdf.Cell
		if st.Bold && !named && !c.right && i < len(cells) && cells[i] != "" {
			role, named = pdf.RowHead, true
		}
		tr.Add(role)
	}
	return tr.Kids
}

// newHeading makes the elements of a line across the table, which begins a body.
func (t *table) newHeading() *pdf.Element {
	if t.tags.table == nil {
		return nil
	}
	t.tags.body = t.tags.table.Add(pdf.TableBody)
	cell := t.tags.body.Add(pdf.TableRow).Add(pdf.ColumnHead)
	cell.Span = len(t.columns)
	return cell
}
