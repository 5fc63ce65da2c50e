package cria_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"go.uber.org/goleak"

	"cria"
	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stories260K opens the smallest trained model there is.
func stories260K(t *testing.T, version string, opts ...cria.Option) *cria.Model {
	t.Helper()
	opts = append(opts, cria.WithTokenizer(fixture.Path(t, "models", "tok512.bin")))
	return open(t, fixture.Path(t, "models", "stories260K."+version+".bin"), opts...)
}

func open(t *testing.T, path string, opts ...cria.Option) *cria.Model {
	t.Helper()
	m, err := cria.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func session(t *testing.T, m *cria.Model, opts ...cria.SessionOption) *cria.Session {
	t.Helper()
	s, err := m.NewSession(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// tell returns what a session generates, and the error at its end.
func tell(s *cria.Session, prompt string) (string, error) {
	var b strings.Builder
	for tok, err := range s.Generate(context.Background(), prompt) {
		if err != nil {
			return b.String(), err
		}
		b.WriteString(tok.Text)
	}
	return b.String(), nil
}

// TestStory tells the greedy story of stories260K that run.c tells, whatever
// the version, the number of threads and the type of the cache.
func TestStory(t *testing.T) {
	golden, err := os.ReadFile(fixture.Path(t, "golden", "stories260K.t0.n200.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSuffix(string(golden), "\n")
	for _, version := range []string{"v0", "v1"} {
		for _, opts := range [][]cria.Option{
			{cria.WithThreads(1)}, {cria.WithThreads(2)}, {cria.WithRepack(true)}, {cria.WithRepack(false)},
			{cria.WithThreads(7), cria.WithGrain(1), cria.WithBatch(3)},
		} {
			m := stories260K(t, version, opts...)
			s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(200))
			got, err := tell(s, "")
			if err != nil || got != want {
				t.Errorf("%s: error %v, story\n%s\nwant\n%s", version, err, got, want)
			}
			if r := s.Stats().Reason; r != cria.StopLimit {
				t.Errorf("reason %q, want %q", r, cria.StopLimit)
			}
		}
	}
}

// TestForms tells the same story of the same weights in a GGUF file and in a
// Hugging Face directory, with the tokenizers that are in them.
func TestForms(t *testing.T) {
	golden, err := os.ReadFile(fixture.Path(t, "golden", "stories260K.t0.n200.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSuffix(string(golden), "\n")
	for _, path := range []string{fixture.Path(t, "models", "stories260K.gguf"), fixture.StoriesHF(t)} {
		m := open(t, path)
		s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(200))
		if got, err := tell(s, ""); err != nil || got != want {
			t.Errorf("%s: error %v, story\n%s\nwant\n%s", path, err, got, want)
		}
		if eos, err := m.EOS(); err != nil || eos != 2 {
			t.Errorf("%s: EOS %d, error %v", path, eos, err)
		}
	}
	m := open(t, fixture.Path(t, "models", "tinystories-656k"))
	s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(30))
	got, err := tell(s, "Once upon a time")
	if err != nil || !strings.HasPrefix(got, ", a little girl named Lily lived in a small house") {
		t.Errorf("tinystories-656k: error %v, story %q", err, got)
	}
}

// tiny returns the checkpoint of a random model and a tokenizer for it: the
// control tokens, all bytes, and a few words.
func tiny(t testing.TB, h llama2c.Header) (checkpoint, tokenizer []byte) {
	t.Helper()
	pieces := []string{"<unk>", "\n<s>\n", "\n</s>\n"}
	for b := range 256 {
		pieces = append(pieces, "<0x"+strings.ToUpper(string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]))+">")
	}
	pieces = append(pieces, " ", "a", "b", "é", "日", "ab", " a", " ab")
	h.VocabSize = len(pieces)
	tokenizer = binary.LittleEndian.AppendUint32(nil, 8)
	for i, p := range pieces {
		tokenizer = binary.LittleEndian.AppendUint32(tokenizer, math.Float32bits(float32(i)))
		tokenizer = binary.LittleEndian.AppendUint32(tokenizer, uint32(len(p)))
		tokenizer = append(tokenizer, p...)
	}
	return fixture.Tiny(t, h, 1), tokenizer
}

// header is of the model that tests use without data from outside.
var header = llama2c.Header{
	Version: 1, Dim: 24, HiddenDim: 40, NLayers: 2, NHeads: 4, NKVHeads: 2, SeqLen: 60,
	SharedClassifier: true, Type: tensor.F32,
}

func tinyFS(t testing.TB) fstest.MapFS {
	checkpoint, tokenizer := tiny(t, header)
	return fstest.MapFS{"m/tiny.bin": {Data: checkpoint}, "m/tokenizer.bin": {Data: tokenizer}}
}

func tinyModel(t *testing.T, opts ...cria.Option) *cria.Model {
	t.Helper()
	m, err := cria.OpenFS(tinyFS(t), "m/tiny.bin", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestOpen reads the same model from a file and from a file system.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, file := range tinyFS(t) {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fromFile := session(t, open(t, filepath.Join(dir, "tiny.bin")), cria.WithMaxTokens(20))
	fromFS := session(t, tinyModel(t), cria.WithMaxTokens(20))
	a, errA := tell(fromFile, "ab")
	b, errB := tell(fromFS, "ab")
	if errA != nil || errB != nil || a != b || a == "" {
		t.Errorf("from a file %q, %v; from a file system %q, %v", a, errA, b, errB)
	}
	m := open(t, filepath.Join(dir, "tiny.bin"), cria.WithContext(7))
	if c := m.Config(); c.Dim != 24 || c.NKVHeads != 2 || c.Context != 7 || c.SeqLen != 60 || c.Type != "f32" {
		t.Errorf("Config() = %+v", c)
	}
}

func TestOpenErrors(t *testing.T) {
	files := tinyFS(t)
	files["m/short.bin"] = &fstest.MapFile{Data: files["m/tiny.bin"].Data[:1000]}
	files["alone/tiny.bin"] = files["m/tiny.bin"]
	files["m/words.bin"] = &fstest.MapFile{Data: files["m/tokenizer.bin"].Data[:300]}
	for _, c := range []struct {
		name string
		opt  cria.Option
		want error
		says string
	}{
		{"m/none.bin", cria.WithThreads(1), os.ErrNotExist, "none.bin"},
		{"m/short.bin", cria.WithThreads(1), cria.ErrBadModel, "1000"},
		{"m/tokenizer.bin", cria.WithThreads(1), cria.ErrBadModel, "m/tokenizer.bin"},
		{"m/tiny.bin", cria.WithTokenizer("m/words.bin"), cria.ErrBadTokenizer, "m/words.bin"},
		{"m/tiny.bin", cria.WithTokenizer("m/none"), cria.ErrBadTokenizer, "m/none"},
		{"m/tiny.bin", cria.WithThreads(0), cria.ErrBadOption, "threads is 0"},
		{"m/tiny.bin", cria.WithContext(61), cria.ErrBadOption, "context is 61, want 1 to 60"},
		{"m/tiny.bin", cria.WithKVCache("q8"), cria.ErrBadOption, `"q8"`},
		{"m/tiny.bin", cria.WithType("q8"), cria.ErrBadOption, `"q8", want file or llm.int8`},
		{"m/tiny.bin", cria.WithBatch(-1), cria.ErrBadOption, "batch is -1"},
	} {
		_, err := cria.OpenFS(files, c.name, c.opt)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %v that says %q", c.name, err, c.want, c.says)
		}
	}
	m, err := cria.OpenFS(files, "alone/tiny.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s := session(t, m)
	_, err = tell(s, "a")
	if !errors.Is(err, cria.ErrNoTokenizer) || !strings.Contains(err.Error(), "alone/tokenizer.bin") {
		t.Errorf("without a tokenizer: error %v", err)
	}
	for tok, err := range s.GenerateIDs(context.Background(), []int32{1, 260}) {
		if err != nil || tok.Text != "" {
			t.Errorf("without a tokenizer: token %+v, %v", tok, err)
		}
		break
	}
}

// TestContext fills the context, says so, and refuses what does not fit.
func TestContext(t *testing.T) {
	m := tinyModel(t, cria.WithContext(20))
	s := session(t, m, cria.WithSampling(forbidEnd(cria.NewSampling())))
	_, err := tell(s, strings.Repeat("日", 20))
	if !errors.Is(err, cria.ErrPromptTooLong) || !strings.Contains(err.Error(), "20 of 20") || s.Len() != 0 {
		t.Errorf("long prompt: error %v, %d tokens held", err, s.Len())
	}
	if _, err := tell(s, "ab"); !errors.Is(err, cria.ErrContextFull) || s.Stats().Reason != cria.StopContext {
		t.Errorf("error %v, reason %q, want %v", err, s.Stats().Reason, cria.ErrContextFull)
	}
	if s.Len() != 21 { // 20 in the cache and one after it
		t.Errorf("%d tokens held, want 21", s.Len())
	}
	if _, err := tell(s, "a"); !errors.Is(err, cria.ErrPromptTooLong) {
		t.Errorf("full: error %v", err)
	}
}

// forbidEnd makes sure that a random model goes on.
func forbidEnd(p cria.Sampling) cria.Sampling {
	p.Bias = map[int32]float32{1: float32(math.Inf(-1)), 2: float32(math.Inf(-1))}
	return p
}

// TestTurns keeps the cache between prompts: two turns are one text, and after a
// rewind the same turn gives the same answer.
func TestTurns(t *testing.T) {
	m := tinyModel(t)
	opts := []cria.SessionOption{cria.WithSampling(forbidEnd(cria.Greedy())), cria.WithMaxTokens(5)}
	s := session(t, m, opts...)
	var ids []int32
	collect := func(prompt []int32) {
		ids = append(ids, prompt...)
		for tok, err := range s.GenerateIDs(context.Background(), prompt) {
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) == 0 || tok.Text == "" || ids[len(ids)-1] != tok.ID {
				ids = append(ids, tok.ID)
			}
		}
	}
	first, err := m.Encode("ab ab")
	if err != nil {
		t.Fatal(err)
	}
	collect(first)
	n := s.Len()
	answer1, err := tell(s, "é")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rewind(n - 1); err != nil { // all but the token that was still to be read
		t.Fatal(err)
	}
	if err := s.Rewind(s.Len() + 1); !errors.Is(err, cria.ErrBadOption) {
		t.Errorf("rewind beyond the end: error %v", err)
	}
	prompt, err := m.Encode("é")
	if err != nil {
		t.Fatal(err)
	}
	answer2 := ""
	for tok, err := range s.GenerateIDs(context.Background(), append([]int32{ids[len(ids)-1]}, prompt[1:]...)) {
		if err != nil {
			t.Fatal(err)
		}
		answer2 += tok.Text
	}
	if answer1 != answer2 {
		t.Errorf("after a rewind %q, before %q", answer2, answer1)
	}
}

// TestConcurrent runs sessions at the same time and wants what each gives alone.
func TestConcurrent(t *testing.T) {
	m := tinyModel(t, cria.WithThreads(2))
	prompts := []string{"a", "ab", "日本", "é b"}
	run := func(i int) string {
		p := cria.NewSampling()
		p.Seed = uint64(i)
		s, err := m.NewSession(cria.WithSampling(forbidEnd(p)), cria.WithMaxTokens(40))
		if err != nil {
			t.Error(err)
			return ""
		}
		defer s.Close()
		text, err := tell(s, prompts[i])
		if err != nil {
			t.Error(err)
		}
		return text
	}
	want, got := make([]string, len(prompts)), make([]string, len(prompts))
	for i := range prompts {
		want[i] = run(i)
	}
	var wg sync.WaitGroup
	for i := range prompts {
		wg.Go(func() { got[i] = run(i) })
	}
	wg.Wait()
	if !slices.Equal(got, want) {
		t.Errorf("together %q, alone %q", got, want)
	}
}

// TestCancel ends a generation by its context, between two tokens.
func TestCancel(t *testing.T) {
	s := session(t, tinyModel(t), cria.WithSampling(forbidEnd(cria.NewSampling())))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	var last error
	for _, err := range s.Generate(ctx, "a") {
		last = err
		if n++; n == 3 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n != 4 || s.Stats().Reason != cria.StopCancelled {
		t.Errorf("%d elements, error %v, reason %q", n, last, s.Stats().Reason)
	}
}

// TestStop ends at a stop string, which is not shown, and never splits a character.
func TestStop(t *testing.T) {
	m := tinyModel(t)
	whole, err := tell(session(t, m, cria.WithSampling(forbidEnd(cria.NewSampling())), cria.WithMaxTokens(50)), "ab")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.IndexAny(whole[len(whole)/2:], "ab ") + len(whole)/2
	if at < len(whole)/2 {
		t.Fatalf("nothing to stop at in %q", whole)
	}
	stop := whole[at : at+1]
	s := session(t, m, cria.WithSampling(forbidEnd(cria.NewSampling())), cria.WithMaxTokens(50), cria.WithStop(stop))
	got, err := tell(s, "ab")
	if err != nil || got != whole[:strings.Index(whole, stop)] || s.Stats().Reason != cria.StopString {
		t.Errorf("got %q, %v, reason %q; without the stop string %q: %q", got, err, s.Stats().Reason, stop, whole)
	}
	text := ""
	s = session(t, m, cria.WithSampling(forbidEnd(cria.NewSampling())), cria.WithMaxTokens(50))
	for tok, err := range s.Generate(context.Background(), "ab") {
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := utf8.DecodeLastRuneInString(tok.Text); r == utf8.RuneError && tok.Text != "" && utf8.ValidString(whole) {
			t.Errorf("%q ends inside of a character", tok.Text)
		}
		text += tok.Text
	}
	if text != whole {
		t.Errorf("the same seed gave %q and %q", whole, text)
	}
}

// TestClosed uses things after their end.
func TestClosed(t *testing.T) {
	m, err := cria.OpenFS(tinyFS(t), "m/tiny.bin")
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, m)
	other := session(t, m)
	s.Close()
	if _, err := tell(s, "a"); !errors.Is(err, cria.ErrClosed) {
		t.Errorf("closed session: error %v", err)
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if _, err := tell(other, "a"); !errors.Is(err, cria.ErrClosed) {
		t.Errorf("closed model: error %v", err)
	}
	if _, err := m.NewSession(); !errors.Is(err, cria.ErrClosed) {
		t.Errorf("new session of a closed model: error %v", err)
	}
}

// TestNoRoom has more sessions than the cache holds.
func TestNoRoom(t *testing.T) {
	m := tinyModel(t, cria.WithSessions(1))
	long := strings.Repeat("日", 40)
	a, b := session(t, m, cria.WithMaxTokens(1)), session(t, m, cria.WithMaxTokens(1))
	if _, err := tell(a, long); err != nil {
		t.Fatal(err)
	}
	if _, err := tell(b, long); !errors.Is(err, cria.ErrNoRoom) {
		t.Errorf("error %v, want %v", err, cria.ErrNoRoom)
	}
	a.Close()
	if _, err := tell(b, long); err != nil {
		t.Errorf("after the other one was closed: %v", err)
	}
}

func TestBadSessions(t *testing.T) {
	m := tinyModel(t)
	bad := cria.NewSampling()
	bad.Temperature = -1
	for _, opt := range []cria.SessionOption{cria.WithSampling(bad), cria.WithMaxTokens(-1)} {
		if _, err := m.NewSession(opt); !errors.Is(err, cria.ErrBadOption) {
			t.Errorf("error %v, want %v", err, cria.ErrBadOption)
		}
	}
	s := session(t, m)
	for _, ids := range [][]int32{{}, {-1}, {1, 9999}} {
		for _, err := range s.GenerateIDs(context.Background(), ids) {
			if !errors.Is(err, cria.ErrBadOption) {
				t.Errorf("prompt %v: error %v", ids, err)
			}
		}
	}
}
