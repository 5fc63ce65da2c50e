package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestAdamW(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for n := range 70 {
			a := AdamW{Scale: 0.7, Beta1: 0.9, Keep1: 0.1, Beta2: 0.95, Keep2: 0.05, Inverse: 3,
				Epsilon: 1e-8, Rate: 1e-2, Decay: 0.99}
			var got, want [4][]float32
			var checks []func(*testing.T)
			for i := range got {
				x, check := guard(rng, n, rng.IntN(16))
				if i == 3 || n%3 == 0 { // second moments are not negative
					for j, f := range x {
						if x[j] = f * f; n%3 == 0 {
							x[j] = specials[rng.IntN(len(specials))]
						}
					}
				}
				got[i], want[i] = x, append([]float32(nil), x...)
				checks = append(checks, check)
			}
			a.Update(got[0], got[1], got[2], got[3])
			a.updateGeneric(want[0], want[1], want[2], want[3])
			for i := range got {
				wantSame(t, got[i], want[i], "n %d, slice %d", n, i)
				checks[i](t)
			}
		}
	})
}

func BenchmarkAdamW(b *testing.B) {
	const n = 1 << 20
	a := AdamW{Scale: 1, Beta1: 0.9, Keep1: 0.1, Beta2: 0.95, Keep2: 0.05, Inverse: 1, Epsilon: 1e-8, Rate: 1e-6, Decay: 1}
	w, g, m, v := ones(n), ones(n), ones(n), ones(n)
	b.SetBytes(7 * 4 * n)
	for b.Loop() {
		a.Update(w, g, m, v)
	}
}
