package creditnotes

import (
	"context"
	"iter"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// IssuerQuery asks what became of a month's sessions that were charged with the
// media of an issuer, on both sides (settlement.md §8).
type IssuerQuery struct {
	Issuer string // key
	Month  entities.Month
	Media  []string // of the issuer, in upper case
	// From and Until are the bounds of the month in the operator's zone.
	From, Until time.Time
	// Payer and Contract are the entity that is billed for own charging in that
	// month and the contract by which it is; empty: no contract says so.
	Payer, Contract string
	// Due reports whether the payer is due with the run of the month.
	Due bool
	// Network says whose a station was.
	Network *entities.Network
	// Seen reports whether the owner's side of a session may be shown; nil: that
	// of every owner. Of the sessions of other owners only what the issuer was
	// billed or paid is compared.
	Seen func(owner string) bool
}

// NewIssuerQuery asks for an issuer and a month of a configuration.
func NewIssuerQuery(config *Configuration, network *entities.Network, issuer string, month entities.Month) IssuerQuery {
	q := IssuerQuery{
		Issuer: issuer, Month: month, Network: network, Media: []string{}, From: month.Start(network.Zone()), Until: month.End(network.Zone()),
	}
	for i := range config.Media {
		if config.Media[i].Issuer == issuer {
			q.Media = append(q.Media, entities.MediumKey(config.Media[i].UID))
		}
	}
	contracts := settlement.NewContracts(config.Contracts)
	for e := network.Tree.Entity(issuer); e != nil && q.Contract == ""; e = network.Tree.Entity(e.Parent) {
		if c := contracts.OwnCharging(e.Key, month); c != nil {
			q.Payer, q.Contract, q.Due = e.Key, c.Key, e.Frequency.Due(month)
		}
	}
	return q
}

// IssuerSide is what an entry of the comparison is about.
type IssuerSide int

// The sides: what is known of the session itself, what the issuer was billed, and
// what the owner of the station was credited.
const (
	SideSession IssuerSide = iota
	SideBilled
	SideCredited
)

// IssuerEntry is one thing that is stored of a session with a medium of the
// issuer. Each side is read from tables of its own.
type IssuerEntry struct {
	Side        IssuerSide
	Source      string
	Session     string // external id; with Source, the name of the session
	ID          int64  // of the version
	ConnectorID int64
	Station     string // key
	EVSEID      string
	Medium      string // whole: anyone who shows it masks it
	Start, End  time.Time
	Energy      money.Quantity
	Driver      *money.Micros // driver amount; nil: not known on this side
	Currency    string

	Reversed    bool            // SideSession: its source took it back
	CollectedAt time.Time       // SideSession; zero: not known
	State       SessionState    // SideSession: what became of it so far
	Reason      sessions.Reason // SideSession: why it is held or excluded
	Waits       sessions.Reason // SideSession: why it is not billed as own charging yet; empty: nothing says so

	Net    money.Micros // what was billed, or the owner's share
	Party  string       // key: who was billed, or the owner
	Number string       // of the document; empty: it has none
}

// IssuerStore reads both sides of an issuer.
type IssuerStore interface {
	// IssuerEntries yields what is stored of the sessions that end in the month
	// and were charged with the media, in bytewise order of source and session,
	// SideSession first: the current version, own charging on standing documents,
	// and lines on standing documents, what takes back with its sign. After an
	// error there are no more.
	IssuerEntries(ctx context.Context, q IssuerQuery) iter.Seq2[IssuerEntry, error]
	// TopUps lists top-ups, the latest first.
	TopUps(ctx context.Context, f TopUpFilter) ([]TopUp, error)
}

// IssuerFinding is what a comparison of both sides says of a session.
type IssuerFinding string

// The findings. An issuer is billed or paid where the session is billed as own
// charging or the driver's money has arrived.
const (
	IssuerAgrees  IssuerFinding = "agrees"      // on both sides, with the same figures
	IssuerDiffers IssuerFinding = "differs"     // on both sides, with other figures
	IssuerOnly    IssuerFinding = "issuer_only" // billed or paid, and no owner was credited
	OwnerOnly     IssuerFinding = "owner_only"  // credited, and the issuer neither billed nor paid
	IssuerOpen    IssuerFinding = "open"        // on neither side
	IssuerApart   IssuerFinding = "apart"       // at a station of another owner, whose side is not shown
)

// IssuerFindings are all findings, those that someone should look at first.
var IssuerFindings = []IssuerFinding{IssuerDiffers, IssuerOnly, OwnerOnly, IssuerOpen, IssuerAgrees, IssuerApart}

// IssuerWhy says why a session is missing on a side.
type IssuerWhy string

// Why no owner was credited: what became of the session; Held and Excluded have
// a reason. Why the issuer was neither billed nor paid: what own charging waits
// for, with a reason; that the payer is not due; that the next run bills it; or
// that no contract bills own charging and the driver has not paid.
const (
	WhyHeld      IssuerWhy = "held"
	WhyExcluded  IssuerWhy = "excluded"
	WhyWithdrawn IssuerWhy = "withdrawn"
	WhyDrafted   IssuerWhy = "drafted"
	WhyNotRun    IssuerWhy = "not_run"
	WhyWaits     IssuerWhy = "waits"
	WhyNotDue    IssuerWhy = "not_due"
	WhyNotBilled IssuerWhy = "not_billed"
	WhyNoOwn     IssuerWhy = "no_own_charging"
)

// IssuerRow is one session on both sides.
type IssuerRow struct {
	Source, Session string
	ID              int64 // of the current version; 0: no version of today is one of this issuer and month
	Station, EVSEID string
	Medium          string
	End             time.Time
	Energy          money.Quantity // of the current version

	// What the issuer was billed or paid.
	Driver        *money.Micros // as stated, or as billed; nil: not known
	Currency      string
	CollectedAt   time.Time // zero: not collected
	Billed        bool
	BilledNet     money.Micros
	BilledEnergy  money.Quantity
	BilledNumbers []string

	// What the owner of the station was credited.
	Owner           string // key; empty: none, or not shown
	Credited        bool
	Share           money.Micros
	CreditedEnergy  money.Quantity
	CreditedDriver  *money.Micros
	CreditedIn      string // currency
	CreditedNumbers []string

	Finding IssuerFinding
	Why     IssuerWhy       // of IssuerOnly, OwnerOnly and IssuerOpen
	Reason  sessions.Reason // of Why: held, excluded, waits
}

// Paid reports whether the session is on the side of the issuer.
func (r *IssuerRow) Paid() bool { return r.Billed || !r.CollectedAt.IsZero() }

// IssuerSum is what both sides come to in one currency.
type IssuerSum struct {
	Currency string

	Collected       int64 // sessions whose money arrived
	CollectedAmount money.Micros
	CollectedBlank  int64 // of these, those of which no driver amount is stated
	Billed          int64
	BilledDriver    money.Micros
	BilledNet       money.Micros
	TopUps          int64
	TopUpAmount     money.Micros

	Credited       int64
	CreditedDriver money.Micros
	CreditedBlank  int64 // credited sessions without a known driver amount
	Share          money.Micros
}

// IssuerTotals are what a comparison comes to.
type IssuerTotals struct {
	Findings map[IssuerFinding]Count // with the energy of the sessions
	Sums     []IssuerSum             // by currency
}
