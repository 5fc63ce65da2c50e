package train

import (
	"cmp"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"cria/internal/model"
	"cria/internal/par"
)

// A block is bytes in memory that a value refers to.
type block struct{ lo, hi uintptr }

// walk adds to blocks what v refers to, but for what is of a Pool.
func walk(blocks []block, v reflect.Value) []block {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*par.Pool]() || v.Type() == reflect.TypeFor[*Model]() {
			return blocks
		}
		blocks = append(blocks, block{v.Pointer(), v.Pointer() + v.Type().Elem().Size()})
		return walk(blocks, v.Elem())
	case reflect.Slice:
		blocks = append(blocks, block{v.Pointer(), v.Pointer() + uintptr(v.Cap())*v.Type().Elem().Size()})
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer {
			for i := range v.Len() {
				blocks = walk(blocks, v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			blocks = walk(blocks, v.Field(i))
		}
	}
	return blocks
}

// bytesOf returns how many bytes values refer to, those that several of them share once.
func bytesOf(values ...any) int64 {
	var blocks []block
	for _, v := range values {
		blocks = walk(blocks, reflect.ValueOf(v).Elem())
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.lo, b.lo) })
	var sum, end uintptr
	for _, b := range blocks {
		if b.hi > end {
			sum += b.hi - max(b.lo, end)
			end = b.hi
		}
	}
	return int64(sum)
}

var memoryCases = []struct {
	config  model.Config
	shared  bool
	sizes   Sizes
	threads int
}{
	{ // little but scratch
		model.Config{
			Dim: 64, HiddenDim: 160, NLayers: 2, NHeads: 4, NKVHeads: 2, HeadDim: 16,
			VocabSize: 500, SeqLen: 256, Rope: model.Rope{Theta: 10000},
		},
		true, Sizes{1, 256}, 3,
	},
	{ // little but activations, and nothing a multiple of what kernels like
		model.Config{
			Dim: 36, HiddenDim: 75, NLayers: 5, NHeads: 6, NKVHeads: 3, HeadDim: 6,
			VocabSize: 333, SeqLen: 100, Rope: model.Rope{Theta: 10000},
		},
		false, Sizes{17, 70}, 2,
	},
	{ // little but parameters
		model.Config{
			Dim: 256, HiddenDim: 700, NLayers: 3, NHeads: 8, NKVHeads: 8, HeadDim: 32,
			VocabSize: 5000, SeqLen: 64, Rope: model.Rope{Theta: 10000},
		},
		false, Sizes{2, 24}, 1,
	},
}

func (m Memory) near(got int64, tolerance float64) bool {
	return math.Abs(float64(got)-float64(m.Total())) <= tolerance*float64(got)
}

func TestMemoryFor(t *testing.T) {
	for i, c := range memoryCases {
		m, err := NewModel(c.config, c.shared)
		if err != nil {
			t.Fatal(err)
		}
		pool := newPool(t, c.threads)
		got := bytesOf(m, NewPass(m, c.sizes, pool), NewAdamW(m))
		if need := MemoryFor(&c.config, c.shared, c.sizes, c.threads); !need.near(got, 0.01) {
			t.Errorf("case %d: %+v is %d in all, want %d", i, need, need.Total(), got)
		}
		if need := MemoryFor(&c.config, c.shared, c.sizes, c.threads); need.Params != int64(16*len(m.Params)) {
			t.Errorf("case %d: %d bytes for %d parameters", i, need.Params, len(m.Params))
		}
	}
}

// TestMemoryForHeap asks the runtime.
func TestMemoryForHeap(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		runtime.GC() // what the first one only made ready to be freed
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	for i, c := range memoryCases {
		before := heap()
		m, err := NewModel(c.config, c.shared)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Batch: c.sizes.Batch, Seq: c.sizes.Seq, Accumulate: 1, Steps: 1, Threads: c.threads}
		trainer, err := NewTrainer(m, o)
		if err != nil {
			t.Fatal(err)
		}
		got := heap() - before
		trainer.Close()
		if need := MemoryFor(&c.config, c.shared, c.sizes, c.threads); !need.near(got, 0.1) {
			t.Errorf("case %d: %+v is %d in all, but the heap grew by %d", i, need, need.Total(), got)
		}
	}
}

// Numbers that no machine has do not overflow.
func TestMemoryForMuch(t *testing.T) {
	c := model.Config{
		Dim: 1 << 17, HiddenDim: 1 << 19, NLayers: 1 << 11, NHeads: 1 << 13, NKVHeads: 1 << 13, HeadDim: 16,
		VocabSize: 1 << 22, SeqLen: 1 << 26,
	}
	m := MemoryFor(&c, false, Sizes{1 << 16, 1 << 26}, 1<<10)
	if m.Params < 1<<50 || m.Activations != memoryMax || m.Scratch < 1<<40 || m.Total() < memoryMax {
		t.Errorf("%+v", m)
	}
}
