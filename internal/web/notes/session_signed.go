package notes

import (
	"fmt"
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/ocmf"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// signedView is the signed meter data of a session as its page shows it.
type signedView struct {
	Verdict ocmf.Verdict // when it was received, or checked again
	Earlier bool         // it came with an earlier version of the session
	Result  ocmf.Result
	Doubts  []ocmf.Doubt
	Charge  *ocmf.Charge // what the records say; nil: they do not say it
	Path    string       // of the download
}

// addSigned adds the signed meter data. Without any of it there is nothing to add.
func (v *Visit) addSigned(b *snapshot.Snapshot, h *creditnotes.SessionHistory, view *sessionView) error {
	values, err := v.signedValues(b, h)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s := &h.Versions[0]
	signed := &signedView{Path: page.SessionPath(s.ID) + "/signed.xml", Earlier: s.Signed == nil, Result: ocmf.Check(values, b.MeterKeys(s))}
	if !signed.Earlier {
		signed.Verdict = s.Signed.Verdict
	}
	if len(signed.Result.Records) > 0 {
		signed.Doubts = ocmf.Doubts(signed.Result.Records)
		if charge, ok := ocmf.ChargeOf(signed.Result.Records); ok {
			signed.Charge = &charge
		}
	}
	view.Signed = signed
	return nil
}

// signedValues reads the signed meter data of the versions that the visitor sees.
func (v *Visit) signedValues(b *snapshot.Snapshot, h *creditnotes.SessionHistory) ([]ocmf.Value, error) {
	var ids []int64
	for i := range h.Versions {
		if v.seesSession(b, &h.Versions[i]) {
			ids = append(ids, h.Versions[i].ID)
		}
	}
	return v.Store.SignedData(v.R.Context(), ids)
}

// SessionSigned downloads the signed meter data of a session in the file of the
// transparency software.
func (v *Visit) SessionSigned() error {
	b, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	values, err := v.signedValues(b, h)
	if err != nil {
		return err
	}
	s := &h.Versions[0]
	content, err := ocmf.Export(s.ID, values, b.MeterKeys(s))
	if err != nil {
		return err
	}
	return v.Stream(page.TypeXML, fmt.Sprintf("session-%d.xml", s.ID), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
