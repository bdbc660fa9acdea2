package bank_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"creditrun/internal/bank"
)

// endless is a statement of a given size that is made while it is read.
type endless struct {
	rest    io.Reader
	entries int
	size    int64
	sent    int64
	done    bool
}

func newEndless(size int64) *endless {
	return &endless{rest: strings.NewReader(opening + "<Stmt><Id>S1</Id>" + account), size: size}
}

func (e *endless) Read(p []byte) (int, error) {
	for {
		n, err := e.rest.Read(p)
		e.sent += int64(n)
		if n > 0 || e.done {
			return n, err
		}
		e.rest = strings.NewReader(e.more())
	}
}

// more is another entry, every tenth with many details, and the end at last.
func (e *endless) more() string {
	if e.sent >= e.size {
		e.done = true
		return "</Stmt>" + ending
	}
	e.entries++
	one := `<TxDtls><Refs><EndToEndId>GS-2026-000101</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt><RltdPties><Cdtr><Pty><Nm>Hotel Probe AG</Nm></Pty></Cdtr>` +
		`<CdtrAcct><Id><IBAN>DE27370404090773905695</IBAN></Id></CdtrAcct></RltdPties><RmtInf><Ustrd>Gutschrift GS-2026-000101</Ustrd></RmtInf></TxDtls>`
	if e.entries%10 == 0 {
		one = strings.Repeat(one, 300)
	}
	return entry(fmt.Sprintf("<NtryRef>%d</NtryRef>", e.entries) + details(one))
}

// readEndless reads such a statement and returns how many transactions it has,
// and the most memory in use on the way, in bytes.
func readEndless(t testing.TB, size int64) (count int, most uint64) {
	t.Helper()
	f, err := bank.Open(newEndless(size))
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	for item, err := range f.Items() {
		if err != nil {
			t.Fatal(err)
		}
		if item.Transaction == nil {
			continue
		}
		if count++; count%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	return count, most
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	_, few := readEndless(t, 5<<20)
	count, many := readEndless(t, 20<<20)
	if count < 40_000 || many > few+2<<20 {
		t.Errorf("5 MiB take %d kB, 20 MiB %d kB (%d transactions)", few>>10, many>>10, count)
	}
}

func BenchmarkStatementOf50MB(b *testing.B) {
	const size = 50 << 20
	b.SetBytes(size)
	for b.Loop() {
		count, most := readEndless(b, size)
		b.ReportMetric(float64(most)/(1<<20), "MiB-live")
		b.ReportMetric(float64(count), "transactions")
	}
}
