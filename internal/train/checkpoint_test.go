package train

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// newState returns a state with slabs of the lengths given.
func newState(step int, meta string, lengths ...int) *State {
	s := &State{Step: step, Meta: []byte(meta), Slabs: [][]float32{}}
	for i, n := range lengths {
		slab := make([]float32, n)
		for j := range slab {
			slab[j] = float32(i) + float32(j)/1000
		}
		s.Slabs = append(s.Slabs, slab)
	}
	return s
}

func encodedState(t testing.TB, state *State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encodeState(&b, state); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.ckpt")
	if _, err := ReadState(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no state: %v", err)
	}
	for _, want := range []*State{
		newState(0, ""),
		newState(1, "{}", 1, 0, 2),
		newState(math.MaxInt32, strings.Repeat("{}", sealBuffer), sealBuffer, sealBuffer/4, sealBuffer/4+1),
	} {
		if err := WriteState(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadState(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the state of step %d is not what was written", want.Step)
		}
	}
}

// TestStateKeepsBits keeps what == does not tell apart.
func TestStateKeepsBits(t *testing.T) {
	bits := []uint32{0, 1 << 31, 1, 0x7f800000, 0xff800000, 0x7fc00001, 0x7fffffff}
	state := newState(3, "", len(bits))
	for i, b := range bits {
		state.Slabs[0][i] = math.Float32frombits(b)
	}
	data := encodedState(t, state)
	got, err := decodeState("x", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range bits {
		if x := math.Float32bits(got.Slabs[0][i]); x != b {
			t.Errorf("%08x came back as %08x", b, x)
		}
	}
}

func TestStateReplacesWholeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.ckpt")
	if err := WriteState(path, newState(0, "first", 3)); err != nil {
		t.Fatal(err)
	}
	next := newState(1, "next", 50000, 50000)
	testReplace(t, path, func(w io.Writer) error { return encodeState(w, next) }, func() int {
		s, err := ReadState(path)
		if err != nil {
			t.Fatal(err)
		}
		return s.Step
	})
}

// TestStateDamaged cuts a file at every length and changes every byte.
func TestStateDamaged(t *testing.T) {
	good := encodedState(t, newState(7, "{}", 2, 1))
	check := func(what string, i int, data []byte) {
		t.Helper()
		_, err := decodeState("x", bytes.NewReader(data), int64(len(data)))
		if err == nil || !strings.HasPrefix(err.Error(), "train: x: byte ") {
			t.Errorf("%s %d: error %v", what, i, err)
		}
	}
	for i := range good {
		check("cut at", i, good[:i])
		for x := range 255 {
			bad := bytes.Clone(good)
			bad[i] ^= byte(x + 1)
			check("flipped", i, bad)
		}
	}
	check("longer by", 1, append(bytes.Clone(good), 0))
}

func TestStateSaysWhatIsWrong(t *testing.T) {
	good := encodedState(t, newState(7, "{}", 2, 1))
	for _, c := range []struct {
		at   int
		b    byte
		want string
	}{
		{0, 'X', `byte 0: magic: "Xriatrst", want "criatrst"`},
		{8, 2, "byte 8: version: 2, want 1"},
		{20, 1, "byte 16: step: 4294967303 exceeds the limit of 2147483647"},
		{24, 255, "byte 24: meta: 255, but the file has room for 38"},
		{32, 6, "byte 32: slabs: 6, but the file has room for 3"},
		{39, 255, "byte 32: slabs: 18374686479671623682, but the file has room for 3"},
		{42, 8, "byte 42: length: 8, but the file has room for 5"},
		{50, 2, "byte 66: slab: needs 8 bytes, but the content ends at byte 70"},
		{50, 0, "byte 66: checksum: want it here, but the file has 4 bytes more"},
		{66, 1, "byte 70: checksum: "},
	} {
		bad := bytes.Clone(good)
		bad[c.at] = c.b
		_, err := decodeState("x", bytes.NewReader(bad), int64(len(bad)))
		if err == nil || !strings.HasPrefix(err.Error(), "train: x: "+c.want) {
			t.Errorf("byte %d is %d:\n got %v\nwant %s", c.at, c.b, err, c.want)
		}
	}
}

// FuzzState checks that any bytes give an error or a state that is written as it was read.
func FuzzState(f *testing.F) {
	for _, s := range []*State{newState(0, ""), newState(7, "{}", 2, 1), newState(1, "", 0, 0, 300)} {
		data := encodedState(f, s)
		f.Add(data)
		f.Add(data[:len(data)-1])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		s, err := decodeState("fuzz", bytes.NewReader(data), int64(len(data)))
		if err == nil && !bytes.Equal(encodedState(t, s), data) {
			t.Error("what was read is not written as it was")
		}
	})
}
