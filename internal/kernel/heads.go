package kernel

import "cria/internal/float"

// Heads are the keys or values of some heads that lie side by side in a page of a key/value
// cache, Rows positions of N numbers each; 16 divides N. A number of type int8 is multiplied by
// a scale, of which a row has one for every 32 numbers; the last is of 16 if 32 does not divide N.
type Heads[W float32 | F16 | int8] struct {
	W      []W   // [heads][Rows][N]
	Scales []F16 // [heads][Rows][⌈N/32⌉], of int8

	Count   int // of heads
	Rows, N int
}

// groups returns how many scales a row has.
func (h *Heads[W]) groups() int { return (h.N + smallLen - 1) / smallLen }

// size returns how many numbers a head has.
func (h *Heads[W]) size() int { return h.Rows * h.N }

// Head returns head i, or that of next which comes after the last.
func (h *Heads[W]) Head(i int, next *Heads[W]) []W {
	if i >= h.Count {
		h, i = next, i-h.Count
	}
	return h.W[i*h.size():][:h.size()]
}

// scales returns the scales of Head(i, next).
func (h *Heads[W]) scales(i int, next *Heads[W]) []F16 {
	if i >= h.Count {
		h, i = next, i-h.Count
	}
	n := h.Rows * h.groups()
	return h.Scales[i*n:][:n]
}

// Dot sets dst[i*stride+r] to the dot product of row r < rows of head i and x, [heads][N]. Meanwhile
// the head is fetched that is ahead heads on, of which next has those after the last. Numbers of
// int8 may pass through page, of Rows*N.
func (h *Heads[W]) Dot(dst []float32, stride, rows int, x, page []float32, next *Heads[W], ahead int) {
	switch h := any(h).(type) {
	case *Heads[float32]:
		dotHeads(h, dst, stride, rows, x, any(next).(*Heads[float32]), ahead)
	case *Heads[F16]:
		dotHeads(h, dst, stride, rows, x, any(next).(*Heads[F16]), ahead)
	case *Heads[int8]:
		next := any(next).(*Heads[int8])
		for i := range h.Count {
			dst, x := dst[i*stride:][:rows], x[i*h.N:][:h.N]
			if !dotHeadQ8(h, i, dst, x, next, ahead) {
				DecodeHead(page, h, i, next, ahead)
				dotRows(dst, page, x, h.N, nil, page)
			}
		}
	}
}

func dotHeads[W float32 | F16](
	h *Heads[W], dst []float32, stride, rows int, x []float32, next *Heads[W], ahead int,
) {
	for i := range h.Count {
		dotRows(dst[i*stride:][:rows], h.Head(i, nil), x[i*h.N:][:h.N], h.N, nil, h.Head(i+ahead, next))
	}
}

// Add adds rows lo to hi-1 of each head i, times p[i*stride+r], to dst, [heads][N], row by row in
// order, fused. It fetches as Dot does.
func (h *Heads[W]) Add(dst, p []float32, stride, lo, hi int, page []float32, next *Heads[W], ahead int) {
	if lo >= hi {
		return
	}
	switch h := any(h).(type) {
	case *Heads[float32]:
		addHeads(h, dst, p, stride, lo, hi, any(next).(*Heads[float32]), ahead)
	case *Heads[F16]:
		addHeads(h, dst, p, stride, lo, hi, any(next).(*Heads[F16]), ahead)
	case *Heads[int8]:
		next := any(next).(*Heads[int8])
		for i := range h.Count {
			dst, p := dst[i*h.N:][:h.N], p[i*stride:][lo:hi]
			if !addHeadQ8(h, i, dst, p, lo, next, ahead) {
				DecodeHead(page, h, i, next, ahead)
				addRows(dst, page[lo*h.N:], p, page)
			}
		}
	}
}

func addHeads[W float32 | F16](
	h *Heads[W], dst, p []float32, stride, lo, hi int, next *Heads[W], ahead int,
) {
	for i := range h.Count {
		addRows(dst[i*h.N:][:h.N], h.Head(i, nil)[lo*h.N:], p[i*stride:][lo:hi], h.Head(i+ahead, next))
	}
}

// DecodeHead sets dst to the numbers of head i. The results are exact. It fetches as Heads.Dot does.
func DecodeHead(dst []float32, h *Heads[int8], i int, next *Heads[int8], ahead int) {
	fetch(h.scales(i+ahead, next))
	decodeQ8(dst[:h.size()], h.Head(i, nil), h.scales(i, nil), h.N, h.Head(i+ahead, next))
}

func decodeQ8Generic(dst []float32, q []int8, scales []F16, n int) {
	groups := (n + smallLen - 1) / smallLen
	for i := range dst {
		dst[i] = float32(q[i]) * float.F16ToF32(uint16(scales[i/n*groups+i%n/smallLen]))
	}
}
