package cria

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"cria/internal/kv"
	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/place"
	"cria/internal/tensor"
)

// Open opens the model at a path, whatever it is called: a checkpoint of
// llama2.c (version 0, 1, 2, or cria's own 3), a GGUF file, of several the
// first, or a folder with the files of a Hugging Face model. Weights are mapped, not read.
func Open(path string, opts ...Option) (*Model, error) { return open(load.Disk{}, path, opts) }

// OpenFS is Open for a file system, which may be an embed.FS: the files are read into memory.
func OpenFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	return open(load.Disk{FS: fsys}, name, opts)
}

func open(disk load.Disk, path string, opts []Option) (*Model, error) {
	o := options{
		threads: runtime.GOMAXPROCS(0), batch: batchOfDevice, session: 4, typ: "file", kvType: "f32",
		device: "cpu", gpuMemory: "private",
	}
	for _, opt := range opts {
		opt(&o)
	}
	files, err := load.Open(disk, path)
	if err != nil {
		var missing *fs.PathError
		if errors.As(err, &missing) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrBadModel, err)
	}
	if o.lock {
		if err := files.Lock(); err != nil {
			_ = files.Close() // the first error is the one to report
			return nil, err
		}
	}
	m := &Model{config: files.Config, weights: files.Weights, format: files.Format, close: files.Close}
	m.setTemplate(files, o.template)
	if m.tok, m.tokTried, err = files.Tokenizer(o.tokenizer); err != nil {
		err = fmt.Errorf("%w: %w", ErrBadTokenizer, err)
	} else {
		err = m.start(o)
	}
	if err != nil {
		_ = files.Close() // the first error is the one to report
		return nil, err
	}
	return m, nil
}

// setTemplate finds out how conversations are written. That nobody knows is an error for those only who hold one.
func (m *Model) setTemplate(files *load.Model, given string) {
	if m.template = given; given != "" {
		return
	}
	text, tried, err := files.ChatTemplate()
	switch m.template = text; {
	case err != nil:
		m.templateErr = fmt.Errorf("%w that can be read: %w", ErrNoTemplate, err)
	case text == "":
		m.templateErr = fmt.Errorf("%w: there is no %s", ErrNoTemplate, tried)
	}
}

// start makes what a model needs to run.
func (m *Model) start(o options) error {
	c := &m.config
	if o.context == 0 {
		o.context = min(c.SeqLen, load.ContextDefault)
	}
	if o.batch == batchOfDevice {
		o.batch = place.Batch(o.device)
	}
	for _, limit := range []struct {
		name      string
		n, lo, hi int
	}{
		{"threads", o.threads, 1, 4096},
		{"grain", o.grain, 0, 1 << 30},
		{"context", o.context, 1, c.SeqLen},
		{"batch", o.batch, 1, 1 << 16},
		{"sessions", o.session, 1, 1 << 16},
	} {
		if limit.n < limit.lo || limit.n > limit.hi {
			return fmt.Errorf("%w: %s is %d, want %d to %d", ErrBadOption, limit.name, limit.n, limit.lo, limit.hi)
		}
	}
	kvType, err := tensor.ParseDType(o.kvType)
	if err != nil || kvType != tensor.F32 && kvType != tensor.F16 && kvType != tensor.Q8_0 {
		return fmt.Errorf("%w: cache type is %q, want f32, f16 or q8_0", ErrBadOption, o.kvType)
	}
	switch o.typ {
	case "file":
	case tensor.LLMInt8.String():
		if m.weights, err = llmint8.Convert(m.weights, o.threads); err != nil {
			return fmt.Errorf("%w: %w", ErrBadOption, err)
		}
	default:
		return fmt.Errorf("%w: type is %q, want file or llm.int8", ErrBadOption, o.typ)
	}
	m.context, m.batch, m.kvType = o.context, min(o.batch, o.context), kvType
	shape := c.KVShape(m.context, kvType)
	shape.Pages *= o.session
	m.rows = make([]kv.Row, m.batch)
	return m.place(o, shape)
}
