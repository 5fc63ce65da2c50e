//go:build !purego

package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"cria/internal/cpuid"
)

func wantAMX(t testing.TB) {
	if isa != cpuid.AVX512 || !int8Matrix {
		t.Skip("this machine has no AMX, or CRIA_CPU takes it away")
	}
}

// TestPackSuperAMX: the parts of each code of 6 bits, less 32, times each integer scale of 8 bits give the product.
func TestPackSuperAMX(t *testing.T) {
	wantAMX(t)
	const n, offset = 1024, 32
	columns, subs, parts := make([]int8, 16*n), make([]int32, n), make([]int8, 2*16*n)
	for i := range subs { // [n/16][16], four of each number
		subs[i] = int32(i/4 - 128)
	}
	code := func(col, row int) int8 { return int8(row%4*16 + col%16) }
	for col := range n {
		for row := range 16 {
			columns[col/4*64+row*4+col%4] = code(col, row)
		}
	}
	packSuperAMX(&parts[0], &columns[0], &subs[0], offset, n/superLen)
	for col := range n {
		for row := range 16 {
			at := col/64*2048 + col%64/4*64 + row*4 + col%4
			sub := subs[col/16*16+row]
			want := (int32(code(col, row)) - offset) * sub
			if low, high := parts[at], parts[at+1024]; 64*int32(high)+int32(low) != want || low < -32 || low > 31 {
				t.Fatalf("code %d, scale %d: 64*%d + %d, want %d", code(col, row), sub, high, low, want)
			}
		}
	}
}

// BenchmarkAMX multiplies 16 rows by a batch, in turn without and with AMX.
func BenchmarkAMX(b *testing.B) {
	wantAMX(b)
	const vectors = 256
	rng := rand.New(rand.NewPCG(1, 1))
	dst := make([]float32, vectors*PanelRowsQ8)
	for _, n := range []int{768, 2048} {
		for _, group := range []int{32, 64} {
			p := PanelQ8{make([]int8, 2*n*PanelRowsQ8), make([]float32, n/group*PanelRowsQ8)}
			PackQ8(p, int8s(rng, n*PanelRowsQ8), p.Scales, PanelRowsQ8, n, group)
			x := randomQ8(rng, n, group, vectors)
			benchmarkAMX(b, fmt.Sprintf("q8/%d/n=%d", group, n), 2*n*vectors*PanelRowsQ8, func() {
				TileQ8(dst, PanelRowsQ8, PanelRowsQ8, p, x, n, group, vectors)
			})
		}
		for f, name := range map[Blocks]string{Q2_K: "q2_k", Q4_K: "q4_k", Q6_K: "q6_k"} {
			p, x := randomPanel(rng, f, n), randomSuper(rng, n, vectors)
			for i := range p.Scales { // no subnormal numbers, which are slow and rare
				p.Scales[i] = 0.01
			}
			benchmarkAMX(b, fmt.Sprintf("%s/n=%d", name, n), 2*n*vectors*PanelRowsSuper, func() {
				f.TileSuper(dst, PanelRowsSuper, PanelRowsSuper, p, x, n, vectors)
			})
		}
	}
}

func benchmarkAMX(b *testing.B, name string, ops int, multiply func()) {
	b.Run(name, func(b *testing.B) {
		defer func() { int8Matrix = true }()
		var spent [2]time.Duration
		for b.Loop() {
			for i := range spent {
				int8Matrix = i == 1
				start := time.Now()
				multiply()
				spent[i] += time.Since(start)
			}
		}
		total := float64(ops) * float64(b.N) / 1e9
		b.ReportMetric(total/spent[0].Seconds(), "vnni-GOP/s")
		b.ReportMetric(total/spent[1].Seconds(), "amx-GOP/s")
	})
}
