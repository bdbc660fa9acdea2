package creditnotes

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// shardPlaces is how many connectors one transaction of a draft takes on, give
// or take one owner: enough to make a transaction worth its while, few enough
// to keep it short.
const shardPlaces = 400

// Plan is what a run will look at, made of the configuration alone: who gets a
// credit note from whom, and in which order.
type Plan struct {
	Config  *Configuration
	Network *entities.Network
	Book    *tariffs.Book

	contracts *settlement.Contracts
	// asConfigured makes the contracts of the configuration count whatever earlier
	// runs settled by.
	asConfigured bool
	month        entities.Month // of the run; zero where there is none
	account      map[string]*TaxAccount
	past         map[storedAccount]*TaxAccount // accounts as they once were
	day          entities.Date                 // of the documents
	groups       []*group
	frozen       map[ownerMonth]*settlement.Contracts
}

// group is what credit notes are made for, one per currency and one more where
// supplies are not subject to VAT: an owner, or with
// consolidation all owners with the same recipient.
type group struct {
	ordinal    int // of its first owner in the walk order
	recipient  *entities.Entity
	treatments treatments // of the recipient
	owners     []*owner
}

// owner is a Sub-CPO with what keeps it from being credited, if anything does.
type owner struct {
	entity *entities.Entity
	group  *group
	failed *fault.Fault
	due    bool            // the run closes the period in which it is settled (settlement.md §9)
	limits sessions.Limits // of the rules of plausibility at its stations
}

// NewPlan compiles the configuration for a document date. Faults in the
// network or the tariffs come back whole; what only one owner is to blame for
// fails that owner.
func NewPlan(config *Configuration, day entities.Date) (*Plan, error) {
	return newPlan(config, day, "")
}

// newPlan is NewPlan for the run of a month.
func newPlan(config *Configuration, day entities.Date, month entities.Month) (*Plan, error) {
	network, err := entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if err != nil {
		return nil, err
	}
	book, err := tariffs.NewBook(config.Tariffs, network, config.Settings.CommunityDiscount)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Config: config, Network: network, Book: book, account: map[string]*TaxAccount{}, past: map[storedAccount]*TaxAccount{}, day: day,
		contracts: settlement.NewContracts(config.Contracts), month: month,
	}
	for i := range config.TaxAccounts {
		p.account[config.TaxAccounts[i].Key] = &config.TaxAccounts[i]
	}
	p.group(nil)
	return p, nil
}

// include makes sure that all owners are in the plan to whom something is owed
// or who owes something, whether they have a station or not.
func (p *Plan) include(replaced []Reversal, waiting []WaitingNote, months *months, charges []ReplacedCharge, records []CustomRecord) {
	ids, keys := map[int64]bool{}, map[string]bool{}
	for _, old := range replaced {
		ids[old.Line.OwnerID] = true
	}
	for _, old := range charges {
		ids[old.OwnerID] = true
	}
	for _, record := range records {
		keys[record.Owner] = true
	}
	for _, note := range waiting {
		for _, owner := range note.Owners {
			keys[owner] = true
		}
	}
	p.group(func(e *entities.Entity) bool { return ids[e.ID] || keys[e.Key] || months.waitFor(p, e) })
}

// group gathers in walk order the owners of stations, and those entities that
// are named besides.
func (p *Plan) group(named func(*entities.Entity) bool) {
	p.groups = nil
	byRecipient := map[*entities.Entity]*group{}
	for rank, entity := range p.Network.Tree.Walk() {
		if len(p.Network.Places(entity)) == 0 && (named == nil || !named(entity)) {
			continue
		}
		o := &owner{entity: entity, due: p.month.IsZero() || entity.Frequency.Due(p.month), limits: entity.Limits.Over(p.Config.Settings.Limits)}
		recipient, failed := p.recipientOf(entity, p.day)
		if failed == nil {
			failed = p.contractConflict(entity)
		}
		o.failed = failed
		g := byRecipient[recipient]
		if g == nil || failed != nil || entity == p.Network.Operator() {
			g = &group{ordinal: rank, recipient: recipient, treatments: p.treatmentsOf(recipient)}
			p.groups = append(p.groups, g)
			if p.Config.Settings.ConsolidateByRecipient && failed == nil {
				byRecipient[recipient] = g
			}
		}
		o.group = g
		g.owners = append(g.owners, o)
	}
}

// recipientOf finds who gets the notes of an owner and what prevents
// one. The operator needs none (domain.md §2.4).
func (p *Plan) recipientOf(entity *entities.Entity, day entities.Date) (*entities.Entity, *fault.Fault) {
	if entity == p.Network.Operator() {
		return entity, nil
	}
	recipient, err := p.Network.Tree.Recipient(entity)
	if err != nil {
		return entity, asFault(err)
	}
	return recipient, p.obstacle(entity, recipient, day)
}

// Owners is how many owners a run of the plan drafts, the operator among them
// where it owns stations.
func (p *Plan) Owners() int {
	n := 0
	for _, g := range p.groups {
		n += len(g.owners)
	}
	return n
}

// shard is a piece of the draft that one transaction takes on. places are the
// connectors to read; an owner's sessions are settled by the one shard that
// holds the owner.
type shard struct {
	groups    []*group
	owners    map[*entities.Entity]*owner
	places    []int64
	ownerless bool // the one shard of connectors that never had an owner
}

// shards cuts the plan into pieces in walk order, leaving out who is drafted
// already.
func (p *Plan) shards(done map[int64]bool) []*shard {
	var list []*shard
	current := newShard()
	for _, g := range p.groups {
		if done[g.owners[0].entity.ID] {
			continue
		}
		current.add(p.Network, g)
		if len(current.places) >= shardPlaces {
			list = append(list, current.seal())
			current = newShard()
		}
	}
	if len(current.groups) > 0 {
		list = append(list, current.seal())
	}
	return list
}

// ownerless is the shard of the connectors that never had an owner: those that no
// station claims, and those of stations without any owner.
func (p *Plan) ownerless(unclaimed []int64) *shard {
	s := newShard()
	s.places = slices.Clone(unclaimed)
	for _, place := range p.Network.AllPlaces() {
		if place.HomeOwner() == nil {
			s.places = append(s.places, place.Connector.ID)
		}
	}
	s.ownerless = true
	return s.seal()
}

func newShard() *shard { return &shard{owners: map[*entities.Entity]*owner{}} }

func (s *shard) add(network *entities.Network, g *group) {
	s.groups = append(s.groups, g)
	for _, o := range g.owners {
		s.owners[o.entity] = o
		for _, place := range network.Places(o.entity) {
			s.places = append(s.places, place.Connector.ID)
		}
	}
}

// oneShard has all owners and no connectors, to look at
// single sessions.
func (p *Plan) oneShard() *shard {
	s := newShard()
	s.ownerless = true
	for _, g := range p.groups {
		for _, o := range g.owners {
			s.owners[o.entity] = o
		}
	}
	return s
}

// seal sorts the connectors and drops those that several owners share.
func (s *shard) seal() *shard {
	slices.Sort(s.places)
	s.places = slices.Compact(s.places)
	return s
}

func asFault(err error) *fault.Fault {
	if list := fault.Of(err); len(list) > 0 {
		return list[0]
	}
	return fault.Wrap(fault.Invalid, "unexpected", nil, err)
}
