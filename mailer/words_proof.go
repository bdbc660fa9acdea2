package mailer

import (
	"creditrun/creditnotes"
	"creditrun/internal/proof"
)

// proof says which head the attached document carries, so that the reader has it
// apart from the document.
func (w *writer) proof(files []creditnotes.File) []string {
	for _, f := range files {
		if f.Kind != creditnotes.FilePDF {
			continue
		}
		if head := proof.HeadIn(f.Content); head != nil {
			return []string{w.text("mail_proof", args{"Run": head.Run, "Head": head.Root.String(), "Key": head.Key})}
		}
	}
	return nil
}
