package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// proposalRow is a row of proposals.
type proposalRow struct {
	ID        int64      `gorm:"column:id"`
	Matter    string     `gorm:"column:matter"`
	Subject   string     `gorm:"column:subject"`
	Before    jsonText   `gorm:"column:before"`
	After     jsonText   `gorm:"column:after"`
	AskedAt   time.Time  `gorm:"column:asked_at"`
	AskedBy   string     `gorm:"column:asked_by"`
	State     string     `gorm:"column:state"`
	DecidedAt *time.Time `gorm:"column:decided_at"`
	DecidedBy string     `gorm:"column:decided_by"`
}

// TableName implements schema.Tabler.
func (proposalRow) TableName() string { return "proposals" }

func (r *proposalRow) domain() creditnotes.Proposal {
	return creditnotes.Proposal{
		ID: r.ID, Matter: creditnotes.Matter(r.Matter), Subject: r.Subject, Before: string(r.Before), After: string(r.After),
		AskedAt: r.AskedAt.UTC(), AskedBy: r.AskedBy, State: creditnotes.ProposalState(r.State), DecidedAt: orZero(r.DecidedAt).UTC(), DecidedBy: r.DecidedBy,
	}
}

func (r *proposalRow) moves() moves {
	return moves{creditnotes.Matter(r.Matter), r.Subject, r.Before, r.After}
}

// Proposals lists changes that wait or waited for a second person, the latest
// first.
func (s *Store) Proposals(ctx context.Context, f creditnotes.ProposalFilter) ([]creditnotes.Proposal, error) {
	query := s.db(ctx).Order("id DESC")
	if f.Waiting {
		query = query.Where("state = ?", string(creditnotes.ProposalWaiting))
	}
	if f.Matter != "" {
		query = query.Where("matter = ?", string(f.Matter))
	}
	if f.Subject != "" {
		query = query.Where("subject = ?", f.Subject)
	}
	if f.Limit > 0 {
		query = query.Limit(f.Limit)
	}
	rows, err := find[proposalRow](query)
	if err != nil {
		return nil, fmt.Errorf("changes that wait: %w", err)
	}
	var list []creditnotes.Proposal
	for _, row := range rows {
		list = append(list, row.domain())
	}
	return list, nil
}

// Proposal returns a change that waits or waited, or a NotFound fault.
func (s *Store) Proposal(ctx context.Context, id int64) (*creditnotes.Proposal, error) {
	row, err := first[proposalRow](s.db(ctx).Where("id = ?", id))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, proposalUnknown(id)
	}
	p := row.domain()
	return &p, nil
}

func proposalUnknown(id int64) error {
	return fault.New(fault.NotFound, "proposal_unknown", fault.Args{"change": id})
}

// ProposeBank is ChangeConfiguration for the bank data of one entity, as a
// person types them. Nothing happens when the entity has them already: then
// changed is false. seen, if given, is the BankFingerprint that the person saw:
// where other data are stored or wait by now, nothing is kept (Conflict fault
// record_changed).
func (s *Store) ProposeBank(ctx context.Context, who, entity string, bank entities.Bank, seen ...string) (waiting []creditnotes.Proposal, changed bool, err error) {
	bank.IBAN, bank.BIC = entities.NormalIBAN(bank.IBAN), entities.NormalIBAN(bank.BIC)
	bank.Holder = strings.TrimSpace(bank.Holder)
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		e, err := tx.entity(entity)
		if err != nil {
			return err
		}
		now, err := bankFingerprint(tx.db, &e)
		if err != nil {
			return err
		}
		if len(seen) > 0 && seen[0] != now {
			return tx.bankChanged(entity)
		}
		if changed = e.Bank != bank; !changed {
			return nil
		}
		e.Bank = bank
		g, err := tx.guard(true)
		if err != nil {
			return err
		}
		_, waiting, err = s.saveConfiguration(tx, who, &creditnotes.Configuration{Entities: []entities.Entity{e}}, nil, saving{guard: g})
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return waiting, changed, nil
}

// BankFingerprint differs whenever the bank data of an entity do, or those that
// wait for a second person.
func (s *Store) BankFingerprint(ctx context.Context, e *entities.Entity) (string, error) {
	return bankFingerprint(s.db(ctx), e)
}

func bankFingerprint(db *gorm.DB, e *entities.Entity) (string, error) {
	waiting, err := find[proposalRow](waitingAbout(db, creditnotes.MatterBank, e.Key))
	if err != nil {
		return "", err
	}
	text := string(jsonOf(e.Bank))
	for _, p := range waiting {
		text += string(p.After)
	}
	return creditnotes.FingerprintOf([]byte(text)), nil
}

// waitingAbout is the query of the change about a matter that waits.
func waitingAbout(db *gorm.DB, matter creditnotes.Matter, subject string) *gorm.DB {
	return db.Where("matter = ? AND subject = ? AND state = 'waiting'", string(matter), subject)
}

// bankChanged is the Conflict fault that says who changed bank data last, or
// asked for others.
func (tx *Tx) bankChanged(entity string) error {
	last, err := tx.lastChange(ofBank, AuditFilter{Action: entitySection.noun, Subject: entity}, AuditFilter{Action: "change", Subject: entity})
	if err != nil {
		return err
	}
	return last.fault("record_changed", entity)
}

// propose lets changes wait, each in place of the one that waits about the same
// already; one that is asked for again stays as it is.
func (tx *Tx) propose(who string, list []moves) (waiting []creditnotes.Proposal, fresh []moves, err error) {
	var entries []Entry
	for _, c := range list {
		stored, err := first[proposalRow](waitingAbout(tx.db, c.matter, c.subject))
		if err != nil {
			return nil, nil, err
		}
		if stored != nil && stored.After == c.after && stored.Before == c.before {
			waiting = append(waiting, stored.domain())
			continue
		}
		replaced := waitingAbout(tx.db.Model(&proposalRow{}), c.matter, c.subject)
		if err := inTable(replaced.Updates(set{"state": "replaced", "decided_at": tx.now(), "decided_by": who})); err != nil {
			return nil, nil, err
		}
		id, err := tx.takeIDs("proposals", 1)
		if err != nil {
			return nil, nil, err
		}
		row := proposalRow{ID: id, Matter: string(c.matter), Subject: c.subject, Before: c.before, After: c.after,
			AskedAt: utc(tx.now()), AskedBy: who, State: string(creditnotes.ProposalWaiting)}
		if err := create(tx.db, row); err != nil {
			return nil, nil, err
		}
		waiting, fresh = append(waiting, row.domain()), append(fresh, c)
		entries = append(entries, Entry{Who: who, Action: "change.proposed", Subject: c.subject, Before: c.told(c.before), After: c.told(c.after)})
	}
	return waiting, fresh, tx.audit(entries...)
}

// told is what the audit log records of a matter.
func (c moves) told(value jsonText) string {
	return string(jsonOf(map[creditnotes.Matter]jsonText{c.matter: value}))
}

// Approve lets a change apply that waits. Who asked for it may not approve it,
// nor a person who counts as one person with that user: a Forbidden fault. When
// what it would replace is no longer what it was, the change is out of date: a
// Conflict fault.
func (s *Store) Approve(ctx context.Context, who string, id int64) error {
	p, err := s.Proposal(ctx, id)
	if err != nil {
		return err
	}
	if p.Matter == creditnotes.MatterReprice && p.State == creditnotes.ProposalWaiting && p.AskedBy != who {
		return s.approveReprice(ctx, who, p)
	}
	return s.inTx(ctx, func(tx *Tx) error {
		return s.approve(tx, who, id, func(row *proposalRow) error { return s.apply(tx, row.AskedBy, who, row.moves()) })
	})
}

// approve decides a change that waits, and lets it apply.
func (s *Store) approve(tx *Tx, who string, id int64, apply func(*proposalRow) error) error {
	if err := tx.lockConfiguration(); err != nil {
		return err
	}
	row, err := tx.decide(who, id, creditnotes.ProposalApproved)
	if err != nil {
		return err
	}
	if row.AskedBy == who {
		return fault.New(fault.Forbidden, "proposal_same_person", fault.Args{"subject": row.Subject, "who": who})
	}
	if err := secondPerson(tx.db, row.AskedBy, who, tx.now()); err != nil {
		return err
	}
	if err := tx.audit(decided(who, row)); err != nil {
		return err
	}
	return apply(row)
}

// Reject throws a change away that waits; who asked for it may do so, too.
func (s *Store) Reject(ctx context.Context, who string, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := tx.decide(who, id, creditnotes.ProposalRejected)
		if err != nil {
			return err
		}
		return tx.audit(decided(who, row))
	})
}

// decide ends the waiting of a change: one that is not there is NotFound, one
// that does not wait a Conflict fault.
func (tx *Tx) decide(who string, id int64, state creditnotes.ProposalState) (*proposalRow, error) {
	row, err := first[proposalRow](tx.forUpdate().Where("id = ?", id))
	switch {
	case err != nil:
		return nil, err
	case row == nil:
		return nil, proposalUnknown(id)
	case row.State != string(creditnotes.ProposalWaiting):
		return nil, fault.New(fault.Conflict, "proposal_decided", fault.Args{"subject": row.Subject})
	}
	now := utc(tx.now())
	row.State, row.DecidedAt, row.DecidedBy = string(state), &now, who
	return row, inTable(tx.db.Model(row).Updates(set{"state": row.State, "decided_at": now, "decided_by": who}))
}

func decided(who string, r *proposalRow) Entry {
	return Entry{Who: who, Action: "change." + r.State, Subject: r.Subject, Before: string(jsonOf(struct {
		Change  int64  `json:"change"`
		AskedBy string `json:"asked_by"`
	}{r.ID, r.AskedBy})), After: r.moves().told(r.After)}
}

// apply makes an approved change.
func (s *Store) apply(tx *Tx, asked, approved string, c moves) error {
	if c.matter == creditnotes.MatterAdjustment {
		return tx.adjust(asked, approved, c.after)
	}
	config, settings := &creditnotes.Configuration{}, []creditnotes.Setting(nil)
	var now jsonText
	switch c.matter {
	case creditnotes.MatterOwner:
		owners := tx.db.Preload("Owners", func(owners *gorm.DB) *gorm.DB { return owners.Order("valid_from") })
		row, err := first[stationRow](owners.Where("key = ?", c.subject))
		if err != nil {
			return err
		}
		if row != nil {
			now = stationMatters[0].get(row)
			station := row.domain()
			station.Owners = nil
			if err := c.after.read("owners", &station.Owners); err != nil {
				return err
			}
			config.Stations = []entities.Station{station}
		}
	case creditnotes.MatterConnector:
		connectors, err := loadConnectors(tx.db)
		if err != nil {
			return err
		}
		for i := range connectors {
			if connectorKey(&connectors[i]) == c.subject {
				now = connectorMatters[0].get(&connectors[i])
				connector := connectors[i].domain()
				if err := c.after.read("station", &connector.Station); err != nil {
					return err
				}
				config.Connectors = []entities.Connector{connector}
			}
		}
	case creditnotes.MatterSetting:
		stored, _, err := loadSettings(tx.db)
		if err != nil {
			return err
		}
		var value string
		if err := c.after.read("value", &value); err != nil {
			return err
		}
		now, settings = jsonOf(stored.Values()[c.subject]), []creditnotes.Setting{{Key: c.subject, Value: value}}
	default:
		row, err := entityByKey(tx.db, c.subject)
		if err != nil {
			return err
		}
		now = matterIn(row, c.matter)
		e, err := row.domain()
		if err != nil {
			return err
		}
		if err := setMatter(&e, c); err != nil {
			return err
		}
		config.Entities = []entities.Entity{e}
	}
	if c.before != "" && now != c.before {
		return fault.New(fault.Conflict, "proposal_outdated", fault.Args{"subject": c.subject})
	}
	_, _, err := s.saveConfiguration(tx, approved, config, settings, saving{askedBy: asked})
	return err
}

// matterIn is a matter of an entity as it is stored.
func matterIn(r *entityRow, matter creditnotes.Matter) jsonText {
	for _, one := range entityMatters {
		if one.matter == matter {
			return one.get(r)
		}
	}
	return ""
}

// setMatter gives an entity what was proposed.
func setMatter(e *entities.Entity, c moves) error {
	switch c.matter {
	case creditnotes.MatterBank:
		e.Bank = entities.Bank{}
		return c.after.read("bank", &e.Bank)
	case creditnotes.MatterAlternate:
		return c.after.read("alternate address", &e.AlternateCredit)
	case creditnotes.MatterEmail:
		e.Emails = nil
		return c.after.read("emails", &e.Emails)
	case creditnotes.MatterReplyTo:
		return c.after.read("reply-to", &e.ReplyTo)
	}
	return fmt.Errorf("an entity has no %s", c.matter)
}

// entity reads one; an unknown key is a NotFound fault.
func (tx *Tx) entity(key string) (entities.Entity, error) { return entityOf(tx.db, key) }

// Entity implements creditnotes.NoteStore.
func (s *Store) Entity(ctx context.Context, key string) (entities.Entity, error) {
	return entityOf(s.db(ctx), key)
}

func entityOf(db *gorm.DB, key string) (entities.Entity, error) {
	row, err := entityByKey(db, key)
	if err != nil {
		return entities.Entity{}, err
	}
	return row.domain()
}

func entityByKey(db *gorm.DB, key string) (*entityRow, error) {
	row, err := first[entityRow](db.Where("key = ?", key))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
	}
	return row, err
}
