package api

import (
	"fmt"
	"net/http"

	"creditrun/internal/fault"
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

// SignaturesChecked is what checking signed meter data again came to.
type SignaturesChecked struct {
	Checked int `json:"checked" doc:"sessions with signed meter data that no run has credited"`
	Changed int `json:"changed" doc:"those of them with another verdict than before"`
}

// checkSignatures checks the sessions of a station again.
func (c *call) checkSignatures(in *keyInput) (*One[SignaturesChecked], error) {
	if c.snapshot.Network == nil || c.snapshot.Network.Station(in.Key) == nil {
		return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
	}
	var ids []int64
	for _, p := range c.snapshot.Places()[in.Key] {
		ids = append(ids, p.Connector.ID)
	}
	checked, changed, err := c.Store.CheckSignedAgain(c.ctx, c.name(), ids, c.Now().AddDate(0, -3, 0))
	return &One[SignaturesChecked]{SignaturesChecked{checked, changed}}, err
}
