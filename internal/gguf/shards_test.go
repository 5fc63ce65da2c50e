package gguf_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cria/internal/gguf"
)

func TestShardNames(t *testing.T) {
	want := []string{"dir/a-00001-of-00003.gguf", "dir/a-00002-of-00003.gguf", "dir/a-00003-of-00003.gguf"}
	for _, name := range want {
		if got := gguf.ShardNames(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"a.gguf", "a-00000-of-00003.gguf", "a-00004-of-00003.gguf", "a-1-of-3.gguf",
		"a-00001-of-00003.bin", "a-00001-of-00003.gguf.part", "a-00001-of-99999.gguf", ""} {
		if got := gguf.ShardNames(name); got != nil {
			t.Errorf("%q: %q, want none", name, got)
		}
	}
}

// shard returns a file with these keys and f32 tensors, each of one number.
func shard(t *testing.T, name string, kv []gguf.KV, tensors ...string) *gguf.File {
	t.Helper()
	var list []gguf.Tensor
	for _, x := range tensors {
		list = append(list, gguf.Tensor{Name: x, Dims: []int{1}, Data: []byte(name + x + "0000")[:4]})
	}
	f, err := gguf.Parse(name, encode(t, 3, binary.LittleEndian, kv, list))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// split returns the keys of shard no, in the types in which they are published.
func split(no, count uint16, nTensors int32) []gguf.KV {
	return []gguf.KV{{Key: "split.no", Value: no}, {Key: "split.count", Value: count},
		{Key: "split.tensors.count", Value: nTensors}}
}

func TestJoin(t *testing.T) {
	first := shard(t, "1", append(split(0, 3, 3), gguf.KV{Key: "k", Value: "v"}))
	f, err := gguf.Join([]*gguf.File{first, shard(t, "2", split(1, 3, 3), "a", "b"), shard(t, "3", split(2, 3, 3), "c")})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a 2a00", "b 2b00", "c 3c00"} {
		x := f.Tensors[i]
		if got := fmt.Sprintf("%s %s", x.Name, x.Data); got != want || f.Tensor(x.Name) != &f.Tensors[i] {
			t.Errorf("tensor %d is %s, want %s", i, got, want)
		}
	}
	if v, ok, err := f.String("k"); len(f.Tensors) != 3 || v != "v" || !ok || err != nil {
		t.Errorf("%d tensors, k is %q, %v, %v", len(f.Tensors), v, ok, err)
	}
	if len(first.Tensors) != 0 || first.Tensor("a") != nil {
		t.Error("Join changes the first shard")
	}
	whole := shard(t, "w", nil, "a")
	if f, err := gguf.Join([]*gguf.File{whole}); f != whole || err != nil {
		t.Errorf("a model that is not split: %v, %v", f, err)
	}
}

func TestJoinErrors(t *testing.T) {
	a, b := shard(t, "1", split(0, 2, 2), "a"), shard(t, "2", split(1, 2, 2), "b")
	for _, c := range []struct {
		want  string
		files []*gguf.File
	}{
		{"a model of no files", nil},
		{"gguf: 1: byte 46: split.count: is 2, but this is file 1 of 1", []*gguf.File{a}},
		{"2: byte 24: split.no: is 1, but this is file 1 of 2", []*gguf.File{b, a}},
		{"1: byte 24: split.no: is 0, but this is file 2 of 2", []*gguf.File{a, a}},
		{"split.count: is 2, but this is file 1 of 3", []*gguf.File{a, b, b}},
		{"3: byte 0: split.no: is not there, want 1: this is no shard", []*gguf.File{a, shard(t, "3", nil, "b")}},
		{"a: is in 1, too", []*gguf.File{a, shard(t, "2", split(1, 2, 2), "a")}},
		{"split.tensors.count: is 2, but the 2 shards have 3", []*gguf.File{a, shard(t, "2", split(1, 2, 2), "b", "c")}},
		{"split.tensors.count: is of type int32 (-1), want an integer from 0",
			[]*gguf.File{shard(t, "1", split(0, 1, -1))}},
		{"split.count: is of type string, want", []*gguf.File{shard(t, "1", []gguf.KV{{Key: "split.count", Value: "2"}})}},
		{"split.no: is of type bool, want", []*gguf.File{
			shard(t, "1", []gguf.KV{{Key: "split.count", Value: uint16(1)}, {Key: "split.no", Value: true}})}},
	} {
		f, err := gguf.Join(c.files)
		if f != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, error %v, want %q", f, err, c.want)
		}
	}
}
