package creditnotes

import (
	"slices"

	"creditrun/numbering"
)

// mailCarriers are the credit notes of a run by their recipient: other documents
// of the run may go in their mails.
type mailCarriers map[string][]*Note

func mailCarriersOf(notes []*Note) mailCarriers {
	c := mailCarriers{}
	for _, n := range notes {
		if n.Kind == numbering.CreditNote && n.State == Issued {
			c[n.Recipient] = append(c[n.Recipient], n)
		}
	}
	return c
}

// of returns the credit note in whose mail a document of an owner goes: the one
// about the owner in the currency, else the first of the recipient; nil: there is
// none.
func (c mailCarriers) of(recipient, owner, currency string) *Note {
	list := c[recipient]
	for _, n := range list {
		if n.Currency == currency && slices.Contains(n.Owners, owner) {
			return n
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// joinMails puts the fee invoices of a run into the mails of credit notes that go
// to the same addresses in the same language, where the settings want one mail for
// each recipient.
func joinMails(notes []*Note, settings Settings) {
	if !settings.JointMail {
		return
	}
	carriers := mailCarriersOf(notes)
	for _, n := range notes {
		if n.Kind != numbering.Invoice || len(n.Owners) == 0 {
			continue
		}
		if with := carriers.of(n.Recipient, n.Owners[0], n.Currency); with != nil && sameMail(n, with) {
			n.MailedWith = with.ID
		}
	}
}

func sameMail(a, b *Note) bool {
	return a.Language == b.Language && a.Document.ReplyTo == b.Document.ReplyTo && slices.Equal(a.Document.MailTo, b.Document.MailTo)
}
