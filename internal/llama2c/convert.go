package llama2c

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"

	"cria/internal/tensor"
)

// Options say what Convert makes.
type Options struct {
	Version  int          // of the format, 0 to 3
	Type     tensor.DType // of the matrices: F32 for versions 0 and 1, Q8 for 2, any other for 3
	Group    int          // version 2: elements that share a scale
	Saturate bool         // clamp numbers beyond the range of F16 or BF16 to its ends
}

// A Report lists, in file order, the tensors with numbers that needed attention.
type Report struct {
	Ranges []Range
}

// A Range counts the numbers of a converted tensor that the new type cannot
// hold, or that no model should have. Where the type stays the same nothing is counted.
type Range struct {
	Tensor   string
	Overflow int64   // finite numbers that are infinite in the new type
	Largest  float32 // the largest magnitude among them
	Inf, NaN int64   // not finite to begin with
}

// A RangeError is the refusal to make a file that would lack numbers of the source.
type RangeError struct {
	Type  tensor.DType
	First Range // the first tensor concerned; the Report has all
	Count int   // of tensors concerned
}

func (e *RangeError) Error() string {
	what := fmt.Sprintf("numbers beyond the range of %v: %d, the largest %g",
		e.Type, e.First.Overflow, e.First.Largest)
	if e.Type == tensor.Q8 {
		what = fmt.Sprintf("groups of int8 have no place for infinities (%d) and NaN (%d)", e.First.Inf, e.First.NaN)
	}
	if e.Count > 1 {
		what += fmt.Sprintf("; more tensors with such numbers: %d", e.Count-1)
	}
	return fmt.Sprintf("llama2c: %s: %s", e.First.Tensor, what)
}

// Convert writes src in another version or type, tensor by tensor: beside src
// it needs the memory of the largest tensor. Numbers go through f32; f16, bf16
// and q8 to f32 is exact (q * scale rounded once), to f16 and bf16 rounds half
// to even, and to q8 takes scale = max|x| / 127 and rounds x / scale half to
// even. If progress is not nil it is called now and then with the bytes
// written so far and their total.
//
// If numbers do not fit (finite ones in f16 or bf16 without Saturate, infinities and
// NaN in q8), Convert returns a *RangeError, after it has looked at all tensors for
// the report. After any error, what has been written is too short to be a checkpoint.
func Convert(w io.Writer, src *File, opt Options, progress func(done, total int64)) (Report, error) {
	h := src.Header
	h.Version, h.Type, h.Group = opt.Version, opt.Type, 0
	if opt.Type == tensor.Q8 {
		h.Group = opt.Group
	}
	if _, err := h.FileSize(); err != nil {
		return Report{}, fmt.Errorf("convert to version %d, %v: %w", opt.Version, opt.Type, err)
	}
	c := &converter{w: w, src: make(map[string]tensor.Mat), opt: opt}
	for _, t := range src.Tensors {
		c.src[t.Name] = t.Mat
	}
	err := write(c, &h, c.mat, progress)
	if err == nil && c.refused != nil {
		err = c.refused
	}
	return c.report, err
}

// A converter holds the state of one call of Convert.
type converter struct {
	w       io.Writer
	src     map[string]tensor.Mat
	opt     Options
	buf     []float32 // of the last tensor that was converted
	report  Report
	refused *RangeError
}

// Write passes b on, until a number has been refused: the file then stays cut short.
func (c *converter) Write(b []byte) (int, error) {
	if c.refused != nil {
		return len(b), nil
	}
	return c.w.Write(b)
}

// mat returns the tensor that belongs into s, converted, until the next call.
func (c *converter) mat(s *slot) (tensor.Mat, error) {
	m, ok := c.src[s.name]
	if !ok {
		return m, errors.New("is not in the source")
	}
	if m.Rows != s.rows || m.Cols != s.cols {
		return m, fmt.Errorf("is %d x %d in the source, want %d x %d", m.Rows, m.Cols, s.rows, s.cols)
	}
	isSame := m.Type == c.opt.Type && (m.Type != tensor.Q8 || m.Group == c.opt.Group)
	if s.kind == norm || isSame {
		return m, nil
	}
	dst, err := c.room(s.rows, s.cols)
	if err != nil {
		return dst, err
	}
	if r := convert(&dst, &m, c.opt.Saturate); r != (Range{}) {
		r.Tensor = s.name
		c.note(r)
	}
	return dst, nil
}

// note puts r into the report, and refuses the file if it has to.
func (c *converter) note(r Range) {
	c.report.Ranges = append(c.report.Ranges, r)
	if !c.refuses(&r) {
		return
	}
	if c.refused == nil {
		c.refused = &RangeError{Type: c.opt.Type, First: r}
	}
	c.refused.Count++
}

func (c *converter) refuses(r *Range) bool {
	if c.opt.Type == tensor.Q8 {
		return r.Inf+r.NaN > 0
	}
	return r.Overflow > 0 && !c.opt.Saturate
}

// room returns a matrix of the wanted type in the buffer.
func (c *converter) room(rows, cols int) (tensor.Mat, error) {
	m := tensor.Mat{Type: c.opt.Type, Rows: rows, Cols: cols}
	scales := 0
	if m.Type == tensor.Q8 {
		m.Group = c.opt.Group
		scales = rows * (cols / m.Group)
	}
	size, ok := tensor.Mul(int64(rows), int64(cols), int64(m.Type.Size()))
	if words := size/4 + 1 + int64(scales); !ok || words > math.MaxInt/4 {
		return m, fmt.Errorf("its %d x %d numbers of %v exceed this machine's address space", rows, cols, m.Type)
	}
	words := (int(size) + 3) / 4
	c.buf = slices.Grow(c.buf[:0], words+scales)[:words+scales]
	m.Data = tensor.Bytes(c.buf[:words])[:size]
	if scales > 0 {
		m.Scales = c.buf[words:]
	}
	return m, nil
}

// shareMin is how many numbers it takes for another goroutine to pay.
const shareMin = 1 << 16

// convert fills dst from src, a matrix of the same shape, on all cores.
func convert(dst, src *tensor.Mat, saturate bool) Range {
	workers := min(runtime.GOMAXPROCS(0), src.Rows, 1+src.Rows*src.Cols/shareMin)
	parts := make([]Range, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			row := make([]float32, src.Cols)
			for r := src.Rows * i / workers; r < src.Rows*(i+1)/workers; r++ {
				decodeRow(row, src, r)
				encodeRow(dst, r, row, saturate, &parts[i])
			}
		})
	}
	wg.Wait()
	var sum Range
	for _, p := range parts {
		sum.Overflow += p.Overflow
		sum.Inf += p.Inf
		sum.NaN += p.NaN
		sum.Largest = max(sum.Largest, p.Largest)
	}
	return sum
}

// GroupFor returns the group size of llama2.c's export.py: 64, or half of it, or
// half of that, until it divides every row.
func GroupFor(h *Header) int {
	group := 64
	for h.Dim%group != 0 || h.HiddenDim%group != 0 {
		group /= 2
	}
	return group
}
