package notes

import (
	"net/url"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

// recordView is the form of a custom record.
type recordView struct {
	*page.FormState
	New        bool
	Path       string
	Fields     recordFields
	Entities   []page.Choice
	Directions []page.Choice
	Accounts   []page.Choice
}

// recordFields are the fields as they are shown.
type recordFields struct{ Key, Owner, Month, Date, Text, Net, Currency, TaxAccount, Direction string }

func recordPath(key string) string { return "/custom-records/" + url.PathEscape(key) }

func recordFieldsOf(r *creditnotes.CustomRecord) recordFields {
	f := recordFields{r.Key, r.Owner, string(r.Month), string(r.Date), r.Text, "", r.Currency, r.TaxAccount, string(r.Direction)}
	if digits, known := money.Digits(r.Currency); known && r.Net != 0 {
		f.Net = r.Net.Format(digits)
	}
	return f
}

// sentRecord are the fields as they were sent.
func sentRecord(f *page.FormState) recordFields {
	return recordFields{f.Text("key"), f.Text("owner"), f.Text("month"), f.Text("date"), f.Text("text"), f.Text("net"), f.Text("currency"),
		f.Text("tax_account"), f.Text("direction")}
}

// NewRecordPage shows an empty form.
func (v *Visit) NewRecordPage() error {
	return v.showRecord(v.Form(""), true, recordFields{Direction: string(creditnotes.Credited)})
}

// RecordPage shows the form of a custom record.
func (v *Visit) RecordPage() error {
	r, err := v.Store.CustomRecord(v.R.Context(), v.R.PathValue("key"))
	if err != nil {
		return err
	}
	return v.showRecord(v.Form(""), false, recordFieldsOf(&r))
}

func (v *Visit) showRecord(f *page.FormState, isNew bool, fields recordFields) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	view := recordView{FormState: f, New: isNew, Path: "/custom-records/new", Fields: fields, Entities: v.EntitiesOffered(b),
		Directions: v.Choices("record_direction_%s", fields.Direction, recordDirections...)}
	title := v.Message("record_new")
	if !isNew {
		view.Path, title = recordPath(fields.Key), fields.Key
	}
	view.Accounts = []page.Choice{{Text: v.Message("record_tax_usual"), Chosen: fields.TaxAccount == ""}}
	for _, a := range b.Config.TaxAccounts {
		view.Accounts = append(view.Accounts, page.Choice{Value: a.Key, Text: a.Key, Chosen: a.Key == fields.TaxAccount})
	}
	return v.ShowForm(f, "custom_record", title, view)
}

// AddRecord stores a new custom record.
func (v *Visit) AddRecord() error { return v.saveRecord(true) }

// ChangeRecord stores a custom record that is on no document.
func (v *Visit) ChangeRecord() error { return v.saveRecord(false) }

func (v *Visit) saveRecord(isNew bool) error {
	f := v.Form("")
	fields := sentRecord(f)
	if !isNew {
		fields.Key = v.R.PathValue("key")
	}
	record, err := v.recordOf(f, fields)
	if err != nil {
		return err
	}
	if f.Ok() {
		_, err := v.Store.SaveCustomRecord(v.R.Context(), v.Name(), &record)
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showRecord(f, isNew, fields)
	}
	return v.Done("/custom-records", "record_saved", "Record", record.Key)
}

// recordOf reads a custom record from the fields of a form. A key that is taken
// is a slip of a new record.
func (v *Visit) recordOf(f *page.FormState, fields recordFields) (r creditnotes.CustomRecord, err error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return r, err
	}
	r = creditnotes.CustomRecord{Key: fields.Key, Owner: fields.Owner, Text: fields.Text, Currency: fields.Currency, TaxAccount: fields.TaxAccount,
		Direction: creditnotes.Direction(fields.Direction)}
	if owner := b.Network.Tree.Entity(fields.Owner); owner != nil && r.Currency == "" {
		currencyOf, err := v.Store.Currencies(v.R.Context())
		if err != nil {
			return r, err
		}
		r.Currency = currencyOf(owner.Key)
	}
	digits, known := money.Digits(r.Currency)
	if !known {
		digits = 2
	}
	r.Date, r.Net = f.At("date", "record_date").Day(), money.Amount(f.At("net", "record_net").Price(digits))
	month := fields.Month
	if month == "" && len(fields.Date) >= len("2006-01") {
		month = fields.Date[:len("2006-01")]
	}
	if r.Month, err = entities.ParseMonth(month); err != nil {
		f.Say("month", "record_month_wrong")
	}
	return r, nil
}

// DeleteRecord deletes a custom record that is on no document.
func (v *Visit) DeleteRecord() error {
	key := v.R.PathValue("key")
	if f := v.Form(""); f.Fail(v.Store.DeleteCustomRecord(v.R.Context(), v.Name(), key)) {
		r, err := v.Store.CustomRecord(v.R.Context(), key)
		if err != nil {
			return err
		}
		return v.showRecord(f, false, recordFieldsOf(&r))
	}
	return v.Done("/custom-records", "record_deleted", "Record", key)
}
