package gpu

import (
	"fmt"
	"unsafe"

	"cria/internal/tensor"
)

// A matrix is a weight on the device.
type matrix struct {
	args  weightArgs
	name  string // of the format's kernels
	group int    // elements of an input that share a scale; 0: the input is floats
}

// stagingBytes is how much of a matrix is uploaded at once to be moved on the device.
const stagingBytes = 32 << 20

// matrix returns m on the device, where it is uploaded first if it is not there.
func (b *Backend) matrix(m *tensor.Mat) *matrix {
	if d := b.matrices[m]; d != nil {
		return d
	}
	key := unsafe.SliceData(m.Data)
	d := b.shared[key]
	if d == nil || d.args.Rows != int32(m.Rows) {
		d = newMatrix(m)
		b.fail(b.upload(d, m))
		b.shared[key] = d
	}
	b.matrices[m] = d
	return d
}

func newMatrix(m *tensor.Mat) *matrix {
	return &matrix{
		args: weightArgs{Rows: int32(m.Rows), Cols: int32(m.Cols), Group: int32(max(m.Group, 1))},
		name: m.Type.String(), group: inputGroup(m),
	}
}

// inputGroup returns how many elements of a matrix's input share a scale, as package ref defines it.
func inputGroup(m *tensor.Mat) int {
	switch m.Type {
	case tensor.F32, tensor.F16, tensor.BF16:
		return 0
	case tensor.Q8:
		return m.Group
	case tensor.Q2_K, tensor.Q3_K, tensor.Q4_K, tensor.Q5_K, tensor.Q6_K:
		return 256
	}
	return 32
}

// supports returns an error if the device's kernels do not multiply by a matrix like m.
func (b *Backend) supports(m *tensor.Mat) error {
	if m.Type == tensor.LLMInt8 {
		return fmt.Errorf("gpu: matrices of %v are for the CPU only", m.Type)
	}
	n := sharedBytes(m.Cols, inputGroup(m))
	if b.inTiles(m) {
		n = rows8Shared(fewRing, m.Cols, 1, halfParts(m.Type), tileSums)
	}
	if !b.info.Direct && n > b.info.SharedBytes-1024 {
		return fmt.Errorf("gpu: a vector of %d numbers takes %d bytes, and %s gives a block %d",
			m.Cols, n, b.info.Name, b.info.SharedBytes)
	}
	return nil
}

// sharedBytes returns the memory of a block that multiplies one vector of n numbers.
func sharedBytes(n, group int) int {
	if group == 0 {
		return (n + 255) &^ 255 * 4
	}
	return tensor.Pad(n) + (n+group-1)/group*8
}

// upload makes d of m, in the order in which the device multiplies by it.
func (b *Backend) upload(d *matrix, m *tensor.Mat) error {
	if err := b.supports(m); err != nil {
		return err
	}
	if b.inTiles(m) {
		d.name = "tiled_" + d.name
		return b.uploadTiles(d, m)
	}
	if b.inCells(m) {
		d.name = "tiled_" + d.name
		return b.uploadCells(d, m)
	}
	return b.uploadPlain(d, m)
}

// uploadPlain makes d of m: floats with rows padded to 16 bytes, codes and scales in planes, or blocks as they are.
func (b *Backend) uploadPlain(d *matrix, m *tensor.Mat) (err error) {
	switch m.Type {
	case tensor.Q8_0, tensor.Q4_0:
		d.args.Pitch = int32(m.Cols / 32 * (m.Type.Size() - 2))
		return b.uploadPlanes(d, m)
	case tensor.Q8:
		if d.args.Scales, err = b.uploadBytes(tensor.Bytes(m.Scales)); err != nil {
			return err
		}
	}
	row := m.Type.RowSize(m.Cols)
	d.args.Pitch = int32(row)
	if m.Type.IsBlocks() || row%16 == 0 {
		d.args.Data, err = b.mapOrUpload(m.Data)
		return err
	}
	pitch := (row + 15) &^ 15
	d.args.Pitch = int32(pitch)
	padded := make([]byte, m.Rows*pitch)
	for r := range m.Rows {
		copy(padded[r*pitch:], m.Data[r*row:][:row])
	}
	d.args.Data, err = b.uploadBytes(padded)
	return err
}

// mapOrUpload lets the device read data where it is, if it can and that is wanted.
func (b *Backend) mapOrUpload(data []byte) (Ptr, error) {
	if dev, ok := b.dev.(Mapper); ok && b.shares {
		if p, err := dev.Map(data); err != nil || p != 0 {
			b.progress(len(data))
			return p, err
		}
	}
	return b.uploadBytes(data)
}

func (b *Backend) uploadBytes(data []byte) (Ptr, error) {
	// Kernels read whole groups of 8 floats, or of 16 bytes.
	p, err := b.allocWeights(int64(len(data)+31) &^ 31)
	if err == nil {
		err = b.dev.Upload(p, data)
	}
	b.progress(len(data))
	return p, err
}

// uploadPlanes uploads blocks of a scale and codes and lets the device part them.
func (b *Backend) uploadPlanes(d *matrix, m *tensor.Mat) error {
	size := m.Type.Size()
	blocks, codes := len(m.Data)/size, size-2
	var err error
	if d.args.Data, err = b.allocWeights(int64(blocks * codes)); err != nil {
		return err
	}
	if d.args.Scales, err = b.allocWeights(int64(blocks * 2)); err != nil {
		return err
	}
	if err := b.needStaging(); err != nil {
		return err
	}
	most := stagingBytes / size
	for at := 0; at < blocks; at += most {
		n := min(most, blocks-at)
		part := m.Data[at*size:][:n*size]
		if err := b.dev.Upload(b.staging, part); err != nil {
			return err
		}
		var p Pass
		Add(&p, "repack", [3]int{ceil(n, threads), 1, 1}, threads, 0, &repackArgs{
			Blocks: b.staging, Codes: d.args.Data + Ptr(at*codes), Scales: d.args.Scales + Ptr(2*at),
			N: int32(n), Bytes: int32(codes),
		})
		if err := b.dev.Run(&p); err != nil {
			return err
		}
		b.progress(len(part))
	}
	return nil
}

// needStaging makes sure that there is room for a part of a matrix.
func (b *Backend) needStaging() (err error) {
	if b.staging == 0 {
		b.staging, err = b.dev.Alloc(stagingBytes)
	}
	return err
}

// A vector is numbers on the device, and those of the host whose address names them.
type vector struct {
	device Ptr
	host   []float32
}

// vector returns x on the device, or 0 for nil.
func (b *Backend) vector(x []float32) Ptr {
	if x == nil {
		return 0
	}
	key := unsafe.SliceData(x)
	v, ok := b.vectors[key]
	if !ok {
		p, err := b.uploadBytes(tensor.Bytes(x))
		b.fail(err)
		v = vector{p, x}
		b.vectors[key] = v
	}
	return v.device
}

// acts returns the device's part of activations, which begins as zeros.
func (b *Backend) acts(x tensor.Acts) Ptr {
	key := unsafe.SliceData(x.Data)
	v, ok := b.vectors[key]
	if !ok {
		v = vector{b.alloc(int64(4 * len(x.Data))), x.Data}
		b.vectors[key] = v
	}
	return v.device
}

// alloc returns zeros, or notes an error.
func (b *Backend) alloc(n int64) Ptr {
	p, err := b.dev.Alloc(n)
	b.fail(err)
	return p
}
