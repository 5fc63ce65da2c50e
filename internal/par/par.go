// Package par splits work over cores: a pool of workers that spin for a moment
// between pieces of work, because waking a sleeping thread takes longer than a
// small product, and then park, so that an idle process uses no CPU.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Task is work on the items lo to hi-1, done by worker number w (the caller's
// is 0). Make one with NewTask and keep it: Run then allocates nothing.
type Task struct {
	name string
	f    func(w, lo, hi int)
}

// NewTask returns a task that calls f; its name is for traces.
func NewTask(name string, f func(w, lo, hi int)) *Task { return &Task{name, f} }

// spinTime is how long a worker without work spins before it parks, and a
// caller before it lets other goroutines run. It covers the gap between two
// tokens, in which the caller samples and prints.
const spinTime = 200 * time.Microsecond

// A Pool runs tasks on a fixed number of workers, of which the caller of Run is
// one. Only one goroutine may call Run at a time.
type Pool struct {
	workers int

	// The job in hand. A worker may read these fields late, while the next job is
	// being written; its claim then fails, because the old job has no piece left.
	task  atomic.Pointer[Task]
	items atomic.Int64
	grain atomic.Int64
	parts atomic.Int64  // how many pieces of grain items
	_     [64]byte      // workers that wait read claim all the time: it has a cache line of its own
	claim atomic.Uint64 // number of the job in the upper half, pieces left in the lower
	_     [64]byte
	done  atomic.Int64 // pieces finished
	_     [64]byte

	park []parking // one for each worker but the caller
	stop atomic.Bool
	wg   sync.WaitGroup

	// Counters for people who ask where the time goes. Only Run writes them.
	Jobs, Pieces, Wakes int64

	trace *trace // nil unless StartTrace was called
}

// A parking place is where a worker sleeps.
type parking struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [48]byte
}

// jobUnit is one job in claim.
const jobUnit = 1 << 32

// New returns a pool of n workers, at least 1. With 1 there is no goroutine at
// all. Close ends the others.
func New(n int) *Pool {
	p := &Pool{workers: max(n, 1)}
	p.park = make([]parking, p.workers-1)
	for i := range p.park {
		p.park[i].wake = make(chan struct{}, 1)
		p.wg.Add(1)
		go p.work(i + 1)
	}
	return p
}

// Workers returns the number of workers, the caller included.
func (p *Pool) Workers() int { return p.workers }

// Close ends the workers and waits until they are gone. Run must not be called again.
func (p *Pool) Close() {
	p.stop.Store(true)
	for i := range p.park {
		p.rouse(&p.park[i])
	}
	p.wg.Wait()
}

// Run does a task on items 0 to n-1, in pieces of grain items handed out to
// whoever is free, and returns when all are done. A single piece, or a single
// worker, is the caller's own: no other goroutine takes part.
func (p *Pool) Run(t *Task, n, grain int) {
	grain = max(grain, 1)
	if p.workers == 1 || n <= grain {
		if n > 0 {
			p.do(t, 0, 0, n)
		}
		return
	}
	p.task.Store(t)
	p.items.Store(int64(n))
	p.grain.Store(int64(grain))
	parts := int64((n + grain - 1) / grain)
	p.parts.Store(parts)
	p.done.Store(0)
	p.Jobs++
	p.Pieces += parts
	job := p.claim.Load()/jobUnit + 1
	p.claim.Store(job*jobUnit + uint64(parts)) // from here on the workers see the job
	for i := range p.park {
		if p.park[i].asleep.Load() {
			p.Wakes++
			p.rouse(&p.park[i])
		}
	}
	p.help(0, job)
	for spin := newSpinner(); p.done.Load() < parts; {
		if !spin.wait() {
			runtime.Gosched()
		}
	}
}

// help does pieces of a job until none is left.
func (p *Pool) help(w int, job uint64) {
	for {
		task, items, grain, parts := p.task.Load(), p.items.Load(), p.grain.Load(), p.parts.Load()
		state := p.claim.Load()
		left := int64(state % jobUnit)
		if state/jobUnit != job || left == 0 {
			return
		}
		// If this succeeds, a piece of the job was left, so the fields above are the job's.
		if !p.claim.CompareAndSwap(state, state-1) {
			continue
		}
		lo := (parts - left) * grain
		p.do(task, w, int(lo), int(min(lo+grain, items)))
		p.done.Add(1)
	}
}

// do does one piece.
func (p *Pool) do(t *Task, w, lo, hi int) {
	if p.trace == nil {
		t.f(w, lo, hi)
		return
	}
	start := time.Now()
	t.f(w, lo, hi)
	p.trace.add(Span{t.name, w, lo, hi, start, time.Now()})
}

// work is the life of worker w.
func (p *Pool) work(w int) {
	defer p.wg.Done()
	place := &p.park[w-1]
	seen := uint64(0)
	for spin := newSpinner(); !p.stop.Load(); {
		if job := p.claim.Load() / jobUnit; job != seen {
			p.help(w, job)
			seen, spin = job, newSpinner()
			continue
		}
		if spin.wait() {
			continue
		}
		place.asleep.Store(true)
		// Whoever publishes a job after this line sees asleep; one published before is seen here.
		if (p.claim.Load()/jobUnit != seen || p.stop.Load()) && place.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-place.wake
		spin = newSpinner()
	}
}

// rouse wakes a worker if it sleeps.
func (p *Pool) rouse(place *parking) {
	if place.asleep.CompareAndSwap(true, false) {
		place.wake <- struct{}{}
	}
}

// A spinner waits actively for spinTime.
type spinner struct {
	start time.Time
	n     int
}

func newSpinner() spinner { return spinner{} }

// wait pauses for an instant and returns false once spinTime has gone by.
func (s *spinner) wait() bool {
	pause()
	s.n++
	if s.n%32 != 0 {
		return true
	}
	if s.start.IsZero() {
		s.start = time.Now()
		return true
	}
	return time.Since(s.start) < spinTime
}
