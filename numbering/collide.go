package numbering

// Collide reports whether two ranges could ever give the same number, whatever
// the dates, the recipients and the sequences (domain.md §8.2). The patterns
// become two automata; they collide if one text leads both to their end. A
// pattern that cannot be read collides with nothing, Validate reports it.
//
// The length limit of numbers and the size of sequences are not taken into
// account, so two patterns that would only meet beyond them do collide.
func Collide(a, b Range) bool {
	pa, brokenA := parsePattern(&a)
	pb, brokenB := parsePattern(&b)
	if len(brokenA) > 0 || len(brokenB) > 0 {
		return false
	}
	return meet(compile(pa), compile(pb))
}

// automaton accepts the numbers of a pattern. It begins in node 0.
type automaton struct {
	nodes []node
	end   int
}

type node struct {
	edges []edge
	skips []int // nodes reached without a character
}

// edge leads to a node by any character from low to high.
type edge struct {
	low, high byte
	to        int
}

// meet walks both automata in step and looks for a text that both accept.
func meet(a, b automaton) bool {
	type pair struct{ a, b int }
	seen := map[pair]bool{{}: true}
	open := []pair{{}}
	visit := func(p pair) {
		if !seen[p] {
			seen[p] = true
			open = append(open, p)
		}
	}
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if at.a == a.end && at.b == b.end {
			return true
		}
		for _, to := range a.nodes[at.a].skips {
			visit(pair{to, at.b})
		}
		for _, to := range b.nodes[at.b].skips {
			visit(pair{at.a, to})
		}
		for _, x := range a.nodes[at.a].edges {
			for _, y := range b.nodes[at.b].edges {
				if max(x.low, y.low) <= min(x.high, y.high) {
					visit(pair{x.to, y.to})
				}
			}
		}
	}
	return false
}

func compile(p pattern) automaton {
	a := automaton{nodes: make([]node, 1)}
	for _, t := range p {
		switch t.placeholder {
		case placeholderYear:
			a.digits(4)
		case placeholderShortYear:
			a.digits(2)
		case placeholderMonth:
			a.month()
		case placeholderRecipient:
			a.recipient()
		case placeholderSequence:
			a.sequence(t.width)
		default:
			for i := range len(t.text) {
				a.end = a.step(a.end, t.text[i], t.text[i])
			}
		}
	}
	return a
}

func (a *automaton) add() int {
	a.nodes = append(a.nodes, node{})
	return len(a.nodes) - 1
}

func (a *automaton) link(from int, low, high byte, to int) {
	a.nodes[from].edges = append(a.nodes[from].edges, edge{low, high, to})
}

func (a *automaton) skip(from, to int) {
	a.nodes[from].skips = append(a.nodes[from].skips, to)
}

// step leads from a node to a new one.
func (a *automaton) step(from int, low, high byte) int {
	to := a.add()
	a.link(from, low, high, to)
	return to
}

func (a *automaton) digits(n int) {
	for range n {
		a.end = a.step(a.end, '0', '9')
	}
}

// month accepts 01 to 12.
func (a *automaton) month() {
	zero, one := a.step(a.end, '0', '0'), a.step(a.end, '1', '1')
	a.end = a.step(zero, '1', '9')
	a.link(one, '0', '2', a.end)
}

// recipient accepts what writeRecipient writes of any key but the empty one.
func (a *automaton) recipient() {
	begin := a.add()
	a.skip(a.end, begin)
	a.end = a.add()
	for _, r := range [...][2]byte{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}, {'-', '-'}} {
		a.link(begin, r[0], r[1], a.end)
	}
	first := a.step(begin, '%', '%')
	second := a.add()
	for _, r := range [...][2]byte{{'0', '9'}, {'A', 'F'}} {
		a.link(first, r[0], r[1], second)
		a.link(second, r[0], r[1], a.end)
	}
	after := a.add() // apart from end, so that what follows cannot lead back
	a.skip(a.end, begin)
	a.skip(a.end, after)
	a.end = after
}

// sequence accepts the numbers from 1 on, filled up with zeros to a width.
// Either there are exactly width digits, not all zero, or more and the first
// is not zero.
func (a *automaton) sequence(width int) {
	begin, end := a.end, a.add()
	zeros, long := begin, begin
	filled := -1 // so far as many digits as zeros has, not all zero
	for i := range width {
		nextFilled := a.add()
		a.link(zeros, '1', '9', nextFilled)
		if filled >= 0 {
			a.link(filled, '0', '9', nextFilled)
		}
		filled = nextFilled
		zeros = a.step(zeros, '0', '0')
		if i == 0 {
			long = a.step(long, '1', '9')
		} else {
			long = a.step(long, '0', '9')
		}
	}
	a.skip(filled, end)
	more := a.step(long, '0', '9')
	a.link(more, '0', '9', more)
	a.skip(more, end)
	a.end = end
}
