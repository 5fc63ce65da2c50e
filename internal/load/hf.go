package load

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"cria/internal/hf"
	"cria/internal/safetensors"
)

// openHF opens a folder of Hugging Face: config.json and safetensors.
func (m *Model) openHF() error {
	name := m.disk.in(m.Path, "config.json")
	data, err := m.disk.read(name)
	if err != nil {
		return err
	}
	if m.hf, err = hf.ParseConfig(name, data); err != nil {
		return err
	}
	arch, err := hfArchitecture(m.hf)
	if err != nil {
		return fmt.Errorf("%w: %s", err, name)
	}
	tensors := haves{}
	if err := m.openShards(tensors); err != nil {
		return err
	}
	m.Format, m.Family = "Hugging Face", arch.fam.name
	if err := m.fromHF(arch, tensors); err != nil {
		return m.named(err)
	}
	return nil
}

// openShards reads model.safetensors, or the files that its index names.
func (m *Model) openShards(tensors haves) error {
	const one = "model.safetensors"
	shards := []string{one}
	name := m.disk.in(m.Path, one+".index.json")
	data, err := m.disk.read(name)
	var index *safetensors.Index
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if index, err = safetensors.ParseIndex(name, data); err != nil {
			return err
		}
		shards = index.Shards
	}
	for _, shard := range shards {
		path := m.disk.in(m.Path, shard)
		data, err := m.mapped(path)
		if err != nil {
			return err
		}
		f, err := safetensors.Parse(path, data)
		if err == nil && index != nil {
			err = index.Check(shard, f)
		}
		if err != nil {
			return err
		}
		if err := m.addShard(path, f, tensors); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) addShard(path string, f *safetensors.File, tensors haves) error {
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if tensors[t.Name] != nil {
			return fmt.Errorf("load: %s: tensor %s is in another shard, too", path, t.Name)
		}
		mat, err := t.Mat()
		tensors[t.Name] = &have{mat: mat, err: err}
		m.Tensors = append(m.Tensors, Tensor{t.Name, strings.ToLower(string(t.Type)), t.Shape, t.Offset, t.Bytes})
	}
	for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
		m.KV = append(m.KV, Metadata{key, f.Metadata[key]})
	}
	return nil
}
