package token

// A splitter cuts text into pre-tokens, inside of which tokens lie, and emits
// them in order: together they are the text, and none is empty. It may be shared.
type splitter func(text string, emit func(part string))

// splitterFor returns the splitter that GGUF files name in tokenizer.ggml.pre,
// and whether the name is known.
func splitterFor(name string) (splitter, bool) {
	patterns, ok := prePatterns[preNames[name]]
	if !ok {
		return nil, false
	}
	steps := make([]splitter, len(patterns))
	for i, p := range patterns {
		steps[i] = handSplitters[p]
	}
	return chain(steps...), true
}

// A scanner returns the length of the first pre-token of text, which is not empty.
type scanner func(t *categoryTable, text string) int

// scan returns the splitter that takes one pre-token after the other.
func scan(first scanner) splitter {
	return func(text string, emit func(string)) {
		t := categories()
		for text != "" {
			n := first(t, text)
			emit(text[:n])
			text = text[n:]
		}
	}
}

// A finder returns where the first part that it looks for is in text, len(text)
// twice if there is none.
type partFinder func(t *categoryTable, text string) (start, end int)

// find returns the splitter that cuts out what next finds, and leaves what is between.
func find(next partFinder) splitter {
	return func(text string, emit func(string)) {
		t := categories()
		for text != "" {
			start, end := next(t, text)
			if start > 0 {
				emit(text[:start])
			}
			if start < end {
				emit(text[start:end])
			}
			text = text[end:]
		}
	}
}

// chain returns the splitter that cuts with each of steps what the one before emits.
func chain(steps ...splitter) splitter {
	split := steps[0]
	for _, next := range steps[1:] {
		before := split
		split = func(text string, emit func(string)) {
			before(text, func(part string) { next(part, emit) })
		}
	}
	return split
}
