package creditnotes

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Matter is something that decides where money goes.
type Matter string

// The matters. All but the last four can be named in the setting second_person.
const (
	MatterBank       Matter = "bank"              // bank account of an entity
	MatterAlternate  Matter = "alternate_address" // who gets the credit notes of an entity
	MatterOwner      Matter = "station_owner"     // who owns a station, from when
	MatterPastOwner  Matter = "backdated_owner"   // the same as far as it reaches into the past
	MatterEmail      Matter = "billing_email"     // where credit notes are mailed to
	MatterReplyTo    Matter = "reply_to"          // where answers to these mails go
	MatterConnector  Matter = "connector_station" // to which station a connector belongs; goes with the owner of a station
	MatterSetting    Matter = "setting"           // a setting that takes a second person away; always waits
	MatterAdjustment Matter = "adjustment"        // of an account; always waits
	MatterReprice    Matter = "reprice"           // of credited sessions; waits where runs wait for a second person
)

// matters can be named in the setting second_person.
var matters = []Matter{MatterBank, MatterAlternate, MatterOwner, MatterPastOwner, MatterEmail, MatterReplyTo}

// Matters lists what can be named in the setting second_person.
func Matters() []Matter { return slices.Clone(matters) }

// NeedsSecondPerson reports whether a change waits for another person. Past
// says that it also changes whose sessions of the past were.
func (s Settings) NeedsSecondPerson(m Matter, past bool) bool {
	has := func(m Matter) bool { return slices.Contains(s.SecondPerson, m) }
	switch m {
	case MatterOwner, MatterConnector:
		return has(MatterOwner) || past && has(MatterPastOwner)
	case MatterSetting:
		return true
	}
	return has(m)
}

// Weakens reports whether another value of a setting takes a second person
// away: one for the matters that it no longer names, or the one who releases a
// run.
func Weakens(key, before, after string) bool {
	switch key {
	case "second_person":
		left := strings.Split(after, ",")
		return slices.ContainsFunc(strings.Split(before, ","), func(m string) bool { return m != "" && !slices.Contains(left, m) })
	case "release":
		return before == string(ReleaseApprove) && after != before
	}
	return false
}

// secondPerson is the setting second_person: matters with commas between them,
// in the order of the list and each once.
func secondPerson() setting {
	return setting{
		get: func(s Settings) string {
			words := make([]string, len(s.SecondPerson))
			for i, m := range s.SecondPerson {
				words[i] = string(m)
			}
			return strings.Join(words, ",")
		},
		set: func(s *Settings, v string) error {
			var named []Matter
			for word := range strings.SplitSeq(v, ",") {
				if word = strings.TrimSpace(word); word != "" {
					named = append(named, Matter(word))
				}
			}
			for _, m := range named {
				if !slices.Contains(matters, m) {
					return fmt.Errorf("no matter %q", m)
				}
			}
			s.SecondPerson = slices.DeleteFunc(Matters(), func(m Matter) bool { return !slices.Contains(named, m) })
			return nil
		},
		expected: "bank,alternate_address,station_owner,backdated_owner,billing_email,reply_to",
	}
}

// Proposal is a change that decides where money goes and waits for another
// person than who asked for it.
type Proposal struct {
	ID      int64
	Matter  Matter
	Subject string // key of the entity or station, connector, or setting
	Before  string // JSON; "" where it was not kept
	After   string // JSON
	AskedAt time.Time
	AskedBy string
	State   ProposalState
	// DecidedAt is zero while the change waits.
	DecidedAt time.Time
	DecidedBy string
}

// ProposalState is what has become of a proposal.
type ProposalState string

// The states of proposals.
const (
	ProposalWaiting  ProposalState = "waiting"
	ProposalApproved ProposalState = "approved" // it applies
	ProposalRejected ProposalState = "rejected"
	ProposalReplaced ProposalState = "replaced" // by a later one about the same
)

// ProposalFilter narrows a listing of proposals; what is not set does not
// narrow.
type ProposalFilter struct {
	Waiting bool
	Matter  Matter
	Subject string
	Limit   int
}
