package entities

import "creditrun/internal/fault"

// Recipient returns who gets the credit notes of an owner: the owner, or its
// alternate credit address, followed once and never chained (domain.md §2.6).
// The address must be another active entity of the tree. The error is a
// *fault.Fault that says what is wrong; it concerns this owner only.
func (t *Tree) Recipient(owner *Entity) (*Entity, error) {
	if owner == nil {
		return nil, fault.New(fault.NotFound, "recipient_without_owner", nil)
	}
	if owner.AlternateCredit == "" {
		if !owner.Active {
			return nil, fault.New(fault.NotReady, "recipient_inactive", fault.Args{"entity": owner.Key}).At("active")
		}
		return owner, nil
	}
	args := fault.Args{"entity": owner.Key, "address": owner.AlternateCredit}
	address := t.Entity(owner.AlternateCredit)
	switch {
	case address == nil:
		return nil, fault.New(fault.NotReady, "alternate_address_unknown", args).At("alternate_credit_address")
	case address.Key == owner.Key:
		return nil, fault.New(fault.NotReady, "alternate_address_self", args).At("alternate_credit_address")
	case !address.Active:
		return nil, fault.New(fault.NotReady, "alternate_address_inactive", args).At("alternate_credit_address")
	}
	return address, nil
}

// AddressWarnings returns what is unusual, but not wrong, with a working
// alternate credit address: it is beside or below the owner, it is the
// operator itself, or it has an alternate credit address of its own, which is
// not followed. An address that does not work is a fault of Recipient instead.
func (t *Tree) AddressWarnings(owner *Entity) []*fault.Fault {
	address, err := t.Recipient(owner)
	if err != nil || address.Key == owner.Key {
		return nil
	}
	var warnings []*fault.Fault
	args := fault.Args{"entity": owner.Key, "address": address.Key}
	if !t.IsAncestor(address, owner) {
		warnings = append(warnings, invalid("alternate_address_no_ancestor", args).At("alternate_credit_address"))
	}
	if address == t.Root() {
		warnings = append(warnings, invalid("alternate_address_operator", args).At("alternate_credit_address"))
	}
	if address.AlternateCredit != "" {
		args := fault.Args{"entity": owner.Key, "address": address.Key, "next": address.AlternateCredit}
		warnings = append(warnings, invalid("alternate_address_not_chained", args).At("alternate_credit_address"))
	}
	return warnings
}
