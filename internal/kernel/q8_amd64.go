//go:build !purego

package kernel

import "cria/internal/cpuid"

func dotRowsQ8(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	switch {
	case isa == cpuid.AVX512 && int8Dot && dotVNNI(len(dst), n, group):
		dotRowsVNNI(dst, w, ws, x, n, group)
	case isa != cpuid.Generic && dotAVX2(len(dst), n, group):
		dotRowsAVX2(dst, w, ws, x, n, group)
	default:
		dotRowsQ8Generic(dst, w, ws, x, n, group)
	}
}

func packQ8(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	switch {
	case isa == cpuid.AVX512 && int8Dot && tileVNNI(n, group):
		packVNNI(p, w, ws, rows, n, group)
	case isa == cpuid.AVX512 && int8Dot && dotVNNI(PanelRowsQ8, n, group):
		packRows(p, w, ws, rows, n, group)
	case isa != cpuid.Generic && tileAVX2Q8(n, group):
		packAVX2(p, w, ws, rows, n, group)
	default:
		packQ8Generic(p, w, ws, rows, n, group)
	}
}

func tileQ8(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	switch {
	case isa == cpuid.AVX512 && tileAMX(n, group, vectors):
		tileQ8AMX(dst, stride, p, x, n, group, vectors)
	case isa == cpuid.AVX512 && int8Dot && tileVNNI(n, group):
		tileQ8VNNI(dst, stride, p, x, n, group, vectors)
	case isa == cpuid.AVX512 && int8Dot && dotVNNI(PanelRowsQ8, n, group):
		for t := range vectors {
			dotRowsVNNI(dst[t*stride:][:PanelRowsQ8], p.W, p.Scales, x.From(t, n, group), n, group)
		}
	case isa != cpuid.Generic && tileAVX2Q8(n, group):
		tileQ8AVX2(dst, stride, p, x, n, group, vectors)
	default:
		tileQ8Generic(dst, stride, p, x, n, group, vectors)
	}
}

func quantize(q Q8, x []float32, group int) {
	switch {
	case isa == cpuid.AVX512 && len(x) > 0 && group%16 == 0:
		quantizeAVX512(q, ptr(x), group, len(x)/group)
	case isa != cpuid.Generic && len(x) > 0 && group%8 == 0:
		quantizeAVX2(q, x, group)
	default:
		quantizeGeneric(q, x, group)
	}
}
