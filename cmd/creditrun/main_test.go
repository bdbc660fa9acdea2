package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"creditrun/internal/store/storetest"
)

// childClock is the variable by which a test starts its own binary as
// creditrun: with a clock that begins at that time, or as it is when the value
// is "now".
const childClock = "CREDITRUN_TEST_CHILD"

func TestMain(m *testing.M) {
	if at := os.Getenv(childClock); at != "" {
		child(at)
	}
	os.Exit(storetest.Main(m))
}

// child is creditrun in a process of its own, which can be killed.
func child(at string) {
	if at == "now" {
		main()
	}
	begin, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	started := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	endAtLast(ctx, lastMoment/4)
	os.Exit(run(ctx, os.Args[1:], env{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv,
		now: func() time.Time { return begin.Add(time.Since(started)) },
	}))
}
