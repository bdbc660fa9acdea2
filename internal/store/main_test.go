package store_test

import (
	"os"
	"testing"

	"creditrun/internal/store/storetest"
)

func TestMain(m *testing.M) {
	os.Exit(storetest.Main(m))
}
