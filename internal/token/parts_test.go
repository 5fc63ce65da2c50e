package token

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestEncodeParts: without distrust it is EncodeSpecial, wherever the text is cut; with
// it, names within a user's text are text, and nothing else changes.
func TestEncodeParts(t *testing.T) {
	for name, end := range map[string]string{
		"phi3-mini-tokenizer.json": "<|end|>", "llama3-tokenizer.model": "<|eot_id|>", "llama2-tokenizer.bin": "</s>",
	} {
		t.Run(name, func(t *testing.T) {
			tok, err := Parse(name, readData(t, "tokenizers", name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			id, ok := tok.Find(end)
			if !ok {
				t.Fatalf("there is no %s", end)
			}
			innocent := []string{"Hello", " world", "\n", " ", "é", "\xff"}
			words := rapid.SliceOf(rapid.SampledFrom(append(innocent, end, end[:2], end[2:])))
			rapid.Check(t, func(t *rapid.T) {
				pieces := words.Draw(t, "pieces")
				trusted, mixed := partsOf(pieces, true), partsOf(pieces, false)
				text := strings.Join(pieces, "")
				if got, want := tok.EncodeParts(nil, trusted), tok.EncodeSpecial(nil, text); !slices.Equal(got, want) {
					t.Errorf("trusted: %v, want %v", got, want)
				}
				if got, want := tok.EncodeParts(nil, mixed), tok.Encode(nil, text, false, false); !slices.Equal(got, want) {
					t.Errorf("not trusted: %v, want %v", got, want)
				}
				got := tok.EncodeParts(nil, append(mixed, Part{end, true}))
				if n := len(got) - 1; got[n] != id || slices.Contains(got[:n], id) {
					t.Errorf("with a trusted end: %v, want %d at the end alone", got, id)
				}
				before := rapid.SliceOf(rapid.SampledFrom(innocent)).Draw(t, "before")
				after := rapid.SliceOf(rapid.SampledFrom(innocent)).Draw(t, "after")
				text = strings.Join(before, "") + end + strings.Join(after, "")
				all := slices.Concat(partsOf(before, false), []Part{{end, true}}, partsOf(after, false))
				if got, want := tok.EncodeParts(nil, all), tok.EncodeSpecial(nil, text); !slices.Equal(got, want) {
					t.Errorf("around a name: %v, want %v", got, want)
				}
			})
		})
	}
}

func partsOf(texts []string, special bool) []Part {
	var list []Part
	for _, text := range texts {
		list = append(list, Part{text, special})
	}
	return list
}
