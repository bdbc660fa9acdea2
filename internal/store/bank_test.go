package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

func TestAnswersOfBanksAreBookedOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		both := booking{"-22.50", "B-1", "2027-01-04", "", []string{detail("PO-00000001", "15.00", "", ""), detail("PO-00000002", "7.50", "", "")}}.String()
		notified := camt("camt.054", ownAccount, both)
		checked, err := w.s.ImportBank(t.Context(), "anna", strings.NewReader(notified), store.ImportOptions{Check: true})
		w.ok(err)
		if got := toldBank(&checked); got != "2 executed" || w.paid() != "a exported , b exported" {
			t.Errorf("checked: %s, %s", got, w.paid())
		}
		same(t, w.answered(notified), "2 executed")
		same(t, w.paid(), "a executed 2027-01-04, b executed 2027-01-04")
		same(t, w.answered(notified), "2 known, repeated")
		w.Proven()
		whole := booking{"-22.50", "B-1", "2027-01-04", "", nil}.String()
		same(t, w.answered(camt("camt.053", ownAccount, whole)), "1 known")
		whole = booking{"-22.50", "", "2027-01-04", "", nil}.String()
		same(t, w.answered(camt("camt.053", ownAccount, whole, booking{"-4.00", "F", "2027-01-04", "", nil}.String())), "1 queued, 1 ignored")
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-22.50", "B-2", "2027-01-04", "", nil}.String())), "1 queued") // a second one is another payment
		single := booking{"-15.00", "X-9", "2027-01-04", "", []string{detail("PO-00000001", "15.00", "", "")}}.String()
		same(t, w.answered(camt("camt.053", ownAccount, single)), "1 ignored")
		back := booking{"7.50", "R-1", "2027-01-08", "", []string{detail("PO-00000002", "7.50", "", "AC04")}}.String()
		same(t, w.answered(camt("camt.053", ownAccount, back)), "1 returned")
		same(t, w.paid(), "a executed 2027-01-04, b returned 2027-01-04")
		same(t, w.items(), "")
		w.Config = w.configured()
		if hold := w.Entity("b").PayoutHold; hold.Since != "2027-01-08" || hold.Reason != "PO-00000002: AC04" {
			t.Errorf("hold %+v", hold)
		}
		again := booking{"-15.00", "X-10", "2027-01-05", "", []string{detail("PO-00000001", "15.00", "", "")}}.String()
		same(t, w.answered(camt("camt.053", ownAccount, again)), "1 queued")
		same(t, w.queue(), `
			-4.00  unmatched:
			-22.50  unmatched:
			-15.00 PO-00000001 already_executed:`)
		w.Proven()
	})
}

func TestBatchesWithoutDetails(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		message := w.exported()
		w.answered(pain002(message, "<GrpSts>PART</GrpSts>", refusal("PO-00000001"), "<TxInfAndSts><OrgnlEndToEndId>PO-00000009</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"))
		same(t, w.paid(), "a rejected , b exported")
		named := strings.Replace(booking{"-7.50", "", "2027-01-04", "", nil}.String(), "</Ntry>", "<NtryDtls><Btch><PmtInfId>"+message+"</PmtInfId></Btch></NtryDtls></Ntry>", 1)
		wrong := strings.Replace(named, "7.50", "22.50", 1)
		same(t, w.answered(camt("camt.053", ownAccount, wrong)), "1 queued")
		same(t, w.answered(camt("camt.053", ownAccount, named)), "1 executed")
		same(t, w.paid(), "a rejected , b executed 2027-01-04")
		late := booking{"-7.50", "", "2027-01-04", "", []string{detail("PO-00000002", "7.50", "", "")}}.String()
		same(t, w.answered(camt("camt.054", ownAccount, late)), "1 ignored")
		same(t, w.queue(), `
			0.00 PO-00000009 unknown_id:
			-22.50  amount_differs:`)
		w.Proven()
	})
}

func TestABatchIsFoundByItsSum(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		message := w.exported()
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String())), "2 executed")
		same(t, w.paid(), "a executed 2027-01-04, b executed 2027-01-04")
		same(t, w.answered(pain002(message, "<GrpSts>RJCT</GrpSts>")), "1 queued, 1 ignored")
		same(t, w.queue(), "0.00  contradicts:")
		w.Proven()
	})
}

func TestAReturnThatComesFirstAndAPaymentByText(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		same(t, w.answered(camt("camt.054", ownAccount,
			booking{"7.50", "", "2027-01-06", "reversal", []string{detail("NOTPROVIDED", "7.50", "Rueckgabe GS-2026-\n00002", "")}}.String())), "1 returned")
		same(t, w.paid(), "a exported , b returned 2026-12-31")
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String())), "2 executed")
		same(t, w.paid(), "a executed 2027-01-04, b returned 2026-12-31")
		w.Proven()
	})
}

func TestAllOfAFileIsRejected(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		refused := pain002(w.exported(), "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>")
		same(t, w.answered(refused), "2 rejected, 1 ignored")
		same(t, w.paid(), "a rejected , b rejected")
		same(t, w.answered(refused), "2 known, repeated")
		w.Config = w.configured() // a refused file says nothing of the bank data
		if hold := w.Entity("a").PayoutHold; !hold.Since.IsZero() {
			t.Errorf("hold %+v", hold)
		}
		w.Proven()
	})
}

// A bank that lists some payouts of a file that it refuses says nothing that is
// certain of the others.
func TestAFileIsRefusedOfWhichSomeAreListed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		message := w.exported()
		refused := pain002(message, "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>",
			"<TxInfAndSts><OrgnlEndToEndId>PO-00000002</OrgnlEndToEndId><TxSts>ACCP</TxSts></TxInfAndSts>")
		same(t, w.answered(refused), "1 queued, 2 ignored")
		same(t, w.paid(), "a exported , b exported")
		same(t, w.queue(), "0.00  others_listed:")
		waiting, _, _, err := w.s.BankEntries(t.Context(), payouts.EntryFilter{State: payouts.EntryQueued}, creditnotes.Page{})
		w.ok(err)
		w.ok(w.s.AssignBankEntry(t.Context(), "anna", waiting[0].ID, payouts.Target{Payout: "PO-00000001"}, "the bank said so"))
		same(t, w.paid(), "a rejected , b exported")
		same(t, w.answered(refused), "3 known, repeated")
		w.Proven()
	})
}

// A bank that refuses the copy of a file has the first one, and executes it.
func TestARefusalThatContradictsWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		message := w.exported()
		copied := "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>"
		same(t, w.answered(pain002(message, copied)), "1 queued, 1 ignored")
		same(t, w.answered(numbered("R-2", pain002(message, "<GrpSts>PART</GrpSts>", strings.Replace(refusal("PO-00000001"), "AC04", "AM05", 1)))), "1 queued, 2 ignored")
		same(t, w.answered(numbered("R-3", pain002(message, "<GrpSts>ACTC</GrpSts>"))), "2 ignored")
		same(t, w.answered(numbered("R-4", pain002(message, "<GrpSts>ACSC</GrpSts>"))), "2 ignored")
		same(t, w.answered(numbered("R-5", pain002(message, "<GrpSts>RJCT</GrpSts>"))), "1 queued, 1 ignored")
		same(t, w.answered(numbered("R-6", pain002(message, "<GrpSts>PART</GrpSts>", refusal("PO-00000002")))), "1 queued, 2 ignored")
		same(t, w.paid(), "a exported , b exported")
		same(t, w.queue(), `
			0.00  duplicate:
			0.00 PO-00000001 duplicate: PO-00000001 by id
			0.00  contradicts:
			0.00 PO-00000002 contradicts: PO-00000002 by id`)
		w.Proven()
	})
}

// numbered gives a status report another id.
func numbered(id, report string) string { return strings.Replace(report, "R-1", id, 1) }

// With a file of its own for each payout, the refusal of one is about that one.
func TestAFileOfOnePayoutIsRefused(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.prepared()
		files, _, err := w.s.ExportPayoutFiles(t.Context(), "otto", 1, true)
		w.ok(err)
		same(t, w.answered(pain002(payouts.MessageID(files[1].Name), "<GrpSts>RJCT</GrpSts>")), "1 rejected, 1 ignored")
		same(t, w.paid(), "a exported , b rejected")
		w.Proven()
	})
}

// What contradicts itself, or belongs to another sender, is not booked.
func TestAPersonDecidesWhatIsNotCertain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		both := []string{detail("PO-00000001", "15.00", "", ""), detail("PO-00000002", "7.50", "", "")}
		large := append(slices.Repeat([]string{detail("", "0.00", "", "")}, 250), both...)
		same(t, w.answered(camt("camt.053", ownAccount,
			booking{"-20.00", "1", "2027-01-04", "", both}.String(),
			booking{"-15.00", "2", "2027-01-04", "", []string{detail("INV-77", "15.00", "PO-00000001 GS-2026-00001", "")}}.String(),
			booking{"7.50", "3", "2027-01-04", "reversal", []string{detail("INV-78", "7.50", "GS-2026-00002", "")}}.String())), "5 queued")
		same(t, w.queue(), `
			-15.00 PO-00000001 details_differ: PO-00000001 by id
			-7.50 PO-00000002 details_differ: PO-00000002 by id
			0.00  finding:
			-15.00 INV-77 unmatched: PO-00000001 by named
			7.50 INV-78 reversal: PO-00000002 by named`)
		same(t, w.answered(camt("camt.054", ownAccount, booking{"-20.00", "4", "2027-01-04", "", large}.String())), "253 queued")
		same(t, w.paid(), "a exported , b exported")
		w.Proven()
	})
}

// What a bank says of a day on which it cannot have happened waits.
func TestDaysOfBanksArePossible(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		one := []string{detail("PO-00000001", "15.00", "", "")}
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-15.00", "1", "2099-01-04", "", one}.String(), booking{"-15.00", "2", "1990-01-04", "", one}.String(),
			booking{"-22.50", "3", "2099-01-04", "", nil}.String())), "3 queued")
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-15.00", "4", "2027-01-12", "", one}.String())), "1 executed") // the value day of a booking of today
		back := []string{detail("PO-00000001", "15.00", "", "AC04")}
		same(t, w.answered(camt("camt.053", ownAccount, booking{"15.00", "5", "2027-01-11", "", back}.String())), "1 queued")
		same(t, w.queue(), `
			-15.00 PO-00000001 day:
			-15.00 PO-00000001 day:
			-22.50  day:
			15.00 PO-00000001 day: PO-00000001 by id`)
		assign := func(id int64, to payouts.Target) error {
			return w.s.AssignBankEntry(t.Context(), "anna", id, to, "looked at by a person")
		}
		says(t, assign(1, payouts.Target{Entity: "a"}), "bank_entry_day")
		says(t, assign(3, payouts.Target{Document: "GS-2026-00001"}), "bank_entry_day")
		says(t, assign(5, payouts.Target{Payout: "PO-00000001"}), "payout_day")
		w.ok(assign(2, payouts.Target{Entity: "a"})) // an account has no first day
		w.Proven()
	})
}

// refusedFile tells the fault of a file, of which nothing is kept.
func (w *world) refusedFile(content string) string {
	w.T.Helper()
	_, err := w.s.ImportBank(w.T.Context(), "anna", strings.NewReader(content), store.ImportOptions{Name: "x.xml"})
	if !fault.Is(err, fault.Invalid) {
		w.T.Errorf("%v", err)
		return ""
	}
	return fault.Of(err)[0].Key
}

func TestBadBankFilesChangeNothing(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		message := w.exported()
		good := booking{"-15.00", "X", "2027-01-04", "", []string{detail("PO-00000001", "15.00", "", "")}}.String()
		whole := camt("camt.053", ownAccount, good)
		before := w.Everything()
		for content, want := range map[string]string{
			camt("camt.053", "NL13TEST0123456789", good):                                 "bank_other_account",
			whole[:len(whole)-40]:                                                        "bank_file_truncated",
			strings.Replace(whole, "<Id>S-1</Id>", "<Id>&bomb;</Id>", 1):                 "bank_file_forbidden",
			strings.Replace(whole, "?>\n", "?>\n<!DOCTYPE x [<!ENTITY bomb \"x\">]>", 1): "bank_file_forbidden",
			pain002("PO-00000009-20261231", "<GrpSts>RJCT</GrpSts>"):                     "bank_transfers_unknown",
			pain002(message, "<GrpSts>PART</GrpSts>", refusal("PO-00000001"))[:500]:      "bank_file_truncated",
			whole + whole: "bank_file_second",
			camt("camt.053", ownAccount, good, strings.Repeat("<x>", 40)):                  "bank_file_too_much",
			strings.Replace(whole, "Document", "Dokument", 2):                              "bank_file_unknown",
			camt("camt.053", ownAccount, good, strings.Replace(good, "15.00", "15,00", 1)): "bank_file_value",
		} {
			if got := w.refusedFile(content); got != want {
				t.Errorf("%s, want %s: %s", got, want, content)
			}
		}
		if diff := gocmp.Diff(before, w.Everything()); diff != "" || w.paid() != "a exported , b exported" {
			t.Errorf("something changed: %s %s", w.paid(), diff)
		}
		sums := strings.Replace(whole, "<Ntry>", "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>30.00</Sum></TtlNtries></TxsSummry><Ntry>", 1)
		same(t, w.answered(sums), "1 executed, 2 queued")
		same(t, w.answered(sums), "3 known, repeated")
	})
}

func TestFilesOfBanksGoToTheQueue(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		for folder, told := range map[string]string{
			"composed-de-camt053-08-return-pending": "2 pending, 8 queued, 1 ignored", "ubs-ch-camt054-08-debit-batch": "5 queued", "vrbank-de-camt053-02": "5 queued",
			"postfinance-ch-camt053-04": "26 queued, 6 ignored",
		} {
			files, err := filepath.Glob(filepath.Join("../bank/testdata/answers", folder, "*.xml"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			content, err := os.ReadFile(files[0])
			w.ok(err)
			_, err = w.s.ImportBank(t.Context(), "anna", bytes.NewReader(content), store.ImportOptions{Name: files[0]})
			if !fault.Is(err, fault.Invalid) || fault.Of(err)[0].Key != "bank_other_account" {
				t.Fatalf("%s: %v", folder, err)
			}
			w.Entity("op").Bank.IBAN = fmt.Sprint(fault.Of(err)[0].Args["account"])
			if _, err := w.sql("UPDATE entities SET bank_iban = replace(bank_iban, '" + ownAccount + "', '" + w.Entity("op").Bank.IBAN + "') WHERE parent_key IS NULL"); err != nil {
				t.Fatal(err)
			}
			first := w.answered(string(content))
			if first != told {
				t.Errorf("%s: %s, want %s", folder, first, told)
			}
			if again := w.answered(string(content)); !strings.HasSuffix(again, "repeated") || strings.Contains(again, "queued") {
				t.Errorf("%s again: %s", folder, again)
			}
			if _, err := w.sql("UPDATE entities SET bank_iban = replace(bank_iban, '" + w.Entity("op").Bank.IBAN + "', '" + ownAccount + "') WHERE parent_key IS NULL"); err != nil {
				t.Fatal(err)
			}
		}
		w.Proven()
	})
}

// brokenReader ends in the middle of a file.
type brokenReader struct{ io.Reader }

var errMedium = errors.New("the medium is gone")

func (r brokenReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errMedium
	}
	return n, err
}

func TestAPersonDecidesAboutTheQueue(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.exported()
		_, err := w.s.ImportBank(ctx, "anna", brokenReader{strings.NewReader(camt("camt.053", ownAccount)[:300])}, store.ImportOptions{})
		if !errors.Is(err, errMedium) {
			t.Errorf("%v", err)
		}
		same(t, w.answered(camt("camt.053", ownAccount,
			booking{"-15.00", "1", "2027-01-04", "", nil}.String(), booking{"6.50", "2", "2027-01-05", "", []string{detail("PO-00000002", "6.50", "", "AC01")}}.String(),
			booking{"-900.00", "3", "2027-01-05", "", []string{detail("", "900.00", "Rent", "")}}.String(),
			booking{"2.00", "4", "2027-01-05", "", []string{detail("", "2.00", "thanks", "")}}.String(),
		)), "4 queued")
		same(t, w.queue(), `
			-15.00  unmatched: PO-00000001 by amount
			6.50 PO-00000002 amount_differs: PO-00000002 by id
			-900.00  unmatched:
			2.00  unmatched:`)
		says(t, w.s.AssignBankEntry(ctx, "anna", 1, payouts.Target{Payout: "PO-00000002"}, ""), "bank_entry_amount")
		says(t, w.s.AssignBankEntry(ctx, "anna", 1, payouts.Target{Payout: "PO-00000007"}, ""), "payout_unknown")
		w.ok(w.s.AssignBankEntry(ctx, "anna", 1, payouts.Target{Payout: "PO-00000001"}, "by hand"))
		says(t, w.s.AssignBankEntry(ctx, "anna", 1, payouts.Target{Payout: "PO-00000001"}, ""), "bank_entry_state")
		w.ok(w.s.AssignBankEntry(ctx, "anna", 2, payouts.Target{Payout: "PO-00000002"}, "fee of the other bank"))
		says(t, w.s.MarkForeign(ctx, "anna", 3, ""), "bank_reason_missing")
		w.ok(w.s.MarkForeign(ctx, "anna", 3, "rent"))
		says(t, w.s.AssignBankEntry(ctx, "anna", 4, payouts.Target{Entity: "op"}, ""), "adjustment_operator")
		w.ok(w.s.AssignBankEntry(ctx, "anna", 4, payouts.Target{Entity: "a"}, ""))
		same(t, w.paid(), "a executed 2027-01-04, b returned 2026-12-31")
		same(t, w.queue(), "")
		w.Proven()
		e, err := w.s.BankEntry(ctx, 4)
		w.ok(err)
		if e.Entity != "a" || e.Outcome != payouts.OutcomeReceived || e.DecidedBy != "anna" || e.File != "file.xml" {
			t.Errorf("%+v", e)
		}
	})
}

func TestSubCPOsPayTheirInvoices(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String()))
		w.Now = evening("2026-12-31")
		w.Cancel("GS-2026-00002") // it was paid: 7.50 is owed
		w.Cancel("GS-2026-00001")
		same(t, w.answered(camt("camt.053", ownAccount,
			booking{"7.00", "1", "2027-01-07", "", []string{detail("", "7.00", "ST 2026 00002", "")}}.String(),
			booking{"7.50", "2", "2027-01-07", "", []string{detail("NOTPROVIDED", "7.50", "Zahlung zu ST-2026-00002 danke", "")}}.String(),
			booking{"3.75", "3", "2027-01-07", "", []string{detail("NOTPROVIDED", "3.75", "ST-2026-000031", "")}}.String())), "1 received, 2 queued")
		same(t, w.queue(), `
			7.00  amount_differs:
			3.75 NOTPROVIDED unmatched: ST-2026-00003 by amount`)
		w.ok(w.s.AssignBankEntry(t.Context(), "anna", 4, payouts.Target{Document: "ST-2026-00003"}, ""))
		same(t, w.items(), "")
		w.Proven()
	})
}

func TestVerifyFindsPayoutsThatWereChanged(t *testing.T) {
	edits := map[string]string{
		"UPDATE payouts SET amount = 1499 WHERE number = 'PO-00000001'":                                            "verify_payout verify_bank_entry",
		"UPDATE payouts SET state = 'exported', movement_id = NULL, executed_on = '' WHERE number = 'PO-00000001'": "verify_payout verify_bank_entry",
		"UPDATE payouts SET state = 'executed' WHERE number = 'PO-00000002'":                                       "verify_payout verify_bank_entry",
		"UPDATE payouts SET entity_key = 'b' WHERE number = 'PO-00000001'":                                         "verify_payout",
		"UPDATE payout_items SET amount = amount + 1 WHERE payout_id = 1 AND movement_id = 1":                      "verify_payout",
		"DELETE FROM payout_items WHERE payout_id = 2":                                                             "verify_payout",
		"UPDATE bank_entries SET amount = -1 WHERE outcome = 'executed'":                                           "verify_bank_entry",
		"DELETE FROM bank_entry_payouts WHERE part = 'returned'":                                                   "verify_bank_entry",
	}
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String(),
			booking{"7.50", "", "2027-01-05", "", []string{detail("PO-00000002", "7.50", "", "AC01")}}.String()))
		w.finds()
		w.unlock()
		back := w.kept("payouts", "payout_items", "bank_files", "bank_entries", "bank_entry_payouts")
		for _, statement := range slices.Sorted(maps.Keys(edits)) {
			t.Log(statement)
			w.edited(statement, strings.Fields(edits[statement])...)
			back()
		}
		w.finds()
	})
}
