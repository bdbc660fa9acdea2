package tariffs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Rule names one of the two ways to a purchase price (domain.md §5).
type Rule string

// The rules, in the order in which they are tried.
const (
	ChargePointRule Rule = "charge_point_tariff"
	CommunityRule   Rule = "community_tariff"
)

// Result says what became of a rule that was tried.
type Result string

// The results of a rule.
const (
	Won        Result = "won"
	PassedOver Result = "passed_over"
)

// Path is the price path of domain.md §5: why the owner of a station gets what
// it gets. It holds nothing of a single session but its class and its reasons,
// so that many sessions share it. ID is made of the content (the first eight
// bytes of the SHA-256 of JSON, without the sign), so equal paths of different
// workers and runs are one.
type Path struct {
	ID   int64  `json:"-"`
	JSON []byte `json:"-"` // canonical: this struct with its fields in this order

	Class         sessions.Class     `json:"class"`
	EVSEID        string             `json:"evse_id"`
	Connector     int                `json:"connector"`
	ConnectorType string             `json:"connector_type,omitempty"`
	PowerType     entities.PowerType `json:"power_type,omitempty"`
	Station       string             `json:"station"`
	Zone          string             `json:"zone"` // IANA
	Owner         string             `json:"owner,omitempty"`
	Rule          Rule               `json:"rule,omitempty"` // empty: held unpriced
	Tariff        string             `json:"tariff,omitempty"`
	CostRate      *RateVersion       `json:"cost_rate,omitempty"`
	Prices        *PricesInForce     `json:"prices,omitempty"`
	Currency      string             `json:"currency,omitempty"`
	Discount      money.Percent      `json:"discount_percent"`
	Contract      *PathContract      `json:"contract,omitempty"`
	Sale          *SalePath          `json:"driver_amount_by,omitempty"` // nil: the source states the driver amount, or none is needed
	Tried         []Tried            `json:"tried"`
	Repriced      *PathReprice       `json:"repriced,omitempty"` // nil: it was priced once
}

// PathReprice says why a session is priced anew although its content is the same:
// it was credited at a cost rate or by a contract that was wrong.
type PathReprice struct {
	ID       int64  `json:"id"`
	CostRate string `json:"cost_rate,omitempty"` // key
	Contract string `json:"contract,omitempty"`  // key
	Reason   string `json:"reason"`
}

// Anew returns the path with the reason for which a session is priced anew.
func (p *Path) Anew(why *PathReprice) (*Path, error) {
	anew := *p
	anew.Repriced = why
	return &anew, anew.seal()
}

// RateVersion names one version of a cost rate.
type RateVersion struct {
	Key     string `json:"key"`
	Version int    `json:"version"`
}

// PricesInForce are the prices at the start of the session.
type PricesInForce struct {
	// Schedule is the entry of the cost rate's schedule that was in force, from
	// 1; 0 means the rate's own prices.
	Schedule     int   `json:"schedule,omitempty"`
	EnergyStepWh int64 `json:"energy_step_wh,omitempty"`
	Prices
}

// Tried is one rule that was tried, and what became of it.
type Tried struct {
	Rule      Rule   `json:"rule"`
	Tariff    string `json:"tariff,omitempty"`
	Condition string `json:"condition,omitempty"` // filters, validity, position
	// When are the filters of that condition, for what decides on them; nil where
	// there is none, and where a stored condition could be read in two ways. It is
	// no part of the JSON and so of the id.
	When     *Filter `json:"-"`
	CostRate string  `json:"cost_rate,omitempty"`
	Result   Result  `json:"result"`
	Why      Why     `json:"why"`
	// Count is how many conditions this entry stands for, where a tariff has
	// many that can never match at the connector.
	Count int `json:"count,omitempty"`
}

// ParsePath reads the JSON of a path, as it was stored with a credited session.
func ParsePath(stored []byte) (*Path, error) {
	p := &Path{}
	if err := json.Unmarshal(stored, p); err != nil {
		return nil, fmt.Errorf("price path: %w", err)
	}
	for i := range p.Tried {
		t := &p.Tried[i]
		if c, ok := ParseCondition(t.Condition); ok && t.Rule == ChargePointRule && t.Condition != "" {
			t.When = &c.When
		}
	}
	p.JSON = bytes.Clone(stored)
	p.ID = pathID(stored)
	return p, nil
}

// seal computes JSON and ID.
func (p *Path) seal() error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return fmt.Errorf("price path: %w", err)
	}
	p.JSON = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	p.ID = pathID(p.JSON)
	return nil
}

func pathID(canonical []byte) int64 {
	digest := sha256.Sum256(canonical)
	return int64(binary.BigEndian.Uint64(digest[:8]) & math.MaxInt64)
}

// Why is the stable code of the reason for which a rule won or was passed over.
// The locales hold a sentence for each.
type Why string

// code is a Why in one byte.
type code byte

// The codes; won has to be 0.
const (
	won code = iota
	notValidYet
	expired
	otherOwner
	otherWeekday
	outsideHours
	otherConnector
	otherStation
	otherConnectorType
	otherPowerType
	noneAtConnector
	noPurchaseConditions
	outranked
	ambiguous
	rateNotValidYet
	chargePointWon
	classNeverCommunity
	tariffNotValidYet
	chargePointMatches
)

// whys are the words of the codes.
var whys = [...]Why{
	won:                  "matches",
	notValidYet:          "not_valid_yet",
	expired:              "expired",
	otherOwner:           "other_owner",
	otherWeekday:         "other_weekday",
	outsideHours:         "outside_hours",
	otherConnector:       "other_connector",
	otherStation:         "other_station",
	otherConnectorType:   "other_connector_type",
	otherPowerType:       "other_power_type",
	noneAtConnector:      "none_at_connector",
	noPurchaseConditions: "no_purchase_conditions",
	outranked:            "outranked",
	ambiguous:            "ambiguous",
	rateNotValidYet:      "rate_not_valid_yet",
	chargePointWon:       "charge_point_tariff_won",
	classNeverCommunity:  "class_never_community",
	tariffNotValidYet:    "tariff_not_valid_yet",
	chargePointMatches:   "charge_point_tariff_matches",
}

// Whys returns every reason code there is, for the locales to be complete.
func Whys() []Why {
	all := make([]Why, len(whys))
	copy(all, whys[:])
	return all
}

func (c code) tried(rule Rule, tariff string) Tried {
	t := Tried{Rule: rule, Tariff: tariff, Result: PassedOver, Why: whys[c]}
	if c == won {
		t.Result = Won
	}
	return t
}
