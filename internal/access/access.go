// Package access decides who may do what: users, roles, rights, passwords,
// one-time codes and API tokens (domain.md §10). It computes and never looks
// anything up: no database, no clock, no network.
package access

import (
	"maps"
	"slices"
	"time"

	"creditrun/entities"
)

// Role is what rights are granted to. A user may have several.
type Role string

// The roles (domain.md §10).
const (
	Viewer  Role = "viewer"  // reads and exports
	Finance Role = "finance" // runs, releases, sends and cancels
	Auditor Role = "auditor" // reads and exports everything, the audit log too, and changes nothing
	Admin   Role = "admin"   // settings, tariffs, entities, users, the audit log
)

// Roles lists all roles.
func Roles() []Role { return []Role{Viewer, Auditor, Finance, Admin} }

// Right is one thing that a user may do. The words are also the scopes of
// API tokens.
type Right string

// The rights.
const (
	Read             Right = "read"
	Export           Right = "export"
	Preview          Right = "preview"
	Draft            Right = "draft"             // start a run, discard a draft
	Approve          Right = "approve"           // release a drafted run
	Send             Right = "send"              // send a credit note once more
	Cancel           Right = "cancel"            // cancel a credit note
	ImportSessions   Right = "import_sessions"   // on the page, by the API, and as OCPI CDRs
	JudgeSessions    Right = "judge_sessions"    // release or invalidate sessions
	Object           Right = "object"            // raise an objection to a credit note
	SettleObjections Right = "settle_objections" // answer objections
	ChangeSettings   Right = "change_settings"
	ChangeTariffs    Right = "change_tariffs" // tariffs, cost rates, number ranges, tax accounts
	ChangeEntities   Right = "change_entities"
	ChangeUsers      Right = "change_users"
	ReadAudit        Right = "read_audit"
	// Rights of users of Sub-CPOs alone; those of the operator change users and tariffs.
	InviteColleagues Right = "invite_colleagues"
	ChooseCommunity  Right = "choose_community" // the COMMUNITY tariff of the own connectors, where the operator allows it
)

// rightsOf is the table of docs/operating.md.
var rightsOf = map[Role][]Right{
	Viewer:  {Read, Export},
	Auditor: {Read, Export, ReadAudit},
	Finance: {Read, Export, Preview, Draft, Approve, Send, Cancel, ImportSessions, JudgeSessions, Object, SettleObjections, ChooseCommunity},
	Admin: {Read, Export, Preview, ImportSessions, JudgeSessions, ChangeSettings, ChangeTariffs, ChangeEntities, ChangeUsers,
		ReadAudit, InviteColleagues, ChooseCommunity},
}

// ofSubCPOs is what users of other entities than the operator may do at most.
var ofSubCPOs = []Right{Read, Export, Object, InviteColleagues, ChooseCommunity}

// onlyOfSubCPOs is what users of the operator have no use for.
var onlyOfSubCPOs = []Right{InviteColleagues, ChooseCommunity}

// licensed is what no one may do without the license right credit_run.
var licensed = []Right{Preview, Draft, Approve, Send, Cancel}

// Rights lists all rights in the order of their words.
func Rights() []Right {
	all := map[Right]bool{}
	for _, rights := range rightsOf {
		for _, r := range rights {
			all[r] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// RightsOf lists what a role may do for the operator.
func RightsOf(role Role) []Right { return slices.Clone(rightsOf[role]) }

// User is a person who can log in.
type User struct {
	ID           int64
	Name         string // for the login: unique, lower case
	FullName     string
	Email        string
	Entity       string // key; "" is the operator, also before there is one
	Roles        []Role
	CustomRoles  []CustomRole // those of Roles that an administrator made; the store reads them
	Language     string
	NumberFormat string // region whose way of writing numbers it is (locales.NumberFormats); "": that of the language
	TimeZone     string // IANA name of the zone in which pages show times; "": that of the operator
	PasswordHash string // of HashPassword; "": cannot log in with a password
	TOTPSecret   string // of NewTOTPSecret; "": no second factor
	TOTPStep     int64  // the last one that was used
	OIDCIssuer   string
	OIDCSubject  string // "": not linked
	Active       bool
	Digest       Digest
	DigestedAt   time.Time // when the user was last mailed what waits; zero: never
	// Epoch is raised whenever all logins of the user have to end; a login
	// that began in an earlier one is over.
	Epoch       int
	CreatedAt   time.Time
	LastLoginAt time.Time // zero: never
}

// Digest says how often a user is mailed what waits for it.
type Digest string

// The digests.
const (
	DigestOff    Digest = "off"
	DigestDaily  Digest = "daily"   // once a day, when something waits
	DigestAtOnce Digest = "at_once" // when something new waits
)

// Digests lists them all.
func Digests() []Digest { return []Digest{DigestOff, DigestDaily, DigestAtOnce} }

// Has reports whether the user has a role.
func (u *User) Has(role Role) bool { return slices.Contains(u.Roles, role) }

// Visitor is a user at work: what counts for one request.
type Visitor struct {
	User     User
	Operator bool // the user's entity is the operator
	Licensed bool // the license right credit_run is granted
	// Scopes narrow what an API token may do; nil: everything the user may.
	Scopes []Right
	// EntityKeys are the entities that a user of a Sub-CPO sees: its own and
	// those below. For a user of the operator it is not looked at.
	EntityKeys map[string]bool
}

// NewVisitor makes the visitor of a user. The tree may be nil where there is
// no operator yet. An entity that the tree does not know sees nothing.
func NewVisitor(u User, tree *entities.Tree, licensed bool) *Visitor {
	v := &Visitor{User: u, Licensed: licensed}
	if u.Entity == "" || tree != nil && tree.Root().Key == u.Entity {
		v.Operator = true
		return v
	}
	v.EntityKeys = map[string]bool{}
	if tree != nil && tree.Entity(u.Entity) != nil {
		for _, e := range tree.Subtree(u.Entity) {
			v.EntityKeys[e.Key] = true
		}
	}
	return v
}

// May reports whether the visitor has a right. It does not say on which entities:
// ask Sees, too.
func (v *Visitor) May(r Right) bool {
	if v == nil || !v.User.Active {
		return false
	}
	if !v.Operator && !slices.Contains(ofSubCPOs, r) || v.Operator && slices.Contains(onlyOfSubCPOs, r) {
		return false
	}
	if !v.Licensed && slices.Contains(licensed, r) {
		return false
	}
	if v.Scopes != nil && !slices.Contains(v.Scopes, r) {
		return false
	}
	return v.User.grants(r)
}

// Sees reports whether an entity is within what the visitor may look at.
func (v *Visitor) Sees(key string) bool {
	return v != nil && v.User.Active && (v.Operator || v.EntityKeys[key])
}
