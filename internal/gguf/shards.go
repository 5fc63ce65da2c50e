package gguf

import (
	"fmt"
	"regexp"
	"strconv"
)

// The keys of shards.
const (
	splitNo      = "split.no"
	splitCount   = "split.count"
	splitTensors = "split.tensors.count"
)

// shardsMax is several times what the largest published models have.
const shardsMax = 1 << 10

var shardName = regexp.MustCompile(`(?s)^(.*)-(\d{5})-of-(\d{5})\.gguf$`)

// ShardNames returns the names of all shards of the model that the file with
// this name is one of, in their order. It is nil for a name that is not
// NAME-00001-of-00003.gguf or the like.
func ShardNames(name string) []string {
	m := shardName.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	no, _ := strconv.Atoi(m[2]) // both have five digits
	count, _ := strconv.Atoi(m[3])
	if no < 1 || no > count || count > shardsMax {
		return nil
	}
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%05d-of-%05d.gguf", m[1], i+1, count)
	}
	return names
}

// Join returns a model that is split over files, which must be all of its shards
// in order, or the model itself if it is not split. The metadata are those of the
// first shard. The error is a *FormatError if the shards are not what their
// headers say, or have tensors of the same name.
func Join(files []*File) (*File, error) {
	if len(files) == 0 {
		return nil, fmt.Errorf("gguf: a model of no files")
	}
	first := files[0]
	_, isSplit, err := first.Uint(splitCount)
	if err != nil {
		return nil, err
	}
	if len(files) == 1 && !isSplit {
		return first, nil
	}
	all := *first
	all.Tensors, all.tensors = nil, map[string]int{}
	for no, f := range files {
		if err := f.checkShard(no, len(files)); err != nil {
			return nil, err
		}
		for _, t := range f.Tensors {
			if i, twice := all.tensors[t.Name]; twice {
				return nil, named(fault(t.Offset, quote(t.Name), "is in %s, too", quote(all.Tensors[i].file)), f.Name)
			}
			all.tensors[t.Name] = len(all.Tensors)
			all.Tensors = append(all.Tensors, t)
		}
	}
	want, ok, err := first.Uint(splitTensors)
	if err == nil && ok && want != uint64(len(all.Tensors)) {
		err = first.fault(splitTensors, "is %d, but the %d shards have %d", want, len(files), len(all.Tensors))
	}
	if err != nil {
		return nil, err
	}
	return &all, nil
}

// checkShard checks that f is shard no of so many.
func (f *File) checkShard(no, count int) error {
	for _, k := range []struct {
		key  string
		want int
	}{{splitNo, no}, {splitCount, count}} {
		n, ok, err := f.Uint(k.key)
		switch {
		case err != nil:
			return err
		case !ok:
			return named(fault(0, k.key, "is not there, want %d: this is no shard", k.want), f.Name)
		case n != uint64(k.want):
			return f.fault(k.key, "is %d, but this is file %d of %d", n, no+1, count)
		}
	}
	return nil
}
