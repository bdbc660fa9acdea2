package api

import (
	"fmt"
	"net/http"

	"creditrun/internal/ocmf"
)

// signedData gives out the signed meter data of a session, with the key of the
// meter, as the transparency software reads it.
func (c *call) signedData(in *SessionInput) (*fileOutput, error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	history, err := c.Store.SessionHistory(c.ctx, s.ID)
	if err != nil {
		return nil, err
	}
	var seen []int64
	for i := range history.Versions {
		if v := &history.Versions[i]; c.snapshot.SeesSession(c.who, v) {
			seen = append(seen, v.ID)
		}
	}
	values, err := c.Store.SignedData(c.ctx, seen)
	if err != nil {
		return nil, err
	}
	content, err := ocmf.Export(s.ID, values, c.snapshot.MeterKeys(s))
	if err != nil {
		return nil, err
	}
	c.download("signed meter data")
	return &fileOutput{Status: http.StatusOK, ContentType: "application/xml", Disposition: fmt.Sprintf(`attachment; filename="session-%d.xml"`, s.ID), Body: content}, nil
}
