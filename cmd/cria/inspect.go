package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"

	"cria/internal/load"
)

// inspectCmd shows what the header of a checkpoint says.
type inspectCmd struct {
	headerFlags
	JSON    bool `name:"json" xor:"form" help:"Write one object."`
	Mermaid bool `xor:"form" help:"Write the way of the data through this model as a mermaid flowchart."`
}

// An inspection is what --json writes.
type inspection struct {
	Format           string         `json:"format"`
	Version          int            `json:"version,omitempty"`
	Family           string         `json:"family"`
	Type             string         `json:"type"`
	Group            int            `json:"group,omitempty"`
	Dim              int            `json:"dim"`
	HiddenDim        int            `json:"hidden_dim"`
	NLayers          int            `json:"n_layers"`
	NHeads           int            `json:"n_heads"`
	NKVHeads         int            `json:"n_kv_heads"`
	HeadDim          int            `json:"head_dim"`
	VocabSize        int            `json:"vocab_size"`
	SeqLen           int            `json:"seq_len"`
	RopeTheta        float64        `json:"rope_theta"`
	NormEps          float32        `json:"norm_eps"`
	RopeScaled       bool           `json:"rope_scaled"`
	Window           int            `json:"window,omitempty"`
	LocalLayers      int            `json:"local_layers,omitempty"`
	Experts          int            `json:"experts,omitempty"`
	ExpertsUsed      int            `json:"experts_used,omitempty"`
	Activation       string         `json:"activation"`
	SharedClassifier bool           `json:"shared_classifier"`
	Parameters       int64          `json:"parameters"`
	FileBytes        int64          `json:"file_bytes"`
	KVBytes          int64          `json:"kv_bytes"`    // of a full context, f32
	StateBytes       int64          `json:"state_bytes"` // with one thread for each core
	Metadata         []inspectedKV  `json:"metadata,omitempty"`
	Tensors          []inspectedMat `json:"tensors"`
}

// An inspectedMat is a tensor of a file.
type inspectedMat struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Rows   int    `json:"rows"`
	Cols   int    `json:"cols"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
}

// An inspectedKV is what a file says beside its tensors.
type inspectedKV struct {
	Key   string `json:"key"`
	Value string `json:"value"` // shortened
}

// Run is called by kong.
func (c *inspectCmd) Run(ctx context.Context, a *app) (err error) {
	if c.Type == llmInt8 {
		return misuse("--type llm.int8: no file has it")
	}
	m, err := c.header(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if c.Mermaid {
		_, err := io.WriteString(a.stdout, flowchart(m))
		return err
	}
	i := inspect(m)
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(i)
	}
	return i.write(a.stdout, c.name())
}

// inspect returns everything that is known of a model without its numbers.
func inspect(m *load.Model) *inspection {
	c := &m.Config
	plan := planFlags{BatchSize: 128}
	need := load.MemoryFor(c, m.Bytes, plan.plan(c, 1))
	i := &inspection{
		Format: m.Format, Version: m.Version, Family: m.Family,
		Type: load.TypeOf(m.Weights).String(), Group: m.Weights.Output.Group,
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads, NKVHeads: c.NKVHeads,
		HeadDim: c.HeadDim, VocabSize: c.VocabSize, SeqLen: c.SeqLen, RopeTheta: c.Rope.Theta, NormEps: c.NormEps,
		RopeScaled: c.Rope.Stretch != nil, Window: c.Window, LocalLayers: locals(m.Weights),
		Experts: c.NExperts, ExpertsUsed: c.NExpertsUsed, Activation: c.Activation.String(),
		SharedClassifier: m.IsTied, FileBytes: m.Bytes, KVBytes: need.KV, StateBytes: need.State,
	}
	for _, kv := range m.KV {
		i.Metadata = append(i.Metadata, inspectedKV{kv.Key, valueText(kv.Value)})
	}
	for _, t := range m.Tensors {
		n, rows, cols := int64(1), 1, 1
		for at, d := range t.Shape {
			n *= int64(d)
			if at < len(t.Shape)-1 {
				rows *= d
			} else {
				cols = d
			}
		}
		i.Parameters += n
		i.Tensors = append(i.Tensors, inspectedMat{t.Name, t.Type, rows, cols, t.Offset, t.Bytes})
	}
	return i
}

// write writes an inspection for people.
func (i *inspection) write(w io.Writer, name string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	group, classifier := "", "its own"
	if i.Group > 0 {
		group = fmt.Sprintf(" in groups of %d", i.Group)
	}
	if i.SharedClassifier {
		classifier = "the embedding"
	}
	fmt.Fprintf(t, "model\t%s\n", name)
	version := ""
	if i.Version > 0 || i.Format == "llama2.c" {
		version = fmt.Sprintf(" version %d", i.Version)
	}
	fmt.Fprintf(t, "format\t%s%s, %s%s\n", i.Format, version, i.Type, group)
	fmt.Fprintf(t, "family\t%s\n", i.Family)
	fmt.Fprintf(t, "parameters\t%s\n", strings.TrimSuffix(bytesText(i.Parameters), "B"))
	fmt.Fprintf(t, "layers\t%d\n", i.NLayers)
	fmt.Fprintf(t, "dim\t%d\n", i.Dim)
	fmt.Fprintf(t, "hidden dim\t%d\n", i.HiddenDim)
	fmt.Fprintf(t, "heads\t%d of %d, %d for keys and values\n", i.NHeads, i.HeadDim, i.NKVHeads)
	if i.Experts > 0 {
		fmt.Fprintf(t, "experts\t%d, of which a token uses %d\n", i.Experts, i.ExpertsUsed)
	}
	if i.LocalLayers > 0 {
		fmt.Fprintf(t, "window\t%d positions in %d layers\n", i.Window, i.LocalLayers)
	}
	fmt.Fprintf(t, "vocabulary\t%d\n", i.VocabSize)
	fmt.Fprintf(t, "context\t%d\n", i.SeqLen)
	fmt.Fprintf(t, "classifier\t%s\n", classifier)
	scaled := ""
	if i.RopeScaled {
		scaled = ", scaled"
	}
	fmt.Fprintf(t, "rope theta\t%g%s\n", i.RopeTheta, scaled)
	fmt.Fprintf(t, "norm eps\t%g\n", i.NormEps)
	fmt.Fprintf(t, "memory\t%s: file %s, keys and values %s, state %s\n\n",
		bytesText(i.FileBytes+i.KVBytes+i.StateBytes), bytesText(i.FileBytes), bytesText(i.KVBytes), bytesText(i.StateBytes))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, kv := range i.Metadata {
		fmt.Fprintf(t, "%s\t%s\n", kv.Key, kv.Value)
	}
	if len(i.Metadata) > 0 {
		fmt.Fprintln(t)
		if err := t.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintln(t, "tensor\ttype\tshape\toffset\tbytes")
	for _, m := range i.Tensors {
		fmt.Fprintf(t, "%s\t%s\t[%d][%d]\t%d\t%d\n", m.Name, m.Type, m.Rows, m.Cols, m.Offset, m.Bytes)
	}
	return t.Flush()
}

// valueText returns a value on one line that is not long: strings in quotes, and
// of arrays the first values and how many there are.
func valueText(v any) string {
	const lenMax = 60
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice {
		text := fmt.Sprint(v)
		if rv.Kind() == reflect.String {
			text = strconv.Quote(cut(text, lenMax))
		}
		return text
	}
	n := min(rv.Len(), 6)
	var words []string
	for i := range n {
		words = append(words, cut(valueText(rv.Index(i).Interface()), 20))
	}
	more := ""
	if rv.Len() > n {
		more = fmt.Sprintf(", … (%d)", rv.Len())
	}
	return "[" + strings.Join(words, ", ") + more + "]"
}

// cut returns the beginning of a text that is longer than n bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
