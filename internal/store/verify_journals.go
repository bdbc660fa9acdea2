package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/journal"
	"creditrun/internal/money"
)

// JournalProofs implements creditnotes.JournalBooks. It reads one journal at a
// time.
func (b *books) JournalProofs(ctx context.Context) (list []creditnotes.JournalProof, err error) {
	db := b.db.WithContext(ctx)
	months, err := find[journalRow](db.Omit("content").Order("month"))
	if err != nil {
		return nil, err
	}
	for i := range months {
		proof := creditnotes.JournalProof{Month: months[i].Month, Earlier: months[i].ClosedAt.Before(b.since)}
		if !proof.Earlier {
			if err := b.proveJournal(ctx, months[i].ID, &proof); err != nil {
				return nil, fmt.Errorf("journal of %s: %w", proof.Month, err)
			}
		}
		list = append(list, proof)
	}
	return list, nil
}

func (b *books) proveJournal(ctx context.Context, id int64, proof *creditnotes.JournalProof) error {
	db := b.db.WithContext(ctx)
	row, err := first[journalRow](db.Where("id = ?", id))
	if err != nil || row == nil {
		return err
	}
	proof.Content, proof.Files = sha256Of(row.Content), map[string]string{}
	files, err := find[journalFileRow](db.Where("journal_id = ?", id))
	if err != nil {
		return err
	}
	for _, f := range files {
		proof.Files[f.Name] = sha256Of(f.Content)
	}
	var j journal.Journal
	if json.Unmarshal(row.Content, &j) != nil {
		proof.Broken = []string{string(row.Month)}
		return nil
	}
	proof.Entries = len(j.Entries)
	proof.Broken, err = b.brokenEntries(ctx, id, &j)
	if !controlsHold(&j, row) {
		proof.Broken = append(proof.Broken, "controls")
	}
	return err
}

// brokenEntries names the entries of a journal that are not what the documents and
// movements say which it books.
func (b *books) brokenEntries(ctx context.Context, id int64, j *journal.Journal) (broken []string, err error) {
	db := b.db.WithContext(ctx)
	notes, err := journalNotes(db, "n.id IN (SELECT note_id FROM journal_entries WHERE journal_id = ?)", id)
	if err != nil {
		return nil, err
	}
	movements, err := find[movementRow](db.Where("note_id IS NULL AND id IN (SELECT movement_id FROM journal_entries WHERE journal_id = ?)", id))
	if err != nil {
		return nil, err
	}
	booked := map[string]*journal.Entry{}
	for i := range j.Entries {
		if e := &j.Entries[i]; booked[e.ID] != nil || !e.Balanced() {
			broken = append(broken, e.Reference)
		}
		booked[j.Entries[i].ID] = &j.Entries[i]
	}
	compare := func(want journal.Entry) {
		e := booked[want.ID]
		delete(booked, want.ID)
		if e == nil || !sameEntry(e, &want) {
			broken = append(broken, want.Reference)
		}
	}
	for i := range notes {
		n := &notes[i]
		e := booked["document:"+n.note.Number]
		compare(journal.OfNote(n.note, n.cancels, n.movement, accountOf(e), accountsOf(e)))
	}
	for i := range movements {
		m := movements[i].domain()
		compare(journal.OfMovement(&m, "", "", &journal.Accounts{}))
	}
	for _, key := range slices.Sorted(maps.Keys(booked)) { // what books nothing that is there
		broken = append(broken, booked[key].Reference)
	}
	return broken, nil
}

func accountOf(e *journal.Entry) string {
	if e == nil {
		return ""
	}
	return e.Account
}

// accountsOf are the ledger accounts that an entry was booked with, which settings
// gave at the time.
func accountsOf(e *journal.Entry) *journal.Accounts {
	accounts := &journal.Accounts{Taxes: map[string]string{}}
	if e == nil {
		return accounts
	}
	for _, p := range e.Parts {
		accounts.Revenue, accounts.FeeRevenue, accounts.Taxes[p.TaxKey] = p.Account, p.Account, p.TaxAccount
	}
	return accounts
}

// sameEntry reports whether an entry is the one that is wanted. The name and the
// accounts of movements are those of the time.
func sameEntry(e, wanted *journal.Entry) bool {
	want, got := *wanted, *e
	want.Field, want.Exchange = got.Field, got.Exchange
	want.NoteID, want.MovementID = 0, 0
	if !want.OfDocument() {
		want.Name, want.Account = got.Name, got.Account
		if len(got.Parts) == len(want.Parts) {
			for i := range want.Parts {
				want.Parts[i].Account = got.Parts[i].Account
			}
		}
	}
	return reflect.DeepEqual(want, got)
}

// controlsHold reports whether the controls of a journal are what its entries come
// to, and those that are stored beside it.
func controlsHold(j *journal.Journal, row *journalRow) bool {
	sums := map[string]money.Amount{}
	for i := range j.Entries {
		if e := &j.Entries[i]; e.OfDocument() {
			sums[e.Currency] += e.Moves()
		}
	}
	for _, c := range j.Controls {
		if !c.Holds() || c.Journal != sums[c.Currency] {
			return false
		}
	}
	return row.Entries == len(j.Entries) && jsonOf(j.Controls) == row.Controls
}
