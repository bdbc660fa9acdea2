package store

import (
	"cmp"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// status takes what becomes of payouts. Only refusals change anything: a payout
// is executed when its money left the account.
func (b *bankImport) status(row *bankEntryRow, s *bank.Status) error {
	if s.Level == bank.OfFile {
		batch, err := b.batchOfFile(s.File.ID)
		if err != nil {
			return err
		}
		if b.batch, b.message = batch, s.File.ID; batch == 0 {
			return fault.New(fault.Invalid, "bank_transfers_unknown", fault.Args{"line": s.Line, "message": s.File.ID})
		}
	}
	if s.Level == bank.OfTransaction {
		b.listed[s.EndToEndID] = true
	} else if refused(s.Code) {
		b.duplicate = b.duplicate || isDuplicate(s.Reasons)
	}
	if b.ahead.known[row.Key] {
		b.result.Known++
		return nil
	}
	if s.Level != bank.OfTransaction {
		return b.ofAll(row, s)
	}
	return b.ofOne(row, s)
}

func (b *bankImport) statusRow(m bank.Message, s *bank.Status) bankEntryRow {
	row := bankEntryRow{Kind: string(payouts.StatusEntry), Line: s.Line, Key: s.Key, Day: string(b.today), EndToEndID: s.EndToEndID,
		Reference: cmp.Or(s.BankReference, m.ID), Name: s.Creditor.Name, IBAN: s.Creditor.Account.ID}
	if created, err := entities.ParseDate(m.Created[:min(len(m.Created), len("2006-01-02"))]); err == nil {
		row.Day = string(created)
	}
	if amount, ok := s.Amount.Amount(); ok && s.Amount.Known() {
		row.Amount, row.Currency = -int64(amount), s.Amount.Currency
	}
	var reasons []string
	for _, r := range s.Reasons {
		reasons = append(reasons, reasonText(r))
	}
	row.Reason = cutText(strings.Join(reasons, "; "), 200)
	row.Text = strings.TrimSpace(s.Code + " " + string(s.Level) + " " + cmp.Or(s.Information.ID, s.File.ID))
	return row
}

// refused reports whether a status says that payments are not executed.
func refused(code string) bool { return code == "RJCT" || code == "CANC" }

// ofAll takes the status of a file, or of one payment information of it, which is
// that of the payouts that have none of their own.
func (b *bankImport) ofAll(row *bankEntryRow, s *bank.Status) error {
	if b.rest != nil { // the file was refused, and this says it more exactly
		row.Reason = cmp.Or(row.Reason, b.rest.Reason)
		b.rest.ignore(payouts.WhyInformation)
		if err := b.add(b.rest); err != nil {
			return err
		}
		b.rest = nil
	}
	if refused(s.Code) {
		rest := *row
		b.rest = &rest
		return nil
	}
	row.ignore(payouts.WhyInformation)
	return b.add(row)
}

// rejectRest rejects the payouts of a refused file, unless there is a doubt. Where
// the bank lists some of them only, a person decides about the others: banks state
// the refusal of a part as that of the file, and a payout that is rejected is paid
// again.
func (b *bankImport) rejectRest() error {
	if b.rest == nil {
		return nil
	}
	list, err := b.ofFile()
	if err != nil {
		return err
	}
	why, err := b.doubt(list)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(p *toldPayout) bool {
		return !p.leaves() || b.listed[p.Number] || payouts.State(p.State) != payouts.Exported
	})
	if why == "" && len(list) > 0 && len(b.listed) > 0 {
		why = payouts.WhyOthersListed
	}
	if why != "" {
		b.rest.queue(why)
		return b.add(b.rest)
	}
	var links []bankEntryPayoutRow
	for _, p := range list {
		if err := b.tx.rejectFile(b.who, p.Number, cmp.Or(b.rest.Reason, b.rest.Text)); err != nil {
			return err
		}
		links = append(links, bankEntryPayoutRow{PayoutID: p.ID, Part: partRejected})
	}
	if b.rest.ignore(payouts.WhyInformation); len(links) > 0 {
		b.rest.settle(payouts.OutcomeRejected)
	}
	return b.add(b.rest, links...)
}

// ofOne takes the status of one payout.
func (b *bankImport) ofOne(row *bankEntryRow, s *bank.Status) error {
	p := b.ahead.numbers[s.EndToEndID]
	switch {
	case p == nil || p.BatchID != b.batch:
		row.queue(payouts.WhyUnknownID)
	case slices.Contains(nameCodes, s.Code):
		row.queue(payouts.WhyVerification)
	case !refused(s.Code):
		row.ignore(payouts.WhyInformation)
	case s.Amount.Known() && (row.Amount != -p.Amount || row.Currency != p.Currency):
		row.queue(payouts.WhyAmountDiffers)
	case p.says(partRejected):
		row.ignore(payouts.WhyRepeated)
	case payouts.State(p.State) == payouts.Rejected:
		return b.rejected(row, p)
	case payouts.State(p.State) != payouts.Exported:
		row.queue(payouts.WhyPayoutState)
	default:
		return b.rejects(row, p, s.Reasons)
	}
	return b.add(row)
}

// nameCodes say that a check of the name of the payee did not find that it is the
// holder of the account: no match, not all match, or the check was not possible.
var nameCodes = []string{"RVNM", "RVMC", "RVNC"}

// rejects rejects a payout, unless there is a doubt.
func (b *bankImport) rejects(row *bankEntryRow, p *toldPayout, reasons []bank.Reason) error {
	if err := b.write(); err != nil {
		return err
	}
	why, err := b.doubtOne(p.Number, reasons)
	if err != nil {
		return err
	}
	if why != "" {
		row.queue(why)
		return b.add(row)
	}
	if err := b.tx.rejectPayout(b.who, p.Number, cmp.Or(row.Reason, row.Text), entities.Date(row.Day)); err != nil {
		return err
	}
	return b.rejected(row, p)
}

// rejected keeps that an entry says that a payout was rejected.
func (b *bankImport) rejected(row *bankEntryRow, p *toldPayout) error {
	b.said(row, p, partRejected)
	row.settle(payouts.OutcomeRejected)
	return b.add(row, bankEntryPayoutRow{PayoutID: p.ID, Part: partRejected})
}
