package main

import (
	"fmt"
	"text/tabwriter"

	"cria/internal/convert"
	"cria/internal/load"
	"cria/internal/mix"
	"cria/internal/tensor"
)

// tensorsOf returns what a mix wants to know of a model's tensors.
func tensorsOf(m *load.Model, parts []load.Part) []mix.Tensor {
	var list []mix.Tensor
	for i := range parts {
		t := mix.Tensor{Name: parts[i].Name, Dims: parts[i].Dims}
		if mats := parts[i].Mats; len(mats) > 0 {
			t.Type = mats[0].Type
		}
		if m.Format != "GGUF" && !mix.IsQuantized(&t) {
			t.Type = tensor.F32 // what stays as it is, is f32 in all GGUF files
		}
		list = append(list, t)
	}
	return list
}

// sources returns what the tensors of the new file come from.
func sources(parts []load.Part) []convert.Tensor {
	var list []convert.Tensor
	for i := range parts {
		p := &parts[i]
		t := convert.Tensor{Name: p.Name, Dims: p.Dims}
		for _, m := range p.Mats {
			t.Mats = append(t.Mats, *m)
		}
		if len(p.Mats) == 0 {
			t.Mats = []tensor.Mat{{Type: tensor.F32, Rows: 1, Cols: len(p.Vec), Data: tensor.Bytes(p.Vec)}}
		}
		if p.Turn > 0 {
			t.Row = func(r int) int { return load.TurnedRow(r, p.Turn) }
		}
		list = append(list, t)
	}
	return list
}

func typesOf(choices []mix.Choice) []tensor.DType {
	var types []tensor.DType
	for _, c := range choices {
		types = append(types, c.Type)
	}
	return types
}

// noteFallbacks says which types did not fit, once for each reason.
func (a *app) noteFallbacks(list []mix.Tensor, choices []mix.Choice) {
	type reason struct {
		cols int
		mix.Choice
	}
	var reasons []reason
	names := map[reason][]string{}
	for i, c := range choices {
		r := reason{list[i].Dims[0], c}
		if c.Type == c.Wanted {
			continue
		}
		if names[r] == nil {
			reasons = append(reasons, r)
		}
		names[r] = append(names[r], list[i].Name)
	}
	for _, r := range reasons {
		which := names[r][0]
		if n := len(names[r]); n > 1 {
			which = fmt.Sprintf("%s and %d more", which, n-1)
		}
		a.note("%s: rows of %d do not fill blocks of %d: %v in place of %v",
			which, r.cols, r.Wanted.BlockLen(), r.Type, r.Wanted)
	}
}

// listPlan lists what would be written.
func (a *app) listPlan(list []mix.Tensor, from []convert.Tensor, choices []mix.Choice) error {
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for i := range list {
		fmt.Fprintf(t, "%s\t%v\t%v\t%v\n", list[i].Name, list[i].Dims, list[i].Type, choices[i].Type)
	}
	was, is := sizeOf(from, typesOf(choices))
	fmt.Fprintf(t, "all\t\t%s\t%s\n", was, is)
	return t.Flush()
}

// A weightsSize is what the tensors of a file take.
type weightsSize struct{ elements, bytes int64 }

func (s weightsSize) String() string {
	return fmt.Sprintf("%s, %s bits per weight", bytesText(s.bytes), threeDigits(8*float64(s.bytes)/float64(s.elements)))
}

// sizeOf returns what tensors take in the types that they have, and in others.
func sizeOf(from []convert.Tensor, types []tensor.DType) (was, is weightsSize) {
	for i, t := range from {
		for _, m := range t.Mats {
			was.elements += int64(m.Rows) * int64(m.Cols)
			was.bytes += m.Bytes()
			is.bytes += int64(m.Rows) * int64(types[i].RowSize(m.Cols))
		}
	}
	is.elements = was.elements
	return was, is
}
