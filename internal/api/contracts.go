package api

import (
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/settlement"
)

// Contract says how an owner is settled, as the network file has it.
type Contract = intake.Contract

// contracts lists the contracts of the owners that the visitor sees.
func (c *call) contracts(in *pageInput) (*List[Contract], error) {
	var seen []settlement.Contract
	for _, one := range c.snapshot.Config.Contracts {
		if c.who.Sees(one.Owner) {
			seen = append(seen, one)
		}
	}
	return allContracts.page(c, in.Paging, seen)
}

// contract shows one.
func (c *call) contract(in *keyInput) (*Tagged[Contract], error) {
	for _, one := range c.snapshot.Config.Contracts {
		if one.Key == in.Key && c.who.Sees(one.Owner) {
			return allContracts.one(c, one.Key, one)
		}
	}
	return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
}
