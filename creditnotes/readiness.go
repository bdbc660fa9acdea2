package creditnotes

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Severity says what a finding of the readiness check means for the run.
type Severity string

// The severities.
const (
	Stops Severity = "stops" // no run before this is fixed
	Fails Severity = "fails" // this owner gets no credit note
	Warns Severity = "warns" // the run goes on
)

// Finding is one thing the readiness check found (domain.md §9.10).
type Finding struct {
	Severity Severity
	Fault    *fault.Fault
}

// HeldGroup counts the sessions of an owner that wait for one reason.
type HeldGroup struct {
	Owner    string          `json:"owner"`
	Reason   sessions.Reason `json:"reason"`
	Sessions int             `json:"sessions"`
	Energy   money.Quantity  `json:"energy_kwh"`
}

// Readiness is what would go wrong in the next run.
type Readiness struct {
	Month    entities.Month
	Findings []Finding
	Held     []HeldGroup
	Warned   []HeldGroup // credited although a rule applies that only warns
}

// Readiness checks configuration and sessions of a month without a trace.
func (r *Runner) Readiness(ctx context.Context, month entities.Month) (*Readiness, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	out := &Readiness{Month: month}
	for _, f := range fault.Of(Ready(config)) {
		out.add(Stops, f)
	}
	q := Request{Month: month}
	if f := checkDates(q, r.today(config)); f != nil {
		out.add(Stops, f)
	}
	run := r.newRun(q, config)
	plan, err := r.plan(run, config)
	if err != nil {
		for _, f := range fault.Of(err) {
			out.add(Stops, f)
		}
		if len(fault.Of(err)) == 0 {
			return nil, err
		}
		return out, nil
	}
	out.operator(plan)
	from, until := run.Period(plan.Network.Zone())
	documents, err := r.Store.EntityDocuments(ctx, EntityDocumentFilter{Valid: true})
	if err != nil {
		return nil, err
	}
	out.recipients(plan, r.Texts, run.DocumentDate, StatementsIn(documents), from, until)
	if r.Refused != nil {
		out.refused(plan, run.DocumentDate, r.Refused)
	}
	open, err := r.Store.Objections(ctx, ObjectionFilter{Open: true})
	if err != nil {
		return nil, err
	}
	out.objections(open)
	waiting, err := r.Store.CarriedForward(ctx)
	if err != nil {
		return nil, err
	}
	out.waiting(waiting)
	proposals, err := r.Store.Proposals(ctx, ProposalFilter{Waiting: true})
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Backward(proposals) {
		since := entities.DateOf(p.AskedAt, plan.Network.Zone())
		out.add(Warns, fault.New(fault.NotReady, "proposal_waits", fault.Args{"subject": p.Subject, "who": p.AskedBy, "since": string(since)}))
	}
	marked, err := r.Store.MarkedAddresses(ctx)
	if err != nil {
		return nil, err
	}
	out.marked(config.Entities, marked, plan.Network.Zone())
	out.documents(plan, run.DocumentDate, documents)
	if err := r.aheadOfClock(ctx, out, plan.Network.Zone()); err != nil {
		return nil, err
	}
	for _, f := range plan.Book.Check(from, until, config.Media) {
		out.add(Warns, f)
	}
	out.contracts(plan)
	for _, station := range plan.Network.Stations() {
		if len(station.Owners) == 0 {
			out.add(Warns, fault.New(fault.NotReady, "station_without_owner", fault.Args{"station": station.Key}))
		}
	}
	return out, r.readinessOfSessions(ctx, plan, run, out)
}

func (o *Readiness) add(s Severity, f *fault.Fault) {
	o.Findings = append(o.Findings, Finding{s, f})
}

// Stopped reports whether something prevents the run.
func (o *Readiness) Stopped() bool {
	return slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Severity == Stops })
}

// operator checks the sender: what a credit note has to say of it, and the
// accounts.
func (o *Readiness) operator(p *Plan) {
	operator := p.Network.Operator()
	for field, value := range map[string]string{
		"street": operator.Street, "postcode": operator.Postcode, "city": operator.City, "country": operator.Country,
		"vat_id": operator.VATID + operator.TaxNumber,
	} {
		if value == "" {
			o.add(Warns, fault.New(fault.NotReady, "operator_incomplete", fault.Args{"field": field}))
		}
	}
	for _, f := range operator.MailWarnings() {
		o.add(Warns, f)
	}
	if len(operator.Emails) == 0 && p.Config.Settings.Mail {
		o.add(Warns, fault.New(fault.NotReady, "operator_incomplete", fault.Args{"field": "email"}))
	}
	for _, f := range operator.CertificateWarnings(p.day) {
		o.add(Warns, f)
	}
	if p.Config.Settings.RevenueAccount == "" {
		o.add(Warns, fault.New(fault.NotReady, "revenue_account_unset", nil))
	}
	slices.SortStableFunc(o.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Fault.Key, b.Fault.Key), cmp.Compare(a.Fault.Error(), b.Fault.Error()))
	})
}

// recipients checks every owner and who gets its notes.
func (o *Readiness) recipients(p *Plan, texts Texts, day entities.Date, stated Statements, from, until time.Time) {
	seen := map[string]bool{}
	for _, g := range p.groups {
		for _, owner := range g.owners {
			if owner.entity == p.Network.Operator() {
				continue
			}
			if owner.failed != nil {
				o.add(Fails, owner.failed)
			} else {
				o.taxes(p, owner, from, until)
			}
			o.frequency(p, owner, day)
			for _, f := range p.Network.Tree.AddressWarnings(owner.entity) {
				o.add(Warns, f)
			}
			recipient, _ := p.recipientOf(owner.entity, day)
			if !seen[recipient.Key] {
				seen[recipient.Key] = true
				o.recipient(p, recipient, day)
				o.proposals(p, owner.entity, recipient, stated)
				o.words(&p.Config.Settings, texts, recipient, owner.group.treatments, from, until)
			}
		}
	}
}

func (o *Readiness) recipient(p *Plan, e *entities.Entity, day entities.Date) {
	for _, f := range deliveryWarnings(p.Network.Operator(), e, day) {
		o.add(Warns, f)
	}
	for _, f := range RecipientWarnings(e, o.Month.FirstDay(), day) {
		if !o.fails(p, e, f) {
			o.add(Warns, f)
		}
	}
}

// fails reports whether owners fail already for what a warning says of their
// recipient.
func (o *Readiness) fails(p *Plan, e *entities.Entity, warning *fault.Fault) bool {
	key := warning.Key
	switch key {
	case "agreement_missing":
		return p.Config.Settings.RequireAgreement
	case "einvoice_tax_id_missing":
		key = "recipient_without_tax_id"
	}
	return slices.ContainsFunc(o.Findings, func(f Finding) bool {
		return f.Severity == Fails && f.Fault.Key == key && f.Fault.Args["recipient"] == e.Key
	})
}

// RecipientWarnings returns what is missing or looks wrong in the master data
// of a recipient, as of a day (domain.md §9.10); its tax treatment has to be
// stated from the day supplied on. A missing e-mail address is not among it:
// whether it is needed is a setting.
func RecipientWarnings(e *entities.Entity, supplied, day entities.Date) []*fault.Fault {
	var found []*fault.Fault
	warn := func(key string, args fault.Args) { found = append(found, fault.New(fault.NotReady, key, args)) }
	args := fault.Args{"recipient": e.Key}
	if e.Street == "" || e.Postcode == "" || e.City == "" {
		warn("recipient_without_address", args)
	}
	if e.Bank.IBAN == "" {
		warn("recipient_without_iban", args)
	}
	if !e.TaxStatedOn(supplied) {
		warn("tax_treatment_unknown", fault.Args{"recipient": e.Key, "date": string(supplied)})
	}
	if e.VATID == "" && e.TaxNumber == "" {
		warn("einvoice_tax_id_missing", fault.Args{"party": e.DisplayName()})
	}
	switch {
	case e.Agreement.CoversDay(day.AddDays(60)):
	case e.Agreement.CoversDay(day):
		warn("agreement_running_out", fault.Args{"recipient": e.Key, "until": string(e.Agreement.ValidUntil)})
	default:
		warn("agreement_missing", fault.Args{"owner": e.Key, "recipient": e.Key})
	}
	return slices.Concat(found, e.CertificateWarnings(day), e.MailWarnings(), e.Check())
}

// readinessOfSessions drafts the month to see what would be held.
func (r *Runner) readinessOfSessions(ctx context.Context, plan *Plan, run *Run, out *Readiness) error {
	preview := &previewTarget{}
	var found *signs
	if r.Printer != nil {
		found = newSigns(r.Printer)
		found.settings(plan.Config)
		found.network(plan, run.DocumentDate)
	}
	if err := r.draftNoting(ctx, plan, run, nil, preview, found); err != nil {
		return err
	}
	for _, f := range found.findings() {
		if !slices.ContainsFunc(out.Findings, func(known Finding) bool { return known.Fault.Error() == f.Fault.Error() }) {
			out.Findings = append(out.Findings, f)
		}
	}
	out.Held = heldGroups(preview.holds, plan.Network.Tree)
	out.Warned = heldGroups(preview.warned, plan.Network.Tree)
	out.overdue(preview.holds, run.Settings.HeldDeadlineDays, r.Now())
	out.longAgo(preview.longAgo, preview.ofOld)
	others, err := r.others(ctx, preview.holds)
	if err != nil {
		return err
	}
	out.blockers(preview.holds, others, plan.Network.Zone())
	for _, owner := range preview.owners {
		if owner.Failed != nil && owner.Failed.Key != "objection_open" && !out.has(owner.Failed) {
			out.add(Fails, owner.Failed)
		}
	}
	return nil
}

// overdue counts the sessions that are held for longer than some days after their
// end, without those of owners who are settled later; 0 days: none is.
func (o *Readiness) overdue(holds []Hold, days int, now time.Time) {
	late := 0
	for _, h := range holds {
		if days > 0 && h.Reason != sessions.NotDue && h.End.Before(now.AddDate(0, 0, -days)) {
			late++
		}
	}
	if late > 0 {
		o.add(Warns, fault.New(fault.NotReady, "held_overdue", fault.Args{"count": late, "days": days}))
	}
}

// heldGroups counts held sessions per owner, in walk order, and reason.
func heldGroups(holds []Hold, tree *entities.Tree) []HeldGroup {
	keys := map[int64]string{}
	for _, e := range tree.Walk() {
		keys[e.ID] = e.Key
	}
	type key struct {
		owner  string
		reason sessions.Reason
	}
	groups := map[key]*HeldGroup{}
	for _, h := range holds {
		k := key{keys[h.OwnerID], h.Reason}
		if groups[k] == nil {
			groups[k] = &HeldGroup{Owner: k.owner, Reason: k.reason}
		}
		groups[k].Sessions++
		groups[k].Energy += h.Energy
	}
	list := make([]HeldGroup, 0, len(groups))
	for g := range maps.Values(groups) {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b HeldGroup) int {
		return cmp.Or(cmp.Compare(tree.Rank(a.Owner), tree.Rank(b.Owner)), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
