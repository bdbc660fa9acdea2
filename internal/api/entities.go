package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
)

// entitiesInput narrows the listing.
type entitiesInput struct {
	Paging
	External string `query:"external_id" doc:"key in another system"`
}

// entities lists the entities that the visitor sees.
func (c *call) entities(in *entitiesInput) (*List[Entity], error) {
	all := c.snapshot.Config.Entities
	if in.External != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(e entities.Entity) bool { return e.ExternalID != in.External })
	}
	if !c.who.Operator {
		var seen []entities.Entity
		for i := range all {
			if c.who.Sees(all[i].Key) {
				seen = append(seen, all[i])
			}
		}
		all = seen
	}
	return allEntities.page(c, in.Paging, all)
}

// stored finds an entity that the visitor sees.
func (c *call) stored(key string) (*entities.Entity, error) {
	all := c.snapshot.Config.Entities
	for i := range all {
		if all[i].Key == key && c.who.Sees(key) {
			return &all[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
}

// entity shows one.
func (c *call) entity(in *keyInput) (*Tagged[Entity], error) {
	e, err := c.stored(in.Key)
	if err != nil {
		return nil, err
	}
	return allEntities.one(c, e.Key, *e)
}

// SavedEntity is an entity as it is now, and what of the change waits for a
// second person.
type SavedEntity struct {
	Entity
	BankChange string   `json:"bank_change,omitempty" format:"uri-reference" doc:"the change of bank data that waits"`
	Changes    []string `json:"changes,omitempty" nullable:"false" doc:"all changes that wait, see /changes"`
}

// savedEntity answers 202 when something waits.
type savedEntity struct {
	Status   int
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     SavedEntity
}

// putEntity creates or replaces an entity. What decides where money goes waits
// for a second person where the setting second_person names it.
func (c *call) putEntity(in *putInput[Entity]) (*savedEntity, error) {
	network, err := c.entityFile(in)
	if err != nil {
		return nil, err
	}
	waiting, err := c.save(allEntities.record(in.Key), in.Conditions, network)
	if err != nil {
		return nil, err
	}
	saved, err := c.entity(&keyInput{in.Key})
	if err != nil {
		return nil, err
	}
	out := &savedEntity{Status: http.StatusOK, ETag: saved.ETag, Body: SavedEntity{Entity: saved.Body}}
	for _, p := range waiting {
		out.Body.Changes = append(out.Body.Changes, changePath(p.ID))
		if p.Matter == creditnotes.MatterBank {
			out.Body.BankChange = bankPath(p.ID)
		}
	}
	if len(waiting) > 0 {
		out.Status, out.Location = http.StatusAccepted, cmp.Or(out.Body.BankChange, out.Body.Changes[0])
	}
	return out, nil
}

// entityFile is the network file of one entity, read; the operator has a
// section of its own.
func (c *call) entityFile(in *putInput[Entity]) (*intake.Network, error) {
	operator := c.snapshot.Operator()
	if operator != nil && operator.Key != in.Key {
		return allEntities.taken(c, in)
	}
	if in.Body.Key != "" && in.Body.Key != in.Key {
		return nil, c.invalid("body.key", "expected the key of the address, or none")
	}
	in.Body.Key = in.Key
	return c.readFile(map[string]any{"operator": in.Body})
}

// keepBank leaves the bank data of entities as they are where none are given.
func (c *call) keepBank(n *intake.Network) {
	stored := map[string]entities.Bank{}
	for i := range c.snapshot.Config.Entities {
		stored[c.snapshot.Config.Entities[i].Key] = c.snapshot.Config.Entities[i].Bank
	}
	keep := func(e *entities.Entity) {
		if e.Bank == (entities.Bank{}) {
			e.Bank = stored[e.Key]
		}
	}
	keep(&n.Operator)
	for i := range n.Entities {
		keep(&n.Entities[i])
	}
}

func bankPath(id int64) string { return Base + "/bank-changes/" + strconv.FormatInt(id, 10) }

// BankChange is a change of bank data.
type BankChange struct {
	ID        int64     `json:"id"`
	Entity    string    `json:"entity"`
	Bank      Bank      `json:"bank"`
	State     string    `json:"state" enum:"waiting,approved,rejected,replaced"`
	AskedAt   time.Time `json:"asked_at"`
	AskedBy   string    `json:"asked_by"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	DecidedBy string    `json:"decided_by,omitempty"`
}

func (c *call) bankChangeOf(p *creditnotes.Proposal) BankChange {
	var bank Bank
	_ = json.Unmarshal([]byte(p.After), &bank) // is ours
	return BankChange{
		ID: p.ID, Entity: p.Subject, Bank: bank, State: string(p.State),
		AskedAt: c.at(p.AskedAt), AskedBy: p.AskedBy, DecidedAt: c.at(p.DecidedAt), DecidedBy: p.DecidedBy,
	}
}

// bankChangesInput narrows the listing.
type bankChangesInput struct {
	Paging
	Waiting bool   `query:"waiting" doc:"only those that wait"`
	Entity  string `query:"entity"`
}

func (c *call) bankChanges(in *bankChangesInput) (*List[BankChange], error) {
	all, err := c.Store.Proposals(c.ctx, creditnotes.ProposalFilter{Waiting: in.Waiting, Matter: creditnotes.MatterBank, Subject: in.Entity})
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, proposalID)
	if err != nil {
		return nil, err
	}
	items := make([]BankChange, len(some))
	for i := range some {
		items[i] = c.bankChangeOf(&some[i])
	}
	return listed(c, items, place), nil
}

// IDInput names something by its number.
type IDInput struct {
	ID int64 `path:"id"`
}

// theBankChange finds a change that is one of bank data.
func (c *call) theBankChange(id int64) (*creditnotes.Proposal, error) {
	p, err := c.Store.Proposal(c.ctx, id)
	if err == nil && p.Matter != creditnotes.MatterBank {
		err = fault.New(fault.NotFound, "proposal_unknown", fault.Args{"change": id})
	}
	return p, err
}

func (c *call) bankChange(in *IDInput) (*One[BankChange], error) {
	p, err := c.theBankChange(in.ID)
	if err != nil {
		return nil, err
	}
	return &One[BankChange]{c.bankChangeOf(p)}, nil
}

func (c *call) approveBank(in *IDInput) (*One[BankChange], error) {
	return c.decideBank(in, c.Store.Approve)
}

func (c *call) rejectBank(in *IDInput) (*One[BankChange], error) {
	return c.decideBank(in, c.Store.Reject)
}

func (c *call) decideBank(in *IDInput, decide func(ctx context.Context, who string, id int64) error) (*One[BankChange], error) {
	if _, err := c.theBankChange(in.ID); err != nil {
		return nil, err
	}
	if err := decide(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.bankChange(in)
}
