package main

import (
	"time"

	"cria/internal/bench"
	"cria/internal/par"
)

const (
	// ceilingBytes is how much of a model is read to measure: more than the caches hold.
	ceilingBytes = 256 << 20
	// ceilingTime is how long that may keep a user waiting.
	ceilingTime = 50 * time.Millisecond
)

// readCeiling returns the speed in GB/s at which a number of threads reads
// memory: the best of several times, as it is a limit.
func readCeiling(threads int, memory []byte) float64 {
	pool := par.New(threads)
	defer pool.Close()
	r := bench.NewReader(pool, memory[:min(len(memory), ceilingBytes)])
	best := 0.0
	for start := time.Now(); best == 0 || time.Since(start) < ceilingTime; {
		best = max(best, r.GBs())
	}
	return best
}
