package network

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// contractView is one contract.
type contractView struct {
	contractLine
	Path        string
	Currency    string
	Groups      []agreedGroup
	Bands       []contractBand
	Months      []entities.Month
	Years       []timelineYear
	Timeline    []timelineRow
	Calculation calculationView
	History     []contractChange
	Conflicts   []string
	Change      string // where it is changed; empty: the visitor may not
	WhatIf      string // where is asked what last month would have been; empty: the visitor may not
	OpenMonth   entities.Month
}

// agreedGroup are fields of a contract that are agreed.
type agreedGroup struct {
	Name   string
	Fields []agreedField
}

// agreedField is one field with its value for people.
type agreedField struct{ Name, Value string }

// timelineYear heads the months of a year.
type timelineYear struct {
	Year   string
	Months int
}

// timelineRow is a contract of an owner, month by month.
type timelineRow struct {
	Key, Path string
	This      bool
	Cells     []timelineCell
}

// timelineCell is a month.
type timelineCell struct {
	Month   entities.Month
	InForce bool
}

// contractChange is a change of the contract.
type contractChange struct {
	At     time.Time
	Who    string
	Fields []changedField
}

// changedField is one field before and after.
type changedField struct{ Name, Before, After string }

// ContractPage shows a contract.
func (v *Visit) ContractPage() error {
	b, c, err := v.contractSeen()
	if err != nil {
		return err
	}
	all := settlement.NewContracts(b.Config.Contracts)
	view := contractView{
		contractLine: v.contractLine(b, all, c), Path: contractPath(c.Key), Currency: v.contractCurrency(c), Groups: v.agreed(c),
		Change: v.LinkIfAllowed(contractPath(c.Key) + "/edit"), WhatIf: v.whatIfOf(c), OpenMonth: v.ThisMonth(),
	}
	for _, band := range c.VolumeBonus {
		view.Bands = append(view.Bands, contractBand{v.decimal(band.From.String()), v.decimal(band.PerKWh.String())})
	}
	view.addTimeline(b, c, all, v.ThisMonth())
	for _, f := range all.Conflicts(c.Owner, v.ThisMonth()) {
		view.Conflicts = append(view.Conflicts, v.Texts.PageFault(v.Lang, f))
	}
	view.Calculation = v.calculation(v.Form(""), c)
	if v.Refreshes() {
		return v.Part("contract", "calculation", view.Calculation)
	}
	if v.Who.Operator && v.May(access.ReadAudit) {
		if view.History, err = v.contractHistory(c.Key); err != nil {
			return err
		}
	}
	return v.Show("contract", c.Key, view)
}

// agreed lists what is agreed, group by group.
func (v *Visit) agreed(c *settlement.Contract) (groups []agreedGroup) {
	for _, group := range contractInputs(c) {
		one := agreedGroup{Name: group.name}
		for _, input := range group.inputs {
			if value := v.agreedValue(input); value != "" && input.name != "owner" && input.name != "title" {
				one.Fields = append(one.Fields, agreedField{input.name, value})
			}
		}
		if len(one.Fields) > 0 {
			groups = append(groups, one)
		}
	}
	return groups
}

func (v *Visit) agreedValue(input contractInput) string {
	value, kind := input.shown()
	switch {
	case value == "":
		return ""
	case kind == "check":
		return v.Message("yes")
	case kind == "month":
		return v.Texts.Month(v.Lang, entities.Month(value))
	case kind == "figure":
		return v.decimal(value)
	case kind == "select":
		return v.Message("contract_settle_on_" + value)
	}
	return value
}

// decimal is a decimal number of ours as people of the visitor's language write
// it.
func (v *Visit) decimal(text string) string {
	_, fraction, _ := strings.Cut(text, ".")
	n, err := money.Parse(text, len(fraction))
	if err != nil {
		return text
	}
	return v.Texts.Number(v.Lang, n, len(fraction))
}

// addTimeline adds when the contracts of the owner are in force.
func (view *contractView) addTimeline(b *snapshot.Snapshot, c *settlement.Contract, all *settlement.Contracts, now entities.Month) {
	view.Months = monthsAround(now)
	for _, month := range view.Months {
		year := string(month)[:4]
		if last := len(view.Years) - 1; last < 0 || view.Years[last].Year != year {
			view.Years = append(view.Years, timelineYear{Year: year})
		}
		view.Years[len(view.Years)-1].Months++
	}
	for i := range b.Config.Contracts {
		other := &b.Config.Contracts[i]
		if other.Owner != c.Owner {
			continue
		}
		row := timelineRow{Key: other.Key, Path: contractPath(other.Key), This: other.Key == c.Key}
		for _, month := range view.Months {
			row.Cells = append(row.Cells, timelineCell{month, inForce(all, other, month)})
		}
		view.Timeline = append(view.Timeline, row)
	}
}

// contractHistory lists the changes of a contract, the latest first: the audit
// log remembers them.
func (v *Visit) contractHistory(key string) (list []contractChange, err error) {
	entries, err := v.Store.Audit(v.R.Context(), store.AuditFilter{Action: "contract", Subject: key, Limit: mostChanges})
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		before, err := definitionOf(entry.Before)
		if err != nil {
			return nil, fmt.Errorf("audit entry %d: %w", entry.ID, err)
		}
		after, err := definitionOf(entry.After)
		if err != nil {
			return nil, fmt.Errorf("audit entry %d: %w", entry.ID, err)
		}
		list = append(list, contractChange{At: entry.At, Who: entry.Who, Fields: v.changedFields(before, after)})
	}
	return list, nil
}

// definitionOf reads the contract in the text of an audit entry; of no text it
// is nil.
func definitionOf(text string) (*settlement.Contract, error) {
	if text == "" {
		return nil, nil
	}
	var row struct {
		Definition settlement.Contract `json:"definition"`
	}
	err := json.Unmarshal([]byte(text), &row)
	return &row.Definition, err
}

// changedFields lists the fields that differ. A contract that is new has none.
func (v *Visit) changedFields(before, after *settlement.Contract) (fields []changedField) {
	if before == nil || after == nil {
		return nil
	}
	was, is := contractInputs(before), contractInputs(after)
	for i, group := range was {
		for j, input := range group.inputs {
			if x, y := v.agreedValue(input), v.agreedValue(is[i].inputs[j]); x != y {
				fields = append(fields, changedField{input.name, page.OrElse(x, "–"), page.OrElse(y, "–")})
			}
		}
	}
	if x, y := bandsInWords(before), bandsInWords(after); x != y {
		fields = append(fields, changedField{"volume_bonus", page.OrElse(x, "–"), page.OrElse(y, "–")})
	}
	return fields
}

// bandsInWords writes the bands of a volume bonus.
func bandsInWords(c *settlement.Contract) (words string) {
	for _, b := range c.VolumeBonus {
		if words != "" {
			words += ", "
		}
		words += b.From.String() + " kWh: " + b.PerKWh.String()
	}
	return words
}

// whatIfOf is where is asked what a month would have been under a contract.
func (v *Visit) whatIfOf(c *settlement.Contract) string {
	if !v.Who.Operator || !v.May(access.Preview) {
		return ""
	}
	return contractPath(c.Key) + "/what-if"
}
