// Package process names processes across machines and reports whether one of
// this machine still runs. Work that a process has left behind can be taken up
// at once where it is known to be gone; nothing is concluded where the system
// does not say.
package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// Identity names one process: no two have the same, not even after a process id
// was given again or the machine was restarted.
type Identity struct {
	Command string // what it does, such as "creditrun run"
	Host    string // name of the machine
	Boot    string // of the kernel, another one after each start of the machine; empty where the system does not say
	Space   string // in which process ids are counted: containers have their own
	PID     int
	Started string // when it began, in the kernel's own count
}

// State is what is known of a process.
type State int

// The states of processes.
const (
	Unknown State = iota // it is elsewhere, or the system does not say
	Alive
	Gone
)

// root is where Linux tells of its processes.
const root = "/proc"

// Self is this process.
func Self(command string) Identity {
	i := Identity{Command: command, PID: os.Getpid()}
	i.Host, _ = os.Hostname()
	if boot, err := os.ReadFile(filepath.Join(root, "sys/kernel/random/boot_id")); err == nil {
		i.Boot = strings.TrimSpace(string(boot))
	}
	i.Space, _ = os.Readlink(filepath.Join(root, "self/ns/pid"))
	i.Started, _ = started(i.PID)
	return i
}

// self is this process, found out once.
var self = sync.OnceValue(func() Identity { return Self("") })

// String names the process for people, the same in every language.
func (i Identity) String() string { return fmt.Sprintf("%s (pid %d, %s)", i.Command, i.PID, i.Host) }

// State reports whether the process still runs, as seen from this one. A process
// of another machine or container is Unknown.
func (i Identity) State() State {
	self := self()
	switch {
	case i.Boot == "" || i.Space == "" || i.Started == "" || i.Boot != self.Boot || i.Space != self.Space:
		return Unknown
	case i.PID == self.PID && i.Started == self.Started:
		return Alive
	}
	began, ended := started(i.PID)
	if began == i.Started && !ended {
		return Alive
	}
	return Gone
}

// BeforeRestart reports whether the process ran before the last start of the
// machine, if it ran on this one.
func (i Identity) BeforeRestart() bool {
	boot := self().Boot
	return i.Boot != "" && boot != "" && i.Boot != boot
}

// started reads when a process began; the empty text when there is none. ended
// reports that it has ended and only its parent has not asked how.
func started(pid int) (began string, ended bool) {
	content, err := os.ReadFile(filepath.Join(root, strconv.Itoa(pid), "stat"))
	if err != nil {
		return "", false
	}
	// The name of the program stands in brackets and may hold anything.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	const state, startTime = 0, 19 // the third and the twenty-second in proc(5)
	if len(fields) <= startTime {
		return "", false
	}
	return fields[startTime], fields[state] == "Z" || fields[state] == "X"
}
