package gpu_test

import (
	"strings"
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/sim"
	"cria/internal/tensor"
)

// An allocator is a device that counts pieces of memory.
type allocator struct {
	gpu.Device
	pieces int
}

func (a *allocator) Alloc(n int64) (gpu.Ptr, error) {
	a.pieces++
	return a.Device.Alloc(n)
}

// TestExpertsTogether: more experts take no more pieces of memory.
func TestExpertsTogether(t *testing.T) {
	var pieces [2]int
	for i, n := range []int{3, 12} {
		tr := mixture(tensor.Q4_0, shape(32, 64, 2, 2, 1, 16, 50, 64))
		tr.config.NExperts = n
		dev := &allocator{Device: device(t)}
		m := onGPU(t, dev, tr.config, tr.weigh(t), tr.kv)
		m.feed(t, m.state.Cache.NewSeq(0), check.Tokens(3, 50), 2)
		pieces[i] = dev.pieces
	}
	if pieces[0] != pieces[1] {
		t.Errorf("%d pieces for 3 experts, %d for 12", pieces[0], pieces[1])
	}
}

// TestExpertsSquares: so many tokens that experts' teams multiply in squares, some of which are full. Single tokens and
// few have the same bits.
func TestExpertsSquares(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.Q4_0, tensor.Q6_K, tensor.Q8} {
		tr := mixture(typ, shape(256, 256, 1, 2, 1, 128, 20, 100))
		tr.config.NExperts, tr.config.NExpertsUsed = 3, 2
		if typ == tensor.Q8 {
			tr.group = 16
		}
		for name, open := range map[string]func(t *testing.T) gpu.Device{
			"cuda":  func(t *testing.T) gpu.Device { t.Helper(); return device(t) },
			"metal": func(t *testing.T) gpu.Device { t.Helper(); return simMetal(t, sim.Library(t)) },
			"text":  func(t *testing.T) gpu.Device { t.Helper(); return simMetal(t, sim.MetalLibrary(t)) },
		} {
			t.Run(tr.name+"-"+name, func(t *testing.T) {
				dev := &kernelWatch{Device: open(t)}
				testForward(t, dev, tr, tr.weigh(t), maxRows+fewAlone)
				if !dev.ran["square_expert_"+typ.String()] || !dev.ran["expert_"+typ.String()] {
					t.Errorf("kernels %v", dev.ran)
				}
			})
		}
	}
}

// A kernelWatch is a device that knows which kernels ran.
type kernelWatch struct {
	gpu.Device
	ran map[string]bool
}

func (d *kernelWatch) Run(p *gpu.Pass) error {
	if d.ran == nil {
		d.ran = map[string]bool{}
	}
	for _, l := range p.Launches {
		d.ran[l.Kernel] = true
	}
	return d.Device.Run(p)
}

// TestExpertsRefused: experts that no kernel is for are refused when they are loaded.
func TestExpertsRefused(t *testing.T) {
	tr := mixture(tensor.F32, shape(32, 64, 1, 2, 1, 16, 50, 64))
	other := mixture(tensor.F16, tr.config)
	for want, change := range map[string]func(e []tensor.Expert){
		"of one layer are of f32 and of f16": func(e []tensor.Expert) { e[1].W3 = other.weigh(t).Layers[0].Experts[1].W3 },
		"llm.int8 are for the CPU only":      func(e []tensor.Expert) { e[2].W2.Type = tensor.LLMInt8 },
	} {
		b := newBackend(t, device(t), 3)
		experts := tr.weigh(t).Layers[0].Experts
		change(experts)
		if err := b.LoadExperts(experts, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	b := newBackend(t, device(t), 3)
	err := b.LoadExperts(make([]tensor.Expert, 1025), nil)
	if err == nil || !strings.Contains(err.Error(), "exceed 1024") {
		t.Errorf("%v, want a limit", err)
	}
}
