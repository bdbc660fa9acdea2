package creditnotes_test

import (
	"fmt"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
)

// The words of the stories.
var (
	account             = creditnotestest.Account
	byAnna              = creditnotestest.ByAnna
	charge              = creditnotestest.Charge
	conditionAt         = creditnotestest.ConditionAt
	entityIn            = creditnotestest.EntityIn
	evening             = creditnotestest.Evening
	invalid             = creditnotestest.Invalid
	higherInNovember    = creditnotestest.HigherInNovember
	lasting             = creditnotestest.Lasting
	merged              = creditnotestest.Merged
	numberRange         = creditnotestest.NumberRange
	ofClass             = creditnotestest.OfClass
	ownership           = creditnotestest.Ownership
	rate                = creditnotestest.Rate
	reversed            = creditnotestest.Reversed
	same                = creditnotestest.Same
	says                = creditnotestest.Says
	smallNetwork        = creditnotestest.SmallNetwork
	smallFromMidOctober = creditnotestest.SmallFromMidOctober
	station             = creditnotestest.Station
	story               = creditnotestest.Story
	subCPO              = creditnotestest.SubCPO
	taxStory            = creditnotestest.TaxStory
	words               = creditnotestest.Words
	workedExample       = creditnotestest.WorkedExample
)

// world is a world in memory.
type world struct {
	*creditnotestest.World
	s *memory.Store
}

// inMemory opens a store in memory.
func inMemory(_ *testing.T, now func() time.Time) func() creditnotestest.Store {
	s := memory.New(now)
	return func() creditnotestest.Store { return s.Another() }
}

// tell tells a story in memory.
func tell(t *testing.T, story func(t *testing.T, w *world), changes ...func(c *creditnotes.Configuration)) {
	t.Helper()
	t.Parallel()
	w := &world{World: creditnotestest.NewWorld(t, inMemory, changes...)}
	w.s = w.Store.(*memory.Store)
	story(t, w)
}

func TestStoriesInMemory(t *testing.T) { creditnotestest.Stories(t, inMemory) }

func TestWhatIsOwedIsPaidWhateverHappens(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
			t.Parallel()
			creditnotestest.History(t, inMemory, seed)
		})
	}
}

func TestReportsAddUpWhateverHappens(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("months ", seed), func(t *testing.T) { creditnotestest.ReportMonths(t, inMemory, seed) })
	}
}

func TestCrashedMonthEndIsResumed(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		mark := func() func() {
			before := w.s.Look()
			return func() { w.s.Tamper(func(d *memory.Data) { *d = *before }) }
		}
		creditnotestest.CrashedMonthEndIsResumed(w.World, true, mark, func() []string { return nil })
	})
}
