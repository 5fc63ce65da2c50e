package cria

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/place"
	"cria/internal/tensor"
	"cria/internal/token"
)

// Errors that callers may want to tell apart with errors.Is. Those about files
// carry the name, offset and field in their text.
var (
	ErrBadModel      = errors.New("cria: not a model that cria can read")
	ErrBadTokenizer  = errors.New("cria: not a tokenizer that fits the model")
	ErrNoTokenizer   = errors.New("cria: the model has no tokenizer")
	ErrBadOption     = errors.New("cria: bad option")
	ErrPromptTooLong = errors.New("cria: the prompt does not fit the context")
	ErrContextFull   = errors.New("cria: the context is full")
	ErrNoRoom        = errors.New("cria: other sessions take all of the key/value cache")
	ErrClosed        = errors.New("cria: closed")
)

// Config is a model's blueprint, in the words of llama2.c.
type Config struct {
	Dim, HiddenDim, NLayers   int
	NHeads, NKVHeads, HeadDim int
	VocabSize, SeqLen         int
	Format                    string // of the files: "llama2.c", "GGUF", "Hugging Face"
	Context                   int    // positions of a session, see WithContext
	Type                      string // of most of the weights: "f32", "bf16", "q8", "q4_k"
}

// A Model is an open model: mapped weights, a tokenizer, and workers.
type Model struct {
	config   model.Config
	weights  *model.Weights
	tok      *token.Tokenizer
	tokTried string // where a tokenizer was looked for
	format   string
	context  int
	batch    int
	kvType   tensor.DType

	template    string // of conversations
	templateErr error  // why there is none

	mu     sync.Mutex // held during each forward pass, and by Close
	at     *place.Place
	device string // "cuda" or "metal"; "" on the CPU
	state  *model.State
	flight *Session // whose pass was begun ahead and is not waited for
	rows   []kv.Row // [batch] the batch in hand
	close  func() error
	closed bool
}

type options struct {
	tokenizer                               string
	threads, grain, context, batch, session int
	typ, kvType, template                   string
	trace, lock                             bool
	repack                                  *bool // nil: see WithRepack
	device, gpuMemory                       string
	libraries                               place.Libraries
	gpuLayers                               int
	splits                                  bool // gpuLayers was given
	progress                                func(done, all int64)
}

// An Option changes how a model is opened.
type Option func(*options)

// WithTokenizer names the tokenizer's file, of any kind. Without it, the model's own is taken: what is
// in a GGUF file, tokenizer.json or tokenizer.model in a folder, tokenizer.bin beside a llama2.c checkpoint.
func WithTokenizer(path string) Option { return func(o *options) { o.tokenizer = path } }

// WithThreads sets how many threads compute; 1 means the caller's alone. The default is GOMAXPROCS.
func WithThreads(n int) Option { return func(o *options) { o.threads = n } }

// WithGrain sets how many rows of a matrix are handed to a thread at once. The default is chosen by size.
func WithGrain(rows int) Option { return func(o *options) { o.grain = rows } }

// WithContext sets how many tokens a session can hold, at most the model's SeqLen. The default
// is that, or 8192 if it is more.
func WithContext(tokens int) Option { return func(o *options) { o.context = tokens } }

// WithBatch sets how many tokens of a prompt go through the network at once. The default is 256, and
// 2048 on a GPU.
func WithBatch(tokens int) Option { return func(o *options) { o.batch = tokens } }

// batchOfDevice is the batch of who sets none.
const batchOfDevice = math.MinInt

// WithKVCache sets the type of keys and values: "f32", the default, "f16" or "q8_0", which
// is int8 with a scale for every 32 numbers and takes little more than a quarter of the memory.
func WithKVCache(typ string) Option { return func(o *options) { o.kvType = typ } }

// WithType sets how the matrices of attention and feed-forward networks are computed: "file",
// the default, as the file has them, or "llm.int8", which makes int8 of f32, f16 or bf16 as
// LLM.int8() does (Dettmers et al. 2022).
func WithType(typ string) Option { return func(o *options) { o.typ = typ } }

// WithSessions sets for how many sessions with a full context there is room. The
// default is 4. Memory is taken as they fill.
func WithSessions(n int) Option { return func(o *options) { o.session = n } }

// WithLock keeps the files of the weights in memory: the system may not move them out, and reads all of them when the
// model is opened. There is a limit on how much a process may lock.
func WithLock() Option { return func(o *options) { o.lock = true } }

// WithRepack says whether weights are in memory a second time, in the order in which the processor reads them:
// generation is faster where the number of instructions limits it, as with few threads, and prompts are not. Results
// are the same. The default is to repack models of int8 or blocks that fit a cache, below 64 MiB, and below 4 GiB the
// weights that generation gains two to five times with: all with AVX2 alone, Q4_1, Q5_1, MXFP4, IQ4_XS, Q2_K and Q3_K
// with AVX-512 too. Where there are no kernels for it, as on arm64, and for floats without AVX-512, nothing is
// repacked.
func WithRepack(on bool) Option { return func(o *options) { o.repack = &on } }

// WithTrace keeps a record of what every thread does, and every kernel of a GPU, for WriteTrace.
// On a GPU kernels then run one by one, which takes longer.
func WithTrace() Option { return func(o *options) { o.trace = true } }

// WriteTrace writes a timeline of what every thread did since Open, as JSON that
// Perfetto (ui.perfetto.dev) opens, and of a GPU beside it. The model must have been opened WithTrace.
func (m *Model) WriteTrace(w io.Writer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return par.WriteTrace(w, m.at.Tracks()...)
}

// Kernels names the instruction set in use, for people: "avx512+vnni".
func Kernels() string { return kernel.Name() }

// Close ends the model's threads and its mapping, after a forward pass that is
// under way. Sessions return ErrClosed from then on.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed, m.flight = true, nil
	m.at.Backend.Close()
	return m.close()
}

// Config returns the model's blueprint.
func (m *Model) Config() Config {
	c := &m.config
	return Config{
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers,
		NHeads: c.NHeads, NKVHeads: c.NKVHeads, HeadDim: c.HeadDim,
		VocabSize: c.VocabSize, SeqLen: c.SeqLen, Format: m.format, Context: m.context,
		Type: load.TypeOf(m.weights).String(),
	}
}

// BytesPerToken returns how many bytes of weights, keys and values the
// generation of the token at a position reads.
func (m *Model) BytesPerToken(pos int) int64 {
	return load.WeightBytes(&m.config, m.weights) + load.KVBytes(&m.config, m.kvType, pos)
}

// tokenizer returns the tokenizer or an error that says where it was looked for.
func (m *Model) tokenizer() (*token.Tokenizer, error) {
	if m.tok == nil {
		return nil, fmt.Errorf("%w: there is no %s", ErrNoTokenizer, m.tokTried)
	}
	return m.tok, nil
}

// Encode returns the token ids of a text, after the one that begins a sequence
// (BOS), if the model wants it.
func (m *Model) Encode(text string) ([]int32, error) {
	tok, err := m.tokenizer()
	if err != nil {
		return nil, err
	}
	return int32s(tok.Encode(nil, text, tok.AddBOS(), false)), nil
}

// EncodeSpecial is Encode for text in which names of control tokens are these tokens. A
// text that begins with the name of BOS gets no second one.
func (m *Model) EncodeSpecial(text string) ([]int32, error) {
	tok, err := m.tokenizer()
	if err != nil {
		return nil, err
	}
	ids := tok.Encode(nil, "", tok.AddBOS() && !tok.BeginsWithBOS(text), false)
	return int32s(tok.EncodeSpecial(ids, text)), nil
}

// Decode returns the text of token ids.
func (m *Model) Decode(ids []int32) (string, error) {
	tok, err := m.tokenizer()
	if err != nil {
		return "", err
	}
	text, d := "", tok.NewDecoder()
	for _, id := range ids {
		if id < 0 || int(id) >= m.config.VocabSize {
			return "", fmt.Errorf("cria: token %d is outside of the vocabulary of %d", id, m.config.VocabSize)
		}
		text += d.Next(token.ID(id))
	}
	return text + d.Flush(), nil
}

// BOS returns the id of the token that begins a sequence, or -1 if there is none.
func (m *Model) BOS() (int32, error) { return m.mark((*token.Tokenizer).BOS) }

// EOS returns the id of the token that ends a text, or -1 if there is none.
func (m *Model) EOS() (int32, error) { return m.mark((*token.Tokenizer).EOS) }

func (m *Model) mark(get func(*token.Tokenizer) (token.ID, bool)) (int32, error) {
	tok, err := m.tokenizer()
	if err != nil {
		return 0, err
	}
	id, ok := get(tok)
	if !ok {
		return -1, nil
	}
	return int32(id), nil
}

func int32s(ids []token.ID) []int32 {
	list := make([]int32, len(ids))
	for i, id := range ids {
		list[i] = int32(id)
	}
	return list
}
