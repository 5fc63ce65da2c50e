package hub

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
	// defaultQuant is the one that most people take; llama.cpp does, too.
	defaultQuant = "Q4_K_M"
	// listMax is how many names are worth printing.
	listMax = 20
)

// A choice is the files that a Spec asks for.
type choice struct {
	files []string // in the order in which to fetch them
	isDir bool     // the files make a directory; else the first of them opens the model
	index bool     // the first of files is an index, which names more
}

// choose returns which of a repository's files spec asks for.
func choose(spec Spec, names []string) (choice, error) {
	switch {
	case spec.File != "" && slices.Contains(names, spec.File):
		files, err := shardsOf(spec.File, names)
		return choice{files: files}, err
	case spec.File != "":
		files, err := quantized(spec.File, names)
		return choice{files: files}, err
	case slices.Contains(names, configFile) && slices.Contains(names, weightsFile):
		return choice{files: append(beside(names), weightsFile), isDir: true}, nil
	case slices.Contains(names, configFile) && slices.Contains(names, indexFile):
		return choice{files: append([]string{indexFile}, beside(names)...), isDir: true, index: true}, nil
	}
	ggufs := models(names)
	switch len(ggufs) {
	case 0:
		return choice{}, fmt.Errorf("has no %s with %s or %s, and no .gguf file; it has %s",
			configFile, weightsFile, indexFile, enumerate(names))
	case 1:
		files, err := shardsOf(ggufs[0], names)
		return choice{files: files}, err
	}
	files, err := quantized(defaultQuant, names)
	if err != nil {
		return choice{}, fmt.Errorf("has several .gguf files, add one of them after a colon: %s", enumerate(ggufs))
	}
	return choice{files: files}, nil
}

// besidePatterns are the small files that a model directory needs.
var besidePatterns = []string{configFile, "generation_config.json", "tokenizer*.json", "tokenizer*.model",
	"special_tokens_map.json", "chat_template.*"}

// beside returns those that are in a repository's root.
func beside(names []string) []string {
	var list []string
	for _, name := range names {
		if slices.ContainsFunc(besidePatterns, func(p string) bool {
			ok, _ := path.Match(p, name) // the patterns are sound
			return ok
		}) {
			list = append(list, name)
		}
	}
	return list
}

// quantized returns the .gguf file whose name has the quantization, with its shards.
func quantized(quant string, names []string) ([]string, error) {
	ggufs := models(names)
	var found []string
	for _, name := range ggufs {
		if hasWord(strings.ToLower(name), strings.ToLower(quant)) {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 1:
		return shardsOf(found[0], names)
	case len(found) > 1:
		return nil, fmt.Errorf("has %d files for %q, name one of them: %s", len(found), quant, enumerate(found))
	case len(ggufs) == 0:
		return nil, fmt.Errorf("has no file %q; it has %s", quant, enumerate(names))
	}
	return nil, fmt.Errorf("has no file %q and no .gguf file of this quantization; it has %s", quant, enumerate(ggufs))
}

// hasWord reports whether a word stands in a name by itself: Q4_K is in
// x-Q4_K.gguf, x_Q4_K.gguf and Q4_K/x.gguf, not in x-Q4_K_M.gguf or x-IQ4_K.gguf.
func hasWord(name, word string) bool {
	for at := 0; ; at++ {
		i := strings.Index(name[at:], word)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(word)
		if (at == 0 || strings.ContainsRune("-._/", rune(name[at-1]))) &&
			(end == len(name) || strings.ContainsRune("-./", rune(name[end]))) {
			return true
		}
	}
}

// shard matches the end of the name of one of several files.
var shard = regexp.MustCompile(`-(\d{5})-of-(\d{5})(\.[^./]+)$`)

// models returns the .gguf files, of a sharded one the first.
func models(names []string) []string {
	var list []string
	for _, name := range names {
		m := shard.FindStringSubmatch(name)
		isFirst := m == nil || m[1] == "00001"
		isPicture := strings.HasPrefix(strings.ToLower(path.Base(name)), "mmproj") // of a vision model
		if strings.HasSuffix(strings.ToLower(name), ".gguf") && isFirst && !isPicture {
			list = append(list, name)
		}
	}
	return list
}

// shardsOf returns a file, or if it is one of several .gguf files, all of them.
func shardsOf(name string, names []string) ([]string, error) {
	m := shard.FindStringSubmatch(name)
	if m == nil || !strings.EqualFold(m[3], ".gguf") {
		return []string{name}, nil
	}
	var list []string
	stem := strings.TrimSuffix(name, m[0])
	for _, other := range names {
		o := shard.FindStringSubmatch(other)
		if o != nil && o[2] == m[2] && o[3] == m[3] && strings.TrimSuffix(other, o[0]) == stem {
			list = append(list, other)
		}
	}
	slices.Sort(list)
	if got := fmt.Sprintf("%05d", len(list)); got != m[2] {
		return nil, fmt.Errorf("has %d of the %s files that belong to %s", len(list), strings.TrimLeft(m[2], "0"), name)
	}
	return list, nil
}

// enumerate lists names for people.
func enumerate(names []string) string {
	if len(names) == 0 {
		return "no files"
	}
	list := make([]string, min(len(names), listMax))
	for i := range list {
		list[i] = fmt.Sprintf("%.100q", names[i])
	}
	if len(names) > listMax {
		list = append(list, fmt.Sprintf("and %d more", len(names)-listMax))
	}
	return strings.Join(list, ", ")
}
