package par

import (
	"runtime"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRun checks that every item is done exactly once, by a worker that exists,
// in pieces of the size asked for.
func TestRun(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7, 32} {
		p := New(workers)
		for _, n := range []int{0, 1, 2, 15, 16, 17, 100, 1000} {
			for _, grain := range []int{-1, 0, 1, 3, 16, 2000} {
				counts := make([]atomic.Int32, n)
				task := NewTask("test", func(w, lo, hi int) {
					if w < 0 || w >= workers {
						t.Errorf("worker %d of %d", w, workers)
					}
					if workers > 1 && hi-lo > max(grain, 1) {
						t.Errorf("piece %d:%d is larger than the grain %d", lo, hi, grain)
					}
					for i := lo; i < hi; i++ {
						counts[i].Add(1)
					}
				})
				p.Run(task, n, grain)
				for i := range counts {
					if c := counts[i].Load(); c != 1 {
						t.Fatalf("workers=%d n=%d grain=%d: item %d done %d times", workers, n, grain, i, c)
					}
				}
			}
		}
		p.Close()
	}
}

// TestManyJobs changes task and size from job to job, so that a worker that
// mixes up two of them is caught.
func TestManyJobs(t *testing.T) {
	p := New(4)
	defer p.Close()
	var sum atomic.Int64
	tasks := make([]*Task, 5)
	for k := range tasks {
		tasks[k] = NewTask("test", func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				sum.Add(int64(k+1) * int64(i))
			}
		})
	}
	want := int64(0)
	for job := range 20000 {
		k, n := job%len(tasks), job%37
		p.Run(tasks[k], n, 1+job%5)
		want += int64(k+1) * int64(n*(n-1)/2)
		if got := sum.Load(); got != want {
			t.Fatalf("after job %d: sum %d, want %d", job, got, want)
		}
	}
}

// TestWakeUp parks the workers between jobs and needs both for the next one.
func TestWakeUp(t *testing.T) {
	p := New(2)
	defer p.Close()
	for range 20 {
		for !p.park[0].asleep.Load() {
			runtime.Gosched()
		}
		var met atomic.Int32
		p.Run(NewTask("test", func(_, _, _ int) {
			met.Add(1)
			for met.Load() < 2 { // only two workers at once get past this
				runtime.Gosched()
			}
		}), 2, 1)
	}
	if p.Wakes != 20 {
		t.Errorf("%d wake-ups in 20 jobs", p.Wakes)
	}
}

// TestSequential checks that one worker means one goroutine.
func TestSequential(t *testing.T) {
	before := runtime.NumGoroutine()
	p := New(1)
	defer p.Close()
	order := []int{}
	p.Run(NewTask("test", func(_, lo, hi int) { order = append(order, lo, hi) }), 10, 1)
	if runtime.NumGoroutine() != before || len(order) != 2 || order[1] != 10 {
		t.Errorf("%d goroutines more, pieces %v", runtime.NumGoroutine()-before, order)
	}
}

func TestNoAllocation(t *testing.T) {
	p := New(3)
	defer p.Close()
	task := NewTask("test", func(_, _, _ int) {})
	if n := testing.AllocsPerRun(100, func() { p.Run(task, 100, 1) }); n != 0 {
		t.Errorf("Run allocates %v times", n)
	}
}

// BenchmarkRun is the cost of a barrier: a job of one empty piece per worker.
func BenchmarkRun(b *testing.B) {
	p := New(runtime.GOMAXPROCS(0))
	defer p.Close()
	task := NewTask("test", func(_, _, _ int) {})
	for b.Loop() {
		p.Run(task, p.Workers(), 1)
	}
}
