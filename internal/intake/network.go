package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Network is what a network file says (formats.md §1). A section that is not
// in the file is empty: importing it changes nothing of that section.
type Network struct {
	Operator     entities.Entity // without a key when the file has no operator
	Entities     []entities.Entity
	TaxAccounts  []creditnotes.TaxAccount
	NumberRanges []numbering.Range
	Tariffs      tariffs.Config // every cost rate has version 0: versions are given when stored
	Partners     []entities.Partner
	Stations     []entities.Station
	Connectors   []entities.Connector
	Media        []entities.Medium
	Contracts    []settlement.Contract
	Settings     []Setting // those that the file mentions, in its order

	// Lines are the lines on which the elements with a key begin; see Line.
	Lines map[string]int
}

// NetworkFile is a network file: its sections in the order in which they are
// written.
type NetworkFile struct {
	Operator     *Entity             `json:"operator,omitempty" file:",block,early"`
	TaxAccounts  []TaxAccount        `json:"tax_accounts,omitempty" file:",block"`
	NumberRanges []NumberRange       `json:"number_ranges,omitempty"`
	Entities     []Entity            `json:"entities,omitempty" file:",block,early"`
	CostRates    []CostRate          `json:"cost_rates,omitempty" file:",block"`
	Community    []CommunityTariff   `json:"community_tariffs,omitempty" file:",block"`
	ChargePoint  []ChargePointTariff `json:"charge_point_tariffs,omitempty" file:",block"`
	Sales        []SalesTariff       `json:"sales_tariffs,omitempty" file:",block"`
	Partners     []Partner           `json:"bilateral_partners,omitempty"`
	Stations     []Station           `json:"stations,omitempty" file:",block"`
	Media        []Medium            `json:"media,omitempty"`
	Contracts    []Contract          `json:"contracts,omitempty" file:",block"`
	Settings     settings            `json:"settings,omitempty" file:",block"`
}

func (f *NetworkFile) domain() *Network {
	n := &Network{
		Entities:     converted(f.Entities, (*Entity).domain),
		TaxAccounts:  converted(f.TaxAccounts, (*TaxAccount).domain),
		NumberRanges: converted(f.NumberRanges, domainOf[numbering.Range]),
		Tariffs: tariffs.Config{
			CostRates:   converted(f.CostRates, domainOf[tariffs.CostRate]),
			Community:   converted(f.Community, (*CommunityTariff).domain),
			ChargePoint: converted(f.ChargePoint, domainOf[tariffs.ChargePointTariff]),
			Sales:       converted(f.Sales, domainOf[tariffs.SalesTariff]),
		},
		Partners:  converted(f.Partners, domainOf[entities.Partner]),
		Media:     converted(f.Media, domainOf[entities.Medium]),
		Contracts: converted(f.Contracts, domainOf[settlement.Contract]),
		Settings:  f.Settings,
	}
	if f.Operator != nil {
		n.Operator = f.Operator.domain()
	}
	for i := range f.Stations {
		station, connectors := f.Stations[i].domain()
		n.Stations = append(n.Stations, station)
		n.Connectors = append(n.Connectors, connectors...)
	}
	return n
}

// fileOf is a network as its file has it.
func fileOf(n *Network) *NetworkFile {
	f := &NetworkFile{
		TaxAccounts:  converted(n.TaxAccounts, RecordOf[TaxAccount]),
		NumberRanges: converted(n.NumberRanges, RecordOf[NumberRange]),
		Entities:     converted(n.Entities, RecordOf[Entity]),
		CostRates:    converted(n.Tariffs.CostRates, CostRatesOf(zoneOf(n.Operator.TimeZone, time.UTC))),
		Community:    converted(n.Tariffs.Community, RecordOf[CommunityTariff]),
		ChargePoint:  converted(n.Tariffs.ChargePoint, RecordOf[ChargePointTariff]),
		Sales:        converted(n.Tariffs.Sales, RecordOf[SalesTariff]),
		Partners:     converted(n.Partners, RecordOf[Partner]),
		Stations:     converted(n.Stations, StationsOf(n.Connectors)),
		Media:        converted(n.Media, RecordOf[Medium]),
		Contracts:    converted(n.Contracts, RecordOf[Contract]),
		Settings:     n.Settings,
	}
	if n.Operator.Key != "" {
		f.Operator = new(RecordOf[Entity](&n.Operator))
	}
	return f
}

// listsOf are the lists whose elements the argument of a fault may name, the
// most telling argument first.
var listsOf = []struct {
	argument string
	lists    []string
}{
	{"contract", []string{"contracts"}},
	{"evse", []string{"connectors"}},
	{"rate", []string{"cost_rates"}},
	{"tariff", []string{"charge_point_tariffs", "community_tariffs", "sales_tariffs"}},
	{"station", []string{"stations"}},
	{"entity", []string{"entities"}},
	{"range", []string{"number_ranges"}},
	{"account", []string{"tax_accounts"}},
}

// Line returns the line on which the element begins that a fault is about, or
// 0 when the file does not tell. It serves the faults that are only found when
// all parts of the network are seen together.
func (n *Network) Line(f *fault.Fault) int {
	for _, one := range listsOf {
		key, ok := f.Args[one.argument].(string)
		if !ok {
			continue
		}
		if number, ok := f.Args["connector"]; ok && one.argument == "evse" {
			key = fmt.Sprintf("%s/%v", key, number)
		}
		for _, list := range one.lists {
			if line := n.Lines[keyOf(list+"[", key+"\n"+f.Field)]; line > 0 {
				return line
			}
			if line := n.Lines[keyOf(list+"[", key)]; line > 0 {
				return line
			}
		}
	}
	return 0
}

// maxNetwork bounds a network file. A larger network is imported in parts.
const maxNetwork = 256 << 20

// ReadNetwork reads a network file. All that is wrong with it comes back as one
// fault.List, each fault with line and field; then there is no Network. Whether
// keys that are referred to exist is not checked here.
func ReadNetwork(name string, r io.Reader) (*Network, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxNetwork+1))
	if err != nil {
		return nil, unreadable(name, 0, err)
	}
	if len(text) > maxNetwork {
		return nil, unreadable(name, 0, fmt.Errorf("larger than %d MiB: import it in parts", maxNetwork>>20))
	}
	root, err := document(name, text)
	if err != nil {
		return nil, err
	}
	d := &decoder{
		report: report{file: name}, visits: 10*size(root) + aliasAllowance,
		keys: map[string]int{}, seen: map[string]int{}, zone: time.UTC, stationZone: time.UTC,
	}
	m := d.mapping(root, "")
	d.alone = !m.has("operator")
	var file NetworkFile
	m.record(reflect.ValueOf(&file).Elem(), "")
	d.notTheOperator(m, file.Entities)
	if err := d.err(); err != nil {
		return nil, err
	}
	n := file.domain()
	n.Lines = d.keys
	return n, nil
}

// document parses the one YAML document of a file.
func document(name string, text []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, unreadable(name, 0, err)
	}
	var doc yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF):
		return nil, empty(name)
	case err != nil:
		return nil, syntaxFault(name, err)
	case len(doc.Content) == 0:
		return nil, empty(name)
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, empty(name)
	}
	var second yaml.Node
	switch err := loader.Load(&second); {
	case err == nil:
		rep := report{file: name}
		rep.add(second.Line, "", "one YAML document", "a second one")
		return nil, rep.err()
	case !errors.Is(err, io.EOF):
		return nil, syntaxFault(name, err)
	}
	return root, nil
}

// syntaxFault says where a file stops being YAML.
func syntaxFault(name string, err error) error {
	rep := report{file: name}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		rep.add(at.Mark.Line, "", "valid YAML", "an error: "+at.Message)
	} else {
		rep.add(0, "", "valid YAML", "an error: "+err.Error())
	}
	return rep.err()
}

// notTheOperator reports an entity with the operator's key.
func (d *decoder) notTheOperator(m *mapping, list []Entity) {
	for i := range list {
		if list[i].Key != "" && list[i].Key == d.operator {
			d.add(m.lines["entities"], fmt.Sprintf("entities[%d].key", i), "another key than the operator's", list[i].Key)
		}
	}
}

// WithLines gives the faults of an error that were found when all of the file
// was seen together the argument line, where their line is known.
func (n *Network) WithLines(err error) error {
	faults := fault.Of(err)
	if len(faults) == 0 {
		return err
	}
	var list fault.List
	for _, f := range faults {
		copied := *f
		if line := n.Line(f); line > 0 {
			copied.Args = fault.Args{"line": line}
			for key, value := range f.Args {
				copied.Args[key] = value
			}
		}
		list = append(list, &copied)
	}
	return list
}
