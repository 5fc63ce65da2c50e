package cpu

import (
	"fmt"
	"testing"
	"time"

	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/par"
	"cria/internal/tensor"
)

// BenchmarkAttend goes through the keys and values of 4000 positions for one token, in some layers of published shapes,
// in turn with reading them and doing nothing else.
func BenchmarkAttend(b *testing.B) {
	for _, s := range []attendShape{
		{"110M", 12, 12, 12, 64},
		{"7B", 2, 32, 32, 128},
		{"1.1B", 22, 32, 4, 64},
	} {
		for _, t := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
			for threads := 1; threads <= 2; threads++ {
				b.Run(fmt.Sprintf("%s/%v/threads=%d", s.name, t, threads), func(b *testing.B) {
					benchmarkAttend(b, s, t, threads)
				})
			}
		}
	}
}

type attendShape struct {
	name                        string
	layers, heads, kvHeads, dim int
}

func benchmarkAttend(b *testing.B, s attendShape, t tensor.DType, threads int) {
	const positions = 4000
	cache, err := kv.New(kv.Shape{
		Layers: s.layers, KVHeads: s.kvHeads, HeadDim: s.dim, Pages: kv.PagesFor(positions), Type: t,
	})
	if err != nil {
		b.Fatal(err)
	}
	seq := cache.NewSeq(positions)
	if err := seq.Grow(positions); err != nil {
		b.Fatal(err)
	}
	pages := fill(cache, seq)
	n := s.heads * s.dim
	sizes := Sizes{Rows: 1, Cols: n, KVHeads: s.kvHeads, HeadDim: s.dim, SeqLen: positions}
	backend := New(sizes, Options{Threads: threads})
	defer backend.Close()
	q, a := tensor.NewActs(1, n), tensor.NewActs(1, n)
	rows, at := []kv.Row{{Seq: seq, Pos: positions - 1}}, &tensor.Attention{Scale: 0.125}
	sums := make([]uint64, len(pages))
	task := par.NewTask("Read", func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sums[i] = kernel.Read(pages[i])
		}
	})
	var read, attend time.Duration
	for b.Loop() {
		start := time.Now()
		backend.Pool.Run(task, len(pages), 1)
		middle := time.Now()
		for layer := range s.layers {
			backend.Attend(a, q, at, cache, layer, rows)
		}
		read += middle.Sub(start)
		attend += time.Since(middle)
	}
	bytes := float64(positions) * float64(cache.PosBytes()) * float64(b.N)
	b.ReportMetric(bytes/read.Seconds()/1e9, "read-GB/s")
	b.ReportMetric(bytes/attend.Seconds()/1e9, "attend-GB/s")
}

// fill writes to all pages of a sequence, and returns the memory of these.
func fill(c *kv.Cache, seq *kv.Seq) [][]byte {
	head := make([]float32, c.HeadDim*c.KVHeads)
	for i := range head {
		head[i] = float32(i%17-8) / 8
	}
	for pos := range seq.Len() {
		for layer := range c.Layers {
			store(c, kv.Row{Seq: seq, Pos: pos}, layer, kv.K, head)
			store(c, kv.Row{Seq: seq, Pos: pos}, layer, kv.V, head)
		}
	}
	all := c.Layers * 2 * c.KVHeads // heads of layers follow each other
	var parts [][]byte
	for _, page := range seq.Pages() {
		switch c.Type {
		case tensor.F32:
			parts = append(parts, tensor.Bytes(c.Heads32(page, 0, kv.K, 0, all)))
		case tensor.F16:
			parts = append(parts, tensor.Bytes(c.Heads16(page, 0, kv.K, 0, all)))
		case tensor.Q8_0:
			codes, scales := c.Heads8(page, 0, kv.K, 0, all)
			parts = append(parts, tensor.Bytes(codes), tensor.Bytes(scales))
		}
	}
	return parts
}
