package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"creditrun/cmd/creditrun/demo"
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// The two people of the demo who pay out.
const (
	demoPays     = "demo"
	demoApproves = "demo, second person"
)

// demoPayouts pays out what is due at the end of the demo: the bank file is written
// to a folder, and so is the answer of the bank, which is imported. The last of the
// payments comes back.
func (a *app) demoPayouts(ctx context.Context, s *store.Store, folder string) error {
	zone, err := a.operatorZone(ctx)
	if err != nil {
		return err
	}
	day := bank.NextTargetDay(entities.DateOf(a.now(), zone))
	batch, err := s.PreparePayouts(ctx, demoPays, day)
	if err != nil || batch.ID == 0 {
		return err
	}
	if err := s.ApprovePayouts(ctx, demoApproves, batch.ID); err != nil {
		return err
	}
	file, _, err := s.ExportPayouts(ctx, demoPays, batch.ID)
	if err != nil || file == nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, "file_unwritable", fault.Args{"file": folder}, err)
	}
	if _, err := writeFile(filepath.Join(folder, file.Name), file.Content, true); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "\nPayouts %d for %s: %d, the bank file is %s.\n", batch.ID, day, len(batch.Payouts), filepath.Join(folder, file.Name))
	return a.demoAnswer(ctx, s, folder, &batch)
}

// demoAdvices mails the remittance advices of what the bank executed.
func (a *app) demoAdvices(ctx context.Context, runner *creditnotes.Runner, s *store.Store) error {
	n, err := runner.AdviseRemittances(ctx, demoPays)
	if err != nil || n == 0 {
		return err
	}
	fmt.Fprintf(a.stdout, "\n%s.\nMails:\n", counted(n, "remittance advice", "remittance advices"))
	return a.deliverAll(ctx, s)
}

// demoAnswer has the bank of the demo answer to a batch.
func (a *app) demoAnswer(ctx context.Context, s *store.Store, folder string, batch *payouts.Batch) error {
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	var paid []demo.Paid
	for i := range batch.Payouts {
		if p := &batch.Payouts[i]; !p.ByHand() {
			paid = append(paid, demo.Paid{ID: p.Number, Amount: p.Amount.Format(2), Name: p.Payee.Name})
		}
	}
	paid[len(paid)-1].Reason = "AC04"
	answer, err := demo.Answer(entities.NormalIBAN(network.Operator().Bank.IBAN), batch.Requested, bank.NextTargetDay(batch.Requested.AddDays(1)), paid)
	if err != nil {
		return err
	}
	name := filepath.Join(folder, "answer-camt.054.xml")
	if _, err := writeFile(name, answer, true); err != nil {
		return err
	}
	told, err := a.importBank(ctx, s, name, bytes.NewReader(answer), store.ImportOptions{})
	if err != nil {
		return err
	}
	a.printBank(imported{File: name, Bank: told})
	return nil
}
