// Package bench measures: what this machine can do at the most, and what a
// model does of it.
package bench

import (
	"slices"
	"time"

	"cria/internal/kernel"
	"cria/internal/par"
)

// Stat is the median of some measurements and their range.
type Stat struct {
	Median, Min, Max float64
	N                int
}

// NewStat returns the statistics of measurements, of which there must be at least one.
func NewStat(x []float64) Stat {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	return Stat{Median: (s[(n-1)/2] + s[n/2]) / 2, Min: s[0], Max: s[n-1], N: n}
}

// A Reader reads memory as fast as the machine can: the ceiling of whatever has
// to read the same bytes.
type Reader struct {
	pool  *par.Pool
	parts [][]byte
	task  *par.Task
	bytes int64
}

// partBytes is how much of the memory a worker takes at once.
const partBytes = 128 << 10

// NewReader returns a reader of memory on a pool.
func NewReader(pool *par.Pool, memory ...[]byte) *Reader {
	r := &Reader{pool: pool}
	for _, m := range memory {
		r.bytes += int64(len(m))
		for part := range slices.Chunk(m, partBytes) {
			r.parts = append(r.parts, part)
		}
	}
	r.task = par.NewTask("Read", func(_, lo, hi int) {
		for _, part := range r.parts[lo:hi] {
			sink.Store(kernel.Read(part))
		}
	})
	return r
}

// GBs reads the memory once and returns the speed in GB/s (10^9 bytes a second).
func (r *Reader) GBs() float64 {
	start := time.Now()
	r.pool.Run(r.task, len(r.parts), 1)
	return float64(r.bytes) / time.Since(start).Seconds() / 1e9
}

// ReadCeiling returns the median speed in GB/s at which a number of threads
// reads that many bytes, again and again, for about a tenth of a second.
func ReadCeiling(threads int, bytes int64) float64 {
	pool := par.New(threads)
	defer pool.Close()
	memory := make([]byte, max(bytes, 1<<20))
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1 // a page of its own, not the one zero page
	}
	r := NewReader(pool, memory)
	var speeds []float64
	for start := time.Now(); len(speeds) < 3 || time.Since(start) < 100*time.Millisecond; {
		speeds = append(speeds, r.GBs())
	}
	return NewStat(speeds).Median
}

// PeakFMA returns the peak of float32 multiply-adds on a pool, in GFLOP/s.
func PeakFMA(pool *par.Pool) float64 { return peak(pool, kernel.PeakFMA) }

// PeakInt8 returns the peak of int8 products added to int32 on a pool, in GOP/s.
func PeakInt8(pool *par.Pool) float64 { return peak(pool, kernel.PeakInt8) }

// peak measures operations per second, in 10^9, over about 20 ms.
func peak(pool *par.Pool, f func(n int) int) float64 {
	const rounds = 20000
	ops := make([]int, pool.Workers()*8)
	task := par.NewTask("Peak", func(w, lo, hi int) {
		for range hi - lo {
			ops[w*8] += f(rounds) // 64 bytes apart
		}
	})
	var speeds []float64
	for range 5 {
		clear(ops)
		start := time.Now()
		pool.Run(task, 64*pool.Workers(), 1)
		total := 0
		for _, n := range ops {
			total += n
		}
		speeds = append(speeds, float64(total)/time.Since(start).Seconds()/1e9)
	}
	return NewStat(speeds).Median
}
