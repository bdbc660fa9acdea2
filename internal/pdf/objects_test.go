package pdf

import "testing"

// A recipient whose name is the beginning of a proof gets its document all the same.
func TestANameIsNoBeginningOfAnAttachedFile(t *testing.T) {
	if got, want := pdfText(`{"creditrun_proof":(1)`), `(\173"creditrun_proof":\(1\))`; got != want {
		t.Errorf("it is written %s, want %s", got, want)
	}
}
