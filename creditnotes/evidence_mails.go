package creditnotes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"creditrun/internal/fault"
)

// Mailing is a mail that was queued: the one that the audit log recorded.
type Mailing struct {
	Number    string // of the note
	MessageID string
	To        []string
}

// Seal returns the SHA-256 over the id and the addresses of the mail, so that
// the addresses themselves are not kept forever.
func (m Mailing) Seal() string {
	text, _ := json.Marshal(ResentEvidence{m.MessageID, m.To}) // strings are always written
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// mailed takes the seal of a mail that was queued.
func (e *evidence) mailed(number, seal string) {
	if seal == NoMail {
		return
	}
	if e.mails[number] == nil {
		e.mails[number] = map[string]bool{}
	}
	e.mails[number][seal] = true
}

// mailings compares the mails of all notes with those that were recorded when
// they were queued.
func (v *Verification) mailings(ctx context.Context, store VerifyStore) error {
	wrong := map[string]bool{}
	for m, err := range store.Mailings(ctx) {
		if err != nil {
			return err
		}
		switch seals, seal := v.recorded.mails[m.Number], m.Seal(); {
		case seals[seal]:
			delete(seals, seal)
		case v.recorded.allMails[m.Number]:
			wrong[m.Number] = true
		}
	}
	for number, seals := range v.recorded.mails {
		if len(seals) > 0 {
			wrong[number] = true
		}
	}
	for _, number := range slices.Sorted(maps.Keys(wrong)) {
		v.add("verify_mailing", fault.Args{"number": number})
	}
	return nil
}
