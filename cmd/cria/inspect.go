package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	SharedClassifier bool           `json:"shared_classifier"`
	Parameters       int64          `json:"parameters"`
	FileBytes        int64          `json:"file_bytes"`
	KVBytes          int64          `json:"kv_bytes"`    // of a full context, f32
	StateBytes       int64          `json:"state_bytes"` // with one thread for each core
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

// Run is called by kong.
func (c *inspectCmd) Run(ctx context.Context, a *app) (err error) {
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
		SharedClassifier: m.IsTied, FileBytes: m.Bytes, KVBytes: need.KV, StateBytes: need.State,
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
	fmt.Fprintf(t, "vocabulary\t%d\n", i.VocabSize)
	fmt.Fprintf(t, "context\t%d\n", i.SeqLen)
	fmt.Fprintf(t, "classifier\t%s\n", classifier)
	fmt.Fprintf(t, "rope theta\t%g\n", i.RopeTheta)
	fmt.Fprintf(t, "norm eps\t%g\n", i.NormEps)
	fmt.Fprintf(t, "memory\t%s: file %s, keys and values %s, state %s\n\n",
		bytesText(i.FileBytes+i.KVBytes+i.StateBytes), bytesText(i.FileBytes), bytesText(i.KVBytes), bytesText(i.StateBytes))
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(t, "tensor\ttype\tshape\toffset\tbytes")
	for _, m := range i.Tensors {
		fmt.Fprintf(t, "%s\t%s\t[%d][%d]\t%d\t%d\n", m.Name, m.Type, m.Rows, m.Cols, m.Offset, m.Bytes)
	}
	return t.Flush()
}
