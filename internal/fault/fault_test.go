package fault

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func keys(faults []*Fault) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Key)
	}
	return out
}

func TestFaultsAreFoundHoweverTheyAreWrapped(t *testing.T) {
	a, b := New(Invalid, "a", nil), New(NotFound, "b", nil)
	cases := map[string]struct {
		err  error
		want []string
	}{
		"nothing":                 {nil, nil},
		"another error":           {errors.New("disk full"), nil},
		"a fault":                 {a, []string{"a"}},
		"a wrapped fault":         {fmt.Errorf("network: %w", a), []string{"a"}},
		"a list":                  {List{a, b}, []string{"a", "b"}},
		"a wrapped list":          {fmt.Errorf("network: %w", List{a, b}), []string{"a", "b"}},
		"joined lists":            {errors.Join(List{a}, errors.New("x"), List{b}), []string{"a", "b"}},
		"a fault caused by fault": {Wrap(Conflict, "outer", nil, a), []string{"outer"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, keys(Of(c.err))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEmptyListIsNoError(t *testing.T) {
	if err := (List{}).Err(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheLogSeesKeyArgumentsAndCause(t *testing.T) {
	cause := errors.New("connection refused")
	f := Wrap(Unavailable, "mail_server", Args{"port": 25, "host": "mx"}, cause)
	if got, want := f.Error(), "mail_server host=mx port=25: connection refused"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(f, cause) {
		t.Error("the cause is lost")
	}
	if got, want := (List{f, New(Invalid, "b", nil)}).Error(), "mail_server host=mx port=25: connection refused\nb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheFirstFaultDecidesTheKind(t *testing.T) {
	err := fmt.Errorf("run: %w", List{New(NotReady, "a", nil), New(Invalid, "b", nil)})
	if !Is(err, NotReady) || Is(err, Invalid) || Is(errors.New("x"), Invalid) {
		t.Error("wrong kind")
	}
	var one *Fault
	if !errors.As(err, &one) || one.Key != "a" {
		t.Error("errors.As does not reach into the list")
	}
}
