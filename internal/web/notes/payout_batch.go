package notes

import (
	"io"
	"strings"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// The forms of the page of a batch, beside one for each payout that is taken out.
const (
	approveForm = "approve"
	discardForm = "discard"
)

// batchView is the page of a batch of payouts.
type batchView struct {
	*page.FormState
	batchLine
	Rows       []batchPayout
	LeftOut    []leftOutLine
	History    []historyLine
	Waiting    bool   // for a second person
	Approve    bool   // the visitor may approve it
	Refused    string // why not
	Discard    bool
	Export     bool
	Copy       bool // the files were made before
	Confirm    page.ConfirmView
	Reason     string
	Nothing    bool // no payout of it stands
	OnlyByHand bool // no payout is in the bank file
}

// batchPayout is a payout of a batch.
type batchPayout struct {
	payouts.Payout
	Name  string
	Path  string
	IBAN  string // its last four characters
	Lines []payoutItemLine
	Out   bool // it can be taken out
}

// historyLine is an entry of the history.
type historyLine struct {
	store.AuditEntry
	Words string
	Said  string // the reason
}

func payoutItemLines(p *payouts.Payout) (lines []payoutItemLine) {
	for _, item := range p.Items {
		lines = append(lines, payoutItemLine{item, "", documentPath(item.Kind, item.Reference)})
	}
	return lines
}

// historyOf puts entries of the audit log into words.
func (v *Visit) historyOf(list []store.AuditEntry) (lines []historyLine) {
	for _, e := range list {
		line := historyLine{AuditEntry: e, Words: v.Message("audit_" + strings.ReplaceAll(e.Action, ".", "_"))}
		if strings.HasPrefix(e.Action, "payout.") {
			line.Said = e.After // the reason
		}
		lines = append(lines, line)
	}
	return lines
}

// PayoutBatch shows a batch.
func (v *Visit) PayoutBatch() error { return v.showBatch(v.Form("")) }

func (v *Visit) showBatch(f *page.FormState) error {
	batch, err := v.shownBatch()
	if err != nil {
		return err
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := batchView{FormState: f, batchLine: batchLineOf(batch), LeftOut: v.leftOutLines(b, batch.LeftOut), Confirm: v.ConfirmTo(batchPath(batch.ID)).On(f.In(approveForm))}
	if !f.Ok() {
		view.Reason = f.Text("reason")
	}
	if err := v.addBatchRights(&view); err != nil {
		return err
	}
	view.addPayouts(b)
	history, err := v.Store.BatchHistory(v.R.Context(), batch.ID)
	if err != nil {
		return err
	}
	view.History = v.historyOf(history)
	return v.ShowForm(f, "payout_batch", v.Message("payouts_batch_title", "Batch", batch.ID), view)
}

func (view *batchView) addPayouts(b *snapshot.Snapshot) {
	view.Nothing, view.OnlyByHand = true, true
	for _, p := range view.Payouts {
		open := p.State == payouts.Prepared || p.State == payouts.Approved
		view.Rows = append(view.Rows, batchPayout{p, b.Names(p.Entity), payoutPath(p.Number), entities.LastFour(p.Payee.IBAN), payoutItemLines(&p), open && view.Discard})
		if p.State != payouts.Discarded {
			view.Nothing, view.OnlyByHand = false, view.OnlyByHand && p.ByHand()
		}
	}
}

// addBatchRights says what the visitor can do with the batch as it stands.
func (v *Visit) addBatchRights(view *batchView) error {
	state := view.State
	view.Waiting = state == payouts.Prepared
	view.Discard = v.May(access.Draft) && (state == payouts.Prepared || state == payouts.Approved)
	view.Copy = state == payouts.Exported
	view.Export = v.May(access.Approve) && (state == payouts.Approved || view.Copy)
	if !view.Waiting || !v.May(access.Approve) {
		return nil
	}
	var err error
	view.Refused, err = v.refusedBatch(view.PreparedBy)
	view.Approve = view.Refused == ""
	return err
}

// refusedBatch says why the visitor may not approve what a person prepared, or
// nothing.
func (v *Visit) refusedBatch(preparedBy string) (string, error) {
	if preparedBy == v.Name() {
		return v.Message("payouts_own"), nil
	}
	err := v.Store.SecondPerson(v.R.Context(), preparedBy, v.Name())
	if fault.Is(err, fault.Forbidden) {
		return v.Texts.PageFault(v.Lang, fault.Of(err)[0]), nil
	}
	return "", err
}

// ApprovePayouts releases a batch that another person prepared.
func (v *Visit) ApprovePayouts() error {
	batch, err := v.shownBatch()
	if err != nil {
		return err
	}
	f := v.Form(approveForm)
	if f.Fail(v.Confirm()) || f.Fail(v.Store.ApprovePayouts(v.R.Context(), v.Name(), batch.ID)) {
		return v.showBatch(f)
	}
	return v.Done(batchPath(batch.ID), "payouts_are_approved", "Batch", batch.ID)
}

// DiscardPayouts gives up a batch, or takes one payout out of it.
func (v *Visit) DiscardPayouts() error {
	batch, err := v.shownBatch()
	if err != nil {
		return err
	}
	number := v.R.PostFormValue("payout")
	f := v.Form(discardForm + number)
	reason := f.Text("reason")
	if reason == "" {
		f.Say("reason", "payouts_reason_missing")
	}
	if !f.Ok() {
		return v.showBatch(f)
	}
	if number == "" {
		err = v.Store.DiscardPayouts(v.R.Context(), v.Name(), batch.ID, reason)
	} else {
		err = v.takeOut(batch, number, reason)
	}
	if f.Fail(err) {
		return v.showBatch(f)
	}
	if number != "" {
		return v.Done(batchPath(batch.ID), "payout_is_out", "Payout", number)
	}
	return v.Done("/payouts", "payouts_are_discarded", "Batch", batch.ID)
}

// takeOut takes a payout out of its batch.
func (v *Visit) takeOut(batch *payouts.Batch, number, reason string) error {
	for _, p := range batch.Payouts {
		if p.Number == number {
			return v.Store.DiscardPayout(v.R.Context(), v.Name(), number, reason)
		}
	}
	return fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": number})
}

// ExportPayouts sends the bank file of a batch, or the files in a ZIP. What was
// sent before is marked as a copy by its name.
func (v *Visit) ExportPayouts() error {
	batch, err := v.shownBatch()
	if err != nil {
		return err
	}
	f := v.Form("")
	files, copied, err := v.Store.ExportPayoutFiles(v.R.Context(), v.Name(), batch.ID, f.Checked("single"))
	if f.Fail(err) {
		return v.showBatch(f)
	}
	if len(files) == 0 {
		return v.Done(batchPath(batch.ID), "payouts_by_hand_only")
	}
	file, err := payouts.FileOf(batch.ID, files)
	if err != nil {
		return err
	}
	name, mediaType := file.Name, "application/xml"
	if copied {
		name = "copy-" + name
	}
	if len(files) > 1 {
		mediaType = page.TypeZIP
	}
	return v.Stream(mediaType, name, func(w io.Writer) error {
		_, err := w.Write(file.Content)
		return err
	})
}
