package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// maxKeys is how many keys of a statement are remembered, to tell entries apart
// that are alike. What is alike beyond them is told apart by its number in the
// statement.
const maxKeys = 20_000

// key is what identifies an entry for ever: a hash of what the bank says of it.
// With a reference of the bank it is the account, the reference, the state, the
// day and the amount, since some banks use a reference for several entries of a
// day. Otherwise it is all there is, up to the particulars of the first
// transaction. Entries of one statement that are alike all the same are counted:
// a statement lists each booking once.
func (t *tally) key(e *Entry, details []*node) string {
	day := e.Booking
	if day == "" {
		day = e.Value
	}
	parts := []string{e.Statement.Account.ID, string(e.State), string(day), e.Amount.String(), string(e.Direction)}
	if e.BankReference != "" {
		parts = append(parts, "bank", e.BankReference)
	} else {
		parts = append(parts, "all", e.Reference, string(e.Value), strconv.FormatBool(e.Reversal), e.Code.Domain, e.Code.Proprietary, e.Text)
		parts = append(parts, particulars(e, details)...)
	}
	return t.distinct(digest(parts), e.Number)
}

// particulars are what the batches and the first transaction of an entry say.
func particulars(e *Entry, details []*node) (list []string) {
	for _, b := range e.Batches {
		list = append(list, b.MessageID, b.PaymentInformationID, b.Count)
	}
	if len(details) == 0 {
		return list
	}
	n := details[0]
	for _, refs := range n.all("Refs") {
		for _, ref := range refs.children {
			list = append(list, ref.name, ref.text)
		}
	}
	debtor, creditor := side(n, "Dbtr"), side(n, "Cdtr")
	list = append(list, debtor.Name, debtor.Account.ID, creditor.Name, creditor.Account.ID, n.words("AddtlTxInf"))
	list = append(list, n.texts("RmtInf/Ustrd")...)
	return append(list, n.texts("RmtInf/Strd/CdtrRefInf/Ref")...)
}

// digest is 32 hexadecimal digits of the SHA-256 of texts.
func digest(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// distinct tells apart entries of the statement with the same key.
func (t *tally) distinct(key string, number int) string {
	if t.keys == nil {
		t.keys = map[string]int{}
	}
	seen, known := t.keys[key]
	if !known && len(t.keys) == maxKeys {
		return fmt.Sprintf("%s-n%d", key, number)
	}
	t.keys[key] = seen + 1
	if seen == 0 {
		return key
	}
	return fmt.Sprintf("%s-%d", key, seen+1)
}
