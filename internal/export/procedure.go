package export

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
)

// ProcedurePart is a part of the procedure documentation that the GoBD ask for: a
// heading, what it says, and a list of what is configured.
type ProcedurePart struct {
	Title, Text string
	Facts       []ProcedureFact
}

// ProcedureFact is something that is configured.
type ProcedureFact struct{ Name, Value string }

// procedureParts are the parts in their order; their words are the messages
// procedure_PART and procedure_PART_text.
var procedureParts = []struct {
	name  string
	facts func(*procedure) ([]ProcedureFact, error)
}{
	{"purpose", (*procedure).operator},
	{"flow", nil},
	{"intake", nil},
	{"prices", (*procedure).prices},
	{"documents", (*procedure).ranges},
	{"taxes", (*procedure).taxes},
	{"delivery", nil},
	{"money", nil},
	{"ledger", nil},
	{"immutable", nil},
	{"people", (*procedure).roles},
	{"backup", nil},
	{"access", nil},
	{"settings", (*procedure).settings},
}

// procedure is what the documentation is filled from.
type procedure struct {
	config   *creditnotes.Configuration
	root     *entities.Entity
	language string
	words    Messages
}

// ProcedureOf fills the procedure documentation from a configuration, in a language
// with its words.
func ProcedureOf(config *creditnotes.Configuration, operator *entities.Entity, language string, words Messages) ([]ProcedurePart, error) {
	p := &procedure{config, operator, language, words}
	var list []ProcedurePart
	for _, part := range procedureParts {
		title, err := words(fmt.Sprintf("procedure_%s", part.name), nil)
		if err != nil {
			return nil, err
		}
		text, err := words(fmt.Sprintf("procedure_%s", part.name+"_text"), map[string]any{"Operator": operator.DisplayName()})
		if err != nil {
			return nil, err
		}
		one := ProcedurePart{Title: title, Text: text}
		if part.facts != nil {
			if one.Facts, err = part.facts(p); err != nil {
				return nil, err
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// named writes facts under messages; those without a value are left out.
func (p *procedure) named(pairs ...string) (facts []ProcedureFact, err error) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		name, err := p.words(pairs[i], nil)
		if err != nil {
			return nil, err
		}
		facts = append(facts, ProcedureFact{name, pairs[i+1]})
	}
	return facts, nil
}

func (p *procedure) operator() ([]ProcedureFact, error) {
	r := p.root
	return p.named("procedure_company", r.DisplayName(), "procedure_address", strings.Trim(r.Street+", "+r.Postcode+" "+r.City+", "+r.Country, ", "),
		"procedure_vat_id", r.VATID, "procedure_zone", r.TimeZone, "procedure_currency", r.Currency)
}

func (p *procedure) prices() ([]ProcedureFact, error) {
	c := p.config
	return p.named("procedure_cost_rates", fmt.Sprint(len(c.Tariffs.CostRates)), "procedure_contracts", fmt.Sprint(len(c.Contracts)),
		"procedure_release", string(c.Settings.Release))
}

func (p *procedure) ranges() (facts []ProcedureFact, err error) {
	for i := range p.config.NumberRanges {
		r := &p.config.NumberRanges[i]
		facts = append(facts, ProcedureFact{r.Key, r.Pattern})
	}
	return facts, nil
}

func (p *procedure) taxes() (facts []ProcedureFact, err error) {
	for i := range p.config.TaxAccounts {
		t := &p.config.TaxAccounts[i]
		facts = append(facts, ProcedureFact{t.Key, cmp.Or(t.Name[p.language], t.Name["en"], t.Name["de"])})
	}
	return facts, nil
}

func (p *procedure) roles() (facts []ProcedureFact, err error) {
	for _, role := range access.Roles() {
		rights := access.RightsOf(role)
		words := make([]string, len(rights))
		for i, right := range rights {
			if words[i], err = p.words(fmt.Sprintf("right_%s", right), nil); err != nil {
				return nil, err
			}
		}
		name, err := p.words(fmt.Sprintf("role_%s", role), nil)
		if err != nil {
			return nil, err
		}
		facts = append(facts, ProcedureFact{name, strings.Join(words, ", ")})
	}
	return facts, nil
}

func (p *procedure) settings() (facts []ProcedureFact, err error) {
	values := p.config.Settings.Values()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		facts = append(facts, ProcedureFact{key, cmp.Or(values[key], "–")})
	}
	return facts, nil
}

// ProcedureText writes the documentation as plain text: UTF-8, lines that end with
// CR LF.
func ProcedureText(w io.Writer, list []ProcedurePart) error {
	var b strings.Builder
	for i, part := range list {
		fmt.Fprintf(&b, "%d. %s\r\n%s\r\n", i+1, part.Title, part.Text)
		for _, f := range part.Facts {
			fmt.Fprintf(&b, "   - %s: %s\r\n", f.Name, f.Value)
		}
		b.WriteString("\r\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
