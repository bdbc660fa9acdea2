package memory_test

import (
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
)

func inMemory(_ *testing.T, now func() time.Time) func() creditnotestest.Store {
	s := memory.New(now)
	return func() creditnotestest.Store { return s.Another() }
}

func TestStoriesInMemory(t *testing.T) { creditnotestest.Stories(t, inMemory) }

func TestContractInMemory(t *testing.T) { creditnotestest.Contract(t, inMemory) }
