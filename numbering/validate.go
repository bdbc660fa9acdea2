package numbering

import (
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// Validate returns everything that is wrong with a range by itself; CheckAll
// also compares ranges. A range with faults gives no numbers.
func (r Range) Validate() []*fault.Fault {
	var faults fault.List
	if r.Key == "" {
		faults = append(faults, r.fault("range_key_empty", fault.Args{"name": r.Name}).At("key"))
	}
	if r.Next < 1 {
		faults = append(faults, r.fault("range_next_too_small", fault.Args{"next": r.Next}).At("next"))
	}
	faults = append(faults, r.checkWords()...)
	p, broken := parsePattern(&r)
	faults = append(faults, broken...)
	if len(broken) == 0 {
		faults = append(faults, r.checkPattern(p)...)
	}
	return faults
}

// Warnings returns what is allowed but will hurt later: a full stop in numbers
// is not accepted by DATEV.
func (r Range) Warnings() []*fault.Fault {
	p, broken := parsePattern(&r)
	if len(broken) > 0 {
		return nil
	}
	for _, t := range p {
		if strings.Contains(t.text, ".") {
			return []*fault.Fault{r.fault("range_full_stop", fault.Args{"pattern": r.Pattern}).At("pattern")}
		}
	}
	return nil
}

// CheckUsable tells why documents of a type cannot be numbered by a range, or
// nil: there is none, it is switched off, it is valid for other types, or it
// is broken (domain.md §8.2).
func CheckUsable(r *Range, t DocumentType) *fault.Fault {
	if r == nil {
		return fault.New(fault.NotReady, "range_missing", fault.Args{"type": string(t)})
	}
	if !r.Active {
		return fault.New(fault.NotReady, "range_inactive", fault.Args{"range": r.Key, "type": string(t)})
	}
	if !slices.Contains(r.ValidFor, t) {
		return fault.New(fault.NotReady, "range_wrong_type", fault.Args{"range": r.Key, "type": string(t)})
	}
	if faults := r.Validate(); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// CheckAll validates all ranges of an operator together: each by itself, keys
// that occur twice, and pairs whose numbers could be the same (domain.md §8.2).
// Inactive ranges count, for they may have given numbers already.
func CheckAll(ranges []Range) []*fault.Fault {
	var faults fault.List
	seen := map[string]bool{}
	for i, r := range ranges {
		faults = append(faults, r.Validate()...)
		if r.Key != "" && seen[r.Key] {
			faults = append(faults, r.fault("range_twice", nil).At("key"))
		}
		seen[r.Key] = true
		for _, earlier := range ranges[:i] {
			if earlier.Key != r.Key && Collide(earlier, r) {
				faults = append(faults, r.fault("ranges_collide", fault.Args{
					"pattern": r.Pattern, "other": earlier.Key, "other_pattern": earlier.Pattern,
				}).At("pattern"))
			}
		}
	}
	return faults
}

// checkWords judges reset, scope and document types.
func (r Range) checkWords() fault.List {
	var faults fault.List
	if !slices.Contains([]Reset{ResetNever, ResetYearly, ResetMonthly}, r.Reset) {
		faults = append(faults, r.fault("range_reset_unknown", fault.Args{"value": string(r.Reset)}).At("reset"))
	}
	if !slices.Contains([]Scope{"", ScopeIssuer, ScopeRecipient}, r.Scope) {
		faults = append(faults, r.fault("range_scope_unknown", fault.Args{"value": string(r.Scope)}).At("scope"))
	}
	if len(r.ValidFor) == 0 {
		faults = append(faults, r.fault("range_valid_for_nothing", nil).At("valid_for"))
	}
	for _, t := range r.ValidFor {
		if !slices.Contains([]DocumentType{CreditNote, Cancellation, Invoice}, t) {
			faults = append(faults, r.fault("range_type_unknown", fault.Args{"value": string(t)}).At("valid_for"))
		}
	}
	return faults
}

// checkPattern judges a pattern that can be read against the rest of the range.
func (r Range) checkPattern(p pattern) fault.List {
	var faults fault.List
	add := func(key string, args fault.Args) { faults = append(faults, r.fault(key, args).At("pattern")) }
	if p.count(placeholderSequence) == 0 {
		add("range_without_sequence", fault.Args{"pattern": r.Pattern})
	}
	for _, name := range [...]string{placeholderSequence, placeholderMonth, placeholderRecipient} {
		if p.count(name) > 1 {
			add("range_placeholder_twice", fault.Args{"placeholder": "{" + name + "}"})
		}
	}
	if p.count(placeholderYear)+p.count(placeholderShortYear) > 1 {
		add("range_placeholder_twice", fault.Args{"placeholder": "{YYYY}"})
	}
	if r.Reset == ResetYearly && !p.hasYear() {
		add("range_reset_without_year", fault.Args{"pattern": r.Pattern})
	}
	if r.Reset == ResetMonthly && (!p.hasYear() || p.count(placeholderMonth) == 0) {
		add("range_reset_without_month", fault.Args{"pattern": r.Pattern})
	}
	if r.Scope == ScopeRecipient && p.count(placeholderRecipient) == 0 {
		add("range_scope_without_recipient", fault.Args{"pattern": r.Pattern})
	}
	if p.ambiguous() {
		add("range_ambiguous", fault.Args{"pattern": r.Pattern})
	}
	if p.least() > MaxLength {
		add("range_too_long", fault.Args{"pattern": r.Pattern, "length": p.least(), "most": MaxLength})
	}
	return faults
}

// fault makes a fault that names the range.
func (r *Range) fault(key string, args fault.Args) *fault.Fault {
	all := fault.Args{"range": r.Key}
	for k, v := range args {
		all[k] = v
	}
	return fault.New(fault.Invalid, key, all)
}
