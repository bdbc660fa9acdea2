package main

import (
	"context"
	"iter"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/ocpi"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// peers takes the CDRs that hubs and partners push.
func (a *app) peers(s *store.Store, public string) *ocpi.Handler {
	return &ocpi.Handler{
		Senders: senders{s, &snapshot.Cache{Store: s}}, Keeper: keeper{s},
		Parse: func(raw []byte) (sessions.Session, error) { return intake.ParseCDR("cdr", raw) },
		Words: func(err error) string {
			var sentences []string
			for _, f := range fault.Of(err) {
				sentences = append(sentences, a.words(f))
			}
			return strings.Join(sentences, " ")
		},
		Now: a.now, Log: a.log, BaseURL: public,
	}
}

// senders are the users of the operator with an API token to import sessions.
type senders struct {
	store     *store.Store
	snapshots *snapshot.Cache
}

// Sender implements ocpi.Senders.
func (p senders) Sender(ctx context.Context, token string) (string, error) {
	t, user, err := p.store.TokenByHash(ctx, access.HashSecret(token))
	if err != nil {
		return "", err
	}
	b, err := p.snapshots.Current(ctx)
	if err != nil {
		return "", err
	}
	if who := b.Visitor(user, t.Scopes); !who.Operator || !who.May(access.ImportSessions) {
		return "", fault.New(fault.Forbidden, "right_missing", nil)
	}
	return user.Name, nil
}

// keeper keeps pushed CDRs as sessions, as imported ones.
type keeper struct{ store *store.Store }

// Keep implements ocpi.Keeper.
func (k keeper) Keep(ctx context.Context, sender string, c ocpi.CDR) (bool, error) {
	result, err := k.store.ImportSessions(ctx, sender, one(c.Session), store.ImportOptions{Name: "OCPI push"})
	if err != nil {
		return false, err
	}
	isNew := result.New+result.Corrected > 0
	return isNew, k.store.KeepPushed(ctx, sender, c.Version, c.Name, c.Raw, isNew)
}

// CDR implements ocpi.Keeper.
func (k keeper) CDR(ctx context.Context, sender, version, name string) ([]byte, error) {
	return k.store.Pushed(ctx, sender, version, name)
}

// one is a source of a single session.
func one(s sessions.Session) iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) { yield(s, nil) }
}
