package llama2c

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"unsafe"

	"cria/internal/tensor"
)

// Sizes that overflow are noticed even where no limit has stopped them before.
func TestEndOverflow(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("an int of 32 bits cannot hold the sizes")
	}
	for _, h := range []Header{
		{Version: 1, Dim: math.MaxInt / 2, HiddenDim: 1, NLayers: 1, NHeads: 1, NKVHeads: 1,
			VocabSize: math.MaxInt / 2, SeqLen: 1},
		{Version: 1, Dim: 2, HiddenDim: 1, NLayers: math.MaxInt / 8, NHeads: 1, NKVHeads: 1, VocabSize: 1, SeqLen: 1},
		{Version: 1, Dim: 2, HiddenDim: math.MaxInt / 8, NLayers: 2, NHeads: 1, NKVHeads: 1, VocabSize: 1, SeqLen: 1},
		{Version: 0, Dim: 2, HiddenDim: 1, NLayers: 1, NHeads: 1, NKVHeads: 1, VocabSize: 1, SeqLen: math.MaxInt / 6},
		{Version: 2, Type: tensor.Q8, Group: 1, Dim: 2, HiddenDim: 1, NLayers: 1, NHeads: 1, NKVHeads: 1,
			VocabSize: math.MaxInt / 9, SeqLen: 1},
		{Version: 2, Type: tensor.Q8, Group: 1, Dim: 2, HiddenDim: 1, NLayers: 1, NHeads: 1, NKVHeads: 1,
			VocabSize: math.MaxInt / 4, SeqLen: 1},
	} {
		end, err := h.end()
		if err == nil || !strings.Contains(err.Error(), "2^63") {
			t.Errorf("%+v: end is %d, %v, want an error that says 2^63", h, end, err)
		}
		if _, err := h.FileSize(); err == nil {
			t.Errorf("%+v: FileSize accepts it", h)
		}
	}
}

// A model within all limits has a size: the limits leave no room for overflow.
func TestLimitsFit(t *testing.T) {
	h := Header{Version: 1, Dim: dimMax, HiddenDim: hiddenDimMax, NLayers: layersMax, NHeads: headsMax,
		NKVHeads: headsMax, VocabSize: vocabMax, SeqLen: seqLenMax}
	if size, err := h.FileSize(); err != nil || size < 1<<50 {
		t.Errorf("FileSize at the limits is %d, %v, want a number beyond 2^50", size, err)
	}
}

func TestSwap(t *testing.T) {
	for _, c := range []struct {
		size     int
		in, want string
	}{{2, "", ""}, {2, "abcd", "badc"}, {4, "abcdefgh", "dcbahgfe"}} {
		b := []byte(c.in)
		swap(b, c.size)
		if string(b) != c.want {
			t.Errorf("swap(%q, %d) = %q, want %q", c.in, c.size, b, c.want)
		}
	}
}

// On a machine with the other byte order, what is read is swapped, and swapped
// back when it is written; the source stays as it is.
func TestOtherByteOrder(t *testing.T) {
	defer func(b bool) { bigEndian = b }(bigEndian)
	bigEndian = true
	in := []byte("abcdefgh")
	got := native(in, 4)
	if string(got) != "dcbahgfe" || string(in) != "abcdefgh" {
		t.Errorf("native gives %q and leaves %q, want dcbahgfe and abcdefgh", got, in)
	}
	if back := littleEndian(got, 4); !bytes.Equal(back, in) || string(got) != "dcbahgfe" {
		t.Errorf("littleEndian gives %q and leaves %q, want %q and dcbahgfe", back, got, in)
	}
}

func TestNativeAlignment(t *testing.T) {
	buf := tensor.Bytes(make([]float32, 8))
	for offset := range 8 {
		for _, size := range []int{1, 2, 4} {
			b := buf[offset:][:size*3]
			got := native(b, size)
			if p := uintptr(unsafe.Pointer(&got[0])); p%uintptr(size) != 0 {
				t.Errorf("native at offset %d, size %d is not aligned", offset, size)
			}
			if isView := &got[0] == &b[0]; !bigEndian && isView != (offset%size == 0) {
				t.Errorf("native at offset %d, size %d: is a view: %v", offset, size, isView)
			}
		}
	}
}
