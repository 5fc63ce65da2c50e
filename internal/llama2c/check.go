package llama2c

import (
	"fmt"
	"slices"

	"cria/internal/tensor"
)

// Indexes into Header.dimensions of those that check names.
const (
	nHeadsIndex   = 3
	nKVHeadsIndex = 4
)

// check returns a *FormatError if no file can have the header.
func (h *Header) check() error {
	if err := h.checkType(); err != nil {
		return err
	}
	for i, d := range h.dimensions() {
		if *d.n < 1 || *d.n > d.max {
			return h.fault(h.dimensionAt(i), d.name, "%d, want 1 to %d%s", *d.n, d.max, h.guess())
		}
	}
	heads, kvHeads := h.dimensionAt(nHeadsIndex), h.dimensionAt(nKVHeadsIndex)
	switch {
	case h.Dim%h.NHeads != 0:
		return h.fault(heads, "n_heads", "%d does not divide dim %d%s", h.NHeads, h.Dim, h.guess())
	case h.Dim/h.NHeads%2 != 0:
		return h.fault(heads, "n_heads", "%d heads of dim %d are %d wide; rotary embeddings turn pairs",
			h.NHeads, h.Dim, h.Dim/h.NHeads)
	case h.NHeads%h.NKVHeads != 0:
		return h.fault(kvHeads, "n_kv_heads", "%d does not divide n_heads %d%s", h.NKVHeads, h.NHeads, h.guess())
	}
	return h.checkGroup()
}

// checkType checks that the version exists and can hold matrices of the type.
func (h *Header) checkType() error {
	var types []tensor.DType
	switch h.Version {
	case 0, 1:
		types = []tensor.DType{tensor.F32}
	case 2:
		types = []tensor.DType{tensor.Q8}
	case 3:
		types = fileTypes[:]
	default:
		return h.fault(versionAt, "version", "%d, want 0 to %d", h.Version, versionMax)
	}
	if !slices.Contains(types, h.Type) {
		return h.fault(extraAt, "type", "version %d holds matrices of %v, not %v", h.Version, types, h.Type)
	}
	return nil
}

// checkGroup checks that the groups of version 2 fill the rows of every matrix,
// so that no group goes over the end of a row.
func (h *Header) checkGroup() error {
	if h.Type != tensor.Q8 {
		return nil
	}
	if h.Group < 1 {
		return h.fault(extraAt, "group_size", "%d, want at least 1", h.Group)
	}
	for _, e := range h.layout() {
		if e.kind == matrix && e.cols%h.Group != 0 {
			return h.fault(extraAt, "group_size", "%d does not divide the %d columns of %s",
				h.Group, e.cols, e.tensorName(0))
		}
	}
	return nil
}

// checkSize returns a *FormatError unless a file of size bytes is exactly what
// the header describes. h must have passed check.
func (h *Header) checkSize(size int64) error {
	want, err := h.FileSize()
	switch {
	case err != nil:
		return err
	case size > want:
		return h.fault(want, "end of file", "the file has %d bytes, but its header describes %d%s",
			size, want, h.guess())
	case size == want:
		return nil
	case size < h.size(): // a caller's data may be longer than the size that it gives
		return h.fault(size, "header", "has %d bytes, but the file ends at byte %d", h.size(), size)
	}
	for s := range h.slots() {
		if size < s.offset+s.bytes {
			return h.fault(s.offset, s.name,
				"needs bytes %d to %d, but the file ends at byte %d (its header describes %d bytes)%s",
				s.offset, s.offset+s.bytes, size, want, h.guess())
		}
	}
	return nil
}

// guess says why a file is taken for version 0: it may be of another kind.
func (h *Header) guess() string {
	if h.Version == 0 {
		return ` (without the magic "ak42" a file is read as version 0)`
	}
	return ""
}

// fault returns a FormatError; the caller who knows the file's name adds it.
func (h *Header) fault(offset int64, field, format string, args ...any) error {
	return &FormatError{Offset: offset, Field: field, Reason: fmt.Sprintf(format, args...)}
}
