package flow

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"creditrun/internal/fault"
)

func TestOnePersonHasSoManyPlacesAndAllTogetherMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGateOf(2, 3, 10*time.Second)
		enter := func(who, refused string) (leave func()) {
			t.Helper()
			begun := time.Now()
			leave, err := g.Enter(t.Context(), who)
			switch {
			case refused == "" && (err != nil || time.Since(begun) > 0):
				t.Fatalf("%s: %v after %s", who, err, time.Since(begun))
			case refused != "" && (!fault.Is(err, fault.Unavailable) || fault.Of(err)[0].Key != refused || time.Since(begun) != 10*time.Second):
				t.Fatalf("%s: %v after %s, want %s", who, err, time.Since(begun), refused)
			}
			return leave
		}
		one := enter("anna", "")
		enter("anna", "")
		enter("anna", "own_transfers_busy")
		other := enter("bob", "")
		enter("carl", "transfers_busy")
		one()
		one() // leaving twice frees one place
		enter("carl", "")
		enter("dora", "transfers_busy")
		go func() {
			time.Sleep(5 * time.Second)
			other()
		}()
		begun := time.Now()
		if _, err := g.Enter(t.Context(), "dora"); err != nil || time.Since(begun) != 5*time.Second {
			t.Errorf("who waits for a place: %v after %s", err, time.Since(begun))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := g.Enter(gone, "emil"); err == nil {
			t.Error("who has gone away has a place")
		}
	})
}
