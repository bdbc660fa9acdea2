package store

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// duplicates are the reasons of ISO 20022 by which a bank refuses what it has
// already: they say nothing of the first one.
var duplicates = []string{"AM05", "DU01", "DU02", "DU03", "DU04", "DU05"}

// isDuplicate reports whether something is refused because the bank has it.
func isDuplicate(reasons []bank.Reason) bool {
	return slices.ContainsFunc(reasons, func(r bank.Reason) bool { return slices.Contains(duplicates, cmp.Or(r.Code, r.Proprietary)) })
}

// The codes by which a bank says that it carries out orders, and that it did. A
// check of the form alone (ACTC) is not among them: refusals follow it.
var (
	acceptedCodes = []string{"ACCP", "ACFC", "ACSP", "ACWC", "ACWP", "PART", "ACSC", "ACCC"}
	settledCodes  = []string{"ACSC", "ACCC"}
)

// acceptances are what earlier status reports said of a file: the codes of its
// payouts by their numbers, and those of the whole under the empty one.
type acceptances map[string][]string

// any reports whether one of some codes was stated of anything.
func (a acceptances) any(codes []string) bool {
	for number := range a {
		if a.of(number, codes) {
			return true
		}
	}
	return false
}

// of reports whether one of some codes was stated of a payout, or of the whole
// under the empty number.
func (a acceptances) of(number string, codes []string) bool {
	return slices.ContainsFunc(a[number], func(code string) bool { return slices.Contains(codes, code) })
}

// acceptances reads what status reports before this one said of its file, once.
func (b *bankImport) acceptances() (acceptances, error) {
	if b.accepted != nil {
		return b.accepted, nil
	}
	type said struct{ number, text string }
	list, err := collect(b.tx.ctx, b.tx.sql, func(s *said) []any { return []any{&s.number, &s.text} },
		`SELECT end_to_end_id, text FROM bank_entries WHERE file_id IN (SELECT id FROM bank_files WHERE kind = $1) AND file_id <> $2
			AND kind = 'status' AND text LIKE $3`, string(bank.StatusReport), b.file, "% "+b.message)
	b.accepted = acceptances{}
	for _, s := range list {
		code, _, _ := strings.Cut(s.text, " ")
		b.accepted[s.number] = append(b.accepted[s.number], code)
	}
	return b.accepted, err
}

// doubt says why a refusal of a file is left to a person: the bank refuses a copy,
// or it accepted the file or executed a part of it. Empty: nothing speaks against it.
func (b *bankImport) doubt(file []*toldPayout) (payouts.QueuedWhy, error) {
	if b.duplicate {
		return payouts.WhyDuplicate, nil
	}
	if slices.ContainsFunc(file, func(p *toldPayout) bool {
		return p.says(partExecuted) || payouts.State(p.State) == payouts.Executed || payouts.State(p.State) == payouts.Returned
	}) {
		return payouts.WhyContradicts, nil
	}
	accepted, err := b.acceptances()
	if err != nil || !accepted.any(acceptedCodes) {
		return "", err
	}
	return payouts.WhyContradicts, nil
}

// doubtOne is doubt of the refusal of one payout. That its file was accepted is no
// contradiction; that it was settled is.
func (b *bankImport) doubtOne(number string, reasons []bank.Reason) (payouts.QueuedWhy, error) {
	if isDuplicate(reasons) {
		return payouts.WhyDuplicate, nil
	}
	accepted, err := b.acceptances()
	if err != nil || !accepted.of("", settledCodes) && !accepted.of(number, settledCodes) {
		return "", err
	}
	return payouts.WhyContradicts, nil
}

// ofFile lists the payouts of the file that a status report is about: those of the
// batch, or the one that has a file of its own.
func (b *bankImport) ofFile() ([]*toldPayout, error) {
	list, err := b.ofBatch(b.batch)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(p *toldPayout) bool { return p.Currency != payouts.Euro })
	files, err := b.tx.storedPayoutFiles(b.batch)
	if err != nil || len(files) < 2 {
		return list, err
	}
	at := slices.IndexFunc(files, func(f payouts.File) bool { return payouts.MessageID(f.Name) == b.message })
	return slices.DeleteFunc(list, func(p *toldPayout) bool {
		return at < 0 || !bytes.Contains(files[at].Content, []byte("<EndToEndId>"+p.Number+"</EndToEndId>"))
	}), nil
}

// rejectFile ends a payout of a file that was refused. Unlike the refusal of one
// payout it says nothing of the bank data of the recipient, so there is no hold.
func (tx *Tx) rejectFile(who, number, reason string) error {
	p, err := tx.payout(number, payouts.Exported)
	if err != nil {
		return err
	}
	return tx.endPayout(p, payouts.Rejected, who, reason, nil)
}

// errDistrusted says that a booking turned out not to be what its payments come to
// after some of them were decided: the file is read once more, in the knowledge of
// it. With it goes the finding.
var errDistrusted = errors.New("the payments of a booking do not come to its amount")

// listen keeps in mind whose payments come now, and that they are not to be booked
// where they do not come to the amount of the booking.
func (b *bankImport) listen(t *bank.Transaction) {
	if b.entry = t.Entry; t.Number <= 1 && t.Entry.Differs {
		b.distrusted[t.Entry.Key] = true
	}
}

// hearSum takes a finding about the last booking, whose payments were heard as if
// they came to its amount since there are too many to wait for all.
func (b *bankImport) hearSum(found *fault.Fault) {
	e := b.entry
	if e == nil || found.Key != "bank_sum_differs" || found.Args["element"] != "Ntry/Amt" || found.Args["line"] != e.Line || b.distrusted[e.Key] {
		return
	}
	b.distrusted[e.Key], b.late = true, found
}

// findingRow is a contradiction of sums as an entry, since money may be missing in
// the file; nil for other findings.
func (b *bankImport) findingRow(found *fault.Fault) (*bankEntryRow, error) {
	b.hearSum(found)
	if len(b.result.Findings) < mostFindings {
		b.result.Findings = append(b.result.Findings, found)
	}
	if found.Key != "bank_balance_differs" && found.Key != "bank_sum_differs" {
		return nil, nil
	}
	line, _ := found.Args["line"].(int)
	words, err := found.GobEncode()
	return &bankEntryRow{Kind: string(payouts.FindingEntry), Line: line, Day: string(b.today), Text: string(words),
		Key: textKey("finding", b.result.Message, found.Error())}, err
}

// finding queues a contradiction.
func (b *bankImport) finding(row *bankEntryRow) error {
	if b.ahead.known[row.Key] {
		b.result.Known++
		return nil
	}
	row.queue(payouts.WhyFinding)
	return b.add(row)
}
