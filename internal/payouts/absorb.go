package payouts

import "creditrun/creditnotes"

// Absorb has money that settles nothing yet (payments, payouts and returns of
// payouts) settle what is open of the account with the other sign, and takes it off
// the items. Other money comes first, then documents, top-ups and adjustments, each
// time the oldest. It leaves out items that stand in a payout, items to which the
// recipient objects, and pairs that settled says are allocated already, since each
// pair is allocated once.
func (a *Account) Absorb(settled func(movement, item int64) bool) (list []creditnotes.Allocation) {
	for _, money := range []bool{true, false} {
		for i := range a.Items {
			if a.Items[i].Kind.IsItem() {
				continue
			}
			for j := range a.Items {
				if a.Items[j].Kind.IsItem() == money {
					continue
				}
				if one, meet := meets(&a.Items[i], &a.Items[j], settled); meet {
					list = append(list, one)
				}
			}
		}
	}
	return list
}

// meets has money and what it meets settle each other as far as they go. Of two
// that are money the later one settles the earlier one.
func meets(money, other *Item, settled func(movement, item int64) bool) (one creditnotes.Allocation, meet bool) {
	by, item := money, other
	if !other.Kind.IsItem() && by.ID < item.ID {
		by, item = item, by
	}
	if by.Open == 0 || item.Open == 0 || (by.Open < 0) == (item.Open < 0) || item.Payout != "" || by.Payout != "" || item.Objection || settled(by.ID, item.ID) {
		return one, false
	}
	part := item.Open
	if by.Open < 0 {
		part = min(part, -by.Open)
	} else {
		part = max(part, -by.Open)
	}
	by.Open, item.Open = by.Open+part, item.Open-part
	return creditnotes.Allocation{Movement: by.ID, Item: item.ID, Amount: part}, true
}
