// Command creditrun issues the monthly credit notes of a charge point operator
// to the owners of the stations in its network: from charging sessions to
// numbered, mailed documents.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // zones are needed where the system has none

	"golang.org/x/term"
)

// Exit statuses (formats.md §3).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// env is the outside world of a command, so that tests can be it.
type env struct {
	stdin    io.Reader
	stdout   io.Writer // results
	stderr   io.Writer // talk
	getenv   func(string) string
	now      func() time.Time
	elapsed  func() time.Duration // by a clock that no one can set, since the start; nil: there is none
	terminal bool                 // a person is watching stderr
	answers  bool                 // and can be asked: stdin is a terminal, too
}

// lastMoment is when a process that was told to stop ends whatever still goes
// on: the same command goes on where it was.
const lastMoment = 28 * time.Second

// endAtLast ends the process some time after it was told to stop.
func endAtLast(ctx context.Context, after time.Duration) {
	context.AfterFunc(ctx, func() {
		time.Sleep(after)
		os.Exit(exitFailed)
	})
}

func main() {
	started := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	endAtLast(ctx, lastMoment)
	watched := term.IsTerminal(int(os.Stderr.Fd()))
	status := run(ctx, os.Args[1:], env{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now,
		elapsed:  func() time.Duration { return time.Since(started) },
		terminal: watched, answers: watched && term.IsTerminal(int(os.Stdin.Fd())),
	})
	stop()
	os.Exit(status)
}
