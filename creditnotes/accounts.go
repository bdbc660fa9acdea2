package creditnotes

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// AccountState is how an account stands (settlement.md §6.2).
type AccountState struct {
	Account
	Movements int64
	Balance   money.Amount  // positive: the operator owes it
	OpenItems int64         // that are not settled
	Open      money.Amount  // of the open items together
	Oldest    entities.Date // value date of the oldest open item; empty: none is open
}

// Unallocated is what of payments and payouts settles no item: the balance less
// what is open.
func (a *AccountState) Unallocated() money.Amount { return a.Balance - a.Open }

// AccountStanding says how an account stands.
type AccountStanding string

// The standings of accounts. One with open items may have any balance.
const (
	AccountOwed    AccountStanding = "owed"  // the operator owes it
	AccountOwing   AccountStanding = "owing" // it is owed to the operator
	AccountEven    AccountStanding = "even"  // the balance is 0
	AccountHasOpen AccountStanding = "open"  // it has open items
)

// AccountStandings are all standings, in the order of a list.
func AccountStandings() []AccountStanding {
	return []AccountStanding{AccountOwed, AccountOwing, AccountEven, AccountHasOpen}
}

// AccountFilter narrows a listing of accounts; zero fields match everything.
type AccountFilter struct {
	Entity   string // key
	Currency string
	Standing AccountStanding
	// Until is the last day whose movements count.
	Until entities.Date
	Scope []string // keys of the entities a visitor may see; nil: all
}

// Fits reports whether an account has what the filter asks for.
func (f *AccountFilter) Fits(a *AccountState) bool {
	if f.Entity != "" && a.Entity != f.Entity || f.Currency != "" && a.Currency != f.Currency || f.Scope != nil && !slices.Contains(f.Scope, a.Entity) {
		return false
	}
	switch f.Standing {
	case AccountOwed:
		return a.Balance > 0
	case AccountOwing:
		return a.Balance < 0
	case AccountEven:
		return a.Balance == 0
	case AccountHasOpen:
		return a.OpenItems > 0
	}
	return true
}

// AccountTotal is what the accounts in one currency come to.
type AccountTotal struct {
	Currency    string
	Accounts    int
	Owed, Owing money.Amount // positive balances, and negative ones
	OpenItems   int64
	Open        money.Amount
}

// Balance is what all accounts come to together.
func (t *AccountTotal) Balance() money.Amount { return t.Owed + t.Owing }

// Unallocated is the balance less what is open.
func (t *AccountTotal) Unallocated() money.Amount { return t.Balance() - t.Open }

// TotalsOfAccounts adds up accounts by currency, in its order.
func TotalsOfAccounts(list []AccountState) (totals []AccountTotal) {
	for i := range list {
		a := &list[i]
		at := slices.IndexFunc(totals, func(t AccountTotal) bool { return t.Currency == a.Currency })
		if at < 0 {
			at, totals = len(totals), append(totals, AccountTotal{Currency: a.Currency})
		}
		t := &totals[at]
		t.Accounts, t.OpenItems, t.Open = t.Accounts+1, t.OpenItems+a.OpenItems, t.Open+a.Open
		t.Owed, t.Owing = t.Owed+max(a.Balance, 0), t.Owing+min(a.Balance, 0)
	}
	slices.SortFunc(totals, func(a, b AccountTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	return totals
}

// AccountStateJSON is an account of a listing as programs read it.
type AccountStateJSON struct {
	Entity      string        `json:"entity" doc:"key of the recipient"`
	Currency    string        `json:"currency"`
	Movements   int64         `json:"movements"`
	Balance     string        `json:"balance" doc:"positive: the operator owes it"`
	OpenItems   int64         `json:"open_items"`
	OpenAmount  string        `json:"open_amount" doc:"of the open items together"`
	Unallocated string        `json:"unallocated" doc:"what of payments and payouts settles no item; with the open amount it is the balance"`
	OldestOpen  entities.Date `json:"oldest_open_item,omitempty" doc:"value date of the oldest open item"`
}

// JSON is the account as programs read it.
func (a *AccountState) JSON() AccountStateJSON {
	digits, _ := money.Digits(a.Currency)
	return AccountStateJSON{a.Entity, a.Currency, a.Movements, a.Balance.Format(digits), a.OpenItems, a.Open.Format(digits),
		a.Unallocated().Format(digits), a.Oldest}
}
