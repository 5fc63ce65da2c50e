package safetensors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cria/internal/safetensors"
)

func TestIndex(t *testing.T) {
	x, err := safetensors.ParseIndex("index", []byte(`{"metadata":{"total_size":8,"x":[[{}]]},
		"weight_map":{"b":"2.safetensors","a":"1.safetensors","c":"2.safetensors"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Shards, []string{"1.safetensors", "2.safetensors"}) || x.Shard["c"] != "2.safetensors" {
		t.Errorf("index %+v", x)
	}
	f := &safetensors.File{Tensors: []safetensors.Tensor{{Name: "b"}, {Name: "extra"}}}
	err = x.Check("2.safetensors", f)
	if err == nil || !strings.Contains(err.Error(), "index: says that c is in 2.safetensors") {
		t.Errorf("a shard without c: error %v", err)
	}
	f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "c"})
	if err := x.Check("2.safetensors", f); err != nil {
		t.Error(err)
	}
}

func TestIndexErrors(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{``, "is not JSON"},
		{`[]`, `want "{"`},
		{`{}`, "names no tensors"},
		{`{"weight_map":null}`, "names no tensors"},
		{`{"weight_map":{}}`, "names no tensors"},
		{`{"weight_map":[]}`, "is not an object"},
		{`{"weight_map":{"a":1}}`, "want a string"},
		{`{"weight_map":{"a":"a.safetensors","a":"a.safetensors"}}`, "a is there twice"},
		{`{"weight_map":{"a":"a.safetensors"},"weight_map":{"a":"a.safetensors"}}`, "weight_map: is there twice"},
		{`{"weight_map":{"a":"a.safetensors"}} x`, "something follows"},
		{`{"metadata":` + strings.Repeat("[", 1<<20), "is not JSON"},
		{`{"weight_map":{"a":"a.bin"}}`, "a is in a.bin"},
		{`{"weight_map":{"a":"../a.safetensors"}}`, "not the name of a file"},
		{`{"weight_map":{"a":"/a.safetensors"}}`, "not the name of a file"},
		{`{"weight_map":{"a":"b\\a.safetensors"}}`, "not the name of a file"},
		{`{"weight_map":{"a":"c:a.safetensors"}}`, "not the name of a file"},
		{`{"weight_map":{"a":"a\u0000.safetensors"}}`, "not the name of a file"},
	} {
		x, err := safetensors.ParseIndex("x.json", []byte(c.data))
		var format *safetensors.FormatError
		if !errors.As(err, &format) || x != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %v, error %v, want %q", c.data, x, err, c.want)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{},"weight_map":{"a":"1.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../a.safetensors"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := safetensors.ParseIndex("fuzz", data)
		if err != nil {
			if e := (*safetensors.FormatError)(nil); !errors.As(err, &e) {
				t.Fatalf("error %v, want a FormatError", err)
			}
			return
		}
		for _, shard := range x.Shards {
			if strings.ContainsAny(shard, `/\:`) || !strings.HasSuffix(shard, ".safetensors") {
				t.Fatalf("shard %q", shard)
			}
		}
	})
}
