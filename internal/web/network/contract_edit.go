package network

import (
	"net/url"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// contractEditView is the form of a contract.
type contractEditView struct {
	*page.FormState
	New          bool
	Key          string
	Title        string
	Action, Back string
	Unread       bool
	Groups       []contractFields
	Bands        []contractBand
	Owners       page.Offered
	Stations     page.Offered
	Calculation  calculationView
	Delete       *deletion
}

// BandMark are the attributes of the first input of the volume bonus.
func (v contractEditView) BandMark() any { return v.Group("volume_bonus", "volume_bonus-help") }

// contractPath is the address of a contract.
func contractPath(key string) string { return "/contracts/" + url.PathEscape(key) }

// ContractNewPage shows the form of a new contract.
func (v *Visit) ContractNewPage() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	c := settlement.Contract{Owner: f.Text("owner"), From: v.ThisMonth().Next(), Active: true}
	return v.showContractForm(b, f, &c, true)
}

// ContractEditPage shows the form of a contract.
func (v *Visit) ContractEditPage() error {
	b, c, err := v.contractSeen()
	if err != nil {
		return err
	}
	return v.showContractForm(b, v.Form(""), c, false)
}

// SaveContract stores what the form says, or calculates a session by it.
func (v *Visit) SaveContract() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	key, isNew := v.R.PathValue("key"), v.R.PathValue("key") == ""
	if isNew {
		key = f.Text("key")
	} else if _, _, err := v.contractSeen(); err != nil {
		return err
	}
	f.About("contract", key)
	c := contractIn(f, key)
	if f.Text("calculate") != "" {
		if v.Refreshes() {
			return v.Part("contract_edit", "calculation", v.calculation(v.Form(""), &c))
		}
		return v.showContractForm(b, v.Form(""), &c, isNew)
	}
	if isNew && key == "" {
		f.Say("key", "contract_key_missing")
	}
	if f.Ok() {
		config := &creditnotes.Configuration{Contracts: []settlement.Contract{c}}
		f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionContracts, key), isNew, config))
	}
	if !f.Ok() {
		return v.showContractForm(b, f, &c, isNew)
	}
	return v.Done(contractPath(key), "contract_saved", "Key", key)
}

// contractSeen finds the contract of the address, of an owner that the visitor
// sees.
func (v *Visit) contractSeen() (*snapshot.Snapshot, *settlement.Contract, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	key := v.R.PathValue("key")
	for i := range b.Config.Contracts {
		if c := b.Config.Contracts[i]; c.Key == key && v.Who.Sees(c.Owner) {
			return b, &c, nil
		}
	}
	return nil, nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": key})
}

func (v *Visit) showContractForm(b *snapshot.Snapshot, f *page.FormState, c *settlement.Contract, isNew bool) error {
	if err := v.See(f, page.Record(creditnotes.SectionContracts, c.Key)); err != nil {
		return err
	}
	view := contractEditView{FormState: f, New: isNew, Key: c.Key, Title: v.Message("contract_new"), Action: "/contracts/new", Back: "/contracts", Unread: c.Unread}
	if !isNew {
		view.Title, view.Back = c.Key, contractPath(c.Key)
		view.Action = view.Back + "/edit"
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionContracts, c.Key, view.Back); err != nil {
			return err
		}
	}
	typed := v.R.Method == "POST"
	view.Owners, view.Stations = v.Offer(b, page.OfferedEntities), v.Offer(b, page.OfferedStations)
	for _, group := range contractInputs(c) {
		fields := contractFields{Name: group.name}
		for _, input := range group.inputs {
			field := v.contractField(b, f, input, typed)
			switch input.name {
			case "owner":
				field.List = view.Owners.List()
			case "stations":
				field.List = view.Stations.List()
			}
			fields.Fields = append(fields.Fields, field)
		}
		view.Groups = append(view.Groups, fields)
	}
	view.Bands = v.contractBandsOf(c)
	if typed {
		view.Bands = append(contractBandsIn(f), contractBand{})
	}
	view.Calculation = v.calculation(v.Form(""), c)
	return v.ShowForm(f, "contract_edit", view.Title, view)
}

// contractField is an input with what was typed into it, else what is stored.
func (v *Visit) contractField(b *snapshot.Snapshot, f *page.FormState, input contractInput, typed bool) contractField {
	value, kind := input.shown()
	if kind == "figure" {
		value = v.Figure(value)
	}
	if typed {
		value = f.Values.Get(input.name)
		if input.name == "stations" {
			value = strings.Join(stationsIn(f), "\n")
		}
	}
	field := contractField{formField: formField{FormState: f, Name: input.name, Kind: kind, Value: value, Hint: input.hint}, Share: input.share}
	field.Required = input.name == "owner" || input.name == "from"
	switch input.name {
	case "settle_on":
		field.Choices = v.Choices("contract_settle_on_%s", value, string(settlement.Generated), string(settlement.Collected))
	case "fee_tax_account":
		field.Kind, field.Choices = "select", []page.Choice{{}}
		for i := range b.Config.TaxAccounts {
			a := &b.Config.TaxAccounts[i]
			field.Choices = append(field.Choices, page.Choice{Value: a.Key, Text: v.TaxAccountName(a), Chosen: a.Key == value})
		}
	}
	return field
}

// monthsAround are the months that a timeline shows: half a year back and a year
// ahead.
func monthsAround(month entities.Month) (list []entities.Month) {
	for i := -6; i < 12; i++ {
		list = append(list, month.AddMonths(i))
	}
	return list
}
