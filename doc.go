// Package cria runs Llama-family language models, in Go alone: no cgo, no
// Python, no shared library.
//
// Open maps a checkpoint of llama2.c and its tokenizer; a session generates text:
//
//	m, err := cria.Open("stories15M.bin")
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer m.Close()
//	s, err := m.NewSession()
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer s.Close()
//	for tok, err := range s.Generate(context.Background(), "Once upon a time") {
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Print(tok.Text)
//	}
//
// Session.Chat holds a conversation, written as the model's own chat template says.
//
// The same model, prompt, sampling and seed give the same text on every
// processor, with any number of threads, whatever other sessions do: every
// number has one definition, to the bit.
//
// A Model may be used by many goroutines at once; a Session by one at a time.
package cria
