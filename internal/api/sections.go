package api

import (
	"encoding/json"
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// section is a section of the network file whose elements are listed, shown and
// put one by one. Every element goes through intake, so that files and programs
// are judged alike.
type section[D, T any] struct {
	name   string
	all    func(*creditnotes.Configuration) []D
	key    func(*D) string // with it and cursors the elements are told apart
	write  func(*intake.Network, []D)
	read   func(*NetworkFile) []T
	keyOf  func(*T) *string
	finish func(*T) // spells out what a file leaves out; may be nil
}

// The sections that need no care of their own.
var (
	taxAccounts = section[creditnotes.TaxAccount, TaxAccount]{
		name: "tax_accounts", all: func(c *creditnotes.Configuration) []creditnotes.TaxAccount { return c.TaxAccounts },
		key:   func(a *creditnotes.TaxAccount) string { return a.Key },
		write: func(n *intake.Network, list []creditnotes.TaxAccount) { n.TaxAccounts = list },
		read:  func(f *NetworkFile) []TaxAccount { return f.TaxAccounts }, keyOf: func(a *TaxAccount) *string { return &a.Key },
	}
	numberRanges = section[numbering.Range, NumberRange]{
		name: "number_ranges", all: func(c *creditnotes.Configuration) []numbering.Range { return c.NumberRanges },
		key:   func(r *numbering.Range) string { return r.Key },
		write: func(n *intake.Network, list []numbering.Range) { n.NumberRanges = list },
		read:  func(f *NetworkFile) []NumberRange { return f.NumberRanges }, keyOf: func(r *NumberRange) *string { return &r.Key },
		finish: func(r *NumberRange) { r.Active = orTrue(r.Active) },
	}
	chargePointTariffs = section[tariffs.ChargePointTariff, ChargePointTariff]{
		name: "charge_point_tariffs", all: func(c *creditnotes.Configuration) []tariffs.ChargePointTariff { return c.Tariffs.ChargePoint },
		key:   func(t *tariffs.ChargePointTariff) string { return t.Key },
		write: func(n *intake.Network, list []tariffs.ChargePointTariff) { n.Tariffs.ChargePoint = list },
		read:  func(f *NetworkFile) []ChargePointTariff { return f.ChargePoint }, keyOf: func(t *ChargePointTariff) *string { return &t.Key },
	}
	communityTariffs = section[tariffs.CommunityTariff, CommunityTariff]{
		name: "community_tariffs", all: func(c *creditnotes.Configuration) []tariffs.CommunityTariff { return c.Tariffs.Community },
		key:   func(t *tariffs.CommunityTariff) string { return t.Key },
		write: func(n *intake.Network, list []tariffs.CommunityTariff) { n.Tariffs.Community = list },
		read:  func(f *NetworkFile) []CommunityTariff { return f.Community }, keyOf: func(t *CommunityTariff) *string { return &t.Key },
	}
	salesTariffs = section[tariffs.SalesTariff, SalesTariff]{
		name: "sales_tariffs", all: func(c *creditnotes.Configuration) []tariffs.SalesTariff { return c.Tariffs.Sales },
		key:   func(t *tariffs.SalesTariff) string { return t.Key },
		write: func(n *intake.Network, list []tariffs.SalesTariff) { n.Tariffs.Sales = list },
		read:  func(f *NetworkFile) []SalesTariff { return f.Sales }, keyOf: func(t *SalesTariff) *string { return &t.Key },
	}
	costRates = section[tariffs.CostRate, CostRate]{
		name: "cost_rates", all: func(c *creditnotes.Configuration) []tariffs.CostRate { return c.Tariffs.CostRates },
		key:   func(r *tariffs.CostRate) string { return fmt.Sprintf("%s %d", r.Key, r.Version) },
		write: func(n *intake.Network, list []tariffs.CostRate) { n.Tariffs.CostRates = list },
		read:  func(f *NetworkFile) []CostRate { return f.CostRates }, keyOf: func(r *CostRate) *string { return &r.Key },
	}
	allStations = section[entities.Station, Station]{
		name: "stations", all: func(c *creditnotes.Configuration) []entities.Station { return c.Stations },
		key:   func(s *entities.Station) string { return s.Key },
		write: func(n *intake.Network, list []entities.Station) { n.Stations = list },
		read:  func(f *NetworkFile) []Station { return f.Stations }, keyOf: func(s *Station) *string { return &s.Key },
	}
	allEntities = section[entities.Entity, Entity]{
		name: "entities", all: func(c *creditnotes.Configuration) []entities.Entity { return c.Entities },
		key:   func(e *entities.Entity) string { return e.Key },
		write: func(n *intake.Network, list []entities.Entity) { n.Entities = list },
		read:  func(f *NetworkFile) []Entity { return f.Entities }, keyOf: func(e *Entity) *string { return &e.Key },
		finish: func(e *Entity) {
			e.Active = orTrue(e.Active)
			if e.SessionDetail == "" {
				e.SessionDetail = string(entities.DetailCSV)
			}
		},
	}
)

func orTrue(is *bool) *bool {
	if is == nil {
		yes := true
		return &yes
	}
	return is
}

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
	items, err := s.written(c, some)
	if err != nil {
		return nil, err
	}
	return listed(c, items, place), nil
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
	items, err := s.written(c, []D{element})
	if err != nil {
		return nil, err
	}
	tag, err := c.tag(s.record(key))
	return &Tagged[T]{tag, items[0]}, err
}

// record is what the store calls an element of a key.
func (s section[D, T]) record(key string) creditnotes.Record {
	return creditnotes.Record{Section: s.name, Key: key}
}

// written are elements as a network file has them.
func (s section[D, T]) written(c *call, list []D) ([]T, error) {
	n := &intake.Network{Connectors: c.connectors()}
	if operator := c.snapshot.Operator(); operator != nil {
		n.Operator.TimeZone = operator.TimeZone
	}
	s.write(n, list)
	text, err := intake.NetworkJSON(n)
	if err != nil {
		return nil, err
	}
	var file NetworkFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	items := s.read(&file)
	for i := range items {
		if s.finish != nil {
			s.finish(&items[i])
		}
	}
	return items, nil
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
		list, err := allEntities.written(c, []entities.Entity{*operator})
		if err != nil {
			return nil, err
		}
		file["operator"] = list[0]
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
	items, err := costRates.written(c, versions)
	if err != nil {
		return nil, err
	}
	tag, err := c.tag(costRates.record(in.Key))
	return &taggedRates{tag, listed(c, items, "").Body}, err
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
