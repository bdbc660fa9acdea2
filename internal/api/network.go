package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"

	"creditrun/creditnotes"
	"creditrun/internal/intake"
)

// network writes the whole configuration out.
func (c *call) network(*none) (*One[json.RawMessage], error) {
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	defer leave()
	c.download("network")
	n, err := intake.NetworkOf(c.snapshot.Config)
	if err != nil {
		return nil, err
	}
	text, err := intake.NetworkJSON(n)
	return &One[json.RawMessage]{text}, err
}

// ImportedNetwork says what an import did.
type ImportedNetwork struct {
	Network     []creditnotes.Changes `json:"network" nullable:"false"`
	BankChanges []string              `json:"bank_changes,omitempty" nullable:"false" doc:"changes of bank data that wait for a second person"`
	Waiting     []string              `json:"changes,omitempty" nullable:"false" doc:"all changes that wait for a second person, see /changes"`
}

// networkInput says how a network file is taken in.
type networkInput struct {
	Check bool `query:"check" doc:"say what would be created and changed, and change nothing"`
}

// importNetwork takes in a network file. What decides where money goes waits for
// a second person where the setting second_person names it.
func (c *call) importNetwork(in *networkInput) (*One[ImportedNetwork], error) {
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return nil, err
	}
	if media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); media == "application/json" {
		var compact bytes.Buffer // YAML minds tabs, JSON does not
		if err := json.Compact(&compact, body); err != nil {
			return nil, c.invalid("body", err.Error())
		}
		body = compact.Bytes()
	}
	network, err := intake.ReadNetwork("body", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.keepBank(network)
	config, settings, err := network.Configuration()
	if err != nil {
		return nil, err
	}
	var changes []creditnotes.Changes
	var waiting []creditnotes.Proposal
	if in.Check {
		changes, waiting, _, err = c.Store.CheckChange(c.ctx, c.name(), config, settings)
	} else {
		changes, waiting, err = c.Store.ChangeConfiguration(c.ctx, c.name(), true, c.snapshot.Version, config, settings)
	}
	if err != nil {
		return nil, network.WithLines(err)
	}
	out := ImportedNetwork{Network: changes}
	if in.Check { // nothing waits: there is no change with an address
		return &One[ImportedNetwork]{out}, nil
	}
	out.Waiting = changePaths(waiting)
	for _, p := range waiting {
		if p.Matter == creditnotes.MatterBank {
			out.BankChanges = append(out.BankChanges, bankPath(p.ID))
		}
	}
	return &One[ImportedNetwork]{out}, nil
}

// readFile reads sections of a network file from a body of JSON.
func (c *call) readFile(sections map[string]any) (*intake.Network, error) {
	text, err := json.Marshal(sections)
	if err != nil {
		return nil, fmt.Errorf("network file: %w", err)
	}
	network, err := intake.ReadNetwork("body", bytes.NewReader(text))
	if err != nil {
		return nil, c.problem(err).ofElement()
	}
	return network, nil
}
