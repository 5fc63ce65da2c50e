package token

// A Stopper ends a stream of text where the first of some strings is complete.
// What may yet become one of them waits, so that no part of it is shown.
//
// Each string has an automaton of Knuth, Morris and Pratt (1977), which takes
// the text byte by byte and never goes back, so that it does not matter how the
// text is cut.
type Stopper struct {
	stops   []automaton
	held    string // the longest end of the text that begins a stop string
	stopped bool
}

// An automaton knows how much of a stop string the text ends with.
type automaton struct {
	stop  string
	retry []int // [i]: the length of the longest proper prefix of stop[:i+1] that is also its end
	state int   // how many bytes of stop the text ends with
}

// NewStopper returns a Stopper for the strings; empty ones are passed over.
func NewStopper(stops []string) *Stopper {
	s := &Stopper{}
	for _, stop := range stops {
		if stop != "" {
			s.stops = append(s.stops, newAutomaton(stop))
		}
	}
	return s
}

func newAutomaton(stop string) automaton {
	a := automaton{stop: stop, retry: make([]int, len(stop))}
	for i := 1; i < len(stop); i++ {
		a.step(stop[i])
		a.retry[i] = a.state
	}
	a.state = 0
	return a
}

// step takes the next byte of the text. The stop string must not be complete.
func (a *automaton) step(b byte) {
	for a.state > 0 && a.stop[a.state] != b {
		a.state = a.retry[a.state-1]
	}
	if a.stop[a.state] == b {
		a.state++
	}
}

// Next takes more of the text and returns what can be shown now, and whether a
// stop string is complete: the text then ends before it, and calls that follow
// return "" and true. Of strings that end at the same byte the longest counts.
// Characters are not split, if text and stop strings consist of whole ones.
func (s *Stopper) Next(text string) (emit string, stopped bool) {
	if s.stopped {
		return "", true
	}
	for i := range len(text) {
		if complete := s.step(text[i]); complete > 0 {
			all := s.held + text[:i+1]
			s.held, s.stopped = "", true
			return all[:len(all)-complete], true
		}
	}
	all := s.held + text
	n := len(all) - s.begun()
	s.held = all[n:]
	return all[:n], false
}

// step takes a byte and returns the length of the longest stop string that it completes.
func (s *Stopper) step(b byte) int {
	complete := 0
	for i := range s.stops {
		a := &s.stops[i]
		a.step(b)
		if a.state == len(a.stop) {
			complete = max(complete, a.state)
		}
	}
	return complete
}

// begun returns how many bytes at the end of the text may become a stop string.
func (s *Stopper) begun() int {
	n := 0
	for i := range s.stops {
		n = max(n, s.stops[i].state)
	}
	return n
}

// Flush returns the text that waits, now that no more will come; none after a
// stop. The Stopper begins anew, unless it has stopped.
func (s *Stopper) Flush() string {
	text := s.held
	s.held = ""
	for i := range s.stops {
		s.stops[i].state = 0
	}
	return text
}
