package train

import (
	"io"
	"math"
)

// A State is all that a training needs to go on as if it had never stopped.
type State struct {
	Step  int    // steps done
	Meta  []byte // what the caller wants back: its options, the losses so far
	Slabs [][]float32
}

const (
	stateMagic   = "criatrst"
	stateVersion = 1
)

// WriteState keeps a state in a file. Whatever happens, killing included, path
// holds the whole of this state or what it held before:
//
//	byte 0    magic       "criatrst"
//	     8    version     uint64, 1
//	    16    step        uint64
//	    24    meta        uint64, its bytes
//	    32    slabs       uint64, their number
//	    40    meta        bytes
//	          lengths     uint64 for each slab, its numbers
//	          slabs       float32 each, one slab after the other
//	          checksum    uint64, CRC-64 (ECMA 182) of everything before it
//
// Numbers are little-endian.
func WriteState(path string, s *State) error {
	return ReplaceFile(path, func(w io.Writer) error { return encodeState(w, s) })
}

func encodeState(w io.Writer, state *State) error {
	s := newSealWriter(w, stateMagic, stateVersion)
	s.uint64(uint64(state.Step))
	s.uint64(uint64(len(state.Meta)))
	s.uint64(uint64(len(state.Slabs)))
	s.bytes(state.Meta)
	for _, slab := range state.Slabs {
		s.uint64(uint64(len(slab)))
	}
	for _, slab := range state.Slabs {
		s.floats(slab)
	}
	return s.close()
}

// ReadState returns the state that WriteState kept. A file that is not what was
// written is an error that says where.
func ReadState(path string) (*State, error) {
	f, size, err := openSealed(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return decodeState(path, f, size)
}

func decodeState(name string, r io.Reader, size int64) (*State, error) {
	s := newSealReader(name, r, size, stateMagic, stateVersion)
	at := s.offset
	step := s.uint64("step")
	if step > math.MaxInt32 {
		s.fault(at, "step", "%d exceeds the limit of %d", step, math.MaxInt32)
	}
	meta := s.count(1, "meta")
	slabs := s.count(8, "slabs")
	state := &State{Step: int(step), Meta: s.bytes(meta, "meta"), Slabs: make([][]float32, 0, slabs)}
	var lengths []int
	for range slabs {
		lengths = append(lengths, s.count(4, "length"))
	}
	for _, n := range lengths {
		state.Slabs = append(state.Slabs, s.floats(n, "slab"))
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	return state, nil
}
