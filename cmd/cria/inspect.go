package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/tensor"
)

// inspectCmd shows what the header of a checkpoint says.
type inspectCmd struct {
	headerFlags
	JSON    bool `name:"json" xor:"form" help:"Write one object."`
	Mermaid bool `xor:"form" help:"Write the way of the data through this model as a mermaid flowchart."`
}

// An inspection is what --json writes.
type inspection struct {
	Version          int            `json:"version"`
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
func (c *inspectCmd) Run(a *app) error {
	h, size, err := c.header()
	if err != nil {
		return err
	}
	if c.Mermaid {
		_, err := io.WriteString(a.stdout, flowchart(h))
		return err
	}
	i, err := inspect(h, size)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(i)
	}
	return i.write(a.stdout, c.name())
}

// inspect returns everything that the header of a file of size bytes says.
func inspect(h *llama2c.Header, size int64) (*inspection, error) {
	tensors, err := h.Outline()
	if err != nil {
		return nil, err
	}
	c := load.Llama2cConfig(h)
	plan := planFlags{BatchSize: 128}
	need := load.MemoryFor(&c, size, plan.plan(h, 1))
	i := &inspection{
		Version: h.Version, Type: h.Type.String(), Group: h.Group,
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads, NKVHeads: c.NKVHeads,
		HeadDim: c.HeadDim, VocabSize: c.VocabSize, SeqLen: c.SeqLen, RopeTheta: c.Rope.Theta, NormEps: c.NormEps,
		SharedClassifier: h.SharedClassifier, FileBytes: size, KVBytes: need.KV, StateBytes: need.State,
	}
	for _, t := range tensors {
		n := int64(t.Mat.Rows) * int64(t.Mat.Cols)
		bytes := n * int64(t.Mat.Type.Size())
		if t.Mat.Type == tensor.Q8 {
			bytes += n / int64(t.Mat.Group) * 4
		}
		i.Parameters += n
		i.Tensors = append(i.Tensors, inspectedMat{t.Name, t.Mat.Type.String(), t.Mat.Rows, t.Mat.Cols, t.Offset, bytes})
	}
	return i, nil
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
	fmt.Fprintf(t, "format\tllama2.c version %d, %s%s\n", i.Version, i.Type, group)
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
