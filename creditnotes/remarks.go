package creditnotes

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"creditrun/internal/fault"
)

// Remark is what a colleague wrote about a run.
type Remark struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	Text string    `json:"text"`
}

// MostOfRemark is how many characters a remark has at most.
const MostOfRemark = 2000

// Remark adds a remark to a run, for the person who releases it.
func (r *Runner) Remark(ctx context.Context, name, who, text string) error {
	run, err := r.Store.RunByName(ctx, name)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > MostOfRemark || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return fault.New(fault.Invalid, "run_remark_invalid", fault.Args{"most": MostOfRemark}).At("text")
	}
	return r.Store.AddRemark(ctx, run, who, text)
}
