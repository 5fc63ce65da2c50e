package safetensors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// indexBytesMax is several times what the largest published models have
// (DeepSeek V3: 9 MB).
const indexBytesMax = headerBytesMax

// An Index says in which of a model's files each tensor is.
type Index struct {
	name   string
	Shards []string          // names of files beside the index, sorted
	Shard  map[string]string // by the tensor's name
}

// ParseIndex reads model.safetensors.index.json. The error is a *FormatError;
// name is used in errors only. No shard is outside the folder of the index.
func ParseIndex(name string, data []byte) (*Index, error) {
	if len(data) > indexBytesMax {
		return nil, named(fault(0, "index", "has %d bytes, more than %d", len(data), indexBytesMax), name)
	}
	d := newDecoder(data, 0)
	where := d.index()
	if d.err != nil {
		return nil, named(d.err, name)
	}
	shards := map[string]bool{}
	for _, shard := range where {
		shards[shard] = true
	}
	return &Index{name, slices.Sorted(maps.Keys(shards)), where}, nil
}

// index reads all of an index, and returns the shard of each tensor.
func (d *decoder) index() map[string]string {
	const field = "weight_map"
	var where map[string]string
	d.delim('{', "index")
	for d.more() {
		switch key := d.string("index"); {
		case key != field:
			d.skip(quote(key))
		case where != nil:
			d.fail(field, "is there twice")
		default:
			where = d.strings(field)
		}
	}
	d.delim('}', "index")
	d.end("index")
	if len(where) == 0 {
		d.fail(field, "names no tensors")
	}
	for _, t := range slices.Sorted(maps.Keys(where)) {
		if !isFileName(where[t]) {
			d.fail(field, "%s is in %s, which is not the name of a file beside it", quote(t), quote(where[t]))
		}
	}
	return where
}

// isFileName reports whether a name is that of a file beside the index, on any system.
func isFileName(s string) bool {
	return strings.HasSuffix(s, ".safetensors") && len(s) <= 255 && !strings.ContainsAny(s, "/\\:\x00")
}

// Check returns an error unless f, read from shard, has the tensors that the index says are in it.
func (x *Index) Check(shard string, f *File) error {
	here := make(map[string]bool, len(f.Tensors))
	for _, t := range f.Tensors {
		here[t.Name] = true
	}
	for _, t := range slices.Sorted(maps.Keys(x.Shard)) {
		if x.Shard[t] == shard && !here[t] {
			return fmt.Errorf("safetensors: %s: says that %s is in %s, which has no such tensor",
				x.name, quote(t), quote(shard))
		}
	}
	return nil
}
