package train

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// newDataset returns documents of the lengths given, with ids from 0 on.
func newDataset(lengths ...int) *Dataset {
	d := &Dataset{Tokens: []int32{}, Starts: []int{0}}
	for _, n := range lengths {
		for range n {
			d.Tokens = append(d.Tokens, int32(len(d.Tokens)))
		}
		d.Starts = append(d.Starts, len(d.Tokens))
	}
	return d
}

func encodedCache(t testing.TB, key [32]byte, d *Dataset) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encodeCache(&b, key, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCache(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "tokens"), [32]byte{1, 2, 3}
	if _, err := ReadCache(path, key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no cache: %v", err)
	}
	for _, want := range []*Dataset{newDataset(), newDataset(0, 3, 2, 0), newDataset(70000, 5)} {
		if err := WriteCache(path, key, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadCache(path, key)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d documents are not those that were written", want.Len())
		}
		if _, err := ReadCache(path, [32]byte{}); err == nil || !strings.Contains(err.Error(), "byte 16: key: ") {
			t.Errorf("another key: %v", err)
		}
	}
}

func TestCacheReplacesWholeFiles(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "tokens"), [32]byte{}
	if err := WriteCache(path, key, newDataset(1)); err != nil {
		t.Fatal(err)
	}
	next := newDataset(40000, 10000)
	testReplace(t, path, func(w io.Writer) error { return encodeCache(w, key, next) }, func() int {
		d, err := ReadCache(path, key)
		if err != nil {
			t.Fatal(err)
		}
		return d.Len() - 1
	})
}

// TestCacheDamaged cuts a file at every length, flips every byte and writes
// every small number over it.
func TestCacheDamaged(t *testing.T) {
	key := [32]byte{5}
	good := encodedCache(t, key, newDataset(2, 1))
	check := func(what string, i int, data []byte) {
		t.Helper()
		_, err := decodeCache("tokens", bytes.NewReader(data), int64(len(data)), key)
		if err == nil || !strings.HasPrefix(err.Error(), "train: tokens: byte ") {
			t.Errorf("%s %d: error %v", what, i, err)
		}
	}
	for i := range good {
		check("cut at", i, good[:i])
		for _, x := range []byte{1, 0x80, 0xff} {
			bad := bytes.Clone(good)
			bad[i] ^= x
			check("flipped", i, bad)
		}
	}
	check("longer by", 1, append(bytes.Clone(good), 0))
}

func TestCacheSaysWhatIsWrong(t *testing.T) {
	good := encodedCache(t, [32]byte{}, newDataset(2, 1))
	for _, c := range []struct {
		at   int
		b    byte
		want string
	}{
		{0, 'X', `byte 0: magic: "Xriatoks", want "criatoks"`},
		{8, 9, "byte 8: version: 9, want 1"},
		{48, 200, "byte 48: documents: 200, but the file has room for 7"},
		{56, 200, "byte 56: tokens: 200, but the file has room for 5"},
		{64, 9, "byte 64: lengths: document 0 has 9 tokens, but 3 are left"},
		{68, 0, "byte 64: lengths: their sum is 2, want 3"},
		{75, 0x80, "byte 72: ids: -2147483648, want 0 to 2147483647"},
		{80, 1, "byte 84: checksum: "},
	} {
		bad := bytes.Clone(good)
		bad[c.at] = c.b
		_, err := decodeCache("x", bytes.NewReader(bad), int64(len(bad)), [32]byte{})
		if err == nil || !strings.HasPrefix(err.Error(), "train: x: "+c.want) {
			t.Errorf("byte %d is %d:\n got %v\nwant %s", c.at, c.b, err, c.want)
		}
	}
	// A file that shrinks while it is read.
	_, err := decodeCache("x", bytes.NewReader(good[:70]), int64(len(good)), [32]byte{})
	if want := "train: x: byte 64: lengths: unexpected EOF"; err == nil || err.Error() != want {
		t.Errorf("shrunk: %v, want %s", err, want)
	}
	if _, err := ReadCache(filepath.Join(os.DevNull, "x"), [32]byte{}); err == nil {
		t.Error("no error below what is no folder")
	}
}

// FuzzCache checks that any bytes give an error or a dataset that is written as it was read.
func FuzzCache(f *testing.F) {
	for _, d := range []*Dataset{newDataset(), newDataset(2, 1), newDataset(0, 300)} {
		data := encodedCache(f, [32]byte{}, d)
		f.Add(data)
		f.Add(data[:len(data)-1])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		d, err := decodeCache("fuzz", bytes.NewReader(data), int64(len(data)), [32]byte{})
		if err == nil && !bytes.Equal(encodedCache(t, [32]byte{}, d), data) {
			t.Error("what was read is not written as it was")
		}
	})
}

// resealed returns data with a checksum that is right, so that fuzzing gets beyond it.
func resealed(data []byte) []byte {
	content := data[:max(len(data)-sealBytes, 0)]
	return binary.LittleEndian.AppendUint64(bytes.Clone(content), crc64.Checksum(content, sealTable))
}
