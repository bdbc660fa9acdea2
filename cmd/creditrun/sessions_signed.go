package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/entities"
	"creditrun/internal/ocmf"
)

// signedCommand writes the signed meter data of a session.
func (a *app) signedCommand() *cobra.Command {
	return &cobra.Command{
		Use: "signed ID", Short: "Write the signed meter data of a session as the transparency software reads it",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return a.writeSigned(c.Context(), args[0]) },
	}
}

func (a *app) writeSigned(ctx context.Context, name string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	session, err := oneSession(ctx, s, name)
	if err != nil {
		return err
	}
	history, err := s.SessionHistory(ctx, session.ID)
	if err != nil {
		return err
	}
	versions := make([]int64, len(history.Versions))
	for i := range history.Versions {
		versions[i] = history.Versions[i].ID
	}
	values, err := s.SignedData(ctx, versions)
	if err != nil {
		return err
	}
	var keys []*ocmf.Key
	if place := network.Place(session.ConnectorID); place != nil {
		keys = place.Connector.MeterKeysAt(session.Start, place.Zone)
	}
	content, err := ocmf.Export(session.ID, values, keys)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(content)
	return err
}

// checkSignaturesCommand checks signed meter data again, after keys were entered.
func (a *app) checkSignaturesCommand() *cobra.Command {
	var month string
	c := &cobra.Command{
		Use: "check-signatures", Short: "Check signed meter data again, with the keys that are entered now",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.checkSignatures(c.Context(), month) },
	}
	c.Flags().StringVar(&month, "month", "", "only sessions that end in this month or later; the current one when left out")
	return c
}

func (a *app) checkSignatures(ctx context.Context, month string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	since := entities.MonthOf(a.now(), network.Zone())
	if month != "" {
		if since, err = entities.ParseMonth(month); err != nil {
			return usageError{fmt.Errorf("--month: %w", err)}
		}
	}
	checked, changed, err := s.CheckSignedAgain(ctx, a.who(), nil, since.Start(network.Zone()))
	if err != nil {
		return err
	}
	a.say("%d sessions that end since %s and that no note pays are checked again; of %d the result is another one.",
		checked, since.Start(network.Zone()).Format(time.DateOnly), changed)
	return nil
}
