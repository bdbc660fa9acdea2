package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
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
	Contracts    []Contract
	Settings     []Setting // those that the file mentions, in its order

	// Lines are the lines on which the elements with a key begin; see Line.
	Lines map[string]int
}

// listsOf are the lists whose elements the argument of a fault may name, the
// most telling argument first.
var listsOf = []struct {
	argument string
	lists    []string
}{
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
			if line := n.Lines[keyOf(list+"[", key)]; line > 0 {
				return line
			}
		}
	}
	return 0
}

// Setting is one setting as text, the way creditnotes.Settings takes it. The
// parts of the payment terms have keys of their own: payment_terms.net_days,
// payment_terms.text.de.
type Setting struct {
	Key   string
	Value string
	Line  int // in the file it came from; 0 elsewhere
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
	d := &decoder{report: report{file: name}, visits: 10*size(root) + aliasAllowance, keys: map[string]int{}}
	n := d.network(d.mapping(root, ""))
	n.Lines = d.keys
	if err := d.err(); err != nil {
		return nil, err
	}
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

func (d *decoder) network(m *mapping) *Network {
	n := &Network{}
	if in, ok := m.nested("operator"); ok {
		n.Operator = operator(in)
		in.done()
	}
	zone := n.zone()
	n.Entities = keyed(m, "entities", entity)
	d.notTheOperator(m, n)
	n.TaxAccounts = keyed(m, "tax_accounts", taxAccount)
	n.NumberRanges = keyed(m, "number_ranges", numberRange)
	rates := unique{}
	n.Tariffs.CostRates = each(m, "cost_rates", func(in *mapping) tariffs.CostRate { return costRate(in, rates, zone) })
	n.Tariffs.Community = keyed(m, "community_tariffs", communityTariff)
	n.Tariffs.ChargePoint = keyed(m, "charge_point_tariffs", chargePointTariff)
	n.Tariffs.Sales = keyed(m, "sales_tariffs", salesTariff)
	partners := unique{}
	n.Partners = each(m, "bilateral_partners", func(in *mapping) entities.Partner { return partner(in, partners) })
	s := stations{network: n, zone: n.Operator.TimeZone, at: zone, connectors: unique{}, alone: !m.has("operator")}
	n.Stations = keyed(m, "stations", s.station)
	media := unique{}
	n.Media = each(m, "media", func(in *mapping) entities.Medium { return medium(in, media) })
	n.Contracts = keyed(m, "contracts", contract)
	if in, ok := m.nested("settings"); ok {
		n.Settings = settings(in)
		in.done()
	}
	m.done()
	return n
}

// zone is the operator's, or UTC when the file does not tell.
func (n *Network) zone() *time.Location {
	zone, err := time.LoadLocation(n.Operator.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// notTheOperator reports an entity with the operator's key.
func (d *decoder) notTheOperator(m *mapping, n *Network) {
	for i := range n.Entities {
		if key := n.Entities[i].Key; key != "" && key == n.Operator.Key {
			d.add(m.lines["entities"], fmt.Sprintf("entities[%d].key", i), "another key than the operator's", key)
		}
	}
}

// keyed decodes a section whose elements have keys of their own.
func keyed[T any](m *mapping, section string, decode func(*mapping) T) []T {
	seen := unique{}
	return each(m, section, func(in *mapping) T {
		in.require("key")
		seen.check(in, "key", in.word("key"))
		return decode(in)
	})
}
