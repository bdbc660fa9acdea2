package api

import (
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// section is a section of the network file whose elements are listed, shown and
// put one by one. Every element is read by intake, so that files and programs
// are judged alike.
type section[D, T any] struct {
	name  string
	all   func(*creditnotes.Configuration) []D
	key   func(*D) string        // with it and cursors the elements are told apart
	of    func(*call) func(*D) T // the record in the network file; nil: it needs no more than the element
	keyOf func(*T) *string       // nil: its key has several fields
}

// The sections that need no care of their own.
var (
	taxAccounts = section[creditnotes.TaxAccount, intake.TaxAccount]{
		name: "tax_accounts", all: func(c *creditnotes.Configuration) []creditnotes.TaxAccount { return c.TaxAccounts },
		key:   func(a *creditnotes.TaxAccount) string { return a.Key },
		keyOf: func(a *intake.TaxAccount) *string { return &a.Key },
	}
	numberRanges = section[numbering.Range, intake.NumberRange]{
		name: "number_ranges", all: func(c *creditnotes.Configuration) []numbering.Range { return c.NumberRanges },
		key:   func(r *numbering.Range) string { return r.Key },
		keyOf: func(r *intake.NumberRange) *string { return &r.Key },
	}
	chargePointTariffs = section[tariffs.ChargePointTariff, intake.ChargePointTariff]{
		name: "charge_point_tariffs", all: func(c *creditnotes.Configuration) []tariffs.ChargePointTariff { return c.Tariffs.ChargePoint },
		key:   func(t *tariffs.ChargePointTariff) string { return t.Key },
		keyOf: func(t *intake.ChargePointTariff) *string { return &t.Key },
	}
	communityTariffs = section[tariffs.CommunityTariff, intake.CommunityTariff]{
		name: "community_tariffs", all: func(c *creditnotes.Configuration) []tariffs.CommunityTariff { return c.Tariffs.Community },
		key:   func(t *tariffs.CommunityTariff) string { return t.Key },
		keyOf: func(t *intake.CommunityTariff) *string { return &t.Key },
	}
	salesTariffs = section[tariffs.SalesTariff, intake.SalesTariff]{
		name: "sales_tariffs", all: func(c *creditnotes.Configuration) []tariffs.SalesTariff { return c.Tariffs.Sales },
		key:   func(t *tariffs.SalesTariff) string { return t.Key },
		keyOf: func(t *intake.SalesTariff) *string { return &t.Key },
	}
	costRates = section[tariffs.CostRate, CostRate]{
		name: "cost_rates", all: func(c *creditnotes.Configuration) []tariffs.CostRate { return c.Tariffs.CostRates },
		key:   func(r *tariffs.CostRate) string { return fmt.Sprintf("%s %d", r.Key, r.Version) },
		of:    func(c *call) func(*tariffs.CostRate) CostRate { return intake.CostRatesOf(c.zone()) },
		keyOf: func(r *CostRate) *string { return &r.Key },
	}
	allStations = section[entities.Station, Station]{
		name: "stations", all: func(c *creditnotes.Configuration) []entities.Station { return c.Stations },
		key:   func(s *entities.Station) string { return s.Key },
		of:    func(c *call) func(*entities.Station) Station { return intake.StationsOf(c.connectors()) },
		keyOf: func(s *Station) *string { return &s.Key },
	}
	allMedia = section[entities.Medium, Medium]{
		name: creditnotes.SectionMedia, all: func(c *creditnotes.Configuration) []entities.Medium { return c.Media },
		key:   func(m *entities.Medium) string { return m.UID },
		keyOf: func(m *Medium) *string { return &m.UID },
	}
	allPartners = section[entities.Partner, Partner]{
		name: creditnotes.SectionPartners, all: func(c *creditnotes.Configuration) []entities.Partner { return c.Partners },
		key: func(p *entities.Partner) string { return p.ID() },
	}
	allContracts = section[settlement.Contract, Contract]{
		name: "contracts", all: func(c *creditnotes.Configuration) []settlement.Contract { return c.Contracts },
		key:   func(c *settlement.Contract) string { return c.Key },
		keyOf: func(c *Contract) *string { return &c.Key },
	}
	allEntities = section[entities.Entity, Entity]{
		name: "entities", all: func(c *creditnotes.Configuration) []entities.Entity { return c.Entities },
		key:   func(e *entities.Entity) string { return e.Key },
		keyOf: func(e *Entity) *string { return &e.Key },
	}
)

// One is one thing.
type One[T any] struct{ Body T }

// keyInput names an element.
type keyInput struct {
	Key string `path:"key"`
}

// pageInput asks for a page of a listing without filters.
type pageInput struct{ Paging }

// putInput is an element and its key.
type putInput[T any] struct {
	Key string `path:"key"`
	Conditions
	Body T
}

// list lists the elements.
func (s section[D, T]) list(c *call, in *pageInput) (*List[T], error) {
	return s.page(c, in.Paging, s.all(c.snapshot.Config))
}

// page is a page of some of the elements.
func (s section[D, T]) page(c *call, p Paging, all []D) (*List[T], error) {
	some, place, err := cut(c, p, all, s.key)
	if err != nil {
		return nil, err
	}
	return listed(c, s.written(c, some), place), nil
}

// get shows the element of a key.
func (s section[D, T]) get(c *call, in *keyInput) (*Tagged[T], error) {
	all := s.all(c.snapshot.Config)
	for i := range all {
		if s.key(&all[i]) == in.Key {
			return s.one(c, in.Key, all[i])
		}
	}
	return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
}

func (s section[D, T]) one(c *call, key string, element D) (*Tagged[T], error) {
	tag, err := c.tag(s.record(key))
	return &Tagged[T]{tag, s.written(c, []D{element})[0]}, err
}

// record is what the store calls an element of a key.
func (s section[D, T]) record(key string) creditnotes.Record {
	return creditnotes.Record{Section: s.name, Key: key}
}

// written are elements as a network file has them.
func (s section[D, T]) written(c *call, list []D) []T {
	var items []T
	of := intake.RecordOf[T, D]
	if s.of != nil {
		of = s.of(c)
	}
	for i := range list {
		items = append(items, of(&list[i]))
	}
	return items
}

// put creates or replaces an element and shows it as it is now.
func (s section[D, T]) put(c *call, in *putInput[T]) (*Tagged[T], error) {
	if err := s.save(c, in); err != nil {
		return nil, err
	}
	return s.get(c, &keyInput{in.Key})
}

func (s section[D, T]) save(c *call, in *putInput[T]) error {
	network, err := s.taken(c, in)
	if err != nil {
		return err
	}
	_, err = c.save(s.record(in.Key), in.Conditions, network)
	return err
}

// deleteInput names an element, and may say what of it was read.
type deleteInput struct {
	Key string `path:"key"`
	IfMatch
}

// remove deletes an element that nothing refers to.
func (s section[D, T]) remove(c *call, in *deleteInput) (*none, error) {
	p := in.precondition()
	if err := c.Store.DeleteRecordIf(c.ctx, c.name(), s.record(in.Key), p); err != nil {
		return nil, c.refused(p, err)
	}
	return &none{}, nil
}

// taken is the network file of one element, read.
func (s section[D, T]) taken(c *call, in *putInput[T]) (*intake.Network, error) {
	key := s.keyOf(&in.Body)
	if *key != "" && *key != in.Key {
		return nil, c.invalid("body.key", "expected the key of the address, or none")
	}
	*key = in.Key
	return c.element(s.name, in.Body)
}

// element reads an element as if it stood in a network file beside the
// operator, in whose zone dates are meant.
func (c *call) element(section string, body any) (*intake.Network, error) {
	file := map[string]any{section: []any{body}}
	if operator := c.snapshot.Operator(); operator != nil {
		file["operator"] = intake.RecordOf[Entity](operator)
	}
	return c.readFile(file)
}

// save stores the one record that was read, if the conditions hold, and returns
// what of it waits for a second person. The token takes the place of the password, which
// was asked when it was made.
func (c *call) save(r creditnotes.Record, conditions Conditions, network *intake.Network) ([]creditnotes.Proposal, error) {
	precondition, err := c.precondition(conditions)
	if err != nil {
		return nil, err
	}
	config, _, err := network.Configuration()
	if err != nil {
		return nil, err
	}
	// The operator was beside it for its zone alone.
	config.Entities = slices.DeleteFunc(config.Entities, func(e entities.Entity) bool {
		return r.Section != creditnotes.SectionEntities || e.Key != r.Key
	})
	waiting, err := c.Store.PutRecord(c.ctx, c.name(), r, precondition, config)
	if err != nil {
		return nil, c.refused(precondition, err).ofElement()
	}
	c.snapshot, err = c.snapshots.Current(c.ctx)
	return waiting, err
}

// rateVersions shows all versions of a cost rate.
func rateVersions(c *call, in *keyInput) (*taggedRates, error) {
	var versions []tariffs.CostRate
	for _, rate := range c.snapshot.Config.Tariffs.CostRates {
		if rate.Key == in.Key {
			versions = append(versions, rate)
		}
	}
	if len(versions) == 0 {
		return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
	}
	tag, err := c.tag(costRates.record(in.Key))
	return &taggedRates{tag, listed(c, costRates.written(c, versions), "").Body}, err
}

// taggedRates are the versions of a cost rate with their tag.
type taggedRates struct {
	ETag string `header:"ETag"`
	Body Items[CostRate]
}

// putRate creates a cost rate or a version of one, and shows all of them.
func putRate(c *call, in *putInput[CostRate]) (*taggedRates, error) {
	if err := costRates.save(c, in); err != nil {
		return nil, err
	}
	return rateVersions(c, &keyInput{in.Key})
}
