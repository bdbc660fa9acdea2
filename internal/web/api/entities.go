package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/store"
)

// entities lists the entities that the visitor sees.
func (c *call) entities(in *pageInput) (*List[Entity], error) {
	all := c.books.Config.Entities
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
	all := c.books.Config.Entities
	for i := range all {
		if all[i].Key == key && c.who.Sees(key) {
			return &all[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
}

// entity shows one.
func (c *call) entity(in *keyInput) (*One[Entity], error) {
	e, err := c.stored(in.Key)
	if err != nil {
		return nil, err
	}
	return allEntities.one(c, *e)
}

// SavedEntity is an entity as it is now, and the change of its bank data that
// waits for a second person.
type SavedEntity struct {
	Entity
	BankChange string `json:"bank_change,omitempty" format:"uri-reference" doc:"the change of bank data that waits"`
}

// savedEntity answers 202 when something waits.
type savedEntity struct {
	Status   int
	Location string `header:"Location"`
	Body     SavedEntity
}

// putEntity creates or replaces an entity. Its bank data stay what they are:
// others wait for a second person.
func (c *call) putEntity(in *putInput[Entity]) (*savedEntity, error) {
	network, err := c.entityFile(in)
	if err != nil {
		return nil, err
	}
	proposals, err := c.withholdBank(network)
	if err != nil {
		return nil, err
	}
	if err := c.save(network); err != nil {
		return nil, err
	}
	waiting, err := c.propose(proposals)
	if err != nil {
		return nil, err
	}
	saved, err := c.entity(&keyInput{in.Key})
	if err != nil {
		return nil, err
	}
	out := &savedEntity{Status: http.StatusOK, Body: SavedEntity{Entity: saved.Body}}
	if len(waiting) > 0 {
		out.Status, out.Location, out.Body.BankChange = http.StatusAccepted, waiting[0], waiting[0]
	}
	return out, nil
}

// entityFile is the network file of one entity, read; the operator has a
// section of its own.
func (c *call) entityFile(in *putInput[Entity]) (*intake.Network, error) {
	operator := c.books.Operator()
	if operator != nil && operator.Key != in.Key {
		return allEntities.taken(c, in)
	}
	if in.Body.Key != "" && in.Body.Key != in.Key {
		return nil, c.invalid("body.key", "expected the key of the address, or none")
	}
	in.Body.Key = in.Key
	return c.readFile(map[string]any{"operator": in.Body})
}

// withholdBank takes bank data that differ from the stored ones out of what was
// read, and returns them by entity. What is wrong with them comes back before
// anything is saved.
func (c *call) withholdBank(n *intake.Network) (map[string]entities.Bank, error) {
	stored := map[string]entities.Bank{}
	for i := range c.books.Config.Entities {
		stored[c.books.Config.Entities[i].Key] = c.books.Config.Entities[i].Bank
	}
	proposals := map[string]entities.Bank{}
	var faults fault.List
	withhold := func(e *entities.Entity) {
		if e.Bank != (entities.Bank{}) && e.Bank != stored[e.Key] {
			proposals[e.Key] = e.Bank
			faults = append(faults, e.Bank.Check(e.Key)...)
		}
		e.Bank = stored[e.Key]
	}
	if n.Operator.Key != "" {
		withhold(&n.Operator)
	}
	for i := range n.Entities {
		withhold(&n.Entities[i])
	}
	return proposals, faults.Err()
}

// propose lets bank data wait for a second person and returns the addresses of
// the changes.
func (c *call) propose(banks map[string]entities.Bank) (waiting []string, err error) {
	for key, bank := range banks {
		id, err := c.Store.ProposeBank(c.ctx, c.name(), key, bank)
		if err != nil {
			return nil, err
		}
		if id > 0 {
			waiting = append(waiting, bankPath(id))
		}
	}
	slices.Sort(waiting)
	return waiting, nil
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

func (c *call) bankChangeOf(b *store.BankChange) BankChange {
	return BankChange{
		ID: b.ID, Entity: b.Entity, Bank: Bank{b.Bank.Holder, b.Bank.IBAN, b.Bank.BIC}, State: string(b.State),
		AskedAt: c.at(b.AskedAt), AskedBy: b.AskedBy, DecidedAt: c.at(b.DecidedAt), DecidedBy: b.DecidedBy,
	}
}

// bankChangesInput narrows the listing.
type bankChangesInput struct {
	Paging
	Waiting bool   `query:"waiting" doc:"only those that wait"`
	Entity  string `query:"entity"`
}

func (c *call) bankChanges(in *bankChangesInput) (*List[BankChange], error) {
	all, err := c.Store.BankChanges(c.ctx, store.BankChangeFilter{Waiting: in.Waiting, Entity: in.Entity})
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(b *store.BankChange) string { return strconv.FormatInt(b.ID, 10) })
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

func (c *call) bankChange(in *IDInput) (*One[BankChange], error) {
	all, err := c.Store.BankChanges(c.ctx, store.BankChangeFilter{})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == in.ID {
			return &One[BankChange]{c.bankChangeOf(&all[i])}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "bank_change_unknown", fault.Args{"change": in.ID})
}

func (c *call) approveBank(in *IDInput) (*One[BankChange], error) {
	if err := c.Store.ApproveBank(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.bankChange(in)
}

func (c *call) rejectBank(in *IDInput) (*One[BankChange], error) {
	if err := c.Store.RejectBank(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.bankChange(in)
}
