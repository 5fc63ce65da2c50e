package cria_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cria"
)

// Example is the program of the package comment: TestSnippet compares them.
// There is no checkpoint to run it with; the other examples have a small one.
func Example() {
	m, err := cria.Open("stories15M.bin")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for tok, err := range s.Generate(context.Background(), "Once upon a time") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(tok.Text)
	}
}

// TestSnippet holds the package comment to what is compiled here.
func TestSnippet(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var snippet strings.Builder
	for line := range strings.Lines(string(doc)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			snippet.WriteString("\t" + code)
		}
	}
	want := "func Example() {\n" + snippet.String() + "}\n"
	if snippet.Len() == 0 || !strings.Contains(string(example), want) {
		t.Errorf("Example differs from the package comment, which has:\n%s", want)
	}
}

func ExampleOpen() {
	path, remove := writeModel()
	defer remove()

	// tokenizer.bin lies beside the checkpoint; WithTokenizer names another one.
	m, err := cria.Open(path, cria.WithThreads(2), cria.WithContext(32), cria.WithKVCache("f16"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	c := m.Config()
	fmt.Printf("%d layer, %s, %d of %d positions\n", c.NLayers, c.Type, c.Context, c.SeqLen)

	_, err = cria.Open(filepath.Join(filepath.Dir(path), "tokenizer.bin")) // no checkpoint
	fmt.Println(errors.Is(err, cria.ErrBadModel))
	// Output:
	// 1 layer, f32, 32 of 64 positions
	// true
}

// The file system may as well be an embed.FS: a model inside of the program.
func ExampleOpenFS() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	ids, err := m.Encode("one small llama")
	if err != nil {
		log.Fatal(err)
	}
	text, err := m.Decode(ids)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d tokens: %s\n", len(ids), text)
	// Output:
	// 4 tokens: one small llama
}

// Sampling, stop strings, and why a generation ended. The same seed gives the
// same text on every machine.
func ExampleModel_NewSession() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	sampling := cria.NewSampling()
	sampling.Temperature = 1.5
	sampling.Seed = 3
	s, err := m.NewSession(
		cria.WithSampling(sampling),
		cria.WithStop(" llama", "\n"),
		cria.WithMaxTokens(20),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for tok, err := range s.Generate(context.Background(), "Once upon a time") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q ", tok.Text)
	}
	fmt.Println(s.Stats().Reason)
	// Output:
	// " there" " lived" " one" " brave" "" stop
}

// A session keeps what was said: each turn reads its own prompt only. Rewind takes turns back.
func ExampleSession_Generate() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession(cria.WithSampling(cria.Greedy()))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	afterFirst := 0
	for _, prompt := range []string{"Once upon", "It", "Once"} {
		fmt.Printf("%s|", prompt)
		for tok, err := range s.Generate(context.Background(), prompt) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Print(tok.Text)
		}
		fmt.Printf(" (%d tokens so far)\n", s.Len())
		if afterFirst == 0 {
			afterFirst = s.Len()
		}
	}
	if err := s.Rewind(afterFirst); err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Len(), "tokens are left")
	// Output:
	// Once upon| a time there lived one small llama. (12 tokens so far)
	// It| ate grass. (17 tokens so far)
	// Once| upon a time there lived one small llama. (28 tokens so far)
	// 12 tokens are left
}

// A conversation, written as the model's chat template says. This model has none, so one is given.
func ExampleSession_Chat() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin", cria.WithChatTemplate(
		"{% for m in messages %}{{ m.content }}{{ eos_token + bos_token if m.role == 'assistant' }}{% endfor %}"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession(cria.WithSampling(cria.Greedy()))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	var said []cria.Message
	for _, question := range []string{"Once upon", "It"} {
		said = append(said, cria.Message{Role: "user", Content: question})
		answer := ""
		for tok, err := range s.Chat(context.Background(), said) {
			if err != nil {
				log.Fatal(err)
			}
			answer += tok.Text
		}
		said = append(said, cria.Message{Role: "assistant", Content: answer})
		fmt.Printf("%s|%s\n", question, answer)
	}
	// Output:
	// Once upon| a time there lived one small llama.
	// It| ate grass.
}

// Sessions of one model may run at the same time; what one says does not depend on the others.
func ExampleModel_concurrent() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin", cria.WithSessions(3))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	tell := func(seed uint64) (string, error) {
		sampling := cria.NewSampling()
		sampling.Temperature = 2
		sampling.Seed = seed
		s, err := m.NewSession(cria.WithSampling(sampling))
		if err != nil {
			return "", err
		}
		defer s.Close()
		var text strings.Builder
		for tok, err := range s.Generate(context.Background(), "Once upon a time") {
			if err != nil {
				return "", err
			}
			text.WriteString(tok.Text)
		}
		return text.String(), nil
	}

	var stories [3]string
	var errs [3]error
	var wg sync.WaitGroup
	for i := range stories {
		wg.Go(func() { stories[i], errs[i] = tell(uint64(12 + i)) })
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		log.Fatal(err)
	}
	for _, story := range stories {
		fmt.Println("Once upon a time" + story)
	}
	// Output:
	// Once upon a time there lived one brave llama.
	// Once upon a time there lived one woolly llama.
	// Once upon a time there lived one small llama.
}

// Read is for loops of the caller's own, and for scoring texts.
func ExampleSession_Read() {
	m, err := cria.OpenFS(bigramFS(), "llama.bin")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	ids, err := m.Encode("It ate")
	if err != nil {
		log.Fatal(err)
	}
	logits, err := s.Read(context.Background(), ids)
	if err != nil {
		log.Fatal(err)
	}
	for _, word := range []string{"grass", "flowers", "time"} {
		next, err := m.Encode(word) // BOS and the word
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-8s%6.2f\n", word, logits[next[1]])
	}
	// Output:
	// grass    10.67
	// flowers   9.48
	// time      0.00
}

// writeModel puts the model of the examples into a folder, which remove takes away.
func writeModel() (path string, remove func()) {
	dir, err := os.MkdirTemp("", "cria")
	if err != nil {
		log.Fatal(err)
	}
	for name, file := range bigramFS() {
		if err := os.WriteFile(filepath.Join(dir, name), file.Data, 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return filepath.Join(dir, "llama.bin"), func() { _ = os.RemoveAll(dir) }
}
