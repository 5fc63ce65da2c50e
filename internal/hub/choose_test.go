package hub

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	quants := []string{"a-Q4_K.gguf", "a-Q4_K_M.gguf", "a_q5_0.gguf", "a-IQ4_XS.gguf", "b.Q8_0.gguf",
		"BF16/a-00001-of-00002.gguf",
		"BF16/a-00002-of-00002.gguf", "a-UD-Q2_K_XL.gguf", "mmproj-F16.gguf", "config.json"}
	broken := []string{"a-Q8_0-00001-of-00003.gguf", "a-Q8_0-00003-of-00003.gguf", "a-Q8_0-00001-of-00002.gguf"}
	for _, c := range []struct {
		file  string
		names []string
		want  []string
		fails string
	}{
		{"Q4_K", quants, []string{"a-Q4_K.gguf"}, ""},
		{"q4_k_m", quants, []string{"a-Q4_K_M.gguf"}, ""},
		{"Q5_0", quants, []string{"a_q5_0.gguf"}, ""},
		{"Q8_0", quants, []string{"b.Q8_0.gguf"}, ""},
		{"iq4_xs", quants, []string{"a-IQ4_XS.gguf"}, ""},
		{"Q2_K_XL", quants, []string{"a-UD-Q2_K_XL.gguf"}, ""},
		{"BF16", quants, quants[5:7], ""},
		{"", quants, []string{"a-Q4_K_M.gguf"}, ""},
		{"mmproj-F16.gguf", quants, []string{"mmproj-F16.gguf"}, ""},
		{"F16", quants, nil, `no .gguf file of this quantization`},
		{"Q4_XS", quants, nil, `no file "Q4_XS"`},
		{"XS", quants, []string{"a-IQ4_XS.gguf"}, ""},
		{"a", quants, nil, `files for "a"`},
		{"Q8_0", broken, nil, `2 files for "Q8_0"`},
		{broken[0], broken, nil, "has 2 of the 3 files"},
		{broken[2], broken, nil, "has 1 of the 2 files"},
		{"", nil, nil, "it has no files"},
		{"x", nil, nil, "it has no files"},
		{"", []string{"pytorch_model.bin", "config.json"}, nil, `no config.json with model.safetensors`},
		{"", []string{"a-Q8_0.gguf", "a-Q6_K.gguf"}, nil, `several .gguf files`},
		{"", []string{"a-Q8_0.gguf"}, []string{"a-Q8_0.gguf"}, ""},
		{"", []string{"model.safetensors", "config.json", "tokenizer_config.json", "tokenizer/x.json", "a.gguf"},
			[]string{"config.json", "tokenizer_config.json", "model.safetensors"}, ""},
		{"", slices.Repeat([]string{"x.bin"}, 30), nil, "and 10 more"},
	} {
		got, err := choose(Spec{File: c.file}, c.names)
		if c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) || c.fails == "" && err != nil ||
			err == nil && !slices.Equal(got.files, c.want) {
			t.Errorf("%q: %q, error %v, want %q, error %q", c.file, got.files, err, c.want, c.fails)
		}
	}
}

// FuzzChoose checks that whatever the hub lists, only names of the list are
// chosen.
func FuzzChoose(f *testing.F) {
	for _, names := range [][]string{
		{"config.json", "model.safetensors", "tokenizer.json"},
		{"config.json", "model.safetensors.index.json"},
		{"a-Q4_K_M-00001-of-00002.gguf", "a-Q4_K_M-00002-of-00002.gguf", "a-Q8_0.gguf"},
		{"../a.gguf"},
	} {
		l := map[string]any{"sha": commit1}
		var list []map[string]string
		for _, n := range names {
			list = append(list, map[string]string{"rfilename": n})
		}
		l["siblings"] = list
		text, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "")
		f.Add(text, "q4_k_m")
	}
	f.Fuzz(func(t *testing.T, text []byte, file string) {
		_, names, err := parseListing(text)
		if err != nil {
			return
		}
		got, err := choose(Spec{File: file}, names)
		if err != nil {
			return
		}
		for _, name := range got.files {
			if !slices.Contains(names, name) {
				t.Fatalf("chosen %q, which is not in %q", name, names)
			}
		}
		if len(got.files) == 0 || got.index && got.files[0] != indexFile {
			t.Fatalf("chosen %+v of %q", got, names)
		}
	})
}
