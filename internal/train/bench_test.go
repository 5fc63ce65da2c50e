package train

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"cria/internal/bench"
	"cria/internal/load"
	"cria/internal/par"
)

// BenchmarkStep is one step at the shape of Karpathy's 15M model, 8 sequences of 256 tokens.
func BenchmarkStep(b *testing.B) {
	m, err := NewModel(load.Shapes["15M"], true)
	if err != nil {
		b.Fatal(err)
	}
	m.Init(1)
	s := Sizes{8, 256}
	pool := par.New(runtime.GOMAXPROCS(0))
	defer pool.Close()
	p, o := NewPass(m, s, pool), NewAdamW(m)
	rng := rand.New(rand.NewPCG(1, 1))
	var in, want [][]int32
	for range s.Batch {
		row := make([]int32, s.Seq+1)
		for i := range row {
			row[i] = rng.Int32N(int32(m.Config.VocabSize))
		}
		in, want = append(in, row[:s.Seq]), append(want, row[1:])
	}
	step := 0
	next := func() {
		step++
		p.ClearGrads()
		p.LossBack(in, want, 1.0/2048)
		o.Step(pool, m.Params, p.Grads, step, 1e-4, float32(1/max(1, o.Norm(pool, p.Grads))))
	}
	next() // touches all memory
	peak := bench.PeakFMA(pool)
	for b.Loop() {
		next()
	}
	peak = (peak + bench.PeakFMA(pool)) / 2
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(2048/seconds, "tok/s")
	speed := float64(FLOPs(&m.Config, s)) / seconds / 1e9
	b.ReportMetric(speed, "GFLOP/s")
	b.ReportMetric(100*speed/peak, "%peak")
}
