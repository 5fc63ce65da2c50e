package cpu

import (
	"cria/internal/kernel"
	"cria/internal/tensor"
)

// outliers are the numbers of a batch's vectors that LLM.int8() multiplies as floats.
type outliers struct {
	want   bool
	counts []int       // [T]
	cols   []uint16    // [T][Cols] in which columns they are, in order
	values tensor.Acts // [T][Cols] the numbers
	kept   map[*tensor.Mat]*columns
}

// columns are those of a matrix that had outliers first, decoded and side by side: most
// outliers are in a few columns again and again, and in the matrix itself each row of
// a column is in another place of memory.
type columns struct {
	slots []int16   // [Cols] where a column is, or -1
	used  int       // slots
	most  int       // slots that there are
	data  []float32 // [⌈Rows/16⌉][most][16]
}

// columnsKept returns for how many columns of n there is room: a sixteenth of the int8's memory.
// The paper finds outliers in at most 7 columns of thousands.
func columnsKept(n int) int { return max(8, n/64) }

// prepare notes that outliers are wanted, for a product with w, and makes room, once.
func (o *outliers) prepare(w *tensor.Mat, rows, cols int) {
	o.want = true
	if o.counts == nil {
		o.counts, o.cols, o.values = make([]int, rows), make([]uint16, rows*cols), tensor.NewActs(rows, cols)
		o.kept = map[*tensor.Mat]*columns{}
	}
	if o.kept[w.Wide] == nil {
		c := &columns{slots: make([]int16, w.Cols), most: columnsKept(w.Cols)}
		for i := range c.slots {
			c.slots[i] = -1
		}
		c.data = make([]float32, tensor.Pad(w.Rows)*c.most)
		o.kept[w.Wide] = c
	}
}

// of returns the columns and the numbers of vector t.
func (o *outliers) of(t int) (cols []uint16, values []float32) {
	n := o.counts[t]
	return o.cols[t*o.values.N:][:n], o.values.Data[t*o.values.Stride:][:n]
}

// quantize takes the outliers from x, which is vector t, quantizes the rest as one group, and
// puts them back.
func (o *outliers) quantize(q kernel.Q8, x []float32, t int) {
	cols, values := o.cols[t*o.values.N:][:0], o.values.Data[t*o.values.Stride:][:0]
	for i, f := range x {
		if !(f > -tensor.Outlier && f < tensor.Outlier) { // what is no number counts
			cols, values = append(cols, uint16(i)), append(values, f)
			x[i] = 0
		}
	}
	kernel.Quantize(q, x, len(x))
	for k, i := range cols {
		x[i] = values[k]
	}
	o.counts[t] = len(cols)
}

// keep keeps the columns of w that a batch has outliers in, as long as there is room.
func (o *outliers) keep(w *tensor.Mat, vectors int) {
	c := o.kept[w]
	for t := range vectors {
		cols, _ := o.of(t)
		for _, i := range cols {
			if c.used == c.most {
				return
			}
			if c.slots[i] < 0 {
				c.slots[i] = int16(c.used)
				for r := 0; r < w.Rows; r += tensor.Lanes {
					column(c.block(r)[c.used*tensor.Lanes:][:tensor.Lanes], w, r, int(i))
				}
				c.used++
			}
		}
	}
}

// block returns [most][16], rows r to r+15 of the columns that are kept; 16 divides r.
func (c *columns) block(r int) []float32 { return c.data[r*c.most:][:c.most*tensor.Lanes] }

// column sets dst to the numbers in column i of w from row r on, as many as there are.
func column(dst []float32, w *tensor.Mat, r, i int) {
	rows, n := min(len(dst), w.Rows-r), w.Cols
	switch w.Type {
	case tensor.F32:
		for k, x := 0, w.F32()[r*n+i:]; k < rows; k++ {
			dst[k] = x[k*n]
		}
	case tensor.F16:
		var half [tensor.Lanes]kernel.F16
		for k, x := 0, w.U16()[r*n+i:]; k < rows; k++ {
			half[k] = kernel.F16(x[k*n])
		}
		kernel.DecodeF16(dst[:rows], half[:])
	case tensor.BF16:
		var half [tensor.Lanes]kernel.BF16
		for k, x := 0, w.U16()[r*n+i:]; k < rows; k++ {
			half[k] = kernel.BF16(x[k*n])
		}
		kernel.DecodeBF16(dst[:rows], half[:])
	}
}

// addOutliers adds the products of outliers with rows first to first+rows-1 of w to dst[t*stride+r].
func (b *Backend) addOutliers(dst []float32, stride int, w *tensor.Mat, first, rows int) {
	o := &b.quantized.outliers
	kept := o.kept[w]
	for r := first &^ (tensor.Lanes - 1); r < first+rows; r += tensor.Lanes {
		lo, hi := max(r, first), min(r+tensor.Lanes, first+rows) // of these 16 rows
		block := kept.block(r)
		for t := range b.product.vectors {
			cols, values := o.of(t)
			if len(cols) == 0 {
				continue
			}
			var sums [tensor.Lanes]float32
			y := dst[t*stride+lo-first:][:hi-lo]
			copy(sums[lo-r:], y)
			kept.add(&sums, block, w, r, cols, values)
			copy(y, sums[lo-r:])
		}
	}
}

// add adds the products of values and columns, one after the other, to 16 rows from r on.
func (c *columns) add(
	sums *[tensor.Lanes]float32, block []float32, w *tensor.Mat, r int, cols []uint16, values []float32,
) {
	for k := 0; k < len(cols); {
		slot, n := int(c.slots[cols[k]]), 1
		if slot < 0 {
			var one [tensor.Lanes]float32
			column(one[:], w, r, int(cols[k]))
			kernel.AddRows(sums[:], one[:], values[k:k+1])
			k++
			continue
		}
		for k+n < len(cols) && int(c.slots[cols[k+n]]) == slot+n { // columns side by side go together
			n++
		}
		kernel.AddRows(sums[:], block[slot*tensor.Lanes:], values[k:k+n])
		k += n
	}
}
