package process

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// sleeper is another process of this machine.
func sleeper(t *testing.T) (*exec.Cmd, Identity) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sleep", "60")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	i := Self("sleep")
	i.PID = c.Process.Pid
	i.Started, _ = started(i.PID)
	return c, i
}

func TestAProcessThatEndedIsGone(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // nothing is known of others there
	}
	if self := Self("test"); self.State() != Alive || !strings.Contains(self.String(), "test (pid ") {
		t.Errorf("this process is %v: %s", self.State(), self)
	}
	c, i := sleeper(t)
	if i.State() != Alive {
		t.Errorf("a process that runs is %v", i.State())
	}
	reused := i
	reused.Started += "1"
	if reused.State() != Gone {
		t.Error("a process id that was given again passes for the process that had it")
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for i.State() == Alive { // it may take the kernel a moment
		runtime.Gosched()
	}
	if i.State() != Gone {
		t.Error("a process that was killed and not asked for is not gone")
	}
	_ = c.Wait()
	if i.State() != Gone {
		t.Error("a process that was killed is not gone")
	}
}

func TestNothingIsConcludedOfProcessesElsewhere(t *testing.T) {
	for name, change := range map[string]func(*Identity){
		"another start of the machine": func(i *Identity) { i.Boot = "other" },
		"another container":            func(i *Identity) { i.Space = "pid:[1]" },
		"a system that does not say":   func(i *Identity) { i.Boot, i.Space, i.Started = "", "", "" },
	} {
		i := Self("test")
		i.PID = 1 << 30
		change(&i)
		if i.State() != Unknown {
			t.Errorf("%s: %v", name, i.State())
		}
	}
	i := Self("test")
	i.Boot = "other"
	if !i.BeforeRestart() || Self("test").BeforeRestart() {
		t.Error("a restart of the machine is not seen")
	}
}
