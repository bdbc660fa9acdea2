package main

import (
	"context"

	"creditrun/internal/hooks"
	"creditrun/internal/store"
)

// webhookWorkers is how many events are posted at once: they wait for others
// most of the time.
const webhookWorkers = 4

// posting connects the queue of events with the webhooks.
func (a *app) posting() func(context.Context, store.Posting) store.PostReply {
	sender := hooks.NewSender(a.now, a.config.WebhookNetworks())
	return func(ctx context.Context, p store.Posting) store.PostReply {
		return store.PostReply(sender.Post(ctx, hooks.Posting(p)))
	}
}
