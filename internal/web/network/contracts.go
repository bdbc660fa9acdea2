package network

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/settlement"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// contractsView lists contracts.
type contractsView struct {
	List      *page.List
	States    []page.Choice
	Entities  []page.Choice
	Month     string
	Contracts []contractLine
	New       string // where a new one is made; empty: the visitor may not
}

// contractLine is one contract and how it stands.
type contractLine struct {
	settlement.Contract
	Path, OwnerName string
	OwnerPath       string
	State           contractState
	Terms           []string
}

// contractState is how a contract stands in the present month.
type contractState string

// The states.
const (
	contractDraft   contractState = "draft"
	contractInForce contractState = "in_force"
	contractLater   contractState = "later"
	contractOver    contractState = "over"
)

var contractColumns = []page.Column[contractLine]{
	{Head: page.Head{Key: "key", Message: "contract_key"}, By: page.ByText(func(c contractLine) string { return c.Key })},
	{Head: page.Head{Key: "title", Message: "contract_title"}, By: page.ByText(func(c contractLine) string { return c.Title })},
	{Head: page.Head{Key: "owner", Message: "contract_owner"}, By: page.ByText(func(c contractLine) string { return c.OwnerName })},
	{Head: page.Head{Key: "stations", Message: "contract_stations"}, By: page.By(func(c contractLine) int { return len(c.Stations) })},
	{Head: page.Head{Key: "from", Message: "contract_from"}, By: page.ByText(func(c contractLine) string { return string(c.From) })},
	{Head: page.Head{Key: "until", Message: "contract_until"}, By: page.ByText(func(c contractLine) string { return cmp.Or(string(lastOf(&c.Contract)), "9999") })},
	{Head: page.Head{Message: "contract_terms"}},
	{Head: page.Head{Key: "state", Message: "contract_state"}, By: page.ByText(func(c contractLine) string { return string(c.State) })},
}

// lastOf is the last month that a contract names.
func lastOf(c *settlement.Contract) entities.Month {
	if c.Ended != "" && (c.To == "" || c.AutoRenew || c.Ended < c.To) {
		return c.Ended
	}
	if c.AutoRenew {
		return ""
	}
	return c.To
}

// contractList is the list as the address asks for it, before it is sorted.
func (v *Visit) contractList() (*page.List, []contractLine, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/contracts", Fields: []string{"q", "owner", "month", "state"}, Size: page.RowsPerPage, Order: "key", Empty: "contracts_none",
	})
	all := settlement.NewContracts(b.Config.Contracts)
	text, owner, month, state := strings.ToLower(l.Text("q")), l.Text("owner"), l.Month("month"), l.Choice("state", contractStates...)
	var lines []contractLine
	for i := range b.Config.Contracts {
		line := v.contractLine(b, all, &b.Config.Contracts[i])
		switch c := &line.Contract; {
		case !v.Who.Sees(c.Owner), owner != "" && c.Owner != owner, state != "" && string(line.State) != state:
		case month != "" && !inForce(all, c, month):
		case text != "" && !strings.Contains(strings.ToLower(strings.Join([]string{c.Key, c.Title, c.ExternalID, line.OwnerName}, "\n")), text):
		default:
			lines = append(lines, line)
		}
	}
	return l, lines, nil
}

var contractStates = []string{string(contractInForce), string(contractLater), string(contractOver), string(contractDraft)}

// inForce reports whether a contract counts for a month.
func inForce(all *settlement.Contracts, c *settlement.Contract, month entities.Month) bool {
	return slices.ContainsFunc(all.InForce(c.Owner, month), func(one *settlement.Contract) bool { return one.Key == c.Key })
}

func (v *Visit) contractLine(b *snapshot.Snapshot, all *settlement.Contracts, c *settlement.Contract) contractLine {
	line := contractLine{Contract: *c, Path: contractPath(c.Key), OwnerName: v.EntityName(c.Owner), OwnerPath: page.EntityPath(c.Owner)}
	line.State, line.Terms = v.contractState(all, c), v.contractTerms(c)
	return line
}

func (v *Visit) contractState(all *settlement.Contracts, c *settlement.Contract) contractState {
	month := v.ThisMonth()
	switch {
	case !c.Active:
		return contractDraft
	case inForce(all, c, month):
		return contractInForce
	case month < c.From:
		return contractLater
	}
	return contractOver
}

// contractTerms says in a few words what is agreed.
func (v *Visit) contractTerms(c *settlement.Contract) (words []string) {
	if c.Shares() {
		words = append(words, v.Message("contract_terms_share", "AC", v.Texts.Percent(v.Lang, *c.ShareAC), "DC", v.Texts.Percent(v.Lang, *c.ShareDC)))
	} else {
		words = append(words, v.Message("contract_terms_price"))
	}
	for key, agreed := range map[string]bool{
		"contract_terms_monthly":   c.MonthlyFee+c.MonthlyFeePerStation+c.MonthlyFeePerACEVSE+c.MonthlyFeePerDCEVSE > 0,
		"contract_terms_guarantee": c.MinimumGuarantee > 0, "contract_terms_bonus": len(c.VolumeBonus) > 0,
		"contract_terms_own": c.BillOwnCharging, "contract_terms_collected": c.SettleOn == settlement.Collected,
	} {
		if agreed {
			words = append(words, v.Message(key))
		}
	}
	slices.Sort(words[1:])
	return words
}

// Contracts lists the contracts of the owners that the visitor sees.
func (v *Visit) Contracts() error {
	l, lines, err := v.contractList()
	if err != nil {
		return err
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := contractsView{List: l, Entities: v.EntitiesOffered(b), Month: l.Text("month"), New: v.LinkIfAllowed("/contracts/new")}
	view.States = v.Choices("contract_state_%s", l.Text("state"), contractStates...)
	view.Contracts = page.Rows(l, lines, contractColumns...)
	if v.May(access.Export) {
		l.Export("/contracts.csv", "CSV", "")
		l.Export("/contracts.xlsx", "XLSX", "")
	}
	return v.ShowList("contracts", "menu_contracts", view, l.Err())
}

// ContractsCSV downloads the list as the filter shows it.
func (v *Visit) ContractsCSV() error {
	return v.contractsFile(page.TypeCSV, "contracts.csv", func(w io.Writer, list []settlement.Contract) error {
		return export.ContractsCSV(w, v.CSVLook(), list)
	})
}

// ContractsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) ContractsXLSX() error {
	look := v.XLSXLook("contract_%s")
	return v.contractsFile(page.TypeXLSX, "contracts.xlsx", func(w io.Writer, list []settlement.Contract) error {
		return export.ContractsXLSX(w, v.Message("menu_contracts"), look, list)
	})
}

func (v *Visit) contractsFile(mediaType, name string, write func(io.Writer, []settlement.Contract) error) error {
	l, lines, err := v.contractList()
	if err != nil {
		return err
	}
	if err := l.Err(); err != nil {
		return err
	}
	list := make([]settlement.Contract, len(lines))
	for i := range lines {
		list[i] = lines[i].Contract
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, list) })
}

// contractsOf are the contracts of an owner, by key.
func (v *Visit) contractsOf(b *snapshot.Snapshot, owner string) (lines []contractLine) {
	all := settlement.NewContracts(b.Config.Contracts)
	for i := range b.Config.Contracts {
		if c := &b.Config.Contracts[i]; c.Owner == owner {
			lines = append(lines, v.contractLine(b, all, c))
		}
	}
	return lines
}
