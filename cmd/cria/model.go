package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"cria"
	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/place"
	"cria/internal/tensor"
)

// modelFlags say how to open a model and what to watch while it runs.
type modelFlags struct {
	Tokenizer string `short:"z" placeholder:"FILE" env:"CRIA_TOKENIZER" help:"Tokenizer (default: the model's own, or tokenizer.bin beside it)."`
	planFlags
	Type  string `placeholder:"TYPE" enum:"file,llm.int8" default:"file" env:"CRIA_TYPE" help:"How matrices of layers are computed: as the file has them (${default}), or llm.int8, of f32, f16 or bf16."`
	Grain int    `placeholder:"ROWS" env:"CRIA_GRAIN" help:"Rows of a matrix that a thread takes at once (default: by size)."`
	Force bool   `help:"Run a model even if it does not fit into memory."`
	Mlock bool   `help:"Keep the weights' files in memory: read all of them at the start, and let the system move none out."`
	deviceFlags
	watchFlags
}

// deviceFlags say what computes.
type deviceFlags struct {
	Device    string `placeholder:"NAME" enum:"cpu,cuda,metal" default:"cpu" env:"CRIA_DEVICE" help:"What computes: ${enum} (${default}). No other device takes its place: see cria doctor."`
	GPULayers int    `name:"gpu-layers" placeholder:"N" default:"-1" env:"CRIA_GPU_LAYERS" help:"Layers that a GPU computes: the last N, and the classifier; the processor computes the others (default: -1, all)."`
	GPUMemory string `name:"gpu-memory" placeholder:"KIND" enum:"private,shared" default:"private" env:"CRIA_GPU_MEMORY" help:"Where a GPU reads weights: ${enum} (${default}); shared is this machine's memory, at the speed of the bus."`
	libraryFlags
}

// libraryFlags say where drivers are.
type libraryFlags struct {
	CUDALibrary  string `name:"cuda-library" placeholder:"FILE" env:"CRIA_CUDA_LIBRARY" help:"NVIDIA's driver, if it is not where the system looks for it."`
	MetalLibrary string `name:"metal-library" placeholder:"FILE" env:"CRIA_METAL_LIBRARY" hidden:"" help:"A library in the place of Metal's, for tests."`
}

func (f *libraryFlags) libraries() place.Libraries {
	return place.Libraries{CUDA: f.CUDALibrary, Metal: f.MetalLibrary}
}

// isCPU reports whether the processor computes.
func (f *deviceFlags) isCPU() bool { return f.Device == "" || f.Device == "cpu" }

// splits reports whether a GPU and the processor share the work.
func (f *deviceFlags) splits() bool { return !f.isCPU() && f.GPULayers != allLayers }

// shares reports whether a GPU's weights are in this machine's memory.
func (f *deviceFlags) shares() bool { return !f.isCPU() && f.GPUMemory == "shared" }

// allLayers is what --gpu-layers says if nothing is said.
const allLayers = -1

// layers returns how many layers of a model are for the GPU.
func (f *deviceFlags) layers(c *model.Config) (int, error) {
	switch n := f.GPULayers; {
	case n == allLayers:
		return c.NLayers, nil
	case n < 0 || n > c.NLayers:
		return 0, misuse("--gpu-layers: %d, want 0 to %d, or -1 for all", n, c.NLayers)
	default:
		return n, nil
	}
}

// planFlags say what a model needs memory for beside its weights.
type planFlags struct {
	Threads   int    `short:"t" placeholder:"N" env:"CRIA_THREADS" help:"Threads that compute (default: one for each core)."`
	CtxSize   int    `short:"c" placeholder:"N" env:"CRIA_CTX_SIZE" help:"Tokens that the context holds (default: all that the model was made for, or 8192)."`
	Repack    *bool  `negatable:"" env:"CRIA_REPACK" help:"Hold all weights a second time, in the order in which the processor reads them: faster generation, above all with few threads, for as much memory again. Small models have that without asking, and below 4 GiB those that gain several times by it: of codes with AVX2 alone, of Q4_1, Q5_1, MXFP4, IQ4_XS, Q2_K and Q3_K with AVX-512 too."`
	BatchSize int    `placeholder:"N" default:"256" env:"CRIA_BATCH_SIZE" help:"Tokens of a prompt that are read at once (${default})."`
	CacheType string `placeholder:"TYPE" enum:"f32,f16,q8_0" default:"f32" env:"CRIA_CACHE_TYPE" help:"Type of keys and values: ${enum} (${default})."`

	scores bool // whole texts
}

// plan returns what the flags ask of a model. Numbers that cria.Open refuses
// are brought into range, so that it can say so.
func (f *planFlags) plan(c *model.Config, sequences int) load.Plan {
	p := load.Plan{SeqLen: min(c.SeqLen, load.ContextDefault), Sequences: max(1, sequences), Threads: max(1, f.threads()),
		Score: f.scores}
	if f.CtxSize > 0 {
		p.SeqLen = min(f.CtxSize, c.SeqLen)
	}
	p.Batch = max(1, min(f.BatchSize, p.SeqLen))
	if typ, err := tensor.ParseDType(f.CacheType); err == nil { // "" is f32
		p.KV = typ
	}
	return p
}

// threads returns how many threads compute.
func (f *planFlags) threads() int {
	if f.Threads == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return f.Threads
}

// modelSuffixes are how files end that hold models, whether cria can read them or not.
var modelSuffixes = []string{".bin", ".gguf", ".safetensors"}

// namesModel reports whether a first argument is a model: it looks like a path
// or a model's name, or is one. Anything else is a prompt.
func namesModel(arg string) bool {
	if strings.ContainsRune(arg, filepath.Separator) || strings.Contains(arg, "/") || strings.HasPrefix(arg, "hf:") ||
		slices.ContainsFunc(modelSuffixes, func(s string) bool { return strings.HasSuffix(arg, s) }) {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}

// builtin stands in place of a path for the model inside the binary.
const builtin = ""

// openFiles opens the files of a model, of which it reads only what describes it.
func openFiles(path string) (*load.Model, error) {
	if path == builtin {
		return load.Open(load.Disk{FS: cria.StorytellerFiles()}, "model.bin")
	}
	return load.Open(load.Disk{}, path)
}

// path returns where a model is: what the user called it, or for hf: its place
// in the cache, after what is missing there is fetched.
func (a *app) path(ctx context.Context, name string) (string, error) {
	if !strings.HasPrefix(name, "hf:") {
		return name, nil
	}
	m, err := a.pull(ctx, name)
	if err != nil {
		return "", err
	}
	return m.Path, nil
}

// need returns the memory that a model takes, and how much of it is this machine's.
func (f *modelFlags) need(path string) (all, host load.Memory, err error) {
	files, err := openFiles(path)
	if err != nil {
		return all, host, err
	}
	plan := f.plan(&files.Config, 1)
	all = memoryFor(files, &plan, f.Type == llmInt8)
	if f.isCPU() {
		all.Weights += f.panels(files, f.Type == llmInt8)
	}
	if host = all; !f.isCPU() {
		host, err = f.hostNeeds(files, plan)
	}
	return all, host, errors.Join(err, files.Close())
}

// hostNeeds returns the memory of this machine that a model takes whose last layers are on a GPU.
func (f *modelFlags) hostNeeds(files *load.Model, plan load.Plan) (need load.Memory, err error) {
	c, weights := files.Config, *files.Weights
	there, err := f.layers(&c)
	if err != nil {
		return need, err
	}
	if c.NLayers -= there; c.NLayers > 0 {
		weights.Layers, weights.Output = weights.Layers[:c.NLayers], weights.TokenEmbed
		need = load.MemoryFor(&c, load.WeightBytes(&c, &weights), plan)
	}
	if f.shares() {
		need.Weights += load.DeviceWeights(&files.Config, files.Weights, there)
	}
	return need, nil
}

// llmInt8 is the type that no file has.
const llmInt8 = "llm.int8"

// panels returns the memory that weights take a second time.
func (f *planFlags) panels(files *load.Model, toInt8 bool) int64 {
	if toInt8 && f.Repack != nil && *f.Repack {
		return llmint8.Bytes(files.Weights)
	}
	return place.PanelBytes(files.Weights, f.Repack)
}

// memoryFor returns the memory that a model takes, with its matrices also in int8 if toInt8.
func memoryFor(files *load.Model, plan *load.Plan, toInt8 bool) load.Memory {
	plan.LLMInt8 = toInt8
	bytes := files.Bytes
	if toInt8 {
		bytes += llmint8.Bytes(files.Weights)
		bytes += llmint8.Bytes(files.Weights) / 16 // columns of outliers, which the backend keeps
	}
	return load.MemoryFor(&files.Config, bytes, *plan)
}

// open opens a model for one session, unless it cannot fit into memory.
func (f *modelFlags) open(a *app, path string, log *slog.Logger, opts ...cria.Option) (*cria.Model, error) {
	need, host, err := f.need(path)
	if err != nil {
		return nil, err
	}
	if !f.Force {
		if err := a.checkMemory(host); err != nil {
			return nil, fmt.Errorf("%s: %w; --force runs it all the same", path, err)
		}
	}
	opts = append(opts, cria.WithSessions(1), cria.WithBatch(f.BatchSize), cria.WithKVCache(f.CacheType),
		cria.WithContext(f.CtxSize), cria.WithGrain(f.Grain), cria.WithThreads(f.threads()))
	if f.Type == llmInt8 { // "" is file
		opts = append(opts, cria.WithType(f.Type))
	}
	if !f.isCPU() {
		progress, finish := a.loadBar()
		defer finish()
		opts = append(opts, cria.WithDevice(f.Device), cria.WithCUDALibrary(f.CUDALibrary),
			cria.WithMetalLibrary(f.MetalLibrary), cria.WithProgress(progress), cria.WithGPUMemory(f.GPUMemory))
		if f.splits() {
			opts = append(opts, cria.WithGPULayers(f.GPULayers))
		}
	}
	if f.Tokenizer != "" {
		opts = append(opts, cria.WithTokenizer(f.Tokenizer))
	}
	if f.Repack != nil {
		opts = append(opts, cria.WithRepack(*f.Repack))
	}
	if f.Mlock {
		opts = append(opts, cria.WithLock())
	}
	if f.Trace != "" {
		opts = append(opts, cria.WithTrace())
	}
	start := time.Now()
	var m *cria.Model
	if path == builtin {
		m, err = cria.Storyteller(opts...)
	} else {
		m, err = cria.Open(path, opts...)
	}
	if err == nil {
		log.Info("opened", "model", path, "type", m.Config().Type, "bytes", need.Weights, "context", m.Config().Context,
			"device", m.Device(), "took", time.Since(start))
		log.Debug("memory", "weights", need.Weights, "kv", need.KV, "state", need.State)
	}
	return m, err
}

// errNoRoom is what models that do not fit have in common.
var errNoRoom = errors.New("does not fit into memory")

// checkMemory returns an error with both numbers if this machine has less memory than a model needs.
func (a *app) checkMemory(need load.Memory) error {
	have, what, err := a.memory()
	if err != nil || need.Total() <= have {
		return nil // what nobody knows is no reason to refuse
	}
	return noRoom(need, have, what)
}

// noRoom returns an error with what a model needs and what there is.
func noRoom(need load.Memory, have int64, what string) error {
	return fmt.Errorf("%w: it needs %s (weights %s, keys and values %s, state %s), and %s are %s", errNoRoom,
		bytesText(need.Total()), bytesText(need.Weights), bytesText(need.KV), bytesText(need.State),
		bytesText(have), what)
}
