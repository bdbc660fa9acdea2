package creditnotes

import (
	"log/slog"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// ByMail reports whether a document is mailed to its recipient.
func (d *Document) ByMail() bool {
	return len(d.Delivery) == 0 || slices.ContainsFunc(d.Delivery, entities.Channel.ByMail)
}

// ByChannel reports whether a document goes by a channel that its recipient chose.
func (d *Document) ByChannel(c entities.Channel) bool { return slices.Contains(d.Delivery, c) }

// networkFiles are the files that go through an access point, by channel.
var networkFiles = map[entities.Channel]FileKind{
	entities.ChannelPeppol: FilePeppol,
	entities.ChannelFrance: FileFrance,
}

// HandedOver lists the kinds of files of a note that go through an access point.
func HandedOver(n *Note) (kinds []FileKind) {
	for _, c := range n.Document.Delivery {
		if kind, ok := networkFiles[c]; ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// deliverable takes the networks from a note whose file cannot be written, and
// has the PDF mailed where nothing else would reach the recipient. It returns a
// fault where the recipient has no address to mail it to. Each network that is lost is
// told to lost, with the reason, unless that is nil.
func (r *Runner) deliverable(n *Note, s Settings, lost func(entities.Channel, error)) *fault.Fault {
	d := &n.Document
	list := slices.DeleteFunc(slices.Clone(d.Delivery), func(c entities.Channel) bool {
		kind, ok := networkFiles[c]
		if !ok || r.Printer == nil {
			return false
		}
		why := r.tryFile(n, kind)
		if why != nil && lost != nil {
			lost(c, why)
		}
		return why != nil
	})
	if len(list) == len(d.Delivery) {
		return nil
	}
	if !slices.ContainsFunc(list, entities.Channel.ByMail) && !slices.ContainsFunc(list, entities.Channel.ByNetwork) {
		list = append(list, entities.ChannelPDF)
	}
	if d.Delivery = list; s.Mail && d.ByMail() && len(d.MailTo) == 0 {
		return fault.New(fault.NotReady, "recipient_without_email", fault.Args{"owner": n.Recipient, "recipient": n.Recipient})
	}
	return nil
}

// tryFile reports why an e-invoice of a note cannot be written.
func (r *Runner) tryFile(n *Note, kind FileKind) error {
	err := recovered(func() error { return r.Printer.TryFile(n, kind) })
	if err != nil {
		r.logPanic(err, slog.String("recipient", n.Recipient))
	}
	return err
}

// cancellationType is the type of the e-invoice of a cancellation. Peppol
// self-billing has no corrected invoice: there it is a credit note.
func cancellationType(s Settings, d *Document) string {
	if s.CancellationType == correctedInvoice && d.ByChannel(entities.ChannelPeppol) {
		return selfBilledCreditNote
	}
	return s.CancellationType
}

// The types of cancellations in UNTDID 1001.
const (
	correctedInvoice     = "384"
	selfBilledCreditNote = "261"
)

// deliveryWarnings are what keeps documents of a day from the channels that a
// recipient wants, and what they need instead.
func deliveryWarnings(operator, e *entities.Entity, day entities.Date) (found []*fault.Fault) {
	for _, c := range e.Delivery {
		if !c.ByNetwork() {
			continue
		}
		for _, side := range []*entities.Entity{operator, e} {
			if side.ElectronicAddress == "" {
				found = append(found, fault.New(fault.NotReady, "einvoice_endpoint_missing", fault.Args{"party": side.DisplayName()}))
			}
		}
		if e.ElectronicAddress != "" && !e.CanReceive(c, day) {
			found = append(found, fault.New(fault.NotReady, "delivery_unable", fault.Args{"recipient": e.Key, "channel": string(c), "date": string(day)}))
		}
	}
	return found
}
